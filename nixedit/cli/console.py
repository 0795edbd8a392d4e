"""Colour, where a person reads: on a terminal, and never against `NO_COLOR` (https://no-color.org)."""

from __future__ import annotations

import os
from typing import TextIO

_STYLES = {"bold": "1", "red": "31", "green": "32", "yellow": "33", "cyan": "36", "dim": "2"}


def is_coloured(stream: TextIO) -> bool:
    """Whether to write colours to the stream."""
    if os.environ.get("NO_COLOR") or os.environ.get("TERM") == "dumb":
        return False
    return stream.isatty()


def paint(text: str, *styles: str) -> str:
    """The text in some styles: `bold`, `dim` or a colour's name."""
    return f"\x1b[{';'.join(_STYLES[style] for style in styles)}m{text}\x1b[0m"


def paint_excerpt(rendered: str) -> str:
    """An error with its excerpt: the first line bold, the carets and what stands behind them red."""
    first, *rest = rendered.split("\n")
    return "\n".join(
        [paint(first, "bold"), *(paint(line, "red") if _has_carets(line) else line for line in rest)]
    )


def paint_diff(diff: str) -> str:
    """A unified diff as git colours it."""
    return "\n".join(map(_paint_diff_line, diff.split("\n")))


def _has_carets(line: str) -> bool:
    return line.lstrip().startswith("|") and line.lstrip(" |\t").startswith("^")


def _paint_diff_line(line: str) -> str:
    if line.startswith(("diff ", "index ", "--- ", "+++ ", "new file ", "deleted file ", "rename ")):
        return paint(line, "bold")
    for prefix, style in (("@@", "cyan"), ("+", "green"), ("-", "red")):
        if line.startswith(prefix):
            return paint(line, style)
    return line
