"""What lies in a fleet's folder and is none of its own: left alone, byte by byte, and named."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import OLD, contents, migrate, migrated, write

FLAKE = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs, ... }@inputs:
    {
MORE      nixosConfigurations.argon = HOST;
    };
}
"""
HOST = """\
nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          ./argon.nix
          { nixpkgs.overlays = [ (import ./overlays/llama-cpp-variants.nix) ]; }
        ];
      }"""
ELSEWHERE = 'inputs:\ninputs.nixpkgs.lib.nixosSystem {\n  system = "x86_64-linux";\n  modules = [ ../argon.nix ];\n}\n'
OF_ITS_OWN = {
    "llama-cpp-variants.nix": OLD,
    "m.nix": "{ imports = [ (import ./llama-cpp-variants.nix) ]; }\n",
}
MODULE = "{ nixpkgs.overlays = [ (import ../overlays/llama-cpp-variants.nix) ]; }\n"


def fleet(folder: Path, files: dict[str, str], *, more: str = "", host: str = HOST) -> Path:
    every = {
        "flake.nix": FLAKE.replace("MORE", more).replace("HOST", host),
        "argon.nix": "{ }\n",
        "overlays/llama-cpp-variants.nix": OLD,
    }
    return write(folder / "fleet", {**every, **files})


def below(place: str, files: dict[str, str]) -> dict[str, str]:
    return {f"{place}/{name}": text for name, text in files.items()}


def check(folder: Path, evaluator: Evaluator) -> None:
    """The host has the new overlays, and the old one no more."""
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert len(after.overlays) == 2
    assert "llama-cpp-cuda-native" in after.packages


# -- other repositories ---------------------------------------------------------------------------

MARKS = {
    "a submodule": {"dots/.git": "gitdir: ../.git/modules/dots\n"},
    "a clone": {"dots/.git/HEAD": "ref: refs/heads/main\n"},
    "one that only .gitmodules names": {
        ".gitmodules": '[submodule "dots"]\n\tpath = dots\n\turl = https://example.org/dots\n'
    },
}


@pytest.mark.parametrize("name", MARKS)
def test_a_repository_within_is_left_alone(name: str, evaluator: Evaluator, tmp_path: Path) -> None:
    files = below("dots", {**OF_ITS_OWN, "module.nix": MODULE})
    folder = fleet(tmp_path, {**files, **MARKS[name]})
    run = migrated(folder)
    assert "note: repositories within this one (submodules) were left alone: dots\n" in run.out
    left = contents(folder)
    assert {name: left[name].decode() for name in files} == files
    assert "overlays/llama-cpp-variants.nix" not in left
    check(folder, evaluator)


def test_a_submodule_that_is_not_checked_out_is_nothing(tmp_path: Path) -> None:
    folder = fleet(tmp_path, MARKS["one that only .gitmodules names"])
    (folder / "dots").mkdir()
    assert "repositories" not in migrated(folder).out


def test_a_host_that_is_made_in_a_submodule_is_refused(tmp_path: Path) -> None:
    files = {"dots/host.nix": ELSEWHERE, **MARKS["a submodule"]}
    folder = fleet(tmp_path, files, host="import ./dots/host.nix inputs")
    before = contents(folder)
    run = migrate(folder, "--allow-no-vcs")
    assert run.code == 2
    assert (
        f"{folder}/dots/host.nix: this file would have to be edited, and `dots` is a repository of its own"
    ) in run.err
    assert contents(folder) == before


def test_a_flake_within_is_not_called_left_alone_where_a_host_is_made_in_it(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    files = {"hosts/flake.nix": "{ outputs = _: { }; }\n", "hosts/host.nix": ELSEWHERE}
    folder = fleet(tmp_path, files, host="import ./hosts/host.nix inputs")
    (folder / "overlays" / "llama-cpp-variants.nix").unlink()
    assert "left alone" not in migrated(folder).out
    (after,) = evaluator.hosts(folder).values()
    assert "llama-cpp-cuda-native" in after.packages


# -- what nothing of the flake reads --------------------------------------------------------------

UNREAD = "it has the name of the old overlay, and nothing of the flake reads it\n"


@pytest.mark.parametrize("place", ["vendor/other", "examples", "templates/host"])
def test_a_file_of_the_same_name_that_nothing_reads_is_somebody_elses(
    place: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    files = below(place, OF_ITS_OWN)
    folder = fleet(tmp_path, files)
    run = migrated(folder)
    assert f"note: {place}/llama-cpp-variants.nix stays: {UNREAD}" in run.out
    left = contents(folder)
    assert {name: left[name].decode() for name in files} == files
    assert "overlays/llama-cpp-variants.nix" not in left
    check(folder, evaluator)
    assert migrate(folder, "--allow-no-vcs", "--check").code == 0


@pytest.mark.parametrize("code", ['a."/" = 1', 'a = { "/" = 1; }', 'mountpoint = "/"', "half = 4 / 2"])
def test_a_slash_names_no_file(code: str, tmp_path: Path) -> None:
    argon = {"argon.nix": f"{{ ... }}: let {code}; in {{ }}\n"}
    run = migrated(fleet(tmp_path, {**below("vendor", OF_ITS_OWN), **argon}))
    assert f"note: vendor/llama-cpp-variants.nix stays: {UNREAD}" in run.out


def test_one_that_the_flake_reads_by_a_path_that_is_put_together_is_its_own(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    files = {"more.nix": '{ imports = map (n: ./more + "/${n}.nix") [ "a" ]; }\n'}
    files |= {"more/a.nix": MODULE.replace("../overlays", "./b"), "more/b/llama-cpp-variants.nix": OLD}
    folder = fleet(tmp_path, files, host=HOST.replace("./argon.nix", "./more.nix"))
    migrated(folder)
    assert not (folder / "more" / "b" / "llama-cpp-variants.nix").exists()
    check(folder, evaluator)


def test_the_usual_place_is_the_flakes_own_whoever_reads_it(evaluator: Evaluator, tmp_path: Path) -> None:
    folder = fleet(tmp_path, {"nixos/pkgs/llama-cpp-variants.nix": OLD})
    migrated(folder)
    assert not (folder / "nixos" / "pkgs" / "llama-cpp-variants.nix").exists()
    check(folder, evaluator)


@pytest.mark.parametrize("place", ["examples", "hive"])
def test_what_names_the_old_overlay_and_is_read_by_nothing_stays_and_the_overlay_with_it(
    place: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = fleet(tmp_path, below(place, {"module.nix": MODULE}))
    run = migrated(folder)
    assert (
        "note: overlays/llama-cpp-variants.nix stays: `overlays/llama-cpp-variants.nix` is used here, "
        f"in a file that nothing of the flake reads ({place}/module.nix:1)\n"
    ) in run.out
    assert (folder / place / "module.nix").read_text() == MODULE
    assert (folder / "overlays" / "llama-cpp-variants.nix").read_text() == OLD
    check(folder, evaluator)


def test_a_package_that_only_an_unread_file_uses_is_nobodys(evaluator: Evaluator, tmp_path: Path) -> None:
    old = "final: prev: { llama-cpp-mine = prev.llama-cpp; }\n"
    files = {"overlays/llama-cpp-variants.nix": old, "examples/use.nix": "{ pkgs }: pkgs.llama-cpp-mine\n"}
    folder = fleet(tmp_path, files)
    migrated(folder)
    assert "overlays/llama-cpp-variants.nix" not in contents(folder)
    check(folder, evaluator)


@pytest.mark.parametrize("name", ["llama-cpp-mine", '"llama-cpp-mine"'])
def test_a_package_that_a_host_loses_is_named_though_the_old_overlay_stays(name: str, tmp_path: Path) -> None:
    old = "final: prev: { llama-cpp-mine = prev.llama-cpp; }\n"
    files = {"overlays/llama-cpp-variants.nix": old, "examples/module.nix": MODULE}
    files["argon.nix"] = f"{{ pkgs, ... }}: {{ environment.systemPackages = [ pkgs.{name} ]; }}\n"
    run = migrate(fleet(tmp_path, files), "--allow-no-vcs")
    assert run.code == 2
    assert "`llama-cpp-mine` is used here, and only `overlays/llama-cpp-variants.nix` defines it" in run.err


# -- templates ------------------------------------------------------------------------------------

OFFERED = {
    "a path": "      templates.host.path = ./templates/host;\n",
    "a text": '      templates.host = { path = "${self}/templates/host"; description = "A host"; };\n',
    "the default of old": "      defaultTemplate.path = ./templates/host;\n",
}
TEMPLATE = {"default.nix": "{ nixpkgs.overlays = [ (import ../../overlays/llama-cpp-variants.nix) ]; }\n"}


@pytest.mark.parametrize("name", OFFERED)
def test_a_template_is_left_alone(name: str, evaluator: Evaluator, tmp_path: Path) -> None:
    files = below("templates/host", {**TEMPLATE, **OF_ITS_OWN})
    folder = fleet(tmp_path, files, more=OFFERED[name])
    run = migrated(folder)
    assert "note: templates were left alone: templates/host\n" in run.out
    left = contents(folder)
    assert {name: left[name].decode() for name in files} == files
    assert "overlays/llama-cpp-variants.nix" not in left
    check(folder, evaluator)
    assert migrate(folder, "--allow-no-vcs", "--check").code == 0


def test_a_template_that_a_host_reads_too_is_the_flakes_own(evaluator: Evaluator, tmp_path: Path) -> None:
    files = below("templates/host", TEMPLATE)
    host = HOST.replace("./argon.nix", "./templates/host")
    folder = fleet(tmp_path, files, more=OFFERED["a path"], host=host)
    run = migrated(folder)
    assert "templates were left alone" not in run.out
    assert "llama-cpp-variants" not in (folder / "templates" / "host" / "default.nix").read_text()
    check(folder, evaluator)
