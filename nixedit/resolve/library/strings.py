"""Functions of strings. Sources: Nix manual, "Built-in Functions"; nixpkgs manual, `lib.strings`."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from nixedit.resolve.library.calls import Rule, integer, text, texts
from nixedit.resolve.paths import is_input
from nixedit.resolve.values import (
    Call,
    Later,
    ListValue,
    Literal,
    Part,
    PathValue,
    SelfValue,
    Unknown,
    Value,
    now,
    text_of,
)

if TYPE_CHECKING:
    from nixedit.resolve.evaluate import Evaluator


def _of_two(rule: Callable[[str, str], str | bool]) -> Rule:
    """A function of two strings, the first of which says what to look for."""

    def apply(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
        one, two = text(given[0].get()), text(given[1].get())
        return Unknown(made.origin) if one is None or two is None else Literal(made.origin, rule(one, two))

    return apply


def has_suffix(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`hasSuffix suffix string`, also of the name of a file, which a path in the store keeps."""
    suffix, value = text(given[0].get()), given[1].get()
    content = text(value)
    if (
        suffix is not None
        and isinstance(value, PathValue)
        and not value.slash
        and value.path not in (None, ".")
    ):
        name = posixpath.basename(str(value.path))
        # In front of the name there is a slash, or a dash in the store.
        content = name if len(suffix) <= len(name) or not set(suffix) & set("/-") else None
    if suffix is None or content is None:
        return Unknown(made.origin)
    return Literal(made.origin, content.endswith(suffix))


def joined(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`concatStringsSep separator strings`."""
    separator, strings = text(given[0].get()), texts(given[1].get())
    if separator is None or strings is None:
        return Unknown(made.origin)
    return text_of(made.origin, separator.join(strings))


def base_name(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`baseNameOf`, of a string or a path."""
    value = given[0].get()
    content = value.path if isinstance(value, PathValue) else text(value)
    if content in (None, ".") or content.endswith("/"):
        return Unknown(made.origin)
    return Literal(made.origin, content.rpartition("/")[2])


def to_string(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`toString`. A path is not copied into the store."""
    value = given[0].get()
    if isinstance(value, SelfValue):
        return value.get("outPath") or Unknown(made.origin)
    if is_input(value):
        return value  # a folder, as in a string
    if isinstance(value, PathValue):
        return PathValue(made.origin, value.path, is_text=True, slash=value.slash)
    if not isinstance(value, Literal) or isinstance(value.value, float):
        return Unknown(made.origin)
    if value.value is None or isinstance(value.value, bool):
        return Literal(made.origin, "1" if value.value else "")
    return Literal(made.origin, str(value.value))


def replaced(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`replaceStrings from to string`: at each place the first of `from` that stands there; none is empty."""
    old, new, content = texts(given[0].get()), texts(given[1].get()), text(given[2].get())
    if old is None or new is None or content is None or len(old) != len(new) or "" in old:
        return Unknown(made.origin)
    result, at = "", 0
    while at < len(content):
        index = next((index for index, part in enumerate(old) if content.startswith(part, at)), None)
        result += content[at] if index is None else new[index]
        at += 1 if index is None else len(old[index])
    return text_of(made.origin, result)


def split(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`splitString separator string`."""
    separator, content = text(given[0].get()), text(given[1].get())
    if not separator or content is None:
        return Unknown(made.origin)
    parts = [now(Literal(None, part)) for part in content.split(separator)]
    return ListValue(made.origin, [Part(parts, None)])


def length(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`stringLength string`, in bytes."""
    content = text(given[0].get())
    return Unknown(made.origin) if content is None else Literal(made.origin, len(content.encode()))


def cut(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`substring start length string`, of strings whose bytes are their characters."""
    start, size, content = integer(given[0].get()), integer(given[1].get()), text(given[2].get())
    if start is None or size is None or content is None or start < 0 or not content.isascii():
        return Unknown(made.origin)
    return Literal(made.origin, content[start:] if size < 0 else content[start : start + size])


def _cased(rule: Callable[[str], str]) -> Rule:
    """A function of one string that changes the case of its ASCII letters."""

    def apply(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
        content = text(given[0].get())
        return Literal(made.origin, rule(content)) if content and content.isascii() else Unknown(made.origin)

    return apply


RULES: dict[str, tuple[int, Rule]] = {
    "hasSuffix": (2, has_suffix),
    "hasPrefix": (2, _of_two(lambda prefix, content: content.startswith(prefix))),
    "removeSuffix": (2, _of_two(lambda suffix, content: content.removesuffix(suffix))),
    "removePrefix": (2, _of_two(lambda prefix, content: content.removeprefix(prefix))),
    "concatStringsSep": (2, joined),
    "hasInfix": (2, _of_two(lambda part, content: part in content)),
    "replaceStrings": (3, replaced),
    "splitString": (2, split),
    "stringLength": (1, length),
    "substring": (3, cut),
    "toLower": (1, _cased(str.lower)),
    "toUpper": (1, _cased(str.upper)),
    "baseNameOf": (1, base_name),
    "toString": (1, to_string),
}
