"""What can go wrong, as exceptions that carry a place and can show it: one tree, rooted in `NixEditError`."""

from __future__ import annotations

from collections.abc import Iterable
from os import PathLike, fspath

from nixedit.text import Source, Span, decode

# A longer line is shown in part, in characters.
_LONGEST = 160


def excerpt(source: Source, span: Span, note: str = "") -> str:
    """The line that `span` begins on, with its number, and carets under the span's part of that line.

    Args:
        source: the file.
        span: what to point at (0-based bytes); an empty span gets one caret.
        note: what stands behind the carets.
    """
    start = min(span.start, len(source))
    row, column = source.position(start)
    line = _printable(source.line(row))
    marked = decode(source.slice(Span(start, max(start, min(span.end, source.line_end(start))))))
    line, before, width = _shortened(line, column - 1, max(1, len(marked)))
    number = f"{row:5d}"
    lead = "".join("\t" if char == "\t" else " " for char in line[:before])
    carets = f"{' ' * len(number)} | {lead}{'^' * width}"
    return f"{number} | {line}\n{carets}{' ' + note if note else ''}"


def _shortened(line: str, before: int, width: int) -> tuple[str, int, int]:
    """A part of a long line around what is marked in it: the part, what stands before the mark, its width."""
    if len(line) <= _LONGEST:
        return line, before, width
    width = min(width, _LONGEST // 2)
    first = max(0, min(before - _LONGEST // 4, len(line) - _LONGEST))
    part = line[first : first + _LONGEST]
    head, tail = "…" if first else "", "…" if first + _LONGEST < len(line) else ""
    return head + part + tail, before - first + len(head), width


def _printable(text: str) -> str:
    return "".join(char if _is_shown(char) else "\N{REPLACEMENT CHARACTER}" for char in text)


def _is_shown(char: str) -> bool:
    return char == "\t" or (char.isprintable() and not 0xD800 <= ord(char) < 0xE000)


class NixEditError(Exception):
    """Base of all errors of nixedit.

    Attributes:
        message: one sentence, without the place.
        path: the file's path as it was given, or None.
        span: the place (0-based bytes), or None.
        line: the line of the span's start (1-based), or None.
        column: its column (1-based, characters), or None.
        hint: what to do instead, or None.

    `str()` is one line, `path:line:column: message`; `render()` adds the excerpt and the hint.
    """

    def __init__(
        self,
        message: str,
        *,
        path: str | PathLike[str] | None = None,
        source: Source | None = None,
        span: Span | None = None,
        hint: str | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.path = None if path is None else fspath(path)
        self.source = source
        self.span = span
        self.hint = hint

    @property
    def line(self) -> int | None:
        """The line of the place, 1-based; None where there is none."""
        return None if self._position is None else self._position[0]

    @property
    def column(self) -> int | None:
        """The column of the place, 1-based, in characters; None where there is none."""
        return None if self._position is None else self._position[1]

    @property
    def _position(self) -> tuple[int, int] | None:
        if self.source is None or self.span is None:
            return None
        return self.source.position(min(self.span.start, len(self.source)))

    def __str__(self) -> str:
        place = [part for part in (self.path, self.line, self.column) if part is not None]
        return ": ".join([":".join(map(str, place)), self.message] if place else [self.message])

    def render(self) -> str:
        """The error for a person: `str()`, then the excerpt with carets and the hint."""
        if self.source is None or self.span is None:
            return f"{self}\n{self.hint}" if self.hint else str(self)
        return f"{self}\n{excerpt(self.source, self.span, self.hint or '')}"


class ParseError(NixEditError, ValueError):
    """Nix would reject the text before evaluating it, so it cannot be edited."""


class MissingAttrError(NixEditError, KeyError):
    """There is no attribute of that name."""


class AttrExistsError(NixEditError):
    """There is an attribute of that name already."""


class NotStaticError(NixEditError):
    """The answer depends on evaluation: a computed value, a dynamic name, a set in several places."""


class EditError(NixEditError):
    """An edit that cannot be made; the document is as it was."""


class OverlappingEditError(EditError):
    """Two edits of one commit touch the same bytes."""


class InvalidEditError(EditError):
    """The edited text would not mean what the edit says (or would not be Nix at all)."""


class StaleNodeError(EditError):
    """The node's own bytes have been edited away since it was looked up."""


class ConflictError(NixEditError):
    """The file changed on disk since it was loaded."""


class RefusedError(NixEditError):
    """A migration that cannot be done safely; nothing was written."""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A hint for a word that is not among those known: the nearest one, or all of them.

    Args:
        word: what was said.
        known: what could have been.

    >>> did_you_mean("boronn", ["argon", "boron"])
    'did you mean `boron`?'
    >>> did_you_mean("x", [])
    'there are: none'
    """
    from difflib import get_close_matches

    every = list(known)
    close = get_close_matches(word, every, 1)
    return f"did you mean `{close[0]}`?" if close else f"there are: {', '.join(every) or 'none'}"
