"""The new input held at a revision."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import FLAKE, migrate, migrated, write

REV = "1" * 40


def test_the_new_input_is_held_at_a_revision(tmp_path: Path) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": "{ }\n"})
    run = migrated(folder, "--rev", REV)
    assert f'url = "github:ggml-org/llama.cpp/{REV}";' in (folder / "flake.nix").read_text()
    assert f"flake.nix:2: input `llama-cpp` added, pinned to {REV}, its nixpkgs follows `nixpkgs`" in run.out
    assert migrate(folder, "--rev", REV, "--check").code == 0


def test_an_input_that_is_there_is_moved_to_another_revision(tmp_path: Path) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": "{ }\n"})
    migrated(folder, "--rev", REV)
    run = migrated(folder, "--rev", "b6123")
    assert "input `llama-cpp` pinned to b6123" in run.out
    assert 'url = "github:ggml-org/llama.cpp/b6123";' in (folder / "flake.nix").read_text()


TWO = """\
{{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-25.05";
  inputs.unstable.url = "{url}";

  outputs =
    {{ self, nixpkgs, unstable, ... }}@inputs:
    {{
{hosts}    }};
}}
"""
HOST = "      nixosConfigurations.{name} = {maker}.lib.nixosSystem {{ modules = [ ./argon.nix ]; }};\n"
UNSTABLE = "github:NixOS/nixpkgs/nixos-unstable"
CHANNEL = "https://channels.nixos.org/nixos-unstable/nixexprs.tar.xz"
MODULE = '{ networking.hostName = "argon"; nixpkgs.hostPlatform = "x86_64-linux"; }\n'


def built_from(folder: Path, url: str = UNSTABLE, **makers: str) -> Path:
    hosts = "".join(HOST.format(name=name, maker=maker) for name, maker in makers.items())
    return write(folder, {"flake.nix": TWO.format(url=url, hosts=hosts), "argon.nix": MODULE})


def follows(folder: Path) -> str:
    (line,) = re.findall(r'llama-cpp\.inputs\.nixpkgs\.follows = "(.*)";', (folder / "flake.nix").read_text())
    return line


def test_it_follows_the_input_that_the_hosts_are_built_from(evaluator: Evaluator, tmp_path: Path) -> None:
    folder = built_from(tmp_path / "fleet", argon="unstable", boron="unstable")
    migrated(folder)
    assert follows(folder) == "unstable"
    assert [host.error for host in evaluator.hosts(folder).values()] == [None, None]
    assert migrate(folder, "--check").code == 0


@pytest.mark.parametrize("url", [CHANNEL, "nixpkgs/nixos-unstable", "nixpkgs", "git+file:///src/nixpkgs.git"])
def test_nixpkgs_is_known_by_any_reference(url: str, tmp_path: Path) -> None:
    folder = built_from(tmp_path / "fleet", url, argon="unstable")
    migrated(folder)
    assert follows(folder) == "unstable"


def test_it_follows_nixpkgs_where_that_builds_one_of_the_hosts(tmp_path: Path) -> None:
    folder = built_from(tmp_path / "fleet", argon="nixpkgs", boron="unstable")
    run = migrated(folder)
    assert follows(folder) == "nixpkgs"
    note = "boron is built from `unstable`, and the new input's nixpkgs follows `nixpkgs`"
    assert f"  note: {note}: --follows INPUT says otherwise\n" in run.out


def test_a_flake_that_builds_hosts_and_is_not_nixpkgs_is_not_followed(tmp_path: Path) -> None:
    folder = built_from(tmp_path / "fleet", "github:nvmd/nixos-raspberrypi", argon="unstable")
    run = migrated(folder)
    assert follows(folder) == "nixpkgs"
    assert "is built from" not in run.out


BUILDER = """\
{
  inputs.nixos.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.builder.url = "github:example/host-builder";

  outputs = inputs: {
    nixosConfigurations.argon = inputs.builder.lib.nixosSystem {
      nixpkgs = inputs.nixos;
      modules = [ ./argon.nix ];
    };
  };
}
"""


def test_a_flake_that_builds_hosts_from_another_input_is_not_followed(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": BUILDER, "argon.nix": MODULE})
    run = migrated(folder)
    assert follows(folder) == "nixos"
    note = "argon is built from `builder`, and the new input's nixpkgs follows `nixos`"
    assert f"  note: {note}: --follows INPUT says otherwise\n" in run.out
    (host,) = evaluator.hosts(folder).values()
    assert "llama-cpp-vulkan" in host.packages


def test_which_nixpkgs_such_a_flake_builds_hosts_from_is_a_question(tmp_path: Path) -> None:
    two = BUILDER.replace("  inputs.builder", f'  inputs.stable.url = "{CHANNEL}";\n  inputs.builder')
    folder = write(tmp_path / "fleet", {"flake.nix": two, "argon.nix": MODULE})
    run = migrate(folder)
    assert run.code == 2
    assert "which input should `llama-cpp` follow for nixpkgs: nixos, stable?\n" in run.err


def test_what_other_inputs_follow_as_nixpkgs_is_one(tmp_path: Path) -> None:
    """A package set of somebody's own, which no reference tells from a flake that builds hosts."""
    followed = '  inputs.disko.url = "github:nix-community/disko";\n'
    followed += '  inputs.disko.inputs.nixpkgs.follows = "builder";\n'
    folder = write(
        tmp_path / "fleet", {"flake.nix": BUILDER.replace("\n  outputs", f"{followed}\n  outputs")}
    )
    migrated(folder)
    assert follows(folder) == "builder"


def test_only_the_chosen_hosts_say_what_is_followed(tmp_path: Path) -> None:
    folder = built_from(tmp_path / "fleet", argon="nixpkgs", boron="unstable")
    assert migrate(folder, "--allow-no-vcs", "--host", "boron").code == 0
    assert follows(folder) == "unstable"


def test_several_inputs_that_build_hosts_are_a_question(tmp_path: Path) -> None:
    folder = built_from(tmp_path / "fleet", argon="unstable", boron="inputs.other")
    text = (folder / "flake.nix").read_text()
    write(
        folder,
        {"flake.nix": text.replace("  inputs.unst", f'  inputs.other.url = "{CHANNEL}";\n  inputs.unst')},
    )
    run = migrate(folder)
    assert run.code == 2
    assert "which input should `llama-cpp` follow for nixpkgs: other, unstable?\n" in run.err
    assert migrate(folder, "--follows", "other", "--allow-no-vcs").code == 0
    assert follows(folder) == "other"


def test_a_revision_that_cannot_be_one_is_an_error(tmp_path: Path) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": "{ }\n"})
    run = migrate(folder, "--rev", 'b"')
    assert run.code == 2
    assert "neither a commit nor a tag" in run.err
