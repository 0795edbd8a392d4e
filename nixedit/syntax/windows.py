"""The children of a node near some places: in a set of fifty thousand bindings an edit concerns three."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from tree_sitter import Node

from nixedit.syntax.nodes import TRANSPARENT
from nixedit.text import Span

# Below this many children for each place, listing all of them is quicker than looking for some.
_PER_PLACE = 60


class Places:
    """Some places of a text.

    Args:
        spans: sorted and disjoint, 0-based bytes.
    """

    __slots__ = ("_ends", "_spans", "_starts")

    def __init__(self, spans: Sequence[Span]) -> None:
        self._spans = spans
        self._starts = [span.start for span in spans]
        self._ends = [span.end for span in spans]

    def overlap(self, start: int, end: int) -> bool:
        """Whether a place shares a byte with a range, or lies (empty) strictly within it."""
        index = bisect_left(self._starts, end)
        return index > 0 and self._ends[index - 1] > start

    def touching(self, start: int, end: int) -> Sequence[Span]:
        """The places that share a byte with a range, or lie directly at one of its ends."""
        return self._spans[bisect_left(self._ends, start) : bisect_right(self._starts, end)]

    def few(self, node: Node) -> bool:
        """Whether the places are few for how many children a node has, so that looking for some pays."""
        widest = max([node.child_count, *(child.child_count for child in _grouping(node))])
        if widest < _PER_PLACE:
            return False
        return widest >= _PER_PLACE * len(self.touching(node.start_byte, node.end_byte))

    def children(self, node: Node) -> list[Node]:
        """The children of a node that touch a place, those of `binding_set` and the like in their stead."""
        result: list[Node] = []
        for child in self._near(node):
            if child.kind_id in TRANSPARENT:
                result += self._near(child)
            else:
                result.append(child)
        return result

    def _near(self, node: Node) -> list[Node]:
        within = self.touching(node.start_byte, node.end_byte)
        result: list[Node] = []
        last = -1
        cursor = node.walk()
        for place in within:
            if cursor.goto_first_child_for_byte(max(place.start - 1, 0)) is None:
                continue
            while True:
                child = cursor.node
                if child is None or child.start_byte > place.end:
                    break
                if child.start_byte > last and child.end_byte >= place.start:
                    result.append(child)
                    last = child.start_byte
                if not cursor.goto_next_sibling():
                    break
            cursor.goto_parent()
        return result


def _grouping(node: Node) -> list[Node]:
    if node.child_count >= _PER_PLACE:
        return []
    return [child for child in node.children if child.kind_id in TRANSPARENT]
