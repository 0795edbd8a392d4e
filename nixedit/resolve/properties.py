"""Functions that say when or how strongly a definition counts: `mkIf`, `mkMerge`, `mkForce` and their kin.

Source: NixOS manual, "Option Definitions"; nixpkgs, lib/modules.nix.
"""

from __future__ import annotations

from collections.abc import Iterator

from nixedit.resolve.library.calls import boolean
from nixedit.resolve.values import Call, ListValue, SetValue, Unknown, Value, now

USUAL = 100
# The numbers of nixpkgs' lib/modules.nix: the lowest one wins.
PRIORITIES = {
    "mkVMOverride": 10,
    "mkForce": 50,
    "mkImageMediaOverride": 60,
    "mkDefault": 1000,
    "mkOptionDefault": 1500,
}
FORCING = (*(name for name, number in PRIORITIES.items() if number < USUAL), "mkOverride")
YIELDING = tuple(name for name, number in PRIORITIES.items() if number > USUAL)
ORDERED = ("mkBefore", "mkAfter", "mkOrder")
MERGING = "mkMerge"
CONDITIONAL = "mkIf"
# These keep the usual priority.
KEEPING = (CONDITIONAL, *ORDERED, MERGING)


def is_property(value: Call) -> bool:
    """Whether a call says when or how strongly what it is given counts: `mkIf`, `mkForce` and their kin."""
    name = value.function.names[-1]
    wanted = 2 if name in (CONDITIONAL, "mkOverride", "mkOrder") else 1
    return name in (*KEEPING, *FORCING, *YIELDING) and len(value.arguments) == wanted


def defined(value: Value) -> Iterator[Value]:
    """What a definition is, seen through `mkIf` and `mkMerge`.

    Args:
        value: the definition.

    Returns:
        its parts; of those that may not count as a condition is not known, no more than the names.
    """
    name = value.function.names[-1] if isinstance(value, Call) and is_property(value) else None
    if not isinstance(value, Call) or name not in (CONDITIONAL, MERGING):
        yield value
        return
    inner = value.arguments[-1].get()
    if name == MERGING and isinstance(inner, ListValue) and inner.known:
        for element in inner.elements():
            yield from defined(element)
    elif name == MERGING:
        yield Unknown.because(inner, value.origin, "a computed list is merged here")
    elif (condition := boolean(value.arguments[0].get())) is None:
        yield from map(_perhaps, defined(inner))
    elif condition:
        yield from defined(inner)


def _perhaps(value: Value) -> Value:
    """A set that may be there, or not: of its names another one may be what counts."""
    unknown = Unknown.because(value, value.origin, "it depends on a condition")
    if not isinstance(value, SetValue):
        return unknown
    attributes, computed = (
        dict.fromkeys(found, now(unknown)) for found in (value.attributes, value.computed)
    )
    return SetValue(value.origin, attributes, value.rest and unknown, computed)
