"""Flakes that take whatever file they find in a folder: the new file is none of those."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import contents, migrated, write

# Hosts in modules of flake-parts, which IMPORTS finds.
PARTS = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.flake-parts.url = "github:hercules-ci/flake-parts";
  inputs.flake-parts.inputs.nixpkgs-lib.follows = "nixpkgs";
  inputs.import-tree.url = "github:vic/import-tree";

  outputs =
    inputs:
    let
      inherit (inputs.nixpkgs) lib;
    in
    inputs.flake-parts.lib.mkFlake { inherit inputs; } {
      systems = [ "x86_64-linux" ];
      imports = IMPORTS;
    };
}
"""
PART = """\
{ inputs, ... }:
{
  flake.nixosConfigurations.argon = inputs.nixpkgs.lib.nixosSystem {
    system = "x86_64-linux";
    modules = [ { } ];
  };
}
"""
RULE = """\
lib.fileset.toList (
        lib.fileset.fileFilter (
          file: file.hasExt "nix" && file.name != "flake.nix" && !lib.hasPrefix "_" file.name
        ) ./.
      )"""

# The fleet's own overlays, which OVERLAYS finds.
OWN = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.haumea.url = "github:nix-community/haumea";

  outputs =
    { self, nixpkgs, ... }@inputs:
    let
      inherit (nixpkgs) lib;
      inherit (builtins) attrNames attrValues filter mapAttrs readDir;
    in
    {
      nixosConfigurations.argon = lib.nixosSystem {
        system = "x86_64-linux";
        modules = [ { nixpkgs.overlays = OVERLAYS; } ];
      };
    };
}
"""
TOOLS = "final: prev: { tool = prev.hello; }\n"
DEFAULT = """\
let
  names = builtins.filter (name: name != "default.nix") (builtins.attrNames (builtins.readDir ./.));
in
map (name: import (./. + "/${name}")) names
"""
FLEETS = {
    "every file of a tree": (
        {"flake.nix": PARTS.replace("IMPORTS", "[ (inputs.import-tree ./.) ]"), "hosts/argon.nix": PART},
        "overlays/_llama-cpp.nix",
    ),
    "every file of a folder": (
        {"flake.nix": PARTS.replace("IMPORTS", "[ (inputs.import-tree ./hosts) ]"), "hosts/argon.nix": PART},
        "overlays/llama-cpp.nix",
    ),
    "every file that a rule takes": (
        {"flake.nix": PARTS.replace("IMPORTS", RULE), "hosts/argon.nix": PART},
        "overlays/_llama-cpp.nix",
    ),
    "a folder of overlays, listed": (
        {
            "flake.nix": OWN.replace(
                "OVERLAYS", 'map (name: import (./overlays + "/${name}")) (attrNames (readDir ./overlays))'
            ),
            "overlays/tools.nix": TOOLS,
        },
        "nix/llama-cpp-overlay.nix",
    ),
    "a folder of overlays, as a set": (
        {
            "flake.nix": OWN.replace(
                "OVERLAYS",
                'attrValues (mapAttrs (name: _: import (./overlays + "/${name}")) (readDir ./overlays))',
            ),
            "overlays/tools.nix": TOOLS,
        },
        "nix/llama-cpp-overlay.nix",
    ),
    "a folder of overlays, with those in it": (
        {
            "flake.nix": OWN.replace("OVERLAYS", "map import (lib.filesystem.listFilesRecursive ./overlays)"),
            "overlays/more/tools.nix": TOOLS,
        },
        "nix/llama-cpp-overlay.nix",
    ),
    "a folder that lists itself": (
        {
            "flake.nix": OWN.replace("OVERLAYS", "import ./overlays"),
            "overlays/default.nix": DEFAULT,
            "overlays/tools.nix": TOOLS,
        },
        "nix/llama-cpp-overlay.nix",
    ),
    "a folder that haumea loads": (
        {
            "flake.nix": OWN.replace(
                "OVERLAYS",
                "map (load: load.overlay) (attrValues (inputs.haumea.lib.load { src = ./overlays; }))",
            ),
            "overlays/tools.nix": "{ }: { overlay = " + TOOLS.rstrip() + "; }\n",
        },
        "nix/llama-cpp-overlay.nix",
    ),
}


@pytest.mark.parametrize("name", FLEETS)
def test_the_new_file_is_none_of_those(evaluator: Evaluator, tmp_path: Path, name: str) -> None:
    files, place = FLEETS[name]
    folder = write(tmp_path / "fleet", files)
    (before,) = evaluator.hosts(folder).values()
    assert before.error is None
    migrated(folder)
    assert (folder / place).is_file()
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert sum("llama-cpp-cuda-native" in names for names in after.overlays) == 1
    assert set(before.overlays) < set(after.overlays) or not before.overlays
    there = contents(folder)
    assert "Nothing to do" in migrated(folder).out
    assert contents(folder) == there
