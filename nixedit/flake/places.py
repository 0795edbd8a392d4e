"""Where a set binds a name: the place to show a person for a value, which may be computed far from there."""

from __future__ import annotations

from msgspec import Struct

from nixedit.resolve.values import Origin, SetValue
from nixedit.syntax.layers import Layers, Undecided, child, layers_of


class Written(Struct, frozen=True, eq=False):
    """The written sets that a set consists of: those of one expression, or some that stand in it.

    Attributes:
        origin: the expression.
        layers: the written sets.
    """

    origin: Origin
    layers: Layers


def written_of(value: SetValue, within: Written | None = None) -> Written | None:
    """What a set is written as; None where it is made.

    Args:
        value: the set.
        within: what it was found in: sets that dotted paths spell, `a.b = 1; a.c = 2;`, have no expression.
    """
    origin = value.origin
    if origin is None:
        return None
    if within is not None and within.origin.node.id == origin.node.id:
        return within
    return Written(origin, layers_of(origin.node))


def binding(found: Written | None, name: str) -> tuple[Origin | None, Written | None]:
    """Where a name is bound as a whole, or the sets that spell it together; (None, None) for neither."""
    if found is None:
        return None, None
    try:
        bound = child(found.origin.snapshot, found.layers, name)
    except Undecided:
        return None, None
    if bound is None:
        return None, None
    entry = bound.entry
    if entry is None:
        return None, Written(found.origin, bound.layers)
    return found.origin.at(entry.binding if entry.value is None else entry.value), None
