"""Python values and code rendered as Nix: escaped, indented for their place, in parentheses where needed."""

from __future__ import annotations

import math
import re
import sys
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct
from tree_sitter import Node

from nixedit.attrpath import escape, quote
from nixedit.errors import InvalidEditError
from nixedit.grammar import EXPRESSIONS, SETS, F, K, parse
from nixedit.layout.code import Code
from nixedit.layout.style import Style
from nixedit.syntax.nodes import bindings, elements, parts
from nixedit.text import Source, Span, encode

# What can stand as a list element or an argument without parentheses.
SELECT_LEVEL = frozenset(
    {
        K.VARIABLE, K.INTEGER, K.FLOAT, K.STRING, K.INDENTED_STRING, K.PATH, K.HPATH, K.SPATH, K.URI,
        K.PARENTHESIZED, K.ATTRSET, K.LET_ATTRSET, K.REC_ATTRSET, K.LIST, K.SELECT,
    }
)  # fmt: skip
_APPLICATION_LEVEL = SELECT_LEVEL | {K.APPLY}
# What can be selected from without parentheses.
_SIMPLE = SELECT_LEVEL - {K.SELECT}


class Fragment(Struct, frozen=True):
    """Rendered code.

    Attributes:
        text: the bytes.
        kind: the kind id of the expression that they are.
    """

    text: bytes
    kind: int


class Slot(Struct, frozen=True):
    """A place that takes an expression.

    Attributes:
        kinds: the kind ids it takes without parentheses.
    """

    kinds: frozenset[int]


ANY = Slot(EXPRESSIONS)
ELEMENT = Slot(SELECT_LEVEL)


def slot_of(node: Node) -> Slot:
    """What may take the place of an expression without parentheses."""
    parent = node.parent
    if parent is None:
        return ANY
    kind = parent.kind_id
    if kind == K.LIST:
        return ELEMENT
    if kind == K.APPLY:
        is_function = parent.child_by_field_id(F.FUNCTION) == node
        return Slot(_APPLICATION_LEVEL) if is_function else ELEMENT
    if kind == K.SELECT:
        is_base = parent.child_by_field_id(F.EXPRESSION) == node
        return Slot(_SIMPLE) if is_base else ELEMENT
    if kind in (K.BINARY, K.UNARY, K.HAS_ATTR):
        return Slot(_APPLICATION_LEVEL | ({K.BINARY} if node.kind_id == K.BINARY else frozenset()))
    return ANY


def render(value: Any, style: Style, indent: bytes, slot: Slot = ANY, around: bytes | None = b"") -> Fragment:
    """Render a value for a place.

    Args:
        value: `Code`, or a Python value: None, bool, int, float, str, a sequence or a mapping of those.
        style: the file's layout.
        indent: the indentation of the line that the value begins on.
        slot: what the place takes; anything else gets parentheses.
        around: what else the binding has on the line, `name = ;`; None where the place is no binding's value.

    Raises:
        InvalidEditError: the code is not one expression, or the value has no Nix counterpart.
    """
    fragment = _expression(value, style, indent, around)
    if fragment.kind in slot.kinds:
        return fragment
    return Fragment(b"(" + fragment.text + b")", K.PARENTHESIZED)


def plain(value: Any) -> Fragment | None:
    """Render a value that looks the same in every layout and place; None for code, sets and lists.

    Raises:
        InvalidEditError: Nix has no such number.
    """
    if value is None or isinstance(value, bool):
        return Fragment({None: b"null", True: b"true", False: b"false"}[value], K.VARIABLE)
    if isinstance(value, str):
        return Fragment(encode(f'"{escape(value)}"'), K.STRING)
    if isinstance(value, int):
        return _number(str(value), value < 0, K.INTEGER, abs(value) < 2**63)
    if isinstance(value, float):
        in_range = math.isfinite(value) and (not value or abs(value) >= sys.float_info.min)
        return _number(_float(value), math.copysign(1.0, value) < 0, K.FLOAT, in_range)
    return None


def _expression(value: Any, style: Style, indent: bytes, around: bytes | None) -> Fragment:
    if isinstance(value, Code):
        return _code(value, style, indent)
    fragment = plain(value)
    if fragment is not None:
        return fragment
    if isinstance(value, Mapping):
        return _set(value, style, indent, around)
    if isinstance(value, Sequence) and not isinstance(value, bytes | bytearray):
        return _list(value, style, indent, around or b"")
    raise InvalidEditError(
        f"no Nix value for a {type(value).__name__}: {value!r}",
        hint="give expr(…) for code, or a plain Python value",
    )


def _number(text: str, negative: bool, kind: int, in_range: bool) -> Fragment:
    if not in_range:
        raise InvalidEditError(f"Nix has no such number: {text}")
    return Fragment(text.encode(), K.UNARY if negative else kind)


def _float(value: float) -> str:
    """As Nix reads it: a digit or more before the point, the point, no bare exponent."""
    text = repr(value)
    mantissa, exponent, power = text.partition("e")
    if "." not in mantissa:
        mantissa += ".0"
    return mantissa + exponent + power


def _code(code: Code, style: Style, indent: bytes) -> Fragment:
    data = encode(code.text).strip(b" \t\r\n")
    root = parse(data).root_node
    inner = parts(root)
    if root.has_error or len(inner) != 1 or b"\0" in data or len(inner) != len(root.children):
        source = Source(data)
        what = "a comment beside the expression" if inner and not root.has_error else "not one Nix expression"
        raise InvalidEditError(f"{what}: {code.text!r}", source=source, span=Span(0, len(data)))
    return Fragment(reindented(data, inner[0], style, indent), inner[0].kind_id)


def reindented(data: bytes, root: Node, style: Style, indent: bytes) -> bytes:
    """Code moved to an indentation: its least indented line goes to `indent`; strings keep their values.

    The lines of a `"…"` string stay as they are. Those of a `''…''` string move with the code, where
    Nix takes off again what moves them: the manual, "String literal", counts blanks, and not tabs.

    Args:
        data: the code; its first line is where the place already is.
        root: its tree.
        style: gives the line end.
        indent: the indentation of the line that the code begins on.
    """
    if b"\n" not in data:
        return data
    lines = data.split(b"\n")
    starts = [0, *(match.end() for match in re.finditer(rb"\n", data))]
    blanks_only = b"\t" not in indent and not re.search(rb"\n *\t", data)
    fixed = _within(starts, multiline_strings(data, root, blanks_only))
    quoted = _within(starts, multiline_strings(data, root))
    movable = [number for number, line in enumerate(lines) if number and line.strip() and number not in fixed]
    least = min((len(lines[n]) - len(lines[n].lstrip(b" \t")) for n in movable), default=0)
    result = bytearray(lines[0].removesuffix(b"\r"))
    for number, line in enumerate(lines[1:], 1):
        carriage = lines[number - 1].endswith(b"\r")
        result += (b"\r\n" if carriage else b"\n") if number in quoted else style.newline
        if number in fixed:
            result += line.removesuffix(b"\r")
        elif number in movable or (number in quoted and line[least:].strip(b"\r")):
            result += indent + line[least:].removesuffix(b"\r")
    return bytes(result)


def _within(starts: Sequence[int], spans: Sequence[Span]) -> set[int]:
    """The numbers of the lines that begin within one of the spans."""
    found: set[int] = set()
    for span in spans:
        found.update(range(bisect_right(starts, span.start), bisect_right(starts, span.end)))
    return found


def multiline_strings(data: bytes, root: Node, movable: bool = False) -> list[Span]:
    """The spans of the strings within a node that go over several lines.

    Args:
        data: the text that the node is of.
        root: the node.
        movable: leave out the `''…''` strings that begin with a line end: all their lines can move.
    """
    spans: list[Span] = []
    stack = [root]
    while stack:
        node = stack.pop()
        text = data[node.start_byte : node.end_byte]
        moves = node.kind_id == K.INDENTED_STRING and movable and re.match(rb"'' *\n", text)
        if moves or node.kind_id not in (K.STRING, K.INDENTED_STRING):
            stack.extend(node.children)
        elif b"\n" in text:
            spans.append(Span(node.start_byte, node.end_byte))
    return spans


def hugs(element: bytes, style: Style) -> bool:
    """Whether the only element of a list stands close to its brackets, `[{ … }]`, as in nixfmt-classic."""
    if style.formatter != "nixfmt-classic" or element[:1] not in (b"{", b"["):
        return False
    node = parts(parse(element).root_node)[0]
    return (
        len(elements(node)) > 1 if node.kind_id == K.LIST else node.kind_id in SETS and bool(bindings(node))
    )


def _list(values: Sequence[Any], style: Style, indent: bytes, around: bytes) -> Fragment:
    if not values:
        return Fragment(style.empty_list, K.LIST)
    only = render(values[0], style, indent, ELEMENT, None).text if len(values) == 1 else b""
    if only and hugs(only, style):
        return Fragment(b"[" + only + b"]", K.LIST)
    if style.list_on_one_line(len(values)):
        pieces = [render(value, style, indent, ELEMENT, None).text for value in values]
        blank = b"" if style.tight_list else b" "
        line = b"[" + blank + b" ".join(pieces) + blank + b"]"
        if b"\n" not in line and style.fits(line + around, indent):
            return Fragment(line, K.LIST)
    deeper = indent + style.unit
    lines = [deeper + render(value, style, deeper, ELEMENT, None).text for value in values]
    return Fragment(style.newline.join([b"[", *lines, indent + b"]"]), K.LIST)


def _set(values: Mapping[Any, Any], style: Style, indent: bytes, around: bytes | None) -> Fragment:
    if not values:
        return Fragment(style.empty_set, K.ATTRSET)
    names = []
    for name in values:
        if not isinstance(name, str):
            raise InvalidEditError(f"an attribute name is a str, not {name!r}")
        names.append(encode(quote(name)))
    if style.set_on_one_line(len(names), around is not None):
        pieces = [
            name + style.equals + render(value, style, indent).text + b";"
            for name, value in zip(names, values.values(), strict=True)
        ]
        blank = b"" if style.tight_set else b" "
        line = b"{" + blank + style.binding_gap.join(pieces) + blank + b"}"
        if b"\n" not in line and style.fits(line + (around or b""), indent):
            return Fragment(line, K.ATTRSET)
    deeper = indent + style.unit
    lines = [deeper + binding((name,), inner, style, deeper) for name, inner in values.items()]
    return Fragment(style.newline.join([b"{", *lines, indent + b"}"]), K.ATTRSET)


def binding(names: Sequence[str], value: Any, style: Style, indent: bytes) -> bytes:
    """The text of one binding, `a.b = value;`, for a line with that indentation."""
    path = encode(".".join(map(quote, names)))
    fragment = render(value, style, indent, ANY, path + style.equals + b";")
    if style.tight_bindings:
        return path + b"=" + fragment.text + b";"
    return path + b" =" + gap_after(path + b" =", fragment, style, indent) + fragment.text + b";"


def gap_after(head: bytes, fragment: Fragment, style: Style, indent: bytes) -> bytes:
    """What stands between `a.b =` and its value: a line end before a string too long for it, as nixfmt."""
    long = fragment.kind == K.STRING and b"\n" not in fragment.text
    if not (long and style.breaks_before_string(head)) or style.fits(
        head + b" " + fragment.text + b";", indent
    ):
        return b" "
    return style.newline + indent + style.unit
