"""The entries of a written set, looked up by name: `a.b = 1; inherit c;` is entries `a.b` and `c`."""

from __future__ import annotations

import re
from collections.abc import Iterator

from attrs import frozen
from tree_sitter import Node

from nixedit.attrpath import escape
from nixedit.grammar import F, K
from nixedit.syntax.nodes import BINDINGS, TRANSPARENT, attrs, bindings, field, static_name, static_path
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import encode

# In larger sets the first few names are looked for in the text, not among all bindings.
_LARGE = 200_000
_SEARCHES = 8
_HITS = 400
_WORD = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_'-")
_ESCAPED_NAME = re.compile(rb'"[^"\n]*\\[^"\n]*"\s*[.=}]')


@frozen
class Entry:
    """One binding of a set, or one name that an `inherit` brings in.

    Attributes:
        names: its attribute path; None stands for a computed name.
        binding: the `binding`, `inherit` or `inherit_from` node.
        value: the bound expression; None for an inherited name.
        attr: the inherited name's own node; None for a binding.
    """

    names: tuple[str | None, ...]
    binding: Node
    value: Node | None
    attr: Node | None = None

    @property
    def inherited(self) -> bool:
        return self.attr is not None


class SetIndex:
    """The entries of one set or let, in order and by their first name.

    Args:
        snapshot: the file.
        node: a set or `let` expression.
    """

    __slots__ = ("_all", "_by_name", "_found", "_node", "_snapshot")

    def __init__(self, snapshot: Snapshot, node: Node) -> None:
        self._snapshot = snapshot
        self._node = node
        self._all: list[Entry] | None = None
        self._by_name: dict[str, list[Entry]] = {}
        self._found: dict[str, list[Entry]] = {}

    @property
    def entries(self) -> list[Entry]:
        """All entries, in order."""
        if self._all is None:
            self._all = []
            for binding in bindings(self._node):
                self._all += _entries(binding, self._snapshot.source.data)
            for entry in self._all:
                if entry.names[0] is not None:
                    self._by_name.setdefault(entry.names[0], []).append(entry)
            self._found.clear()
        return self._all

    @property
    def by_name(self) -> dict[str, list[Entry]]:
        """The entries by their first name, without those whose first name is computed."""
        _ = self.entries
        return self._by_name

    @property
    def dynamic(self) -> list[Entry]:
        """The entries whose first name is computed."""
        return [entry for entry in self.entries if entry.names[0] is None]

    def named(self, name: str) -> list[Entry]:
        """The entries whose first name is `name`, in order."""
        if self._all is None and self._node.end_byte - self._node.start_byte > _LARGE:
            found = self._found.get(name)
            if found is None and len(self._found) < _SEARCHES:
                found = self._search(name)
            if found is not None:
                self._found[name] = found
                return found
        return self.by_name.get(name, [])

    def _search(self, name: str) -> list[Entry] | None:
        """The entries of a name, found in the text; None where that takes too long or may miss one."""
        data = self._snapshot.source.data
        start, end = self._node.start_byte, self._node.end_byte
        if escape(name) != name or (data.find(b"\\", start, end) >= 0 and _ESCAPED_NAME.search(data, start, end)):
            return None
        found: dict[int, Entry] = {}
        needle = encode(name)
        hits = 0
        at = data.find(needle, start, end)
        while at >= 0:
            behind = at + len(needle)
            if data[at - 1] not in _WORD and data[behind] not in _WORD:
                hits += 1
                if hits > _HITS:
                    return None
                binding = self._binding_at(at, behind)
                if binding is not None and binding.start_byte not in found:
                    own = [entry for entry in _entries(binding, data) if entry.names[0] == name]
                    found.update((binding.start_byte, entry) for entry in own)
            at = data.find(needle, behind, end)
        return [found[at] for at in sorted(found)]

    def _binding_at(self, start: int, end: int) -> Node | None:
        """The set's own binding whose path begins at, or whose names include, some bytes."""
        node = self._node.descendant_for_byte_range(start, end)
        for _ in range(6):  # fragment, string, interpolation, path, binding
            if node is None or node.kind_id in BINDINGS:
                break
            node = node.parent
        if node is None or node.kind_id not in BINDINGS:
            return None
        holder = node.parent
        if holder is not None and holder.kind_id in TRANSPARENT:
            holder = holder.parent
        return node if holder == self._node else None


def _entries(binding: Node, data: bytes) -> Iterator[Entry]:
    if binding.kind_id == K.BINDING:
        names = static_path(field(binding, F.ATTRPATH), data)
        yield Entry(names, binding, field(binding, F.EXPRESSION))
    else:
        for attr in attrs(binding):
            yield Entry((static_name(attr, data),), binding, None, attr)


def set_index(snapshot: Snapshot, node: Node) -> SetIndex:
    """The index of a set or let expression, made once per snapshot."""
    found = snapshot.memo.get(node.id)
    if isinstance(found, SetIndex):
        return found
    index = SetIndex(snapshot, node)
    snapshot.memo[node.id] = index
    return index
