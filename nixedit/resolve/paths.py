"""Paths of a flake and strings: how they are put together, and when they are the same."""

from __future__ import annotations

import operator as operators
import posixpath
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from msgspec.structs import replace

from nixedit.resolve.values import (
    Call,
    CopiedPath,
    External,
    FunctionValue,
    InputPath,
    ListValue,
    Literal,
    Native,
    Origin,
    PathValue,
    SelfValue,
    SetValue,
    Unknown,
    Value,
    text_of,
)

# What is known to be of one type or another. A call or what an input brings can be anything.
_TYPES: tuple[tuple[type[Value], str], ...] = (
    (ListValue, "list"),
    (SetValue, "set"),
    (FunctionValue, "lambda"),
    (Native, "lambda"),
)


# What nixpkgs' `nixosSystem` calls itself (nixpkgs, flake.nix).
EVAL_CONFIG = ("/nixos/lib/eval-config.nix", "/nixos/lib/eval-config")
# What makes systems is a function, whichever input has it.
_SYSTEMS = ("nixosSystem", "darwinSystem", "homeManagerConfiguration")
_ORDER: Mapping[str, Callable[[Any, Any], bool]] = {
    "<": operators.lt,
    "<=": operators.le,
    ">": operators.gt,
    ">=": operators.ge,
}
_OF_INTEGERS: Mapping[str, Callable[[int, int], bool | int]] = {
    **_ORDER,
    "-": operators.sub,
    "*": operators.mul,
}


def is_outside(path: str) -> bool:
    """Whether a normalised path leads out of the flake."""
    return path == ".." or path.startswith("../")


def path_of(file: str, text: str) -> str | None:
    """The path of the flake that a path literal in a file means; None outside of the flake."""
    if text.startswith(("/", "~")):
        return None
    path = posixpath.normpath(posixpath.join(posixpath.dirname(file), text))
    return None if is_outside(path) else path


def joined(left: Value, right: Value, origin: Origin) -> Value:
    """A string or path with more text behind it: `./x + "/y"`, `"${self}/y"`."""
    left, right = _text_of_flake(left), _text_of_flake(right)
    text = right.value if isinstance(right, Literal) else None
    if isinstance(left, Literal) and left.value == "" and (whole := _as_text(right, origin)) is not None:
        return whole
    if not isinstance(text, str):
        return Unknown(origin)
    if isinstance(left, Literal) and isinstance(left.value, str):
        return text_of(origin, left.value + text)
    if isinstance(left, PathValue) and left.path is not None:
        return _below(left, left.path, text, origin)
    return _outside(left, text, origin)


def _below(left: PathValue, path: str, text: str, origin: Origin) -> Value:
    """A path of the flake with more text behind it."""
    behind = f"/{text}" if left.slash else text
    if path == "." and behind and not behind.startswith("/"):
        # The flake's own folder has a name that is not known: what is put directly behind it is another one.
        return Unknown(origin, "its path is not known")
    found = posixpath.normpath(f"{path}{behind}")
    slash = left.is_text and behind.endswith("/")
    return PathValue(origin, None if is_outside(found) else found, left.is_text, slash)


def _outside(left: Value, text: str, origin: Origin) -> Value:
    """What is no path of the flake, with more text behind it."""
    if (source := source_of(left)) is not None and text.startswith("/"):
        return InputPath(origin, None, is_text=True, source=source, rest=text)
    if isinstance(left, CopiedPath) and ".." not in text.split("/"):
        inside = left.original.endswith("/") or text[:1] in ("", "/")
        return replace(left, origin=origin, original=left.original + text) if inside else Unknown(origin)
    if isinstance(left, InputPath) and text[:1] in ("", "/"):
        return InputPath(origin, None, is_text=True, source=left.source, rest=left.rest + text)
    if isinstance(left, PathValue) and left.is_text and text[:1] in ("", "/"):
        return PathValue(origin, None, is_text=True)
    if text in EVAL_CONFIG and not isinstance(left, PathValue | Literal):
        # Nothing but a nixpkgs has such a file, wherever it is.
        return InputPath(origin, None, is_text=True, rest=text)
    return Unknown(origin)


def _as_text(value: Value, origin: Origin) -> Value | None:
    """A path that is the whole of a string; None for any other value."""
    if isinstance(value, CopiedPath | InputPath):
        return replace(value, origin=origin)
    if isinstance(value, PathValue) and value.is_text:
        return PathValue(origin, value.path, is_text=True, slash=value.slash)
    source = source_of(value)
    return None if source is None else InputPath(origin, None, is_text=True, source=source)


def source_of(value: Value) -> str | None:
    """The input that a value is, or that it is a copy of with other patches; None if it is none.

    Source: nixpkgs manual, "Trivial build helpers", `applyPatches`.
    """
    if is_input(value):
        return value.names[0] if isinstance(value, External) else None
    if isinstance(value, Call) and value.function.names[-1] == "applyPatches" and len(value.arguments) == 1:
        given = value.arguments[0].get()
        source = given.get("src") if isinstance(given, SetValue) else None
        return None if source is None else source_of(source)
    return value.source if isinstance(value, InputPath) and not value.rest and value.source else None


def is_input(value: Value) -> bool:
    """Whether a value is an input, which is a folder outside of the flake in a string."""
    return type(value) is External and len(value.names) == 1 and value.names != ("builtins",)


def _text_of_flake(value: Value) -> Value:
    """The flake itself, in a string, is the path of its folder."""
    found = value.get("outPath") if isinstance(value, SelfValue) else None
    return value if found is None else found


def type_of(value: Value) -> str | None:
    """Nix's name of the type of a value; None where that is not known."""
    if isinstance(value, Literal):
        inner = value.value
        names = {bool: "bool", int: "int", float: "float", str: "string", type(None): "null"}
        return names.get(type(inner))
    if isinstance(value, PathValue):
        return "string" if value.is_text else "path"
    if is_input(value):
        return "set"
    if isinstance(value, External) and value.names[-1] in _SYSTEMS:
        return "lambda"
    return next((name for kind, name in _TYPES if isinstance(value, kind)), None)


def _same_lists(one: ListValue, two: ListValue) -> bool | None:
    least = [sum(len(part.elements) for part in value.parts if part.known) for value in (one, two)]
    if not one.known or not two.known:
        # Of an unknown piece there may be more elements, never fewer than of the known ones.
        longer = (one.known and least[1] > least[0]) or (two.known and least[0] > least[1])
        return False if longer else None
    if least[0] != least[1]:
        return False
    return _all(same(left, right) for left, right in zip(one.elements(), two.elements(), strict=True))


def _same_sets(one: SetValue, two: SetValue) -> bool | None:
    if (one.complete and not one.attributes.keys() >= two.attributes.keys()) or (
        two.complete and not two.attributes.keys() >= one.attributes.keys()
    ):
        return False
    if not one.complete or not two.complete or one.has("type") is not False:
        return None  # two derivations are the same if their paths are
    return _all(same(one.attributes[name].get(), two.attributes[name].get()) for name in one.attributes)


def _all(answers: Iterable[bool | None]) -> bool | None:
    found = list(answers)
    return False if False in found else None if None in found else True


def of_two(operator: str, left: Value, right: Value) -> bool | int | None:
    """What `<`, `-` and their kin give for two numbers or strings; None where that is not known."""
    one, two = (value.value if isinstance(value, Literal) else None for value in (left, right))
    if type(one) is int and type(two) is int:
        found = _OF_INTEGERS.get(operator)
        result = None if found is None else found(one, two)
        return result if result is None or abs(result) < 2**63 else None
    if isinstance(one, str) and isinstance(two, str) and operator in _ORDER:
        return _ORDER[operator](one.encode(), two.encode())
    return None


def same(one: Value, two: Value) -> bool | None:
    """Whether Nix finds two values equal; None where that is not known."""
    types = {type_of(one), type_of(two)}
    if None in types:
        return None
    if isinstance(one, ListValue) and isinstance(two, ListValue):
        return _same_lists(one, two)
    if isinstance(one, SetValue) and isinstance(two, SetValue):
        return _same_sets(one, two)
    if isinstance(one, Literal) and isinstance(two, Literal):
        return one.value == two.value and (len(types) == 1 or types == {"int", "float"})
    if len(types) == 2:
        return False
    if isinstance(one, PathValue) and isinstance(two, PathValue) and None not in (one.path, two.path):
        if one.path != two.path:
            return False
        return None if one.is_text else True
    return None
