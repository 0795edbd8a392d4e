"""What an attribute set consists of, without merging it: the written sets that hold it, as Nix combines them.

`{ a.b = 1; a = { c = 2; }; }.a` is one set in two places; `x // { b = 1; }` is two layers, of which the
right one wins, and of which the left one is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from msgspec import Struct
from tree_sitter import Node

from nixedit.grammar import SETS, F, K
from nixedit.syntax.entries import Entry
from nixedit.syntax.nodes import field, unwrapped
from nixedit.syntax.sets import set_index
from nixedit.syntax.snapshot import Snapshot

Names = tuple[str, ...]


class Place(Struct, frozen=True):
    """A written set, and the path under which its entries belong to the set in question.

    Attributes:
        node: an `attrset_expression` or `rec_attrset_expression`.
        prefix: what the entries' attribute paths begin with.
    """

    node: Node
    prefix: Names


class Layer(Struct, frozen=True):
    """Operands that Nix merges into one set, or an operand that is not known.

    Attributes:
        places: where it is written; empty for an unknown operand.
        unknown: the computed operand, or None.
    """

    places: tuple[Place, ...]
    unknown: Node | None = None


# The layers of a set, the one that wins first.
Layers = tuple[Layer, ...]


class Found(Struct, frozen=True):
    """What a name is bound to.

    Attributes:
        entry: the one binding or inherited name, if the name is bound by exactly one as a whole.
        layers: the set that it is, or () where it is no written set.
    """

    entry: Entry | None
    layers: Layers


class Undecided(Exception):
    """A name cannot be looked up without evaluating `node`."""

    def __init__(self, node: Node) -> None:
        super().__init__()
        self.node = node


# Most values: what is neither a set nor gives one of an inner expression.
_NO_SETS = frozenset(
    {K.INTEGER, K.FLOAT, K.STRING, K.INDENTED_STRING, K.PATH, K.LIST, K.APPLY, K.SELECT, K.UNARY, K.IF}
)


def core(node: Node, functions: bool = False, resolve: Callable[[Node], Node | None] | None = None) -> Node:
    """The expression that gives a node its value, seen through parentheses, let, with and assert.

    Args:
        node: an expression.
        functions: see through function heads too, as for the file's own set.
        resolve: what a variable stands for, where that may be seen through.
    """
    while True:
        kind = node.kind_id
        if kind == K.PARENTHESIZED:
            node = field(node, F.EXPRESSION)
        elif kind in (K.LET, K.WITH, K.ASSERT) or (functions and kind == K.FUNCTION):
            node = field(node, F.BODY)
        else:
            target = resolve(node) if resolve is not None and kind == K.VARIABLE else None
            if target is None:
                return node
            node = target


def layers_of(
    node: Node, functions: bool = False, resolve: Callable[[Node], Node | None] | None = None
) -> Layers:
    """The layers of an expression that is a written set or `//` with one; () for anything else."""
    if node.kind_id in _NO_SETS:
        return ()
    layers: list[Layer] = []
    known = False
    stack = [node]
    while stack:
        inner = core(stack.pop(), functions, resolve)
        functions = False
        if inner.kind_id in SETS:
            layers.append(Layer((Place(inner, ()),)))
            known = True
        elif inner.kind_id == K.BINARY and field(inner, F.OPERATOR).type == "//":
            stack += [field(inner, F.LEFT), field(inner, F.RIGHT)]
        else:
            layers.append(Layer((), inner))
    return tuple(layers) if known else ()


def entries(snapshot: Snapshot, place: Place) -> Iterable[Entry]:
    """The entries of a place that belong to the set in question, with their whole paths."""
    index = set_index(snapshot, place.node)
    return index.branch(place.prefix).longer if place.prefix else index.entries


def named(snapshot: Snapshot, place: Place, name: str) -> list[Entry]:
    """The entries of a place whose next name is `name`."""
    return set_index(snapshot, place.node).branch((*place.prefix, name)).entries


def child(snapshot: Snapshot, layers: Layers, name: str) -> Found | None:
    """What `name` is bound to in a set; None where it is not.

    Raises:
        Undecided: a computed operand of `//` may bind it.
    """
    for layer in layers:
        if layer.unknown is not None:
            raise Undecided(layer.unknown)
        found = _child_in(snapshot, layer, name)
        if found is not None:
            return found
    return None


def _child_in(snapshot: Snapshot, layer: Layer, name: str) -> Found | None:
    places: list[Place] = []
    whole: list[Entry] = []
    for place in layer.places:
        path = (*place.prefix, name)
        own, goes_on = set_index(snapshot, place.node).bound(path)
        whole += own
        if goes_on:
            places.append(Place(place.node, path))
    if not whole:
        return Found(None, (Layer(tuple(places)),)) if places else None
    if len(whole) == 1 and not places:
        value = whole[0].value
        return Found(whole[0], () if value is None else layers_of(value))
    for entry in whole:  # several definitions: Nix merges written sets, also in parentheses, and nothing else
        inner = entry.value
        if inner is not None and unwrapped(inner).kind_id in SETS:
            places.append(Place(unwrapped(inner), ()))
    return Found(None, (Layer(tuple(places)),))


def lookup(snapshot: Snapshot, layers: Layers, names: Names) -> Found | None:
    """What a path is bound to, name by name; None where it is not, or where it goes through no set.

    Raises:
        Undecided: it depends on a computed operand of `//`.
    """
    found: Found | None = Found(None, layers)
    for name in names:
        if found is None or not found.layers:
            return None
        found = child(snapshot, found.layers, name)
    return found
