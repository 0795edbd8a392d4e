"""Which layout a file follows, read from the file itself: nixfmt's, alejandra's, or its author's own."""

from __future__ import annotations

import re
from collections import Counter

from msgspec import Struct
from msgspec.structs import replace
from tree_sitter import Node, Query, QueryCursor

from nixedit.grammar import LANGUAGE, SETS, F, K
from nixedit.syntax.nodes import bindings, elements, field, formals
from nixedit.syntax.snapshot import Snapshot

_BRACKETED = Query(
    LANGUAGE,
    "[(list_expression) (attrset_expression) (rec_attrset_expression) (formals)] @bracketed",
)
_WINDOW = 48_000
# No node has these ids.
_STYLE, _HOUSE = -1, -3
# nixfmt-classic's width, and what it breaks behind the `=` where it is longer.
_CLASSIC = 80
_BOUND_STRING = re.compile(rb'^[ ]*[^ \n"#=][^\n"#=]* = "[^"\n]*";', re.MULTILINE)
_INDENT = re.compile(rb"\n([ \t]+)[^ \t\r\n#*]")


class Style(Struct, frozen=True):
    """The facts of a layout.

    Attributes:
        formatter: `"nixfmt"` (RFC 166), `"nixfmt-classic"`, `"alejandra"`, or `""` for a layout by hand.
        unit: what one level of indentation adds.
        newline: the line end.
        tight_list: `[a]` rather than `[ a ]`.
        tight_set: `{a = 1;}` rather than `{ a = 1; }`.
        tight_formals: `{a, b}:` rather than `{ a, b }:`.
        tight_bindings: `a=1;b=2;` rather than `a = 1; b = 2;`.
        short_sets: the values of bindings are sets on one line where they fit.
        refills: what fits on one line is put there, however it was written, as nixfmt-classic does.
        width: how long a line may be, in characters.
    """

    formatter: str
    unit: bytes
    newline: bytes
    tight_list: bool
    tight_set: bool
    tight_formals: bool
    tight_bindings: bool
    short_sets: bool
    refills: bool
    width: int

    @property
    def equals(self) -> bytes:
        """What stands between a binding's path and its value."""
        return b"=" if self.tight_bindings else b" = "

    @property
    def binding_gap(self) -> bytes:
        """What stands between two bindings on one line."""
        return b"" if self.tight_bindings else b" "

    @property
    def empty_list(self) -> bytes:
        """A list without elements."""
        return b"[]" if self.tight_list else b"[ ]"

    @property
    def empty_set(self) -> bytes:
        """A set without bindings."""
        return b"{}" if self.tight_set else b"{ }"

    def breaks_before_string(self, path: bytes) -> bool:
        """Whether a string that does not fit behind its `=` gets a line of its own.

        nixfmt does that only where the path is not all identifiers.
        """
        return self.formatter == "nixfmt-classic" or (self.formatter == "nixfmt" and b'"' in path)

    def fits(self, line: bytes, indent: bytes) -> bool:
        """Whether one line of text fits; RFC 166's nixfmt does not count the indentation."""
        length = len(line.decode("utf-8", "replace"))
        counted = length if self.formatter == "nixfmt" else length + len(indent)
        return counted <= self.width

    def list_on_one_line(self, elements: int) -> bool:
        """Whether the layout lets a list of so many elements stand on one line at all."""
        return elements <= 1 if self.formatter == "nixfmt" else True

    def set_on_one_line(self, bindings: int, bound: bool) -> bool:
        """Whether a set may stand on one line.

        Args:
            bindings: how many it has.
            bound: whether it is the value of a binding.
        """
        if bindings == 0:
            return True
        if self.formatter == "nixfmt":
            return bindings == 1 and not bound
        if self.formatter in ("alejandra", "nixfmt-classic"):
            return bindings == 1
        return self.short_sets or not bound


def fits_anywhere(line: bytes, indent: bytes) -> bool:
    """Whether one line of text fits in every layout."""
    return len(line) + len(indent) <= _CLASSIC


def style_of(snapshot: Snapshot) -> Style:
    """The layout of a file, read once per snapshot from its first 48 kB."""
    found = snapshot.memo.get(_STYLE)
    if isinstance(found, Style):
        return found
    facts = _facts(snapshot)
    style = _read(snapshot, facts)
    house = snapshot.memo.get(_HOUSE)
    if isinstance(house, Style) and _leaves_open(facts, style, house):
        style = replace(house, newline=style.newline)
    snapshot.memo[_STYLE] = style
    return style


def follow(snapshot: Snapshot, house: Style) -> None:
    """Have a file follow the layout of the files around it, as far as its own text leaves that open.

    Args:
        snapshot: the file, before its style is first asked for.
        house: the layout of the others.
    """
    snapshot.memo[_HOUSE] = house


def _leaves_open(facts: Counter[str], style: Style, house: Style) -> bool:
    """Whether nothing in a file is against it being laid out as those around it."""
    told = [f"{kind} {how}" for kind in ("list", "set", "formals") for how in ("tight", "spaced")]
    if style.unit != house.unit or any(facts[fact] for fact in told):
        return False
    against = "body on the head's line" if house.formatter == "nixfmt" else "body below the head's line"
    return not house.formatter or not facts[against]


def _facts(snapshot: Snapshot) -> Counter[str]:
    data = snapshot.source.data
    facts: Counter[str] = Counter()
    cursor = QueryCursor(_BRACKETED)
    if len(data) > _WINDOW:
        cursor.set_byte_range(0, _WINDOW)
    for node in cursor.captures(snapshot.root).get("bracketed", ()):
        if node.end_byte - node.start_byte < 4_000 or node.kind_id == K.FORMALS:
            _note(facts, data, node)
    facts["too long for one line"] = sum(
        len(line) > _CLASSIC for line in _BOUND_STRING.findall(data, 0, _WINDOW)
    )
    return facts


def _read(snapshot: Snapshot, facts: Counter[str]) -> Style:
    data = snapshot.source.data
    unit = _unit(data[:_WINDOW])
    formatter = _formatter(facts, unit)
    tight = formatter == "alejandra"
    return Style(
        formatter=formatter,
        unit=unit,
        newline=snapshot.source.newline,
        tight_list=tight or facts["list tight"] > facts["list spaced"],
        tight_set=tight or facts["set tight"] > facts["set spaced"],
        tight_formals=tight or facts["formals tight"] > facts["formals spaced"],
        tight_bindings=facts["binding tight"] > facts["binding spaced"],
        short_sets=bool(facts["bound set on one line"] or not facts["bound set on lines"]),
        refills=formatter == "nixfmt-classic" and not facts["could be one line"] and _compact(facts) > 1,
        width=_CLASSIC if formatter == "nixfmt-classic" else 100,
    )


def _note(facts: Counter[str], data: bytes, node: Node) -> None:
    text = data[node.start_byte : node.end_byte]
    kind = {K.LIST: "list", K.FORMALS: "formals"}.get(node.kind_id, "set")
    items = {"set": bindings, "formals": formals}.get(kind, elements)(node)
    bound = kind == "set" and node.parent is not None and node.parent.kind_id == K.BINDING
    inner = text[text.index(b"[" if kind == "list" else b"{") + 1 : -1]
    if b"\n" not in text:
        # RFC 166 keeps a set that only inherits on one line too
        _note_line(facts, kind, inner, 1 if _stays_on_line(node) else len(items))
        facts["bound set on one line"] += bound and any(item.kind_id == K.BINDING for item in items)
    elif inner.strip():
        facts["expanded"] += 1
        facts["hugged"] += kind == "list" and inner[:1] == b"{"
        facts["bound set on lines"] += bound
        if kind == "formals":
            facts["formals on lines" if inner.lstrip(b" ")[:1] in b"\r\n" else "formals filled"] += 1
        elif kind == "list" or len(items) == 1:
            facts["could be one line"] += _could_be_one_line(data, node, text)
    if kind == "formals" and node.parent is not None:
        where = _hugs(data, node, field(node.parent, F.BODY))
        facts["body on the head's line"] += where is True
        facts["body below the head's line"] += where is False
        facts["head behind ="] += _is_behind_equals(data, node)
        facts["blanks around @"] += b"@" in _beside(data, node)
    for item in items if kind == "set" else ():
        if item.kind_id == K.BINDING:
            facts["binding tight" if _around_equals(data, item) == b"=" else "binding spaced"] += 1


def _stays_on_line(node: Node) -> bool:
    """Whether a construct is an argument that others follow: RFC 166 leaves it on one line."""
    call = node.parent
    follows = None if call is None or call.kind_id != K.APPLY else call.parent
    return (
        call is not None
        and follows is not None
        and follows.kind_id == K.APPLY
        and field(call, F.ARGUMENT) == node
        and field(follows, F.FUNCTION) == call
    )


def _note_line(facts: Counter[str], kind: str, inner: bytes, items: int) -> None:
    """A construct on one line: how its brackets stand, and whether it holds several items."""
    spaced = inner == b" " or (inner[:1] == b" " and inner[-1:] == b" " and inner.strip())
    if not (kind == "list" and inner[:1] == b"{") and (inner.strip() or len(inner) < 2):
        facts[f"{kind} spaced" if spaced else f"{kind} tight"] += 1  # but nixfmt-classic's `[{ … }]`
    facts[f"{kind} many on one line"] += items > 1


def _could_be_one_line(data: bytes, node: Node, text: bytes) -> bool:
    """Whether a construct on several lines has room on one, as nixfmt-classic would put it."""
    line = b" ".join(text.split())
    before = node.start_byte - data.rfind(b"\n", 0, node.start_byte)
    plain = all(child.end_byte - child.start_byte < 80 for child in node.children) and b"#" not in text
    return plain and b"/*" not in text and b"''" not in text and before + len(line) < 79


def _hugs(data: bytes, head: Node, body: Node) -> bool | None:
    """Whether a set on several lines opens on the line that the function's head ends on, `}: {`.

    None where the body is no such set.
    """
    if body.kind_id not in SETS or b"\n" not in data[body.start_byte : body.end_byte]:
        return None
    return b"\n" not in data[head.end_byte : body.start_byte]


def _is_behind_equals(data: bytes, head: Node) -> bool:
    """Whether a function on several lines begins on that of its `=`; RFC 166 gives it one of its own."""
    function = head.parent
    holder = None if function is None else function.parent
    if (
        function is None
        or holder is None
        or holder.kind_id != K.BINDING
        or function.start_byte != head.start_byte
    ):
        return False
    several = b"\n" in data[head.start_byte : function.end_byte]
    return several and b"\n" not in data[holder.start_byte : head.start_byte]


def _beside(data: bytes, head: Node) -> bytes:
    """What joins formals to the name of the whole argument where blanks do so, as in alejandra: ` @ `."""
    universal = None if head.parent is None else head.parent.child_by_field_id(F.UNIVERSAL)
    if universal is None:
        return b""
    first, last = sorted((head, universal), key=lambda node: node.start_byte)
    gap = data[first.end_byte : last.start_byte]
    return gap if gap == b" @ " else b""


def _around_equals(data: bytes, binding: Node) -> bytes:
    return data[field(binding, F.ATTRPATH).end_byte : field(binding, F.EXPRESSION).start_byte]


def _formatter(facts: Counter[str], unit: bytes) -> str:
    if unit == b"\t":
        return ""
    tight = facts["list tight"] + facts["set tight"] + facts["formals tight"]
    spaced = facts["list spaced"] + facts["set spaced"] + facts["formals spaced"]
    crowded = facts["set many on one line"] or facts["formals many on one line"]
    if (tight or facts["blanks around @"]) and not spaced and not crowded and facts["expanded"]:
        return "alejandra"
    if tight or unit != b"  " or not facts["expanded"] or facts["set many on one line"]:
        return ""
    # RFC 166's nixfmt lets a body stay on the head's line, and nixfmt-classic lets nothing stay on several.
    heads = (facts["body on the head's line"] or facts["head behind ="]) and not facts["could be one line"]
    if not (_compact(facts) or heads):
        return "nixfmt"
    other = facts["formals on lines"] or facts["too long for one line"] or facts["could be one line"]
    return "nixfmt-classic" if spaced and not other else ""


def _compact(facts: Counter[str]) -> int:
    """How many constructs show that what fits on one line is put there."""
    names = ("list many on one line", "bound set on one line", "formals filled", "hugged")
    return sum(facts[name] for name in names)


def _unit(data: bytes) -> bytes:
    """The most common step between the indentations of neighbouring lines."""
    steps: Counter[bytes] = Counter()
    last = b""
    for match in _INDENT.finditer(b"\n" + data):
        indent = match[1]
        if indent.startswith(last) and indent != last:
            steps[indent[len(last) :]] += 1
        last = indent
    if not steps:
        return b"  "
    return steps.most_common(1)[0][0]
