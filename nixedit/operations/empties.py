"""Sets that a commit leaves empty, and their bindings, which may go with what stood in them."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct, field
from tree_sitter import Node

from nixedit.grammar import F, K
from nixedit.operations.rows import RowChanges
from nixedit.syntax import nodes
from nixedit.syntax.trivia import Item, commented_out


class Empties(Struct):
    """The sets that lost bindings, each with the length of the paths that may not go with theirs.

    A set that was empty before is none of them, and one that holds a comment stays.
    """

    rows: RowChanges
    _sets: dict[int, tuple[Node, int]] = field(default_factory=dict)

    def note(self, sets: Iterable[Node], floor: int) -> None:
        """Take sets that lose something.

        Args:
            sets: the sets.
            floor: only bindings whose paths are longer than this, from the file's set on, may go.
        """
        for node in sets:
            known = self._sets.get(node.id)
            self._sets[node.id] = node, floor if known is None else min(floor, known[1])

    def prune(self, least: int) -> None:
        """Take out the bindings of those that are empty now, from the inside to the outside.

        Args:
            least: bindings whose paths are no longer than this stay for the time being.
        """
        pending = sorted(self._sets.values(), key=lambda item: item[0].start_byte)
        while pending:
            node, floor = pending.pop()
            binding = _binding_of(node)
            if binding is None or _depth(binding) <= max(floor, least) or not self.rows.of(node).emptied:
                continue
            self.rows.forget(node)
            del self._sets[node.id]
            holder = nodes.holder(binding)
            self.note([holder], floor)
            change = self.rows.of(holder)
            index = change.index_of(binding)
            change.removed.add(index)
            change.disown(index, self._code_above(change.row.items[index]))
            pending.append((holder, floor))

    def _code_above(self, item: Item) -> list[int]:
        """Where the comments above an item start, if one of them is code that somebody took out."""
        source = self.rows.snapshot.source
        out = any(commented_out(source.slice(comment)) is not None for comment in item.leading)
        return [comment.start for comment in item.leading] if out else []


def _binding_of(node: Node) -> Node | None:
    """The binding that a written set is the value of, also in parentheses."""
    above = node.parent
    while above is not None and above.kind_id == K.PARENTHESIZED:
        above = above.parent
    return above if above is not None and above.kind_id == K.BINDING else None


def _depth(binding: Node | None) -> int:
    """How many names the path of a binding has, those of the bindings around it included."""
    depth = 0
    while binding is not None:
        depth += len(nodes.attrs(nodes.field(binding, F.ATTRPATH)))
        binding = _binding_of(nodes.holder(binding))
    return depth
