"""Files that a program writes: those whose first comment asks people not to edit them."""

from __future__ import annotations

import re

from nixedit.document import Document
from nixedit.errors import RefusedError
from nixedit.grammar import K
from nixedit.syntax.snapshot import span_of
from nixedit.text import Span

_ASKS = re.compile(rb"do[\s_-]*not[\s_-]*(edit|modify|change)|@generated\b|auto-?generated\b", re.IGNORECASE)


def generated_header(document: Document) -> Span | None:
    """The comment at the head of a file that says that the file is generated; None if there is none."""
    for child in document.snapshot.root.children:
        if child.kind_id != K.COMMENT:
            return None
        if _ASKS.search(document.snapshot.text(child)):
            return span_of(child)
    return None


def refuse_generated(document: Document) -> None:
    """Leave a generated file alone: the next run of its generator would undo every edit.

    Raises:
        RefusedError: the file says that it is generated.
    """
    span = generated_header(document)
    if span is not None:
        raise RefusedError(
            "the file says that it is generated",
            path=document.path,
            source=document.source,
            span=span,
            hint="edit what it is generated from; --force edits it all the same",
        )
