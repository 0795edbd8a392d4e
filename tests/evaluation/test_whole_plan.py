"""Everything that a migration can do for a fleet in one command: Nix evaluates it, and a second run does nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from fleets_support import copy_fleet
from migration_runs import migrate, migrated
from test_migrate_services import KEY, URL, lock

WORDS = (
    *("--variant", "carbon=vulkan-tigerlake"),
    *("--variant", "beryllium=cuda"),
    *("--variant", "boron=rocm-native"),
    *("--variant", "nitrogen=cpu-neoverse-n1"),
    *("--home-variant", "ada=cpu-portable"),
    *("--service", "beryllium=/models/qwen.gguf"),
    *("--listen", "9000"),
    *("--rev", "b6123"),
    "--cache",
)
PLANS = ("plan-nixfmt", "plan-classic", "plan-alejandra")


@pytest.fixture(scope="module", params=PLANS)
def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fleet after all of it."""
    folder = copy_fleet(request.param, tmp_path_factory.mktemp("whole"))
    (folder / "flake.lock").write_text(lock("nixos-unstable", "2026-11-01"))
    migrated(folder, *WORDS)
    assert migrate(folder, *WORDS, "--check").code == 0
    (folder / "flake.lock").unlink()  # Nix would want it whole
    return folder


def test_each_host_has_its_variant(folder: Path, evaluator: Evaluator) -> None:
    hosts = evaluator.hosts(folder)
    assert {name: host.error for name, host in hosts.items()} == dict.fromkeys(hosts)
    wanted = {
        "carbon": "llama-cpp-vulkan-tigerlake",
        "beryllium": "llama-cpp-cuda",
        "boron": "llama-cpp-rocm-native",
        "nitrogen": "llama-cpp-cpu-neoverse-n1",
    }
    for name, package in wanted.items():
        assert f"{hosts[name].packages[package].pname}-0.0.0" in hosts[name].system_packages, name
    assert hosts["boron"].packages["llama-cpp-rocm-native"].is_native
    assert hosts["carbon"].packages["llama-cpp-vulkan-tigerlake"].flag("GGML_AVX512_VNNI") == "ON"


def test_each_user_has_theirs(folder: Path, evaluator: Evaluator) -> None:
    for name, host in evaluator.hosts(folder).items():
        portable = host.packages["llama-cpp-cpu-portable"]
        assert f"{portable.pname}-0.0.0" in host.home_packages["ada"], name


def test_the_service_runs_and_the_cache_is_used(folder: Path, evaluator: Evaluator) -> None:
    config = "nixosConfigurations.beryllium.config"
    service = evaluator.flake(
        folder, f"{config}.services.llama-cpp", "s: s // { package = s.package.pname; }"
    )
    assert service == {
        "enable": True,
        "package": "llama-cpp-cuda",
        "settings": {"model": "/models/qwen.gguf", "port": 9000},
    }
    settings = evaluator.flake(folder, f"{config}.nix.settings")
    assert (settings["substituters"], settings["trusted-public-keys"]) == ([URL], [KEY])


def test_the_input_is_held(folder: Path, evaluator: Evaluator) -> None:
    inputs = evaluator.expression(f"(import {folder}/flake.nix).inputs.llama-cpp")
    assert inputs["url"] == "github:ggml-org/llama.cpp/b6123"
    assert inputs["inputs"]["nixpkgs"]["follows"] == "nixpkgs"
