"""What one binding of a set binds: `a.b = 1;` is entry `a.b`, `inherit c d;` are entries `c` and `d`."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct
from tree_sitter import Node

from nixedit.grammar import F, K
from nixedit.syntax.nodes import attrs, field, static_name, static_path

_BARE_PATH = re.compile(rb"([a-zA-Z_][a-zA-Z0-9_'-]*(?:\.[a-zA-Z_][a-zA-Z0-9_'-]*)*)\s*=")


class Entry(Struct, frozen=True):
    """One binding of a set, or one name that an `inherit` brings in.

    Attributes:
        names: its attribute path; None stands for a computed name.
        binding: the `binding`, `inherit` or `inherit_from` node.
        attr: the inherited name's own node; None for a binding.
    """

    names: tuple[str | None, ...]
    binding: Node
    attr: Node | None = None

    @property
    def value(self) -> Node | None:
        """The bound expression; None for an inherited name."""
        return field(self.binding, F.EXPRESSION) if self.attr is None else None


def entries_of(binding: Node, data: bytes) -> Sequence[Entry]:
    """The entries of a `binding`, `inherit` or `inherit_from` node, in order."""
    if binding.kind_id != K.BINDING:
        return [Entry((static_name(attr, data),), binding, attr) for attr in attrs(binding)]
    bare = _BARE_PATH.match(data, binding.start_byte)
    if bare is not None:  # most are: no need to ask the tree
        return (Entry(tuple(bare[1].decode().split(".")), binding),)
    return (Entry(static_path(field(binding, F.ATTRPATH), data), binding),)
