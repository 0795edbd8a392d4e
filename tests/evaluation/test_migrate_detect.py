"""Variants that the fleet's own words ask for, and builds that would run on another CPU than the builder's."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from evaluator import Evaluator
from fleets_support import FleetCopy
from migration_runs import FLAKE, contents, migrate, migrated, write

NVIDIA = """\
{ pkgs, ... }:
{
  services.xserver.videoDrivers = [ "nvidia" ];

  environment.systemPackages = [
    pkgs.hello
    pkgs.llama-cpp
  ];
}
"""


def fleet(folder: Path, files: dict[str, str]) -> Path:
    return write(folder / "fleet", {"flake.nix": FLAKE, "argon.nix": NVIDIA, **files})


def test_a_host_gets_what_its_hardware_asks_for(evaluator: Evaluator, tmp_path: Path) -> None:
    folder = fleet(tmp_path, {})
    run = migrated(folder, "--detect")
    assert 'argon: cuda because argon.nix:3 services.xserver.videoDrivers = [ "nvidia" ]' in run.out
    assert (folder / "argon.nix").read_text() == NVIDIA.replace("pkgs.llama-cpp\n", "pkgs.llama-cpp-cuda\n")
    assert "llama-cpp-cuda-0.0.0" in evaluator.hosts(folder)["argon"].system_packages
    assert migrate(folder, "--detect", "--check").code == 0


def test_a_choice_counts_more_than_a_proposal(tmp_path: Path) -> None:
    folder = fleet(tmp_path, {})
    migrated(folder, "--detect", "--variant", "argon=vulkan")
    assert "pkgs.llama-cpp-vulkan\n" in (folder / "argon.nix").read_text()


def test_a_variant_that_is_there_stays(fleet_copy: FleetCopy) -> None:
    folder = fleet_copy("plan-nixfmt")
    before = (folder / "machines/boron.nix").read_text()
    run = migrated(folder, "--detect")
    assert "note: `boron` keeps llama-cpp-vulkan, which is there" in run.out
    assert (folder / "machines/boron.nix").read_text() == before


def test_where_nothing_is_known_nothing_is_chosen(tmp_path: Path) -> None:
    plain = NVIDIA.replace('  services.xserver.videoDrivers = [ "nvidia" ];\n\n', "")
    folder = fleet(tmp_path, {"argon.nix": plain})
    run = migrated(folder, "--detect")
    assert "note: nothing says what `argon` needs: --variant argon=NAME does" in run.out
    assert (folder / "argon.nix").read_text() == plain


def test_a_host_s_own_file_says_what_it_wants(evaluator: Evaluator, tmp_path: Path) -> None:
    folder = fleet(tmp_path, {"machines/meta/argon.nix": '{ llama-cpp.variant = "cuda-znver4"; }\n'})
    migrated(folder, "--detect")
    assert "pkgs.llama-cpp-cuda-znver4\n" in (folder / "argon.nix").read_text()
    assert evaluator.hosts(folder)["argon"].error is None


def test_the_files_can_stand_elsewhere(tmp_path: Path) -> None:
    files = {
        "nixedit.toml": '[detect]\nmeta = "meta.nix#{host}"\n',
        "meta.nix": '{\n  argon.llama-cpp.variant = "vulkan";\n}\n',
    }
    folder = fleet(tmp_path, files)
    migrated(folder, "--detect")
    assert "pkgs.llama-cpp-vulkan\n" in (folder / "argon.nix").read_text()


def test_programs_get_the_evidence(tmp_path: Path) -> None:
    folder = fleet(tmp_path, {})
    report = json.loads(migrate(folder, "--detect", "--check", "--json").out)
    (host,) = report["hosts"]
    proposal = host["proposal"]
    assert (proposal["variant"], proposal["confidence"]) == ("cuda", "high")
    assert [(one["path"], one["line"]) for one in proposal["evidence"]] == [("argon.nix", 3)]


DEPLOYED = {"deploy.sh": "#!/bin/sh\nnixos-rebuild switch --flake .#argon --target-host root@argon\n"}


@pytest.mark.parametrize("variant", ["cpu", "cuda-native"])
def test_a_build_for_the_builder_s_cpu_is_refused_where_another_machine_builds(
    variant: str, tmp_path: Path
) -> None:
    folder = fleet(tmp_path, DEPLOYED)
    before = contents(folder)
    run = migrate(folder, "--variant", f"argon={variant}")
    assert run.code == 2
    assert (
        f"deploy.sh: host `argon`: `{variant}` is for the CPU of the machine that builds it, and nixos-rebuild "
        "builds it on another machine (deploy.sh:2)"
    ) in run.err
    assert "choose a variant for one kind of CPU, or say --allow-native if argon builds it itself" in run.err
    assert contents(folder) == before
    migrated(folder, "--variant", f"argon={variant}", "--allow-native")


def test_a_named_cpu_may_be_built_anywhere(tmp_path: Path) -> None:
    folder = fleet(tmp_path, DEPLOYED)
    migrated(folder, "--variant", "argon=cpu-znver4")


@pytest.mark.parametrize(
    ("variant", "why"),
    [
        ("cpu-znver4", "`cpu-znver4` is a build for x86_64"),
        ("rocm", "`rocm` is built for x86_64-linux"),
        ("rocm-native", "`rocm-native` is built for x86_64-linux"),
    ],
)
def test_a_variant_for_another_system_is_refused(variant: str, why: str, tmp_path: Path) -> None:
    arm = FLAKE.replace("x86_64-linux", "aarch64-linux")
    folder = fleet(tmp_path, {"flake.nix": arm})
    before = contents(folder)
    run = migrate(folder, "--variant", f"argon={variant}")
    assert run.code == 2
    assert f"host `argon`: {why}, and the host is aarch64-linux (flake.nix:" in run.err
    assert contents(folder) == before
    migrated(folder, "--variant", "argon=cpu-neoverse-n1")
