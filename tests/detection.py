"""Small fleets to detect hardware in: written to a folder, read by nixedit and by Nix."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from nixedit.flake import Flake
from nixedit.flake.configuration import Configuration
from nixedit.flake.systems import NixosSystem
from nixedit.workspaces import Workspace

INPUTS = """\
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.nixos-hardware.url = "github:NixOS/nixos-hardware";
"""


def write(folder: Path, files: Mapping[str, str]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return folder


def fleet(
    folder: Path, files: Mapping[str, str], hosts: str = "boron = ./boron.nix;", more: str = ""
) -> Path:
    """A fleet of hosts that have one module each.

    Args:
        folder: where to write it.
        files: its files beside flake.nix.
        hosts: the hosts' modules, as the bindings of a set.
        more: more outputs.
    """
    flake = f"""\
{{
{INPUTS}
  outputs = {{ self, nixpkgs, nixos-hardware }}@inputs: {{
    nixosConfigurations = builtins.mapAttrs (
      name: module:
      nixpkgs.lib.nixosSystem {{
        system = "x86_64-linux";
        specialArgs = {{ inherit inputs; }};
        modules = [ module ];
      }}
    ) {{ {hosts} }};
    {more}
  }};
}}
"""
    return write(folder, {"flake.nix": flake, **files})


def host_of(folder: Path, name: str = "boron") -> NixosSystem:
    (found,) = [host for host in Flake(Workspace(folder)).nixos_systems() if host.name == name]
    return found


def configuration_of(folder: Path, name: str = "boron") -> Configuration:
    return Configuration(host_of(folder, name))


def module(body: str, head: str = "{ config, lib, pkgs, inputs, modulesPath, ... }:") -> str:
    return f"{head}\n{{\n{body}\n}}\n"
