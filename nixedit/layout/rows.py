"""Items put into and taken out of a bracketed construct, in the layout that its other items have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from nixedit.edits import Edit, Expected
from nixedit.grammar import K
from nixedit.layout.removals import Removals
from nixedit.layout.render import hugs, multiline_strings
from nixedit.layout.sorted_regions import region_of
from nixedit.layout.style import Style
from nixedit.syntax.trivia import Item, Row
from nixedit.text import Source, Span


class Text(Struct, frozen=True):
    """A rendered item: the bytes, and the node among them."""

    data: bytes
    node: Expected

    def after(self, lead: bytes, tail: bytes = b"", at: int = 0) -> Edit:
        """The insertion of the item at an offset, between two pieces of blanks."""
        return Edit(at, at, lead + self.data + tail, (_moved(self.node, len(lead)),))


def _moved(node: Expected, by: int) -> Expected:
    return Expected(node.kind, node.start + by, node.end + by)


class New(Struct, frozen=True):
    """A new item.

    Attributes:
        render: gives the text for a line with the given indentation.
        kind: the kind id of the node that the text is.
        blank_before: whether a blank line goes in front of it, where items have lines of their own.
        comment: lines that go above it.
        behind: the end of a comment that it goes right behind, on a line of its own, with the blank line
            behind it; None elsewhere.
        key: what new items at one place are sorted by.
        stays_on_line: whether others that stand on one line stay there, however long it gets, unless the
            layout refills its lines.
    """

    render: Callable[[bytes], bytes]
    kind: int
    blank_before: bool = False
    comment: tuple[bytes, ...] = ()
    behind: int | None = None
    key: bytes = b""
    stays_on_line: bool = False

    def text(self, style: Style, indent: bytes) -> Text:
        """The item for a line with that indentation, its comment included."""
        lines = b"".join(line + style.newline + indent for line in self.comment)
        code = self.render(indent)
        return Text(lines + code, Expected(self.kind, len(lines), len(lines) + len(code)))


class RowPlan:
    """What shall become of one row, turned into edits.

    Args:
        source: the file.
        style: its layout.
        row: the items as they are.
        removed: the indices of items to take out, with the comments that belong to them.
        inserted: new items by the index of the item they go behind; -1 is the front.
        one_line: whether so many items may stand on one line.
        tight: no blank inside of the brackets on one line.
        depth: how many constructs around this one, on the same line, get lines for their items too.
        forced: the items get lines of their own in any case.
    """

    def __init__(  # noqa: PLR0913  # the parts of one picture, each of which another module knows
        self,
        source: Source,
        style: Style,
        row: Row,
        removed: set[int],
        inserted: Mapping[int, Sequence[New]],
        *,
        one_line: Callable[[int], bool],
        tight: bool,
        depth: int = 0,
        forced: bool = False,
    ) -> None:
        self.source, self.style, self.row = source, style, row
        self.removed = removed
        self.inserted = self._anchored(inserted)
        self.one_line, self.tight, self.forced = one_line, tight, forced
        self._depth = depth

    @cached_property
    def kept(self) -> list[int]:
        """The indices of the items that stay."""
        return [index for index in range(len(self.row.items)) if index not in self.removed]

    @cached_property
    def outer(self) -> bytes:
        """The indentation of the line that the opening bracket will stand on."""
        return self.source.indent(self.row.open.start) + self.style.unit * self._depth

    def _anchored(self, inserted: Mapping[int, Sequence[New]]) -> dict[int, list[New]]:
        """New items behind the nearest item before them that stays."""
        result: dict[int, list[New]] = {}
        for index in sorted(inserted):
            anchor = index
            while anchor >= 0 and anchor in self.removed:
                anchor -= 1
            result.setdefault(anchor, []).extend(inserted[index])
        return result

    @cached_property
    def indent(self) -> bytes:
        """The indentation of the items that have lines of their own."""
        source = self.source
        for item in reversed(self.row.items):
            if source.begins_line(item.extent.start):
                return source.indent(item.extent.start)
        for comment in self.row.comments:
            if source.begins_line(comment.start):
                return source.indent(comment.start)
        return self.outer + self.style.unit

    def grows(self) -> bool:
        """Whether the construct stands on one line now and will not any more."""
        return not self.row.expanded and any(b"\n" in edit.replacement for edit in self.edits())

    def edits(self) -> list[Edit]:
        """The splices that make the row what it shall be."""
        all_go = len(self.removed) == len(self.row.items)
        if self.forced and not all_go and not self.row.expanded:
            return self._expand()
        if not self.removed and not self.inserted:
            return []
        if all_go and not self.row.comments:
            return [self._refill()]
        if not self.inserted:
            return self._as_line_again() or self._removals()
        if self.row.expanded or self.row.comments:
            return self._removals() + self._insertions()
        line = self._as_line()
        if line is not None:
            return self._removals() + line
        return self._expand()

    def _news(self) -> list[New]:
        return [new for index in sorted(self.inserted) for new in self.inserted[index]]

    def _refill(self) -> Edit:
        """No old item stays: the inside is written anew."""
        inside = Span(self.row.open.end, self.row.close.start)
        news = self._news()
        blank = b"" if self.tight else b" "
        if not news:
            return Edit(*inside, blank)
        outer = self.outer
        if self.one_line(len(news)) and not self.forced and (self.style.refills or not self.row.expanded):
            texts = [new.text(self.style, outer) for new in news]
            if len(texts) == 1 and hugs(texts[0].data, self.style):
                return _joined(inside, b"", b"", b"", texts)
            line = self._line_with(inside, blank + b" ".join(text.data for text in texts) + blank)
            if b"\n" not in line and self.style.fits(line, outer):
                return _joined(inside, blank, b" ", blank, texts)
        newline = self.style.newline + self.indent
        texts = [new.text(self.style, self.indent) for new in news]
        return _joined(inside, newline, newline, self.style.newline + outer, texts)

    def _line_with(self, span: Span, text: bytes) -> bytes:
        """The line that `span` stands in, with `text` in its place, without indentation."""
        data = self.source.data
        line = data[self.source.line_start(span.start) : span.start] + text
        return (line + data[span.end : self.source.line_end(span.end)]).strip(b" \t")

    def _as_line(self) -> list[Edit] | None:
        """Insertions on the line that all items stand on, if it stays short enough."""
        news = self._news()
        stays = bool(self.kept) and all(new.stays_on_line for new in news) and not self.style.refills
        if not (stays or self.one_line(len(self.kept) + len(news))):
            return None
        edits = []
        added = 0
        for index, group in sorted(self.inserted.items()):
            for new in group:
                text = new.text(self.style, self.outer)
                if b"\n" in text.data:
                    return None
                if index >= 0:
                    edits.append(text.after(self._gap_on_line, at=self.row.items[index].extent.end))
                else:
                    edits.append(
                        text.after(b"", self._gap_on_line, self.row.items[self.kept[0]].extent.start)
                    )
                added += len(text.data) + 1
        line = self._line_with(Span(self.row.close.end, self.row.close.end), b"")
        removed = sum(
            self.row.items[index].extent.end - self.row.items[index].extent.start for index in self.removed
        )
        fits = self.style.fits(line + b"x" * max(0, added - removed), self.outer)
        return edits if fits or stays or self._already_too_long(line) else None

    @property
    def _gap_on_line(self) -> bytes:
        bindings = self.row.items[0].node.kind_id == K.BINDING
        return self.style.binding_gap if bindings else b" "

    def _already_too_long(self, line: bytes) -> bool:
        return not self.style.formatter and not self.style.fits(line, b"")

    def _insertions(self) -> list[Edit]:
        edits: list[Edit] = []
        newline = self.style.newline
        for index, news in sorted(self.inserted.items()):
            lead = newline + self.indent
            edits += [
                new.text(self.style, self.indent).after(
                    lead, newline if new.blank_before else b"", new.behind
                )
                for new in news
                if new.behind is not None
            ]
            group = [new for new in news if new.behind is None]
            if not group:
                continue
            if index < 0 and self.kept:
                edits.extend(self._at_front(group))
                continue
            at, own_line = self._behind(index)
            for number, new in enumerate(group):
                apart = new.blank_before or (index < 0 and not number)  # the comment above is not its own
                lead = newline * (2 if apart else 1) + self.indent if own_line else b" "
                edits.append(new.text(self.style, self.indent).after(lead, at=at))
            if index < 0 and not self.source.begins_line(self.row.close.start):
                close = self.row.close.start
                edits.append(Edit(close, close, newline + self.outer))
        return edits

    def _behind(self, index: int) -> tuple[int, bool]:
        """Where an item goes that follows item `index`, and whether it gets a line of its own."""
        if index < 0:  # only comments are left: behind the last of them
            return self.row.comments[-1].end, True
        end = self.row.items[index].extent.end
        last = index + 1 == len(self.row.items)
        own_line = last or b"\n" in self.source.data[end : self.row.items[index + 1].span.start]
        rest = self.source.data[end : self.source.line_end(end)]
        if own_line and index + 1 not in self.removed and not rest.strip(b" \t"):
            end += len(rest)  # blanks at the end of a line stay there
        return end, own_line

    def _at_front(self, group: Sequence[New]) -> list[Edit]:
        first = self._front(self.row.items[self.kept[0]].extent.start)
        lead = self.indent if not self.source.begins_line(first) else self.source.indent(first)
        edits = []
        for new in group:
            gap = self.style.newline * (2 if new.blank_before else 1) + lead
            edits.append(new.text(self.style, lead).after(b"", gap, first))
        return edits

    def _front(self, first: int) -> int:
        """Where the front is, if an item begins there: of a list, not among what is kept sorted.

        An element that goes to the front has a place by its position; sorted it would lose that.
        """
        region = region_of(self.source, first) if self.source.slice(self.row.open) == b"[" else None
        if region is None or region.span.start < self.row.open.end:
            return first
        return self.source.data.index(b"#", region.span.start)

    def _removals(self) -> list[Edit]:
        return Removals(self.source, self.row, self.removed).edits()

    def _as_line_again(self) -> list[Edit] | None:
        """The items that stay, put on one line, in a layout that has on one line what fits there."""
        count = len(self.row.items) - len(self.removed)
        if not self.style.refills or not self.row.expanded or not self.one_line(count):
            return None
        kept = [self.row.items[index] for index in self.kept]
        texts = [self.source.slice(item.span) for item in kept]
        comments = self.row.comments or any(item.leading or item.trailing for item in kept)
        if comments or b"\n" in b"".join(texts):
            return None
        blank = b"" if self.tight else b" "
        inside = Span(self.row.open.end, self.row.close.start)
        line = self._line_with(inside, blank + b" ".join(texts) + blank)
        if not self.style.fits(line, self.outer):
            return None
        starts = [*(item.span.start for item in kept), inside.end]
        ends = [inside.start, *(item.span.end for item in kept)]
        gaps = [blank, *[b" "] * (len(kept) - 1), blank]
        return [Edit(end, start, gap) for end, start, gap in zip(ends, starts, gaps, strict=True)]

    def _expand(self) -> list[Edit]:
        """A row on one line becomes one with a line for each item."""
        edits: list[Edit] = []
        at = self.row.open.end
        group = list(self.inserted.get(-1, ()))
        for index in self.kept:
            item = self.row.items[index]
            edits.append(self._gap(at, item.extent.start, group, self.indent))
            edits.extend(self._deeper(item))
            at = item.extent.end
            group = list(self.inserted.get(index, ()))
        edits.append(self._gap(at, self.row.close.start, group, self.outer))
        return edits

    def _gap(self, start: int, end: int, group: Sequence[New], indent: bytes) -> Edit:
        newline = self.style.newline
        lead = newline + self.indent
        if not group:
            return Edit(start, end, newline + indent)
        texts = [new.text(self.style, self.indent) for new in group]
        return _joined(Span(start, end), lead, lead, newline + indent, texts)

    def _deeper(self, item: Item) -> list[Edit]:
        """The further lines of an item move one level to the right; the insides of strings stay."""
        source = self.source
        inside = multiline_strings(source.data, item.node)
        edits = []
        at = source.next_line(item.span.start)
        while at < item.span.end:
            blank = not source.data[at : source.line_end(at)].strip(b" \t")
            if not blank and not any(span.start < at <= span.end for span in inside):
                edits.append(Edit(at, at, self.style.unit))
            at = source.next_line(at)
        return edits


def _joined(span: Span, lead: bytes, gap: bytes, tail: bytes, texts: Sequence[Text]) -> Edit:
    result = bytearray(lead)
    expected = []
    for number, text in enumerate(texts):
        if number:
            result += gap
        expected.append(_moved(text.node, len(result)))
        result += text.data
    return Edit(*span, bytes(result + tail), tuple(expected))
