"""The example fleets before any migration: each evaluates, and says what the migration starts from."""

from __future__ import annotations

import pytest
from evaluator import Evaluator
from fleets_support import FLEETS, FleetCopy

PLAN = [name for name in FLEETS if name.startswith("plan-")]


@pytest.mark.parametrize("name", FLEETS)
def test_every_host_evaluates(name: str, evaluator: Evaluator, fleet_copy: FleetCopy) -> None:
    hosts = evaluator.hosts(fleet_copy(name))
    assert hosts
    assert {host.name: host.error for host in hosts.values() if host.error} == {}


@pytest.mark.parametrize("name", FLEETS)
def test_llama_cpp_is_nixpkgs(name: str, evaluator: Evaluator, fleet_copy: FleetCopy) -> None:
    for host in evaluator.hosts(fleet_copy(name)).values():
        assert {package.origin for package in host.packages.values()} == {"nixpkgs"}
        assert not any(package.is_native for package in host.packages.values())


@pytest.mark.parametrize("name", PLAN)
def test_the_plan_s_hosts(name: str, evaluator: Evaluator, fleet_copy: FleetCopy) -> None:
    hosts = evaluator.hosts(fleet_copy(name))
    assert set(hosts) == {"carbon", "beryllium", "boron", "nitrogen"}
    assert hosts["nitrogen"].overlays == ()
    assert all(host.overlays[0] == ("stable",) for host in hosts.values() if host.name != "nitrogen")
    assert {host.home_packages["ada"] for host in hosts.values()} == {("fd-25.11", "jq-25.11")}


@pytest.mark.parametrize("name", PLAN)
def test_the_old_overlay_spells_out_the_flags(name: str, evaluator: Evaluator, fleet_copy: FleetCopy) -> None:
    cuda = evaluator.hosts(fleet_copy(name))["beryllium"].packages["llama-cpp-cuda"]
    assert cuda.overridden == {"cudaSupport": True}
    assert cuda.flag("GGML_NATIVE") == "OFF"
    assert cuda.flag("GGML_AVX2") == "ON"


@pytest.mark.parametrize("name", FLEETS)
def test_files_parse(name: str, evaluator: Evaluator) -> None:
    for path in FLEETS[name].rglob("*.nix"):
        assert evaluator.syntax_error(path) is None
