"""The bytes of a file and the facts about their lines: never normalised, never decoded as a whole."""

from __future__ import annotations

from bisect import bisect_right
from operator import itemgetter
from typing import NamedTuple

_BLANKS = b" \t"
# In longer lines the characters are counted once for every so many bytes.
_STEP = 4_096


class Span(NamedTuple):
    """A half-open range of a file: 0-based byte offsets, `start` included, `end` excluded."""

    start: int
    end: int

    def contains(self, other: Span) -> bool:
        """Whether `other` lies within this span (equal spans contain each other)."""
        return self.start <= other.start and other.end <= self.end


def decode(data: bytes) -> str:
    """Bytes as text; what is not UTF-8 becomes surrogates, so that `encode` gives the same bytes back."""
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """Text as UTF-8 bytes, the inverse of `decode`."""
    return text.encode("utf-8", "surrogateescape")


class Source:
    """The bytes of one file, kept as they are: BOM, CRLF, tabs, a missing final newline, invalid UTF-8.

    Offsets are 0-based bytes. Lines and columns are 1-based; a column counts characters, and a byte
    that is not UTF-8 counts as one. A line ends with LF (a CR before it belongs to the line end).
    """

    __slots__ = ("_line_starts", "_marks", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._line_starts: list[int] | None = None
        self._marks: dict[int, list[tuple[int, int]]] = {}

    def __len__(self) -> int:
        return len(self.data)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Source) and other.data == self.data

    def __hash__(self) -> int:
        return hash(self.data)

    def __repr__(self) -> str:
        return f"Source({self.data[:40]!r}{'…' if len(self.data) > 40 else ''})"

    @property
    def newline(self) -> bytes:
        r"""The line end of the file's first line: `b"\r\n"` or `b"\n"` (also when it has one line only)."""
        first = self.data.find(b"\n")
        return b"\r\n" if first > 0 and self.data[first - 1] == 0x0D else b"\n"

    @property
    def text(self) -> str:
        """The whole file as text (surrogateescape)."""
        return decode(self.data)

    def slice(self, span: Span) -> bytes:
        """The bytes of a span."""
        return self.data[span[0] : span[1]]

    def line_start(self, offset: int) -> int:
        """Offset of the first byte of the line that `offset` stands in."""
        return self.data.rfind(b"\n", 0, offset) + 1

    def line_end(self, offset: int) -> int:
        """Offset of the end of the line that `offset` stands in, before its line end (CRLF or LF)."""
        end = self.data.find(b"\n", offset)
        if end < 0:
            return len(self.data)
        return end - 1 if end > offset and self.data[end - 1] == 0x0D else end

    def next_line(self, offset: int) -> int:
        """Offset of the first byte of the line after the one `offset` stands in, or the file's end."""
        end = self.data.find(b"\n", offset)
        return len(self.data) if end < 0 else end + 1

    def indent(self, offset: int) -> bytes:
        """The blanks and tabs that the line of `offset` begins with."""
        start = self.line_start(offset)
        end = start
        data = self.data
        while end < len(data) and data[end] in _BLANKS:
            end += 1
        return data[start:end]

    def begins_line(self, offset: int) -> bool:
        """Whether only blanks stand between the line's start and `offset`."""
        return not self.data[self.line_start(offset) : offset].strip(_BLANKS)

    def position(self, offset: int) -> tuple[int, int]:
        """Line and column of a byte offset, both 1-based, the column in characters."""
        starts = self._starts()
        row = bisect_right(starts, offset) - 1
        return row + 1, self._characters(starts[row], offset) + 1

    def line(self, number: int) -> str:
        """The text of line `number` (1-based) without its line end."""
        starts = self._starts()
        start = starts[number - 1]
        return decode(self.data[start : self.line_end(start)])

    def _characters(self, start: int, offset: int) -> int:
        """How many characters stand between the start of a line and an offset in it."""
        at, count = start, 0
        if offset - start > _STEP:
            marks = self._marks.setdefault(start, [(start, 0)])
            while marks[-1][0] + _STEP < offset:
                at, count = marks[-1]
                end = self._boundary(at + _STEP)
                marks.append((end, count + len(decode(self.data[at:end]))))
            at, count = marks[bisect_right(marks, offset, key=itemgetter(0)) - 1]
        return count + len(decode(self.data[at:offset]))

    def _boundary(self, offset: int) -> int:
        """The first offset from one on at which no character is cut: three bytes may follow its first one."""
        data = self.data
        return next(
            (at for at in range(offset, offset + 3) if data[at : at + 1] < b"\x80" or data[at] >= 0xC0),
            offset + 3,
        )

    def _starts(self) -> list[int]:
        if self._line_starts is None:
            starts = [0]
            find = self.data.find
            at = find(b"\n")
            while at >= 0:
                starts.append(at + 1)
                at = find(b"\n", at + 1)
            self._line_starts = starts
        return self._line_starts
