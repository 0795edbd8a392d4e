"""How a module, or overlays, are put into a written list: in front of it, behind it, around it."""

from __future__ import annotations

from collections.abc import Sequence

from tree_sitter import Node

from nixedit.flake.systems import NixosSystem
from nixedit.grammar import F, K
from nixedit.layout.code import Code, expr
from nixedit.layout.style import Style
from nixedit.operations import ops
from nixedit.syntax.layers import core
from nixedit.syntax.nodes import field
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import decode, encode

_LOOSER_THAN_CONCAT = frozenset({K.FUNCTION, K.ASSERT, K.WITH, K.LET, K.IF, K.BINARY, K.UNARY, K.HAS_ATTR})
_AROUND = frozenset({K.LET, K.WITH, K.ASSERT})


def front(value: Node) -> Node:
    """Where the first module goes: a written list, if all that is joined begins with one, else all of that.

    What stands in a `let` stays in it, and so does the new module: names may mean something else there.
    """
    first = core(value)
    while first.kind_id == K.BINARY and field(first, F.OPERATOR).type == "++":
        first = core(field(first, F.LEFT))
    if first.kind_id == K.LIST:
        return first
    while value.kind_id in _AROUND:
        value = field(value, F.BODY)
    return value


def front_of(value: Node, module: Code, style: Style, indent: bytes) -> ops.Operation:
    """A module in front of a list of modules, however that is joined."""
    return first_module(front(value), module, style, indent)


def first_module(value: Node, module: Code, style: Style, indent: bytes) -> ops.Operation:
    """The module in front of what `front` finds."""
    if value.kind_id == K.LIST:
        return ops.InsertElement(value, -1, module)
    unit = decode(style.unit)
    text = module.text.replace("\n", f"\n{decode(indent)}{unit}")
    gap = f"\n{decode(indent)}" if style.formatter == "nixfmt" else " "
    head = f"[\n{decode(indent)}{unit}{text}\n{decode(indent)}]{gap}++ ".replace("\n", decode(style.newline))
    if _needs_parentheses(value):
        return ops.Surround(value, encode(head + "("), b")", K.BINARY)
    return ops.Surround(value, encode(head), b"", K.BINARY)


def _needs_parentheses(operand: Node) -> bool:
    """Whether an expression needs parentheses as an operand of `++`, which groups to the right."""
    if operand.kind_id == K.BINARY:
        return field(operand, F.OPERATOR).type != "++"
    return operand.kind_id in _LOOSER_THAN_CONCAT


def inherited(snapshot: Snapshot, inherit: Node) -> str:
    """The code for the `modules` that an `inherit` brings in."""
    source = inherit.child_by_field_id(F.EXPRESSION)
    if source is None:
        return "modules"
    text = decode(snapshot.text(source))
    return f"{text}.modules" if source.kind_id in (K.VARIABLE, K.SELECT) else f"({text}).modules"


def prefixed(module: Code, rest: str, style: Style) -> Code:
    """A list of one module, joined with other modules."""
    unit = decode(style.unit)
    text = module.text.replace("\n", f"\n{unit}")
    gap = "\n" if style.formatter == "nixfmt" else " "
    return expr(f"[\n{unit}{text}\n]{gap}++ {rest}")


def wrapped_argument(host: NixosSystem, argument: Node, module: Code, style: Style) -> ops.Operation:
    """An argument that is no written set, with the module in front of its modules."""
    if argument.kind_id not in (K.VARIABLE, K.SELECT):
        raise host.refusal("what the call is given is no written set", argument)
    text = decode(host.origin.snapshot.text(argument))
    unit = decode(style.unit)
    inner = prefixed(module, f"{text}.modules", style).text.replace("\n", f"\n{unit}")
    return ops.Replace(argument, expr(f"({text} // {{\n{unit}modules = {inner};\n}})"))


def last_operand(node: Node) -> Node:
    """The last operand of a chain of `++`."""
    inner = core(node)
    while inner.kind_id == K.BINARY and field(inner, F.OPERATOR).type == "++":
        inner = core(field(inner, F.RIGHT))
    return inner


def extended(node: Node, codes: Sequence[Code], style: Style, indent: bytes) -> ops.Operation:
    """An operand and ` ++ [ … ]` behind it, with a line for each element."""
    newline = decode(style.newline)
    outer, unit = decode(indent), decode(style.unit)
    lines = "".join(f"{newline}{outer}{unit}{code.text}" for code in codes)
    tail = encode(f" ++ [{lines}{newline}{outer}]")
    if _needs_parentheses(node):
        return ops.Surround(node, b"(", b")" + tail, K.BINARY)
    return ops.Surround(node, b"", tail, K.BINARY)


def on_lines(codes: Sequence[Code], style: Style) -> Code:
    """A list with a line for each element."""
    unit = decode(style.unit)
    return expr("[\n" + "".join(f"{unit}{code.text}\n" for code in codes) + "]")
