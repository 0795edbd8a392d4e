"""Edits as data: splices of bytes, sorted and disjoint, that can be applied, inverted and mapped through."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from operator import attrgetter

from msgspec import Struct

from nixedit.errors import OverlappingEditError
from nixedit.text import Span


class Expected(Struct, frozen=True):
    """A node that an edit brings into the text: its kind, and its place within the edit's replacement.

    Attributes:
        kind: the kind id of the grammar.
        start: first byte, counted from the replacement's start.
        end: one past the last byte, likewise.
    """

    kind: int
    start: int
    end: int


class Edit(Struct, frozen=True):
    """The bytes from `start` to `end` are replaced (0-based offsets into the text before all edits).

    Attributes:
        start: first byte replaced.
        end: one past the last byte replaced; equal to `start` for an insertion.
        replacement: the new bytes.
        expected: the nodes that the replacement must consist of (beside blanks and comments) once it
            stands in the text; none for blanks and comments alone.
    """

    start: int
    end: int
    replacement: bytes
    expected: tuple[Expected, ...] = ()

    @property
    def span(self) -> Span:
        """The bytes that are replaced."""
        return Span(self.start, self.end)


_order = attrgetter("start", "end")


class EditSet:
    """Edits of one text, sorted and disjoint.

    Insertions at one place keep the order they were given in; an insertion at the start of a replaced
    range comes before it. Edits that share a byte, or an insertion strictly inside a replaced range,
    raise `OverlappingEditError`, which names both spans.
    """

    __slots__ = ("_spans", "edits")

    def __init__(self, edits: Iterable[Edit]) -> None:
        self.edits = tuple(sorted(edits, key=_order))
        self._spans: list[Span] = []
        last: Edit | None = None
        for edit in self.edits:
            if edit.start < 0 or edit.end < edit.start:
                raise OverlappingEditError(f"bytes {edit.start} to {edit.end} are not a range")
            if last is not None and edit.start < last.end:
                raise OverlappingEditError(
                    f"two edits touch the same bytes: {last.start}..{last.end} and {edit.start}..{edit.end}",
                    span=edit.span,
                )
            last = edit

    def __iter__(self) -> Iterator[Edit]:
        return iter(self.edits)

    def __len__(self) -> int:
        return len(self.edits)

    def __bool__(self) -> bool:
        return bool(self.edits)

    def __eq__(self, other: object) -> bool:
        return self.edits == other.edits if isinstance(other, EditSet) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.edits)

    def __repr__(self) -> str:
        return f"EditSet({self.edits!r})"

    def apply(self, data: bytes) -> bytes:
        """The text after the edits; linear in the text and the edits.

        Raises:
            OverlappingEditError: an edit lies beyond the end of `data`.
        """
        if self.edits and self.edits[-1].end > len(data):
            last = self.edits[-1]
            raise OverlappingEditError(
                f"edit {last.start}..{last.end} is beyond the end of the text ({len(data)})"
            )
        pieces = []
        at = 0
        for edit in self.edits:
            pieces.append(data[at : edit.start])
            pieces.append(edit.replacement)
            at = edit.end
        pieces.append(data[at:])
        return b"".join(pieces)

    def invert(self, data: bytes) -> EditSet:
        """The edits that turn `apply(data)` back into `data`, exactly."""
        inverse = []
        shift = 0
        for edit in self.edits:
            start = edit.start + shift
            inverse.append(Edit(start, start + len(edit.replacement), data[edit.start : edit.end]))
            shift += len(edit.replacement) - (edit.end - edit.start)
        return EditSet(inverse)

    def new_spans(self) -> list[Span]:
        """Where each replacement stands in the text after the edits, in order; not to be changed."""
        spans = self._spans
        if len(spans) == len(self.edits):
            return spans
        shift = 0
        for edit in self.edits:
            start = edit.start + shift
            spans.append(Span(start, start + len(edit.replacement)))
            shift += len(edit.replacement) - (edit.end - edit.start)
        return spans

    def position_map(self) -> PositionMap:
        """A map of positions before the edits to positions after them."""
        return PositionMap(
            [edit.start for edit in self.edits],
            [edit.end for edit in self.edits],
            [len(edit.replacement) for edit in self.edits],
        )

    def inverse_map(self) -> PositionMap:
        """A map of positions after the edits to positions before them."""
        spans = self.new_spans()
        return PositionMap(
            [span.start for span in spans],
            [span.end for span in spans],
            [edit.end - edit.start for edit in self.edits],
        )


class PositionMap:
    """Maps byte offsets of the text before an edit set to the text after it; `O(log edits)` each.

    Args:
        starts: where the replaced ranges start, in order.
        ends: where they end.
        sizes: how many bytes come in their place.
    """

    __slots__ = ("_ends", "_shifts", "_sizes", "_starts")

    def __init__(self, starts: list[int], ends: list[int], sizes: list[int]) -> None:
        self._starts, self._ends, self._sizes = starts, ends, sizes
        shifts = [0]
        shift = 0
        for start, end, size in zip(starts, ends, sizes, strict=True):
            shift += size - (end - start)
            shifts.append(shift)
        self._shifts = shifts

    def untouched(self, spans: Iterable[tuple[int, int]]) -> Iterator[int | None]:
        """How far each of some spans moves that no edit touches the inside of; None for the others.

        Args:
            spans: starts and ends, none empty, sorted by their starts. One pass over both.
        """
        starts, ends, shifts = self._starts, self._ends, self._shifts
        count = len(starts)
        index: int | None = None
        for start, end in spans:
            if index is None:
                index = bisect_right(starts, start)
            while index < count and starts[index] <= start:
                index += 1
            before = not index or ends[index - 1] <= start
            yield (
                shifts[index] if before and start < end and (index == count or starts[index] >= end) else None
            )

    def start(self, offset: int) -> int:
        """Where the byte that began at `offset` begins now: behind what was inserted there.

        At the start of a replaced range: the start of its replacement; inside of one: its end.
        """
        index = bisect_right(self._starts, offset)
        # Edits [0, index) start at or before the offset; the last may still cover it.
        if index and self._ends[index - 1] > offset:
            if self._starts[index - 1] == offset:
                return offset + self._shifts[index - 1]
            return self._starts[index - 1] + self._shifts[index - 1] + self._sizes[index - 1]
        return offset + self._shifts[index]

    def end(self, offset: int) -> int:
        """Where the byte that ended at `offset` ends now: before what was inserted there.

        At the end of a replaced range: the end of its replacement; inside of one: its start.
        """
        index = bisect_left(self._ends, offset)
        # What ends at the offset and is no insertion there lies wholly before it.
        while index < len(self._starts) and self._ends[index] == offset and self._starts[index] < offset:
            index += 1
        if index < len(self._starts) and self._starts[index] < offset:
            return self._starts[index] + self._shifts[index]
        return offset + self._shifts[index]

    def span(self, span: Span) -> Span | None:
        """Where a span stands now, or None when one edit replaced it wholly.

        What is inserted right before or right behind it stays outside; edits inside it stretch it.
        """
        first, last = span
        index = bisect_right(self._starts, first)
        behind = not index or self._ends[index - 1] <= first
        if behind and first < last and (index == len(self._starts) or self._starts[index] >= last):
            by = self._shifts[index]  # most spans: no edit touches their inside
            return Span(first + by, last + by)
        if span.end > span.start and index and self._ends[index - 1] >= span.end:
            return None
        start, end = self.start(span.start), self.end(span.end)
        return Span(start, end) if start <= end else None
