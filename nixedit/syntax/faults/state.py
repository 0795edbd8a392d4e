"""Where a reading of broken code stands: what is open, what may come next, what was wrong so far."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct, field

from nixedit.syntax.tokens import Token, token
from nixedit.text import Span, decode

# What may come next.
START = "start"  # an expression, also a function, let, with, assert, if
OPERAND = "operand"  # an operand, which those need parentheses for
DEFAULT = "default"  # what follows `or`: an operand without operators
ELEMENT = "element"  # an element of a list, or its end
AFTER = "after"  # an operand has ended
BINDINGS = "bindings"
ATTR = "attr"  # a name of an attribute path
AFTER_ATTR = "after attr"
INHERIT = "inherit"
FORMALS = "formals"
AFTER_FORMAL = "after formal"
AFTER_ELLIPSES = "after ellipses"
HEAD = "head"  # behind the formals of a function

# What closes which frame. A binding's value, `with` and `assert` end with `;`.
CLOSERS: Mapping[str, tuple[str, ...]] = {
    "file": ("end",),
    "(": (")",),
    "from": (")",),
    "[": ("]",),
    "${": ("}",),
    "{": ("}",),
    "let {": ("}",),
    "let": ("in",),
    "formals": ("}",),
    "default": (",", "}"),
    "value": (";",),
    "with": (";",),
    "assert": (";",),
    "if": ("then",),
    "then": ("else",),
    "string": (),
    "path": (),
}
CLOSING = frozenset(closer for closers in CLOSERS.values() for closer in closers)
_ENOUGH = 20
# After a fault, so many tokens have to make sense before another one is believed.
_TRUSTED = 3


class Fault(Struct, frozen=True):
    """Something that Nix rejects.

    Attributes:
        kind: as in `Diagnostic`.
        message: one sentence.
        hint: what to do instead, or None; with `other`, the words that lead to that place.
        span: the place (0-based bytes).
        other: the place that the problem began at (an opening bracket, a first definition), or None.
    """

    kind: str
    message: str
    hint: str | None
    span: Span
    other: Span | None = None


class Frame(Struct):
    """Something that is open.

    Attributes:
        kind: a key of `CLOSERS`.
        span: what opened it.
        resume: what may come after it is closed.
        comparisons: the operators since the last looser one that do not chain.
        pipe: the pipe operator in use.
    """

    kind: str
    span: Span
    resume: str = AFTER
    comparisons: set[str] = field(default_factory=set)
    pipe: str = ""


class State:
    """The reading of one file."""

    def __init__(
        self, data: bytes, operands: Mapping[int, int] | None = None, bound: Mapping[int, int] | None = None
    ) -> None:
        """Begin to read.

        Args:
            data: the file.
            operands: where operands begin and end that need not be read.
            bound: the same for bindings, one or several.
        """
        self.data = data
        self.operands = operands or {}
        self.bound = bound or {}
        self.at = 0
        self.mode = START
        self.frames = [Frame("file", Span(0, 0))]
        self.faults: list[Fault] = []
        self.done = False
        self.last = ""  # what the operand in front of AFTER is: simple, select, has
        self.argument: Token | None = None  # the first token of the last argument of an application
        self.attr_use = ""  # what an attribute path is for: bind, select, has
        self.attr: Token | None = None  # the first token of the attribute path, the last one of an inherit
        self.universal = False  # whether the function being read has its @ name
        self.suspect: Span | None = None  # an opening bracket that was closed by a less indented line
        self.suspect_string: Span | None = None  # a string over several lines that ends right before a word
        self._read, self._at, self._failed = 0, -1, -_TRUSTED

    @property
    def top(self) -> Frame:
        """The innermost frame."""
        return self.frames[-1]

    def next(self) -> Token:
        """The token to be read now."""
        found = token(self.data, self.at)
        if found.start != self._at:
            self._at = found.start
            self._read += 1
        return found

    def text(self, found: Token) -> str:
        """The token in backquotes, or words for it."""
        if found.kind == "end":
            return "the end of the file"
        if found.kind == "bad":
            return f"character {_character(self.data[found.start : found.end])}"
        return f"`{decode(self.data[found.start : found.end])}`"

    def push(self, kind: str, span: Span, resume: str, mode: str) -> None:
        """Open a frame: `mode` is what may come in it, `resume` what may come behind it."""
        self.frames.append(Frame(kind, span, resume))
        self.mode = mode

    def report(
        self,
        found: Token,
        message: str,
        hint: str | None = None,
        span: Span | None = None,
        other: Span | None = None,
    ) -> None:
        """Note a fault at a token, unless it is likely to come from the one just before."""
        fresh = self._read - self._failed >= _TRUSTED
        self._failed = self._read
        if not fresh:
            return
        self.faults.append(Fault("syntax", message, hint, span or Span(found.start, found.end), other))
        self.done = self.done or len(self.faults) >= _ENOUGH

    def skip(self, found: Token) -> None:
        """Go on behind a token."""
        if found.kind == "end":
            self.done = True
        self.at = found.end

    def missing(self, found: Token, what: str) -> None:
        """Note that something is missing in front of a token: the place is the end of the one before it."""
        self.report(found, f"missing {what}", None, Span(found.before, found.before))

    def closed(self, found: Token) -> Frame:
        """Take the innermost frame off at the bracket that closes it."""
        frame = self.frames.pop()
        if self.suspect is None and indent(self.data, found.start) < indent(self.data, frame.span.start):
            self.suspect = frame.span
        return frame

    def close_to(self, found: Token) -> bool:
        """Give up the frames that a closing token would have to close first; False if it closes none."""
        for index in range(len(self.frames) - 1, -1, -1):
            if found.kind in CLOSERS[self.frames[index].kind]:
                break
        else:
            return False
        if index < len(self.frames) - 1:
            self._report_open(found, self.frames[index + 1 :])
            del self.frames[index + 1 :]
        kind = self.top.kind
        self.mode = (
            BINDINGS if kind in ("{", "let {", "let") else AFTER_FORMAL if kind == "formals" else AFTER
        )
        return True

    def _report_open(self, found: Token, frames: list[Frame]) -> None:
        frame = frames[-1]
        if found.kind == "end" and self.suspect is not None:
            opening = decode(self.data[self.suspect.start : self.suspect.end])
            hint = "the line that closes it is indented less"
            self.report(found, f"`{opening}` is probably not closed", hint, self.suspect)
        elif frame.kind in ("value", "with", "assert"):
            missing_semicolon(self, found, frame)
        elif frame.kind in ("if", "then"):
            closer = CLOSERS[frame.kind][0]
            self.report(found, f"`if` without `{closer}`", "it begins at", None, frame.span)
        elif frame.kind == "let":
            self.report(found, "`let` without `in`", "it begins at", None, frame.span)
        else:
            self.unclosed(found, frame)

    def unclosed(self, found: Token, frame: Frame) -> None:
        """Note that a bracket is still open where that makes no sense."""
        opening = decode(self.data[frame.span.start : frame.span.end])
        message = f"`{opening}` is not closed: expected `{CLOSERS[frame.kind][-1]}`, found {self.text(found)}"
        self.report(found, message, "opened at", None, frame.span)


def indent(data: bytes, at: int) -> int:
    """How many blanks and tabs the line of an offset begins with, as far as the offset."""
    line = data[data.rfind(b"\n", 0, at) + 1 : at]
    return len(line) - len(line.lstrip(b" \t"))


def missing_semicolon(state: State, found: Token, frame: Frame) -> None:
    """Note that a binding, `with` or `assert` lacks its `;`: the place is the end of the token before."""
    name = decode(state.data[frame.span.start : frame.span.end])
    what = f"the value of `{name}`" if frame.kind == "value" else f"`{name}`"
    state.missing(found, f"`;` after {what}")


def _character(data: bytes) -> str:
    names = {
        b"\f": "form feed",
        b"\v": "vertical tab",
        b"\0": "NUL",
        b"\xc2\xa0": "no-break space",
        b"\xef\xbb\xbf": "byte-order mark",
    }
    if data in names:
        return names[data]
    text = data.decode("utf-8", "replace")
    return f"`{text}`" if text.isprintable() else repr(text)
