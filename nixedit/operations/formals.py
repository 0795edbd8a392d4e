"""Formals added to and removed from a function head, in the head's own comma style."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise
from typing import cast

from tree_sitter import Node

from nixedit.edits import Edit, Expected
from nixedit.errors import AttrExistsError, MissingAttrError
from nixedit.grammar import F, K
from nixedit.layout.render import render
from nixedit.layout.style import Style
from nixedit.operations.ops import AddFormal, BindUniversal, RemoveFormal
from nixedit.syntax.nodes import field
from nixedit.syntax.snapshot import Snapshot, span_of
from nixedit.syntax.trivia import Item, row
from nixedit.text import Span, decode, encode

_URI_CHARS = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789%/?:@&=+$,-_.!~*'"

# A formal behind the mark of a comment.
_CODE = re.compile(rb"#+[ \t]*[a-zA-Z_][\w'-]*[ \t]*(?:\?.*)?,")


class FormalsPlan:
    """What shall become of the formals of one function head.

    Args:
        snapshot: the file.
        style: its layout.
        node: the `formals` node.
    """

    def __init__(self, snapshot: Snapshot, style: Style, node: Node) -> None:
        self.snapshot, self.style, self.node = snapshot, style, node
        self.source = snapshot.source
        self.row = row(snapshot, node)
        self.items = self.row.items
        self.names = [self._name(item) for item in self.items]
        self.commas = [self._comma_behind(index) for index in range(len(self.items))]
        self.removed: set[int] = set()
        self.added: list[tuple[str, bytes]] = []
        self.leading_commas = any(
            child.kind_id == K.COMMA and self.source.begins_line(child.start_byte)
            for child in node.children[:-2]
        )

    def _name(self, item: Item) -> str:
        if item.node.kind_id == K.ELLIPSES:
            return "..."
        return decode(self.snapshot.text(field(item.node, F.NAME)))

    def _comma_behind(self, index: int) -> Span | None:
        start = self.items[index].node.end_byte
        end = self.items[index + 1].node.start_byte if index + 1 < len(self.items) else self.row.close.start
        commas = [span_of(child) for child in self.node.children if child.kind_id == K.COMMA]
        return next((comma for comma in commas if start <= comma.start < end), None)

    def record(self, operation: AddFormal | RemoveFormal) -> None:
        """Take one operation."""
        name = operation.name
        if isinstance(operation, RemoveFormal):
            if name not in self.names:
                raise MissingAttrError(f"no formal `{name}`", source=self.source, span=span_of(self.node))
            index = self.names.index(name)
            self.removed.add(index)
            self._disown_code(index)
            return
        if name in self.names or any(name == added for added, _ in self.added):
            raise AttrExistsError(
                f"there is a formal `{name}` already", source=self.source, span=span_of(self.node)
            )
        text = encode(name)
        if operation.has_default:
            text += b" ? " + render(operation.default, self.style, b"").text
        self.added.append((name, text))

    def _disown_code(self, index: int) -> None:
        """Let the comments above a formal stay when it goes, if they are formals that somebody took out."""
        leading = self.items[index].leading
        if any(_CODE.match(self.source.slice(comment)) for comment in leading):
            self.row = self.row.without(leading)
            self.items = self.row.items

    def edits(self) -> list[Edit]:
        """The splices for all that was recorded."""
        kept = [index for index in range(len(self.items)) if index not in self.removed]
        if not kept and not self.row.comments:
            on_lines = bool(self.items) and self.source.begins_line(self.items[0].extent.start)
            return [self._rewritten([text for _, text in self.added], trailing=on_lines and bool(self.added))]
        if self.added and self._wants_lines(len(kept)):
            texts = [self.snapshot.text(self.items[i].node) for i in kept if self.names[i] != "..."]
            texts += [text for _, text in self.added]
            return [self._rewritten(texts, trailing=True, ellipsis="..." in [self.names[i] for i in kept])]
        if self._wants_line(kept):
            return self._on_one_line([self.items[index] for index in kept])
        if self._is_filled:
            return [self._filled_anew(kept)]
        last = max((index for index in kept if self.names[index] != "..."), default=None)
        return self._removals(kept) + (self._additions(last, kept) if self.added else [])

    def _wants_lines(self, kept: int) -> bool:
        """alejandra keeps one formal and the ellipsis on a line, nixfmt two, and no more.

        That nixfmt wrote a head shows only where the body stands below it: else it stays as it is.
        """
        one_line = b"\n" not in self.snapshot.text(self.node) and not self._comments()
        named = kept - ("..." in self.names) + len(self.added)
        most = {"alejandra": 1, "nixfmt": 2}.get(self.style.formatter)
        if self.style.formatter == "nixfmt" and not self._is_above_body:
            return False
        return one_line and most is not None and named > most

    @property
    def _is_above_body(self) -> bool:
        """Whether the function's body begins on a line of its own."""
        return self.source.begins_line(field(cast(Node, self.node.parent), F.BODY).start_byte)

    def _wants_line(self, kept: Sequence[int]) -> bool:
        """alejandra puts one formal, with or without the ellipsis, on one line."""
        named = [index for index in kept if self.names[index] != "..."]
        wanted = self.style.formatter == "alejandra" and not self.added and not self._comments()
        return wanted and bool(kept) and len(named) <= 1

    def _comments(self) -> bool:
        return bool(self.row.comments) or any(item.leading or item.trailing for item in self.items)

    def _on_one_line(self, kept: Sequence[Item]) -> list[Edit]:
        edits = [Edit(self.row.open.end, kept[0].node.start_byte, b"")]
        for before, after in pairwise(kept):
            edits.append(Edit(before.node.end_byte, after.node.start_byte, b", ", (Expected(K.COMMA, 0, 1),)))
        return [*edits, Edit(kept[-1].node.end_byte, self.row.close.start, b"")]

    @property
    def _is_filled(self) -> bool:
        """Whether the head goes over several lines that are as full as nixfmt-classic makes them."""
        inside = self.source.data[self.row.open.end : self.row.close.start]
        if self.style.formatter != "nixfmt-classic" or b"\n" not in inside or not self.leading_commas:
            return False
        items = [(self.snapshot.text(item.node), item.node.kind_id) for item in self.items]
        return not self._comments() and self._filled(items).replacement == inside

    def _filled_anew(self, kept: Sequence[int]) -> Edit:
        names = [index for index in kept if self.names[index] != "..."]
        items = [(self.snapshot.text(self.items[index].node), K.FORMAL) for index in names]
        items += [(text, K.FORMAL) for _, text in self.added]
        return self._filled([*items, *([(b"...", K.ELLIPSES)] if len(names) < len(kept) else [])])

    def _filled(self, items: Sequence[tuple[bytes, int]]) -> Edit:
        """The inside of the head with formals, in lines that are as full as nixfmt-classic makes them."""
        start, end = self.row.open.end, self.row.close.start
        indent = self._indent_of_breaks()
        used = start - self.source.line_start(start)
        result, expected = bytearray(), []
        for number, (text, kind) in enumerate(items):
            lead = b", " if number else b" "
            if number and used + len(lead) + len(text) > self.style.width:
                result += self.style.newline + indent
                used = len(indent)
            if number:
                expected.append(Expected(K.COMMA, len(result), len(result) + 1))
            result += lead
            expected.append(Expected(kind, len(result), len(result) + len(text)))
            result += text
            used += len(lead) + len(text)
        body = field(cast(Node, self.node.parent), F.BODY).start_byte
        tail = self.source.data[end:body].rstrip()
        fits = used + 1 + len(tail) <= self.style.width
        result += b" " if fits else self.style.newline + indent
        return Edit(start, end, bytes(result), tuple(expected))

    def _indent_of_breaks(self) -> bytes:
        """The indentation of the lines that begin with a comma."""
        commas = [child.start_byte for child in self.node.children if child.kind_id == K.COMMA]
        return next(self.source.indent(at) for at in commas if self.source.begins_line(at))

    def _rewritten(self, texts: Sequence[bytes], trailing: bool, ellipsis: bool = False) -> Edit:
        """The whole inside written anew: on one line, or (`trailing`) a line and a comma for each."""
        inside = Span(self.row.open.end, self.row.close.start)
        pad = (
            b""
            if self.style.tight_formals or (not texts and not self.source.data[inside.start : inside.end])
            else b" "
        )
        if not texts:
            return Edit(*inside, pad)
        outer = self.source.indent(self.row.open.start)
        lead = self.style.newline + outer + self.style.unit if trailing else pad
        result = bytearray(lead)
        expected = []
        for number, text in enumerate(texts):
            expected.append(Expected(K.FORMAL, len(result), len(result) + len(text)))
            result += text
            if trailing or number < len(texts) - 1:
                expected.append(Expected(K.COMMA, len(result), len(result) + 1))
                result += b","
                result += (
                    lead if trailing and (ellipsis or number < len(texts) - 1) else b"" if trailing else b" "
                )
        if ellipsis:
            expected.append(Expected(K.ELLIPSES, len(result), len(result) + 3))
            result += b"..."
        result += self.style.newline + outer if trailing else pad
        return Edit(*inside, bytes(result), tuple(expected))

    # -- adding -------------------------------------------------------------------------------

    def _additions(self, last: int | None, kept: Sequence[int]) -> list[Edit]:
        if not kept:  # only comments stay
            gap = self.style.newline + self.source.indent(self.row.comments[-1].start)
            return [_formal_then_comma(self.row.comments[-1].end, gap, text, True) for _, text in self.added]
        if last is None:  # only the ellipsis stays: in front of it
            return self._before(self.items[kept[0]])
        item = self.items[last]
        alone = self.source.begins_line(item.extent.start) or self._comma_begins_line(item)
        to_line_end = item.trailing and self.source.line_end(item.extent.end) == item.extent.end
        if not (alone or to_line_end) or (
            len(self.items) == 1 and b"\n" not in self.snapshot.text(self.node)
        ):
            at = item.node.end_byte if self.commas[last] is not None else item.extent.end
            return [_with_commas(at, self._comma_on_line, text) for _, text in self.added]
        gap = self.style.newline + self.source.indent(item.extent.start)
        if self.leading_commas:
            return [_with_commas(item.extent.end, gap + b", ", text) for _, text in self.added]
        return self._on_lines(last, gap)

    @property
    def _comma_on_line(self) -> bytes:
        """A comma and what follows it on a line: nothing where no comma of the list has a blank behind it."""
        commas = [comma for comma in self.commas[:-1] if comma is not None]
        behind = [self.source.data[comma.end : comma.end + 1] for comma in commas]
        return b"," if behind and all(byte.strip() for byte in behind) else b", "

    def _on_lines(self, last: int, gap: bytes) -> list[Edit]:
        """New formals behind `last`, a line for each, the final comma as the list had it."""
        item = self.items[last]
        end = item.node.end_byte
        comma = self.names[-1] == "..." or self.commas[-1] is not None
        edits = [] if self.commas[last] is not None else [Edit(end, end, b",", (Expected(K.COMMA, 0, 1),))]
        for number, (_, text) in enumerate(self.added):
            edits.append(
                _formal_then_comma(item.extent.end, gap, text, comma or number < len(self.added) - 1)
            )
        return edits

    def _comma_begins_line(self, item: Item) -> bool:
        head = self.source.data[self.source.line_start(item.span.start) : item.span.start]
        return head.strip(b" \t") == b","

    def _before(self, item: Item) -> list[Edit]:
        at = item.extent.start
        own_line = self.source.begins_line(at) and not self.leading_commas
        gap = b"," + (self.style.newline + self.source.indent(at) if own_line else b" ")
        return [
            Edit(
                at,
                at,
                text + gap,
                (Expected(K.FORMAL, 0, len(text)), Expected(K.COMMA, len(text), len(text) + 1)),
            )
            for _, text in self.added
        ]

    # -- removing -----------------------------------------------------------------------------

    def _removals(self, kept: Sequence[int]) -> list[Edit]:
        edits: list[Edit] = []
        run: list[int] = []
        for index in [*sorted(self.removed), -1]:
            if run and (index != run[-1] + 1 or self.items.free(index)):
                edits += self._removal(run, kept)
                run = []
            run.append(index)
        return edits

    def _removal(self, run: Sequence[int], kept: Sequence[int]) -> list[Edit]:
        first, last = self.items[run[0]], self.items[run[-1]]
        before = max((index for index in kept if index < run[0]), default=None)
        following = next((index for index in kept if index > run[-1]), None)
        comma = self.commas[run[-1]]
        if self._own_lines(first, last):
            start = self.source.line_start(first.extent.start)
            edits = [Edit(start, self.source.next_line(last.extent.end), b"")]
            if before is not None and following is None and comma is None and not self.added:
                edits += self._without_comma(before)
            return edits
        end = max(last.extent.end, comma.end if comma is not None else 0)
        if before is None:
            free = [span.start for span in self.row.comments if span.start >= end]
            starts = [self.row.close.start] if following is None else [self.items[following].extent.start]
            return [Edit(first.extent.start, min(starts + free), b"")]
        behind = self.items[before].extent.end
        comma_before = self.commas[before]
        held = comma_before is not None and comma_before.start >= behind
        if held and comma is not None and following is not None and not self.source.begins_line(comma.start):
            return [Edit(first.extent.start, self.items[following].extent.start, b"")]
        if comma is None or (following is not None and self.source.begins_line(comma.start)):
            return [*self._without_comma(before), Edit(behind, last.extent.end, b"")]
        return [Edit(behind, end, b"")]

    def _without_comma(self, index: int) -> list[Edit]:
        comma = self.commas[index]
        if comma is None or self.source.begins_line(comma.start):  # then it went with its line
            return []
        return [Edit(comma.start, comma.end, b"")]

    def _own_lines(self, first: Item, last: Item) -> bool:
        begins = self.source.begins_line(first.extent.start) or self._comma_begins_line(first)
        tail = self.source.data[last.extent.end : self.source.line_end(last.extent.end)]
        return begins and not tail.strip(b" \t")


def _with_commas(at: int, lead: bytes, text: bytes) -> Edit:
    comma = lead.index(b",")
    expected = (Expected(K.COMMA, comma, comma + 1), Expected(K.FORMAL, len(lead), len(lead) + len(text)))
    return Edit(at, at, lead + text, expected)


def _formal_then_comma(at: int, lead: bytes, text: bytes, comma: bool) -> Edit:
    end = len(lead) + len(text)
    expected = [Expected(K.FORMAL, len(lead), end)]
    if comma:
        expected.append(Expected(K.COMMA, end, end + 1))
    return Edit(at, at, lead + text + (b"," if comma else b""), tuple(expected))


def universal_edit(snapshot: Snapshot, style: Style, operation: BindUniversal) -> Edit:
    """The edit that names the whole argument behind the formals, `}@name:` or, as alejandra, `} @ name:`."""
    heads = operation.node
    universal = heads.child_by_field_id(F.UNIVERSAL)
    if universal is not None:
        raise AttrExistsError(
            f"the argument has a name already, `{decode(snapshot.text(universal))}`",
            source=snapshot.source,
            span=span_of(universal),
        )
    at = field(heads, F.FORMALS).end_byte
    sign = b" @ " if style.formatter == "alejandra" else b"@"
    name = encode(operation.name)
    text = sign + name
    colon = snapshot.source.data.index(b":", at)
    if colon == at and snapshot.source.data[colon + 1 : colon + 2].strip(_URI_CHARS) == b"":
        text += b" " if snapshot.source.data[colon + 1 : colon + 2] else b""
    place = sign.index(b"@")
    return Edit(
        at,
        at,
        text,
        (Expected(K.AT, place, place + 1), Expected(K.IDENTIFIER, len(sign), len(sign) + len(name))),
    )
