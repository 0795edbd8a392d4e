"""Lines on stderr that say how far a long command is, where that is a terminal."""

from __future__ import annotations

import sys
from time import monotonic
from typing import Self


class Reading:
    """A line on stderr that counts files, on a terminal and on trees that take a while."""

    def __init__(self) -> None:
        self._start = monotonic()
        self._shown = False

    def __call__(self, count: int) -> None:
        """Show a number of files, once it takes a while."""
        if monotonic() - self._start > 0.5 and sys.stderr.isatty():
            sys.stderr.write(f"\rreading Nix files: {count}")
            sys.stderr.flush()
            self._shown = True

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


class Counting:
    """A line on stderr that counts what is done of a number of things, on a terminal."""

    def __init__(self, what: str, total: int) -> None:
        self._what, self._total = what, total

    def __enter__(self) -> Self:
        self(0)
        return self

    def __call__(self, count: int) -> None:
        """Show how many are done."""
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{self._what}: {count}/{self._total}")
            sys.stderr.flush()

    def __exit__(self, *details: object) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
