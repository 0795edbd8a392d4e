"""Functions of strings. Sources: Nix manual, "Built-in Functions"; nixpkgs manual, `lib.strings`."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from nixedit.resolve.library.calls import Rule, text, texts
from nixedit.resolve.values import Call, Later, Literal, PathValue, SelfValue, Unknown, Value, text_of

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
    if suffix is not None and isinstance(value, PathValue) and value.path not in (None, "."):
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
    if isinstance(value, PathValue):
        return PathValue(made.origin, value.path, is_text=True)
    if not isinstance(value, Literal) or isinstance(value.value, float):
        return Unknown(made.origin)
    if value.value is None or isinstance(value.value, bool):
        return Literal(made.origin, "1" if value.value else "")
    return Literal(made.origin, str(value.value))


RULES: dict[str, tuple[int, Rule]] = {
    "hasSuffix": (2, has_suffix),
    "hasPrefix": (2, _of_two(lambda prefix, content: content.startswith(prefix))),
    "removeSuffix": (2, _of_two(lambda suffix, content: content.removesuffix(suffix))),
    "removePrefix": (2, _of_two(lambda prefix, content: content.removeprefix(prefix))),
    "concatStringsSep": (2, joined),
    "baseNameOf": (1, base_name),
    "toString": (1, to_string),
}
