"""Whether an option's value is what a rule looks for, and how it is shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct

from nixedit.detect.evidence import shortened
from nixedit.detect.rules import OptionRule
from nixedit.flake.definitions import Definition, code_of
from nixedit.resolve.values import Call, External, ListValue, Literal, Origin, Unknown, Value

# A list longer than that is shown by what was found in it.
_MOST = 4


class Finding(Struct, frozen=True, eq=False):
    """A value that a rule looks for.

    Attributes:
        shown: the value, as short as a person wants it.
        place: where it stands, if that is nearer than its definition.
        doubts: why it may not be so.
    """

    shown: str
    place: Origin | None = None
    doubts: tuple[str, ...] = ()


def matches(rule: OptionRule, definition: Definition) -> Finding | None:
    """What a rule finds in what an option is given; None where that is something else, or not known."""
    return _TESTS[rule.test](rule.wanted, definition)


def _equals(wanted: Any, found: Definition) -> Finding | None:
    value = found.value
    if not isinstance(value, Literal) or type(value.value) is not type(wanted) or value.value != wanted:
        return None
    return Finding(nix(value.value), value.origin)


def _contains(wanted: list[str], found: Definition) -> Finding | None:
    return _in_list(found.value, lambda element: _is_text(element, wanted))


def _is_text(element: Value, wanted: list[str]) -> bool:
    text = element.value if isinstance(element, Literal) else None
    return isinstance(text, str) and any(fnmatchcase(text, pattern) for pattern in wanted)


def _packages(wanted: list[str], found: Definition) -> Finding | None:
    def fits(element: Value) -> bool:
        path = package_path(element)
        return any(fnmatchcase(path, pattern) for pattern in wanted)

    return _in_list(found.value, fits)


def _in_list(value: Value, fits: Callable[[Value], bool]) -> Finding | None:
    """The first element that fits, one that is surely there before one that may be."""
    if not isinstance(value, ListValue):
        return None
    every = list(_elements(value))
    found = sorted((one for one in every if fits(one[0])), key=lambda one: not one[1])
    if not found:
        return None
    element, sure = found[0]
    rest = len(every) > _MOST or not value.known
    shown = [_element(element), "…"] if rest else [_element(one) for one, _ in every]
    doubts = () if sure else ("only under a condition that is not known",)
    return Finding(f"[ {' '.join(dict.fromkeys(shown))} ]", element.origin, doubts)


def _elements(value: ListValue) -> Iterator[tuple[Value, bool]]:
    for part in value.parts:
        for element in part.elements:
            yield element.get(), part.known


def _written(wanted: str, found: Definition) -> Finding | None:
    code = code_of(found.place)
    return Finding(shortened(code)) if re.search(wanted, code) else None


def _defined(wanted: bool, found: Definition) -> Finding | None:
    value = found.value
    if isinstance(value, Literal) and value.value in (False, None, ""):
        return None
    doubts = ("its value is not known",) if _is_computed(value) else ()
    code = nix(value.value) if isinstance(value, Literal) else shortened(code_of(found.place))
    return Finding(code, doubts=doubts)


def _is_computed(value: Value) -> bool:
    """Whether a value may as well be false or null: one that `config` has, or that is not known at all."""
    return isinstance(value, Unknown) or (isinstance(value, External) and value.names[0] == "config")


def package_path(value: Value) -> str:
    """The path of a package in `pkgs`, also of one that is overridden; "" for all else."""
    while isinstance(value, Call):
        value = value.function
    if not isinstance(value, External) or value.names[0] != "pkgs":
        return ""
    return ".".join(name for name in value.names[1:] if name not in ("override", "overrideAttrs"))


def _element(value: Value) -> str:
    return nix(value.value) if isinstance(value, Literal) else package_path(value) or "…"


def nix(value: Any) -> str:
    """A plain value as Nix writes it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if value is None:
        return "null"
    return f'"{value}"' if isinstance(value, str) else str(value)


_TESTS: dict[str, Callable[[Any, Definition], Finding | None]] = {
    "equals": _equals,
    "contains": _contains,
    "packages": _packages,
    "written": _written,
    "defined": _defined,
}
