"""What stands in the way of one host only: the others are migrated, and Nix finds every variant on them."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import contents, migrate, migrated, write

FORCED = "{ lib, ... }:\n{\n  nixpkgs.overlays = lib.mkForce [ ];\n}\n"
FIXED = "{ lib, pkgs, ... }:\n{\n  _module.args.pkgs = lib.mkForce pkgs;\n}\n"
FLAKE = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.nix-darwin.url = "github:LnL7/nix-darwin";
  inputs.nix-darwin.inputs.nixpkgs.follows = "nixpkgs";

  outputs =
    { self, nixpkgs, ... }@inputs:
    {
      nixosConfigurations = {
        argon = nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = [ ./argon.nix ];
        };
        xenon = nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = [ ./xenon.nix ];
        };
      };
MORE    };
}
"""
DARWIN = """\
      darwinConfigurations.mac = inputs.nix-darwin.lib.darwinSystem {
        system = "aarch64-darwin";
        modules = [ ./forced.nix ];
      };
"""
# What names the file, beside the two hosts: what more flake.nix says, and other files.
ELSEWHERE = {
    "a file that nothing names": ("", {}),
    "a module of a darwin host": (DARWIN, {}),
    "a test": ("", {"tests/argon.nix": "{ nodes.machine.imports = [ ../forced.nix ]; }\n"}),
    "a module that the flake offers to others": ("      nixosModules.iso = ./forced.nix;\n", {}),
}


def fleet(folder: Path, *, more: str = "", files: dict[str, str] | None = None, forced: str = FORCED) -> Path:
    every = {"argon.nix": "{ lib, ... }: { imports = lib.optional true ./both.nix; }\n", "xenon.nix": "{ }\n"}
    every |= {"flake.nix": FLAKE.replace("MORE", more), "both.nix": "{ }\n", "forced.nix": forced}
    return write(folder, {**every, **(files or {})})


@pytest.mark.parametrize("forced", [FORCED, FIXED])
@pytest.mark.parametrize("name", ELSEWHERE)
def test_what_no_host_imports_stands_in_nobodys_way(
    name: str, forced: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    more, files = ELSEWHERE[name]
    folder = fleet(tmp_path / "fleet", more=more, files=files, forced=forced)
    migrated(folder)
    assert (folder / "forced.nix").read_text() == forced
    for host in evaluator.hosts(folder).values():
        assert host.error is None
        assert "llama-cpp-cuda-native" in host.packages


def test_a_host_that_imports_it_is_refused_alone(evaluator: Evaluator, tmp_path: Path) -> None:
    folder = fleet(tmp_path / "fleet", files={"xenon.nix": "{ imports = [ ./forced.nix ]; }\n"})
    run = migrate(folder, "--allow-no-vcs", "--keep-going")
    assert run.code == 3
    assert f"{folder}/forced.nix:3:22: host `xenon`: `mkForce` on `nixpkgs.overlays` would drop" in run.err
    after = evaluator.hosts(folder)
    assert "llama-cpp-cuda-native" in after["argon"].packages
    assert "llama-cpp-cuda-native" not in after["xenon"].packages


def test_one_that_must_be_refused_may_be_left_out(tmp_path: Path) -> None:
    folder = fleet(tmp_path / "fleet", files={"xenon.nix": "{ imports = [ ./forced.nix ]; }\n"})
    before = contents(folder)
    assert migrate(folder, "--allow-no-vcs").code == 2
    assert contents(folder) == before
    migrated(folder, "--exclude-host", "xenon")


def test_a_host_whose_imports_are_not_known_is_refused_with_the_place(tmp_path: Path) -> None:
    unknown = "{ inputs, ... }:\n{\n  imports = inputs.nixpkgs.lib.pick ./.;\n}\n"
    folder = fleet(tmp_path / "fleet", files={"xenon.nix": unknown})
    run = migrate(folder, "--allow-no-vcs", "--keep-going")
    assert run.code == 3
    assert (
        "host `xenon`: `mkForce` on `nixpkgs.overlays` would drop every other overlay; "
        "whether the host imports this file is not known (xenon.nix:3)"
    ) in run.err


def test_an_override_of_another_hosts_module_is_refused_for_that_host(tmp_path: Path) -> None:
    package = (
        "{ pkgs, ... }: { x = pkgs.llama-cpp.override { cudaSupport = true; openclSupport = true; }; }\n"
    )
    folder = fleet(tmp_path / "fleet", files={"xenon.nix": package, "forced.nix": "{ }\n"})
    run = migrate(folder, "--allow-no-vcs", "--keep-going")
    assert run.code == 3
    assert "host `xenon`: upstream's `llama-cpp` has no argument `cudaSupport`" in run.err
