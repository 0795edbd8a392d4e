"""Every example fleet, migrated: what the real Nix evaluates before and after, and what a second run does."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from evaluator import Evaluator, HostFacts
from fleets_support import FLEETS, FleetCopy, copy_fleet
from migration_runs import contents, migrate, migrated
from msgspec import Struct
from overlay_order import OURS, named

NATIVE = {"llama-cpp-cpu", "llama-cpp-cuda-native", "llama-cpp-rocm-native", "llama-cpp-vulkan-native"}
PNAMES = {
    "llama-cpp": "llama-cpp-blas",
    "llama-cpp-cpu": "llama-cpp-blas-native",
    "llama-cpp-cuda": "llama-cpp-cuda",
    "llama-cpp-cuda-native": "llama-cpp-cuda-native",
    "llama-cpp-rocm": "llama-cpp-rocm",
    "llama-cpp-rocm-native": "llama-cpp-rocm-native",
    "llama-cpp-vulkan": "llama-cpp-vulkan",
    "llama-cpp-vulkan-native": "llama-cpp-vulkan-native",
}
LACKING = {"aarch64-linux": {"llama-cpp-rocm", "llama-cpp-rocm-native"}}

# The overlays of each host before and after, by the names that each defines: `old` is the overlay that
# goes, `+` stands for upstream's and ours right behind it.
_ORDER = {
    "plan-nixfmt": {
        "carbon": ("stable waybar old", "stable waybar +"),
        "beryllium": ("stable old", "stable +"),
        "boron": ("stable", "stable +"),
        "nitrogen": ("", "+"),
    },
    "plan-alejandra": {
        "carbon": ("stable waybar old", "stable waybar +"),
        "beryllium": ("stable old", "stable +"),
        "boron": ("stable", "stable +"),
        "nitrogen": ("", "+"),
    },
    "plan-classic": {
        "carbon": ("stable waybar old", "stable waybar +"),
        "beryllium": ("stable old", "stable +"),
        "boron": ("stable old", "stable +"),
        "nitrogen": ("", "+"),
    },
    "closed-formals": {"argon": ("old", "+"), "krypton": ("hello", "hello +")},
    "closed-formals-inputs": {"argon": ("old", "+"), "krypton": ("hello", "hello +")},
    "tabs": {"neon": ("htop old", "htop +"), "xenon": ("old", "+")},
    "one-liner": {"helium": ("", "+")},
    "crlf": {"radon": ("waybar old", "waybar +")},
}
FORMATTERS = {
    "plan-nixfmt": ("nixfmt", "nixfmt 1"),
    "closed-formals": ("nixfmt", "nixfmt 1"),
    "closed-formals-inputs": ("nixfmt", "nixfmt 1"),
    "plan-classic": ("nixfmt-classic", "nixfmt v0.6"),
    "plan-alejandra": ("alejandra", "Alejandra 4"),
}


class Fleet(Struct, frozen=True):
    """A fleet and what it evaluates to, before and after its migration."""

    folder: Path
    before: dict[str, HostFacts]
    after: dict[str, HostFacts]


@pytest.fixture(scope="session")
def fleets(evaluator: Evaluator, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Fleet]:
    """The fleets migrated so far; each is evaluated once for all tests."""
    return {}


@pytest.fixture
def fleet(
    request: pytest.FixtureRequest,
    fleets: dict[str, Fleet],
    evaluator: Evaluator,
    tmp_path_factory: pytest.TempPathFactory,
) -> Fleet:
    name = request.param
    if name not in fleets:
        folder = copy_fleet(name, tmp_path_factory.mktemp("migrated"))
        before = evaluator.hosts(folder)
        migrated(folder)
        fleets[name] = Fleet(folder, before, evaluator.hosts(folder))
    return fleets[name]


every_fleet = pytest.mark.parametrize("fleet", FLEETS, indirect=True)


def test_the_table_knows_every_fleet() -> None:
    assert set(_ORDER) == set(FLEETS)


@every_fleet
def test_every_host_still_evaluates(fleet: Fleet) -> None:
    assert set(fleet.after) == set(fleet.before)
    assert {host.name: host.error for host in fleet.after.values() if host.error} == {}


@every_fleet
def test_every_host_has_every_variant_of_upstream_s_package(fleet: Fleet) -> None:
    for host in fleet.after.values():
        lacking = LACKING.get(host.system, set())
        assert host.thrown & set(PNAMES) == lacking
        assert host.thrown | set(host.packages) == set(OURS)
        assert {name: package.pname for name, package in host.packages.items() if name in PNAMES} == {
            name: pname for name, pname in PNAMES.items() if name not in lacking
        }
        assert {package.origin for package in host.packages.values()} == {"llama.cpp"}


@every_fleet
def test_native_variants_are_for_the_machine_that_builds_them_and_the_others_are_not(fleet: Fleet) -> None:
    for host in fleet.after.values():
        for name, package in host.packages.items():
            native = name in NATIVE
            assert package.is_native is native
            plain = "FALSE" if name in PNAMES else "OFF"
            assert package.flag("GGML_NATIVE") == ("ON" if native else plain)
            assert package.no_native is (False if native else None)
            assert package.prefer_local_build is (True if native else None)
            assert package.allow_substitutes is (False if native else None)


@every_fleet
def test_native_twins_differ_in_nothing_else(fleet: Fleet) -> None:
    for host in fleet.after.values():
        for name in NATIVE & set(host.packages):
            twin = host.packages.get(name.removesuffix("-native"))
            if name != "llama-cpp-cpu" and twin is not None:
                flags = set(host.packages[name].cmake_flags) ^ set(twin.cmake_flags)
                assert flags == {"-DGGML_NATIVE=ON", "-DGGML_NATIVE:BOOL=FALSE"}
                assert host.packages[name].overridden == twin.overridden


@every_fleet
def test_upstream_s_overlay_stands_right_before_ours_and_the_others_where_they_were(
    fleet: Fleet, request: pytest.FixtureRequest
) -> None:
    expected = _ORDER[fleet.folder.name]
    assert {name: named(host.overlays) for name, host in fleet.before.items()} == {
        name: before for name, (before, _) in expected.items()
    }
    assert {name: named(host.overlays) for name, host in fleet.after.items()} == {
        name: after for name, (_, after) in expected.items()
    }


@every_fleet
def test_what_is_not_llama_cpp_is_as_it_was(fleet: Fleet) -> None:
    def others(names: tuple[str, ...]) -> list[str]:
        return [name for name in names if not name.startswith("llama-cpp")]

    for name, before in fleet.before.items():
        after = fleet.after[name]
        assert after.system == before.system
        assert others(after.system_packages) == others(before.system_packages)
        assert len(after.system_packages) == len(before.system_packages)
        assert set(after.home_packages) == set(before.home_packages)
        for user, packages in before.home_packages.items():
            assert others(after.home_packages[user]) == others(packages)


@every_fleet
def test_hosts_without_llama_cpp_build_the_same_system(fleet: Fleet) -> None:
    for name, before in fleet.before.items():
        uses = (*before.system_packages, *(item for items in before.home_packages.values() for item in items))
        if not any(package.startswith("llama-cpp") for package in uses):
            assert fleet.after[name].toplevel == before.toplevel


@every_fleet
def test_a_second_run_changes_nothing(fleet: Fleet) -> None:
    before = contents(fleet.folder)
    run = migrate(fleet.folder)
    assert (run.code, run.err) == (0, "")
    assert run.out == "Nothing to do: every chosen host is migrated already.\n"
    assert migrate(fleet.folder, "--check").code == 0
    assert migrate(fleet.folder, "--diff").out == ""
    assert contents(fleet.folder) == before


@every_fleet
def test_the_old_overlay_is_gone_and_nothing_but_comments_names_it(fleet: Fleet) -> None:
    for name, data in contents(fleet.folder).items():
        assert "variants" not in name
        for line in data.decode().splitlines():
            assert "llama-cpp-variants" not in line.split("#")[0]


@pytest.mark.parametrize("fleet", FORMATTERS, indirect=True)
def test_what_a_formatter_laid_out_stays_its_fixed_point(fleet: Fleet) -> None:
    formatter, version = FORMATTERS[fleet.folder.name]
    if shutil.which(formatter) is None:
        pytest.skip(f"{formatter} is not on the PATH")
    said = subprocess.run([formatter, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if not said.startswith(version):
        pytest.skip(f"{formatter} is {said}, not {version}")
    files = [
        str(path) for path in fleet.folder.rglob("*.nix") if path.parts[-2:] != ("overlays", "llama-cpp.nix")
    ]
    done = subprocess.run([formatter, "--check", *files], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@every_fleet
def test_the_overlay_file_is_laid_out_as_nixfmt_does(fleet: Fleet) -> None:
    if shutil.which("nixfmt") is None:
        pytest.skip("nixfmt is not on the PATH")
    subprocess.run(["nixfmt", "--check", str(fleet.folder / "overlays" / "llama-cpp.nix")], check=True)


# -- some of the hosts ----------------------------------------------------------------------------


def test_hosts_that_are_not_chosen_are_untouched(evaluator: Evaluator, fleet_copy: FleetCopy) -> None:
    folder = fleet_copy("one-liner")
    (folder / "flake.nix").write_text("""\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs =
    { nixpkgs, ... }:
    {
      nixosConfigurations = {
        a = nixpkgs.lib.nixosSystem { modules = [ ./configuration.nix ]; };
        b = nixpkgs.lib.nixosSystem { modules = [ ./configuration.nix ]; };
        c = nixpkgs.lib.nixosSystem { modules = [ ./configuration.nix ]; };
      };
    };
}
""")
    before = evaluator.hosts(folder)
    migrated(folder, "--host", "a")
    one = evaluator.hosts(folder)
    assert named(one["a"].overlays) == "+"
    for name in "bc":
        assert (one[name].overlays, one[name].toplevel) == (before[name].overlays, before[name].toplevel)
        assert one[name].packages == before[name].packages

    migrated(folder, "--exclude-host", "c")
    two = evaluator.hosts(folder)
    assert (named(two["a"].overlays), named(two["b"].overlays)) == ("+", "+")
    assert (two["a"].toplevel, two["c"].toplevel) == (one["a"].toplevel, before["c"].toplevel)

    migrated(folder)
    assert {named(host.overlays) for host in evaluator.hosts(folder).values()} == {"+"}
    assert migrate(folder, "--check").code == 0


def test_a_host_may_choose_any_variant_afterwards(evaluator: Evaluator, fleet_copy: FleetCopy) -> None:
    folder = fleet_copy("one-liner")
    migrated(folder)
    host = folder / "configuration.nix"
    host.write_text("""\
{ pkgs, ... }:
{
  nixpkgs.hostPlatform = "x86_64-linux";
  environment.systemPackages = [ pkgs.llama-cpp-cuda-native ];
}
""")
    assert evaluator.hosts(folder)["helium"].system_packages == ("llama-cpp-cuda-native-0.0.0",)


def test_the_old_overlay_stays_for_the_hosts_that_are_not_chosen(
    evaluator: Evaluator, fleet_copy: FleetCopy
) -> None:
    folder = fleet_copy("plan-nixfmt")
    before = evaluator.hosts(folder)
    migrated(folder, "--host", "carbon")
    after = evaluator.hosts(folder)
    assert named(after["carbon"].overlays) == "stable waybar +"
    for name in ("beryllium", "boron", "nitrogen"):
        assert (after[name].overlays, after[name].packages) == (before[name].overlays, before[name].packages)
        assert after[name].toplevel == before[name].toplevel
    migrated(folder)
    whole = {name: named(host.overlays) for name, host in evaluator.hosts(folder).items()}
    assert whole == {name: order for name, (_, order) in _ORDER["plan-nixfmt"].items()}
    assert not (folder / "nixos" / "pkgs" / "llama-cpp-variants.nix").exists()
