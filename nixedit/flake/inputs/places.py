"""Where the bindings of inputs stand, and the lines around them."""

from __future__ import annotations

from tree_sitter import Node

from nixedit.document import Document
from nixedit.errors import MissingAttrError, NotStaticError
from nixedit.grammar import F, K
from nixedit.syntax.entries import Entry
from nixedit.syntax.layers import Names, Undecided, lookup
from nixedit.syntax.nodes import field, unwrapped
from nixedit.syntax.snapshot import span_of
from nixedit.text import Source, Span

_BOM = b"\xef\xbb\xbf"


def entry_at(document: Document, names: Names) -> Entry | None:
    """The one binding or inherited name of a path from the file's set on; None if there is none.

    Raises:
        NotStaticError: it may come from a computed set.
    """
    try:
        found = lookup(document.snapshot, document.attrs.layers, names)
    except Undecided as undecided:
        raise computed(document, undecided.node, "this set") from None
    return None if found is None else found.entry


def url_of(document: Document, name: str) -> tuple[Entry, Node]:
    """The binding of an input's url, and the string or url literal that it is bound to.

    Raises:
        MissingAttrError: it has none.
        NotStaticError: it is computed, or over several lines.
    """
    entry = entry_at(document, ("inputs", name, "url"))
    if entry is None:
        raise MissingAttrError(f"the input `{name}` has no url", path=document.path)
    value = None if entry.value is None else unwrapped(entry.value)
    if value is None or not _is_plain(value):
        raise computed(document, entry.value or entry.binding, f"the url of `{name}`")
    if b"\n" in document.snapshot.text(value):
        raise NotStaticError(
            f"the url of `{name}` is written over several lines",
            path=document.path,
            source=document.source,
            span=span_of(value),
            hint="put it on one line first",
        )
    return entry, value


def _is_plain(value: Node) -> bool:
    """Whether an expression is a string without interpolation, or a url literal."""
    if value.kind_id == K.URI:
        return True
    strings = (K.STRING, K.INDENTED_STRING)
    return value.kind_id in strings and all(child.kind_id != K.INTERPOLATION for child in value.children)


def content_of(value: Node) -> Span:
    """The inside of a string, between its quotes; all of a url literal."""
    quotes = {K.STRING: 1, K.INDENTED_STRING: 2}.get(value.kind_id, 0)
    return Span(value.start_byte + quotes, value.end_byte - quotes)


def computed(document: Document, node: Node, what: str) -> NotStaticError:
    """The error of something that only evaluation could tell, with what to edit instead."""
    hint = "edit what it is computed from"
    inner = unwrapped(node)
    if inner.kind_id == K.APPLY and document.snapshot.text(field(inner, F.FUNCTION)) == b"import":
        hint = f"edit {document.snapshot.text(field(inner, F.ARGUMENT)).decode('utf-8', 'replace')} instead"
    return NotStaticError(
        f"{what} is a computed value here",
        path=document.path,
        source=document.source,
        span=span_of(node),
        hint=hint,
    )


def line_begin(source: Source, offset: int) -> int:
    """Where text can be put in front of a line: its start, behind a byte order mark."""
    start = source.line_start(offset)
    return start + len(_BOM) if source.data.startswith(_BOM, start) else start


def comment_lines_above(source: Source, offset: int) -> list[Span]:
    """The `#` comments on the lines directly above that of an offset, the nearest first."""
    found = []
    at = source.line_start(offset)
    while at > 0:
        at = source.line_start(at - 1)
        line = _comment_line(source, at)
        if line is None:
            break
        found.append(line)
    return found


def comment_lines_below(source: Source, offset: int) -> list[Span]:
    """The `#` comments on the lines directly below that of an offset, the nearest first."""
    found = []
    at = source.next_line(offset)
    while at < len(source):
        line = _comment_line(source, at)
        if line is None:
            break
        found.append(line)
        at = source.next_line(at)
    return found


def _comment_line(source: Source, start: int) -> Span | None:
    """The comment that a line consists of, from its `#` on."""
    end = source.data.find(b"\n", start)
    line = source.data[start : len(source) if end < 0 else end]
    text = line.removeprefix(_BOM).strip()
    if not text.startswith(b"#"):
        return None
    first = start + line.index(b"#")
    return Span(first, first + len(text))
