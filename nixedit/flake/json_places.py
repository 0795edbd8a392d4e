"""Where a member of a JSON text stands: asked only when there is something to say about it."""

from __future__ import annotations

import re
from json import JSONDecoder
from json.decoder import scanstring  # type: ignore[attr-defined]  # not in the stubs; there since 2.7

from nixedit.text import Span, encode

_BLANK = re.compile(r"[ \t\r\n]*")
_DECODER = JSONDecoder()


def place_of(text: str, path: tuple[str | int, ...]) -> Span:
    """The value at a path of an object's keys and a list's indices; the closest one that is there.

    Args:
        text: valid JSON.
        path: keys and 0-based indices.

    Returns:
        its span in the text's UTF-8 bytes.
    """
    start = _skip(text, 0)
    for step in path:
        inner = _member(text, start, step)
        if inner is None:
            break
        start = inner
    end = _DECODER.raw_decode(text, start)[1]
    before = len(encode(text[:start]))
    return Span(before, before + len(encode(text[start:end])))


def _member(text: str, start: int, step: str | int) -> int | None:
    """Where the value of a key or index begins; of a key that is there twice, the last one."""
    if text[start] != ("{" if isinstance(step, str) else "["):
        return None
    at, index, found = _skip(text, start + 1), 0, None
    while text[at] not in "}]":
        key: str | int = index
        if isinstance(step, str):
            key, at = scanstring(text, at + 1, True)
            at = _skip(text, _skip(text, at) + 1)
        if key == step:
            found = at
        at = _skip(text, _DECODER.raw_decode(text, at)[1])
        if text[at] == ",":
            at = _skip(text, at + 1)
        index += 1
    return found


def _skip(text: str, at: int) -> int:
    found = _BLANK.match(text, at)
    return at if found is None else found.end()
