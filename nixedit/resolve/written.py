"""The values of written sets: bindings, inherited names and computed names, merged as Nix merges them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tree_sitter import Node

from nixedit.grammar import F, K
from nixedit.resolve.values import Later, Literal, Origin, SetValue, Unknown, Value, now
from nixedit.syntax.entries import Entry
from nixedit.syntax.layers import Layers, child
from nixedit.syntax.nodes import attrs, field
from nixedit.syntax.scope import Scope
from nixedit.syntax.sets import set_index
from nixedit.text import decode

if TYPE_CHECKING:
    from nixedit.resolve.evaluate import Evaluator


def merged(evaluator: Evaluator, origin: Origin, layers: Layers, *, spread: bool = False) -> Value:
    """The value of written sets that Nix merges; whether they are spread over bindings of the origin."""
    attributes: dict[str, Later] = {}
    computed: dict[str, Later] = {}
    for layer in layers:
        for place in layer.places:
            depth = len(place.prefix)
            for found in set_index(origin.snapshot, place.node).entries:
                if found.names[:depth] != place.prefix or len(found.names) <= depth:
                    continue
                name = found.names[depth]
                if name is not None:
                    if name not in attributes:
                        attributes[name] = _attribute(evaluator, origin, layers, name)
                    continue
                # Nix manual, "Attribute sets": a name that is null adds nothing.
                code, known = _computed_name(evaluator, origin, found, depth)
                if isinstance(known, Literal) and isinstance(known.value, str):
                    attributes.setdefault(known.value, _named(evaluator, origin, found, depth))
                elif not isinstance(known, Literal) or known.value is not None:
                    computed[code] = _named(evaluator, origin, found, depth)
    return SetValue(origin, attributes, None, computed, layers if spread else ())


def _computed_name(evaluator: Evaluator, origin: Origin, found: Entry, depth: int) -> tuple[str, Value]:
    """The code of a name that is an expression, and what it is."""
    holder = found.attr or attrs(field(found.binding, F.ATTRPATH))[depth]
    value = Unknown(origin) if found.attr is not None else evaluator.evaluate(origin.at(_expression(holder)))
    return decode(origin.snapshot.text(holder)), value


def _named(evaluator: Evaluator, origin: Origin, found: Entry, depth: int) -> Later:
    """The value of an attribute whose name is an expression."""
    if found.value is None or len(found.names) > depth + 1:
        return now(Unknown(origin.at(found.binding)))
    return evaluator.later(origin.at(found.value))


def _expression(attr: Node) -> Node:
    inner = attr.child_by_field_id(F.EXPRESSION) if attr.kind_id == K.INTERPOLATION else None
    return attr if inner is None else inner


def text_of(evaluator: Evaluator, origin: Origin, attr: Node) -> str | None:
    """The name that a computed attribute has, if it is known."""
    return evaluator.text(origin.at(_expression(attr)))


def _attribute(evaluator: Evaluator, origin: Origin, layers: Layers, name: str) -> Later:
    def compute() -> Value:
        found = child(origin.snapshot, layers, name)
        if found is None:
            return Unknown(origin)
        if found.entry is not None:
            return entry(evaluator, origin, found.entry, name)
        return merged(evaluator, origin, found.layers, spread=True)

    return Later(compute)


def entry(evaluator: Evaluator, origin: Origin, found: Entry, name: str) -> Value:
    """The value of a binding, or of an inherited name."""
    if found.value is not None:
        return evaluator.evaluate(origin.at(found.value))
    source = found.binding.child_by_field_id(F.EXPRESSION)
    attr = found.attr
    if source is not None:
        value = evaluator.select(evaluator.evaluate(origin.at(source)), name, origin.at(source))
        return value or Unknown(origin.at(source), f"it has no `{name}`")
    if attr is None:
        return Unknown(origin)
    return evaluator.name(origin.at(attr), name, Scope.of(origin.snapshot).resolve(attr))
