"""What a TOML file may say, as data: a check for each key, and problems that name the key."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

from nixedit.errors import did_you_mean

Path = tuple[str | int, ...]


class Problem(Struct, frozen=True):
    """What is wrong with a key or its value.

    Attributes:
        path: the key, from the file's top: `("files", 0, "path")`.
        message: one sentence.
        hint: what to write instead, or None.
        at_key: whether the key is wrong rather than its value.
    """

    path: Path
    message: str
    hint: str | None = None
    at_key: bool = False


Check = Callable[[Any, Path], Iterator[Problem]]
# What is wrong with a text, as the end of a sentence, and a hint; None where it is right.
Fault = Callable[[str], str | None]


class Key(Struct, frozen=True):
    """A key that a table may have."""

    check: Check
    required: bool = False


def text(fault: Fault | None = None, wanted: str = "a text") -> Check:
    """A string; `fault` tells what is wrong with one."""

    def check(value: Any, path: Path) -> Iterator[Problem]:
        if not isinstance(value, str):
            yield _other(path, wanted, value)
        elif not value.strip() or not value.isprintable():
            yield Problem(path, f"{_named(path)} must be {wanted}, and this is {_blank(value)}")
        elif fault is not None and (wrong := fault(value)) is not None:
            yield Problem(path, f"{_named(path)} must be {wanted}: {wrong}")

    return check


def number(value: Any, path: Path) -> Iterator[Problem]:
    """A whole number from 1 on."""
    if not isinstance(value, int) or isinstance(value, bool):
        yield _other(path, "a whole number", value)
    elif value < 1:
        yield Problem(path, f"{_named(path)} must be 1 or more")


def boolean(value: Any, path: Path) -> Iterator[Problem]:
    """`true` or `false`."""
    if not isinstance(value, bool):
        yield _other(path, "true or false", value)


def day(value: Any, path: Path) -> Iterator[Problem]:
    """A date without a time."""
    if not isinstance(value, dt.date) or isinstance(value, dt.datetime):
        yield _other(path, "a date", value)


def listed(item: Check, wanted: str) -> Check:
    """A list whose elements all pass a check."""

    def check(value: Any, path: Path) -> Iterator[Problem]:
        if not isinstance(value, list):
            yield _other(path, wanted, value)
            return
        for index, element in enumerate(value):
            yield from item(element, (*path, index))
            if element in value[:index]:
                yield Problem((*path, index), f"this stands twice in {_named(path)}")

    return check


def mapping(value_check: Check, fault: Fault | None = None) -> Check:
    """A table with any keys that `fault` finds nothing wrong with, and values that pass a check."""

    def check(value: Any, path: Path) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield _other(path, "a table", value)
            return
        for name, inner in value.items():
            wrong = None if fault is None else fault(name)
            if wrong is not None:
                yield Problem((*path, name), f"`{name}`: {wrong}", at_key=True)
            yield from value_check(inner, (*path, name))

    return check


def table(keys: Mapping[str, Key]) -> Check:
    """A table with these keys and no others."""

    def check(value: Any, path: Path) -> Iterator[Problem]:
        if not isinstance(value, dict):
            yield _other(path, "a table", value)
            return
        for name, inner in value.items():
            if name in keys:
                yield from keys[name].check(inner, (*path, name))
            else:
                hint = did_you_mean(name, keys)
                yield Problem((*path, name), f"`{name}` is no key of {_table(path)}", hint, at_key=True)
        for name, key in keys.items():
            if key.required and name not in value:
                yield Problem(path, f"{_table(path)} has no `{name}`", at_key=True)

    return check


def _other(path: Path, wanted: str, value: Any) -> Problem:
    return Problem(path, f"{_named(path)} must be {wanted}, and this is {_kind(value)}")


def _kind(value: Any) -> str:
    for kind, name in (
        (bool, "true or false"),
        (str, "a text"),
        (int, "a number"),
        (float, "a number"),
        (list, "a list"),
        (dict, "a table"),
    ):
        if isinstance(value, kind):
            return name
    return "a date or time"


def _blank(value: str) -> str:
    return "empty" if not value.strip() else "one with characters that cannot be seen"


def _named(path: Path) -> str:
    """The key as a person calls it; of an element, its list."""
    if not path:
        return "the file"
    if isinstance(path[-1], int):
        return f"an element of `{path[-2]}`" if len(path) > 1 else "an element"
    return f"`{path[-1]}`"


def _table(path: Path) -> str:
    names = ".".join(str(name) for name in path if isinstance(name, str))
    if not names:
        return "the file"
    return f"[[{names}]]" if isinstance(path[-1], int) else f"[{names}]"
