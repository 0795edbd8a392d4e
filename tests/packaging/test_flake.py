"""The project's own flake, evaluated by the real Nix with a stub of nixpkgs."""

import shutil
import tomllib
from pathlib import Path

import pytest
from evaluator import Evaluator

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
SYSTEMS = ["aarch64-darwin", "aarch64-linux", "x86_64-darwin", "x86_64-linux"]

# What the builder is given; packages by their names.
GIVEN = """
    { given, ... }: removeAttrs given [ "build-system" "dependencies" ]
      // { needs = map (p: p.name) (given.build-system ++ given.dependencies); }
"""
TOOLS = """
    { given, ... }: let names = map (p: p.name);
    in { shell = names given.packages; python = names (builtins.head given.packages).given.packages; }
"""


@pytest.fixture(scope="module")
def flake(tmp_path_factory):
    """Evaluates an attribute of the flake, given to a Nix function."""
    if not Evaluator.available():
        pytest.skip("Nix is not installed")
    folder = tmp_path_factory.mktemp("project")
    for name in ("flake.nix", "pyproject.toml", "setup.py", "LICENSE", "MANIFEST.in", "README.md"):
        shutil.copy(ROOT / name, folder)
    for name in ("nixedit", "grammars"):
        (folder / name).mkdir()
        (folder / name / "kept").touch()
    nix = Evaluator(Path(__file__).parent / "stubs", tmp_path_factory.mktemp("nix"))
    return lambda attribute, apply="value: value": nix.flake(folder, attribute, apply)


@pytest.mark.parametrize(
    ("output", "names"),
    [("packages", ["default", "nixedit"]), ("apps", ["default"]), ("devShells", ["default"])],
)
def test_every_system_has_every_output(flake, output, names):
    by_system = flake(output, "builtins.mapAttrs (_: builtins.attrNames)")
    assert by_system == dict.fromkeys(SYSTEMS, names)


def test_the_package_is_this_project(flake):
    given = flake("packages.x86_64-linux.default", GIVEN)
    assert given["pname"] == PROJECT["name"]
    assert given["version"] == PROJECT["version"]
    assert given["pyproject"] is True
    assert given["meta"]["mainProgram"] in PROJECT["scripts"]
    assert given["meta"]["license"]["spdxId"] == PROJECT["license"]


def test_the_package_needs_what_the_wheel_needs(flake):
    needs = flake("packages.x86_64-linux.default", GIVEN)["needs"]
    declared = [requirement.split(">=")[0] for requirement in PROJECT["dependencies"]]
    assert sorted(needs) == sorted(["setuptools", *declared])


def test_the_package_s_source_is_what_pip_reads(flake):
    source = flake("packages.x86_64-linux.default", GIVEN)["src"]
    assert {
        "pyproject.toml",
        "setup.py",
        "MANIFEST.in",
        "README.md",
        "LICENSE",
        "nixedit",
        "grammars",
    } == set(source)


def test_the_app_runs_the_package_s_program(flake):
    app = flake("apps.aarch64-linux.default")
    assert app["type"] == "app"
    assert app["program"].startswith("/")
    assert app["program"].endswith(f"-nixedit-{PROJECT['version']}/bin/nixedit")


def test_the_overlay_adds_the_package(flake):
    overlay = (
        "overlay: (overlay { callPackage = function: _: "
        "builtins.attrNames (builtins.functionArgs function); } { }).nixedit"
    )
    assert flake("overlays.default", overlay) == ["python3Packages"]


def test_the_shell_has_the_tools_of_development(flake):
    tools = flake("devShells.x86_64-linux.default", TOOLS)
    assert {"ruff", "nixfmt", "pre-commit"} <= set(tools["shell"])
    assert {"build", "hypothesis", "mypy", "nox", "pip", "pytest", "tree-sitter-nix"} <= set(tools["python"])
