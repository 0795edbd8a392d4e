"""nixedit: edit Nix files without disturbing a byte that need not change."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nixedit.__about__ import __version__ as __version__

if TYPE_CHECKING:
    from nixedit.containers import AttrSet, Formals, ListExpr
    from nixedit.diagnostics import Diagnostic
    from nixedit.document import Document, load, loads
    from nixedit.edits import Edit, EditSet
    from nixedit.errors import (
        AttrExistsError,
        ConflictError,
        EditError,
        InvalidEditError,
        MissingAttrError,
        NixEditError,
        NotStaticError,
        OverlappingEditError,
        ParseError,
        RefusedError,
        StaleNodeError,
    )
    from nixedit.handles import Comments, Node
    from nixedit.layout.code import Code, expr, path
    from nixedit.text import Source, Span
    from nixedit.workspaces import Workspace, workspace

# Where each public name lives: modules are imported when one of their names is first used, so that a
# command that needs little starts fast.
_HOMES = {
    "containers": ("AttrSet", "Formals", "ListExpr"),
    "diagnostics": ("Diagnostic",),
    "document": ("Document", "load", "loads"),
    "edits": ("Edit", "EditSet"),
    "errors": (
        "AttrExistsError",
        "ConflictError",
        "EditError",
        "InvalidEditError",
        "MissingAttrError",
        "NixEditError",
        "NotStaticError",
        "OverlappingEditError",
        "ParseError",
        "RefusedError",
        "StaleNodeError",
    ),
    "handles": ("Comments", "Node"),
    "layout.code": ("Code", "expr", "path"),
    "text": ("Source", "Span"),
    "workspaces": ("Workspace", "workspace"),
}
_HOME_OF = {name: module for module, names in _HOMES.items() for name in names}

__all__ = [
    "AttrExistsError",
    "AttrSet",
    "Code",
    "Comments",
    "ConflictError",
    "Diagnostic",
    "Document",
    "Edit",
    "EditError",
    "EditSet",
    "Formals",
    "InvalidEditError",
    "ListExpr",
    "MissingAttrError",
    "NixEditError",
    "Node",
    "NotStaticError",
    "OverlappingEditError",
    "ParseError",
    "RefusedError",
    "Source",
    "Span",
    "StaleNodeError",
    "Workspace",
    "expr",
    "load",
    "loads",
    "path",
    "workspace",
]


def __getattr__(name: str) -> object:
    module = _HOME_OF.get(name)
    if module is None:
        raise AttributeError(f"module 'nixedit' has no attribute {name!r}")
    from importlib import import_module

    value = getattr(import_module(f"nixedit.{module}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
