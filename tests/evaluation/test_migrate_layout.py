"""`--layout module`: the overlays once, in a module that every host names."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from fleets_support import FleetCopy
from migration_runs import FLAKE, contents, migrate, write

FLEETS = ("plan-nixfmt", "plan-alejandra", "closed-formals", "tabs")


@pytest.mark.parametrize("name", FLEETS)
def test_every_host_has_the_overlays_last_and_once(
    name: str, evaluator: Evaluator, fleet_copy: FleetCopy
) -> None:
    folder = fleet_copy(name)
    assert migrate(folder, "--allow-no-vcs", "--layout", "module").code == 0
    for host in evaluator.hosts(folder).values():
        assert host.error is None
        assert host.overlays[-2] == ("llama-cpp", "llamaPackages")
        assert host.overlays[-1][:2] == ("llama-cpp", "llama-cpp-cpu")
        assert sum("llama-cpp" in names for names in host.overlays) == 2


@pytest.mark.parametrize("name", FLEETS)
@pytest.mark.parametrize("layout", ["inline", "module"])
def test_a_second_run_changes_nothing_whatever_its_layout(
    name: str, layout: str, fleet_copy: FleetCopy
) -> None:
    folder = fleet_copy(name)
    migrate(folder, "--allow-no-vcs", "--layout", "module")
    before = contents(folder)
    assert migrate(folder, "--layout", layout, "--check").code == 0
    assert migrate(folder, "--layout", layout).code == 0
    assert contents(folder) == before


def test_a_host_of_a_fleet_that_is_migrated_inline_keeps_it(fleet_copy: FleetCopy) -> None:
    folder = fleet_copy("plan-nixfmt")
    migrate(folder, "--allow-no-vcs")
    assert migrate(folder, "--layout", "module", "--check").code == 0


def test_a_file_of_that_name_that_is_not_ours_is_left_alone(fleet_copy: FleetCopy) -> None:
    folder = fleet_copy("one-liner")
    (folder / "modules").mkdir()
    (folder / "modules" / "llama-cpp-overlays.nix").write_text("{ }\n")
    run = migrate(folder, "--layout", "module")
    assert run.code == 2
    assert "there is a file of this name already" in run.err


PACKAGES = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs, ... }@inputs:
    let
      pkgs = import nixpkgs { system = "x86_64-linux"; };
    in
    {
      nixosConfigurations.argon = nixpkgs.lib.nixosSystem {
        specialArgs = { inherit pkgs; };
        modules = [ ./argon.nix ];
      };
    };
}
"""
SNOWFALL = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.snowfall-lib.url = "github:snowfallorg/lib";
  inputs.snowfall-lib.inputs.nixpkgs.follows = "nixpkgs";

  outputs =
    inputs:
    inputs.snowfall-lib.mkFlake {
      inherit inputs;
      src = ./.;
    };
}
"""
HOST = """\
{ pkgs, ... }:
{
  nixpkgs.hostPlatform = "x86_64-linux";
  environment.systemPackages = [ pkgs.llama-cpp-cuda-native ];
}
"""


@pytest.mark.parametrize("text", [PACKAGES, SNOWFALL], ids=["a package set", "a framework"])
def test_no_module_is_written_where_the_overlays_go_elsewhere(
    text: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    files = {"flake.nix": text, "argon.nix": HOST, "systems/x86_64-linux/argon/default.nix": HOST}
    folder = write(tmp_path / "fleet", files)
    assert migrate(folder, "--allow-no-vcs", "--layout", "module").code == 0
    assert not (folder / "modules").exists()
    (host,) = evaluator.hosts(folder).values()
    assert host.error is None
    assert len(host.system_packages) == 1
    for layout in ("module", "inline"):
        assert migrate(folder, "--layout", layout, "--check").code == 0


def _with_hosts(number: int) -> str:
    hosts = "".join(
        f"        h{index} = nixpkgs.lib.nixosSystem {{ modules = [ ./argon.nix ]; }};\n"
        for index in range(number)
    )
    return FLAKE.replace("        argon = ", f"{hosts}        argon = ")


@pytest.mark.parametrize(("more", "said"), [(1, False), (2, True)])
def test_the_module_is_offered_where_many_hosts_get_the_same_lines(
    more: int, said: bool, tmp_path: Path
) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": _with_hosts(more), "argon.nix": "{ }\n"})
    note = f"  note: {more + 1} places get the same lines; --layout module writes them once\n"
    assert (note in migrate(folder, "--check").out) is said
    assert "--layout module writes" not in migrate(folder, "--check", "--layout", "module").out
