"""The overlay that the llama-cpp recipe writes, evaluated by itself over the stub packages."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from evaluator import Evaluator, HostFacts

import nixedit

OVERLAY = Path(nixedit.__file__).parent / "migrate" / "recipes" / "llama-cpp" / "overlay.nix"
NAMES = [
    "llama-cpp",
    "llama-cpp-cpu",
    "llama-cpp-cuda",
    "llama-cpp-cuda-native",
    "llama-cpp-rocm",
    "llama-cpp-rocm-native",
    "llama-cpp-vulkan",
    "llama-cpp-vulkan-native",
]
OFF = dict.fromkeys(["useBlas", "useCuda", "useMetalKit", "useMpi", "useRocm", "useVulkan"], False)

FLEET = """
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs =
    { self, nixpkgs, ... }@inputs:
    let
      host = system: config: nixpkgs.lib.nixosSystem {
        inherit system;
        modules = [
          {
            nixpkgs.config = config;
            nixpkgs.overlays = [
              inputs.llama-cpp.overlays.default
              (import ./overlay.nix { inherit inputs; })
            ];
          }
        ];
      };
    in
    {
      upstream = inputs.llama-cpp.packages;
      nixosConfigurations = nixpkgs.lib.genAttrs [
        "x86_64-linux"
        "aarch64-linux"
        "aarch64-darwin"
        "riscv64-linux"
      ] (system: host system { }) // {
        with-cuda = host "x86_64-linux" { cudaSupport = true; cudaCapabilities = [ "8.6" ]; };
        with-rocm = host "x86_64-linux" { rocmSupport = true; };
      };
    };
}
"""


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """Hosts that share the two overlays and differ in platform and nixpkgs.config."""
    (tmp_path / "overlay.nix").write_bytes(OVERLAY.read_bytes())
    (tmp_path / "flake.nix").write_text(FLEET)
    return tmp_path


@pytest.fixture
def hosts(evaluator: Evaluator, fleet: Path) -> dict[str, HostFacts]:
    return evaluator.hosts(fleet)


@pytest.fixture
def upstream(evaluator: Evaluator, fleet: Path) -> dict[str, dict[str, str]]:
    """The derivation paths of upstream's own packages, by system and name."""
    return evaluator.flake(fleet, "upstream", "builtins.mapAttrs (_: builtins.mapAttrs (_: p: p.drvPath))")


def test_its_names_need_neither_inputs_nor_packages(evaluator: Evaluator) -> None:
    code = f"builtins.attrNames (import {OVERLAY} {{ inputs = throw ''; }} (throw '') (throw ''))"
    assert evaluator.expression(code.replace("''", '"used"')) == NAMES


def test_applies_on_every_platform(hosts: dict[str, HostFacts]) -> None:
    for host in hosts.values():
        assert host.error is None
        assert host.overlays == (("llama-cpp", "llamaPackages"), tuple(NAMES))
        assert host.thrown | set(host.packages) == set(NAMES)
        assert {package.origin for package in host.packages.values()} == {"llama.cpp"}


@pytest.mark.parametrize(
    ("system", "missing"),
    [
        ("x86_64-linux", ""),
        ("aarch64-linux", "rocm"),
        ("aarch64-darwin", "cuda rocm"),
        ("riscv64-linux", "cuda rocm"),
    ],
)
def test_throws_only_for_what_upstream_lacks(hosts: dict[str, HostFacts], system: str, missing: str) -> None:
    names = {f"llama-cpp-{name}{suffix}" for name in missing.split() for suffix in ("", "-native")}
    assert hosts[system].thrown == names


def test_the_throw_names_package_and_system(evaluator: Evaluator, fleet: Path) -> None:
    for package in "llama-cpp-rocm", "llama-cpp-rocm-native":
        message = evaluator.message(fleet, "aarch64-linux", package)
        assert "llama-cpp-rocm: llama.cpp's flake has no package `rocm` for aarch64-linux" in message


@pytest.mark.parametrize("system", ["x86_64-linux", "aarch64-linux", "aarch64-darwin"])
def test_default_cuda_and_rocm_are_upstream_s_untouched(
    hosts: dict[str, HostFacts], upstream: dict[str, dict[str, str]], system: str
) -> None:
    packages = hosts[system].packages
    assert packages["llama-cpp"].path == upstream[system]["default"]
    for name in {"cuda", "rocm"} & set(upstream[system]):
        assert packages[f"llama-cpp-{name}"].path == upstream[system][name]


@pytest.mark.parametrize(
    "host", ["x86_64-linux", "aarch64-linux", "aarch64-darwin", "with-cuda", "with-rocm"]
)
def test_cpu_and_vulkan_say_every_backend(hosts: dict[str, HostFacts], host: str) -> None:
    packages = hosts[host].packages
    assert packages["llama-cpp-cpu"].overridden == {**OFF, "useBlas": True}
    assert packages["llama-cpp-vulkan"].overridden == {**OFF, "useVulkan": True}
    assert packages["llama-cpp-vulkan-native"].overridden == {**OFF, "useVulkan": True}


@pytest.mark.parametrize("host", ["with-cuda", "with-rocm"])
def test_a_host_s_nixpkgs_config_changes_only_the_default(hosts: dict[str, HostFacts], host: str) -> None:
    for name in set(NAMES) - {"llama-cpp"}:
        package, same = hosts[host].packages[name], hosts["x86_64-linux"].packages[name]
        assert (package.pname, package.cmake_flags) == (same.pname, same.cmake_flags)
    assert hosts[host].packages["llama-cpp"].pname == host.replace("with", "llama-cpp")


def test_package_names(hosts: dict[str, HostFacts]) -> None:
    assert {name: package.pname for name, package in hosts["x86_64-linux"].packages.items()} == {
        "llama-cpp": "llama-cpp-blas",
        "llama-cpp-cpu": "llama-cpp-blas-native",
        "llama-cpp-vulkan": "llama-cpp-vulkan",
        "llama-cpp-vulkan-native": "llama-cpp-vulkan-native",
        "llama-cpp-cuda": "llama-cpp-cuda",
        "llama-cpp-cuda-native": "llama-cpp-cuda-native",
        "llama-cpp-rocm": "llama-cpp-rocm",
        "llama-cpp-rocm-native": "llama-cpp-rocm-native",
    }


NATIVE = ["llama-cpp-cpu", "llama-cpp-vulkan-native", "llama-cpp-cuda-native", "llama-cpp-rocm-native"]


@pytest.mark.parametrize("name", NATIVE)
def test_native_variants(hosts: dict[str, HostFacts], name: str) -> None:
    for host in "x86_64-linux", "with-cuda", "with-rocm":
        package = hosts[host].packages[name]
        assert [flag for flag in package.cmake_flags if "NATIVE" in flag] == ["-DGGML_NATIVE=ON"]
        assert package.no_native is False
        assert (package.prefer_local_build, package.allow_substitutes) == (True, False)
        assert package.is_native


def test_a_native_variant_differs_from_its_twin_in_nothing_else(hosts: dict[str, HostFacts]) -> None:
    packages = hosts["x86_64-linux"].packages
    for backend in "vulkan", "cuda", "rocm":
        twin, native = packages[f"llama-cpp-{backend}"], packages[f"llama-cpp-{backend}-native"]
        assert set(native.cmake_flags) ^ set(twin.cmake_flags) == {
            "-DGGML_NATIVE=ON",
            "-DGGML_NATIVE:BOOL=FALSE",
        }
        assert native.overridden == twin.overridden
        assert not twin.is_native


@pytest.mark.parametrize("flag", ["-DGGML_NATIVE:BOOL=FALSE", "-DGGML_NATIVE=OFF", "-DGGML_NATIVE:BOOL=OFF"])
def test_replaces_upstream_s_flag_however_spelled(evaluator: Evaluator, flag: str) -> None:
    code = f"""
      let
        package = {{
          override = _: package;
          overrideAttrs = f: f {{ pname = "p"; cmakeFlags = [ "-DA=1" "{flag}" "-DGGML_NATIVE_X=1" ]; }};
        }};
        prev = {{ llama-cpp = package; stdenv.hostPlatform.system = "s"; }};
      in
      (import {OVERLAY} {{ inputs = {{ }}; }} {{ }} prev).llama-cpp-cpu
    """
    assert evaluator.expression(code) == {
        "pname": "p-native",
        "cmakeFlags": ["-DA=1", "-DGGML_NATIVE_X=1", "-DGGML_NATIVE=ON"],
        "env": {"NIX_ENFORCE_NO_NATIVE": False},
        "preferLocalBuild": True,
        "allowSubstitutes": False,
    }


def test_keeps_upstream_s_environment(evaluator: Evaluator, fleet: Path) -> None:
    package = "nixosConfigurations.x86_64-linux.pkgs.llama-cpp-rocm-native"
    assert set(evaluator.flake(fleet, package, "p: p.env")) == {"NIX_ENFORCE_NO_NATIVE", "ROCM_PATH"}


@pytest.mark.skipif(shutil.which("nixfmt") is None, reason="nixfmt is not on the PATH")
def test_is_laid_out_as_nixfmt_would() -> None:
    subprocess.run(["nixfmt", "--check", OVERLAY], check=True)
