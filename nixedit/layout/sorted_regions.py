"""Lines that `keep-sorted` keeps in order: where they are, and by what.

Source: github.com/google/keep-sorted, README: a region is between two comments, `keep-sorted start` and
`keep-sorted end`; what is put on one line or in one block is sorted by its text.
"""

from __future__ import annotations

import re

from msgspec import Struct

from nixedit.text import Source, Span

_COMMENT = re.compile(rb"^[ \t]*#[ \t]*keep-sorted (start|end)\b([^\n\r]*)", re.MULTILINE)
# These do not change what is sorted by; others can (a part of the line, numbers, prefixes first).
_KNOWN = frozenset(
    {b"case", b"block", b"newline_separated", b"sticky_comments", b"group", b"remove_duplicates"}
)


class Region(Struct, frozen=True):
    """Lines that are kept sorted.

    Attributes:
        span: from the first comment to the second one, 0-based bytes.
        plain: whether they are sorted by their whole text.
        blocks: whether several lines can belong together; else each line is sorted alone.
    """

    span: Span
    plain: bool
    blocks: bool


def regions(source: Source) -> list[Region]:
    """The regions of a file."""
    found = []
    start: re.Match[bytes] | None = None
    for match in _COMMENT.finditer(source.data):
        if match[1] == b"start":
            start = start or match
        elif start is not None:
            words = start[2].split()
            options = {word.partition(b"=")[0] for word in words}
            span = Span(start.start(), match.end())
            found.append(Region(span, options <= _KNOWN, b"block=yes" in words))
            start = None
    return found


def region_of(source: Source, at: int) -> Region | None:
    """The region that a position stands in, a 0-based byte; None if it stands in none."""
    return next((region for region in regions(source) if region.span.start <= at < region.span.end), None)
