"""`builtins.match`: as much of POSIX' extended regular expressions as Python's mean the same by."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from nixedit.resolve.library.calls import Rule, text
from nixedit.resolve.values import Call, Later, ListValue, Literal, Part, Unknown, Value, now

if TYPE_CHECKING:
    from nixedit.resolve.evaluate import Evaluator

# Characters, escaped punctuation, brackets without classes, groups; no quantifier behind another one.
_PIECE = r"(?:[^\\\[\](){}*+?|^$\n]|\\[.\[\](){}*+?|^$]|\[\^?[^\\\[\]^\n]+\])"
_UNDERSTOOD = re.compile(rf"\^?(?:{_PIECE}[*+?]?|[(|]|\)[*+?]?)*\$?")
# What is in a group depends on which way a string is matched where there are several.
_SEVERAL_WAYS = re.compile(r"\||\)[*+?]")


def match(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`match regex string`: null, or what its groups matched (Nix manual, "Built-in Functions")."""
    pattern, content = text(given[0].get()), text(given[1].get())
    if pattern is None or content is None or not content.isascii() or "\n" in content:
        return Unknown(made.origin)
    if not _UNDERSTOOD.fullmatch(pattern) or "()" in pattern or "(|" in pattern or "|)" in pattern:
        return Unknown(made.origin)
    try:
        found = re.fullmatch(pattern, content)
    except re.error:
        return Unknown(made.origin)
    if found is None:
        return Literal(made.origin, None)
    groups: list[Later] = [now(Literal(None, group)) for group in found.groups()]
    if groups and _SEVERAL_WAYS.search(pattern):
        groups = [now(Unknown(made.origin)) for _ in groups]
    return ListValue(made.origin, [Part(groups, None)])


RULES: dict[str, tuple[int, Rule]] = {"match": (2, match)}
