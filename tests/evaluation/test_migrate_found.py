"""Hosts that are found by what other flakes' functions do: each is migrated, and Nix finds every variant."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import migrated, write

HEAD = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.haumea.url = "github:nix-community/haumea";
  inputs.home-manager.url = "github:nix-community/home-manager";
  inputs.home-manager.inputs.nixpkgs.follows = "nixpkgs";
  inputs.flake-parts.url = "github:hercules-ci/flake-parts";
  inputs.flake-parts.inputs.nixpkgs-lib.follows = "nixpkgs";

  outputs =
    { self, nixpkgs, ... }@inputs:
"""
HAUMEA = """\
    let
      inherit (nixpkgs) lib;
      data = inputs.haumea.lib.load {
        src = ./src;
        inputs = { inherit lib inputs; };
      };
    in
    {
      nixosConfigurations = lib.mergeAttrsList (
        map (it: it.nixosConfigurations or { }) (builtins.attrValues data.hosts)
      );
    };
}
"""
HAUMEA_HOST = """\
{ inputs, super, ... }:
{
  nixosConfigurations.argon = inputs.nixpkgs.lib.nixosSystem {
    system = "x86_64-linux";
    modules = super.common.modules ++ [ ../../argon.nix ];
  };
}
"""
HAUMEA_FILES = {
    "src/hosts/argon.nix": HAUMEA_HOST,
    "src/hosts/_common.nix": "{ modules = [ ]; }\n",
    "src/hosts/others.nix": "{ packages = { }; }\n",
    "parts/time.nix": '{ time.timeZone = "UTC"; }\n',
    "parts/inner/name.nix": "{ lib, ... }: { networking.domain = lib.mkDefault null; }\n",
}
HAUMEA_PATHS = """\
    let
      inherit (nixpkgs) lib;
      found = inputs.haumea.lib.load {
        src = ./parts;
        loader = inputs.haumea.lib.loaders.path;
      };
      flatten = lib.foldlAttrs (
        made: _: value: if builtins.isAttrs value then made ++ flatten value else made ++ [ value ]
      ) [ ];
    in
    {
      nixosConfigurations.argon = lib.nixosSystem {
        system = "x86_64-linux";
        modules = flatten found ++ [ ./argon.nix ];
      };
    };
}
"""
HAUMEA_VERBATIM = """\
    let
      made = inputs.haumea.lib.load {
        src = ./src/hosts;
        loader = inputs.haumea.lib.loaders.verbatim;
      };
    in
    {
      inherit (made.argon { inherit inputs; super.common.modules = [ ]; }) nixosConfigurations;
    };
}
"""
LIBRARY = "{ lib }:\n{\n  modules = [ ./argon.nix ];\n}\n"
CALL = """\
    {
      nixosConfigurations.argon = MADE {
        system = "x86_64-linux";
        modules = MODULES;
      };
    };
}
"""
HELPER = """\
    let
      mkHost =
        {
          source ? null,
        }:
        (if source != null then source else nixpkgs).lib.nixosSystem {
          system = "x86_64-linux";
          modules = [ ./argon.nix ];
        };
    in
    {
      nixosConfigurations.argon = mkHost { source = inputs.nixpkgs; };
    };
}
"""
BUILDER = """\
    let
      inherit (nixpkgs) lib;
      mkHost =
        {
          builder ? null,
        }:
        (if builder != null then builder else lib.nixosSystem) {
          system = "x86_64-linux";
          modules = [ ./argon.nix ];
        };
    in
    {
      nixosConfigurations.argon = mkHost { builder = lib.nixosSystem; };
    };
}
"""
PATHS = """\
    let
      mkHost =
        name:
        nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = nixpkgs.lib.optional (builtins.pathExists "${self}/${name}.nix") (./. + /${name}.nix);
        };
    in
    {
      nixosConfigurations.argon = mkHost "argon";
    };
}
"""
UNKNOWN_NIXPKGS = """\
    let
      source = builtins.head (builtins.match "(.*)" "${nixpkgs}");
    in
    {
      nixosConfigurations.argon = import "${source}/nixos/lib/eval-config.nix" {
        system = "x86_64-linux";
        modules = [ ./argon.nix ];
      };
    };
}
"""
EXTENSIBLE = """\
    let
      mine = nixpkgs.lib.makeExtensible (final: {
        system = "x86_64-linux";
        mkHost = module: nixpkgs.lib.nixosSystem {
          inherit (final) system;
          modules = [ module ];
        };
      });
    in
    {
      nixosConfigurations.argon = (mine.extend (final: prev: { own = true; })).mkHost ./argon.nix;
    };
}
"""
SLASHED = """\
    let
      read = folder: name: import ("${toString folder}/" + name + ".nix");
      mkHost = read ./. "mk-host";
    in
    {
      nixosConfigurations.argon = mkHost inputs;
    };
}
"""
PARTS = """\
    inputs.flake-parts.lib.mkFlake { inherit inputs; } {
      systems = [ "x86_64-linux" ];
      imports = [
        (
          { flake-parts-lib, lib, ... }:
          flake-parts-lib.mkTransposedPerSystemModule {
            name = "pkgs";
            file = ./flake.nix;
            option = lib.mkOption { };
          }
        )
        MODULE
      ];
    };
}
"""
OF_ITS_CONFIG = PARTS.replace(
    "MODULE",
    """\
{
          flake =
            { config, ... }:
            {
              nodes = config.nixosConfigurations;
              nixosConfigurations.argon = nixpkgs.lib.nixosSystem {
                system = "x86_64-linux";
                specialArgs.names = builtins.attrNames config.nodes;
                modules = [ ./argon.nix ];
              };
            };
        }""",
)
ON_CONDITION = PARTS.replace(
    "MODULE",
    """\
{
          config = nixpkgs.lib.mkIf (1 < 2) {
            flake = nixpkgs.lib.mkMerge [
              {
                nixosConfigurations.argon = nixpkgs.lib.nixosSystem {
                  system = "x86_64-linux";
                  modules = [ ./argon.nix ];
                };
              }
              (nixpkgs.lib.mkIf (2 < 1) { nixosConfigurations.xenon = { }; })
            ];
          };
        }""",
)
MK_HOST = """\
inputs:
inputs.nixpkgs.lib.nixosSystem {
  system = "x86_64-linux";
  modules = [ ./argon.nix ];
}
"""
FOLDED = """\
    {
      nixosConfigurations = nixpkgs.lib.zipAttrsWith (name: builtins.head) [
        {
          argon = nixpkgs.lib.nixosSystem {
            system = "x86_64-linux";
            modules = [ ./argon.nix ];
          };
        }
      ];
    };
}
"""
EXTENDED = """\
    let
      lib = nixpkgs.lib.extend (
        _final: _prev: { custom = import ./lib.nix { inherit lib; }; } // inputs.home-manager.lib
      );
      inherit (lib) nixosSystem;
    in
    {
      nixosConfigurations.argon = nixosSystem {
        system = "x86_64-linux";
        modules = lib.custom.modules;
      };
    };
}
"""
PACKAGES = """\
    let
      mkHost =
        system:
        let
          pkgs = import nixpkgs { inherit system; };
        in
        if pkgs.lib.hasSuffix "-linux" system then
          nixpkgs.lib.nixosSystem {
            inherit system;
            modules = [ ./argon.nix ];
          }
        else
          throw "no NixOS there";
    in
    {
      nixosConfigurations.argon = mkHost "x86_64-linux";
    };
}
"""
BESIDE_PARTS = """\
    {
      checks = { };
      nixosConfigurations.argon = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [ ./argon.nix ];
      };
    }
    // inputs.flake-parts.lib.mkFlake { inherit inputs; } {
      systems = [ "x86_64-linux" ];
      flake.nixosModules.one = ./argon.nix;
    };
}
"""
WITHIN_PARTS = """\
    nixpkgs.lib.recursiveUpdate { packages = { }; } (
      inputs.flake-parts.lib.mkFlake { inherit inputs; } {
        systems = [ "x86_64-linux" ];
        flake.nixosConfigurations.argon = nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = [ ./argon.nix ];
        };
      }
    );
}
"""
PATCHED = """\
    let
      system = "x86_64-linux";
      patched = PACKAGES.applyPatches {
        name = "nixpkgs-patched";
        src = nixpkgs;
        patches = [ ];
      };
      nixosSystem = import "${patched}/nixos/lib/eval-config.nix";
    in
    {
      nixosConfigurations.argon = nixosSystem {
        inherit system;
        modules = [ ./argon.nix ];
      };
    };
}
"""


def call(made: str, modules: str = "[ ./argon.nix ]") -> str:
    return CALL.replace("MADE", made).replace("MODULES", modules)


# What makes the host.
SHAPES = {
    "haumea": HAUMEA,
    "haumea, of functions": HAUMEA_VERBATIM,
    "haumea, of paths": HAUMEA_PATHS,
    "eval-config in a string": call('import "${nixpkgs}/nixos/lib/eval-config.nix"'),
    "eval-config behind an input": call('import (inputs.nixpkgs + "/nixos/lib/eval-config.nix")'),
    "an input that is compared with null": HELPER,
    "a builder that is compared with null": BUILDER,
    "modules that an input may have": call(
        "nixpkgs.lib.nixosSystem", "[ ./argon.nix ] ++ (inputs.nixpkgs.someModules or [ ])"
    ),
    "a path joined with a path": PATHS,
    "eval-config of a nixpkgs that is not known": UNKNOWN_NIXPKGS,
    "a library that can be extended": EXTENSIBLE,
    "a path in pieces": SLASHED,
    "a flake of its own config": OF_ITS_CONFIG,
    "a flake on a condition": ON_CONDITION,
    "hosts of several sets": FOLDED,
    "a library with another one in it": EXTENDED,
    "a condition that the library of packages answers": PACKAGES,
    "nixpkgs with patches": PATCHED.replace("PACKAGES", "(import nixpkgs { inherit system; }).pkgs"),
    "nixpkgs with patches, by its packages": PATCHED.replace("PACKAGES", "nixpkgs.legacyPackages.${system}"),
    "a path behind nixpkgs with patches": PATCHED.replace(
        "PACKAGES", "nixpkgs.legacyPackages.${system}"
    ).replace('"${patched}/nixos/lib/eval-config.nix"', '(patched + "/nixos/lib/eval-config.nix")'),
    "hosts beside flake-parts": BESIDE_PARTS,
    "hosts of flake-parts within other outputs": WITHIN_PARTS,
}


@pytest.mark.parametrize("name", SHAPES)
def test_the_host_has_every_variant(name: str, evaluator: Evaluator, tmp_path: Path) -> None:
    files = {
        "flake.nix": HEAD + SHAPES[name],
        "argon.nix": '{ networking.hostName = "argon"; }\n',
        "lib.nix": LIBRARY,
        "mk-host.nix": MK_HOST,
    }
    folder = write(tmp_path / "fleet", {**files, **(HAUMEA_FILES if "haumea" in name else {})})
    (before,) = evaluator.hosts(folder).values()
    assert before.error is None
    migrated(folder)
    (after,) = evaluator.hosts(folder).values()
    assert (after.name, after.error) == ("argon", None)
    assert "llama-cpp-cuda-native" in after.packages
    assert len(after.overlays) == len(before.overlays) + 2
