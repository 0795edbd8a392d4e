"""Bindings, inherits and attribute paths in broken code."""

from __future__ import annotations

from nixedit.syntax.faults.state import (
    AFTER,
    AFTER_ATTR,
    ATTR,
    BINDINGS,
    CLOSING,
    ELEMENT,
    INHERIT,
    START,
    State,
)
from nixedit.syntax.faults.strings import open_path, open_string
from nixedit.syntax.tokens import KEYWORDS, Token, token
from nixedit.text import Span, decode

_KEYWORDS = frozenset(map(bytes.decode, KEYWORDS)) - {"or"}
_QUOTE = "a name that is not letters, digits, _, - and ' is written as a string"
_EXPRESSION = frozenset({"(", "[", "{", "rec", "let", "if", "with", "assert", "''"})
_PLACE = {"{": "in a set", "let {": "in a set"}


def read_binding(state: State, found: Token) -> None:
    """Where a binding, an inherit or the end of the set may stand."""
    kind = found.kind
    if found.start in state.bound:
        state.at = state.bound[found.start]
    elif kind in ("id", "or", '"', "${"):
        state.attr_use, state.attr = "bind", found
        read_attr(state, found)
    elif kind == "inherit":
        state.at, state.mode, state.attr = found.end, INHERIT, None
    elif kind == ("in" if state.top.kind == "let" else "}"):
        frame = state.closed(found)
        state.at, state.mode, state.last = found.end, frame.resume, "simple"
    elif kind in _KEYWORDS and _is_name(state, found):
        state.attr_use, state.attr = "bind", found
        read_attr(state, found)
    elif kind == "}" and state.top.kind == "let":
        state.report(found, "`let` without `in`", "it begins at", None, state.top.span)
        state.frames.pop()
        state.mode = AFTER
        if not state.close_to(found):
            state.skip(found)
    else:
        _no_binding(state, found)


def _no_binding(state: State, found: Token) -> None:
    kind = found.kind
    if kind == ";":
        state.report(found, "there is a `;` too many")
    elif kind == ",":
        state.report(found, "unexpected `,`", "bindings end with `;`")
    elif kind == "=":
        state.report(found, "there is no name before `=`")
        state.push("value", Span(found.start, found.end), BINDINGS, START)
    elif kind in CLOSING and kind not in ("then", "else") and state.close_to(found):
        return
    elif state.top.kind == "let" and kind in _EXPRESSION:
        state.report(found, f"expected a binding or `in`, found {state.text(found)}")
        state.frames.pop()
        state.mode = START
        return
    elif kind in ("number", "literal", "path", "''"):
        state.report(found, f"{state.text(found)} cannot be a name", _QUOTE)
        _consume(state, found, AFTER_ATTR)
        state.attr_use, state.attr = "bind", found
        return
    else:
        place = _PLACE.get(state.top.kind, "in `let`")
        state.report(
            found, f"expected a binding {place}, found {state.text(found)}", "a binding is `name = value;`"
        )
        if kind in ("(", "["):
            state.push(kind, Span(found.start, found.end), BINDINGS, START if kind == "(" else ELEMENT)
    state.skip(found)


def _is_name(state: State, found: Token) -> bool:
    return token(state.data, found.end).kind in ("=", ".")


def _consume(state: State, found: Token, resume: str) -> None:
    if found.kind in ('"', "''"):
        open_string(state, found, resume)
    elif found.kind == "path":
        open_path(state, found, resume)
    else:
        state.at, state.mode = found.end, resume


def read_attr(state: State, found: Token) -> None:
    """Where a name of an attribute path must stand."""
    kind = found.kind
    if kind in ("id", "or", '"'):
        _consume(state, found, AFTER_ATTR)
    elif kind == "${":
        state.push("${", Span(found.start, found.end), AFTER_ATTR, START)
        state.at = found.end
    elif kind in _KEYWORDS:
        name = decode(state.data[found.start : found.end])
        state.report(found, f"`{name}` is a keyword, not a name", f'write "{name}"')
        _consume(state, found, AFTER_ATTR)
    elif kind in ("number", "''"):
        state.report(found, f"{state.text(found)} cannot be a name", _QUOTE)
        _consume(state, found, AFTER_ATTR)
    else:
        hint = "a computed name is written ${…}" if kind in ("(", "[") else None
        state.report(found, f"expected an attribute name, found {state.text(found)}", hint)
        state.mode = AFTER_ATTR


def read_after_attr(state: State, found: Token) -> None:
    """Behind a name of an attribute path."""
    if found.kind == ".":
        state.at, state.mode = found.end, ATTR
    elif state.attr_use != "bind":
        state.mode, state.last = AFTER, state.attr_use
    elif found.kind == "=":
        start = found.start if state.attr is None else state.attr.start
        state.at = found.end
        state.push("value", Span(start, found.before), BINDINGS, START)
    else:
        _no_equals(state, found)


def _no_equals(state: State, found: Token) -> None:
    kind = found.kind
    start = found.start if state.attr is None else state.attr.start
    name = Span(start, found.before)
    shown = decode(state.data[name.start : name.end])
    if state.top.kind == "let":
        state.report(found, f"expected `=` after `{shown}`, or `in` before it", None, name)
    else:
        state.report(found, f"expected `=` after `{shown}`, found {state.text(found)}")
    if kind == ";":
        state.at, state.mode = found.end, BINDINGS
    elif kind in CLOSING:
        if state.top.kind == "let" and kind != "in":
            state.frames.pop()
            state.mode = AFTER
        else:
            state.mode = BINDINGS
    else:
        state.push("value", name, BINDINGS, START)
        if kind in (":", "@", "?", "bad", "."):
            state.skip(found)


def read_inherit(state: State, found: Token) -> None:
    """Where a name that is inherited, or the `;`, may stand."""
    kind = found.kind
    if kind == ";":
        state.at, state.mode = found.end, BINDINGS
    elif kind == "(" and state.attr is None:
        state.at = found.end
        state.attr = found
        state.push("from", Span(found.start, found.end), INHERIT, START)
    elif kind in ("id", "or", '"'):
        state.attr = found
        _consume(state, found, INHERIT)
    elif kind == "${":
        state.push("${", Span(found.start, found.end), INHERIT, START)
        state.at, state.attr = found.end, found
    elif kind == "=" and state.attr is not None:
        state.missing(state.attr, "`;` after `inherit`")
        state.at = found.end
        state.push("value", Span(state.attr.start, found.before), BINDINGS, START)
    elif kind in ("}", "in", "inherit", "end"):
        state.missing(found, "`;` after `inherit`")
        state.mode = BINDINGS
    elif kind in _KEYWORDS:
        read_attr(state, found)
        state.mode = INHERIT
    else:
        hint = {",": "inherited names are separated by blanks", ".": "only whole names can be inherited"}.get(
            kind
        )
        state.report(found, f"unexpected {state.text(found)} in `inherit`", hint)
        state.skip(found)
