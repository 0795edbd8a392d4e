"""Expressions in broken code: operands and what may stand between them."""

from __future__ import annotations

from nixedit.syntax.faults.functions import is_formals, open_formals, read_universal
from nixedit.syntax.faults.state import (
    AFTER,
    ATTR,
    BINDINGS,
    CLOSERS,
    CLOSING,
    DEFAULT,
    ELEMENT,
    OPERAND,
    START,
    State,
    missing_semicolon,
)
from nixedit.syntax.faults.strings import open_path, open_string, reopen
from nixedit.syntax.tokens import Token, token
from nixedit.text import Span

_LOOSE = frozenset({"&&", "||", "->", "|>", "<|"})
_EQUALITY = frozenset({"==", "!="})
_COMPARISON = frozenset({"<", "<=", ">", ">="})
_OPERATORS = _LOOSE | _EQUALITY | _COMPARISON | {"+", "-", "*", "/", "//", "++"}
_OPENING = frozenset({"id", "number", "literal", "path", '"', "''", "(", "[", "{", "rec", "let"})
_LOOSE_FORMS = frozenset({"if", "with", "assert", "let"})


def read_operand(state: State, found: Token) -> None:
    """Where an expression must stand."""
    kind = found.kind
    free = state.mode == START
    if found.start in state.operands:
        _operand(state, state.operands[found.start])
    elif kind == "id":
        _name(state, found, free)
    elif kind in ("number", "literal"):
        _operand(state, found.end)
    elif kind in ('"', "''", "path"):
        state.last = "simple"
        (open_path if kind == "path" else open_string)(state, found, AFTER)
    elif kind in ("(", "[", "{", "rec", "let", "if", "with", "assert"):
        _open(state, found, free)
    elif kind in ("-", "!") and state.mode not in (DEFAULT, ELEMENT):
        state.at, state.mode = found.end, OPERAND
    elif kind == "]" and state.mode == ELEMENT:
        state.mode = AFTER
    else:
        _no_operand(state, found)


def _operand(state: State, end: int) -> None:
    state.at, state.mode, state.last = end, AFTER, "simple"


def _name(state: State, found: Token, free: bool) -> None:
    following = token(state.data, found.end)
    if following.kind in (":", "@") and not free:
        _needs_parentheses(state, found, "a function")
    if following.kind == ":":
        state.at, state.mode = following.end, START
    elif following.kind == "@":
        read_universal(state, found, following)
    else:
        _operand(state, found.end)


def _open(state: State, found: Token, free: bool) -> None:
    kind = found.kind
    span = Span(found.start, found.end)
    following = token(state.data, found.end)
    if kind in _LOOSE_FORMS and not free and not (kind == "let" and following.kind == "{"):
        _needs_parentheses(state, found, f"`{kind}`")
    state.at = found.end
    if kind == "(":
        state.push("(", span, AFTER, START)
    elif kind == "[":
        state.push("[", span, AFTER, ELEMENT)
    elif kind == "{" and is_formals(state, found):
        if not free:
            _needs_parentheses(state, found, "a function")
        open_formals(state, found, universal=False)
    elif kind == "{":
        state.push("{", span, AFTER, BINDINGS)
    elif kind in ("rec", "let") and following.kind == "{":
        state.at = following.end
        frame = "{" if kind == "rec" else "let {"
        state.push(frame, Span(following.start, following.end), AFTER, BINDINGS)
    elif kind == "let":
        state.push("let", span, START, BINDINGS)
    elif kind == "rec":
        state.report(following, f"expected `{{` after `rec`, found {state.text(following)}")
        state.mode, state.last = AFTER, "simple"
    else:
        state.push(kind, span, START, START)


def _needs_parentheses(state: State, found: Token, what: str) -> None:
    where = "as an element of a list" if state.top.kind == "[" else "here"
    state.report(found, f"{what} must stand in parentheses {where}")


def _no_operand(state: State, found: Token) -> None:
    kind = found.kind
    if state.mode == ELEMENT and kind in ("-", "!"):
        state.report(found, f"unexpected `{kind}` in a list", "an element with an operator needs parentheses")
    elif state.mode == ELEMENT and kind == ",":
        state.report(found, "unexpected `,` in a list", "elements are separated by blanks")
    elif kind == "or":
        state.report(found, "`or` is a keyword here", "as a name it can only stand in an attribute path")
        _operand(state, found.end)
        return
    elif kind in CLOSING or kind == "inherit":
        state.report(found, f"expected an expression, found {state.text(found)}")
        state.mode, state.last = AFTER, "simple"
        return
    elif kind == "comment":
        state.report(found, "the comment that begins here has no `*/`")
        state.done = True
    else:
        state.report(found, f"unexpected {state.text(found)} where an expression must stand")
    state.skip(found)


def read_after(state: State, found: Token) -> None:
    """Behind an operand."""
    kind, frame = found.kind, state.top
    if kind in CLOSERS[frame.kind]:
        _close(state, found)
    elif kind in _OPERATORS and frame.kind != "[":
        _operator(state, found)
    elif kind == "." and state.last == "simple":
        state.attr_use, state.at, state.mode = "select", found.end, ATTR
    elif kind == "?" and frame.kind != "[":
        state.attr_use, state.at, state.mode = "has", found.end, ATTR
    elif kind == "or" and state.last in ("simple", "select"):
        state.at = found.end
        if state.last == "select":
            state.mode = DEFAULT
        else:
            state.last = "or"
    elif kind in _OPENING:
        if state.last == "has":
            state.report(found, f"unexpected {state.text(found)} after `?`", "write parentheses")
        state.argument = found
        state.mode = ELEMENT if frame.kind == "[" else OPERAND
    else:
        _unexpected(state, found)


def _close(state: State, found: Token) -> None:
    frame = state.top
    if frame.kind == "file":
        state.done = True
        return
    if frame.kind == "if":
        state.frames[-1].kind, state.mode, state.at = "then", START, found.end
        return
    if frame.kind == "default":
        state.frames.pop()
        state.mode = frame.resume
        return
    if frame.kind in ("(", "["):
        state.closed(found)
    else:
        state.frames.pop()
    state.at = found.end
    if frame.kind == "${" and reopen(state):
        return
    state.mode = frame.resume
    if frame.kind in ("(", "["):
        state.last = "simple"


def _operator(state: State, found: Token) -> None:
    kind, frame = found.kind, state.top
    if kind in _LOOSE:
        frame.comparisons.clear()
        if kind in ("|>", "<|"):
            if frame.pipe not in ("", kind):
                state.report(found, "`|>` and `<|` cannot be mixed", "write parentheses")
            frame.pipe = kind
    elif kind in _EQUALITY or kind in _COMPARISON:
        group = "==" if kind in _EQUALITY else "<"
        if group in frame.comparisons:
            state.report(found, f"`{kind}` cannot follow another comparison", "write parentheses")
        if group == "==":
            frame.comparisons.clear()
        frame.comparisons.add(group)
    state.at, state.mode = found.end, OPERAND


def _unexpected(state: State, found: Token) -> None:
    kind, frame = found.kind, state.top
    if kind == "=" and state.argument is not None and _next_binding(state, state.argument):
        state.top.span = Span(state.argument.start, found.before)
        state.at, state.mode, state.argument = found.end, START, None
        return
    if kind == "inherit" and frame.kind == "value":
        missing_semicolon(state, found, frame)
        state.frames.pop()
        state.mode = BINDINGS
        return
    if kind in CLOSING and state.close_to(found):
        return
    if kind == ":":
        state.report(found, "unexpected `:`", "a function as an operand or an argument needs parentheses")
        state.at, state.mode = found.end, START
        return
    if kind == "=":
        state.report(found, "unexpected `=`", "equality is `==`")
        state.at, state.mode = found.end, OPERAND
        return
    if kind in _LOOSE_FORMS:
        state.mode = OPERAND
        return
    state.report(found, *_surprise(state, found))
    state.skip(found)
    if kind == "comment":
        state.done = True
    elif kind in _OPERATORS or kind == "!":
        state.mode = ELEMENT if frame.kind == "[" else OPERAND


def _next_binding(state: State, name: Token) -> bool:
    """Whether the last argument was the name of the next binding, and what lacks before it is noted."""
    frame = state.top
    if name.kind not in ("id", '"'):
        return False
    if frame.kind == "value":
        missing_semicolon(state, name, frame)
        return True
    begins_line = b"\n" in state.data[name.before : name.start]
    values = [index for index, open_ in enumerate(state.frames) if open_.kind == "value"]
    if frame.kind not in ("(", "[") or not begins_line or not values:
        return False
    state.unclosed(name, frame)
    del state.frames[values[-1] + 1 :]
    return True


def _surprise(state: State, found: Token) -> tuple[str, str | None]:
    kind = found.kind
    if kind == "comment":
        return "the comment that begins here has no `*/`", None
    if kind == "," and state.top.kind == "[":
        return "unexpected `,` in a list", "elements are separated by blanks"
    if state.top.kind == "[" and (kind in _OPERATORS or kind in ("!", "?")):
        return f"unexpected `{kind}` in a list", "an element with an operator needs parentheses"
    if kind in (")", "]", "}"):
        return f"unexpected `{kind}`: nothing is open that it could close", None
    return f"unexpected {state.text(found)}", None
