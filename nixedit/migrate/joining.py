"""Written lists joined to others by `++`, laid out as the formatter of the file would."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tree_sitter import Node

from nixedit.edits import Edit
from nixedit.grammar import F, K
from nixedit.layout.code import Code
from nixedit.layout.render import hugs
from nixedit.layout.style import Style, style_of
from nixedit.operations import ops
from nixedit.syntax.nodes import field
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import decode, encode

_LOOSER_THAN_CONCAT = frozenset({K.FUNCTION, K.ASSERT, K.WITH, K.LET, K.IF, K.BINARY, K.UNARY, K.HAS_ATTR})


def list_in_front(snapshot: Snapshot, value: Node, element: Code) -> list[ops.Operation]:
    """`[ … ] ++ ` in front of an expression, with lines for the element.

    Args:
        snapshot: the file's text and tree.
        value: the expression.
        element: the element of the new list.
    """
    style, source = style_of(snapshot), snapshot.source
    moved = _onto_own_line(snapshot, value)
    indent = source.indent(value.start_byte) + (style.unit if moved else b"")
    broken = style.formatter == "nixfmt" or moved or _has_own_line(snapshot, value)
    gap = style.newline + indent if broken else b" "
    before = _list(element, style, indent) + gap + b"++ "
    open_, close = (b"(", b")") if needs_parentheses(value) else (b"", b"")
    operations: list[ops.Operation] = [ops.Surround(value, before + open_, close, K.BINARY)]
    edits = moved or (broken_operators(snapshot, value, indent) if style.formatter == "nixfmt" else [])
    return [*operations, ops.Splice(tuple(edits))] if edits else operations


def element_in_front(snapshot: Snapshot, found: Node, element: Code) -> list[ops.Operation]:
    """The same for an expression that begins with a written list: the element goes to the front of that.

    Args:
        snapshot: the file's text and tree.
        found: the list.
        element: the new element.
    """
    style, source, chain = style_of(snapshot), snapshot.source, _chain_of(found)
    indent = source.indent(found.start_byte)
    moved = _onto_own_line(snapshot, chain) if chain != found else []
    edits = moved
    if moved:
        edits = moved + broken_operators(snapshot, chain, indent + style.unit)[:1]
    elif style.formatter == "nixfmt" and b"\n" not in source.data[found.start_byte : found.end_byte]:
        edits = broken_operators(snapshot, chain, indent)
    insert = ops.InsertElement(found, -1, element, deeper=len(moved))
    return [insert, ops.Splice(tuple(edits))] if edits else [insert]


def list_behind(snapshot: Snapshot, value: Node, last: Node, codes: Sequence[Code]) -> list[ops.Operation]:
    """` ++ [ … ]` behind the last operand of an expression, with a line for each element.

    Args:
        snapshot: the file's text and tree.
        value: the whole expression.
        last: its last operand.
        codes: the elements.

    Returns:
        the operations; none where the layout would give each operand a line then, which stand on one.
    """
    style, source = style_of(snapshot), snapshot.source
    if style.formatter == "nixfmt" and _is_joined(last) and not _on_lines(snapshot, last):
        return []
    moved = _onto_own_line(snapshot, value, b" ++ [")
    indent = source.indent(last.end_byte)
    gap = b" "
    if _begins_operand(snapshot, last):
        gap = style.newline + indent
    elif moved or (style.formatter in ("nixfmt", "alejandra") and _has_own_line(snapshot, value)):
        indent = source.indent(value.start_byte) + (style.unit if moved else b"")
        gap = style.newline + indent
    lines = b"".join(style.newline + indent + style.unit + encode(code.text) for code in codes)
    tail = gap + b"++ [" + lines + style.newline + indent + b"]"
    open_, close = (b"(", b")") if needs_parentheses(last) else (b"", b"")
    operations: list[ops.Operation] = [ops.Surround(last, open_, close + tail, K.BINARY)]
    return [*operations, ops.Splice(tuple(moved))] if moved else operations


def joined_code(element: Code, rest: str, style: Style) -> str:
    """A new list of one element, joined with other code."""
    gap = style.newline if style.formatter == "nixfmt" else b" "
    return decode((_list(element, style, b"") + gap).replace(style.newline, b"\n")) + f"++ {rest}"


def _list(element: Code, style: Style, indent: bytes) -> bytes:
    """A list of one element, with lines for it; close to its brackets where the layout has it so."""
    newline = style.newline
    text = encode(element.text)
    if hugs(text, style):
        return b"[" + text.replace(b"\n", newline + indent) + b"]"
    inner = newline + indent + style.unit
    return b"[" + inner + text.replace(b"\n", inner) + newline + indent + b"]"


def needs_parentheses(operand: Node) -> bool:
    """Whether an expression needs parentheses as an operand of `++`, which groups to the right."""
    if operand.kind_id == K.BINARY:
        return field(operand, F.OPERATOR).type != "++"
    return operand.kind_id in _LOOSER_THAN_CONCAT


def _has_own_line(snapshot: Snapshot, value: Node) -> bool:
    """Whether the value of a binding begins on the line below the binding's `=`."""
    parent = value.parent
    bound = parent is not None and parent.kind_id == K.BINDING
    return bound and snapshot.source.begins_line(value.start_byte)


def _begins_operand(snapshot: Snapshot, last: Node) -> bool:
    """Whether the operator in front of a last operand begins the line that the operand is on."""
    one_line = b"\n" not in snapshot.source.data[last.start_byte : last.end_byte]
    return one_line and _on_lines(snapshot, last)


def _is_joined(operand: Node) -> bool:
    """Whether an expression is an operand of a chain of `++`."""
    return operand.parent is not None and is_chain(operand.parent)


def _on_lines(snapshot: Snapshot, last: Node) -> bool:
    """Whether the operator in front of a last operand begins a line."""
    before = last.prev_sibling
    return before is not None and before.type == "++" and snapshot.source.begins_line(before.start_byte)


def _onto_own_line(snapshot: Snapshot, value: Node, tail: bytes | None = None) -> list[Edit]:
    """What puts a value of one line on the line below its `=`, where the layout has what takes several.

    Args:
        snapshot: the file's text and tree.
        value: the value.
        tail: what goes behind it, which nixfmt leaves on the line where it fits; None for nothing.
    """
    binding, equals, data = value.parent, value.prev_sibling, snapshot.source.data
    style, indent = style_of(snapshot), snapshot.source.indent(value.start_byte)
    if binding is None or binding.kind_id != K.BINDING or equals is None:
        return []
    if not snapshot.source.begins_line(binding.start_byte):
        return []
    if b"\n" in data[equals.end_byte : value.end_byte]:
        return []
    line = data[snapshot.source.line_start(value.start_byte) : value.end_byte].lstrip()
    too_long = tail is not None and not style.fits(line + tail, indent)
    if style.formatter != "alejandra" and not (style.formatter == "nixfmt" and too_long):
        return []
    indent += style.unit
    return [Edit(equals.end_byte, value.start_byte, style.newline + indent)]


def _chain_of(operand: Node) -> Node:
    """The outermost chain of `++` that an operand stands in."""
    while operand.parent is not None and _is_joined(operand):
        operand = operand.parent
    return operand


def is_chain(node: Node) -> bool:
    """Whether an expression joins two others by `++`."""
    return node.kind_id == K.BINARY and field(node, F.OPERATOR).type == "++"


def broken_operators(snapshot: Snapshot, value: Node, indent: bytes) -> list[Edit]:
    """What gives each operator of a chain a line of its own, as nixfmt does where one of them has it."""
    style, data = style_of(snapshot), snapshot.source.data
    return [
        Edit(left.end_byte, operator.start_byte, style.newline + indent)
        for left, operator in _operators(value)
        if not data[left.end_byte : operator.start_byte].strip(b" \t")
    ]


def _operators(node: Node) -> Iterator[tuple[Node, Node]]:
    """The operators of a chain of `++`, each with what stands to its left."""
    while is_chain(node):
        left = field(node, F.LEFT)
        yield left, field(node, F.OPERATOR)
        yield from _operators(left)
        node = field(node, F.RIGHT)
