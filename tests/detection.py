"""Small fleets to detect hardware in: written to a folder, read by nixedit and by Nix."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import nixedit
from nixedit.detect.detection import Detection
from nixedit.detect.rules import Rules
from nixedit.flake import Flake
from nixedit.flake.configuration import Configuration
from nixedit.flake.systems import NixosSystem
from nixedit.migrate.hardware import hardware_rules
from nixedit.migrate.recipe import load_recipe
from nixedit.workspaces import Workspace

HARDWARE = Path(nixedit.__file__).parent / "migrate" / "recipes" / "llama-cpp" / "hardware.toml"
VARIANTS = (
    *("default", "cpu", "vulkan", "vulkan-native", "cuda", "cuda-native", "rocm", "rocm-native"),
    "cuda-znver4",
)
INPUTS = """\
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs.nixos-hardware.url = "github:NixOS/nixos-hardware";
"""


def rules() -> Rules:
    found = hardware_rules(load_recipe("llama-cpp"))
    assert found is not None
    return found


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
    return host_of(folder, name).configuration


def detection_of(folder: Path, meta: str | None = None) -> Detection:
    flake = Flake(Workspace(folder))
    given = () if meta is None else (meta,)
    return Detection(flake, flake.nixos_systems(), rules(), VARIANTS, *given)


def module(body: str, head: str = "{ config, lib, pkgs, inputs, modulesPath, ... }:") -> str:
    return f"{head}\n{{\n{body}\n}}\n"
