"""The overlay that the llama-cpp recipe writes, evaluated by itself over the stub packages."""

from __future__ import annotations

import platform
import shutil
import subprocess
from pathlib import Path

import pytest
from evaluator import Evaluator, HostFacts
from recipe_contents import overlay

from nixedit.migrate.recipe import load_recipe

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
RECIPE = load_recipe("llama-cpp")
TUNED = sorted(set(RECIPE.variants.values()) - set(NAMES))
ALL = sorted([*NAMES, *TUNED])
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


@pytest.fixture(scope="module")
def overlay_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The overlay as the recipe writes it."""
    path = tmp_path_factory.mktemp("overlay") / "overlay.nix"
    path.write_bytes(overlay())
    return path


@pytest.fixture(scope="module")
def fleet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Hosts that share the two overlays and differ in platform and nixpkgs.config."""
    folder = tmp_path_factory.mktemp("fleet")
    (folder / "overlay.nix").write_bytes(overlay())
    (folder / "flake.nix").write_text(FLEET)
    return folder


@pytest.fixture(scope="module")
def hosts(evaluator: Evaluator, fleet: Path) -> dict[str, HostFacts]:
    return evaluator.hosts(fleet)


@pytest.fixture(scope="module")
def upstream(evaluator: Evaluator, fleet: Path) -> dict[str, dict[str, str]]:
    """The derivation paths of upstream's own packages, by system and name."""
    return evaluator.flake(fleet, "upstream", "builtins.mapAttrs (_: builtins.mapAttrs (_: p: p.drvPath))")


def test_its_names_need_neither_inputs_nor_packages(evaluator: Evaluator, overlay_file: Path) -> None:
    code = f"builtins.attrNames (import {overlay_file} {{ inputs = throw ''; }} (throw '') (throw ''))"
    assert evaluator.expression(code.replace("''", '"used"')) == ALL


def test_applies_on_every_platform(hosts: dict[str, HostFacts]) -> None:
    for host in hosts.values():
        assert host.error is None
        assert host.overlays == (("llama-cpp", "llamaPackages"), tuple(ALL))
        assert host.thrown | set(host.packages) == set(ALL)
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
    assert hosts[system].thrown & set(NAMES) == names


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
    for name in set(ALL) - {"llama-cpp"} - hosts[host].thrown:
        package, same = hosts[host].packages[name], hosts["x86_64-linux"].packages[name]
        assert (package.pname, package.cmake_flags) == (same.pname, same.cmake_flags)
    assert hosts[host].packages["llama-cpp"].pname == host.replace("with", "llama-cpp")


def test_package_names(hosts: dict[str, HostFacts]) -> None:
    packages = hosts["x86_64-linux"].packages
    assert {name: packages[name].pname for name in NAMES} == {
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
def test_replaces_upstream_s_flag_however_spelled(
    evaluator: Evaluator, overlay_file: Path, flag: str
) -> None:
    code = f"""
      let
        package = {{
          override = _: package;
          overrideAttrs = f: f {{ pname = "p"; cmakeFlags = [ "-DA=1" "{flag}" "-DGGML_NATIVE_X=1" ]; }};
        }};
        prev = {{ llama-cpp = package; stdenv.hostPlatform.system = "s"; }};
      in
      (import {overlay_file} {{ inputs = {{ }}; }} {{ }} prev).llama-cpp-cpu
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


# -- one kind of CPU ------------------------------------------------------------------------------

# All options of ggml/CMakeLists.txt that are instruction sets of x86.
X86 = [
    "SSE42",
    "AVX",
    "AVX_VNNI",
    "AVX2",
    "BMI2",
    "AVX512",
    "AVX512_VBMI",
    "AVX512_VNNI",
    "AVX512_BF16",
    "FMA",
    "F16C",
    "AMX_TILE",
    "AMX_INT8",
    "AMX_BF16",
]
BACKENDS = ("cpu", "vulkan", "cuda", "rocm")
KINDS = {
    **dict.fromkeys(RECIPE.cpus.platforms["x86_64"].has, "x86_64"),
    **dict.fromkeys(RECIPE.cpus.platforms["aarch64"].has, "aarch64"),
}


def test_every_backend_comes_for_every_kind_of_cpu() -> None:
    assert (
        sorted(f"llama-cpp-{backend}-{cpu}" for backend in BACKENDS for cpu in [*KINDS, "portable"]) == TUNED
    )
    wanted = """
        x86-64-v2 x86-64-v3 x86-64-v4 sandybridge haswell skylake skylake-avx512 cascadelake icelake
        tigerlake alderlake sapphirerapids znver2 znver3 znver4 znver5 neoverse-n1 apple-m1
    """
    assert set(wanted.split()) <= set(KINDS)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("cpu", [cpu for cpu, kind in KINDS.items() if kind == "x86_64"])
def test_an_x86_build_says_every_instruction_set(hosts: dict[str, HostFacts], backend: str, cpu: str) -> None:
    package = hosts["x86_64-linux"].packages[f"llama-cpp-{backend}-{cpu}"]
    has = RECIPE.cpus.platforms["x86_64"].has[cpu]
    assert {name: package.flag(f"GGML_{name}") for name in X86} == {
        name: "ON" if name in has else "OFF" for name in X86
    }
    assert [flag for flag in package.cmake_flags if "NATIVE" in flag] == ["-DGGML_NATIVE=OFF"]
    assert (package.is_native, package.prefer_local_build, package.allow_substitutes) == (False, None, None)


def test_a_tiger_lake_has_avx_512_and_an_alder_lake_has_not(hosts: dict[str, HostFacts]) -> None:
    packages = hosts["x86_64-linux"].packages
    tiger, alder = packages["llama-cpp-cpu-tigerlake"], packages["llama-cpp-cpu-alderlake"]
    assert [tiger.flag(f"GGML_{name}") for name in ("AVX512", "AVX512_VBMI", "AVX512_VNNI")] == ["ON"] * 3
    assert [alder.flag(f"GGML_{name}") for name in ("AVX512", "AVX_VNNI")] == ["OFF", "ON"]


@pytest.mark.parametrize("cpu", [cpu for cpu, kind in KINDS.items() if kind == "aarch64"])
def test_an_arm_build_says_its_architecture_and_nothing_of_x86(hosts: dict[str, HostFacts], cpu: str) -> None:
    for system, backends in (
        ("aarch64-linux", ("cpu", "vulkan", "cuda")),
        ("aarch64-darwin", ("cpu", "vulkan")),
    ):
        for backend in backends:
            package = hosts[system].packages[f"llama-cpp-{backend}-{cpu}"]
            assert (package.flag("GGML_CPU_ARM_ARCH"),) == RECIPE.cpus.platforms["aarch64"].has[cpu]
            assert [package.flag(f"GGML_{name}") for name in X86] == [None] * len(X86)
            assert [flag for flag in package.cmake_flags if "NATIVE" in flag] == ["-DGGML_NATIVE=OFF"]


@pytest.mark.parametrize("system", ["x86_64-linux", "aarch64-linux", "aarch64-darwin"])
def test_a_portable_build_chooses_when_it_starts(hosts: dict[str, HostFacts], system: str) -> None:
    for backend in {"cpu", "vulkan"} | {"cuda"} & set(hosts[system].packages):
        package = hosts[system].packages[f"llama-cpp-{backend}-portable"]
        for name, value in ("BACKEND_DL", "ON"), ("CPU_ALL_VARIANTS", "ON"), ("NATIVE", "OFF"):
            assert [flag for flag in package.cmake_flags if flag.startswith(f"-DGGML_{name}")] == [
                f"-DGGML_{name}={value}"
            ]
        assert package.flag("GGML_AVX2") is package.flag("GGML_CPU_ARM_ARCH") is None


def test_the_build_for_one_cpu_differs_from_its_backend_s_in_nothing_else(
    hosts: dict[str, HostFacts],
) -> None:
    packages = hosts["x86_64-linux"].packages
    for backend in "vulkan", "cuda", "rocm":
        plain = packages[f"llama-cpp-{backend}"]
        for cpu in "znver4", "portable":
            tuned = packages[f"llama-cpp-{backend}-{cpu}"]
            assert tuned.pname == f"{plain.pname}-{cpu}"
            assert tuned.overridden == plain.overridden
            assert set(plain.cmake_flags) - set(tuned.cmake_flags) == {"-DGGML_NATIVE:BOOL=FALSE"}
    assert packages["llama-cpp-cpu-znver4"].pname == "llama-cpp-blas-znver4"


@pytest.mark.parametrize("system", ["x86_64-linux", "aarch64-linux", "aarch64-darwin", "riscv64-linux"])
def test_only_builds_for_the_host_s_own_platform_evaluate(hosts: dict[str, HostFacts], system: str) -> None:
    lacking = {"x86_64-linux": "", "aarch64-linux": "rocm"}.get(system, "cuda rocm").split()
    for cpu, systems in {**KINDS, "portable": "x86_64|aarch64"}.items():
        for backend in BACKENDS:
            fits = system.split("-", maxsplit=1)[0] in systems.split("|") and backend not in lacking
            assert (f"llama-cpp-{backend}-{cpu}" in hosts[system].packages) is fits


@pytest.mark.parametrize(
    ("system", "package", "message"),
    [
        ("aarch64-linux", "llama-cpp-cpu-znver4", "a build for x86_64, which aarch64-linux cannot run"),
        ("x86_64-linux", "llama-cpp-cuda-neoverse-n1", "a build for aarch64, which x86_64-linux cannot run"),
        (
            "riscv64-linux",
            "llama-cpp-cpu-portable",
            "a build for x86_64|aarch64, which riscv64-linux cannot run",
        ),
    ],
)
def test_the_throw_says_what_the_build_is_for(
    evaluator: Evaluator, fleet: Path, system: str, package: str, message: str
) -> None:
    assert f"{package}: {message}" in evaluator.message(fleet, system, package)


def test_a_backend_that_upstream_lacks_throws_for_every_cpu_too(evaluator: Evaluator, fleet: Path) -> None:
    message = evaluator.message(fleet, "aarch64-linux", "llama-cpp-rocm-neoverse-n1")
    assert "llama-cpp-rocm: llama.cpp's flake has no package `rocm` for aarch64-linux" in message


# GCC's macro for each word; AVX512 is GGML's for five of them.
MACROS = {
    "SSE42": ["SSE4_2"],
    "AVX512": ["AVX512F", "AVX512BW", "AVX512CD", "AVX512DQ", "AVX512VL"],
    **{name: [name] for name in ("AVX", "F16C", "FMA", "AVX2", "BMI2", "AMX_TILE", "AMX_INT8", "AMX_BF16")},
    **{name: [name.replace("_", "")] for name in ("AVX_VNNI", "AVX512_VBMI", "AVX512_VNNI", "AVX512_BF16")},
}
NAMES_OF_GCC = {"icelake": ("icelake-client", "icelake-server")}


@pytest.mark.skipif(
    shutil.which("gcc") is None or platform.machine() != "x86_64", reason="there is no GCC for x86"
)
@pytest.mark.parametrize("cpu", RECIPE.cpus.platforms["x86_64"].has)
def test_gcc_says_the_same_of_a_cpu(cpu: str) -> None:
    assert set(MACROS) == set(X86)
    for name in NAMES_OF_GCC.get(cpu, (cpu,)):
        asked = ["gcc", f"-march={name}", "-dM", "-E", "-x", "c", "/dev/null"]
        done = subprocess.run(asked, capture_output=True, text=True, check=False)
        if done.returncode:
            pytest.skip(f"this GCC does not know {name}")
        defined = set(done.stdout.split())
        has = [word for word, macros in MACROS.items() if all(f"__{macro}__" in defined for macro in macros)]
        assert sorted(has) == sorted(RECIPE.cpus.platforms["x86_64"].has[cpu])


@pytest.mark.skipif(shutil.which("nixfmt") is None, reason="nixfmt is not on the PATH")
def test_is_laid_out_as_nixfmt_would(overlay_file: Path) -> None:
    subprocess.run(["nixfmt", "--check", overlay_file], check=True)
