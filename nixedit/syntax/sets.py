"""The entries of a written set, looked up by name: `a.b = 1; inherit c;` is entries `a.b` and `c`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import NamedTuple

from tree_sitter import Node

from nixedit.attrpath import escape
from nixedit.grammar import F, K
from nixedit.syntax.nodes import BINDINGS, TRANSPARENT, attrs, field, static_name, static_path
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import decode, encode

# In smaller sets all entries are made at once.
_SMALL = 4_000
# In larger sets the first few names are looked for in the text, not among all bindings.
_LARGE = 200_000
_SEARCHES = 8
_HITS = 400
_WORD = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_'-")
_NAME = re.compile(rb"[a-zA-Z_][a-zA-Z0-9_'-]*")
_BARE_PATH = re.compile(rb"([a-zA-Z_][a-zA-Z0-9_'-]*(?:\.[a-zA-Z_][a-zA-Z0-9_'-]*)*)\s*=")
_ESCAPED_NAME = re.compile(rb'"[^"\n]*\\[^"\n]*"\s*[.=}]')


class Entry(NamedTuple):
    """One binding of a set, or one name that an `inherit` brings in.

    Attributes:
        names: its attribute path; None stands for a computed name.
        binding: the `binding`, `inherit` or `inherit_from` node.
        attr: the inherited name's own node; None for a binding.
    """

    names: tuple[str | None, ...]
    binding: Node
    attr: Node | None = None

    @property
    def value(self) -> Node | None:
        """The bound expression; None for an inherited name."""
        return field(self.binding, F.EXPRESSION) if self.attr is None else None


class Branch:
    """The entries of a set whose paths begin with some names.

    Attributes:
        whole: those whose path ends there, in order.
        longer: those whose path goes on, in order.
    """

    __slots__ = ("_below", "_depth", "_named", "longer", "whole")

    def __init__(self, entries: Iterable[Entry], depth: int) -> None:
        self.whole: list[Entry] = []
        self.longer: list[Entry] = []
        for entry in entries:
            (self.longer if len(entry.names) > depth else self.whole).append(entry)
        self._depth = depth
        self._named: dict[str | None, list[Entry]] | None = None
        self._below: dict[str, Branch] = {}

    @property
    def entries(self) -> list[Entry]:
        """All of them, in order."""
        if not self.longer or not self.whole:
            return self.longer or self.whole
        return sorted(self.whole + self.longer, key=_place)

    def below(self, name: str) -> Branch:
        """Those that go on with a name."""
        branch = self._below.get(name)
        if branch is None:
            if self._named is None:
                self._named = {}
                for entry in self.longer:
                    self._named.setdefault(entry.names[self._depth], []).append(entry)
            branch = self._below[name] = Branch(self._named.get(name, ()), self._depth + 1)
        return branch

    @property
    def meets(self) -> bool:
        """Whether an attribute has several definitions, one of them whole: else none is a duplicate."""
        paths = {entry.names for entry in self.entries}
        if len(paths) < len(self.whole) + len(self.longer):
            return True
        lengths = sorted({len(names) for names in paths})
        return any(names[:length] in paths for length in lengths for names in paths if length < len(names))


class SetIndex:
    """The entries of one set or let, in order and by their names.

    Args:
        snapshot: the file.
        node: a set or `let` expression.
    """

    __slots__ = ("_all", "_bindings", "_branches", "_by_name", "_node", "_searches", "_snapshot")

    def __init__(self, snapshot: Snapshot, node: Node) -> None:
        self._snapshot = snapshot
        self._node = node
        self._all: list[Entry] | None = None
        self._by_name: dict[str, list[Entry]] = {}
        self._bindings: dict[str | None, list[Node]] | None = None
        self._branches: dict[str, Branch] = {}
        self._searches = 0

    @property
    def entries(self) -> list[Entry]:
        """All entries, in order."""
        if self._all is None:
            self._all = []
            for binding in self._listed():
                self._all += _entries(binding, self._snapshot.source.data)
            for entry in self._all:
                if entry.names[0] is not None:
                    self._by_name.setdefault(entry.names[0], []).append(entry)
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
        return self.branch((name,)).entries

    def branch(self, names: tuple[str, ...]) -> Branch:
        """The entries whose paths begin with some names, at least one."""
        branch = self._branches.get(names[0])
        if branch is None:
            branch = self._branches[names[0]] = Branch(self._of(names[0]), 1)
        for name in names[1:]:
            branch = branch.below(name)
        return branch

    def _of(self, name: str) -> list[Entry]:
        """The entries of a first name, without making those of the others where nobody asked for them."""
        size = self._node.end_byte - self._node.start_byte
        if self._all is not None or size < _SMALL:
            return self.by_name.get(name, [])
        if self._searches < _SEARCHES and size > _LARGE:
            self._searches += 1
            found = self._search(name)
            if found is not None:
                return found
        if self._bindings is None:
            self._bindings = self._by_first_name()
        own = self._bindings.get(name)
        if own is None:
            return []
        data = self._snapshot.source.data
        return [entry for binding in own for entry in _entries(binding, data) if entry.names[0] == name]

    def _listed(self) -> list[Node]:
        inside = self._snapshot.inside(self._node)
        return [child for child in inside if child.kind_id in BINDINGS]

    def _by_first_name(self) -> dict[str | None, list[Node]]:
        data = self._snapshot.source.data
        result: dict[str | None, list[Node]] = {}
        for binding in self._listed():
            name = _NAME.match(data, binding.start_byte) if binding.kind_id == K.BINDING else None
            if name is not None:
                result.setdefault(decode(name[0]), []).append(binding)
            else:
                for first in {entry.names[0] for entry in _entries(binding, data)}:
                    result.setdefault(first, []).append(binding)
        return result

    def _search(self, name: str) -> list[Entry] | None:
        """The entries of a name, found in the text; None where that takes too long or may miss one."""
        data = self._snapshot.source.data
        start, end = self._node.start_byte, self._node.end_byte
        if escape(name) != name:
            return None
        if data.find(b"\\", start, end) >= 0 and _ESCAPED_NAME.search(data, start, end):
            return None
        if data.find(b"${''", start, end) >= 0:  # a name in quotes that a word may contain
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


def _place(entry: Entry) -> int:
    return (entry.attr or entry.binding).start_byte


def _entries(binding: Node, data: bytes) -> Iterator[Entry]:
    if binding.kind_id == K.BINDING:
        bare = _BARE_PATH.match(data, binding.start_byte)
        if bare is not None:  # most are: no need to ask the tree
            yield Entry(tuple(bare[1].decode().split(".")), binding)
        else:
            yield Entry(static_path(field(binding, F.ATTRPATH), data), binding)
    else:
        for attr in attrs(binding):
            yield Entry((static_name(attr, data),), binding, attr)


def set_index(snapshot: Snapshot, node: Node) -> SetIndex:
    """The index of a set or let expression, made once per snapshot."""
    found = snapshot.memo.get(node.id)
    if isinstance(found, SetIndex):
        return found
    index = SetIndex(snapshot, node)
    snapshot.memo[node.id] = index
    return index
