"""The heads of functions in broken code: formals, `@` and `:`."""

from __future__ import annotations

from nixedit.syntax.faults.state import AFTER_ELLIPSES, AFTER_FORMAL, FORMALS, HEAD, START, State
from nixedit.syntax.tokens import Token, token
from nixedit.text import Span


def is_formals(state: State, found: Token) -> bool:
    """Whether a `{` begins formals, not a set."""
    data = state.data
    first = token(data, found.end)
    if first.kind in ("...", ","):
        return True
    second = token(data, first.end)
    if first.kind == "}":
        return second.kind in (":", "@")
    if first.kind != "id":
        return False
    return second.kind in (",", "?") or (second.kind == "}" and token(data, second.end).kind in (":", "@"))


def open_formals(state: State, found: Token, universal: bool) -> None:
    """Begin formals at their `{`."""
    state.universal = universal
    state.push("formals", Span(found.start, found.end), HEAD, FORMALS)
    state.at = found.end


def read_universal(state: State, name: Token, at: Token) -> None:
    """Behind `name@`."""
    following = token(state.data, at.end)
    if following.kind == "{":
        open_formals(state, following, universal=True)
    else:
        state.report(following, f"expected `{{` after `@`, found {state.text(following)}")
        state.at, state.mode = at.end, START


def read_formal(state: State, found: Token) -> None:
    """Where an argument, `...` or the end of the formals may stand."""
    kind = found.kind
    if kind == "id":
        state.at, state.mode = found.end, AFTER_FORMAL
    elif kind == "...":
        state.at, state.mode = found.end, AFTER_ELLIPSES
    elif kind == "}":
        _close(state, found)
    elif kind == ",":
        state.report(found, "unexpected `,`: there is no argument before it")
        state.skip(found)
    elif kind in ("end", ")", "]", ";", "in"):
        _unclosed(state, found)
    else:
        state.report(found, f"expected the name of an argument, found {state.text(found)}")
        state.at, state.mode = found.end, AFTER_FORMAL


def read_after_formal(state: State, found: Token) -> None:
    """Behind an argument."""
    kind = found.kind
    if kind == ",":
        state.at, state.mode = found.end, FORMALS
    elif kind == "}":
        _close(state, found)
    elif kind == "?":
        state.at = found.end
        state.push("default", Span(found.start, found.end), AFTER_FORMAL, START)
    elif kind == "=":
        state.report(found, "unexpected `=`", "the default of an argument is written `name ? value`")
        state.at = found.end
        state.push("default", Span(found.start, found.end), AFTER_FORMAL, START)
    elif kind in ("id", "..."):
        state.missing(found, "`,` between two arguments")
        state.mode = FORMALS
    elif kind in ("end", ")", "]", ";", "in"):
        _unclosed(state, found)
    else:
        state.report(found, f"expected `,` or `}}` after an argument, found {state.text(found)}")
        state.skip(found)


def read_after_ellipses(state: State, found: Token) -> None:
    """Behind `...`."""
    if found.kind == "}":
        _close(state, found)
    elif found.kind in ("end", ")", "]", ";", "in"):
        _unclosed(state, found)
    else:
        state.report(
            found,
            f"expected `}}` after `...`, found {state.text(found)}",
            "`...` comes last, without a comma",
        )
        state.mode = FORMALS if found.kind == "id" else state.mode
        if found.kind != "id":
            state.skip(found)
            state.mode = FORMALS if found.kind == "," else state.mode


def read_head(state: State, found: Token) -> None:
    """Behind the `}` of formals."""
    if found.kind == ":":
        state.at, state.mode = found.end, START
    elif found.kind == "@":
        if state.universal:
            state.report(found, "a function has only one `@`")
        state.universal = True
        name = token(state.data, found.end)
        if name.kind == "id":
            state.at = name.end
        elif name.kind == "literal" and b":" in state.data[name.start : name.end]:
            state.report(name, f"{state.text(name)} is read as a URL", "write a blank behind the colon")
            state.at, state.mode = name.start + state.data[name.start : name.end].index(b":") + 1, START
        else:
            state.report(name, f"expected a name after `@`, found {state.text(name)}")
            state.at = found.end
    else:
        state.report(found, f"expected `:` after the arguments of a function, found {state.text(found)}")
        state.mode = START


def _close(state: State, found: Token) -> None:
    state.frames.pop()
    state.at, state.mode = found.end, HEAD


def _unclosed(state: State, found: Token) -> None:
    frame = state.frames.pop()
    state.unclosed(found, frame)
    state.mode = START
