"""What the rules of the library share: the calls they answer, and the questions they put to arguments."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from nixedit.resolve.values import Call, External, Later, ListValue, Literal, Unknown, Value

if TYPE_CHECKING:
    from nixedit.resolve.evaluate import Evaluator

# What a function gives for its arguments.
Rule = Callable[["Evaluator", Call, Sequence[Later]], Value]


def is_library(names: Sequence[str]) -> bool:
    """Whether a function is one of Nix's or of a library, not a package's or an output's."""
    return names[0] == "builtins" or "lib" in names[:-1]


def applied(evaluator: Evaluator, made: Call, function: Later, *arguments: Later) -> Later:
    """What a function that a rule was given gives for some arguments."""

    def compute() -> Value:
        value = function.get()
        for argument in arguments:
            value = evaluator.apply(value, argument, made.origin) if made.origin else Unknown(None)
        return value

    return Later(compute)


def boolean(value: Value) -> bool | None:
    """The value of a known boolean."""
    return value.value if isinstance(value, Literal) and isinstance(value.value, bool) else None


def integer(value: Value) -> int | None:
    """The value of a known integer."""
    return value.value if isinstance(value, Literal) and type(value.value) is int else None


def text(value: Value) -> str | None:
    """The value of a known string."""
    return value.value if isinstance(value, Literal) and isinstance(value.value, str) else None


def elements(value: Value) -> list[Later] | None:
    """The elements of a list of which all are known to be there."""
    if not isinstance(value, ListValue) or not value.known:
        return None
    return [element for part in value.parts for element in part.elements]


def texts(value: Value) -> list[str] | None:
    """The elements of a list of known strings."""
    found = elements(value)
    strings = [] if found is None else [text(element.get()) for element in found]
    return None if found is None or None in strings else [string for string in strings if string is not None]


def library_of(function: External) -> External:
    """The set that a function was selected from."""
    return External(function.origin, function.names[:-1])
