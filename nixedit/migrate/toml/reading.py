"""A TOML file read with errors that have a place in it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

from msgspec import Struct

from nixedit.errors import NixEditError
from nixedit.migrate.toml.schema import Problem
from nixedit.text import Source, Span

_PLACE = re.compile(r" \(at (?:line (\d+), column (\d+)|end of document)\)$")


class TomlFile(Struct, frozen=True, eq=False):
    """A TOML file.

    Attributes:
        path: the file.
        source: its text.
        data: what it says.
    """

    path: Path
    source: Source
    data: dict[str, Any]

    @classmethod
    def read(cls, path: Path) -> TomlFile:
        """Read a file.

        Args:
            path: the file.

        Raises:
            NixEditError: it is no TOML.
            OSError: it cannot be read.
        """
        source = Source(path.read_bytes())
        try:
            return cls(path, source, tomllib.loads(source.data.decode()))
        except UnicodeDecodeError as error:
            span = Span(error.start, error.end)
            raise NixEditError("this is not UTF-8", path=path, source=source, span=span) from None
        except tomllib.TOMLDecodeError as error:
            raise _syntax_error(path, source, str(error)) from None

    def error(self, problem: Problem) -> NixEditError:
        """A problem as an error that points into the file."""
        from nixedit.migrate.toml.places import places_of  # a parser for those who have a problem

        place = places_of(self.source.data).get(problem.path)
        span = None if place is None else place.key if problem.at_key else place.value
        return NixEditError(problem.message, path=self.path, source=self.source, span=span, hint=problem.hint)


def _syntax_error(path: Path, source: Source, text: str) -> NixEditError:
    place = _PLACE.search(text)
    message = f"this is no TOML: {_PLACE.sub('', text)[:1].lower()}{_PLACE.sub('', text)[1:]}"
    if place is None:
        return NixEditError(message, path=path)
    at = len(source.data)
    if place[1] is not None:
        lines = source.data.decode().split("\n")
        before = "\n".join([*lines[: int(place[1]) - 1], lines[int(place[1]) - 1][: int(place[2]) - 1]])
        at = len(before.encode())
    return NixEditError(message, path=path, source=source, span=Span(at, at))
