"""Explains syntax errors: reads broken code once more, token by token, and says what is missing where.

The tree says only that something is wrong and roughly where. This reading knows at each place what is
open and what may follow, reports the token that Nix would stop at, and goes on as if the most likely
slip had been put right. What the tree holds for sound is jumped over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tree_sitter import Node

from nixedit.grammar import K
from nixedit.syntax.faults import state as mode
from nixedit.syntax.faults.bindings import read_after_attr, read_attr, read_binding, read_inherit
from nixedit.syntax.faults.expressions import read_after, read_operand
from nixedit.syntax.faults.functions import read_after_ellipses, read_after_formal, read_formal, read_head
from nixedit.syntax.faults.state import Fault, State
from nixedit.syntax.snapshot import Snapshot, span_of
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
    """The syntax errors of a text that has some, in the order of the text; at least one, at most 20."""
    state = State(snapshot.source.data, *_sound(snapshot.root))
    if state.data.startswith(BOM):
        state.at = len(BOM)
    while not state.done:
        found = state.next()
        _READERS[state.mode](state, found)
    if state.faults:
        return state.faults
    return [Fault("syntax", "this is not Nix", None, span_of(_first_error(snapshot.root)))]


def _sound(root: Node) -> tuple[dict[int, int], dict[int, int]]:
    """Start and end of the sound operands, and of the sound bindings, next to what is broken."""
    operands: dict[int, int] = {}
    bound: dict[int, int] = {}
    stack = [root]
    while stack:
        for child in stack.pop().children:
            if child.has_error:
                stack.append(child)
            elif child.end_byte - child.start_byte >= _CHUNK:
                if child.kind_id in _BRACKETED:
                    operands[child.start_byte] = child.end_byte
                elif child.kind_id in _BOUND:
                    bound[child.start_byte] = child.end_byte
    return operands, bound


def _first_error(root: Node) -> Node:
    node = root
    while not (node.is_error or node.is_missing):
        inner = next((child for child in node.children if child.has_error), None)
        if inner is None:
            break
        node = inner
    return node
