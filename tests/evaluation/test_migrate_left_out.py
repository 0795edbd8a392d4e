"""The old overlay where hosts of other kinds have it too: it stays for those that are left out."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import OLD, contents, migrate, migrated, write

HEAD = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.nix-darwin.url = "github:LnL7/nix-darwin";
  inputs.nix-darwin.inputs.nixpkgs.follows = "nixpkgs";
  inputs.home-manager.url = "github:nix-community/home-manager";
  inputs.home-manager.inputs.nixpkgs.follows = "nixpkgs";

  outputs =
    { self, nixpkgs, ... }@inputs:
"""
BODY = """\
    {
      nixosConfigurations.argon = nixpkgs.lib.nixosSystem {
        modules = [ ./argon.nix ARGON ];
      };
      darwinConfigurations.mac = inputs.nix-darwin.lib.darwinSystem {
        system = "aarch64-darwin";
        modules = [ MAC ];
      };
      homeConfigurations.ada = inputs.home-manager.lib.homeManagerConfiguration {
        pkgs = nixpkgs.legacyPackages.x86_64-linux;
        modules = [ HOME ];
      };
    };
}
"""
ARGON = '{ networking.hostName = "argon"; nixpkgs.hostPlatform = "x86_64-linux"; }\n'
USE = "{ nixpkgs.overlays = [ (import ./overlays/llama-cpp-variants.nix) ]; }"
BY_SET = "{ nixpkgs.overlays = [ overlays.llama ]; }"
SET = """\
    let
      overlays = {
        llama = import ./overlays/llama-cpp-variants.nix;
      };
    in
"""
KEPT = "note: overlays/llama-cpp-variants.nix stays: hosts that are left out use it, and "
OTHERS = ("darwinConfigurations", "homeConfigurations")
OVERLAYS = "hosts: builtins.concatLists (map (host: host.pkgs.overlayNames) (builtins.attrValues hosts))"


def fleet(folder: Path, argon: str, mac: str = "", home: str = "", let: str = "") -> Path:
    body = BODY.replace("ARGON", argon).replace("MAC", mac).replace("HOME", home)
    files = {
        "flake.nix": HEAD + let + body,
        "argon.nix": ARGON,
        "overlays/llama-cpp-variants.nix": OLD,
    }
    if "./used.nix" in body:
        files["used.nix"] = USE + "\n"
    return write(folder / "fleet", files)


# What the hosts have: argon, mac, the home; the `let`; the option that takes in who is left out, and the place.
SHAPES = {
    "a darwin host in flake.nix": ((USE, USE, ""), "", "--include darwin", "flake.nix:16"),
    "a darwin host in a file": ((USE, "./used.nix", ""), "", "--include darwin", "used.nix:1"),
    "a home in flake.nix": ((USE, "", USE), "", "--include home", "flake.nix:20"),
    "a home in a file": ((USE, "", "./used.nix"), "", "--include home", "used.nix:1"),
    "a set that both use": ((BY_SET, BY_SET, ""), SET, "--include darwin", "flake.nix:21"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_it_stays_for_who_is_left_out_and_goes_from_who_is_migrated(
    name: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    hosts, let, _, place = SHAPES[name]
    folder = fleet(tmp_path, *hosts, let=let)
    before = {output: evaluator.flake(folder, output, OVERLAYS) for output in OTHERS}
    run = migrated(folder)
    option = SHAPES[name][2]
    assert f"{KEPT}{option} takes them in ({place})\n" in run.out
    assert (folder / "overlays" / "llama-cpp-variants.nix").read_text() == OLD
    (argon,) = evaluator.hosts(folder).values()
    assert argon.error is None
    assert len(argon.overlays) == 2
    assert argon.packages["llama-cpp"].origin == "llama.cpp"
    for output in OTHERS:
        assert evaluator.flake(folder, output, OVERLAYS) == before[output]
    assert migrate(folder, "--check").code == 0


@pytest.mark.parametrize("name", SHAPES)
def test_it_goes_where_they_are_taken_in(name: str, evaluator: Evaluator, tmp_path: Path) -> None:
    hosts, let, option, _ = SHAPES[name]
    folder = fleet(tmp_path, *hosts, let=let)
    migrated(folder, *option.split())
    assert "llama-cpp-variants" not in b"".join(contents(folder).values()).decode()
    (argon,) = evaluator.hosts(folder).values()
    assert argon.error is None
    taken = OTHERS[option == "--include home"]
    for output in ("nixosConfigurations", taken):
        overlays = evaluator.flake(folder, output, OVERLAYS)
        assert len(overlays) == 2
        assert ["llama-cpp-cuda"] not in overlays


# What the NixOS host alone has, beside a darwin host and a home that have nothing of it.
ALONE = {
    "a list in a let": (
        "{ nixpkgs.overlays = overlays; }",
        "    let\n      overlays = [ (import ./overlays/llama-cpp-variants.nix) ];\n    in\n",
    ),
    "a set in a let": (BY_SET, SET),
    "a module in a file": ("./used.nix", ""),
}


@pytest.mark.parametrize("name", ALONE)
def test_it_goes_where_no_other_has_it(name: str, evaluator: Evaluator, tmp_path: Path) -> None:
    argon, let = ALONE[name]
    folder = fleet(tmp_path, argon, "{ }", "{ }", let)
    before = {output: evaluator.flake(folder, output, OVERLAYS) for output in OTHERS}
    migrated(folder)
    assert "llama-cpp-variants" not in b"".join(contents(folder).values()).decode()
    (host,) = evaluator.hosts(folder).values()
    assert host.error is None
    for output in OTHERS:
        assert evaluator.flake(folder, output, OVERLAYS) == before[output]
