"""Items taken out of a bracketed construct, with the comments and blank lines that go with them."""

from __future__ import annotations

from collections.abc import Collection

from nixedit.edits import Edit
from nixedit.syntax.trivia import Row
from nixedit.text import Source, Span


class Removals:
    """The items of one row that go.

    Args:
        source: the file.
        row: the items as they are.
        removed: the indices of those that go.
    """

    def __init__(self, source: Source, row: Row, removed: Collection[int]) -> None:
        self.source, self.row, self.removed = source, row, removed

    def edits(self) -> list[Edit]:
        """The deletions, one for each run of items that go together."""
        edits = []
        run: list[int] = []
        for index in sorted(self.removed):
            if run and (index != run[-1] + 1 or self.row.items.free(index)):
                edits.append(self._removal(run))
                run = []
            run.append(index)
        if run:
            edits.append(self._removal(run))
        return edits

    def _removal(self, run: list[int]) -> Edit:
        source, items = self.source, self.row.items
        start, end = items[run[0]].extent.start, items[run[-1]].extent.end
        before = self._end_before(run[0])
        ends_line = not source.data[end : source.line_end(end)].strip(b" \t")
        if source.begins_line(start) and ends_line and source.line_end(end) < len(source):
            first, last = source.line_start(start), source.next_line(end)
            return Edit(*self._with_blank_lines(first, last, before, run), b"")
        if source.begins_line(start) and not ends_line:
            following = self._start_after(run[-1])
            if source.line_start(following) <= end:
                return Edit(start, following, b"")
        following = self._start_after(run[-1])
        if (
            start == self.row.open.end
            and following < self.row.close.start
            and source.line_start(following) <= end
        ):
            return Edit(start, following, b"")  # the first one within tight brackets
        return Edit(before, end, b"")

    def _end_before(self, index: int) -> int:
        free = self.row.items.free(index)
        if free:
            return free[-1].end
        return self.row.items[index - 1].extent.end if index else self.row.open.end

    def _start_after(self, index: int) -> int:
        free = self.row.items.free(index + 1)
        if free:
            return free[0].start
        last = index + 1 == len(self.row.items)
        return self.row.close.start if last else self.row.items[index + 1].extent.start

    def _with_blank_lines(self, first: int, last: int, before: int, run: list[int]) -> Span:
        """Lines to delete, with the blank lines that would be left doubled or at an edge."""
        source = self.source
        blank_above = b"\n" in source.data[source.next_line(before) : first]
        at_front = before == self.row.open.end
        following = self._start_after(run[-1])
        below = source.line_start(following)
        blank_below = below > last
        at_end = following == self.row.close.start
        if blank_below and (blank_above or at_front or at_end):
            last = below
        if blank_above and at_end:
            first = source.next_line(before)
        return Span(first, last)
