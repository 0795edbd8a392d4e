"""Functions of other flakes: of flake-utils, which puts systems below outputs, and import-tree."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nixedit.resolve.library.calls import Rule, applied, elements
from nixedit.resolve.library.files import import_tree
from nixedit.resolve.values import Call, External, Later, ListValue, SetValue, Unknown, Value, now

if TYPE_CHECKING:
    from nixedit.resolve.evaluate import Evaluator


def each_system(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`eachSystem systems function`: the names that it gives, each with the systems below it."""
    if len(given) > 1 and not _are_some(given[0].get()):
        return Unknown(made.origin, "the systems are computed here")
    found = _for_a_system(evaluator, made, given[-1])
    if not isinstance(found, SetValue):
        return Unknown(made.origin, "the outputs of each system are computed here")
    inner = now(Unknown(made.origin, "one for each system"))
    return SetValue(
        made.origin, dict.fromkeys(found.attributes, inner), found.rest, dict.fromkeys(found.computed, inner)
    )


def pass_through(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`eachDefaultSystemPassThrough function`: what it gives for each system, merged."""
    return _for_a_system(evaluator, made, given[-1])


def _for_a_system(evaluator: Evaluator, made: Call, function: Later) -> Value:
    """What a function gives for any system: only what does not depend on it is known."""
    return applied(
        evaluator, made, function, now(Unknown(made.origin, "it is another for each system"))
    ).get()


def _are_some(systems: Value) -> bool:
    """Whether there is at least one system: flake-utils' own lists are not empty."""
    return isinstance(systems, External) or (isinstance(systems, ListValue) and bool(elements(systems)))


RULES: dict[str, tuple[int, Rule]] = {
    "eachSystem": (2, each_system),
    "eachDefaultSystem": (1, each_system),
    "eachDefaultSystemPassThrough": (1, pass_through),
    "import-tree": (1, import_tree),
}
