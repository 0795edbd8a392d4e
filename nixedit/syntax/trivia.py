"""Who owns which comment and which line: the items of a set, list or formals with what belongs to them.

A comment on the line an item ends on is its trailing comment; comment lines directly above an item are
its leading comments; a blank line cuts. A comment directly below a binding that is the same binding with
another value is the binding's too: an alternate, which somebody took out or will put in. What belongs to
no item is nobody's, and is never moved; so are the marks of a region that is kept sorted
(https://github.com/google/keep-sorted).
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from msgspec import Struct
from tree_sitter import Node

from nixedit.attrpath import parse as parse_path
from nixedit.errors import NotStaticError
from nixedit.grammar import F, K
from nixedit.syntax.nodes import field, static_path
from nixedit.syntax.snapshot import Snapshot, span_of
from nixedit.text import Source, Span, decode

_SORTED = re.compile(rb"\bkeep-sorted (start|end)\b")
# One binding behind the mark of a comment, or the first line of one: its path, `=`, and how it may end.
_NAME = rb"""(?:[\w'-]+|"[^"\n]*")"""
_CODE = re.compile(rb"#+[ \t]*(%b(?:\.%b)*)[ \t]*=[ \t]*(?:$|.*[;{\[(][ \t]*(?:#.*)?$)" % (_NAME, _NAME))


class Item(Struct, frozen=True):
    """One binding, element or formal and what belongs to it.

    Attributes:
        node: the node.
        span: the node's place, with the comma behind it where one follows directly.
        leading: its leading comments, in order.
        trailing: its trailing comments, in order.
        extent: from the first leading comment to the last trailing one.
    """

    node: Node
    span: Span
    leading: tuple[Span, ...]
    trailing: tuple[Span, ...]
    extent: Span


class _Gap(Struct, frozen=True):
    """What stands between two items, or between a bracket and an item.

    Attributes:
        trailing: the comments that belong to the item before.
        comma: where the comma ends that belongs to it; 0 without one.
        free: the comments that belong to neither.
        leading: the comments that belong to the item behind.
    """

    trailing: tuple[Span, ...] = ()
    comma: int = 0
    free: tuple[Span, ...] = ()
    leading: tuple[Span, ...] = ()


_NOTHING = _Gap()
_BETWEEN = frozenset({K.COMMENT, K.COMMA})


class Items:
    """The items of a row, in order. Each is put together when it is asked for.

    Args:
        source: the file.
        start: where the opening bracket ends.
        tokens: what stands between the brackets: the items, comments and commas.
        disowned: where comments start that are nobody's, though they stand directly above an item.
    """

    def __init__(
        self, source: Source, start: int, tokens: Sequence[Node], disowned: frozenset[int] = frozenset()
    ) -> None:
        self._source, self._start, self.tokens, self._disowned = source, start, tokens, disowned
        self._places = [at for at, token in enumerate(tokens) if token.kind_id not in _BETWEEN]
        self._made: dict[int, Item] = {}

    def __len__(self) -> int:
        return len(self._places)

    def __getitem__(self, index: int) -> Item:
        item = self._made.get(index)
        if item is None:
            item = self._made[index] = self._item(range(len(self._places))[index])
        return item

    def __iter__(self) -> Iterator[Item]:
        return map(self.__getitem__, range(len(self._places)))

    def index_of(self, start: int) -> int:
        """The index of the item that begins at an offset, without its comments; else of the one before."""
        places, tokens = self._places, self.tokens
        return bisect_right(places, start, key=lambda place: tokens[place].start_byte) - 1

    def apart(self, index: int) -> bool:
        """Whether a blank line stands between an item and the one before it, comments of either aside."""
        at, gap = self._places[index], self._gap(index)
        start = max(self.tokens[self._places[index - 1]].end_byte, gap.comma)
        if gap.trailing:
            start = max(start, gap.trailing[-1].end)
        end = gap.leading[0].start if gap.leading else self.tokens[at].start_byte
        return _blank_between(self._source, start, end)

    def free(self, index: int) -> tuple[Span, ...]:
        """The comments between an item and the one before it that belong to neither.

        Args:
            index: the item's; the number of items asks for what stands behind the last one.
        """
        return self._gap(index).free

    def without(self, comments: Iterable[Span]) -> Items:
        """The same items, where some comments directly above one are nobody's."""
        starts = self._disowned.union(comment.start for comment in comments)
        return Items(self._source, self._start, self.tokens, starts)

    def _item(self, index: int) -> Item:
        node = self.tokens[self._places[index]]
        leading, behind = self._gap(index).leading, self._gap(index + 1)
        start, end = node.start_byte, node.end_byte
        span = Span(start, max(end, behind.comma))
        first = leading[0].start if leading else start
        last = behind.trailing[-1].end if behind.trailing else end
        return Item(node, span, leading, behind.trailing, Span(first, max(last, span.end)))

    def _gap(self, index: int) -> _Gap:
        places, tokens = self._places, self.tokens
        first = places[index - 1] + 1 if index else 0
        last = places[index] if index < len(places) else len(tokens)
        if first == last:
            return _NOTHING
        behind = tokens[last] if last < len(tokens) else None
        return self._owned(tokens[first - 1] if index else None, tokens[first:last], behind)

    def _owned(self, before: Node | None, tokens: Sequence[Node], behind: Node | None) -> _Gap:
        """Who owns what stands between an item and another; None is a bracket."""
        source = self._source
        trailing: list[Span] = []
        free: list[Span] = []
        waiting: list[Span] = []  # comments that may lead the next item
        comma = 0
        at = self._start if before is None else before.end_byte
        for token in tokens:
            span = span_of(token)
            lines, at = source.data.count(b"\n", at, span.start), span.end
            on_line = not waiting and not lines
            near = not waiting and not free and lines < 2
            if token.kind_id == K.COMMA:
                comma = span.end if on_line and before is not None else comma
            elif sorting_mark(source.slice(span)) is not None:
                free += [*waiting, span]
                waiting = []
            elif before is not None and near and (on_line or _is_alternate(source, before, span)):
                trailing.append(span)
            elif on_line and source.line_end(span.end) == span.end:
                free.append(span)  # behind the opening bracket: the whole construct's
            else:
                if waiting and _blank_between(source, waiting[-1].end, span.start):
                    free += waiting
                    waiting = []
                waiting.append(span)
        cut = behind is None or (waiting and _blank_between(source, waiting[-1].end, behind.start_byte))
        free += [span for span in waiting if cut or span.start in self._disowned]
        leading = [span for span in waiting if not cut and span.start not in self._disowned]
        return _Gap(tuple(trailing), comma, tuple(free), tuple(leading))


class Row:
    """The inside of a bracketed construct.

    Attributes:
        open: the opening token's span.
        close: the closing token's span.
        items: what stands between, in order.
    """

    def __init__(self, source: Source, opening: Span, closing: Span, items: Items) -> None:
        self.open, self.close, self.items = opening, closing, items
        self._source = source

    def without(self, comments: Iterable[Span]) -> Row:
        """The same row, where some comments directly above an item are nobody's."""
        return Row(self._source, self.open, self.close, self.items.without(comments))

    @cached_property
    def comments(self) -> tuple[Span, ...]:
        """The comments that belong to no item, in order."""
        items = self.items
        if len(items) == len(items.tokens):
            return ()
        return tuple(span for index in range(len(items) + 1) for span in items.free(index))

    @cached_property
    def marks(self) -> tuple[Span, ...]:
        """The comments that begin or end a region that is kept sorted, in order."""
        source = self._source
        if source.data.find(b"keep-sorted", self.open.end, self.close.start) < 0:
            return ()
        return tuple(span for span in self.comments if sorting_mark(source.slice(span)) is not None)

    @cached_property
    def expanded(self) -> bool:
        """Whether the items stand on several lines."""
        data, at = self._source.data, self.open.end
        for token in self.items.tokens:
            if b"\n" in data[at : token.start_byte]:
                return True
            at = token.end_byte
        return b"\n" in data[at : self.close.start]


_BRACKETS = {
    K.LET: ("let", "in"),
    K.LIST: ("[", "]"),
    K.INHERIT: ("inherit", ";"),
    K.INHERIT_FROM: (")", ";"),
}


def row(snapshot: Snapshot, node: Node) -> Row:
    """The items of a set, `let`, list, formals or inherit node."""
    opens, closes = _BRACKETS.get(node.kind_id, ("{", "}"))
    children = snapshot.inside(node)
    count = len(children)
    first = next((at for at in range(count) if children[at].type == opens), count)
    last = next((at for at in range(count - 1, first, -1) if children[at].type == closes), None)
    if last is None:
        raise AssertionError(f"{node.type} is not bracketed")
    opening, tokens = span_of(children[first]), children[first + 1 : last]
    items = Items(snapshot.source, opening.end, tokens)
    return Row(snapshot.source, opening, span_of(children[last]), items)


def sorting_mark(comment: bytes) -> bool | None:
    """Whether a comment begins (True) or ends (False) a region that is kept sorted; None for any other."""
    found = _SORTED.search(comment)
    return None if found is None else found[1] == b"start"


def commented_out(comment: bytes) -> tuple[str, ...] | None:
    """The path of the binding that a comment line is but for its mark; None if it reads as no code."""
    found = _CODE.match(comment)
    try:
        return None if found is None else parse_path(decode(found[1]))
    except NotStaticError:
        return None


def _is_alternate(source: Source, item: Node, comment: Span) -> bool:
    """Whether a comment directly below a binding is the same binding with another value."""
    names = commented_out(source.slice(comment))
    if names is None or item.kind_id != K.BINDING:
        return False
    return static_path(field(item, F.ATTRPATH), source.data) == names


def _blank_between(source: Source, start: int, end: int) -> bool:
    return source.data.count(b"\n", start, end) > 1


def comments_of(snapshot: Snapshot, node: Node) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """The leading and the trailing comments of an item, or of the item that a value stands in."""
    child, parent = node, node.parent
    while parent is not None:
        if parent.kind_id in (K.ATTRSET, K.REC_ATTRSET, K.LET_ATTRSET, K.LET, K.LIST, K.FORMALS):
            items = row(snapshot, parent).items
            index = items.index_of(child.start_byte)
            if index < 0 or child.start_byte >= items[index].span.end:
                return (), ()
            return items[index].leading, items[index].trailing
        child, parent = parent, parent.parent
    return (), ()
