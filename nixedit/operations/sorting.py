"""Where a new binding goes in a region that is kept sorted, between `# keep-sorted start` and `… end`.

The order is that of https://github.com/google/keep-sorted: by the lines' text, without case where the
mark says `case=no`.
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from nixedit.attrpath import join
from nixedit.syntax.trivia import Row, sorting_mark
from nixedit.text import Source, encode


class SortedPlace(Struct, frozen=True):
    """A place in a sorted region.

    Attributes:
        after: the index of the item in front of it.
        behind: where the region's first mark ends, if no item of the region is in front of it.
        key: what new items at the same place are sorted by.
        apart: whether blank lines part the items of the region.
    """

    after: int
    behind: int | None
    key: bytes
    apart: bool


def sorted_place(source: Source, row: Row, index: int, names: Sequence[str]) -> SortedPlace | None:
    """The place of a new item in the sorted region of an existing one; None where that is in no region.

    Args:
        source: the file.
        row: the items.
        index: the item beside which the new one belongs; -1 if there is none.
        names: the path of the new one.
    """
    if index < 0 or not row.marks:
        return None
    at = row.items[index].span.start
    before = [span for span in row.marks if span.start < at]
    following = next((span for span in row.marks if span.start > at), None)
    if not before or following is None or not sorting_mark(source.slice(before[-1])):
        return None
    mark = before[-1]
    folds = b"case=no" in source.slice(mark)
    apart = b"newline_separated=" in source.slice(mark) and b"newline_separated=no" not in source.slice(mark)

    def key(data: bytes) -> bytes:
        return data.lower() if folds else data

    own = key(encode(join(names)))
    inside = range(row.items.index_of(mark.start) + 1, row.items.index_of(following.start) + 1)
    smaller = [number for number in inside if key(source.slice(row.items[number].span)) <= own]
    if not smaller:
        return SortedPlace(inside[0] - 1, mark.end, own, apart)
    return SortedPlace(smaller[-1], None, own, apart)
