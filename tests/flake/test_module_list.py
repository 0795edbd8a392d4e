"""The users' homes of a host, whatever its modules say of when and how strongly they count."""

from __future__ import annotations

from pathlib import Path

import pytest
from migration_runs import write

from nixedit.flake import Flake
from nixedit.flake.module_list import ModuleList
from nixedit.flake.systems import NixosSystem
from nixedit.workspaces import Workspace

FLAKE = """\
{
  outputs =
    { self, nixpkgs }:
    {
      nixosConfigurations.argon = nixpkgs.lib.nixosSystem {
        modules = [ ({ lib, config, ... }: MODULE) ];
      };
    };
}
"""
# What a module says, and the files that each user's home has.
HOMES = {
    "a set": ("{ home-manager.users.ada = ./ada.nix; }", {"ada": ["ada.nix"]}),
    "under config": ("{ config.home-manager.users.ada = ./ada.nix; options = { }; }", {"ada": ["ada.nix"]}),
    "in mkIf": ("{ home-manager = lib.mkIf config.x { users.ada = ./ada.nix; }; }", {"ada": ["ada.nix"]}),
    "in mkMerge": (
        "lib.mkMerge [ { home-manager.users.ada = ./ada.nix; } { home-manager.users.bob = ./bob.nix; } ]",
        {"ada": ["ada.nix"], "bob": ["bob.nix"]},
    ),
    "in mkForce": ("{ home-manager.users = lib.mkForce { ada = ./ada.nix; }; }", {"ada": ["ada.nix"]}),
    "in mkDefault": ("{ home-manager.users = lib.mkDefault { ada = ./ada.nix; }; }", {"ada": ["ada.nix"]}),
    "with modules for all": (
        "{ home-manager = { users.ada = ./ada.nix; sharedModules = [ ./bob.nix ]; }; }",
        {"ada": ["ada.nix", "bob.nix"]},
    ),
    "with modules for all under a condition": (
        "{ home-manager = { users.ada = ./ada.nix; sharedModules = lib.mkIf config.x [ ./bob.nix ]; }; }",
        {"ada": ["ada.nix", "bob.nix"]},
    ),
}


@pytest.mark.parametrize("name", HOMES)
def test_homes_are_found(name: str, tmp_path: Path) -> None:
    module, expected = HOMES[name]
    files = {"flake.nix": FLAKE.replace("MODULE", module), "ada.nix": "{ }\n", "bob.nix": "{ }\n"}
    (host,) = Flake(Workspace(write(tmp_path, files))).nixos_systems()
    assert isinstance(host, NixosSystem)
    homes = ModuleList.of(host).homes()
    assert {home.name: [module.file for module in home.modules] for home in homes} == expected
