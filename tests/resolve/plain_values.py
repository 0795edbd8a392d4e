"""Values of the evaluator beside those of Nix: whether one says what the other does."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from nixedit.resolve.evaluate import Evaluator
from nixedit.resolve.library.calls import elements
from nixedit.resolve.reading import files_of
from nixedit.resolve.values import (
    Call,
    External,
    ListValue,
    Literal,
    PathValue,
    SetValue,
    Unknown,
    Value,
    now,
)
from nixedit.workspaces import Workspace

UNKNOWN = "unknown"


def evaluator_of(folder: Path) -> Evaluator:
    """An evaluator of the files of a folder."""
    return Evaluator(files_of(Workspace(folder)))


def evaluated(folder: Path, code: str) -> Value:
    """The value of an expression that is written in a folder."""
    (folder / "expression.nix").write_text(code)
    return evaluator_of(folder).file("expression.nix")


def evaluated_with_library(evaluator: Evaluator, name: str) -> Value:
    """The value of a file that is a function of `{ lib }`."""
    function = evaluator.file(name)
    assert function.origin is not None
    given = SetValue(None, {"lib": now(External(None, ("nixpkgs", "lib")))})
    return evaluator.apply(function, now(given), function.origin)


def to_python(value: Value) -> Any:
    """A value as plain data, `UNKNOWN` where it is not known; functions and what inputs bring by their names."""
    if isinstance(value, Literal):
        return value.value
    if isinstance(value, PathValue):
        return f"{'text' if value.is_text else 'path'}:{value.path}"
    if isinstance(value, ListValue):
        found = elements(value)
        return UNKNOWN if found is None else [to_python(element.get()) for element in found]
    if isinstance(value, SetValue):
        known = {name: to_python(later.get()) for name, later in value.attributes.items()}
        return known if value.complete else {**known, "...": UNKNOWN}
    if isinstance(value, External):
        return ".".join(value.names)
    if isinstance(value, Call):
        return f"{'.'.join(value.function.names)} ..."
    return UNKNOWN if isinstance(value, Unknown) else type(value).__name__


def difference(value: Value, nix: Any, folder: Path, at: str = "it") -> str | None:
    """Where a value says something else than Nix, which may know more; None where it does not."""
    if isinstance(value, Unknown | Call | External):
        return None
    if isinstance(value, SetValue):
        return _of_sets(value, nix, folder, at)
    if isinstance(value, ListValue):
        return _of_lists(value, nix, folder, at)
    if isinstance(value, PathValue):
        slash = "/" if value.slash else ""
        expected = None if value.path is None else str((folder / value.path).absolute()) + slash
        return None if expected in (None, nix) else f"{at} is {expected}, not {nix!r}"
    if isinstance(value, Literal):
        # Of a float without a fraction JSON shows an integer.
        types = {type(value.value), type(nix)}
        right = value.value == nix and (len(types) == 1 or types == {int, float})
        return None if right else f"{at} is {value.value!r}, not {nix!r}"
    return f"{at} is a {type(value).__name__}, not {nix!r}"


def _of_sets(value: SetValue, nix: Any, folder: Path, at: str) -> str | None:
    if not isinstance(nix, dict):
        return f"{at} is a set, not {nix!r}"
    more = nix.keys() - value.attributes.keys()
    if value.complete and more:
        return f"{at} has no {sorted(more)}"
    for name, later in value.attributes.items():
        if name not in nix:
            return f"{at} has `{name}`"
        found = difference(later.get(), nix[name], folder, f"{at}.{name}")
        if found is not None:
            return found
    return None


def _of_lists(value: ListValue, nix: Any, folder: Path, at: str) -> str | None:
    if not isinstance(nix, list):
        return f"{at} is a list, not {nix!r}"
    index = 0
    for part in value.parts:
        if not part.known:
            return None
        for element in part.elements:
            if index == len(nix):
                return f"{at} has more than {index} elements"
            found = difference(element.get(), nix[index], folder, f"{at}[{index}]")
            if found is not None:
                return found
            index += 1
    return None if index == len(nix) else f"{at} has {index} elements, not {len(nix)}"
