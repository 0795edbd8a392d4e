"""Who owns which comment and which line: the items of a set, list or formals with what belongs to them.

A comment on the line an item ends on is its trailing comment; comment lines directly above an item are
its leading comments; a blank line cuts. A comment directly below a binding that is the same binding with
another value is the binding's too: an alternate, which somebody took out or will put in. What belongs to
no item is nobody's, and is never moved; so are the marks of a region that is kept sorted
(https://github.com/google/keep-sorted).
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from attrs import frozen
from tree_sitter import Node

from nixedit.attrpath import parse as parse_path
from nixedit.errors import NotStaticError
from nixedit.grammar import F, K
from nixedit.syntax.nodes import field, flattened, static_path
from nixedit.syntax.snapshot import Snapshot, span_of
from nixedit.text import Source, Span, decode


@frozen
class Item:
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

    @property
    def extent(self) -> Span:
        """From its first leading comment to its last trailing one."""
        start = self.leading[0].start if self.leading else self.span.start
        end = self.trailing[-1].end if self.trailing else self.span.end
        return Span(start, max(end, self.span.end))


@frozen
class Row:
    """The inside of a bracketed construct.

    Attributes:
        open: the opening token's span.
        close: the closing token's span.
        items: what stands between, in order.
        comments: the comments that belong to no item, in order.
    """

    open: Span
    close: Span
    items: tuple[Item, ...]
    comments: tuple[Span, ...]

    def comments_before(self, index: int) -> bool:
        """Whether a comment that belongs to no item stands between an item and the one before it."""
        start, end = self.items[index - 1].extent.end, self.items[index].extent.start
        return any(start <= comment.start < end for comment in self.comments)


_SORTED = re.compile(rb"\bkeep-sorted (start|end)\b")
# One binding behind the mark of a comment, or the first line of one: its path, `=`, and how it may end.
_NAME = rb"""(?:[\w'-]+|"[^"\n]*")"""
_CODE = re.compile(rb"#+[ \t]*(%b(?:\.%b)*)[ \t]*=[ \t]*(?:$|.*[;{\[(][ \t]*(?:#.*)?$)" % (_NAME, _NAME))
_BRACKETS = {
    K.LET: ("let", "in"),
    K.LIST: ("[", "]"),
    K.INHERIT: ("inherit", ";"),
    K.INHERIT_FROM: (")", ";"),
}


def row(snapshot: Snapshot, node: Node) -> Row:
    """The items of a set, `let`, list, formals or inherit node."""
    opening: Span | None = None
    closing: Span | None = None
    tokens: list[Node] = []
    opens, closes = _BRACKETS.get(node.kind_id, ("{", "}"))
    for child in flattened(node):
        if opening is None:
            if child.type == opens:
                opening = span_of(child)
        elif child.type == closes:
            closing = span_of(child)
            break
        else:
            tokens.append(child)
    if opening is None or closing is None:
        raise AssertionError(f"{node.type} is not bracketed")
    items, comments = _items(snapshot.source, opening, tokens)
    return Row(opening, closing, tuple(items), tuple(comments))


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


def _items(source: Source, opening: Span, tokens: Sequence[Node]) -> tuple[list[Item], list[Span]]:
    items: list[Item] = []
    nobody: list[Span] = []
    waiting: list[Span] = []  # comments that may lead the next item
    last_end = opening.end
    for token in tokens:
        span = span_of(token)
        if waiting and _blank_between(source, waiting[-1].end, span.start):
            nobody += waiting
            waiting = []
        if token.kind_id == K.COMMENT and sorting_mark(source.slice(span)) is not None:
            nobody += [*waiting, span]
            waiting = []
        elif token.kind_id == K.COMMENT:
            on_line = b"\n" not in source.data[last_end : span.start]
            if items and not waiting and (on_line or _is_alternate(source, items[-1], span)):
                items[-1] = _with_trailing(items[-1], span)
            elif on_line and not waiting and not items and source.line_end(span.end) == span.end:
                nobody.append(span)  # behind the opening bracket: the whole construct's
            else:
                waiting.append(span)
        elif token.kind_id == K.COMMA:
            if items and not waiting and b"\n" not in source.data[last_end : span.start]:
                items[-1] = _with_comma(items[-1], span)
        else:
            items.append(Item(token, span, tuple(waiting), ()))
            waiting = []
        last_end = span.end
    return items, sorted(nobody + waiting)


def _is_alternate(source: Source, item: Item, comment: Span) -> bool:
    """Whether a comment directly below a binding is the same binding with another value."""
    names = commented_out(source.slice(comment))
    if (
        names is None
        or item.node.kind_id != K.BINDING
        or _blank_between(source, item.extent.end, comment.start)
    ):
        return False
    return static_path(field(item.node, F.ATTRPATH), source.data) == names


def _with_trailing(item: Item, span: Span) -> Item:
    return Item(item.node, item.span, item.leading, (*item.trailing, span))


def _with_comma(item: Item, comma: Span) -> Item:
    return Item(item.node, Span(item.span.start, max(item.span.end, comma.end)), item.leading, item.trailing)


def _blank_between(source: Source, start: int, end: int) -> bool:
    return source.data.count(b"\n", start, end) > 1


def comments_of(snapshot: Snapshot, node: Node) -> tuple[tuple[Span, ...], tuple[Span, ...]]:
    """The leading and the trailing comments of an item, or of the item that a value stands in."""
    child, parent = node, node.parent
    while parent is not None:
        if parent.kind_id in (K.ATTRSET, K.REC_ATTRSET, K.LET_ATTRSET, K.LET, K.LIST, K.FORMALS):
            for item in row(snapshot, parent).items:
                if item.span.start <= child.start_byte < item.span.end:
                    return item.leading, item.trailing
            return (), ()
        child, parent = parent, parent.parent
    return (), ()
