"""Runs the steps of a golden case on a document: what `run.toml` says, through the public containers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import nixedit

Step = Mapping[str, Any]


def perform(document: nixedit.Document, steps: list[Step]) -> None:
    """Do all steps in one commit."""
    with document.edit() as edit:
        for step in steps:
            _perform(document, edit, step)


def _perform(document: nixedit.Document, edit: Any, step: Step) -> None:
    verb = next(iter(step))
    target = step[verb]
    match verb:
        case "set":
            document.attrs.set(_key(target), _value(step), step.get("comment", ()))
        case "rm":
            del document.attrs[_key(target)]
        case "append":
            _list(document, target).append(_value(step))
        case "insert":
            _list(document, target).insert(step["at"], _value(step))
        case "discard":
            assert _list(document, target).discard(_value(step))
        case "replace":
            edit.replace(document.attrs[_key(target)], _value(step))
        case "formal":
            default = {"default": nixedit.expr(step["default"])} if "default" in step else {}
            _formals(document, step).add(target, **default)
        case "no-formal":
            _formals(document, step).remove(target)
        case "bind":
            _formals(document, step).bind(target)
        case _:
            raise AssertionError(f"no step {verb!r}")


def _key(target: str | list[str]) -> str | tuple[str, ...]:
    return target if isinstance(target, str) else tuple(target)


def _value(step: Step) -> Any:
    return nixedit.expr(step["expr"]) if "expr" in step else step["value"]


def _list(document: nixedit.Document, target: str | list[str]) -> nixedit.ListExpr:
    found = document.attrs[_key(target)] if target else document.value
    assert isinstance(found, nixedit.ListExpr)
    return found


def _formals(document: nixedit.Document, step: Step) -> nixedit.Formals:
    """The formals of the file's function, or of the first one in the attribute `of`."""
    if "of" not in step:
        found = document.formals
        assert found is not None
        return found
    node = document.attrs[_key(step["of"])]
    while node.kind != "function_expression":
        node = next(child for child in node.children if "comment" not in child.kind)
    heads = next(child for child in node.children if child.kind == "formals")
    return nixedit.Formals(document, heads.node)
