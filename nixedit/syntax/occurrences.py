"""The places of a file where some names stand as words, found in its text before its tree is looked at."""

from __future__ import annotations

import os.path
import re
from collections.abc import Collection, Iterator

from tree_sitter import Node

from nixedit.grammar import K
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import encode


class Occurrences:
    """Looks for some names in files.

    Args:
        names: the names, one at least.

    Attributes:
        beginnings: all names begin with one of these, so that a text without any of them needs no search.
    """

    def __init__(self, names: Collection[str]) -> None:
        self._names = {encode(name): name for name in names}
        common = encode(os.path.commonprefix(list(names)))  # noqa: RUF071 - of characters, as wanted
        self.beginnings = (common,) if common else tuple(self._names)
        # A hundred alternatives take longer to compile than a file to search.
        word = rb"[\w'-]*" if common else b""
        alternatives = b"|".join(map(re.escape, self.beginnings))
        self._pattern = re.compile(rb"(?<![\w'-])(?:%b)%b(?![\w'-])" % (alternatives, word))

    def among(self, data: bytes, start: int = 0, end: int | None = None) -> Iterator[tuple[int, int, str]]:
        """Where a name stands in a text as a word: its start and end in bytes, 0-based, and the name.

        Args:
            data: the text.
            start: where to begin, in bytes.
            end: where to end, in bytes; the text's end if None.
        """
        for match in self._pattern.finditer(data, start, len(data) if end is None else end):
            name = self._names.get(match.group())
            if name is not None:
                yield (*match.span(), name)

    def nodes(self, snapshot: Snapshot, start: int = 0, end: int | None = None) -> Iterator[tuple[Node, str]]:
        """What is a name and nothing else: an identifier, or a string of that text; and the name.

        Args:
            snapshot: the file.
            start: where to begin, in bytes, 0-based.
            end: where to end, in bytes; the file's end if None.
        """
        for first, last, name in self.among(snapshot.source.data, start, end):
            node = snapshot.root.descendant_for_byte_range(first, last)
            if node is None or (node.start_byte, node.end_byte) != (first, last):
                continue
            if node.kind_id == K.STRING_FRAGMENT and node.parent is not None:
                node = node.parent
                if node.child_count != 3:  # two quotes, and this
                    continue
            yield node, name
