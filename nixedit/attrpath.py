"""Attribute paths as text: `a."b c".d` to names and back, quoted as Nix writes them.

Names are `str`. Rule of the unquoted ones: Nix manual, "Identifiers"; keywords must be quoted, all but `or`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from nixedit.errors import NotStaticError

KEYWORDS = frozenset({"if", "then", "else", "assert", "with", "let", "in", "rec", "inherit"})
_IDENTIFIER = re.compile(r"[a-zA-Z_][a-zA-Z0-9_'-]*")
_IDENTIFIERS = re.compile(r"[a-zA-Z_][a-zA-Z0-9_'-]*(?:\.[a-zA-Z_][a-zA-Z0-9_'-]*)*")
_ESCAPES = {"n": "\n", "r": "\r", "t": "\t"}
_UNESCAPED = re.compile(r'\\(.)|"|\$\{', re.DOTALL)


def is_identifier(name: str) -> bool:
    """Whether a name can stand in an attribute path without quotes."""
    return _IDENTIFIER.fullmatch(name) is not None and name not in KEYWORDS


def escape(text: str) -> str:
    r"""The inside of a `"…"` string whose value is `text`: `"`, `\`, `${` and line ends escaped."""
    text = text.replace("\\", "\\\\").replace('"', '\\"').replace("${", "\\${")
    return text.replace("\n", "\\n").replace("\r", "\\r").replace("\t", "\\t")


def unescape(text: str) -> str:
    r"""The value of the inside of a `"…"` string without interpolation; CR and CRLF become LF, as in Nix."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return re.sub(r"\\(.)", lambda match: _ESCAPES.get(match[1], match[1]), text, flags=re.DOTALL)


def quote(name: str) -> str:
    """One name as it stands in an attribute path: bare if it can, else a string."""
    return name if is_identifier(name) else f'"{escape(name)}"'


def join(names: Iterable[str]) -> str:
    """The path's text; `parse` gives the same names back."""
    return ".".join(map(quote, names))


def parse(path: str) -> tuple[str, ...]:
    """The names of an attribute path as Nix would write it.

    Raises:
        NotStaticError: the text is no attribute path, or a name in it is computed.
    """
    names = []
    at = 0
    while True:
        match = _IDENTIFIER.match(path, at)
        if match is not None:
            name = match[0]
            if name in KEYWORDS:
                raise NotStaticError(f'`{name}` is a keyword: write it as a string, "{name}", in {path!r}')
            at = match.end()
        elif path.startswith('"', at):
            end = _string_end(path, at)
            name = unescape(path[at + 1 : end])
            at = end + 1
        else:
            raise NotStaticError(
                f"not an attribute path: {path!r} (expected a name or a string at character {at + 1}; "
                "names with other characters are quoted, or the key is a tuple of names)"
            )
        names.append(name)
        if at == len(path):
            return tuple(names)
        if path[at] != ".":
            raise NotStaticError(f"not an attribute path: {path!r} (expected `.` at character {at + 1})")
        at += 1


def _string_end(path: str, at: int) -> int:
    position = at + 1
    while (match := _UNESCAPED.search(path, position)) is not None:
        if match[0] == '"':
            return match.start()
        if match[0] == "${" and not _dollar_eaten(path, match.start()):
            raise NotStaticError(f"a name with an interpolation is not static: {path!r}")
        position = match.end()
    raise NotStaticError(f"not an attribute path: {path!r} (the string at character {at + 1} has no end)")


def _dollar_eaten(path: str, at: int) -> bool:
    run = len(path[:at]) - len(path[:at].rstrip("$"))
    return run % 2 == 1


def names_of(key: str | tuple[str, ...]) -> tuple[str, ...]:
    """The names that a key means: a `str` is an attribute path, a tuple holds exact names.

    Raises:
        NotStaticError: the text is no attribute path.
    """
    if isinstance(key, tuple):
        return key
    if _IDENTIFIERS.fullmatch(key) is not None:  # as most are
        names = tuple(key.split("."))
        if KEYWORDS.isdisjoint(names):
            return names
    return parse(key)
