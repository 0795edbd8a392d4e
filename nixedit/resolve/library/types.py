"""Functions that ask what a value is. Source: Nix manual, "Built-in Functions"."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nixedit.grammar import F
from nixedit.resolve.library.calls import Rule
from nixedit.resolve.paths import type_of
from nixedit.resolve.values import Call, FunctionValue, Later, Literal, SetValue, Unknown, Value, now
from nixedit.syntax.nodes import field, formals
from nixedit.text import decode

if TYPE_CHECKING:
    from nixedit.resolve.evaluate import Evaluator


def _is(*wanted: str) -> Rule:
    def rule(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
        kind = type_of(given[0].get())
        return Unknown(made.origin) if kind is None else Literal(made.origin, kind in wanted)

    return rule


def name_of(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`typeOf value`."""
    kind = type_of(given[0].get())
    return Unknown(made.origin) if kind is None else Literal(made.origin, kind)


def function_args(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`functionArgs function`: the formals, and whether each has a default."""
    function = given[0].get()
    if not isinstance(function, FunctionValue) or function.origin is None:
        return Unknown(made.origin)
    head = function.origin.node.child_by_field_id(F.FORMALS)
    snapshot = function.origin.snapshot
    return SetValue(
        made.origin,
        {
            decode(snapshot.text(field(formal, F.NAME))): now(
                Literal(None, formal.child_by_field_id(F.DEFAULT) is not None)
            )
            for formal in (() if head is None else formals(head))
        },
    )


RULES: dict[str, tuple[int, Rule]] = {
    "isAttrs": (1, _is("set")),
    "isBool": (1, _is("bool")),
    "isFloat": (1, _is("float")),
    "isFunction": (1, _is("lambda")),
    "isInt": (1, _is("int")),
    "isList": (1, _is("list")),
    "isNull": (1, _is("null")),
    "isPath": (1, _is("path")),
    "isString": (1, _is("string")),
    "typeOf": (1, name_of),
    "functionArgs": (1, function_args),
}
