"""What each rule finds in a host's modules, and that Nix finds the same set."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from detection import configuration_of, fleet, module, rules
from evaluator import Evaluator

from nixedit.detect.evidence import Evidence
from nixedit.detect.survey import evidence_of


def survey(folder: Path, name: str = "boron") -> list[Evidence]:
    return evidence_of(configuration_of(folder, name), rules())


def found(folder: Path) -> set[str]:
    """What is said of a host: `nvidia`, `!nvidia`, with a `?` behind what is in doubt."""
    return {f"{'' if one.holds else '!'}{one.capability}{'' if one.sure else '?'}" for one in survey(folder)}


# What a module says, what it means, the option, and its value in the evaluated host.
OPTIONS = [
    ('services.xserver.videoDrivers = [ "nvidia" ];', {"nvidia"}, "services.xserver.videoDrivers", ["nvidia"]),
    ('services.xserver.videoDrivers = [ "amdgpu" ];', {"amd-gpu"}, "services.xserver.videoDrivers", ["amdgpu"]),
    ('services.xserver.videoDrivers = [ "intel" ];', {"intel-gpu"}, "services.xserver.videoDrivers", ["intel"]),
    ('services.xserver.videoDrivers = [ "nouveau" ];', {"nvidia-gpu"}, "services.xserver.videoDrivers", ["nouveau"]),
    ('services.xserver.videoDrivers = [ "modesetting" ];', set(), "services.xserver.videoDrivers", ["modesetting"]),
    ('services.xserver.videoDrivers = [ "nvidiaLegacy470" ];', {"nvidia", "old-nvidia"},
     "services.xserver.videoDrivers", ["nvidiaLegacy470"]),
    ('services.xserver.videoDrivers = lib.mkBefore (lib.optional true "nvidia");', {"nvidia"},
     "services.xserver.videoDrivers", ["nvidia"]),
    ("hardware.nvidia.modesetting.enable = true;", {"nvidia"}, "hardware.nvidia.modesetting.enable", True),
    ("hardware.nvidia.modesetting.enable = false;", set(), "hardware.nvidia.modesetting.enable", False),
    ("hardware.nvidia.prime.offload.enable = true;", {"nvidia", "hybrid"}, "hardware.nvidia.prime.offload.enable", True),
    ("hardware.nvidia-container-toolkit.enable = true;", {"nvidia"}, "hardware.nvidia-container-toolkit.enable", True),
    ("hardware.nvidia-container-toolkit.enable = lib.mkForce false;", set(),
     "hardware.nvidia-container-toolkit.enable", False),
    ("hardware.amdgpu.initrd.enable = true;", {"amd-gpu"}, "hardware.amdgpu.initrd.enable", True),
    ("hardware.amdgpu.initrd.enable = false;", set(), "hardware.amdgpu.initrd.enable", False),
    ("nixpkgs.config.cudaSupport = true;", {"cuda"}, "nixpkgs.config.cudaSupport", True),
    ("nixpkgs.config = { allowUnfree = true; cudaSupport = true; };", {"cuda"}, "nixpkgs.config.cudaSupport", True),
    ("nixpkgs.config.cudaSupport = false;", {"!cuda"}, "nixpkgs.config.cudaSupport", False),
    ("nixpkgs.config.rocmSupport = true;", {"rocm", "amd-gpu"}, "nixpkgs.config.rocmSupport", True),
    ('boot.initrd.kernelModules = [ "amdgpu" ];', {"amd-gpu"}, "boot.initrd.kernelModules", ["amdgpu"]),
    ('boot.kernelModules = [ "kvm-amd" ];', {"cpu-amd"}, "boot.kernelModules", ["kvm-amd"]),
    ('boot.kernelModules = [ "kvm-intel" "i915" ];', {"cpu-intel", "intel-gpu"},
     "boot.kernelModules", ["kvm-intel", "i915"]),
    ('boot.initrd.availableKernelModules = [ "amdgpu" ];', {"amd-gpu"}, "boot.initrd.availableKernelModules", ["amdgpu"]),
    ('boot.kernelParams = [ "quiet" "i915.enable_psr=0" ];', {"intel-gpu"}, "boot.kernelParams", ["quiet", "i915.enable_psr=0"]),
    ('boot.blacklistedKernelModules = [ "nvidia" ];', {"!nvidia"}, "boot.blacklistedKernelModules", ["nvidia"]),
    ("hardware.cpu.amd.updateMicrocode = true;", {"cpu-amd"}, "hardware.cpu.amd.updateMicrocode", True),
    ("hardware.cpu.intel.updateMicrocode = false;", set(), "hardware.cpu.intel.updateMicrocode", False),
    ("wsl.enable = true;", {"wsl"}, "wsl.enable", True),
    ("services.qemuGuest.enable = true;", {"guest"}, "services.qemuGuest.enable", True),
    ("virtualisation.hypervGuest.enable = true;", {"guest"}, "virtualisation.hypervGuest.enable", True),
    ("hardware.nvidia-jetpack.enable = true;", {"jetson"}, "hardware.nvidia-jetpack.enable", True),
]  # fmt: skip


@pytest.mark.parametrize(("body", "expected", "option", "value"), OPTIONS, ids=[row[0] for row in OPTIONS])
def test_an_option(tmp_path: Path, body: str, expected: set[str], option: str, value: object) -> None:
    assert found(fleet(tmp_path, {"boron.nix": module(body)})) == expected


def test_what_is_said_to_be_set_is_set(tmp_path: Path, evaluator: Evaluator) -> None:
    hosts = " ".join(f"h{number} = ./h{number}.nix;" for number in range(len(OPTIONS)))
    files = {f"h{number}.nix": module(row[0]) for number, row in enumerate(OPTIONS)}
    folder = fleet(tmp_path, files, hosts)
    paths = ", ".join(json.dumps(row[2]) for row in OPTIONS).replace(",", " ")
    values = evaluator.flake(
        folder,
        "nixosConfigurations",
        f"""hosts: let
          options = [ {paths} ];
          split = path: builtins.filter builtins.isString (builtins.split "[.]" path);
          at = host: path: builtins.foldl' (set: name: set.${{name}}) host.config (split path);
        in builtins.genList (n: at hosts."h${{toString n}}" (builtins.elemAt options n)) {len(OPTIONS)}""",
    )
    assert values == [row[3] for row in OPTIONS]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ("hardware.graphics.extraPackages = [ pkgs.rocmPackages.clr.icd ];", {"rocm", "amd-gpu"}),
        ("hardware.graphics.extraPackages = with pkgs; [ amdvlk ];", {"amd-gpu"}),
        ("hardware.opengl.extraPackages = with pkgs; [ intel-media-driver vaapiVdpau ];", {"intel-gpu"}),
        ("hardware.graphics.extraPackages = with pkgs; [ (intel-vaapi-driver.override { x = 1; }) ];", {"intel-gpu"}),
        ("hardware.graphics.extraPackages = [ pkgs.mesa ];", set()),
        ("environment.systemPackages = [ pkgs.rocmPackages.rocminfo pkgs.rocmPackages.rocm-smi ];", set()),
        ("hardware.graphics.extraPackages = lib.optional config.x pkgs.amdvlk;", {"amd-gpu?"}),
        # What nixos-generate-config writes.
        ("hardware.cpu.amd.updateMicrocode = lib.mkDefault config.hardware.enableRedistributableFirmware;", {"cpu-amd"}),
        ("hardware.cpu.amd.updateMicrocode = config.my.amd;", set()),
        # What is computed may be anything.
        ("hardware.nvidia = config.my.nvidia;", set()),
        ("hardware.nvidia.open = config.my.nvidia;", {"nvidia?"}),
        ("hardware.nvidia.package = config.boot.kernelPackages.nvidiaPackages.legacy_470;", {"old-nvidia", "nvidia?"}),
        # Conditions.
        ('config = lib.mkIf config.my.gpu { services.xserver.videoDrivers = [ "nvidia" ]; };', {"nvidia?"}),
        ('config = lib.mkIf false { services.xserver.videoDrivers = [ "nvidia" ]; };', set()),
        # A driver that is only the default of a module gives way to the fleet's own.
        ("imports = [ inputs.nixos-hardware.nixosModules.common-gpu-nvidia ];", {"nvidia", "hybrid"}),
        ("imports = [ inputs.nixos-hardware.nixosModules.common-gpu-nvidia-disable ];", {"!nvidia"}),
        ("imports = [ inputs.nixos-hardware.nixosModules.common-cpu-intel ];", {"cpu-intel", "intel-gpu"}),
        ("imports = [ inputs.nixos-hardware.nixosModules.common-cpu-intel-cpu-only ];", {"cpu-intel"}),
        ("imports = [ inputs.nixos-hardware.nixosModules.framework-13-7040-amd ];", {"cpu-amd", "amd-gpu"}),
        ("imports = [ inputs.nixos-hardware.nixosModules.common-pc-ssd ];", set()),
        ('imports = [ "${inputs.nixos-hardware}/common/gpu/amd" ];', {"amd-gpu"}),
        ('imports = [ (inputs.nixos-hardware + "/common/cpu/amd") ];', {"cpu-amd"}),
        ("imports = lib.optional config.my.gpu inputs.nixos-hardware.nixosModules.common-gpu-amd;", {"amd-gpu?"}),
        ('imports = [ (modulesPath + "/profiles/qemu-guest.nix") ];', {"guest"}),
        ('imports = [ "${modulesPath}/profiles/qemu-guest.nix" ];', {"guest"}),
        ('# services.xserver.videoDrivers = [ "nvidia" ];', set()),
        ("environment.etc.x.text = ''services.xserver.videoDrivers = [ \"nvidia\" ];'';", set()),
    ],
)  # fmt: skip
def test_other_rules(tmp_path: Path, body: str, expected: set[str]) -> None:
    assert found(fleet(tmp_path, {"boron.nix": module(body)})) == expected


def test_a_default_of_an_input_weighs_less_once_the_fleet_chooses_drivers(tmp_path: Path) -> None:
    body = (
        "imports = [ inputs.nixos-hardware.nixosModules.common-gpu-nvidia ];"
        ' services.xserver.videoDrivers = [ "amdgpu" ];'
    )
    strengths = {one.capability: one.strength for one in survey(fleet(tmp_path, {"boron.nix": module(body)}))}
    assert strengths == {"nvidia": "weak", "hybrid": "weak", "amd-gpu": "strong"}


def test_a_place_and_its_text(tmp_path: Path) -> None:
    body = 'services.xserver = {\n  enable = true;\n  videoDrivers = [\n    "modesetting"\n    "nvidia"\n  ];\n};'
    (one,) = survey(fleet(tmp_path, {"boron.nix": module(body)}))
    assert str(one) == 'boron.nix:7 services.xserver.videoDrivers = [ "modesetting" "nvidia" ]'


def test_a_doubt_is_said(tmp_path: Path) -> None:
    files = {
        "boron.nix": module("imports = lib.optional (builtins.pathExists /x) ./gpu.nix;"),
        "gpu.nix": module(
            'config = lib.mkIf config.my.gpu { services.xserver.videoDrivers = [ "nvidia" ]; };'
        ),
    }
    (one,) = survey(fleet(tmp_path, files))
    assert str(one) == (
        'gpu.nix:3 services.xserver.videoDrivers = [ "nvidia" ] '
        "(its module may not be imported; only if `config.my.gpu`, which is not known)"
    )


@pytest.mark.parametrize(
    "made",
    [
        'pkgs = import nixpkgs { system = "x86_64-linux"; config.cudaSupport = true; };',
        'pkgs = import inputs.nixpkgs { system = "x86_64-linux"; config = { cudaSupport = true; }; };',
        'modules = [ { nixpkgs.pkgs = import nixpkgs { system = "x86_64-linux"; config.cudaSupport = true; }; } ];',
    ],
)  # fmt: skip
def test_what_is_said_where_the_package_set_is_made(tmp_path: Path, made: str) -> None:
    fleet(tmp_path, {"boron.nix": "{ }"})
    flake = (tmp_path / "flake.nix").read_text()
    if made.startswith("modules"):
        flake = flake.replace("modules = [ module ];", made)
    else:
        flake = flake.replace("modules =", f"{made} modules =")
    (tmp_path / "flake.nix").write_text(flake)
    assert found(tmp_path) == {"cuda"}
