"""Explains syntax errors: reads broken code once more, token by token, and says what is missing where.

The tree says only that something is wrong and roughly where. This reading knows at each place what is
open and what may follow, reports the token that Nix would stop at, and goes on as if the most likely
slip had been put right. What the tree holds for sound is jumped over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from nixedit.grammar import K
from nixedit.syntax.faults import state as mode
from nixedit.syntax.faults.bindings import read_after_attr, read_attr, read_binding, read_inherit
from nixedit.syntax.faults.expressions import read_after, read_operand
from nixedit.syntax.faults.functions import read_after_ellipses, read_after_formal, read_formal, read_head
from nixedit.syntax.faults.state import Fault, State, indent
from nixedit.syntax.snapshot import Snapshot
from nixedit.syntax.tokens import BOM, Token

__all__ = ["Fault", "faults"]

_READERS: Mapping[str, Callable[[State, Token], None]] = {
    mode.START: read_operand,
    mode.OPERAND: read_operand,
    mode.DEFAULT: read_operand,
    mode.ELEMENT: read_operand,
    mode.AFTER: read_after,
    mode.BINDINGS: read_binding,
    mode.ATTR: read_attr,
    mode.AFTER_ATTR: read_after_attr,
    mode.INHERIT: read_inherit,
    mode.FORMALS: read_formal,
    mode.AFTER_FORMAL: read_after_formal,
    mode.AFTER_ELLIPSES: read_after_ellipses,
    mode.HEAD: read_head,
}
# A sound part that is shorter than this is read as quickly as it is jumped over.
_CHUNK = 16
_BRACKETED = frozenset(
    {K.ATTRSET, K.REC_ATTRSET, K.LET_ATTRSET, K.LIST, K.PARENTHESIZED, K.STRING, K.INDENTED_STRING}
)
_BOUND = frozenset({K.BINDING_SET, K.BINDING, K.INHERIT, K.INHERIT_FROM})


def faults(snapshot: Snapshot) -> list[Fault]:
    """The syntax errors of a text that has some, as far as they can be explained: in order, at most 20."""
    state = State(snapshot.source.data, *_sound(snapshot))
    if state.data.startswith(BOM):
        state.at = len(BOM)
    while not state.done:
        found = state.next()
        _READERS[state.mode](state, found)
    return state.faults


def _sound(snapshot: Snapshot) -> tuple[dict[int, int], dict[int, int]]:
    """Start and end of the sound operands, and of the sound bindings, next to what is broken.

    What ends on a line that is less indented than the one it begins on is suspicious, and read.
    """
    data = snapshot.source.data
    operands: dict[int, int] = {}
    bound: dict[int, int] = {}
    stack = [snapshot.root]
    while stack:
        for child in stack.pop().children:
            start, end = child.start_byte, child.end_byte
            target = operands if child.kind_id in _BRACKETED else bound if child.kind_id in _BOUND else None
            if child.has_error or (target is not None and indent(data, end) < indent(data, start)):
                stack.append(child)
            elif target is not None and end - start >= _CHUNK:
                target[start] = end
    return operands, bound
