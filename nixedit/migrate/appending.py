"""One more element behind a list that `++` makes of others, laid out as the formatter of the file would."""

from __future__ import annotations

from msgspec import Struct
from tree_sitter import Node

from nixedit.edits import Edit
from nixedit.grammar import F, K
from nixedit.layout.style import style_of
from nixedit.migrate.joining import broken_operators, is_chain, needs_parentheses
from nixedit.operations import ops
from nixedit.syntax.nodes import field
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import encode


def element_behind(snapshot: Snapshot, value: Node, last: Node, code: str) -> list[ops.Operation]:
    """` ++ [ … ]` behind the last operand of an expression: on its line where that fits and is the layout.

    Args:
        snapshot: the file's text and tree.
        value: the whole expression, the value of a binding.
        last: its last operand, which may stand in parentheses, a `let` or `with`.
        code: the element of the new list.
    """
    style, source = style_of(snapshot), snapshot.source
    before, end = (b"(", b")") if needs_parentheses(last) else (b"", b"")
    blank = b"" if style.tight_list else b" "
    inner = blank + encode(code) + blank
    begin = source.data.rfind(b"\n", 0, last.start_byte) + 1
    line = source.data[begin : last.end_byte].lstrip() + end + b" ++ [" + inner + b"];"
    fits = style.fits(line.rpartition(b"\n")[2], source.indent(last.start_byte))
    if fits and not (b"\n" in snapshot.text(value) and style.formatter):
        return [ops.Surround(last, before, end + b" ++ [" + inner + b"]", K.BINARY)]
    lines = None
    if _end_of(value) == last and not _is_absorbed(snapshot, value):
        lines = _lines_for(snapshot, value, absorbs=_begins_as_list(value))
    indent = source.indent(last.start_byte) if lines is None else lines.indent
    newline = style.newline + indent
    fits = fits if lines is None else style.fits(b"++ [" + inner + b"];", indent)
    if not fits:
        inner = newline + style.unit + encode(code) + newline
    gap = b" " if lines is None else newline
    return [ops.Surround(last, before, end + gap + b"++ [" + inner + b"]", K.BINARY), *_broken(lines)]


class _Lines(Struct, frozen=True):
    """A chain with a line for each operand.

    Attributes:
        indent: what its operators stand behind.
        breaks: the line breaks that this wants.
    """

    indent: bytes
    breaks: tuple[Edit, ...]


def _lines_for(snapshot: Snapshot, value: Node, *, absorbs: bool) -> _Lines | None:
    """The layout of a chain that gets one more operand; None where its author's own is left as it is.

    Args:
        snapshot: the file.
        value: the chain as it is.
        absorbs: whether the first operand stays on the line that it begins on.
    """
    style, source = style_of(snapshot), snapshot.source
    if style.formatter not in ("nixfmt", "alejandra"):
        return None
    indent = source.indent(value.start_byte)
    breaks = []
    if not source.begins_line(value.start_byte) and not absorbs:
        start = len(source.data[: value.start_byte].rstrip(b" "))
        if source.data[start - 1 : start] != b"=" or b"\n" in snapshot.text(value):
            return None
        indent += style.unit
        breaks.append(Edit(start, value.start_byte, style.newline + indent))
    return _Lines(indent, (*breaks, *broken_operators(snapshot, value, indent)))


def _broken(lines: _Lines | None) -> list[ops.Operation]:
    return [ops.Splice(lines.breaks)] if lines is not None and lines.breaks else []


def _is_absorbed(snapshot: Snapshot, value: Node) -> bool:
    """Whether a list behind a value begins on its line: RFC 166's way with two operands."""
    own_line = snapshot.source.begins_line(value.start_byte)
    return style_of(snapshot).formatter == "nixfmt" and not own_line and not is_chain(value)


def _begins_as_list(value: Node) -> bool:
    return (field(value, F.LEFT) if is_chain(value) else value).kind_id == K.LIST


def _end_of(value: Node) -> Node:
    """The last operand of `++`, without a look into parentheses, `let` and `with`."""
    while is_chain(value):
        value = field(value, F.RIGHT)
    return value
