"""The entries of a written set, looked up by name: `a.b = 1; inherit c;` is entries `a.b` and `c`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from itertools import islice
from typing import TypeVar

from tree_sitter import Node

from nixedit.grammar import K
from nixedit.syntax.entries import Entry, entries_of
from nixedit.syntax.nodes import BINDINGS
from nixedit.syntax.search import NameSearch, TooMany
from nixedit.syntax.snapshot import Snapshot

# In smaller sets (bytes) all entries are made at once.
_SMALL = 4_000
# In larger sets (bytes) the first few names are looked for in the text, not among all bindings.
_LARGE = 200_000
_SEARCHES = 8
_NAME = re.compile(rb"[a-zA-Z_][a-zA-Z0-9_'-]*")

T = TypeVar("T")


class Branch:
    """The entries of a set whose paths begin with some names.

    Attributes:
        whole: those whose path ends there, in order.
        longer: those whose path goes on, in order.
    """

    __slots__ = ("_below", "_depth", "_entries", "_named", "longer", "whole")

    def __init__(self, entries: Iterable[Entry], depth: int) -> None:
        self.whole: list[Entry] = []
        self.longer: list[Entry] = []
        for entry in entries:
            (self.longer if len(entry.names) > depth else self.whole).append(entry)
        self._depth = depth
        self._entries: list[Entry] | None = None
        self._named: dict[str | None, list[Entry]] = {}
        self._below: dict[str, Branch] | None = None

    @property
    def entries(self) -> list[Entry]:
        """All of them, in order."""
        if not self.longer or not self.whole:
            return self.longer or self.whole
        if self._entries is None:
            self._entries = sorted(self.whole + self.longer, key=_place)
        return self._entries

    def below(self, name: str) -> Branch:
        """Those that go on with a name."""
        if self._below is None:
            self._below, self._named = {}, {}
            for entry in self.longer:
                self._named.setdefault(entry.names[self._depth], []).append(entry)
        branch = self._below.get(name)
        if branch is None:
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

    A large set is not listed for the first few questions: the names are looked for in its text.

    Args:
        snapshot: the file.
        node: a set or `let` expression.
    """

    __slots__ = (
        "_all",
        "_bindings",
        "_branches",
        "_by_name",
        "_node",
        "_search",
        "_searches",
        "_size",
        "_snapshot",
    )

    def __init__(self, snapshot: Snapshot, node: Node) -> None:
        self._snapshot = snapshot
        self._node = node
        self._size = node.end_byte - node.start_byte
        self._all: list[Entry] | None = None
        self._by_name: dict[str, list[Entry]] = {}
        self._bindings: dict[str | None, list[Node]] | None = None
        self._branches: dict[str, Branch] = {}
        self._search: NameSearch | None = None
        self._searches = 0

    @property
    def entries(self) -> list[Entry]:
        """All entries, in order."""
        if self._all is None:
            self._all = []
            data = self._snapshot.source.data
            for binding in self._listed():
                for entry in entries_of(binding, data):
                    self._all.append(entry)
                    name = entry.names[0]
                    if name is not None:
                        self._by_name.setdefault(name, []).append(entry)
        return self._all

    @property
    def filled(self) -> bool:
        """Whether it has a binding."""
        if self._all is not None:
            return bool(self._all)
        return any(child.kind_id in BINDINGS for child in self._snapshot.inside(self._node))

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

    def expect(self, questions: int) -> None:
        """Be told of so many questions to come: for many of them, all bindings are listed at once."""
        self._searches += questions

    def bound(self, names: tuple[str, ...]) -> tuple[list[Entry], bool]:
        """The entries with exactly a path, at least one name long, and whether others go on from there."""
        found = self._found(
            lambda search: (
                search.whole(names),
                any(len(entry.names) > len(names) for entry in search.beginning(names)),
            )
        )
        if found is not None:
            return found
        if len(names) == 1 and names[0] not in self._branches:
            own = self._of(names[0])
            if not own or (len(own) == 1 and len(own[0].names) == 1):
                return own, False
        branch = self.branch(names)
        return branch.whole, bool(branch.longer)

    def last(self, names: tuple[str, ...], count: int = 1) -> list[Entry]:
        """The last entries whose paths begin with some names, in order; with no names, the last of all."""
        if names:
            found = self._found(lambda search: list(islice(search.beginning(names, backwards=True), count)))
            return self.branch(names).entries[-count:] if found is None else found[::-1]
        if self._all is not None:
            return self._all[-count:]
        entries: list[Entry] = []
        for binding in reversed(self._listed()):
            if len(entries) >= count:
                break
            entries[:0] = entries_of(binding, self._snapshot.source.data)
        return entries[-count:]

    def _of(self, name: str) -> list[Entry]:
        """The entries of a first name, without making those of the others where nobody asked for them."""
        if self._all is not None or self._size < _SMALL:
            return self.by_name.get(name, [])
        found = self._found(lambda search: list(search.beginning((name,))))
        if found is not None:
            return found
        if self._bindings is None:
            self._bindings = self._by_first_name()
        own = self._bindings.get(name)
        if own is None:
            return []
        data = self._snapshot.source.data
        return [entry for binding in own for entry in entries_of(binding, data) if entry.names[0] == name]

    def _found(self, question: Callable[[NameSearch], T]) -> T | None:
        """The answer from the text; None where a list of all entries is there, or is the better way."""
        listed = self._all is not None or self._bindings is not None
        if listed or self._searches >= _SEARCHES or self._size < _LARGE:
            return None
        self._searches += 1
        if self._search is None:
            self._search = NameSearch(self._snapshot, self._node)
        try:
            return question(self._search)
        except TooMany:
            return None

    def _listed(self) -> list[Node]:
        return [child for child in self._snapshot.inside(self._node) if child.kind_id in BINDINGS]

    def _by_first_name(self) -> dict[str | None, list[Node]]:
        data = self._snapshot.source.data
        result: dict[str | None, list[Node]] = {}
        for binding in self._listed():
            name = _NAME.match(data, binding.start_byte) if binding.kind_id == K.BINDING else None
            if name is not None:
                result.setdefault(name[0].decode(), []).append(binding)
            else:
                for first in {entry.names[0] for entry in entries_of(binding, data)}:
                    result.setdefault(first, []).append(binding)
        return result


def _place(entry: Entry) -> int:
    return (entry.attr or entry.binding).start_byte


def set_index(snapshot: Snapshot, node: Node) -> SetIndex:
    """The index of a set or let expression, made once per snapshot."""
    found = snapshot.memo.get(node.id)
    if isinstance(found, SetIndex):
        return found
    index = SetIndex(snapshot, node)
    snapshot.memo[node.id] = index
    return index
