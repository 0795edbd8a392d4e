"""Inputs held at a commit and let go again: the branch that the url had is remembered beside it.

Git's urls have room for both (`?ref=main&rev=…`). A forge's have not (`github:owner/repo/rev`): what was
written there is kept in a comment above, `# nixpkgs pinned from github:NixOS/nixpkgs/nixos-unstable`.
"""

from __future__ import annotations

import re

from tree_sitter import Node

from nixedit.attrpath import quote
from nixedit.document import Document
from nixedit.edits import Edit
from nixedit.errors import NotStaticError, RefusedError
from nixedit.flake.inputs.places import comment_lines_above, content_of, entry_at, line_begin, url_of
from nixedit.flake.reference import Reference
from nixedit.flake.source import attributes_of, identity
from nixedit.grammar import F
from nixedit.layout.code import expr
from nixedit.operations import ops
from nixedit.syntax.entries import Entry
from nixedit.syntax.layers import Names
from nixedit.syntax.nodes import attrs, field
from nixedit.syntax.snapshot import span_of
from nixedit.text import Span, decode, encode

_MEMORY = re.compile(r"# (\S+) pinned from (ref )?(\S+)")


def pin_url(document: Document, name: str, rev: str) -> bool:
    """Put a commit into the url of an input; whether that changed anything.

    Raises:
        NotStaticError: the url is computed, or a kind that names no commit.
    """
    entry, value = url_of(document, name)
    raw = decode(document.source.slice(content_of(value)))
    reference = Reference.of(raw)
    if not reference.pinnable:
        raise _not_pinnable(document, name, value)
    pinned = reference.with_rev(rev)
    if str(pinned) == raw:
        return False
    if str(pinned.without_rev()) != raw and remembered(document, entry, name) is None:
        _remember(document, entry, name, raw)
    write_content(document, ("inputs", name, "url"), value, str(pinned))
    return True


def unpin_url(document: Document, name: str, *, ref: bool) -> bool:
    """Take the commit out of the url of an input, and the branch too if asked to; whether there was one.

    Raises:
        NotStaticError: the url is computed.
    """
    entry, value = url_of(document, name)
    raw = decode(document.source.slice(content_of(value)))
    reference = Reference.of(raw)
    memory = remembered(document, entry, name)
    new = reference.without_rev()
    if memory is not None and _repository(memory[1]) == _repository(raw):
        new = Reference.of(memory[1])
    if ref:
        new = new.without_ref()
    if str(new) == raw:
        return False
    forget(document, entry, name)
    write_content(document, ("inputs", name, "url"), value, str(new))
    return True


def pin_attributes(document: Document, name: str, rev: str) -> bool:
    """Give an attribute-style reference a commit; whether that changed anything.

    Raises:
        NotStaticError: it is a kind that names no commit, or its branch is computed.
    """
    found = entry_at(document, ("inputs", name, "rev"))
    if found is not None:
        return _write_attribute(document, found, "rev", rev)
    branch = entry_at(document, ("inputs", name, "ref"))
    kind = entry_at(document, ("inputs", name, "type"))
    both = kind is not None and kind.value is not None and document.snapshot.text(kind.value) == b'"git"'
    if branch is None or both:
        path = ("inputs", name, "rev")
        document.record(ops.SetAttr(document.attrs.layers, path, rev, stays_on_line=True))
        return True
    if branch.value is None or document.snapshot.text(branch.value)[:1] != b'"':
        raise NotStaticError(
            f"the branch of `{name}` is no plain string",
            path=document.path,
            source=document.source,
            span=span_of(branch.binding),
        )
    _remember(document, branch, name, "ref " + decode(document.source.slice(content_of(branch.value))))
    document.record(ops.Rename(_last_name(branch), "rev"))
    document.record(ops.Replace(branch.value, rev))
    return True


def unpin_attributes(document: Document, name: str, *, ref: bool) -> bool:
    """Take the commit out of an attribute-style reference; whether there was one."""
    layers = document.attrs.layers
    found = entry_at(document, ("inputs", name, "rev"))
    branch = entry_at(document, ("inputs", name, "ref"))
    memory = None if found is None else remembered(document, found, name)
    if found is not None and found.value is not None and memory is not None and not ref:
        forget(document, found, name)
        document.record(ops.Rename(_last_name(found), "ref"))
        document.record(ops.Replace(found.value, memory[1]))
        return True
    if found is not None:
        forget(document, found, name)
        document.record(ops.DeleteAttr(layers, ("inputs", name, "rev"), floor=2))
    if branch is not None and ref:
        document.record(ops.DeleteAttr(layers, ("inputs", name, "ref"), floor=2))
    return found is not None or (branch is not None and ref)


def remembered(document: Document, entry: Entry, name: str) -> tuple[Span, str] | None:
    """The comment above a binding that says what an input was pinned from, and what it says."""
    for span in comment_lines_above(document.source, entry.binding.start_byte):
        found = _MEMORY.fullmatch(decode(document.source.slice(span)))
        if found is not None and found[1] == quote(name):
            return span, found[3]
    return None


def forget(document: Document, entry: Entry, name: str) -> None:
    """Take the comment away that says what an input was pinned from, if there is one."""
    memory = remembered(document, entry, name)
    if memory is not None:
        source, start = document.source, memory[0].start
        lines = Edit(line_begin(source, start), source.next_line(start), b"")
        document.record(ops.Splice((lines,)))


def _remember(document: Document, entry: Entry, name: str, what: str) -> None:
    source, at = document.source, entry.binding.start_byte
    if any(char in what for char in " \t\n") and not what.startswith("ref "):
        raise RefusedError(
            f"what `{name}` is now cannot be remembered in a comment",
            path=document.path,
            source=source,
            span=span_of(entry.binding),
            hint="take the blanks out of its url first",
        )
    comment = encode(f"# {quote(name)} pinned from {what}")
    start = line_begin(source, at)
    line = source.indent(at) + comment + source.newline
    document.record(ops.Splice((Edit(start, start, line),)))


def write_content(document: Document, path: Names, value: Node, raw: str) -> None:
    """Put other text between the quotes of the string that a path is bound to; a url literal stays one."""
    text = document.source.slice(span_of(value))
    inner = content_of(value)
    opening = decode(text[: inner.start - value.start_byte])
    layers = document.attrs.layers
    document.record(ops.SetAttr(layers, path, expr(opening + raw + opening)))


def _repository(url: str) -> str | None:
    attributes = attributes_of(url)
    return None if attributes is None else identity(attributes)


def _write_attribute(document: Document, entry: Entry, what: str, text: str) -> bool:
    if entry.value is None:
        raise NotStaticError(f"`{what}` is inherited", path=document.path, span=span_of(entry.binding))
    if document.source.slice(content_of(entry.value)) == encode(text):
        return False
    document.record(ops.Replace(entry.value, text))
    return True


def _last_name(entry: Entry) -> Node:
    return attrs(field(entry.binding, F.ATTRPATH))[-1]


def _not_pinnable(document: Document, name: str, value: Node) -> NotStaticError:
    return NotStaticError(
        f"the url of `{name}` is of a kind that names no commit",
        path=document.path,
        source=document.source,
        span=span_of(value),
        hint="a forge (github:owner/repo), Git (git+https://…) or an id can be pinned",
    )
