"""New files where folders are imported as a whole: beside them, or where a person says, if that can be."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import contents, migrate, migrated, write

FLAKE = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.import-tree.url = "github:vic/import-tree";

  outputs =
    { self, nixpkgs, ... }@inputs:
    {
      nixosConfigurations.argon = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        specialArgs = SPECIAL;
        modules = [
          ./argon.nix
          EXTRA
        ];
      };
    };
}
"""
FILES = {
    "argon.nix": "{ }\n",
    "modules/mine.nix": '{ networking.hostName = "argon"; }\n',
    "overlays/mine.nix": "final: prev: { mine = prev.hello; }\n",
}
# How a folder of modules is imported as a whole.
MODULES = {
    "by readDir": '{ imports = map (name: ./modules + "/${name}") (builtins.attrNames (builtins.readDir ./modules)); }',
    "by the library": "{ imports = nixpkgs.lib.filesystem.listFilesRecursive ./modules; }",
    "by import-tree": "(inputs.import-tree ./modules)",
}
OVERLAYS = (
    '{ nixpkgs.overlays = map (name: import (./overlays + "/${name}")) '
    "(builtins.attrNames (builtins.readDir ./overlays)); }"
)


def fleet(folder: Path, extra: str, special: str = "{ inherit inputs; }") -> Path:
    text = FLAKE.replace("EXTRA", extra).replace("SPECIAL", special)
    return write(folder / "fleet", {"flake.nix": text, **FILES})


def with_input(text: str) -> str:
    more = (
        '  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";\n'
        '  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";\n'
    )
    return text.replace("\n\n", f"\n{more}\n", 1)


def assert_is_migrated(folder: Path, evaluator: Evaluator, *words: str) -> None:
    """The host evaluates, with each of the recipe's overlays once; nothing is left to do."""
    (host,) = evaluator.hosts(folder).values()
    assert host.error is None
    assert [names[0] for names in host.overlays if names[0] == "llama-cpp"] == ["llama-cpp", "llama-cpp"]
    assert "llama-cpp-cuda-native" in host.packages
    before = contents(folder)
    for again in (words, ()):
        assert migrate(folder, *again, "--check").code == 0
    assert contents(folder) == before


# -- the shared module ----------------------------------------------------------------------------

NAMED = {
    "{ inherit inputs; }": "./nix/llama-cpp-overlays.nix",
    "{ }": "(import ./nix/llama-cpp-overlays.nix { inherit inputs; })",
}


@pytest.mark.parametrize("special", NAMED)
@pytest.mark.parametrize("name", MODULES)
def test_the_shared_module_stands_beside_modules_that_are_imported_as_a_whole(
    name: str, special: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = fleet(tmp_path, MODULES[name], special)
    before = (folder / "flake.nix").read_text()
    run = migrated(folder, "--layout", "module")
    note = "`modules/` is imported as a whole, so the file goes to nix/llama-cpp-overlays.nix"
    assert f"  note: {note}\n" in run.out
    assert (folder / "flake.nix").read_text() == with_input(before).replace(
        "          ./argon.nix\n", f"          {NAMED[special]}\n          ./argon.nix\n"
    )
    assert sorted(path.name for path in (folder / "modules").iterdir()) == ["mine.nix"]
    assert (folder / "nix" / "llama-cpp-overlays.nix").read_text() == (
        "# Written by nixedit migrate, recipe llama-cpp 2.\n"
        "#\n"
        "# The overlays of llama-cpp, for every host that has this among its modules.\n"
        "{ inputs, ... }:\n"
        "{\n"
        "  nixpkgs.overlays = [\n"
        "    inputs.llama-cpp.overlays.default\n"
        "    (import ../overlays/llama-cpp.nix { inherit inputs; })\n"
        "  ];\n"
        "}\n"
    )
    assert_is_migrated(folder, evaluator, "--layout", "module")


# -- the overlay file -----------------------------------------------------------------------------


def test_the_overlay_stands_beside_overlays_that_are_imported_as_a_whole(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = fleet(tmp_path, OVERLAYS)
    run = migrated(folder)
    note = "`overlays/` is imported as a whole, so the file goes to nix/llama-cpp-overlay.nix"
    assert f"  note: {note}\n" in run.out
    assert "            (import ./nix/llama-cpp-overlay.nix { inherit inputs; })\n" in (
        (folder / "flake.nix").read_text().replace("              (", "            (")
    )
    assert sorted(path.name for path in (folder / "overlays").iterdir()) == ["mine.nix"]
    assert_is_migrated(folder, evaluator)


# What imports a folder as a whole, and a file in it that a person asks for.
TAKEN = {
    "overlays by readDir": (OVERLAYS, "overlays/llama.nix"),
    **{f"modules {name}": (extra, "modules/llama.nix") for name, extra in MODULES.items()},
    "modules by import-tree, deeper": (MODULES["by import-tree"], "modules/more/llama.nix"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_an_overlay_file_that_would_be_imported_too_is_refused(
    name: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    extra, place = TAKEN[name]
    folder = fleet(tmp_path, extra)
    before = contents(folder)
    run = migrate(folder, "--allow-no-vcs", "--overlay-file", place)
    assert (run.code, run.out) == (2, "")
    assert run.err == (
        f"{folder}/{place}: the flake imports whatever file it finds here, a new one too\n"
        "choose another place with --overlay-file PATH\n"
        f"nixedit: 1 reason not to migrate {folder}; nothing was written\n"
    )
    assert contents(folder) == before
    migrated(folder, "--overlay-file", "llama/overlay.nix")
    assert (folder / "llama" / "overlay.nix").is_file()
    assert_is_migrated(folder, evaluator, "--overlay-file", "llama/overlay.nix")


@pytest.mark.parametrize(
    ("extra", "place"),
    [
        (MODULES["by import-tree"], "modules/_llama.nix"),
        (MODULES["by import-tree"], "overlays/llama.nix"),
        (MODULES["by readDir"], "overlays/llama.nix"),
        (OVERLAYS, "modules/llama.nix"),
    ],
)
def test_an_overlay_file_that_is_left_out_goes_where_it_is_wanted(
    extra: str, place: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = fleet(tmp_path, extra)
    migrated(folder, "--overlay-file", place)
    assert f"(import ./{place} {{ inherit inputs; }})" in (folder / "flake.nix").read_text()
    assert_is_migrated(folder, evaluator, "--overlay-file", place)


def test_a_folder_that_may_be_imported_is_told_of(tmp_path: Path) -> None:
    folder = fleet(tmp_path, OVERLAYS)
    run = migrate(folder, "--allow-no-vcs", "--overlay-file", "overlays/more/llama.nix", "--check")
    note = "`overlays/` may be imported as a whole: see that overlays/more/llama.nix is left out"
    assert f"  note: {note}\n" in run.out
