"""`nixedit migrate --prepare`: what the lines need that a refusal tells a person to write, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from migration_runs import FLAKE, committed, contents, git, migrate, migrated, write

# A host that another flake's helper makes.
FLEET = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.other.url = "github:ada/other";
  inputs.other.inputs.nixpkgs.follows = "nixpkgs";

  outputs =
    { self, nixpkgs, ... }@inputs:
    {
      nixosConfigurations.argon = inputs.other.lib.mkHost { };
    };
}
"""


def fleet(folder: Path, *changes: tuple[str, str]) -> Path:
    """The fleet with some of its text changed."""
    text = FLEET
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return write(folder, {"flake.nix": text})


def test_it_says_what_the_lines_need_and_how_to_get_that(tmp_path: Path) -> None:
    folder = fleet(tmp_path / "fleet")
    run = migrate(folder)
    assert run.err.endswith(
        f"nixedit: 1 reason not to migrate {folder}; nothing was written\n"
        "What is to be written by hand needs the input `llama-cpp` and overlays/llama-cpp.nix: "
        "--prepare adds that, and touches no host.\n"
    )
    assert migrate(folder, "--keep-going").err.endswith("--prepare adds that, and touches no host.\n")


def test_prepare_adds_the_input_and_the_overlay_file_and_nothing_else(tmp_path: Path) -> None:
    folder = committed(fleet(tmp_path / "fleet"))
    before = contents(folder)
    run = migrate(folder, "--prepare")
    assert "  argon  left out\n" in run.out
    assert git(folder, "status", "--porcelain") == " M flake.nix\nA  overlays/llama-cpp.nix\n"
    last = b'  inputs.other.inputs.nixpkgs.follows = "nixpkgs";\n'
    added = (
        b'  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";\n'
        b'  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";\n'
    )
    assert (folder / "flake.nix").read_bytes() == before["flake.nix"].replace(last, last + added)
    assert migrate(folder, "--prepare").out == "Nothing to do: the flake has what hosts need.\n"
    assert "--prepare" not in migrate(folder, "--allow-dirty").err


def test_prepare_goes_where_a_migration_would(tmp_path: Path) -> None:
    text = (
        "{\n"
        '  inputs.a.url = "github:NixOS/nixpkgs";\n'
        '  inputs.b.url = "github:NixOS/nixpkgs";\n'
        "  outputs = inputs: {\n"
        "    nixosConfigurations.argon = inputs.a.lib.nixosSystem { modules = [ ]; };\n"
        "    nixosConfigurations.boron = inputs.b.lib.nixosSystem { modules = [ ]; };\n"
        "  };\n"
        "}\n"
    )
    folder = write(tmp_path / "fleet", {"flake.nix": text})
    assert "say it with --follows INPUT" in migrate(folder, "--prepare").err
    migrated(folder, "--prepare", "--follows", "b", "--rev", "b4567", "--overlay-file", "nix/ours.nix")
    flake = (folder / "flake.nix").read_text()
    assert 'inputs.llama-cpp.url = "github:ggml-org/llama.cpp/b4567";' in flake
    assert 'inputs.llama-cpp.inputs.nixpkgs.follows = "b";' in flake
    assert (folder / "nix" / "ours.nix").is_file()


@pytest.mark.parametrize("words", [["--host", "argon"], ["--variant", "argon=cuda"], ["--remove", "a.nix"]])
def test_prepare_takes_nothing_that_is_for_hosts(words: list[str], tmp_path: Path) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": "{ }\n"})
    before = contents(folder)
    run = migrate(folder, "--prepare", *words)
    assert (run.code, run.err) == (
        2,
        f"nixedit: --prepare touches no host, so it does not go with {words[0]}\n",
    )
    assert contents(folder) == before


def test_the_lines_call_things_as_the_fleet_does(tmp_path: Path) -> None:
    folder = fleet(
        tmp_path / "fleet",
        ("\n  outputs", '  inputs.llama.url = "github:ggml-org/llama.cpp";\n\n  outputs'),
        ("@inputs", "@flakes"),
        ("inputs.other.lib", "flakes.other.lib"),
    )
    run = migrate(folder, "--overlay-file", "nix/ours.nix")
    lines = "flakes.llama.overlays.default (import ./nix/ours.nix { inputs = flakes; })"
    assert f"`extendModules`: {{ nixpkgs.overlays = [ {lines} ]; }}\n" in run.err
    assert "by hand needs nix/ours.nix: --prepare adds that" in run.err


def test_inputs_without_a_name_get_one_first(tmp_path: Path) -> None:
    folder = fleet(
        tmp_path / "fleet",
        ("{ self, nixpkgs, ... }@inputs", "{ nixpkgs, other, ... }"),
        ("inputs.other.lib", "other.lib"),
    )
    what = "or to its `extendModules`, with the argument of `outputs` named `inputs`: { nixpkgs.overlays = [ inputs."
    assert what in migrate(folder).err
