"""Hosts that one call makes, with modules of their own: each gets both overlays, each once."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import migrate, write

FLEET = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs =
    { self, nixpkgs, ... }@inputs:
    let
      named = name: final: prev: { ${name} = 1; };
      common = [ { nixpkgs.overlays = [ (named "common") ]; } ];
      mkHost = more: nixpkgs.lib.nixosSystem { modules = MODULES; };
    in
    {
      nixosConfigurations = {
HOSTS
      };
    };
}
"""
PLATFORM = '{ nixpkgs.hostPlatform = "x86_64-linux"; }'
OWN = '[ { nixpkgs.overlays = [ (named "own") ]; } ]'
UPSTREAM = "[ { nixpkgs.overlays = [ inputs.llama-cpp.overlays.default ]; } ]"
WHOLE = "[ { nixpkgs.overlays = [ inputs.llama-cpp.overlays.default (import ./overlays/llama-cpp.nix { inherit inputs; }) ]; } ]"
CALL = f"nixpkgs.lib.nixosSystem {{ modules = common ++ [ {PLATFORM} ]; }}"
HOSTS = {
    "one with overlays of its own, the first": {"argon": f"mkHost {OWN}", "boron": "mkHost [ ]"},
    "one with overlays of its own, the last": {"argon": "mkHost [ ]", "boron": f"mkHost {OWN}"},
    "each with overlays of its own": {"argon": f"mkHost {OWN}", "boron": f"mkHost {OWN}"},
    "each with upstream's overlay already": {"argon": f"mkHost {UPSTREAM}", "boron": f"mkHost {UPSTREAM}"},
    "one that shares overlays with another call, later": {
        "argon": "mkHost common",
        "boron": "mkHost [ ]",
        "carbon": CALL,
    },
    "one that shares overlays with another call, before": {
        "argon": CALL,
        "boron": "mkHost common",
        "carbon": "mkHost [ ]",
    },
    "a system, and the same with modules more": {
        "argon": "mkHost [ ]",
        "boron": f"self.nixosConfigurations.argon.extendModules {{ modules = {OWN}; }}",
    },
    "a system with modules more, before that system": {
        "argon": f"self.nixosConfigurations.boron.extendModules {{ modules = {OWN}; specialArgs.a = 1; }}",
        "boron": f"mkHost {OWN}",
    },
    "a system with modules more that are computed": {
        "argon": "mkHost [ ]",
        "boron": "self.nixosConfigurations.argon.extendModules "
        f'(nixpkgs.lib.attrByPath [ "x" ] {{ }} {{ x.modules = {OWN}; }})',
    },
    "a system with modules more, twice, and no other": {
        "argon": "((mkHost [ ]).extendModules { modules = common; }).extendModules { modules = [ ]; }",
    },
    "one that has them already and shares overlays with another call": {
        "argon": f"mkHost ({WHOLE} ++ common)",
        "boron": f"mkHost {WHOLE}",
        "carbon": CALL,
    },
}


@pytest.mark.parametrize("modules", [f"more ++ [ {PLATFORM} ]", f"[ {PLATFORM} ] ++ more"])
@pytest.mark.parametrize("name", HOSTS)
def test_each_has_both_overlays_once(name: str, modules: str, evaluator: Evaluator, tmp_path: Path) -> None:
    hosts = "".join(f"        {host} = {made};\n" for host, made in HOSTS[name].items()).rstrip("\n")
    folder = write(
        tmp_path / "fleet", {"flake.nix": FLEET.replace("MODULES", modules).replace("HOSTS", hosts)}
    )
    run = migrate(folder)
    assert run.code == 0, run
    for host, facts in evaluator.hosts(folder).items():
        assert facts.error is None, f"{host}: {facts.error}"
        ours = ["llama-cpp-cuda-native" in names for names in facts.overlays if "llama-cpp" in names]
        assert ours == [False, True], host
