"""The old overlay behind paths that are put together, and what only the old overlay reads."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import OLD, contents, migrate, migrated, write

FLAKE = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs, ... }@inputs:
    {
MORE      nixosConfigurations.argon = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          ./argon.nix
          { nixpkgs.overlays = USES; }
        ];
      };
    };
}
"""
NAMED = "final: prev: { ours = 1; }\n"
CALLING = "final: prev: {\n  llama-cpp-cuda = final.callPackage ../pkgs/llama-cpp-cuda.nix { };\n}\n"
PACKAGE = "{ llama-cpp }:\nllama-cpp.override { cudaSupport = true; }\n"
LISTED = 'map (f: import (./overlays + "/${f}")) (builtins.attrNames (builtins.readDir ./overlays))'


def fleet(folder: Path, uses: str, more: str = "", **files: str) -> Path:
    every = {
        "flake.nix": FLAKE.replace("USES", uses).replace("MORE", more),
        "argon.nix": "{ }\n",
        "overlays/llama-cpp-variants.nix": OLD,
        "overlays/named.nix": NAMED,
    }
    return write(folder / "fleet", {**every, **files})


def test_it_goes_from_a_folder_that_is_listed(evaluator: Evaluator, tmp_path: Path) -> None:
    folder = fleet(tmp_path, LISTED)
    (before,) = evaluator.hosts(folder).values()
    assert before.overlays == (("llama-cpp-cuda",), ("ours",))
    run = migrated(folder)
    assert (
        "note: `overlays/` is imported as a whole, so the file goes to nix/llama-cpp-overlay.nix\n" in run.out
    )
    assert sorted(contents(folder)) == [
        "argon.nix",
        "flake.nix",
        "nix/llama-cpp-overlay.nix",
        "overlays/named.nix",
    ]
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert after.overlays[0] == ("ours",)
    assert len(after.overlays) == 3
    assert after.packages["llama-cpp-cuda-native"].is_native


# What the overlays are, and what is said of it: line 11 is theirs.
COMPUTED = {
    "names of files": (
        'map (f: import (./overlays + "/${f}")) [ "llama-cpp-variants.nix" "named.nix" ]',
        "",
        "flake.nix:11:73: `overlays/llama-cpp-variants.nix` is named in a string",
    ),
    "names without their ending": (
        'map (f: import (./overlays + "/${f}.nix")) [ "llama-cpp-variants" "named" ]',
        "",
        "flake.nix:11:48: `overlays/llama-cpp-variants.nix` is read here, by a path that does not spell its name",
    ),
    "names within a path": (
        'map (f: import ./overlays/${f}.nix) [ "llama-cpp-variants" "named" ]',
        "",
        "flake.nix:11:47: `overlays/llama-cpp-variants.nix` is read here, by a path that does not spell its name",
    ),
}


@pytest.mark.parametrize("name", COMPUTED)
def test_it_is_refused_where_a_host_may_apply_it_by_a_computed_path(
    name: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    uses, more, message = COMPUTED[name]
    folder = fleet(tmp_path, uses, more)
    (host,) = evaluator.hosts(folder).values()
    assert host.error is None
    before = contents(folder)
    run = migrate(folder, "--allow-no-vcs")
    assert run.code == 2
    assert f"{folder}/{message}\n" in run.err
    assert "take it out by hand, then run this again" in run.err
    assert contents(folder) == before


# What is written beside the overlays of the host: in the outputs, or in its module; and what is said of it.
USES = "[ (import ./overlays/llama-cpp-variants.nix) (import ./overlays/named.nix) ]"
STAYS = {
    "an output by a computed path": (
        '      more = map (f: import (./overlays + "/${f}.nix")) [ "llama-cpp-variants" ];\n',
        "{ }\n",
        "this may name `overlays/llama-cpp-variants.nix`, in a path that is computed (flake.nix:7)",
    ),
    "a string": (
        "",
        '{ environment.variables.A = "overlays/llama-cpp-variants.nix"; }\n',
        "`overlays/llama-cpp-variants.nix` is named in a string (argon.nix:1)",
    ),
    "a path and a string": (
        "",
        '{ environment.etc.a.source = ./overlays + "/llama-cpp-variants.nix"; }\n',
        "`overlays/llama-cpp-variants.nix` is named in a string (argon.nix:1)",
    ),
    "an argument": (
        "",
        "{ environment.etc.a.text = builtins.readFile ./overlays/llama-cpp-variants.nix; }\n",
        "no rule says how to do without `overlays/llama-cpp-variants.nix` here (argon.nix:1)",
    ),
    "an attribute of a module": (
        "",
        "{ environment.etc.a.source = ./overlays/llama-cpp-variants.nix; }\n",
        "`overlays/llama-cpp-variants.nix` is bound to `environment.etc.a.source`, whose uses cannot be told for "
        "sure (argon.nix:1)",
    ),
    "a computed name": (
        "",
        '{ environment.etc.${"a" + "b"}.source = ./overlays/llama-cpp-variants.nix; }\n',
        "`overlays/llama-cpp-variants.nix` is bound to a computed name (argon.nix:1)",
    ),
    "a file that nobody reads": (
        "",
        "{ }\n",
        "`overlays/llama-cpp-variants.nix` is used here, in a file that nothing of the flake reads (other.nix:1)",
    ),
}


@pytest.mark.parametrize("name", STAYS)
def test_it_stays_for_a_use_that_no_rule_decides_and_leaves_the_overlays(
    name: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    outputs, module, reason = STAYS[name]
    other = "f: f ./overlays/llama-cpp-variants.nix\n" if name == "a file that nobody reads" else "{ }\n"
    folder = fleet(tmp_path, USES, outputs, **{"argon.nix": module, "other.nix": other})
    (before,) = evaluator.hosts(folder).values()
    assert before.error is None
    run = migrated(folder)
    assert f"note: overlays/llama-cpp-variants.nix stays: {reason}\n" in run.out, run.out
    files = contents(folder)
    assert files["overlays/llama-cpp-variants.nix"].decode() == OLD
    assert (files["argon.nix"].decode(), files["other.nix"].decode()) == (module, other)
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert after.overlays[0] == ("ours",)
    assert len(after.overlays) == 3
    assert after.packages["llama-cpp-cuda-native"].is_native
    again = migrate(folder, "--check")
    assert again.code == 0, again


def test_a_package_that_only_the_old_overlay_calls_stands_in_nobodys_way(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    files = {"overlays/llama-cpp-variants.nix": CALLING, "pkgs/llama-cpp-cuda.nix": PACKAGE}
    folder = fleet(tmp_path, "[ (import ./overlays/llama-cpp-variants.nix) ]", **files)
    (before,) = evaluator.hosts(folder).values()
    assert before.error is None
    migrated(folder)
    assert not (folder / "overlays" / "llama-cpp-variants.nix").exists()
    assert (folder / "pkgs" / "llama-cpp-cuda.nix").read_text() == PACKAGE
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert after.packages["llama-cpp-cuda-native"].is_native


def test_a_package_that_a_host_calls_too_is_refused(tmp_path: Path) -> None:
    module = "{ pkgs, ... }: { environment.systemPackages = [ (pkgs.callPackage ./pkgs/llama-cpp-cuda.nix { }) ]; }\n"
    files = {"pkgs/llama-cpp-cuda.nix": PACKAGE, "argon.nix": module}
    folder = fleet(tmp_path, "[ (import ./overlays/llama-cpp-variants.nix) ]", **files)
    before = contents(folder)
    run = migrate(folder, "--allow-no-vcs")
    assert run.code == 2
    assert "pkgs/llama-cpp-cuda.nix:2:22: upstream's `llama-cpp` has no argument `cudaSupport`" in run.err
    assert contents(folder) == before


CALLED = "{ pkgs, ... }: { environment.systemPackages = [ (pkgs.callPackage ./overlays/llama-cpp-variants.nix { }) ]; }\n"


def test_a_package_of_its_name_that_stays_must_suit_upstreams(tmp_path: Path) -> None:
    files = {"overlays/llama-cpp-variants.nix": PACKAGE, "argon.nix": CALLED}
    folder = fleet(tmp_path, "[ (import ./overlays/named.nix) ]", **files)
    before = contents(folder)
    run = migrate(folder, "--allow-no-vcs")
    assert run.code == 2
    assert (
        "overlays/llama-cpp-variants.nix:2:22: upstream's `llama-cpp` has no argument `cudaSupport`, "
        "which is nixpkgs' own; this file stays for argon.nix:1\n"
    ) in run.err
    assert "write `useCuda`, or use one of the packages of the recipe; or take that out by hand" in run.err
    assert contents(folder) == before


def test_a_package_of_its_name_that_suits_upstreams_stays(evaluator: Evaluator, tmp_path: Path) -> None:
    package = PACKAGE.replace("cudaSupport", "useCuda")
    files = {"overlays/llama-cpp-variants.nix": package, "argon.nix": CALLED}
    folder = fleet(tmp_path, "[ (import ./overlays/named.nix) ]", **files)
    run = migrated(folder)
    assert "note: overlays/llama-cpp-variants.nix stays: no rule says how to do without" in run.out
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert len(after.system_packages) == 1


def test_a_package_of_its_name_that_no_chosen_host_has_stays(evaluator: Evaluator, tmp_path: Path) -> None:
    boron = '      nixosConfigurations.boron = nixpkgs.lib.nixosSystem { system = "x86_64-linux"; modules = [ ./boron.nix ]; };\n'
    files = {"overlays/llama-cpp-variants.nix": PACKAGE, "boron.nix": CALLED}
    folder = fleet(tmp_path, "[ (import ./overlays/named.nix) ]", boron, **files)
    run = migrated(folder, "--host", "argon")
    assert "note: overlays/llama-cpp-variants.nix stays: no rule says how to do without" in run.out
    after = evaluator.hosts(folder)
    assert [host.error for host in after.values()] == [None, None]
    assert len(after["boron"].system_packages) == 1
