"""The entries of a large set, found by their names in its text: a lookup need not list all bindings."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tree_sitter import Node

from nixedit.attrpath import escape
from nixedit.syntax.entries import Entry, entries_of
from nixedit.syntax.nodes import BINDINGS, TRANSPARENT
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import encode

# So many occurrences are looked at, of names that may be those of anything else.
_HITS = 400
_CHARACTER = rb"[a-zA-Z0-9_'-]"
# An escape in a name that is bound or inherited; the source of an `inherit` is not read if it has a `;`.
_ESCAPED_NAME = re.compile(rb""""[^"\n]*\\[^"\n]*"\s*[.=}/#]|inherit\b(?:[^;]*"[^";]*\\|\s*\([^)]*;)""")


class TooMany(Exception):
    """The names occur too often, or may be spelled in ways that a search does not see."""


class NameSearch:
    """Looks for the entries of one set or `let`.

    Args:
        snapshot: the file.
        node: the set or `let`.
    """

    def __init__(self, snapshot: Snapshot, node: Node) -> None:
        self._data = snapshot.source.data
        self._node = node
        self._start, self._end = node.start_byte, node.end_byte
        self._plain: bool | None = None

    def whole(self, names: tuple[str, ...]) -> list[Entry]:
        """The entries with exactly that path, in order.

        Raises:
            TooMany: a list of all entries is quicker, or safer.
        """
        rarest = self._rarest(names)
        ends = rb"(?!\s*\.)" if rarest == names[-1] else b""
        found = self._among(self._forwards(rarest, ends), names)
        return [entry for entry in found if len(entry.names) == len(names)]

    def beginning(self, names: tuple[str, ...], backwards: bool = False) -> Iterator[Entry]:
        """The entries whose path begins with some names, in order or the last one first.

        Raises:
            TooMany: as for `whole`; while it is iterated over.
        """
        rarest = self._rarest(names)
        if backwards:
            return self._among(self._backwards(rarest), names, -1)
        return self._among(self._forwards(rarest), names)

    def _rarest(self, names: tuple[str, ...]) -> str:
        """The name of a path that occurs least, if all of them stand in the text as they are."""
        if self._plain is None:
            self._plain = self._is_plain()
        if not self._plain or not all(name and escape(name) == name for name in names):
            raise TooMany
        if len(names) == 1:
            return names[0]
        return min(names, key=lambda name: self._data.count(encode(name), self._start, self._end))

    def _is_plain(self) -> bool:
        data, start, end = self._data, self._start, self._end
        escapes = data.find(b"\\", start, end) >= 0 and _ESCAPED_NAME.search(data, start, end)
        # A name in `${''…''}` may go over lines.
        return not escapes and data.find(b"${''", start, end) < 0

    def _forwards(self, name: str, behind: bytes = b"") -> Iterator[int]:
        """Where a name stands as a word."""
        return (match.start() for match in _word(name, behind).finditer(self._data, self._start, self._end))

    def _backwards(self, name: str) -> Iterator[int]:
        needle, word = encode(name), _word(name)
        at = self._data.rfind(needle, self._start, self._end)
        while at >= 0:
            if word.match(self._data, at):
                yield at
            at = self._data.rfind(needle, self._start, at)

    def _among(self, places: Iterator[int], names: tuple[str, ...], step: int = 1) -> Iterator[Entry]:
        """The entries that begin with some names, of the bindings that have a part at some places."""
        seen: set[int] = set()
        for looked, at in enumerate(places):
            if looked == _HITS:
                raise TooMany
            binding = self._binding_at(at)
            if binding is None or binding.start_byte in seen:
                continue
            own = [item for item in entries_of(binding, self._data) if item.names[: len(names)] == names]
            if own:
                seen.add(binding.start_byte)
                yield from own[::step]

    def _binding_at(self, at: int) -> Node | None:
        """The set's own binding whose path begins at, or whose names include, what stands at an offset."""
        node = self._node.descendant_for_byte_range(at, at + 1)
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


def _word(name: str, behind: bytes = b"") -> re.Pattern[bytes]:
    text = re.escape(encode(name))  # comes first: `re` looks for a literal beginning fastest
    return re.compile(b"%b(?<!%b%b)(?!%b)%b" % (text, _CHARACTER, text, _CHARACTER, behind))
