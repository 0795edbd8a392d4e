"""Rows that a commit changes: what is taken out of and put into each set, let and list, gathered first."""

from __future__ import annotations

from attrs import define, field
from tree_sitter import Node

from nixedit.edits import Edit
from nixedit.grammar import K
from nixedit.layout.rows import New, RowPlan
from nixedit.layout.style import Style
from nixedit.syntax.snapshot import Snapshot
from nixedit.syntax.trivia import Row, row


@define
class RowChange:
    """The changes to one row.

    Attributes:
        node: the set, let or list.
        row: its items.
        removed: indices of items to take out.
        inserted: new items by the index they go behind.
        depth: how many rows around it, on the same line, get lines for their items.
        forced: its items get lines of their own in any case.
    """

    node: Node
    row: Row
    removed: set[int] = field(factory=set)
    inserted: dict[int, list[New]] = field(factory=dict)
    depth: int = 0
    forced: bool = False
    _index: dict[int, int] | None = None

    def index_of(self, node: Node) -> int:
        """The index of the item that a node is."""
        if self._index is None:
            self._index = {item.node.start_byte: index for index, item in enumerate(self.row.items)}
        return self._index[node.start_byte]

    def insert(self, after: int, new: New) -> None:
        """Record a new item behind item `after`; several at one place keep their order."""
        self.inserted.setdefault(after, []).append(new)


class RowChanges:
    """The changes to all rows of a file."""

    def __init__(self, snapshot: Snapshot, style: Style) -> None:
        self.snapshot, self.style = snapshot, style
        self._changes: dict[int, RowChange] = {}

    def of(self, node: Node) -> RowChange:
        """The change to the row of a set, let or list node."""
        change = self._changes.get(node.id)
        if change is None:
            change = self._changes[node.id] = RowChange(node, row(self.snapshot, node))
        return change

    def edits(self) -> list[Edit]:
        """The edits of all rows, after those around a growing one were made to grow too."""
        for change in list(self._changes.values()):
            if self._plan(change).grows():
                self._force_around(change)
        result: list[Edit] = []
        for change in self._changes.values():
            result += self._plan(change).edits()
        return result

    def _plan(self, change: RowChange) -> RowPlan:
        node = change.node
        if node.kind_id == K.LIST:
            one_line, tight = self.style.list_on_one_line, self.style.tight_list
        elif node.kind_id in (K.LET, K.INHERIT, K.INHERIT_FROM):
            one_line, tight = _never, False
        else:
            bound = node.parent is not None and node.parent.kind_id == K.BINDING
            one_line, tight = _SetRule(self.style, bound), self.style.tight_set
        return RowPlan(
            self.snapshot.source, self.style, change.row, change.removed, change.inserted,
            one_line=one_line, tight=tight, depth=change.depth, forced=change.forced,
        )  # fmt: skip

    def _force_around(self, change: RowChange) -> None:
        """What stands on one line with a construct that will not any more gets lines for its items."""
        inner = change
        node = change.node.parent
        grown = [change]
        while node is not None:
            if node.kind_id in (K.LIST, K.ATTRSET, K.REC_ATTRSET):
                inner = self.of(node)
                if self._plan(inner).expanded:
                    break
                for below in grown:
                    below.depth += 0 if inner.forced else 1
                inner.forced = True
                grown.append(inner)
            node = node.parent


def _never(_count: int) -> bool:
    return False


@define
class _SetRule:
    style: Style
    bound: bool

    def __call__(self, count: int) -> bool:
        return self.style.set_on_one_line(count, self.bound)
