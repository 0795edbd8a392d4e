"""Where the modules of a host come from, and what stands beside it: one fleet each, evaluated before and after."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import FLAKE, OLD, contents, migrated, write

HEAD = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs, ... }@inputs:
"""
MODULE = '{ networking.hostName = "argon"; nixpkgs.hostPlatform = "x86_64-linux"; }\n'
HELPER = """\
{ inputs }:
{
  modules ? [ ../argon.nix ],
}:
inputs.nixpkgs.lib.nixosSystem { inherit modules; }
"""
SYSTEM = """\
inputs:
inputs.nixpkgs.lib.nixosSystem {
  modules = [ ../argon.nix ];
}
"""
HOSTS = """\
{ nixpkgs, ... }@attrs:
{
  argon = nixpkgs.lib.nixosSystem {
    specialArgs = attrs;
    modules = [ ../argon.nix ];
  };
}
"""
# What makes the host, and another file.
SHAPES = {
    "a helper in another file, modules by default": (
        "{ nixosConfigurations.argon = import ./lib/host.nix { inherit inputs; } { }; };",
        HELPER,
    ),
    "a helper in another file, modules given": (
        "{ nixosConfigurations.argon = import ./lib/host.nix { inherit inputs; } { modules = [ ./argon.nix ]; }; };",
        HELPER,
    ),
    "a file that is a system": ("{ nixosConfigurations.argon = import ./lib/host.nix inputs; };", SYSTEM),
    "hosts in another file": ("{ nixosConfigurations = import ./lib/host.nix inputs; };", HOSTS),
    "nixosSystem as a value": (
        "let\n      builder = if true then nixpkgs.lib.nixosSystem else null;\n    in\n"
        "    { nixosConfigurations.argon = builder { modules = [ ./argon.nix ]; }; };",
        "{ }\n",
    ),
    "an overridable system": (
        "{ nixosConfigurations.argon = nixpkgs.lib.makeOverridable nixpkgs.lib.nixosSystem "
        "{ modules = [ ./argon.nix ]; }; };",
        "{ }\n",
    ),
    "hosts of a list of names": (
        "{ nixosConfigurations = builtins.listToAttrs (map (name: { inherit name; value = "
        'nixpkgs.lib.nixosSystem { modules = [ (./. + "/${name}.nix") ]; }; }) [ "argon" ]); };',
        "{ }\n",
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_the_host_has_every_variant(name: str, evaluator: Evaluator, tmp_path: Path) -> None:
    outputs, other = SHAPES[name]
    files = {"flake.nix": f"{HEAD}    {outputs}\n}}\n", "argon.nix": MODULE, "lib/host.nix": other}
    folder = write(tmp_path / "fleet", files)
    (before,) = evaluator.hosts(folder).values()
    assert before.error is None
    migrated(folder)
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert "llama-cpp-cuda-native" in after.packages
    assert len(after.overlays) == len(before.overlays) + 2
    assert (folder / "argon.nix").read_text() == MODULE


def test_templates_and_nested_flakes_are_not_touched(evaluator: Evaluator, tmp_path: Path) -> None:
    others = {
        "templates/host/flake.nix": FLAKE,
        "templates/host/argon.nix": "{ }\n",
        "vendor/fleet/flake.nix": FLAKE.replace(
            "[ ./argon.nix ]", "[ ./argon.nix ./old/llama-cpp-variants.nix ]"
        ),
        "vendor/fleet/old/llama-cpp-variants.nix": OLD,
    }
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": "{ }\n", **others})
    run = migrated(folder)
    assert "note: flakes within this one were left alone: templates/host, vendor/fleet\n" in run.out
    left = contents(folder)
    assert {name: left[name].decode() for name in others} == others
    (after,) = evaluator.hosts(folder).values()
    assert "llama-cpp-cuda-native" in after.packages


def test_modes_of_files_are_kept(tmp_path: Path) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": "{ }\n"})
    (folder / "flake.nix").chmod(0o755)
    migrated(folder)
    assert (folder / "flake.nix").stat().st_mode & 0o777 == 0o755


def test_a_module_behind_a_link_is_edited_where_the_link_leads(evaluator: Evaluator, tmp_path: Path) -> None:
    linked = FLAKE.replace("[ ./argon.nix ]", "[ (import ./linked.nix) ]")
    text = "{ pkgs, ... }:\n{\n  x = [ (pkgs.llama-cpp.override { cudaSupport = true; }).pname ];\n}\n"
    folder = write(tmp_path / "fleet", {"flake.nix": linked, "hosts/argon.nix": text})
    (folder / "linked.nix").symlink_to("hosts/argon.nix")
    migrated(folder)
    assert (folder / "linked.nix").is_symlink()
    assert (folder / "hosts" / "argon.nix").read_text() == text.replace("cudaSupport", "useCuda")
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None


def test_an_encrypted_file_is_noted(tmp_path: Path) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": "{ }\n"})
    (folder / "secret.nix").write_bytes(b"\0GITCRYPT\0\x8a\x01")
    run = migrated(folder)
    assert "note: secret.nix is no text (encrypted?) and was not looked at\n" in run.out


def test_many_encrypted_files_are_one_note(tmp_path: Path) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": "{ }\n"})
    for name in "abcdef":
        (folder / f"{name}.nix").write_bytes(b"\0GITCRYPT\0\x8a\x01")
    run = migrated(folder)
    assert "note: a.nix, b.nix, c.nix and 3 more are no text (encrypted?) and were not looked at\n" in run.out
    assert run.out.count("encrypted?") == 1
