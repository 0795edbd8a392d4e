"""How a module, or overlays, are put into a written list: in front of it, behind it, around it."""

from __future__ import annotations

from collections.abc import Sequence

from tree_sitter import Node

from nixedit.flake.systems import NixosSystem
from nixedit.grammar import F, K
from nixedit.layout.code import Code, expr
from nixedit.layout.sorted_regions import region_of
from nixedit.layout.style import Style
from nixedit.migrate.joining import element_in_front, joined_code, list_in_front
from nixedit.operations import ops
from nixedit.syntax.layers import core
from nixedit.syntax.nodes import elements, field
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import Source, decode

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


def first_module(snapshot: Snapshot, spot: Node, module: Code) -> list[ops.Operation]:
    """The module in front of what `front` finds."""
    if spot.kind_id == K.LIST:
        return element_in_front(snapshot, spot, module)
    return list_in_front(snapshot, spot, module)


def inherited(snapshot: Snapshot, inherit: Node) -> str:
    """The code for the `modules` that an `inherit` brings in."""
    source = inherit.child_by_field_id(F.EXPRESSION)
    if source is None:
        return "modules"
    text = decode(snapshot.text(source))
    return f"{text}.modules" if source.kind_id in (K.VARIABLE, K.SELECT) else f"({text}).modules"


def prefixed(module: Code, rest: str, style: Style) -> Code:
    """A list of one module, joined with other modules."""
    return expr(joined_code(module, rest, style))


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


def open_end(value: Node) -> Node:
    """What more is joined to at the end of a list: its last operand, in parentheses if that is no list."""
    last = last_operand(value)
    while last.kind_id != K.LIST and last != value and last.parent is not None:
        if last.parent.kind_id != K.PARENTHESIZED:
            break
        last = last.parent
    return last


def on_lines(codes: Sequence[Code], style: Style) -> Code:
    """A list with a line for each element."""
    unit = decode(style.unit)
    return expr("[\n" + "".join(f"{unit}{code.text}\n" for code in codes) + "]")


def insertion(
    source: Source, node: Node, after: int, code: Code, *, before: bool = False
) -> ops.InsertElement:
    """An overlay put into a list: outside of what is kept sorted, since its place is not that of its name.

    Args:
        source: the file.
        node: the list.
        after: the index of the element that it goes behind; -1 for the front.
        code: the overlay.
        before: whether it must come before the next element, wherever that puts it.
    """
    written = elements(node)
    regions = [region_of(source, element.start_byte) for element in written]
    while before and after >= 0 and regions[after] is not None and regions[after] == regions[after + 1]:
        after -= 1
    region = None if after < 0 else regions[after]
    if region is None:
        return ops.InsertElement(node, after, code)
    last = max(number for number, other in enumerate(regions) if other == region)
    return ops.InsertElement(node, last, code, behind=region.span.end)
