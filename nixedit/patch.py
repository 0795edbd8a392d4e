"""Patches: the difference of two texts as `git apply` takes it, byte for byte, in hunks that read well."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from nixedit.files import LinkText
from nixedit.text import decode

_UNUSUAL = re.compile(r'[\x00-\x1f"\\\x7f]')
_ESCAPES = {'"': '"', "\\": "\\", "\n": "n", "\t": "t", "\r": "r"}
_NO_NEWLINE = b"\\ No newline at end of file\n"
# How many unchanged lines stand around a change.
_CONTEXT = 3

Change = tuple[str, int, int, int, int]


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
    mode = "120000" if isinstance(old, LinkText) or isinstance(new, LinkText) else "100644"
    if old is None:
        head.append(f"new file mode {mode}\n")
    if new is None:
        head.append(f"deleted file mode {mode}\n")
    head.append(f"--- {'/dev/null' if old is None else old_name}\n")
    head.append(f"+++ {'/dev/null' if new is None else new_name}\n")
    one, two = _lines(old or b""), _lines(new or b"")
    body = [piece for hunk in _hunks(_changes(one, two)) for piece in _hunk(one, two, hunk)]
    if not body:  # an empty file that comes or goes has no hunks, and no names above them
        head = head[:-2]
    return "".join(head) + decode(b"".join(body))


def _changes(old: Sequence[bytes], new: Sequence[bytes]) -> list[Change]:
    """What is equal, replaced, deleted and inserted, in order, as difflib's opcodes.

    A block that could stand a few lines further down as well goes there, as git does it: what was
    inserted then begins where a person would say that it begins.
    """
    from difflib import SequenceMatcher

    start = 0
    while start < min(len(old), len(new)) and old[start] == new[start]:
        start += 1
    end = 0
    while end < min(len(old), len(new)) - start and old[-1 - end] == new[-1 - end]:
        end += 1
    inner = SequenceMatcher(None, old[start : len(old) - end], new[start : len(new) - end], autojunk=False)
    found: list[Change] = [("equal", 0, start, 0, start)]
    found += [
        (tag, i1 + start, i2 + start, j1 + start, j2 + start) for tag, i1, i2, j1, j2 in inner.get_opcodes()
    ]
    found.append(("equal", len(old) - end, len(old), len(new) - end, len(new)))
    return _slid(
        [change for change in _joined(found) if change[1] < change[2] or change[3] < change[4]], old, new
    )


def _joined(changes: Sequence[Change]) -> Iterator[Change]:
    """Neighbouring pieces that are equal made one."""
    last: Change | None = None
    for change in changes:
        if last is not None and last[0] == change[0] == "equal":
            last = ("equal", last[1], change[2], last[3], change[4])
            continue
        if last is not None:
            yield last
        last = change
    if last is not None:
        yield last


def _slid(changes: list[Change], old: Sequence[bytes], new: Sequence[bytes]) -> list[Change]:
    for index in range(len(changes) - 1):
        tag, i1, i2, j1, j2 = changes[index]
        after = changes[index + 1]
        text, first, last = (new, j1, j2) if tag == "insert" else (old, i1, i2)
        by = 0
        while (
            tag in ("insert", "delete")
            and by < after[2] - after[1] - 1
            and text[first + by] == text[last + by]
        ):
            by += 1
        if by and index and changes[index - 1][0] == "equal":
            before = changes[index - 1]
            changes[index - 1] = ("equal", before[1], before[2] + by, before[3], before[4] + by)
            changes[index] = (tag, i1 + by, i2 + by, j1 + by, j2 + by)
            changes[index + 1] = ("equal", after[1] + by, after[2], after[3] + by, after[4])
    return changes


def _hunks(changes: Sequence[Change]) -> Iterator[list[Change]]:
    """The changes in groups, each with a few equal lines around it."""
    hunk: list[Change] = []
    for index, (tag, i1, i2, j1, j2) in enumerate(changes):
        if tag != "equal":
            hunk.append((tag, i1, i2, j1, j2))
            continue
        begins, ends = index == 0, index == len(changes) - 1
        if not begins and not ends and i2 - i1 <= 2 * _CONTEXT:
            hunk.append((tag, i1, i2, j1, j2))
            continue
        if not begins:
            size = min(_CONTEXT, i2 - i1)
            yield [*hunk, (tag, i1, i1 + size, j1, j1 + size)]
        size = min(_CONTEXT, i2 - i1)
        hunk = [(tag, i2 - size, i2, j2 - size, j2)]
    if any(tag != "equal" for tag, *_ in hunk):
        yield hunk


def _hunk(old: Sequence[bytes], new: Sequence[bytes], hunk: Sequence[Change]) -> Iterator[bytes]:
    first, last = hunk[0], hunk[-1]
    yield f"@@ -{_range(first[1], last[2])} +{_range(first[3], last[4])} @@\n".encode()
    for tag, i1, i2, j1, j2 in hunk:
        pieces = [(b" ", old[i1:i2])] if tag == "equal" else [(b"-", old[i1:i2]), (b"+", new[j1:j2])]
        for sign, lines in pieces:
            for line in lines:
                yield sign + line if line.endswith(b"\n") else sign + line + b"\n" + _NO_NEWLINE


def _range(start: int, end: int) -> str:
    """Lines as a hunk's head counts them: the first, 1-based, and how many."""
    count = end - start
    if count == 1:
        return str(start + 1)
    return f"{start + 1 if count else start},{count}"


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
