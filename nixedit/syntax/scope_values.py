"""Follows names to the expressions that the same file has for them, without evaluating anything."""

from __future__ import annotations

from tree_sitter import Node

from nixedit.grammar import F, K
from nixedit.syntax.entries import Entry
from nixedit.syntax.layers import Layer, Layers, Undecided, child, core, layers_of, lookup
from nixedit.syntax.nodes import field, static_path
from nixedit.syntax.scope import Definition, Scope

# How many names deep a selection is followed through selections.
_DEEP = 60


class Follower:
    """One question. A selection is looked into once, so that cycles end."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope
        self.selected: dict[tuple[int, int], Entry | Layers | None] = {}
        self.depth = 0

    def value(self, node: Node) -> Node:
        """See `Scope.value_of`."""
        seen: set[tuple[int, int]] = set()
        while True:
            node = core(node)
            place = (node.start_byte, node.end_byte)
            following = None if place in seen else self._next(node)
            if following is None:
                return node
            seen.add(place)
            node = following

    def layers(self, node: Node) -> Layers:
        """See `Scope.set_of`."""
        node = self.value(node)
        if node.kind_id == K.SELECT:
            found = self._selected(node)
            return () if found is None or isinstance(found, Entry) else found
        definition = self.scope.resolve(node)
        if definition is not None:
            return self._spread(definition)
        seen: set[int] = set()

        def resolve(operand: Node) -> Node | None:
            if operand.start_byte in seen:
                return None
            seen.add(operand.start_byte)
            value = self.value(operand)
            return None if value == operand else value

        return layers_of(node, resolve=resolve)

    def _spread(self, definition: Definition) -> Layers:
        """The set that a name is bound to by several bindings."""
        if not definition.places:
            return ()
        found = child(self.scope.snapshot, (Layer(definition.places),), definition.name)
        return () if found is None else found.layers

    def _next(self, node: Node) -> Node | None:
        """What a node stands for at once; None if it stands for itself."""
        if node.kind_id == K.SELECT:
            found = self._selected(node)
            return self._of_entry(found) if isinstance(found, Entry) else None
        definition = self.scope.resolve(node)
        if definition is None:
            return None
        if definition.kind == "inherit":
            return self._of_entry(definition.entries[0])
        return definition.value if definition.places else None

    def _of_entry(self, entry: Entry) -> Node | None:
        if entry.attr is None:
            return entry.value
        source = entry.binding.child_by_field_id(F.EXPRESSION)
        if source is None:
            return entry.attr  # means what the name means outside of the set
        found = self._in(source, entry.names)
        return self._of_entry(found) if isinstance(found, Entry) else None

    def _selected(self, node: Node) -> Entry | Layers | None:
        place = (node.start_byte, node.end_byte)
        if place not in self.selected:
            self.selected[place] = None
            names = static_path(field(node, F.ATTRPATH), self.scope.snapshot.source.data)
            self.selected[place] = self._in(field(node, F.EXPRESSION), names)
        return self.selected[place]

    def _in(self, node: Node, names: tuple[str | None, ...]) -> Entry | Layers | None:
        """What is written for a path of a set: one binding, or a set in several places."""
        known = tuple(name for name in names if name is not None)
        if len(known) < len(names) or self.depth > _DEEP:
            return None
        self.depth += 1
        try:
            found = lookup(self.scope.snapshot, self.layers(node), known)
        except Undecided:
            return None
        finally:
            self.depth -= 1
        if found is None:
            return None
        return found.entry if found.entry is not None else found.layers
