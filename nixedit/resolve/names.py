"""What a name means, under the arguments of the functions that it stands in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from nixedit.resolve import written
from nixedit.resolve.library import is_known, is_library
from nixedit.resolve.values import External, Literal, Origin, SetValue, Unknown, Value
from nixedit.syntax.layers import Layer, child
from nixedit.syntax.scope import Definition
from nixedit.syntax.scope_globals import GLOBALS

if TYPE_CHECKING:
    from nixedit.resolve.evaluate import Evaluator

_CONSTANTS = {"true": True, "false": False, "null": None}


def meaning(evaluator: Evaluator, origin: Origin, name: str, definition: Definition | None) -> Value:
    """What a name means that is defined in this way."""
    if definition is None:
        return Unknown(origin, f"`{name}` is not defined here")
    if definition.kind == "builtin":
        if name in _CONSTANTS:
            return Literal(origin, _CONSTANTS[name])
        return External(origin, ("builtins",) if name == "builtins" else ("builtins", name))
    if definition.kind == "with":
        return _of_with(evaluator, origin, name, definition)
    if definition.kind in ("formal", "universal"):
        return _argument(evaluator, origin, name, definition)
    if definition.kind == "inherit":
        return written.entry(evaluator, origin, definition.entries[0], name)
    if definition.value is not None:
        return evaluator.evaluate(origin.at(definition.value))
    found = child(origin.snapshot, (Layer(definition.places),), name)
    return Unknown(origin) if found is None else written.merged(evaluator, origin, found.layers)


def _of_with(evaluator: Evaluator, origin: Origin, name: str, definition: Definition) -> Value:
    last = definition.environments[-1]
    for environment in definition.environments:
        value = evaluator.evaluate(origin.at(environment))
        there = evaluator.has(value, name)
        # The last one has it, or Nix finds no such name.
        if there or _surely_has(value, name) or (there is None and environment == last):
            return evaluator.select(value, name, origin) or Unknown(origin)
        if there is None:
            break
    return Unknown(origin, f"`{name}` may come from `with`")


def _surely_has(value: Value, name: str) -> bool:
    """Whether a library is known to have a name."""
    if not isinstance(value, External):
        return False
    if value.names == ("builtins",):
        return name in GLOBALS or f"__{name}" in GLOBALS
    return is_library((*value.names, name)) and is_known(name)


def _argument(evaluator: Evaluator, origin: Origin, name: str, definition: Definition) -> Value:
    function = definition.scope
    given = None if function is None else origin.arguments.argument(function)
    if given is None:
        return Unknown(origin, f"`{name}` is an argument")
    argument = given.get()
    if definition.kind == "universal":
        return argument
    if definition.value is not None:
        if evaluator.has(argument, name) is False and isinstance(argument, SetValue):
            return evaluator.evaluate(origin.at(definition.value))
        if not isinstance(argument, SetValue):
            return Unknown(argument.origin or origin, f"`{name}` may have its default")
    found = evaluator.select(argument, name, origin)
    return Unknown(origin, f"`{name}` is not given") if found is None else found
