"""Calls as they are written."""

from __future__ import annotations

from tree_sitter import Node

from nixedit.grammar import F, K
from nixedit.syntax.layers import core
from nixedit.syntax.nodes import field
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import decode


def called(snapshot: Snapshot, value: Node) -> str | None:
    """The last name of the function that a value is a call of, `mkIf` of `lib.mkIf c [ ]`."""
    node = core(value)
    if node.kind_id != K.APPLY:
        return None
    while node.kind_id == K.APPLY:
        node = core(field(node, F.FUNCTION))
    return decode(snapshot.text(node)).rpartition(".")[2]
