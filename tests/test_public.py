"""The public surface: what `nixedit` offers by name, and that it stays lazy."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec

import pytest

import nixedit

PUBLIC = [
    "AttrExistsError", "AttrSet", "Code", "Comments", "ConflictError", "Diagnostic", "Document", "Edit", "EditError",
    "EditSet", "Formals", "InvalidEditError", "ListExpr", "MissingAttrError", "NixEditError", "Node", "NotStaticError",
    "OverlappingEditError", "ParseError", "RefusedError", "Source", "Span", "StaleNodeError", "Workspace", "expr",
    "load", "loads", "path", "workspace",
]  # fmt: skip


def test_the_public_names_are_these() -> None:
    assert sorted(nixedit.__all__) == sorted(PUBLIC)


@pytest.mark.parametrize("name", PUBLIC)
def test_every_public_name_is_there_and_says_what_it_is(name: str) -> None:
    assert (getattr(nixedit, name).__doc__ or "").strip()
    assert name in dir(nixedit)


@pytest.mark.parametrize("name", PUBLIC)
def test_no_public_name_is_a_module_too(name: str) -> None:
    """Importing the module would put it in the place of what the name is for."""
    assert find_spec(f"nixedit.{name}") is None


def test_no_other_name_is_there() -> None:
    with pytest.raises(AttributeError, match="module 'nixedit' has no attribute 'Banana'"):
        _ = nixedit.Banana  # type: ignore[attr-defined]


def test_importing_the_package_loads_no_heavy_module() -> None:
    code = "import sys, nixedit; print([name for name in sys.modules if name.startswith(('tree_sitter', 'attr', 'nixedit.'))])"
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert result.stdout.strip() == "['nixedit.__about__']"


ERRORS = {
    "ParseError": ("NixEditError", "ValueError"), "MissingAttrError": ("NixEditError", "KeyError"),
    "AttrExistsError": ("NixEditError",), "NotStaticError": ("NixEditError",), "EditError": ("NixEditError",),
    "OverlappingEditError": ("EditError",), "InvalidEditError": ("EditError",), "StaleNodeError": ("EditError",),
    "ConflictError": ("NixEditError",), "RefusedError": ("NixEditError",), "NixEditError": ("Exception",),
}  # fmt: skip


@pytest.mark.parametrize("name", ERRORS)
def test_the_errors_are_one_tree(name: str) -> None:
    assert tuple(base.__name__ for base in getattr(nixedit, name).__bases__) == ERRORS[name]
