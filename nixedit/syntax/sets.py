"""The entries of a written set, looked up by name: `a.b = 1; inherit c;` is entries `a.b` and `c`."""

from __future__ import annotations

from attrs import frozen
from tree_sitter import Node

from nixedit.grammar import F, K
from nixedit.syntax.nodes import attrs, bindings, field, static_name, static_path
from nixedit.syntax.snapshot import Snapshot


@frozen
class Entry:
    """One binding of a set, or one name that an `inherit` brings in.

    Attributes:
        names: its attribute path; None stands for a computed name.
        binding: the `binding`, `inherit` or `inherit_from` node.
        value: the bound expression; None for an inherited name.
        attr: the inherited name's own node; None for a binding.
    """

    names: tuple[str | None, ...]
    binding: Node
    value: Node | None
    attr: Node | None = None

    @property
    def inherited(self) -> bool:
        return self.attr is not None


class SetIndex:
    """The entries of one set or let, in order and by their first name."""

    __slots__ = ("by_name", "dynamic", "entries")

    def __init__(self, snapshot: Snapshot, node: Node) -> None:
        data = snapshot.source.data
        self.entries: list[Entry] = []
        self.by_name: dict[str, list[Entry]] = {}
        self.dynamic: list[Entry] = []
        for binding in bindings(node):
            if binding.kind_id == K.BINDING:
                names = static_path(field(binding, F.ATTRPATH), data)
                self._add(Entry(names, binding, field(binding, F.EXPRESSION)))
            else:
                for attr in attrs(binding):
                    self._add(Entry((static_name(attr, data),), binding, None, attr))

    def _add(self, entry: Entry) -> None:
        self.entries.append(entry)
        first = entry.names[0]
        if first is None:
            self.dynamic.append(entry)
        else:
            self.by_name.setdefault(first, []).append(entry)


def set_index(snapshot: Snapshot, node: Node) -> SetIndex:
    """The index of a set or let expression, made once per snapshot."""
    found = snapshot.memo.get(node.id)
    if isinstance(found, SetIndex):
        return found
    index = SetIndex(snapshot, node)
    snapshot.memo[node.id] = index
    return index
