"""The old overlay where not all that have it can be migrated: those that can are, and the others keep it."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import OLD, contents, migrate, write

FLAKE = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.nix-darwin.url = "github:LnL7/nix-darwin";
  inputs.nix-darwin.inputs.nixpkgs.follows = "nixpkgs";
  inputs.home-manager.url = "github:nix-community/home-manager";
  inputs.home-manager.inputs.nixpkgs.follows = "nixpkgs";

  outputs =
    { self, nixpkgs, ... }@inputs:
    {
      nixosConfigurations.argon = nixpkgs.lib.nixosSystem {
        modules = [ ./argon.nix ARGON ];
      };
OTHER    };
}
"""
ARGON = '{ nixpkgs.hostPlatform = "x86_64-linux"; }\n'
FILE = "overlays/llama-cpp-variants.nix"
USE = "{ nixpkgs.overlays = [ (import ./overlays/llama-cpp-variants.nix) ]; }"
XENON = "      nixosConfigurations.xenon = nixpkgs.lib.nixosSystem {\n        modules = [ ./argon.nix GIVEN ];\n      };\n"
FORCED = "{ nixpkgs.overlays = nixpkgs.lib.mkForce [ ]; }"
MAC = (
    "      darwinConfigurations.mac = inputs.nix-darwin.lib.darwinSystem {\n"
    '        system = "aarch64-darwin";\n        modules = [ GIVEN ];\n      };\n'
)
ADA = (
    "      homeConfigurations.ada = inputs.home-manager.lib.homeManagerConfiguration {\n"
    "        pkgs = nixpkgs.legacyPackages.x86_64-linux;\n        modules = [ GIVEN ];\n      };\n"
)
# Who has the overlay too and is not migrated: the output, the code, the words of the run, and its exit code.
OTHERS = {
    "excluded": ("nixosConfigurations", XENON, ("--exclude-host", "xenon"), 0),
    "refused": ("nixosConfigurations", XENON.replace("GIVEN", f"GIVEN {FORCED}"), (), 3),
    "darwin": ("darwinConfigurations", MAC, (), 0),
    "home": ("homeConfigurations", ADA, (), 0),
}
# Who else, by his key.
KEYS = {"darwin": "darwinConfigurations.mac", "home": "homeConfigurations.ada"}
NAMES = 'hosts: builtins.mapAttrs (_: host: host.pkgs.overlayNames) (removeAttrs hosts [ "argon" ])'
# An overlay that only nixpkgs' package suits, wherever it comes.
LATE = OLD.replace("prev.llama", "final.llama")


def fleet(folder: Path, who: str, given: str, files: dict[str, str]) -> Path:
    flake = FLAKE.replace("OTHER", OTHERS[who][1]).replace("ARGON", given).replace("GIVEN", given)
    return write(folder / "fleet", {"flake.nix": flake, "argon.nix": ARGON, FILE: OLD, **files})


@pytest.mark.parametrize("who", OTHERS)
def test_with_places_of_their_own_the_old_one_stays_with_the_others(
    who: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    output, _, words, code = OTHERS[who]
    folder = fleet(tmp_path, who, USE, {FILE: LATE})
    before = evaluator.flake(folder, output, NAMES)
    run = migrate(folder, "--allow-no-vcs", "--keep-going", *words)
    assert run.code == code, run
    assert f"note: {FILE} stays: hosts that are left out use it" in run.out
    assert (folder / FILE).read_text() == LATE
    argon = evaluator.hosts(folder)["argon"]
    assert argon.error is None
    assert len(argon.overlays) == 2
    assert evaluator.flake(folder, output, NAMES) == before
    again = contents(folder)
    assert migrate(folder, "--allow-no-vcs", "--keep-going", *words).code == code
    assert contents(folder) == again


@pytest.mark.parametrize("who", OTHERS)
def test_in_a_module_that_all_have_it_stays_for_all_and_the_new_ones_come_after_it(
    who: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    output, _, words, code = OTHERS[who]
    folder = fleet(tmp_path, who, "./used.nix", {"used.nix": f"{USE}\n"})
    before = evaluator.flake(folder, output, NAMES)
    run = migrate(folder, "--allow-no-vcs", "--keep-going", *words)
    assert run.code == code, run
    key = KEYS.get(who, "xenon")
    assert f"note: {FILE} stays: hosts that are left out use it too: {key} (used.nix:1)\n" in run.out
    assert (folder / "used.nix").read_text() == f"{USE}\n"
    argon = evaluator.hosts(folder)["argon"]
    assert argon.error is None
    assert argon.overlays[0] == ("llama-cpp-cuda",)
    assert argon.packages["llama-cpp-cuda"].origin == "llama.cpp"
    assert argon.packages["llama-cpp-cuda-native"].origin == "llama.cpp"
    assert evaluator.flake(folder, output, NAMES) == before
    again = contents(folder)
    assert migrate(folder, "--allow-no-vcs", "--keep-going", *words).code == code
    assert contents(folder) == again


@pytest.mark.parametrize("who", OTHERS)
def test_where_it_does_not_suit_upstreams_package_who_shares_it_is_refused(
    who: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    output, _, words, _ = OTHERS[who]
    boron = XENON.replace("xenon", "boron").replace(" GIVEN", "")
    folder = fleet(tmp_path, who, "./used.nix", {"used.nix": f"{USE}\n", FILE: LATE})
    flake = (folder / "flake.nix").read_text()
    write(folder, {"flake.nix": flake.replace("    };\n}\n", f"{boron}    }};\n}}\n")})
    before = evaluator.flake(folder, output, NAMES.replace('"argon"', '"argon" "boron"'))
    run = migrate(folder, "--allow-no-vcs", "--keep-going", *words)
    assert run.code == 3, run
    assert f"used.nix:1:32: `{FILE}` is used here, and hosts that are left out may need it: " in run.err
    assert (folder / FILE).read_text() == LATE
    hosts = evaluator.hosts(folder)
    assert hosts["argon"].overlays == (("llama-cpp-cuda",),)
    assert hosts["argon"].packages["llama-cpp-cuda"].origin == "nixpkgs"
    assert len(hosts["boron"].overlays) == 2
    assert hosts["boron"].packages["llama-cpp-cuda"].origin == "llama.cpp"
    assert evaluator.flake(folder, output, NAMES.replace('"argon"', '"argon" "boron"')) == before
    again = contents(folder)
    assert migrate(folder, "--allow-no-vcs", "--keep-going", *words).code == 3
    assert contents(folder) == again


def test_a_host_that_calls_what_stays_is_refused_alone(evaluator: Evaluator, tmp_path: Path) -> None:
    calls = "{ pkgs, ... }:\n{\n  environment.systemPackages = [ (pkgs.extend (import ./FILE)).llama-cpp-cuda ];\n}\n"
    folder = fleet(tmp_path, "excluded", USE, {"calls.nix": calls.replace("FILE", FILE)})
    flake = (folder / "flake.nix").read_text()
    text, _, rest = flake.rpartition(USE)
    write(folder, {"flake.nix": f"{text}./calls.nix{rest}"})
    before = evaluator.hosts(folder)["xenon"]
    run = migrate(folder, "--allow-no-vcs", "--keep-going")
    assert run.code == 3, run
    assert f"{FILE}:2:46: upstream's `llama-cpp` has no argument `cudaSupport`" in run.err
    assert "this file stays for calls.nix:3" in run.err
    hosts = evaluator.hosts(folder)
    assert hosts["xenon"] == before
    assert len(hosts["argon"].overlays) == 2
    assert migrate(folder, "--allow-no-vcs").code == 2


def test_a_host_that_needs_what_only_it_defines_is_refused_alone(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    mine = OLD.replace("llama-cpp-cuda", "llama-cpp-mine")
    needs = "{ pkgs, ... }:\n{\n  environment.systemPackages = [ pkgs.llama-cpp-mine ];\n}\n"
    folder = fleet(tmp_path, "excluded", USE, {FILE: mine, "needs.nix": needs})
    flake = (folder / "flake.nix").read_text()
    text, _, rest = flake.rpartition(USE)
    write(folder, {"flake.nix": f"{text}{USE} ./needs.nix{rest}"})
    before = evaluator.hosts(folder)["xenon"]
    run = migrate(folder, "--allow-no-vcs", "--keep-going")
    assert run.code == 3, run
    assert f"needs.nix:3:39: `llama-cpp-mine` is used here, and only `{FILE}` defines it" in run.err
    hosts = evaluator.hosts(folder)
    assert hosts["xenon"] == before
    assert len(hosts["argon"].overlays) == 2
    run = migrate(folder, "--allow-no-vcs", "--host", "xenon")
    assert run.code == 2
    assert "needs.nix:3:39" in run.err


FIXED = "        specialArgs.pkgs = nixpkgs.legacyPackages.x86_64-linux;\n        modules"
WRITTEN = "{ nixpkgs.overlays = [ (final: prev: { llama-cpp-cuda = prev.llama-cpp.override { cudaSupport = true; }; }) ]; }\n"
# What the shared module is, and what is said of the overlay in it.
SHARED = {
    "a file": (f"{USE}\n", f"note: {FILE} stays: hosts that are left out use it too: xenon (used.nix:1)\n"),
    "no file": (
        WRITTEN,
        "note: used.nix:1 is an overlay that makes llama-cpp-cuda in a way of its own, which gives way",
    ),
}


@pytest.mark.parametrize("what", SHARED)
def test_what_is_refused_where_the_overlays_go_counts_as_left_out(
    what: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    used, note = SHARED[what]
    folder = fleet(tmp_path, "excluded", "./used.nix", {"used.nix": used})
    flake = (folder / "flake.nix").read_text()
    text, _, rest = flake.rpartition("        modules")
    write(folder, {"flake.nix": f"{text}{FIXED}{rest}"})
    run = migrate(folder, "--allow-no-vcs", "--keep-going")
    assert run.code == 3, run
    assert "host `xenon`: `specialArgs.pkgs` makes NixOS ignore `nixpkgs.overlays`" in run.err
    assert note in run.out
    assert (folder / "used.nix").read_text() == used
    after = (folder / "flake.nix").read_text()
    assert after.count("(import ./overlays/llama-cpp.nix") == 1
    assert after.endswith(f"{FIXED}{rest}")
    argon = evaluator.hosts(folder)["argon"]
    assert argon.packages["llama-cpp-cuda"].origin == "llama.cpp"
    assert migrate(folder, "--allow-no-vcs", "--keep-going").code == 3
    assert (folder / "flake.nix").read_text() == after
