"""Questions to single nodes: their parts, static names and values. Comments are never among the parts."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator

from tree_sitter import Node

from nixedit.attrpath import unescape
from nixedit.grammar import SETS, F, K
from nixedit.text import decode

TRANSPARENT = frozenset({K.BINDING_SET, K.INHERITED_ATTRS})
BINDINGS = frozenset({K.BINDING, K.INHERIT, K.INHERIT_FROM})


def flattened(node: Node) -> Iterator[Node]:
    """The children with comments, `binding_set` and `inherited_attrs` replaced by their own children."""
    for child in node.children:
        if child.kind_id in TRANSPARENT:
            yield from child.children
        else:
            yield child


def parts(node: Node) -> list[Node]:
    """The children without comments, `binding_set` and `inherited_attrs` replaced by their own children."""
    return [child for child in flattened(node) if child.kind_id != K.COMMENT]


def field(node: Node, field_id: int) -> Node:
    """The child in a field that the grammar says is always there."""
    child = node.child_by_field_id(field_id)
    if child is None:
        raise AssertionError(f"{node.type} without field {field_id}")
    return child


def bindings(node: Node) -> list[Node]:
    """The `binding`, `inherit` and `inherit_from` nodes of a set or let, in order."""
    for child in node.children:
        if child.kind_id == K.BINDING_SET:
            return [item for item in child.children if item.kind_id in BINDINGS]
    return []


def holder(binding: Node) -> Node:
    """The set or let that a binding stands in."""
    above = binding.parent
    while above is not None and above.kind_id in TRANSPARENT:
        above = above.parent
    if above is None:
        raise AssertionError("a binding without a set")
    return above


def elements(node: Node) -> list[Node]:
    """The elements of a list expression, in order."""
    return node.children_by_field_id(F.ELEMENT)


def formals(node: Node) -> list[Node]:
    """The `formal` nodes of `formals`, in order."""
    return [child for child in node.children if child.kind_id == K.FORMAL]


def attrs(node: Node) -> list[Node]:
    """The attributes of an attrpath, or the names that an `inherit` lists."""
    if node.kind_id == K.ATTRPATH:
        return node.children_by_field_id(F.ATTR)
    listed = node.child_by_field_id(F.ATTRS)
    return [] if listed is None else listed.children_by_field_id(F.ATTR)


def unwrapped(node: Node) -> Node:
    """The expression inside any number of parentheses."""
    while node.kind_id == K.PARENTHESIZED:
        node = field(node, F.EXPRESSION)
    return node


def is_set(node: Node) -> bool:
    """Whether an expression is a written set, `{ … }` or `rec { … }`, also in parentheses."""
    return unwrapped(node).kind_id in SETS


def static_name(attr: Node, data: bytes) -> str | None:
    r"""The name that an attribute has without evaluating anything, or None when it is computed.

    `${"a"}` and `${''a''}` are static, as in Nix; `"${"a"}"` is not.
    """
    if attr.kind_id == K.IDENTIFIER:
        return decode(data[attr.start_byte : attr.end_byte])
    if attr.kind_id == K.STRING:
        return string_value(attr, data)
    if attr.kind_id == K.INTERPOLATION:
        inner = attr.child_by_field_id(F.EXPRESSION)
        return None if inner is None else string_value(inner, data)
    return None


def static_path(attrpath: Node, data: bytes) -> tuple[str | None, ...]:
    """The names of an attrpath; None stands for a computed one."""
    return tuple(static_name(attr, data) for attr in attrs(attrpath))


def selection(node: Node, data: bytes) -> tuple[str | None, ...]:
    """The text of what is selected from and the names selected: `inputs.x.y` gives `inputs`, `x`, `y`."""
    base = field(node, F.EXPRESSION)
    return (decode(data[base.start_byte : base.end_byte]), *static_path(field(node, F.ATTRPATH), data))


def string_value(node: Node, data: bytes) -> str | None:
    """The value of a string without interpolation (`"…"` or `''…''`); None for anything else."""
    if node.kind_id not in (K.STRING, K.INDENTED_STRING):
        return None
    pieces = node.children[1:-1]
    if any(piece.kind_id == K.INTERPOLATION for piece in pieces):
        return None
    if node.kind_id == K.STRING:
        return unescape(decode(data[node.start_byte + 1 : node.end_byte - 1]))
    return _indented_value(pieces, data)


_OPENING = re.compile(r" *\n")


def _indented_value(pieces: list[Node], data: bytes) -> str:
    """Nix manual, "String literal": the least indentation (blanks only) of all lines is taken off.

    An escape counts as text where it stands, so that what it produces is never indentation.
    """
    chunks: list[tuple[str, bool]] = []  # text, and whether it came from an escape
    for piece in pieces:
        text = decode(data[piece.start_byte : piece.end_byte])
        if piece.kind_id == K.STRING_FRAGMENT:
            chunks.append((text, False))
        elif text.startswith("''\\"):
            chunks.append((unescape(text[2:]), True))
        else:  # ''' is '' and ''$ is $
            chunks.append(("''" if text == "'''" else "$", True))
    if chunks and not chunks[0][1]:
        opening = _OPENING.match(chunks[0][0])
        if opening is not None:
            chunks[0] = (chunks[0][0][opening.end() :], False)
    indent = _least_indent(chunks)
    return _stripped(chunks, indent)


def _least_indent(chunks: list[tuple[str, bool]]) -> int:
    least: int | None = None
    current, at_start = 0, True
    for text, escaped in chunks:
        if escaped:
            if at_start:
                least = current if least is None else min(least, current)
            at_start = False
            continue
        for char in text:
            if char == "\n":
                current, at_start = 0, True
            elif at_start and char == " ":
                current += 1
            elif at_start:
                least = current if least is None else min(least, current)
                at_start = False
    return sys.maxsize if least is None else least  # blanks alone are no text: all of them go


def _stripped(chunks: list[tuple[str, bool]], indent: int) -> str:
    result: list[str] = []
    dropped, at_start = 0, True
    last = ""
    for text, escaped in chunks:
        if escaped:
            last = text
            at_start = False
        else:
            kept: list[str] = []
            for char in text:
                if char == "\n":
                    dropped, at_start = 0, True
                elif at_start and char == " " and dropped < indent:
                    dropped += 1
                    continue
                else:
                    at_start = at_start and char == " "
                kept.append(char)
            last = "".join(kept)
        result.append(last)
    # A last line of blanks only, as before the closing quotes, is dropped.
    head, newline, tail = last.rpartition("\n")
    if newline and not tail.strip(" "):
        result[-1] = head + newline
    return "".join(result)
