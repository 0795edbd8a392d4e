"""Old overlays under names that no recipe knows: recognized by what they define, removed when a person says so."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import FLAKE, contents, migrate, migrated, write

APPLIED = FLAKE.replace(
    "[ ./argon.nix ]",
    "[\n            { nixpkgs.overlays = [ (import ./overlays/ai.nix) ]; }\n            ./argon.nix\n          ]",
)
OLD = "final: prev: {\n  llama-cpp-fast = prev.llama-cpp.override { cudaSupport = true; };\n}\n"


def test_an_old_overlay_is_recognized_and_goes_when_told(evaluator: Evaluator, tmp_path: Path) -> None:
    files = {
        "flake.nix": APPLIED,
        "argon.nix": "{ }\n",
        "overlays/ai.nix": OLD.replace("cudaSupport", "useCuda"),
    }
    folder = write(tmp_path / "fleet", files)
    note = (
        "note: overlays/ai.nix is an overlay that makes llama-cpp-fast in a way of its own: "
        "--remove overlays/ai.nix takes it out, with every reference to it"
    )
    assert note in migrate(folder, "--check").out
    migrated(folder, "--remove", "overlays/ai.nix")
    again = migrate(folder, "--remove", "overlays/ai.nix", "--check")
    assert again.code == 0
    assert "note: --remove: overlays/ai.nix is not there, perhaps any more" in again.out
    assert not (folder / "overlays/ai.nix").exists()
    assert "ai.nix" not in (folder / "flake.nix").read_text()
    (host,) = evaluator.hosts(folder).values()
    assert "llama-cpp-cuda" in host.packages
    assert "llama-cpp-fast" not in host.packages


def test_an_old_overlay_that_nobody_removes_is_applied_before(evaluator: Evaluator, tmp_path: Path) -> None:
    files = {"flake.nix": APPLIED, "argon.nix": "{ }\n", "overlays/ai.nix": OLD}
    folder = write(tmp_path / "fleet", files)
    run = migrated(folder)
    assert "--remove overlays/ai.nix takes it out" in run.out
    (host,) = evaluator.hosts(folder).values()
    assert host.error is None
    assert host.packages["llama-cpp-fast"].origin == "nixpkgs"
    assert host.packages["llama-cpp"].origin == "llama.cpp"


def test_an_overlay_with_other_packages_is_none(tmp_path: Path) -> None:
    other = "final: prev: {\n  llama-cpp-fast = prev.llama-cpp;\n  hello-again = prev.hello;\n}\n"
    files = {"flake.nix": APPLIED, "argon.nix": "{ }\n", "overlays/ai.nix": other}
    folder = write(tmp_path / "fleet", files)
    assert "--remove" not in migrate(folder, "--check").out


def test_what_is_no_file_of_the_flake_cannot_go(tmp_path: Path) -> None:
    files = {"flake.nix": APPLIED, "argon.nix": "{ }\n", "overlays/ai.nix": OLD}
    folder = write(tmp_path / "fleet", files)
    before = contents(folder)
    for name, why in {
        "overlays/al.nix": "no file of the flake (did you mean `overlays/ai.nix`?)",
        "flake.nix": "this is no overlay, and nothing but overlays goes",
        "argon.nix": "this is no overlay, and nothing but overlays goes",
    }.items():
        run = migrate(folder, "--remove", name)
        assert run.code == 2
        assert f"{name}: --remove: {why}" in run.err
    assert contents(folder) == before


def test_where_an_old_overlay_stands_in_the_way_the_refusal_says_how_it_goes(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    flake = APPLIED.replace(
        "[ (import ./overlays/ai.nix) ]", "nixpkgs.lib.mkAfter [ (import ./overlays/ai.nix) ]"
    )
    folder = write(tmp_path / "fleet", {"flake.nix": flake, "argon.nix": "{ }\n", "overlays/ai.nix": OLD})
    run = migrate(folder)
    assert run.code == 2
    assert "say --remove overlays/ai.nix to have this overlay go with every reference to it" in run.err
    migrated(folder, "--remove", "overlays/ai.nix")
    (host,) = evaluator.hosts(folder).values()
    assert host.error is None


WRITTEN = "final: prev: { NAME = prev.llama-cpp.override { cudaSupport = true; }; }"
MODULE = "[ ./argon.nix { nixpkgs.overlays = [ GIVEN ]; } ]"
LET = "    let\n      variants = OVERLAY;\n    in\n    {\n"
# What flake.nix is, and what a person calls the overlay in it.
WITHOUT_FILE = {
    "a let": (
        FLAKE.replace("    {\n", LET, 1).replace("[ ./argon.nix ]", MODULE.replace("GIVEN", "variants")),
        ("flake.nix:7", "flake.nix:variants"),
    ),
    "a list": (
        FLAKE.replace("[ ./argon.nix ]", MODULE.replace("GIVEN", "(OVERLAY)")),
        ("flake.nix:10",),
    ),
}
# What the overlay defines, and how, where it is not surely an old one.
UNSURE = {
    "a variant of its own": ("llama-cpp-fast", "prev.llama-cpp.override { cudaSupport = true; }", ""),
    "the package itself": (
        "llama-cpp",
        "prev.llama-cpp.override { cudaSupport = true; }",
        ", which gives way to the recipe's",
    ),
    "another source": (
        "llama-cpp-cuda",
        "(prev.llama-cpp.override { cudaSupport = true; }).overrideAttrs (old: { patches = [ ]; })",
        ", which gives way to the recipe's",
    ),
    "another compiler": (
        "llama-cpp-cpu",
        "prev.llama-cpp.override { stdenv = prev.stdenv; }",
        ", which gives way to the recipe's",
    ),
    "another package set": (
        "llama-cpp-cuda",
        "nixpkgs.legacyPackages.x86_64-linux.llama-cpp",
        "",
    ),
}


def without_file(folder: Path, place: str, package: str, value: str) -> Path:
    overlay = f"final: prev: {{ {package} = {value}; }}"
    flake = WITHOUT_FILE[place][0].replace("OVERLAY", overlay)
    return write(folder, {"flake.nix": flake, "argon.nix": "{ }\n"})


@pytest.mark.parametrize("what", UNSURE)
@pytest.mark.parametrize("place", WITHOUT_FILE)
def test_an_overlay_without_a_file_that_may_be_more_stays_and_is_told_of(
    place: str, what: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    package, value, way = UNSURE[what]
    folder = without_file(tmp_path / "fleet", place, package, value)
    called = WITHOUT_FILE[place][1][0]
    note = (
        f"note: {called} is an overlay that makes {package} in a way of its own{way}: "
        f"--remove {called} takes it out, with every reference to it\n"
    )
    assert note in migrated(folder).out
    (host,) = evaluator.hosts(folder).values()
    assert host.error is None
    assert (package,) in host.overlays
    assert host.packages["llama-cpp"].origin == "llama.cpp"


@pytest.mark.parametrize("what", UNSURE)
@pytest.mark.parametrize("place", WITHOUT_FILE)
def test_it_goes_when_told_by_its_line_or_its_name(
    place: str, what: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    package, value, _ = UNSURE[what]
    texts = set()
    for number, called in enumerate(WITHOUT_FILE[place][1]):
        folder = without_file(tmp_path / f"fleet-{number}", place, package, value)
        migrated(folder, "--remove", called)
        texts.add((folder / "flake.nix").read_text())
        (host,) = evaluator.hosts(folder).values()
        assert host.error is None
        assert len(host.overlays) == 2
        again = migrate(folder, "--remove", called, "--check")
        assert again.code == 0
        assert f"note: --remove: {called} is not there, perhaps any more" in again.out
    (text,) = texts
    assert "final: prev:" not in text
    assert "variants" not in text


def test_of_two_overlays_the_one_that_is_named_goes(evaluator: Evaluator, tmp_path: Path) -> None:
    both = "      fast = OVERLAY;\n      slow = OTHER;\n"
    flake = FLAKE.replace("    {\n", f"    let\n{both}    in\n    {{\n", 1).replace(
        "[ ./argon.nix ]", MODULE.replace("GIVEN", "fast slow")
    )
    text = flake.replace("OVERLAY", WRITTEN.replace("NAME", "llama-cpp-fast")).replace(
        "OTHER", WRITTEN.replace("NAME", "llama-cpp-slow")
    )
    folder = write(tmp_path / "fleet", {"flake.nix": text, "argon.nix": "{ }\n"})
    migrated(folder, "--remove", "flake.nix:slow")
    assert "slow" not in (folder / "flake.nix").read_text()
    (host,) = evaluator.hosts(folder).values()
    assert "llama-cpp-fast" in host.packages
    assert "llama-cpp-slow" not in host.packages


def test_a_package_that_only_it_defines_must_not_be_in_use(tmp_path: Path) -> None:
    value = "prev.llama-cpp.override { cudaSupport = true; }"
    folder = without_file(tmp_path / "fleet", "a let", "llama-cpp-fast", value)
    write(
        folder,
        {"argon.nix": "{ pkgs, ... }:\n{\n  a = pkgs.llama-cpp-fast;\n  b = [ pkgs.llama-cpp-fast ];\n}\n"},
    )
    before = contents(folder)
    run = migrate(folder, "--allow-no-vcs", "--remove", "flake.nix:7")
    assert run.code == 2
    for place in ("argon.nix:3:12", "argon.nix:4:14"):
        assert f"{place}: `llama-cpp-fast` is used here, and only `flake.nix:7` defines it" in run.err
    assert contents(folder) == before


def test_what_makes_other_packages_too_is_not_told_of(tmp_path: Path) -> None:
    both = WRITTEN.replace("NAME", "llama-cpp-fast")
    flake, _ = WITHOUT_FILE["a let"]
    text = flake.replace("OVERLAY", both.replace("; }; }", "; }; hello-again = prev.hello; }"))
    folder = write(tmp_path / "fleet", {"flake.nix": text, "argon.nix": "{ }\n"})
    assert "hello-again" in text
    assert "in a way of its own" not in migrated(folder).out
