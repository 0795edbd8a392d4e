"""Which constructs bind names around a place of a file, innermost last, as Nix's `bindVars` nests them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from msgspec import Struct
from tree_sitter import Node

from nixedit.grammar import SCOPING_SETS, SETS, F, K
from nixedit.syntax.layers import Place, named
from nixedit.syntax.nodes import attrs, field, is_set, static_path, unwrapped
from nixedit.syntax.snapshot import Snapshot

_BINDING_KINDS = SETS | {K.LET_ATTRSET, K.LET, K.FUNCTION, K.WITH}


class Group(Struct, frozen=True):
    """The written sets that Nix merges into one.

    Attributes:
        places: where it is written; the first one written decides whether it is recursive.
        recursive: whether its attributes see each other.
    """

    places: tuple[Place, ...]
    recursive: bool


class Frame(Struct, frozen=True):
    """One construct that binds names.

    Attributes:
        node: the `let`, `let { }`, `rec` set (the first of those that merge), function or `with`.
        group: the set that is bound; None for a function and for `with`.
    """

    node: Node
    group: Group | None = None


def own_group(node: Node) -> Group:
    """The group of a set or let that merges with nothing."""
    return Group((Place(node, ()),), node.kind_id in SCOPING_SETS or node.kind_id == K.LET)


def inner_group(snapshot: Snapshot, group: Group, name: str) -> Group:
    """What is written for one name of a group, as far as it is sets."""
    found: list[tuple[int, Place, bool]] = []
    for place in group.places:
        longer: int | None = None
        for entry in named(snapshot, place, name):
            start = entry.binding.start_byte
            if len(entry.names) > len(place.prefix) + 1:
                longer = start if longer is None else longer
            elif entry.value is not None and is_set(entry.value):
                written = unwrapped(entry.value)
                found.append((start, Place(written, ()), written.kind_id == K.REC_ATTRSET))
        if longer is not None:
            found.append((longer, Place(place.node, (*place.prefix, name)), False))
    found.sort(key=lambda item: item[0])
    return Group(tuple(place for _, place, _ in found), bool(found) and found[0][2])


def path_to(root: Node, node: Node) -> list[Node]:
    """The nodes from the root down to a node, both included."""
    path = [root]
    while path[-1] != node:
        inner = path[-1].child_with_descendant(node)
        if inner is None:
            break
        path.append(inner)
    return path


def frames_at(snapshot: Snapshot, node: Node) -> list[Frame]:
    """The constructs whose names are in scope where a node stands, outermost first.

    A name that a plain `inherit` lists is looked up outside of the set that it goes into.
    """
    return _Descent(snapshot).down(path_to(snapshot.root, node))


class _Descent:
    """Follows a path from the root and keeps what binds names on the way."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.frames: list[Frame] = []
        self.group: Group | None = None  # of the set or let whose bindings are being entered
        self.value: Group | None = None  # what the expression being entered merges into, if it is a set
        self.target = 0

    def down(self, path: Sequence[Node]) -> list[Frame]:
        """The frames around the last node of the path."""
        self.target = path[-1].start_byte
        for node, inner in pairwise(path):
            kind = node.kind_id
            if kind in _BINDING_KINDS:
                self._enter(node, inner)
            elif kind == K.BINDING:
                self._binding(node, inner)
            elif kind == K.INHERIT:
                self._leave()
            elif kind not in (K.PARENTHESIZED, K.BINDING_SET):
                self.value = None
        return self.frames

    def _enter(self, node: Node, inner: Node) -> None:
        value, self.value = self.value, None
        if node.kind_id == K.FUNCTION:
            self.frames.append(Frame(node))
        elif node.kind_id == K.WITH:
            if inner == field(node, F.BODY):
                self.frames.append(Frame(node))
        else:
            merged = node.kind_id in SETS and value is not None and value.places
            self.group = value if merged else own_group(node)
            if self.group is not None and self.group.recursive:
                self.frames.append(Frame(self.group.places[0].node, self.group))

    def _leave(self) -> None:
        if self.group is not None and self.group.recursive:
            self.frames.pop()

    def _binding(self, node: Node, inner: Node) -> None:
        """Enter the sets that a path like `a.b.c` goes through: one of them may be a `rec` elsewhere."""
        attrpath = field(node, F.ATTRPATH)
        names = static_path(attrpath, self.snapshot.source.data)
        listed = attrs(attrpath)
        within = inner == attrpath
        group = self.group
        for index, name in enumerate(names):
            last = index == len(names) - 1
            group = None if group is None or name is None else inner_group(self.snapshot, group, name)
            if last or (within and self.target < listed[index].end_byte):
                break
            if group is not None and group.recursive:
                self.frames.append(Frame(group.places[0].node, group))
        self.value = None if within else group
