"""What `migrate --check` finds worth a look: each with its place, and nothing that is as it should be."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from fleets_support import FleetCopy
from migration_runs import FLAKE, contents, migrate, migrated, write

MODULE = "{{ pkgs, ... }}:\n{{\n  environment.systemPackages = [\n    {}\n  ];\n}}\n"


def found(tmp_path: Path, code: str) -> str:
    """What is found in a host that has a package."""
    return found_in(tmp_path, {"flake.nix": FLAKE, "argon.nix": MODULE.format(code)})


def found_in(tmp_path: Path, files: dict[str, str]) -> str:
    folder = tmp_path / "fleet"
    write(folder, files)
    before = contents(folder)
    run = migrate(folder, "--check", "--json")
    assert contents(folder) == before
    report = json.loads(run.out)
    lines = [
        f"{item['file']}:{item['line']}: {item['message']} ({item['hint']})" for item in report["findings"]
    ]
    return "\n".join(lines)


OVERRIDE = "is no argument of the package, and `override` takes nothing else (give it to `overrideAttrs`)"
ATTRS = "is an argument of the package: for `overrideAttrs` it means nothing (give it to `override`)"
BOTH = "which of them runs is found out when the program starts; the recipe has a package for each"


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("(pkgs.llama-cpp.override { cmakeFlags = [ ]; })", f"argon.nix:4: `cmakeFlags` {OVERRIDE}"),
        ("(pkgs.llama-cpp-cuda.override { env.A = 1; })", f"argon.nix:4: `env` {OVERRIDE}"),
        ("(pkgs.llama-cpp.override (old: { inherit (old) version; }))", f"argon.nix:4: `version` {OVERRIDE}"),
        ("(pkgs.llama-cpp.overrideAttrs { useCuda = true; })", f"argon.nix:4: `useCuda` {ATTRS}"),
        (
            "(pkgs.llama-cpp.overrideAttrs (old: { cudaSupport = true; }))",
            f"argon.nix:4: `cudaSupport` {ATTRS}",
        ),
        (
            "(pkgs.llama-cpp.overrideAttrs (final: prev: { pname = prev.pname; useRocm = true; }))",
            f"argon.nix:4: `useRocm` {ATTRS}",
        ),
        (
            "((pkgs.llama-cpp.override { useBlas = true; }).overrideAttrs { useCuda = true; })",
            f"argon.nix:4: `useCuda` {ATTRS}",
        ),
        (
            "(pkgs.llama-cpp.override { useCuda = true; useVulkan = true; })",
            f"argon.nix:4: `useCuda` and `useVulkan` in one build ({BOTH})",
        ),
        (
            "(pkgs.llama-cpp.override { useCuda = true; useRocm = true; useVulkan = true; })",
            f"argon.nix:4: `useCuda` and `useRocm` and `useVulkan` in one build ({BOTH})",
        ),
    ],
)
def test_override_and_override_attrs(tmp_path: Path, code: str, says: str) -> None:
    assert found(tmp_path, code) == says


@pytest.mark.parametrize(
    "code",
    [
        "(pkgs.llama-cpp.override { useCuda = true; useVulkan = false; })",
        "(pkgs.llama-cpp.override { useCuda = true; useBlas = true; })",
        "(pkgs.llama-cpp.override { useCuda = pkgs.cuda; useVulkan = pkgs.vulkan; })",
        "(pkgs.llama-cpp.overrideAttrs { cmakeFlags = [ ]; })",
        "(pkgs.llama-cpp.overrideAttrs (old: { env = { useCuda = true; }; }))",
        "(pkgs.llama-cpp.override pkgs.arguments)",
        "(pkgs.other.override { cmakeFlags = [ ]; })",
        "(pkgs.other.overrideAttrs { useCuda = true; })",
        "(pkgs.llama-cpp.passthru.x.override { cmakeFlags = [ ]; })",
        "pkgs.llama-cpp.override.x { cmakeFlags = [ ]; }",
        '"llama-cpp.override { cmakeFlags = [ ]; }" # pkgs.llama-cpp.override { cmakeFlags = [ ]; }',
        '(pkgs.f [ "-DGGML_AVX=ON" "-DGGML_AVX2=ON" "-DGGML_FMA=ON" ])',
        '(pkgs.f [ "-DGGML_CUDA=ON" "-DGGML_BLAS=ON" "-DGGML_VULKAN=ON" "-DGGML_RPC=ON" "-DGGML_AVX=OFF" ])',
    ],
)
def test_what_is_as_it_should_be(tmp_path: Path, code: str) -> None:
    assert found(tmp_path, code) == ""


def flags(words: str) -> str:
    return "[ " + " ".join(f'"-DGGML_{word}=ON"' for word in words.split()) + " ]"


@pytest.mark.parametrize(
    ("words", "advice"),
    [
        (
            "SSE42 AVX F16C FMA AVX2 BMI2 AVX512 AVX512_VBMI AVX512_VNNI AVX512_BF16",
            "exactly those of znver4: there are variants for it, as `cpu-znver4`",
        ),
        (
            "SSE42 AVX F16C FMA AVX2 BMI2 AVX512 AVX512_BF16",
            "those of x86-64-v4 and AVX512_BF16: the variants for it, as `cpu-x86-64-v4`, come nearest",
        ),
        ("AVX F16C FMA AVX2", "no kind of CPU of the recipe has all of its flags among them"),
    ],
)
def test_flags_for_one_kind_of_cpu(tmp_path: Path, words: str, advice: str) -> None:
    reason = f"{len(words.split())} flags for one kind of CPU, by hand: {', '.join(words.split())}"
    code = f"(pkgs.llama-cpp.overrideAttrs {{ cmakeFlags = {flags(words)}; }})"
    assert found(tmp_path, code) == f"argon.nix:4: {reason} ({advice})"


def test_overlays_in_the_wrong_order(tmp_path: Path, fleet_copy: FleetCopy) -> None:
    folder = fleet_copy("one-liner")
    migrated(folder)
    flake = folder / "flake.nix"
    first, second = (
        "inputs.llama-cpp.overlays.default",
        "(import ./overlays/llama-cpp.nix { inherit inputs; })",
    )
    text = flake.read_text()
    assert text.index(first) < text.index(second)
    flake.write_text(text.replace(first, "FIRST").replace(second, first).replace("FIRST", second))
    (finding,) = json.loads(migrate(folder, "--check", "--json").out)["findings"]
    assert finding["message"] == "this overlay is applied after one that builds on it"
    assert finding["hint"] == "an overlay sees what those before it define: put this one first"
    assert flake.read_text().split("\n")[finding["line"] - 1].strip() == first


@pytest.mark.parametrize("recipe", ["llama-cpp", "rust-overlay"])
@pytest.mark.parametrize("fleet", ["plan-nixfmt", "one-liner", "closed-formals", "crlf"])
def test_nothing_is_found_in_a_fleet_after_its_migration(
    fleet_copy: FleetCopy, fleet: str, recipe: str
) -> None:
    folder = fleet_copy(fleet)
    migrated(folder)
    migrated(folder, "--recipe", recipe)
    assert json.loads(migrate(folder, "--recipe", recipe, "--check", "--json").out)["findings"] == []


def test_they_are_shown_with_check_and_change_no_exit_code(tmp_path: Path) -> None:
    folder = tmp_path / "fleet"
    code = "(pkgs.llama-cpp.overrideAttrs { useCuda = true; })"
    write(folder, {"flake.nix": FLAKE, "argon.nix": MODULE.format(code)})
    shown = (
        "\nWorth a look:\n"
        f"{folder}/argon.nix:4:37: `useCuda` is an argument of the package: for `overrideAttrs` it means nothing\n"
        "    4 |     (pkgs.llama-cpp.overrideAttrs { useCuda = true; })\n"
        "      |                                     ^^^^^^^^^^^^^^^ give it to `override`\n"
    )
    run = migrate(folder, "--check")
    assert run.code == 1
    assert run.out.endswith(shown)
    assert "Worth a look" not in migrated(folder).out
    run = migrate(folder, "--check")
    assert (run.code, run.out) == (0, f"Nothing to do: every chosen host is migrated already.\n{shown}")
    assert migrate(folder, "--check", "-q").out == ""


WANTS = "{ pkgs, inputs, ... }:\n{\n  environment.systemPackages = [ inputs.self.packages.hello ];\n}\n"


def test_a_module_that_wants_inputs_and_gets_none(tmp_path: Path) -> None:
    out = found_in(tmp_path, {"flake.nix": FLAKE, "argon.nix": WANTS})
    assert "argon.nix:1: `argon` gives its modules no `inputs`: where this one uses it, Nix stops" in out
    assert "specialArgs = { inherit inputs; }; in its call gives it to all of them" in out


@pytest.mark.parametrize(
    "files",
    [
        {"flake.nix": FLAKE.replace("modules =", "specialArgs = { inherit inputs; };\n          modules =")},
        {"flake.nix": FLAKE.replace("modules =", "specialArgs = import ./args.nix;\n          modules ="), "args.nix": "{ inputs = 1; }"},
        {"flake.nix": FLAKE.replace("./argon.nix ]", "./argon.nix { _module.args.inputs = inputs; } ]")},
        {"flake.nix": FLAKE.replace("./argon.nix ]", "./argon.nix inputs.nixpkgs.nixosModules.x ]")},
        {"argon.nix": WANTS.replace("inputs, ...", "inputs ? null, ...")},
        {"argon.nix": WANTS.replace("{\n  env", "{\n  _module.args.inputs = { };\n  env")},
    ],
)  # fmt: skip
def test_a_module_that_gets_its_inputs_or_may(tmp_path: Path, files: dict[str, str]) -> None:
    assert "gives its modules no `inputs`" not in found_in(
        tmp_path, {"flake.nix": FLAKE, "argon.nix": WANTS, **files}
    )
