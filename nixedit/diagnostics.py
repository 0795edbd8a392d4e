"""Everything that Nix rejects in a file before it evaluates it, with the place and words for a person."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from fractions import Fraction
from operator import attrgetter
from os import PathLike, fspath

from msgspec import Struct
from tree_sitter import Node, Query, QueryCursor

from nixedit import attrpath
from nixedit.errors import excerpt
from nixedit.grammar import LANGUAGE, F, K
from nixedit.syntax.duplicates import Duplicate, duplicate_attributes, duplicate_formals
from nixedit.syntax.faults import Fault, faults
from nixedit.syntax.nodes import BINDINGS, attrs, field, static_name
from nixedit.syntax.snapshot import Snapshot, first_error, span_of
from nixedit.syntax.tokens import BOM
from nixedit.text import Source, Span

# Kept for the process: compiling costs more than running on a small file.
_SETS = Query(LANGUAGE, "(binding_set) @set (function_expression formals: (formals)) @function")
_NUMBERS = Query(LANGUAGE, "(integer_expression) @integer (float_expression) @float")
_NAME = re.compile(rb"[a-zA-Z_][a-zA-Z0-9_'-]*")
# What an inherited name is that is not just letters.
_UNUSUAL = re.compile(rb'["$#/]')
_LONG = 19  # digits
_LONG_NUMBER = re.compile(rb"[0-9]{19,}")
_EXPONENT = re.compile(rb"\.[0-9]*[Ee][+-]?[0-9]{2,}")
_LARGEST_INTEGER = 2**63 - 1
_EXACT = 2_000
_SMALLEST_NORMAL = 2.2250738585072014e-308


class Diagnostic(Struct, frozen=True):
    """One thing that Nix rejects.

    Attributes:
        kind: `syntax`, `duplicate-attribute`, `duplicate-formal`, `dynamic-attribute`, `number-range`,
            `nul`, `bom` or `empty`.
        message: one sentence.
        hint: what to do, or where the other half of the problem is; None where the message says it all.
        span: the place (0-based bytes).
        line: the line of its start (1-based).
        column: the column of its start (1-based, characters).
    """

    kind: str
    message: str
    hint: str | None
    span: Span
    line: int
    column: int

    def render(self, path: str | PathLike[str] | None, source: Source) -> str:
        """The diagnostic for a person, as `NixEditError.render` does it: place, message, excerpt, hint.

        Args:
            path: the file's path as it should be named; None leaves it out.
            source: the file that was diagnosed.
        """
        place = f"{self.line}:{self.column}" if path is None else f"{fspath(path)}:{self.line}:{self.column}"
        return f"{place}: {self.message}\n{excerpt(source, self.span, self.hint or '')}"


def diagnose(snapshot: Snapshot) -> tuple[Diagnostic, ...]:
    """Everything that Nix rejects before evaluation, in the order of the text; () for a file it accepts.

    Sets and functions with a syntax error in them are not searched for duplicates: what stands in
    them is guesswork.
    """
    found = list(_faults(snapshot))
    found.sort(key=attrgetter("span", "kind"))
    position = snapshot.source.position
    return tuple(
        Diagnostic(
            fault.kind, fault.message, _hint(snapshot.source, fault), fault.span, *position(fault.span.start)
        )
        for fault in found
    )


def _hint(source: Source, fault: Fault) -> str | None:
    if fault.other is None:
        return fault.hint
    line, column = source.position(fault.other.start)
    return f"{fault.hint} {line}:{column}"


def _faults(snapshot: Snapshot) -> Iterator[Fault]:
    found = list(_bytes(snapshot))
    yield from found
    if snapshot.has_error:
        explained = [fault for fault in faults(snapshot) if snapshot.source.slice(fault.span) != b"\0"]
        yield from explained
        if not explained and not any(fault.kind == "nul" for fault in found):
            yield Fault("syntax", "this is not Nix", None, first_error(snapshot.root))
    yield from _numbers(snapshot)
    seen: set[tuple[str, Span]] = set()
    for fault in _names(snapshot):
        if (fault.kind, fault.span) not in seen:
            seen.add((fault.kind, fault.span))
            yield fault


def _bytes(snapshot: Snapshot) -> Iterator[Fault]:
    data = snapshot.source.data
    if data.startswith(BOM):
        yield Fault(
            "bom", "the file begins with a byte-order mark, which Nix does not accept", None, Span(0, 3)
        )
    at = data.find(0)
    while at >= 0:
        node = snapshot.root.descendant_for_byte_range(at, at + 1)
        if node is None or node.kind_id != K.COMMENT:
            hint = "Nix would silently ignore the rest of the file"
            yield Fault("nul", "a NUL byte stands in the code", hint, Span(at, at + 1))
            return
        at = data.find(0, at + 1)
    if not snapshot.has_error and snapshot.root.child_by_field_id(F.EXPRESSION) is None:
        end = len(data)
        yield Fault("empty", "the file holds no expression", "write at least { }", Span(end, end))


def _numbers(snapshot: Snapshot) -> Iterator[Fault]:
    """Only long digits and exponents can be out of range: most files have none."""
    data = snapshot.source.data
    if _LONG_NUMBER.search(data) is None and _EXPONENT.search(data) is None:
        return
    captures = QueryCursor(_NUMBERS).captures(snapshot.root)
    for node in captures.get("integer", ()):
        if node.end_byte - node.start_byte >= _LONG and not _is_integer(snapshot.text(node)):
            yield Fault("number-range", "the integer is larger than 2^63 - 1", None, span_of(node))
    for node in captures.get("float", ()):
        if not _is_double(snapshot.text(node).decode()):
            yield Fault("number-range", "the number is out of the range of a float", None, span_of(node))


def _is_integer(text: bytes) -> bool:
    digits = text.lstrip(b"0")
    return len(digits) < _LONG or (len(digits) == _LONG and int(digits) <= _LARGEST_INTEGER)


def _is_double(text: str) -> bool:
    """Whether C's `strtod` reads it without a range error, which is how Nix reads it."""
    value = float(text)
    if value >= _SMALLEST_NORMAL:
        return value != float("inf")
    if value == 0.0:
        return not re.split("[eE]", text)[0].strip("0.")
    # Below the normal range only what is exact is no underflow; that takes fewer digits than these.
    return len(text) < _EXACT and Fraction(text) == Fraction(value)


def _names(snapshot: Snapshot) -> Iterator[Fault]:
    captures = QueryCursor(_SETS).captures(snapshot.root)
    for function in captures.get("function", ()):
        head = field(function, F.FORMALS)
        repeats = _repeats(snapshot.source.data, head) and not head.has_error
        if repeats or function.child_by_field_id(F.UNIVERSAL) is not None:
            yield from map(_duplicate_formal, duplicate_formals(snapshot, function))
    for inside in captures.get("set", ()):
        yield from _set(snapshot, inside)


def _repeats(data: bytes, head: Node) -> bool:
    """Whether two formals may have one name."""
    names = [match[0] for child in head.children if (match := _NAME.match(data, child.start_byte))]
    return len(set(names)) < len(names)


def _set(snapshot: Snapshot, inside: Node) -> Iterator[Fault]:
    """The faults of one `binding_set`. Most have none, and a look at the bytes tells."""
    data = snapshot.source.data
    names: list[bytes] = []
    unusual: list[Node] = []
    for child in inside.children:
        start = child.start_byte
        match = _NAME.match(data, start)
        name = b"" if match is None else match[0]
        if name == b"inherit":
            listed = child.child_by_field_id(F.ATTRS)
            text = b"" if listed is None else snapshot.text(listed)
            if _UNUSUAL.search(text):
                unusual.append(child)
            names += text.split()
        elif name:
            names.append(name)
        elif data[start] in b'"$':
            unusual.append(child)
    for child in unusual:
        if child.kind_id in BINDINGS:
            yield from _dynamic(snapshot, inside, child)
    if not unusual and len(set(names)) == len(names):
        return
    owner = inside.parent
    if owner is not None and not owner.is_error and not inside.has_error:
        yield from map(_duplicate_attribute, duplicate_attributes(snapshot, owner))


def _dynamic(snapshot: Snapshot, inside: Node, binding: Node) -> Iterator[Fault]:
    data = snapshot.source.data
    if binding.kind_id == K.BINDING:
        owner = inside.parent
        if owner is None or owner.kind_id != K.LET:
            return
        listed: Iterable[Node] = attrs(field(binding, F.ATTRPATH))[:1]
        what, hint = "let … in", "use a set with computed names"
    else:
        listed = attrs(binding)
        what, hint = "inherit", "write name = set.${…};"
    for attr in listed:
        if static_name(attr, data) is None and not attr.has_error:
            message = f"a computed name cannot stand in `{what}`"
            yield Fault("dynamic-attribute", message, hint, span_of(attr))


def _duplicate_attribute(duplicate: Duplicate) -> Fault:
    message = f"`{attrpath.join(duplicate.path)}` is already defined"
    return Fault("duplicate-attribute", message, "first defined at", duplicate.span, duplicate.first)


def _duplicate_formal(duplicate: Duplicate) -> Fault:
    message = f"the argument `{duplicate.path[0]}` is named twice"
    return Fault("duplicate-formal", message, "first named at", duplicate.span, duplicate.first)
