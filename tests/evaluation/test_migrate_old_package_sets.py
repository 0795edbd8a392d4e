"""Package sets beside that of the host, with the old overlay: they get the new ones, or who takes from them is refused."""

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
    let
      system = "x86_64-linux";
SET
    in
    {
      nixosConfigurations.argon = nixpkgs.lib.nixosSystem {
        inherit system;
        GIVEN
        modules = [
          ./argon.nix
          { nixpkgs.overlays = [ FILE ]; }
        ];
      };
    };
}
"""
FILE = "(import ./overlays/llama-cpp-variants.nix)"
MADE = """\
      extra = import nixpkgs {
        inherit system;
        overlays = [ FILE ];
      };"""
NEW = """\
        overlays = [
          inputs.llama-cpp.overlays.default
          (import ./overlays/llama-cpp.nix { inherit inputs; })
        ];
"""
SPECIAL = "specialArgs = { inherit extra inputs; };"
TAKES = "{ extra, ... }:\n{\n  environment.systemPackages = [ extra.llama-cpp-cuda ];\n}\n"
ORIGINS = "packages: map (package: package.origin) packages"
INSTALLED = "nixosConfigurations.argon.config.environment.systemPackages"
ADDED = "overlays added to the package set (it loses the old one, and packages are taken from it)"


def fleet(folder: Path, made: str, given: str = SPECIAL, files: dict[str, str] | None = None) -> Path:
    flake = FLAKE.replace("SET", made).replace("GIVEN", given).replace("FILE", FILE)
    base = {"flake.nix": flake, "argon.nix": TAKES, "overlays/llama-cpp-variants.nix": OLD}
    return write(folder / "fleet", {**base, **(files or {})})


# How the host takes a package from it.
TAKEN = {
    "selected": TAKES,
    "with": "{ extra, ... }:\n{\n  environment.systemPackages = with extra; [ llama-cpp-cuda ];\n}\n",
    "inherited": (
        "{ extra, ... }:\nlet\n  inherit (extra) llama-cpp-cuda;\nin\n"
        "{\n  environment.systemPackages = [ llama-cpp-cuda ];\n}\n"
    ),
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_package_set_of_flake_nix_gets_the_new_overlays(
    name: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = fleet(tmp_path, MADE, files={"argon.nix": TAKEN[name]})
    assert evaluator.flake(folder, INSTALLED, ORIGINS) == ["nixpkgs"]
    run = migrated(folder)
    assert f"flake.nix:10: {ADDED}" in run.out
    text = (folder / "flake.nix").read_text()
    assert MADE.replace("        overlays = [ FILE ];\n", NEW) in text
    assert (folder / "argon.nix").read_text() == TAKEN[name]
    assert not (folder / "overlays/llama-cpp-variants.nix").exists()
    assert evaluator.flake(folder, INSTALLED, ORIGINS) == ["llama.cpp"]
    assert migrate(folder, "--check").code == 0


def test_what_else_it_has_stays_and_comes_before_them(evaluator: Evaluator, tmp_path: Path) -> None:
    other = "(final: prev: { ours = 1; })"
    folder = fleet(tmp_path, MADE.replace("[ FILE ]", f"[ FILE {other} ]"))
    migrated(folder)
    wanted = NEW.replace("[\n", f"[\n          {other}\n", 1)
    assert wanted in (folder / "flake.nix").read_text()
    assert evaluator.flake(folder, INSTALLED, ORIGINS) == ["llama.cpp"]
    assert migrate(folder, "--check").code == 0


def test_an_overlay_without_a_file_goes_from_it_too(evaluator: Evaluator, tmp_path: Path) -> None:
    made = f"      old = {OLD.strip()};\n{MADE}".replace("FILE", "old")
    folder = fleet(tmp_path, made)
    flake = (folder / "flake.nix").read_text().replace(FILE, "old")
    (folder / "overlays/llama-cpp-variants.nix").unlink()
    write(folder, {"flake.nix": flake})
    migrated(folder)
    text = (folder / "flake.nix").read_text()
    assert "old" not in text
    assert NEW in text
    assert evaluator.flake(folder, INSTALLED, ORIGINS) == ["llama.cpp"]
    assert migrate(folder, "--check").code == 0


# Where else it is made: its file, and how that is called.
ELSEWHERE = {
    "a file that gets nixpkgs": (
        {
            "sets/extra.nix": "{ nixpkgs, system }:\nimport nixpkgs {\n  inherit system;\n"
            "  overlays = [ (import ../overlays/llama-cpp-variants.nix) ];\n}\n"
        },
        "      extra = import ./sets/extra.nix { inherit nixpkgs system; };",
        ("{\n  nixpkgs,\n  system,\n  inputs,\n}:\n", "sets/extra.nix:4"),
    ),
    "a module": (
        {
            "argon.nix": "{ inputs, ... }:\nlet\n  extra = import inputs.nixpkgs {\n"
            '    system = "x86_64-linux";\n    overlays = [ (import ./overlays/llama-cpp-variants.nix) ];\n'
            "  };\nin\n{\n  environment.systemPackages = [ extra.llama-cpp-cuda ];\n}\n"
        },
        "      extra = null;",
        ("{ inputs, ... }:\n", "argon.nix:5"),
    ),
}


@pytest.mark.parametrize("name", ELSEWHERE)
def test_a_package_set_of_another_file_gets_them_too(name: str, evaluator: Evaluator, tmp_path: Path) -> None:
    files, made, (head, place) = ELSEWHERE[name]
    folder = fleet(tmp_path, made, files=files)
    assert evaluator.flake(folder, INSTALLED, ORIGINS) == ["nixpkgs"]
    run = migrated(folder)
    assert f"{place}: {ADDED}" in run.out
    text = (folder / place.partition(":")[0]).read_text()
    assert text.startswith(head)
    assert "llama-cpp-variants" not in text
    assert evaluator.flake(folder, INSTALLED, ORIGINS) == ["llama.cpp"]
    again = migrate(folder, "--check")
    assert (again.code, again.err) == (0, "")


# Sets that get no other overlay: how they are made, and what the call is given.
LOSING = {
    "appended overlays": (
        "      extra = nixpkgs.legacyPackages.${system}.appendOverlays [ FILE ];",
        SPECIAL,
    ),
    "an extension": (
        "      extra = nixpkgs.legacyPackages.${system}.extend (nixpkgs.lib.composeManyExtensions [ FILE ]);",
        SPECIAL,
    ),
    "the packages that a host is given": (MADE, f"{SPECIAL}\n        pkgs = extra;"),
}


@pytest.mark.parametrize("name", LOSING)
def test_who_takes_a_package_from_what_loses_it_is_refused(name: str, tmp_path: Path) -> None:
    folder = fleet(tmp_path, *LOSING[name])
    before = contents(folder)
    run = migrate(folder, "--allow-no-vcs")
    assert run.code == 2
    assert (
        "argon.nix:3:40: `llama-cpp-cuda` is taken here from packages that lose "
        "`overlays/llama-cpp-variants.nix` and get no other overlay\n"
    ) in run.err
    assert "take it from the packages of the host, `pkgs` in its modules\n" in run.err
    assert contents(folder) == before


@pytest.mark.parametrize("name", LOSING)
def test_where_nothing_is_taken_from_it_the_old_one_goes(
    name: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    takes = TAKES.replace("extra", "pkgs")
    folder = fleet(tmp_path, *LOSING[name], files={"argon.nix": takes})
    migrated(folder)
    assert "llama-cpp-variants" not in (folder / "flake.nix").read_text()
    assert evaluator.flake(folder, INSTALLED, ORIGINS) == ["llama.cpp"]
    assert migrate(folder, "--check").code == 0


def test_inherited_overlays_are_refused_with_what_to_do(tmp_path: Path) -> None:
    made = "      overlays = [ FILE ];\n" + MADE.replace("overlays = [ FILE ]", "inherit overlays")
    folder = fleet(tmp_path, made)
    before = contents(folder)
    run = migrate(folder, "--allow-no-vcs")
    assert run.code == 2
    assert "flake.nix:11:17: host `argon`: its `overlays` are inherited here\n" in run.err
    assert "by hand, where the packages are made: overlays = [ inputs.llama-cpp.overlays.default" in run.err
    assert contents(folder) == before
