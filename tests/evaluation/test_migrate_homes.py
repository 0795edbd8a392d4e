"""The old overlay in users' homes: it stays where they have packages of their own, which get no new overlays."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import contents, migrate, migrated, write

FLAKE = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.home-manager.url = "github:nix-community/home-manager";
  inputs.home-manager.inputs.nixpkgs.follows = "nixpkgs";

  outputs =
    { self, nixpkgs, ... }@inputs:
    let
      overlays = [ (import ./overlays/llama-cpp-variants.nix) ];
    in
    {
      nixosConfigurations.argon = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [ ./argon.nix inputs.home-manager.nixosModules.home-manager MORE ];
      };
    };
}
"""
OLD = """\
final: prev: {
  llama-cpp-cuda = (prev.llama-cpp.override { cudaSupport = true; }).overrideAttrs (old: { pname = "mine"; });
}
"""
USE = "nixpkgs.overlays = [ (import ./overlays/llama-cpp-variants.nix) ];"
HOME = f"{{ pkgs, ... }}:\n{{\n  {USE}\n  home.packages = [ pkgs.llama-cpp-cuda ];\n}}\n"
IN_FILE = "{ home-manager.users.ada = ./home.nix; }\n"
INLINE = "{ home-manager.users.ada = HOME; }\n".replace("HOME", HOME.strip().replace("\n", " "))
STAYS = (
    "note: overlays/llama-cpp-variants.nix stays: `ada@argon` has packages of its own, "
    "which get no new overlays ("
)
# What the host's module is, its home's, and where the old overlay stays.
OWN = {
    "a home in a file": (IN_FILE, HOME, "home.nix:3"),
    "a home in the host's module": (INLINE, "{ }\n", "argon.nix:1"),
}


def fleet(folder: Path, argon: str, home: str, more: str = "") -> Path:
    flake = FLAKE.replace("MORE", more)
    if "overlays = overlays" not in flake:
        before, _, rest = flake.partition("    let\n")
        flake = before + rest.partition("    in\n")[2]
    files = {"flake.nix": flake, "argon.nix": argon, "home.nix": home, "overlays/llama-cpp-variants.nix": OLD}
    return write(folder / "fleet", files)


@pytest.mark.parametrize("name", OWN)
def test_it_stays_for_a_home_with_packages_of_its_own(
    name: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    argon, home, place = OWN[name]
    folder = fleet(tmp_path, argon, home, f"{{ {USE} }}")
    (before,) = evaluator.hosts(folder).values()
    assert before.error is None
    assert f"{STAYS}{place})\n" in migrated(folder).out
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert after.home_packages == before.home_packages
    assert len(after.overlays) == 2
    assert "llama-cpp-cuda-native" in after.packages


@pytest.mark.parametrize("name", OWN)
def test_it_goes_where_the_home_has_the_packages_of_its_host(
    name: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    argon, home, _ = OWN[name]
    folder = fleet(tmp_path, argon, home, f"{{ home-manager.useGlobalPkgs = true; {USE} }}")
    migrated(folder)
    assert "llama-cpp-variants" not in b"".join(contents(folder).values()).decode()
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert after.home_packages == {"ada": ("llama-cpp-cuda-0.0.0",)}


# What a host and a home with packages of its own have of one place.
SHARED = {
    "a module": ("{ imports = [ ./used.nix ]; home-manager.users.ada = ./used.nix; }\n", "./used.nix"),
    "a list": (
        IN_FILE,
        "{ nixpkgs.overlays = overlays; home-manager.users.ada.nixpkgs.overlays = overlays; }",
    ),
}


def shared(folder: Path, name: str) -> Path:
    argon, more = SHARED[name]
    made = fleet(folder, argon, "{ }\n", more)
    return write(made, {"used.nix": f"{{ {USE} }}\n"}) if name == "a module" else made


@pytest.mark.parametrize("name", SHARED)
def test_what_a_host_shares_with_such_a_home_stays_before_the_new_ones(
    name: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = shared(tmp_path, name)
    run = migrated(folder)
    assert (
        "note: overlays/llama-cpp-variants.nix stays: `ada@argon` has it too, and packages of its own, "
        "which get no new overlays\n"
    ) in run.out
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert after.overlays[0] == ("llama-cpp-cuda",)
    assert len(after.overlays) == 3
    assert after.packages["llama-cpp-cuda"].origin == "llama.cpp"
    assert migrate(folder, "--check").code == 0


@pytest.mark.parametrize("name", SHARED)
def test_it_is_refused_where_upstreams_package_does_not_take_what_it_says(name: str, tmp_path: Path) -> None:
    folder = write(
        shared(tmp_path, name), {"overlays/llama-cpp-variants.nix": OLD.replace("prev.", "final.")}
    )
    before = contents(folder)
    run = migrate(folder, "--allow-no-vcs")
    assert run.code == 2
    assert (
        "overlays/llama-cpp-variants.nix: this is an overlay of `ada@argon` too, who has packages" in run.err
    )
    assert "set home-manager.useGlobalPkgs, or let the home name the overlay" in run.err
    assert contents(folder) == before
