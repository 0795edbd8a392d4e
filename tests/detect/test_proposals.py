"""What is proposed for a host, how sure that is, and how it reads."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from detection import VARIANTS, detection_of, fleet, host_of, module, rules, write

from nixedit.detect.proposals import Proposal, propose
from nixedit.errors import NixEditError
from nixedit.flake import Flake
from nixedit.flake.systems import DARWIN, NixosSystem
from nixedit.workspaces import Workspace


def proposal(folder: Path, body: str, platform: str = "x86_64-linux") -> Proposal:
    fleet(folder, {"boron.nix": module(body)})
    flake = folder / "flake.nix"
    flake.write_text(flake.read_text().replace("x86_64-linux", platform))
    return propose(host_of(folder), rules(), VARIANTS)


NVIDIA = 'services.xserver.videoDrivers = [ "nvidia" ];'
AMD = 'boot.initrd.kernelModules = [ "amdgpu" ];'
ROCM = "hardware.graphics.extraPackages = [ pkgs.rocmPackages.clr ];"
INTEL = 'boot.initrd.kernelModules = [ "i915" ];'


@pytest.mark.parametrize(
    ("body", "variant", "confidence"),
    [
        ("", "cpu", "low"),
        (NVIDIA, "cuda", "high"),
        ("hardware.nvidia.open = true;", "cuda", "medium"),
        ("nixpkgs.config.cudaSupport = true;", "cuda", "high"),
        (AMD, "vulkan", "high"),
        (f"{AMD} nixpkgs.config.rocmSupport = true;", "rocm", "high"),
        ("nixpkgs.config.rocmSupport = true;", "rocm", "high"),
        (ROCM, "rocm", "medium"),
        # ROCm's packages, and the fleet says that it is not to be used.
        (f"{ROCM} nixpkgs.config.rocmSupport = false;", "vulkan", "high"),
        (INTEL, "vulkan", "high"),
        ('services.xserver.videoDrivers = [ "nouveau" ];', "vulkan", "high"),
        (f"{NVIDIA} hardware.nvidia.package = config.boot.kernelPackages.nvidiaPackages.legacy_470;", "vulkan", "high"),
        # Two GPUs: NVIDIA's is the one to compute on.
        (f"{NVIDIA} {INTEL} hardware.nvidia.prime.offload.enable = true;", "cuda", "high"),
        (f"{NVIDIA} {AMD}", "cuda", "high"),
        # Taken away again.
        (f'{NVIDIA} boot.blacklistedKernelModules = [ "nvidia" ];', "cpu", "low"),
        ("imports = [ inputs.nixos-hardware.nixosModules.common-gpu-nvidia inputs.nixos-hardware.nixosModules.common-gpu-nvidia-disable ];",
         "cpu", "low"),
        # Not sure: not proposed.
        (f"config = lib.mkIf config.my.gpu {{ {NVIDIA} }};", "cpu", "low"),
        ('boot.kernelModules = [ "kvm-amd" ];', "cpu", "low"),
    ],
)  # fmt: skip
def test_a_variant(tmp_path: Path, body: str, variant: str, confidence: str) -> None:
    found = proposal(tmp_path, body)
    assert (found.variant, found.confidence) == (variant, confidence)


@pytest.mark.parametrize(
    ("body", "platform", "variant"),
    [
        (NVIDIA, "aarch64-linux", "cuda"),
        (f"{AMD} nixpkgs.config.rocmSupport = true;", "aarch64-linux", "vulkan"),
        (f"{NVIDIA} hardware.nvidia-jetpack.enable = true;", "aarch64-linux", "cpu"),
        (NVIDIA, "riscv64-linux", "cpu"),
    ],
)
def test_a_variant_that_is_not_built_for_the_platform_is_not_proposed(
    tmp_path: Path, body: str, platform: str, variant: str
) -> None:
    assert proposal(tmp_path, body, platform).variant == variant


@pytest.mark.parametrize(
    ("body", "doubt"),
    [
        (f"wsl.enable = true; {NVIDIA}", "under WSL the GPU is that of Windows: CUDA needs its driver there, and Vulkan may not find it"),
        (f"services.qemuGuest.enable = true; {NVIDIA}",
         "it looks like a virtual machine or a container, which has a GPU only where one is passed through"),
        ("hardware.nvidia-jetpack.enable = true;",
         "a Jetson's CUDA comes from jetpack-nixos, which upstream's package knows nothing of: choose by hand"),
        (INTEL, "a GPU that shares the processor's memory may be no faster than the processor itself: `cpu` is worth a try"),
        (f"{NVIDIA} nixpkgs.config.rocmSupport = true;",
         "there is both NVIDIA and ROCm: choose by hand which of them llama.cpp is to use"),
        (f'{NVIDIA} boot.blacklistedKernelModules = [ "nvidia" ];',
         'boron.nix:3 services.xserver.videoDrivers = [ "nvidia" ] and boron.nix:3 boot.blacklistedKernelModules = [ "nvidia" ]'
         " contradict each other"),
        ("imports = [ (lib.unknown ./gpu.nix) ];",
         "what a module sets is computed, and not all of it known, the first at boron.nix:3"),
        ("imports = config.my.modules;", "what a module sets is computed, and not all of it known, the first at boron.nix:3"),
    ],
)  # fmt: skip
def test_a_doubt(tmp_path: Path, body: str, doubt: str) -> None:
    assert proposal(tmp_path, body).doubts == (doubt,)


def test_a_guest_without_a_gpu_is_in_no_doubt(tmp_path: Path) -> None:
    assert proposal(tmp_path, "services.qemuGuest.enable = true;").doubts == ()


def test_only_variants_that_the_recipe_has_are_proposed(tmp_path: Path) -> None:
    fleet(tmp_path, {"boron.nix": module(NVIDIA + AMD)})
    assert propose(host_of(tmp_path), rules(), ["vulkan", "cpu"]).variant == "vulkan"
    assert propose(host_of(tmp_path), rules(), ["default", "rocm"]).variant == "default"


def test_a_mac(tmp_path: Path) -> None:
    flake = """{
      inputs.nix-darwin.url = "github:nix-darwin/nix-darwin";
      outputs = { nix-darwin, ... }: {
        darwinConfigurations.mac = nix-darwin.lib.darwinSystem {
          modules = [ ({ pkgs, lib, ... }: {
            nixpkgs.hostPlatform = "aarch64-darwin";
            hardware.amdgpu.initrd.enable = lib.mkIf pkgs.stdenv.isLinux true;
          }) ];
        };
      };
    }"""
    write(tmp_path, {"flake.nix": flake})
    (mac,) = Flake(Workspace(tmp_path)).hosts((DARWIN,))
    assert isinstance(mac, NixosSystem)
    found = propose(mac, rules(), VARIANTS)
    assert (
        str(found) == "darwinConfigurations.mac: default because on macOS upstream's own package uses Metal"
    )
    assert found.confidence == "high"


def test_it_reads_well(tmp_path: Path) -> None:
    body = f"{NVIDIA}\nhardware.nvidia.open = true;\nconfig = {{ }};"
    text = proposal(tmp_path, body.replace("config = { };", "")).to_text()
    assert (
        text
        == """\
boron: cuda because boron.nix:3 services.xserver.videoDrivers = [ "nvidia" ]
  and boron.nix:4 hardware.nvidia.open = true
  (NVIDIA's driver runs CUDA)
  confidence: high
  or cuda-native: also for the processor of the machine that builds it
  or cpu: without its GPU
  or default: runs everywhere, without a GPU"""
    )


def test_what_may_be_is_an_alternative(tmp_path: Path) -> None:
    text = proposal(tmp_path, f"config = lib.mkIf config.my.gpu {{ {NVIDIA} }};").to_text()
    assert (
        text
        == """\
boron: cpu because nothing says that it has a GPU
  confidence: low
  or cuda: if this holds: boron.nix:3 services.xserver.videoDrivers = [ "nvidia" ] (only if `config.my.gpu`, which is not known)
  or default: runs everywhere, without a GPU"""
    )


def test_it_is_data_for_programs_too(tmp_path: Path) -> None:
    found = json.loads(json.dumps(proposal(tmp_path, NVIDIA).to_json()))
    assert found["variant"] == "cuda"
    assert found["evidence"] == [
        {
            "capability": "nvidia",
            "holds": True,
            "path": "boron.nix",
            "line": 3,
            "text": 'services.xserver.videoDrivers = [ "nvidia" ]',
            "strength": "strong",
            "doubts": [],
        }
    ]
    assert found["platform"] == {"system": "x86_64-linux", "path": "flake.nix", "line": 9}
    assert not found["needs_confirmation"]


# -- a host's own file, and deployments ---------------------------------------------------------------


def test_a_hosts_own_file_decides(tmp_path: Path) -> None:
    files = {
        "boron.nix": module(NVIDIA),
        "machines/meta/boron.nix": '{ llama-cpp.variant = "vulkan"; cpu = "znver4"; }',
    }
    detection = detection_of(fleet(tmp_path, files))
    found = detection.propose(detection.hosts[0])
    assert (found.variant, found.confidence, found.processor) == ("vulkan", "high", "znver4")
    assert str(found) == 'boron: vulkan because machines/meta/boron.nix:1 llama-cpp.variant = "vulkan"'
    assert "cuda" in [other.variant for other in found.alternatives]


def test_a_hosts_own_file_is_evidence(tmp_path: Path) -> None:
    files = {"boron.nix": module(NVIDIA), "machines/meta/boron.nix": '{ gpu = "none"; }'}
    detection = detection_of(fleet(tmp_path, files))
    found = detection.propose(detection.hosts[0])
    assert found.variant == "cpu"
    assert found.doubts[0].endswith("contradict each other")


def test_a_named_processor_has_a_variant_of_its_own(tmp_path: Path) -> None:
    files = {"boron.nix": module(NVIDIA), "machines/meta/boron.nix": '{ cpu = "znver4"; }'}
    detection = detection_of(fleet(tmp_path, files))
    found = detection.propose(detection.hosts[0])
    assert [other.variant for other in found.alternatives] == ["cuda-native", "cuda-znver4", "cpu", "default"]


def test_a_hosts_own_file_that_is_not_understood_stops_with_its_place(tmp_path: Path) -> None:
    files = {"boron.nix": "{ }", "machines/meta/boron.nix": '{ llama-cpp.variant = "cude"; }'}
    detection = detection_of(fleet(tmp_path, files))
    with pytest.raises(NixEditError, match=r"boron\.nix:1:23: there is no variant `cude`"):
        detection.propose(detection.hosts[0])


def test_a_native_variant_needs_a_word_where_hosts_are_built_elsewhere(tmp_path: Path) -> None:
    files = {
        "boron.nix": module(NVIDIA),
        "carbon.nix": "{ }",
        "justfile": "up:\n  nixos-rebuild switch --flake .#carbon --target-host carbon",
    }
    detection = detection_of(fleet(tmp_path, files, "boron = ./boron.nix; carbon = ./carbon.nix;"))
    boron, carbon = (detection.propose(host) for host in detection.hosts)
    assert not boron.needs_confirmation
    assert carbon.is_native
    assert carbon.needs_confirmation
    assert carbon.doubts == (
        "`cpu` is for the processor that builds it, and nixos-rebuild builds it on another machine (justfile:2)",
    )
    assert detection.to_text().splitlines()[-1] == "justfile:2 nixos-rebuild deploys carbon"
    assert (boron.variant, carbon.variant) == ("cuda", "cpu")
    assert detection.to_json()["deployments"][0]["hosts"] == ("carbon",)


def test_a_host_that_builds_for_itself_needs_none(tmp_path: Path) -> None:
    files = {
        "boron.nix": "{ }",
        "up.sh": "nixos-rebuild switch --flake .#boron --target-host b --build-host b",
    }
    detection = detection_of(fleet(tmp_path, files))
    assert not detection.propose(detection.hosts[0]).needs_confirmation
