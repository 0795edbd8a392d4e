"""Patches: the difference of two texts as `git apply` takes it, byte for byte."""

from __future__ import annotations

import re
from collections.abc import Iterable
from difflib import diff_bytes
from difflib import unified_diff as _unified

from nixedit.text import decode, encode

_UNUSUAL = re.compile(r'[\x00-\x1f"\\\x7f]')
_ESCAPES = {'"': '"', "\\": "\\", "\n": "n", "\t": "t", "\r": "r"}
_NO_NEWLINE = b"\\ No newline at end of file\n"


def unified_diff(name: str, old: bytes | None, new: bytes | None) -> str:
    """The patch from one text to another.

    Args:
        name: the file's path relative to the repository.
        old: the bytes before; None when the file is new.
        new: the bytes after; None when the file is deleted.

    Returns:
        the patch (surrogateescape for bytes that are not UTF-8), empty when nothing changed.
    """
    if old == new:
        return ""
    old_name, new_name = _quoted(f"a/{name}"), _quoted(f"b/{name}")
    head = [f"diff --git {old_name} {new_name}\n"]
    if old is None:
        head.append("new file mode 100644\n")
    if new is None:
        head.append("deleted file mode 100644\n")
    lines = diff_bytes(
        _unified,
        _lines(old or b""),
        _lines(new or b""),
        b"/dev/null" if old is None else encode(old_name),
        b"/dev/null" if new is None else encode(new_name),
        lineterm=b"\n",
    )
    return "".join(head) + decode(b"".join(_terminated(lines)))


def _quoted(name: str) -> str:
    """A name as git writes it: with quotes, a backslash or control characters in it, as a C string."""
    if not _UNUSUAL.search(name):
        return name
    return '"' + _UNUSUAL.sub(lambda match: "\\" + _ESCAPES.get(match[0], f"{ord(match[0]):03o}"), name) + '"'


def _lines(data: bytes) -> list[bytes]:
    """Lines that end with LF only, as git counts them (a lone CR ends none)."""
    pieces = data.split(b"\n")
    lines = [piece + b"\n" for piece in pieces[:-1]]
    return [*lines, pieces[-1]] if pieces[-1] else lines


def _terminated(lines: Iterable[bytes]) -> Iterable[bytes]:
    for line in lines:
        yield line
        if not line.endswith(b"\n"):
            yield b"\n" + _NO_NEWLINE
