"""Rows that a commit changes: what is taken out of and put into each set, let and list, gathered first."""

from __future__ import annotations

from collections.abc import Callable, Collection

from msgspec import Struct, field
from tree_sitter import Node

from nixedit.edits import Edit
from nixedit.grammar import K
from nixedit.layout.rows import New, RowPlan
from nixedit.layout.style import Style, style_of
from nixedit.syntax.nodes import holder
from nixedit.syntax.snapshot import Snapshot
from nixedit.syntax.trivia import Row, row


class RowChange(Struct):
    """The changes to one row.

    Attributes:
        node: the set, let or list.
        row: its items.
        removed: indices of items to take out.
        inserted: new items by the index they go behind.
        deeper: by how many levels another edit moves the line that it begins on to the right.
    """

    node: Node
    row: Row
    removed: set[int] = field(default_factory=set)
    inserted: dict[int, list[New]] = field(default_factory=dict)
    deeper: int = 0

    def index_of(self, node: Node) -> int:
        """The index of the item that a node is."""
        return self.row.items.index_of(node.start_byte)

    def insert(self, after: int, new: New) -> None:
        """Record a new item behind item `after`; those of one place in order, or in that of keys."""
        there = self.inserted.setdefault(after, [])
        there.append(new)
        if new.key:
            there.sort(key=lambda item: item.key)

    def disown(self, index: int, starts: Collection[int]) -> None:
        """Let comments directly above an item be nobody's: those that begin at some offsets (bytes)."""
        leading = self.row.items[index].leading if starts else ()
        free = [comment for comment in leading if comment.start in starts]
        if free:
            self.row = self.row.without(free)

    @property
    def emptied(self) -> bool:
        """Whether everything goes that is in it, and no comment stays."""
        return len(self.removed) == len(self.row.items) and not self.inserted and not self.row.comments


class RowChanges:
    """The changes to all rows of a file."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._changes: dict[int, RowChange] = {}
        self._forced: set[int] = set()

    @property
    def style(self) -> Style:
        """The file's layout."""
        return style_of(self.snapshot)

    def of(self, node: Node) -> RowChange:
        """The change to the row of a set, let or list node."""
        change = self._changes.get(node.id)
        if change is None:
            change = self._changes[node.id] = RowChange(node, row(self.snapshot, node))
        return change

    def forget(self, node: Node) -> None:
        """Drop the changes within a node, which goes as a whole."""
        for key, change in list(self._changes.items()):
            if node.start_byte <= change.node.start_byte and change.node.end_byte <= node.end_byte:
                del self._changes[key]

    def edits(self) -> list[Edit]:
        """The edits of all rows, after those around a growing one were made to grow too."""
        for change in list(self._changes.values()):
            if not change.row.expanded and self._plan(change).grows():
                self.force(change.node.parent)
        return [edit for change in list(self._changes.values()) for edit in self._plan(change).edits()]

    def force(self, node: Node | None) -> None:
        """Give a line to each item of a construct, and of those around it, if they stand on one line."""
        while node is not None:
            if node.kind_id in (K.LIST, K.ATTRSET, K.REC_ATTRSET):
                if node.id in self._forced or self.of(node).row.expanded:
                    return
                self._forced.add(node.id)
            node = node.parent

    def indent_of(self, binding: Node) -> bytes:
        """The indentation of the line on which a binding will begin."""
        if self._forced:
            node = holder(binding)
            if node.id in self._forced:
                return self._plan(self.of(node)).indent
        return self.snapshot.source.indent(binding.start_byte)

    def _depth(self, node: Node | None) -> int:
        """How many constructs around a node, on its line, get a line for each item."""
        depth = 0
        while self._forced and node is not None:
            node = node.parent
            depth += node is not None and node.id in self._forced
        return depth

    def _plan(self, change: RowChange) -> RowPlan:
        node = change.node
        one_line: Callable[[int], bool]
        if node.kind_id == K.LIST:
            one_line, tight = self.style.list_on_one_line, self.style.tight_list
        elif node.kind_id in (K.LET, K.INHERIT, K.INHERIT_FROM):
            one_line, tight = _never, False
        else:
            bound = node.parent is not None and node.parent.kind_id == K.BINDING
            one_line, tight = _SetRule(self.style, bound), self.style.tight_set
        return RowPlan(
            self.snapshot.source, self.style, change.row, change.removed, change.inserted,
            one_line=one_line, tight=tight, depth=self._depth(node) + change.deeper,
            forced=node.id in self._forced,
        )  # fmt: skip


def _never(_count: int) -> bool:
    return False


class _SetRule(Struct):
    style: Style
    bound: bool

    def __call__(self, count: int) -> bool:
        return self.style.set_on_one_line(count, self.bound)
