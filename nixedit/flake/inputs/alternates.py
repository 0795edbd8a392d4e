"""A url and its alternate in a comment beside it, of which one counts: toggling moves the comment's mark."""

from __future__ import annotations

import re

from msgspec import Struct
from tree_sitter import Node

from nixedit.document import Document
from nixedit.edits import Edit, Expected
from nixedit.errors import MissingAttrError, NixEditError, RefusedError
from nixedit.flake.inputs.places import comment_lines_above, comment_lines_below, url_of
from nixedit.grammar import F, K, parse
from nixedit.operations import ops
from nixedit.syntax.entries import Entry
from nixedit.syntax.nodes import bindings, field, holder, parts, static_path, string_value
from nixedit.syntax.snapshot import span_of
from nixedit.text import Span, decode

_MARK = re.compile(rb"#+[ \t]*")


class Alternate(Struct, frozen=True):
    """A comment that is a binding but for its mark.

    Attributes:
        span: the comment.
        mark: how many bytes its mark has.
        binding: how many bytes the binding behind the mark has; a comment may follow it.
        url: the url that it gives.
    """

    span: Span
    mark: int
    binding: int
    url: str


def toggle_url(document: Document, name: str) -> str:
    """Let the alternate of an input's url take its place, and the url that of the alternate.

    Returns:
        the url that counts now.

    Raises:
        MissingAttrError: there is no alternate.
        RefusedError: there are several, or the url shares its line with other code.
    """
    entry, _ = url_of(document, name)
    chosen = _only_alternate(document, name, entry)
    active = _line_of(document, name, entry.binding)
    text = document.source.slice(chosen.span)
    mark = text[: chosen.mark]
    expected = (Expected(K.BINDING, 0, chosen.binding),)
    document.record(
        ops.Splice(
            (
                Edit(active.start, active.end, mark + document.source.slice(active)),
                Edit(chosen.span.start, chosen.span.end, text[chosen.mark :], expected),
            )
        )
    )
    return chosen.url


def _only_alternate(document: Document, name: str, entry: Entry) -> Alternate:
    found = _alternates(document, entry.names, entry.binding)
    if not found:
        raise MissingAttrError(
            f"the url of `{name}` has no alternate",
            path=document.path,
            source=document.source,
            span=span_of(entry.binding),
            hint="write one above or below it: the same binding with another url, behind a #",
        )
    if len(found) > 1:
        lines = " and ".join(str(document.source.position(item.span.start)[0]) for item in found)
        raise RefusedError(
            f"the url of `{name}` has several alternates: lines {lines}",
            path=document.path,
            source=document.source,
            span=span_of(entry.binding),
            hint="which one is meant? Leave one, or swap them by hand",
        )
    return found[0]


def alternates_of(document: Document, name: str) -> list[Alternate]:
    """The alternates of an input's url, in order; none where it has no plain url."""
    try:
        entry, _ = url_of(document, name)
    except NixEditError:
        return []
    return _alternates(document, entry.names, entry.binding)


def _alternates(document: Document, names: tuple[str | None, ...], binding: Node) -> list[Alternate]:
    """The comments directly above and below a binding that are bindings of the same path with a string."""
    source = document.source
    lines = comment_lines_above(source, binding.start_byte) + comment_lines_below(source, binding.end_byte)
    around = span_of(holder(binding))
    found = [_alternate(source.slice(span), span, names) for span in lines if around.contains(span)]
    return sorted((item for item in found if item is not None), key=lambda item: item.span)


def _alternate(comment: bytes, span: Span, names: tuple[str | None, ...]) -> Alternate | None:
    mark = _MARK.match(comment)
    text = comment[mark.end() if mark else 0 :]
    code = b"{" + text + b"\n}"
    root = parse(code).root_node
    inner = parts(root)
    if mark is None or root.has_error or len(inner) != 1 or inner[0].kind_id != K.ATTRSET:
        return None
    found = bindings(inner[0])
    if len(found) != 1 or found[0].kind_id != K.BINDING or found[0].start_byte != 1:
        return None
    value = field(found[0], F.EXPRESSION)
    url = string_value(value, code)
    if value.kind_id == K.URI:
        url = decode(code[value.start_byte : value.end_byte])
    if url is None or static_path(field(found[0], F.ATTRPATH), code) != names:
        return None
    return Alternate(span, mark.end(), found[0].end_byte - 1, url)


def _line_of(document: Document, name: str, binding: Node) -> Span:
    """A binding and the comment behind it, which have a line of their own."""
    source = document.source
    end = source.data.find(b"\n", binding.start_byte)
    line = source.data[binding.start_byte : len(source) if end < 0 else end].rstrip()
    rest = source.data[binding.end_byte : binding.start_byte + len(line)].strip()
    alone = source.begins_line(binding.start_byte) and (not rest or rest.startswith(b"#"))
    if not alone or b"\n" in document.snapshot.text(binding):
        raise RefusedError(
            f"the url of `{name}` has no line of its own",
            path=document.path,
            source=source,
            span=span_of(binding),
            hint="put it on a line of its own first",
        )
    return Span(binding.start_byte, binding.start_byte + len(line))
