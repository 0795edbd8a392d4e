"""Reads single tokens as Nix's lexer does, for code that has no tree: the longest match wins.

Only for explaining syntax errors; what has a tree is read from the tree.
"""

from __future__ import annotations

import re
from typing import NamedTuple

BOM = b"\xef\xbb\xbf"
KEYWORDS = frozenset({b"if", b"then", b"else", b"assert", b"with", b"let", b"in", b"rec", b"inherit", b"or"})

_BLANK = re.compile(rb"[ \t\r\n]+|#[^\r\n]*")
_CHAR = rb"[a-zA-Z0-9._+-]"
# In the order of Nix's lexer.l: of two matches of one length the first wins.
_WORDS = (
    ("id", re.compile(rb"[a-zA-Z_][a-zA-Z0-9_'-]*")),
    ("number", re.compile(rb"[0-9]+")),
    ("number", re.compile(rb"(?:[1-9][0-9]*\.[0-9]*|0?\.[0-9]+)(?:[Ee][+-]?[0-9]+)?")),
    ("path", re.compile(rb"(?:%b*|~)(?:/%b+)+/?" % (_CHAR, _CHAR))),
    ("path", re.compile(rb"(?:%b*|~)/(?=\$\{)" % _CHAR)),
    ("literal", re.compile(rb"<%b+(?:/%b+)*>" % (_CHAR, _CHAR))),
    ("literal", re.compile(rb"[a-zA-Z][a-zA-Z0-9+.-]*:[a-zA-Z0-9%/?:@&=+$,_.!~*'-]+")),
)
_SIGN = re.compile(rb"\.\.\.|==|!=|<=|>=|&&|\|\||->|//|\+\+|<\||\|>|\$\{|''|[{}()\[\];:,@=.?!\-+*/<>\"]")
_WORD_START = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_./~<+-")
_PATH_MORE = re.compile(rb"[a-zA-Z0-9._+/-]+")
_STRING_STOP = re.compile(rb'\\.|\$\$|\$\{|"', re.DOTALL)
_INDENTED_STOP = re.compile(rb"'''|''\$|''\\.|\$\$|\$\{|''", re.DOTALL)


class Token(NamedTuple):
    """One token.

    Attributes:
        kind: `id`, `number`, `path`, `literal` (`<…>` or a URI), `bad` (what no token begins with),
            `comment` (one without an end), `end`, or else the sign or keyword itself.
        start: its first byte.
        end: one past its last byte; for a path that goes on with `${`, the `${`.
        before: the end of the token before it.
    """

    kind: str
    start: int
    end: int
    before: int


def token(data: bytes, at: int) -> Token:
    """The token at or after `at`, where blanks and comments may come first."""
    before = at
    while True:
        match = _BLANK.match(data, at)
        if match is not None:
            at = match.end()
        elif data.startswith(b"/*", at):
            end = data.find(b"*/", at + 2)
            if end < 0:
                return Token("comment", at, at + 2, before)
            at = end + 2
        else:
            break
    if at >= len(data):
        return Token("end", len(data), len(data), before)
    if data[at] in _WORD_START:
        found = _word(data, at)
        if found is not None:
            return Token(*found, before)
    match = _SIGN.match(data, at)
    if match is not None:
        return Token(match[0].decode(), at, match.end(), before)
    return Token("bad", at, _bad_end(data, at), before)


def _word(data: bytes, at: int) -> tuple[str, int, int] | None:
    kind, end = "", at
    for candidate, pattern in _WORDS:
        match = pattern.match(data, at)
        if match is not None and match.end() > end:
            kind, end = candidate, match.end()
    if end == at:
        return None
    sign = _SIGN.match(data, at)
    if sign is not None and sign.end() > end:
        return None
    if kind == "id" and data[at:end] in KEYWORDS:
        kind = data[at:end].decode()
    return kind, at, end


def _bad_end(data: bytes, at: int) -> int:
    if data[at] < 0x80:
        return at + 1
    end = at + 1
    while end < len(data) and data[end] >= 0x80:
        end += 1
    return end


def path_more(data: bytes, at: int) -> int:
    """Where the text of a path ends that goes on at `at`, behind an interpolation."""
    match = _PATH_MORE.match(data, at)
    return at if match is None else match.end()


def string_stop(data: bytes, at: int, indented: bool) -> tuple[int, bool] | None:
    """The next end or interpolation of a string.

    Args:
        data: the file.
        at: a place within the string.
        indented: whether it is a `''` string.

    Returns:
        The end of the closing quotes or of the `${`, and whether the string is closed there; None where
        the file ends first.
    """
    pattern, closing = (_INDENTED_STOP, b"''") if indented else (_STRING_STOP, b'"')
    for match in pattern.finditer(data, at):
        if match[0] == closing:
            return match.end(), True
        if match[0] == b"${":
            return match.end(), False
    return None
