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
}
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


def call(made: str, modules: str = "[ ./argon.nix ]") -> str:
    return CALL.replace("MADE", made).replace("MODULES", modules)


# What makes the host.
SHAPES = {
    "haumea": HAUMEA,
    "eval-config in a string": call('import "${nixpkgs}/nixos/lib/eval-config.nix"'),
    "eval-config behind an input": call('import (inputs.nixpkgs + "/nixos/lib/eval-config.nix")'),
    "an input that is compared with null": HELPER,
    "a builder that is compared with null": BUILDER,
    "modules that an input may have": call(
        "nixpkgs.lib.nixosSystem", "[ ./argon.nix ] ++ (inputs.nixpkgs.someModules or [ ])"
    ),
    "a path joined with a path": PATHS,
    "hosts of several sets": FOLDED,
}


@pytest.mark.parametrize("name", SHAPES)
def test_the_host_has_every_variant(name: str, evaluator: Evaluator, tmp_path: Path) -> None:
    files = {"flake.nix": HEAD + SHAPES[name], "argon.nix": '{ networking.hostName = "argon"; }\n'}
    folder = write(tmp_path / "fleet", {**files, **(HAUMEA_FILES if name == "haumea" else {})})
    (before,) = evaluator.hosts(folder).values()
    assert before.error is None
    migrated(folder)
    (after,) = evaluator.hosts(folder).values()
    assert (after.name, after.error) == ("argon", None)
    assert "llama-cpp-cuda-native" in after.packages
    assert len(after.overlays) == len(before.overlays) + 2
