"""What `nixedit.check` must hold, checked the slow way: a full walk of both trees, node by node.

It shares nothing with the check but the meaning: every node that no edit replaced keeps its kind, its
parent and its place, every new node stands in a replacement, and a replacement is what it said.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tree_sitter import Node, Tree

from nixedit.edits import EditSet
from nixedit.grammar import K

GROUPING = frozenset({K.BINDING_SET, K.INHERITED_ATTRS})


class Place(NamedTuple):
    """A node without its tree."""

    start: int
    end: int
    kind: int


def nodes(tree: Tree) -> Iterator[tuple[Place, Place | None]]:
    """Every node below the root with its parent (None: the root), those that only group left out."""
    stack: list[tuple[Node, Place | None]] = [(tree.root_node, None)]
    while stack:
        node, parent = stack.pop()
        for child in node.children:
            if child.kind_id in GROUPING:
                stack.append((child, parent))
                continue
            place = Place(child.start_byte, child.end_byte, child.kind_id)
            yield place, parent
            stack.append((child, place))


class Moves:
    """Where bytes go, one edit after the other."""

    def __init__(self, edits: EditSet) -> None:
        self.edits = list(edits)

    def gone(self, start: int, end: int) -> bool:
        """Whether no byte of a range is left."""
        kept = set(range(start, end))
        for edit in self.edits:
            kept -= set(range(edit.start, edit.end))
        return not kept

    def place(self, place: Place) -> Place | None:
        if self.gone(place.start, place.end):
            return None
        return Place(self._at(place.start, True), self._at(place.end, False), place.kind)

    def _at(self, offset: int, is_start: bool) -> int:
        shift = 0
        for edit in self.edits:
            if edit.start < offset < edit.end:
                return edit.start + shift + (len(edit.replacement) if is_start else 0)
            before = edit.end <= offset and not (edit.start == edit.end == offset and not is_start)
            if before:
                shift += len(edit.replacement) - (edit.end - edit.start)
        return offset + shift

    def inserted(self, place: Place) -> int | None:
        """The edit whose replacement a new node stands in."""
        for number, span in enumerate(EditSet(self.edits).new_spans()):
            if span.start <= place.start and place.end <= span.end and span.start < span.end:
                return number
        return None


def fault(old: Tree, new: Tree, edits: EditSet) -> str | None:
    """Why an edit of one tree into the other is wrong; None when it is right."""
    if new.root_node.has_error:
        return "syntax error"
    moves = Moves(edits)
    fresh = dict(nodes(new))
    expected: set[Place] = set()
    for place, parent in nodes(old):
        moved = moves.place(place)
        if moved is None:
            continue
        expected.add(moved)
        if moved not in fresh:
            return f"{place} is not at {moved}"
        if place.kind != K.COMMENT or (parent is not None and moves.place(parent) is not None):
            above = None if parent is None else moves.place(parent)
            if fresh[moved] != above:
                return f"{place} has another parent"
    tops: list[list[tuple[int, int, int]]] = [[] for _ in edits]
    for place, parent in fresh.items():
        if place in expected:
            continue
        number = moves.inserted(place)
        if number is None:
            return f"{place} is new"
        if place.kind == K.COMMENT or (parent is not None and moves.inserted(parent) == number):
            continue
        start = edits.new_spans()[number].start
        tops[number].append((place.kind, place.start - start, place.end - start))
    for edit, found in zip(edits, tops, strict=True):
        if sorted(found) != sorted((item.kind, item.start, item.end) for item in edit.expected):
            return f"{edit} reads as {found}"
    return None
