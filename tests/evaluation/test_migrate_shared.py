"""Hosts that share what is written elsewhere: a package set, or the set that their calls are given."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import contents, migrate, migrated, write

HEAD = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.nix-darwin.url = "github:LnL7/nix-darwin";
  inputs.nix-darwin.inputs.nixpkgs.follows = "nixpkgs";

  outputs =
    { self, nixpkgs, ... }@inputs:
"""
# What a host's modules have as packages; `specialArgs.pkgs` is not what NixOS itself would make.
MODULE = """\
{ pkgs, ... }:
{
  environment.systemPackages = [ (pkgs.llama-cpp-cuda-native or pkgs.hello) ];
  overlayNames = toString (builtins.concatLists pkgs.overlayNames);
}
"""
NAMED = "(final: prev: { ours = 1; })"
PACKAGES = (
    HEAD
    + """\
    let
      pkgs = import nixpkgs {
        system = "x86_64-linux";
OVERLAYS      };
    in
    {
      nixosConfigurations = {
        argon = nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          specialArgs = { inherit pkgs; };
          modules = [ ./argon.nix ];
        };
        xenon = nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          specialArgs = { inherit inputs pkgs; };
          modules = [ ./argon.nix { networking.hostName = "xenon"; } ];
        };
MORE      };
    };
}
"""
)
GIVEN = (
    HEAD
    + """\
    {
      nixosConfigurations = {
        argon = nixpkgs.lib.nixosSystem (import ./system.nix { inherit inputs; name = "argon"; });
        xenon = nixpkgs.lib.nixosSystem (import ./system.nix { inherit inputs; name = "xenon"; });
      };
MORE    };
}
"""
)
SYSTEM = """\
{ inputs, name }:
{
  system = "x86_64-linux";
  modules = [
    ./argon.nix
    { networking.hostName = name; }
  ];
}
"""
MAC = """\
      darwinConfigurations.mac = inputs.nix-darwin.lib.darwinSystem (import ./system.nix {
        inherit inputs;
        name = "mac";
      });
"""
OWN_NAME = (
    HEAD
    + """\
    let
      settings = system: { hostPlatform = system; overlays = [ (final: prev: { ours = 1; }) ]; };
    in
    {
      nixosConfigurations.argon = nixpkgs.lib.nixosSystem {
        modules = [
          ./argon.nix
          {
            nixpkgs = settings "x86_64-linux";
          }
        ];
      };
    };
}
"""
)
# What flake.nix is, other files, and the lines that it gets.
SHAPES = {
    "packages without overlays": (
        PACKAGES.replace("OVERLAYS", "").replace("MORE", ""),
        {},
        [
            "        overlays = [",
            "          inputs.llama-cpp.overlays.default",
            "          (import ./overlays/llama-cpp.nix { inherit inputs; })",
            "        ];",
        ],
    ),
    "packages with overlays": (
        PACKAGES.replace("OVERLAYS", f"        overlays = [ {NAMED} ];\n").replace("MORE", ""),
        {},
        ["          inputs.llama-cpp.overlays.default"],
    ),
    "packages with overlays of another file": (
        PACKAGES.replace("OVERLAYS", "        overlays = import ./named.nix;\n").replace("MORE", ""),
        {"named.nix": f"[ {NAMED} ]\n"},
        ["        overlays = import ./named.nix ++ ["],
    ),
    "a call that is given what a file makes": (GIVEN.replace("MORE", ""), {"system.nix": SYSTEM}, []),
    "nixpkgs as a whole by a function": (OWN_NAME, {}, []),
}


@pytest.mark.parametrize("name", SHAPES)
def test_every_host_has_every_variant_once(name: str, evaluator: Evaluator, tmp_path: Path) -> None:
    text, files, lines = SHAPES[name]
    folder = write(tmp_path / "fleet", {"flake.nix": text, "argon.nix": MODULE, **files})
    before = evaluator.hosts(folder)
    assert {facts.error for facts in before.values()} == {None}
    migrated(folder)
    for host, facts in evaluator.hosts(folder).items():
        assert facts.error is None
        assert before[host].system_packages != facts.system_packages
        assert facts.system_packages[0].startswith("llama-cpp-cuda-native")
        names = evaluator.flake(folder, f"nixosConfigurations.{host}.config.overlayNames")
        assert names.split().count("llama-cpp-cuda-native") == 1
        assert names.split().count("ours") == text.count("ours") + str(files).count("ours")
    for line in lines:
        assert line in (folder / "flake.nix").read_text()
    once = contents(folder)
    assert migrate(folder, "--check").code == 0
    assert contents(folder) == once


def test_every_host_of_a_shared_set_is_said_to_be_migrated(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "fleet", {"flake.nix": SHAPES["packages with overlays"][0], "argon.nix": MODULE}
    )
    run = migrate(folder, "--check")
    assert "  argon  to migrate\n" in run.out
    assert "  xenon  to migrate\n" in run.out
    assert "flake.nix:21: the overlays come with what it shares (" in run.out


def test_packages_that_serve_a_host_that_is_left_out_are_refused(tmp_path: Path) -> None:
    folder = write(
        tmp_path / "fleet", {"flake.nix": SHAPES["packages with overlays"][0], "argon.nix": MODULE}
    )
    run = migrate(folder, "--host", "argon")
    assert run.code == 2
    assert "host `argon`: this package set serves xenon too, which is left out" in run.err
    assert "choose all of them" in run.err


NAMED_ARGUMENT = (
    HEAD
    + """\
    let
      base.modules = [ ./argon.nix ];
      args = ARGS;
    in
    {
      nixosConfigurations.argon = nixpkgs.lib.nixosSystem args;
      nixosConfigurations.xenon = nixpkgs.lib.nixosSystem args;
    };
}
"""
)


@pytest.mark.parametrize("args", ['{ modules = [ ./host.nix ]; system = "x86_64-linux"; }', "base // { }"])
def test_a_set_that_two_calls_name_gets_the_overlays_once(
    args: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    host = '{ nixpkgs.hostPlatform = "x86_64-linux"; }\n'
    files = {"flake.nix": NAMED_ARGUMENT.replace("ARGS", args), "argon.nix": host, "host.nix": "{ }\n"}
    folder = write(tmp_path / "fleet", files)
    run = migrate(folder, "--host", "argon")
    assert run.code == 2
    assert "host `argon`: this set serves xenon too, which is left out" in run.err
    migrated(folder)
    assert (folder / "flake.nix").read_text().count("overlays.default") == 1
    for facts in evaluator.hosts(folder).values():
        assert facts.packages["llama-cpp-cuda-native"].is_native
        assert len(facts.overlays) == 2
    assert migrate(folder, "--check").code == 0


def test_a_set_that_serves_a_mac_wants_it_included(evaluator: Evaluator, tmp_path: Path) -> None:
    files = {"flake.nix": GIVEN.replace("MORE", MAC), "system.nix": SYSTEM, "argon.nix": MODULE}
    folder = write(tmp_path / "fleet", files)
    run = migrate(folder)
    assert run.code == 2
    assert "host `argon`: this set serves darwinConfigurations.mac too, which is left out" in run.err
    assert "say --include darwin to take it in" in run.err
    migrated(folder, "--include", "darwin")
    for facts in evaluator.hosts(folder).values():
        assert "llama-cpp-cuda-native" in facts.packages


# A call that makes hosts of two kinds, from what it is told of each.
BOTH = (
    HEAD
    + """\
    let
      mkHost =
        {
          name,
          modules,
          make ? nixpkgs.lib.nixosSystem,
          system ? "x86_64-linux",
        }:
        make {
          inherit system;
          modules = modules ++ [ { networking.hostName = name; } ];
        };
      linux = MODULES;
    in
    {
      nixosConfigurations = {
        argon = mkHost { name = "argon"; modules = linux; };
        xenon = mkHost { name = "xenon"; modules = linux; };
      };
      darwinConfigurations.mac = mkHost {
        name = "mac";
        modules = [ ];
        make = inputs.nix-darwin.lib.darwinSystem;
        system = "aarch64-darwin";
      };
    };
}
"""
)
IN_A_MODULE = "[ ./argon.nix { nixpkgs.overlays = [ (final: prev: { ours = 1; }) ]; } ]"


@pytest.mark.parametrize("modules", ["[ ./argon.nix ]", IN_A_MODULE], ids=["a list", "a list of overlays"])
def test_hosts_whose_call_makes_a_mac_too_have_a_place_of_their_own(
    modules: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    files = {"flake.nix": BOTH.replace("MODULES", modules), "argon.nix": MODULE}
    folder = write(tmp_path / "fleet", files)
    before = evaluator.hosts(folder)
    mac = evaluator.hosts(folder, "darwinConfigurations")["mac"]
    migrated(folder)
    after = evaluator.hosts(folder)
    assert [facts.error for facts in after.values()] == [None, None]
    for name, facts in after.items():
        assert facts.packages["llama-cpp-cuda-native"].is_native
        assert len(facts.overlays) == len(before[name].overlays) + 2
    assert evaluator.hosts(folder, "darwinConfigurations")["mac"] == mac
    assert migrate(folder, "--check").code == 0


def test_what_serves_a_mac_too_wants_it_included(tmp_path: Path) -> None:
    text = BOTH.replace("MODULES", "[ ./argon.nix ]").replace("modules = [ ];", "modules = linux;")
    run = migrate(write(tmp_path / "fleet", {"flake.nix": text, "argon.nix": MODULE}))
    assert run.code == 2
    assert "host `argon`: this call makes darwinConfigurations.mac too, which is left out" in run.err
    assert "say --include darwin to take it in" in run.err


# How modules fix the packages that a host has, beside `specialArgs.pkgs`.
FIXED = {
    "the read-only module": "nixpkgs.nixosModules.readOnlyPkgs { nixpkgs.pkgs = pkgs; }",
    "an argument that is forced": "{ _module.args.pkgs = nixpkgs.lib.mkForce pkgs; }",
    "an argument that is forced in a file": "(import ./force.nix pkgs)",
}


def fixed(by: str, folder: Path, overlays: str = "") -> Path:
    packages = PACKAGES.replace("OVERLAYS", overlays).replace("MORE", "")
    text = packages.replace("./argon.nix", f"./argon.nix {FIXED.get(by, by)}")
    text = text.replace("          specialArgs = { inherit pkgs; };\n", "").replace(
        "inherit inputs pkgs", "inherit inputs"
    )
    force = "pkgs:\n{ lib, ... }:\n{\n  _module.args.pkgs = lib.mkForce pkgs;\n}\n"
    return write(folder / "fleet", {"flake.nix": text, "argon.nix": MODULE, "force.nix": force})


@pytest.mark.parametrize("overlays", ["", f"        overlays = [ {NAMED} ];\n"])
@pytest.mark.parametrize("by", FIXED)
def test_packages_that_modules_fix_get_the_overlays_where_they_are_made(
    by: str, overlays: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = fixed(by, tmp_path, overlays)
    before = evaluator.hosts(folder)
    assert [host.error for host in before.values()] == [None, None]
    migrated(folder)
    for facts in evaluator.hosts(folder).values():
        assert facts.error is None
        assert "llama-cpp-cuda-native" in facts.packages
        assert facts.system_packages == ("llama-cpp-cuda-native-0.0.0",)
    text = (folder / "flake.nix").read_text()
    assert text.count("inputs.llama-cpp.overlays.default") == 1
    again = migrate(folder, "--check")
    assert again.code == 0, again


def test_packages_that_are_fixed_and_made_otherwise_are_refused(tmp_path: Path) -> None:
    folder = fixed(
        "nixpkgs.nixosModules.readOnlyPkgs { nixpkgs.pkgs = nixpkgs.legacyPackages.x86_64-linux; }", tmp_path
    )
    before = contents(folder)
    run = migrate(folder, "--allow-no-vcs")
    assert run.code == 2
    assert "under nixpkgs' read-only module `nixpkgs.overlays` is not allowed" in run.err
    assert "add the overlays where the package set is made" in run.err
    assert contents(folder) == before


def test_a_fixed_set_of_one_host_of_two_wants_both(tmp_path: Path) -> None:
    folder = fixed("the read-only module", tmp_path)
    run = migrate(folder, "--host", "argon")
    assert run.code == 2
    assert "host `argon`: this package set serves xenon too, which is left out" in run.err


LISTS = """\
    let
      named = name: final: prev: { ${name} = 1; };
      common = [ { nixpkgs.overlays = [ (named "c") ]; } ];
      mkHost =
        modules:
        nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          inherit modules;
        };
    in
    {
      nixosConfigurations = {
HOSTS
      };
    };
}
"""
OWN = '[ { nixpkgs.overlays = [ (named "a") ]; } ]'
# Hosts that share a call or a list of modules, and the overlays of each afterwards.
SHARING = {
    "one call, and a list of one host": (
        [f"argon = mkHost {OWN};", "xenon = mkHost [ ./argon.nix ];"],
        {"argon": "a +", "xenon": "+"},
    ),
    "one call, and lists of two hosts": (
        [f"argon = mkHost {OWN};", f"xenon = mkHost {OWN};"],
        {"argon": "a +", "xenon": "a +"},
    ),
    "two calls, and a list that only one of them begins with": (
        [
            f'argon = nixpkgs.lib.nixosSystem {{ system = "x86_64-linux"; modules = {OWN} ++ common; }};',
            'xenon = nixpkgs.lib.nixosSystem { system = "x86_64-linux"; modules = common ++ [ ]; };',
        ],
        {"argon": "c a +", "xenon": "c +"},
    ),
    "two calls, and a list of both": (
        [
            'argon = nixpkgs.lib.nixosSystem { system = "x86_64-linux"; modules = common; };',
            'xenon = nixpkgs.lib.nixosSystem { system = "x86_64-linux"; modules = common ++ [ ]; };',
        ],
        {"argon": "c +", "xenon": "c +"},
    ),
}


@pytest.mark.parametrize("name", SHARING)
def test_each_of_several_hosts_gets_them_once(name: str, evaluator: Evaluator, tmp_path: Path) -> None:
    hosts, after = SHARING[name]
    text = HEAD + LISTS.replace("HOSTS", "\n".join(f"        {line}" for line in hosts))
    folder = write(tmp_path / "fleet", {"flake.nix": text, "argon.nix": "{ }\n"})
    migrated(folder)
    found = evaluator.flake(
        folder, "nixosConfigurations", "builtins.mapAttrs (_: host: host.pkgs.overlayNames)"
    )
    words = {
        name: " ".join("ours" if len(one) > 5 else " ".join(one) for one in overlays)
        for name, overlays in found.items()
    }
    assert {name: line.replace("llama-cpp llamaPackages ours", "+") for name, line in words.items()} == after
    assert migrate(folder, "--check").code == 0
