"""Imports go one way: each module of the package names only what stands above it in the plan."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import nixedit

ROOT = Path(nixedit.__file__).parent

# The plan of the house: what stands in one row knows the rows above it, and itself.
PLAN = (
    ("__about__", "_nix"),
    ("text",),
    ("errors",),
    ("edits", "attrpath", "grammar"),
    ("syntax",),
    ("check", "definitions", "diagnostics", "files", "patch", "git", "nix"),
    ("layout",),
    ("operations",),
    ("handles",),
    ("containers",),
    ("document",),
    ("workspaces",),
    ("resolve",),
    ("flake",),
    ("detect",),
    ("codemods",),
    ("migrate",),
    ("cli",),
    ("__init__", "__main__"),
)
ROWS = {name: number for number, names in enumerate(PLAN) for name in names}
# Within `operations`: what is recorded, then rows and sets and formals, then the planner of all of them.
INSIDE = {
    "layout": ("code", "style", "sorted_regions", "render", "removals", "rows"),
    "operations": ("ops", "wishes", "rows", "empties", "sorting", "sets", "formals", "planner"),
}
MODULES = sorted(ROOT.rglob("*.py"))


def imported(path: Path) -> Iterator[str]:
    """The modules of the package that a file names, also within functions and `TYPE_CHECKING`."""
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative imports hide where a module stands"
            module = node.module or ""
            if module == "nixedit" or ROOT.joinpath(*module.split(".")[1:]).is_dir():
                yield from (f"{module}.{alias.name}" for alias in node.names if module.startswith("nixedit"))
            elif module.startswith("nixedit."):
                yield module
        elif isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names if alias.name.startswith("nixedit"))


def named(path: Path) -> list[str]:
    return list(path.relative_to(ROOT).with_suffix("").parts)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_module_knows_only_what_stands_above_it(path: Path) -> None:
    own = named(path)
    assert own[0] in ROWS, f"{own[0]} has no place in the plan"
    for name in imported(path):
        other = name.split(".")[1:]
        if other and other[0] not in ROWS:  # a name of the package itself, `from nixedit import __version__`
            assert own[0] in ("cli", "__init__", "__main__"), name
        elif other and other[0] != own[0]:
            assert ROWS[other[0]] < ROWS[own[0]] or _same_row(own[0], other[0]), f"{path} imports {name}"


def _same_row(own: str, other: str) -> bool:
    """Modules of one row may build on those written before them."""
    row = PLAN[ROWS[own]]
    return ROWS[own] == ROWS[other] and row.index(other) < row.index(own)


@pytest.mark.parametrize("package", INSIDE)
def test_the_modules_of_a_package_have_an_order_too(package: str) -> None:
    order = INSIDE[package]
    for path in MODULES:
        own = named(path)
        if own[0] == package and own[-1] in order:
            for name in imported(path):
                other = name.split(".")[1:]
                if other[0] == package:
                    assert order.index(other[1]) < order.index(own[-1]), f"{path} imports {name}"


def test_no_module_waits_in_the_plan_for_nothing() -> None:
    """Names of the plan that are not written yet are the mission's later parts, and only those."""
    there = {named(path)[0] for path in MODULES} | {"_nix"}
    assert set(ROWS) - there <= {"resolve", "codemods"}
