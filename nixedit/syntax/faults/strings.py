"""Strings and paths in broken code: their text up to the next interpolation or their end."""

from __future__ import annotations

import re

from nixedit.syntax.faults.state import AFTER, START, Fault, State
from nixedit.syntax.tokens import Token, path_more, string_stop
from nixedit.text import Span

_WORD = re.compile(rb"[a-zA-Z0-9_./~-]")


def open_string(state: State, found: Token, resume: str) -> None:
    """Begin a `"` or `''` string."""
    state.push("string", Span(found.start, found.end), resume, resume)
    state.at = found.end
    _string(state)


def open_path(state: State, found: Token, resume: str) -> None:
    """Begin a path, which `${` may follow."""
    state.push("path", Span(found.start, found.end), resume, resume)
    state.at = found.end
    _path(state, found.start)


def reopen(state: State) -> bool:
    """Go on with the string or path that an interpolation stood in; False if it stood in neither."""
    if state.top.kind == "string":
        _string(state)
        return True
    if state.top.kind == "path":
        start = state.at
        state.at = path_more(state.data, state.at)
        _path(state, start)
        return True
    return False


def _string(state: State) -> None:
    frame = state.top
    stop = string_stop(state.data, state.at, frame.span.end - frame.span.start == 2)
    if stop is None:
        quotes = state.data[frame.span.start : frame.span.end].decode()
        message = f"the string that begins here has no closing `{quotes}`"
        hint = None if state.suspect_string is None else "perhaps an earlier one is not closed: the one at"
        state.faults.append(Fault("syntax", message, hint, frame.span, state.suspect_string))
        state.done = True
        return
    state.at, closed = stop
    if closed:
        text = state.data[frame.span.start : state.at]
        if state.suspect_string is None and b"\n" in text and _WORD.match(state.data, state.at):
            state.suspect_string = frame.span
        state.frames.pop()
        state.mode = frame.resume
    else:
        state.push("${", Span(state.at - 2, state.at), AFTER, START)


def _path(state: State, start: int) -> None:
    """The text of a path from `start` has been read."""
    data, frame = state.data, state.top
    if data.startswith(b"${", state.at):
        state.at += 2
        state.push("${", Span(state.at - 2, state.at), AFTER, START)
        return
    text = data[start : state.at]
    if text.endswith(b"/"):
        span = Span(state.at - 1, state.at)
        doubled = data[state.at : state.at + 1] == b"/"
        message = "a path cannot have two slashes in a row" if doubled else "a path cannot end with a slash"
        state.report(Token("path", start, state.at, start), message, None, span)
        if doubled:
            state.at = path_more(data, state.at)
    state.frames.pop()
    state.mode = frame.resume
