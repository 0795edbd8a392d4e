"""Attributes set and deleted: which bindings change, and where and how a new one is written."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import Any

from msgspec.structs import replace
from tree_sitter import Node

from nixedit.attrpath import join
from nixedit.edits import Edit, Expected
from nixedit.errors import MissingAttrError, NotStaticError
from nixedit.grammar import K
from nixedit.layout.render import ANY, Fragment, binding, gap_after, plain, render
from nixedit.layout.rows import New
from nixedit.layout.style import Style, fits_anywhere, style_of
from nixedit.operations.empties import Empties
from nixedit.operations.ops import DeleteAttr, SetAttr
from nixedit.operations.rows import RowChange, RowChanges
from nixedit.operations.sorting import sorted_place
from nixedit.operations.wishes import DELETE, Wish, identity, put, wishes_of
from nixedit.syntax.entries import Entry
from nixedit.syntax.layers import Layer, Layers, Names, Place, Undecided, child, named
from nixedit.syntax.nodes import attrs, holder, is_set
from nixedit.syntax.sets import set_index
from nixedit.syntax.snapshot import Snapshot, span_of
from nixedit.text import Source, encode


class SetPlanner:
    """Turns the attribute operations of one commit into row changes and replaced values."""

    def __init__(self, snapshot: Snapshot, rows: RowChanges) -> None:
        self.snapshot, self.rows = snapshot, rows
        self.overwritten: list[tuple[Entry, Node, Any, Fragment]] = []
        self.empties = Empties(rows)
        self.lasting: dict[tuple[tuple[int, Names], Names], Layers] = {}
        self.touched: dict[int, tuple[Node, set[Names]]] = {}
        self._lost_attrs: dict[int, tuple[Node, Node, list[Node]]] = {}
        self._newest: dict[tuple[int, int], Names] = {}
        self._habits: dict[tuple[int, Names], bool] = {}
        self._nesting: dict[int, bool] = {}
        self._nested: dict[tuple[int, str], dict[str, Any]] = {}

    @property
    def style(self) -> Style:
        """The file's layout."""
        return style_of(self.snapshot)

    def plan(self, operations: Sequence[SetAttr | DeleteAttr]) -> None:
        """Plan all attribute operations of a commit.

        Raises:
            NixEditError: one of them cannot be done.
        """
        for wish in wishes_of(operations):
            if wish.value is DELETE:
                self._delete(wish)
            else:
                self._set(wish)
        self._remove_inherited()
        for least in sorted({len(names) for _, names in self.lasting}, reverse=True):
            self.empties.prune(least)
            for (_, names), layers in self.lasting.items():
                if len(names) == least:
                    self._keep_as_empty(layers, names)

    def replaced(self) -> list[Edit]:
        """The values that others take the place of; asked for once the rows are planned."""
        edits = []
        for entry, old, value, fragment in self.overwritten:
            indent = self.rows.indent_of(entry.binding)
            if b"\n" in fragment.text:  # its lines depend on where the row comes to stand
                around = self._around(entry.binding, old)
                fragment = render(value, self.style, indent, ANY, around)  # noqa: PLW2901  # the same, elsewhere
            edits.append(self._replacement(entry.binding, old, fragment, indent))
        return edits

    def _replacement(self, binding: Node, value: Node, fragment: Fragment, indent: bytes) -> Edit:
        """A value in another's place, on a line of its own where the layout wants that, and only there."""
        data = self.snapshot.source.data
        start = binding.start_byte + len(data[binding.start_byte : value.start_byte].rstrip())
        head, old = data[binding.start_byte : start], data[start : value.start_byte]
        if old == b" " and fits_anywhere(head + old + fragment.text + b";", indent):
            return replacement(value, fragment)
        gap = gap_after(head, fragment, self.style, indent)
        broken = b"\n" in old and self.style.breaks_before_string(head) and fragment.kind == K.STRING
        if not head.endswith(b" =") or old == gap or not (old == b" " or broken):
            return replacement(value, fragment)
        text = gap + fragment.text
        return Edit(start, value.end_byte, text, (Expected(fragment.kind, len(gap), len(text)),))

    def _around(self, binding: Node, value: Node) -> bytes:
        """What a binding has on the line of its value."""
        head = self.snapshot.source.data[binding.start_byte : value.start_byte]
        return head.rpartition(b"\n")[2] + b";"

    # -- setting ------------------------------------------------------------------------------

    def _set(self, wish: Wish) -> None:
        layers = wish.layers
        for depth, name in enumerate(wish.names):
            try:
                found = child(self.snapshot, layers, name)
            except Undecided as undecided:
                raise _computed(self.snapshot.source, undecided.node, wish.names[:depth]) from None
            if found is None:
                self._insert(layers[0], wish, depth)
                return
            if depth == len(wish.names) - 1:
                self._overwrite(layers, wish, found.entry)
                return
            if not found.layers:
                entry = found.entry
                node = entry.value or entry.attr if entry is not None else None
                raise _computed(
                    self.snapshot.source, node or layers[0].places[0].node, wish.names[: depth + 1]
                )
            layers = found.layers

    def _overwrite(self, layers: Layers, wish: Wish, entry: Entry | None) -> None:
        old = None if entry is None else entry.value
        if entry is not None and old is not None:
            indent = self.snapshot.source.indent(entry.binding.start_byte)
            fragment = plain(wish.value)
            if fragment is None:
                fragment = render(wish.value, self.style, indent, ANY, self._around(entry.binding, old))
            if fragment.text != self.snapshot.text(old):
                self.overwritten.append((entry, old, wish.value, fragment))
                if b"\n" in fragment.text:
                    self.rows.force(holder(entry.binding))
            return
        pieces = self._pieces(layers, wish.names[-1])
        place, first = pieces[0]
        self._remove_pieces(pieces)
        names = (*place.prefix, wish.names[-1])
        change = self.rows.of(place.node)
        self._touch(place.node, names)
        change.insert(change.index_of(first.binding), self._new(names, wish.value, wish.comment, False))

    def _insert(self, layer: Layer, wish: Wish, depth: int) -> None:
        rest = wish.names[depth:]
        place = self._best_place(layer, rest)
        names: Names = (*place.prefix, *rest)
        value = wish.value
        if len(rest) > 1 and not (wish.dotted or place.prefix) and self._nests(place.node):
            known = self._nested.get((place.node.id, rest[0]))
            if known is not None:
                put(known, rest[1:], value)
                return
            tree: dict[str, Any] = {}
            put(tree, rest[1:], value)
            self._nested[(place.node.id, rest[0])] = tree
            names, value = (rest[0],), tree
        change = self.rows.of(place.node)
        after, shared = self._position(change, place.node, names)
        blank = self._blank_before(change, place.node, after, names, shared)
        if wish.before is not None:
            following = set_index(self.snapshot, place.node).named(wish.before)
            if following:
                after, blank = change.index_of(following[0].binding) - 1, True
        self._touch(place.node, names)
        new = replace(self._new(names, value, wish.comment, blank), stays_on_line=wish.stays_on_line)
        spot = sorted_place(self.snapshot.source, change.row, after, names)
        if spot is not None:
            after, new = spot.after, replace(new, blank_before=spot.apart, behind=spot.behind, key=spot.key)
        change.insert(after, new)

    def _best_place(self, layer: Layer, rest: Names) -> Place:
        """The first written set, rather one that has bindings; without one, beside the last dotted ones."""
        written = [place for place in layer.places if not place.prefix]
        filled = (place for place in written if set_index(self.snapshot, place.node).filled)
        return next(filled, (written or layer.places[-1:])[0])

    def _nests(self, node: Node) -> bool:
        """Whether the bindings of a set are spelled with inner sets only, none dotted."""
        known = self._nesting.get(node.id)
        if known is None:
            own = set_index(self.snapshot, node).entries
            dotted = any(len(entry.names) > 1 for entry in own)
            values = () if dotted else (entry.value for entry in own)
            known = self._nesting[node.id] = any(value is not None and is_set(value) for value in values)
        return known

    def _position(self, change: RowChange, node: Node, names: Names) -> tuple[int, int]:
        """The index to insert behind, and how many names are shared with the binding there."""
        index = set_index(self.snapshot, node)
        for shared in range(len(names), 0, -1):
            for entry in index.last(names[:shared]):
                return change.index_of(entry.binding), shared
        return len(change.row.items) - 1, 0

    def _blank_before(self, change: RowChange, node: Node, after: int, names: Names, shared: int) -> bool:
        """Whether a new binding gets a blank line in front of it, as most of its siblings have."""
        previous = self._newest.get((node.id, after))
        self._newest[(node.id, after)] = names
        if previous is not None and _common(previous, names) > shared:
            return False
        key = (node.id, names[:shared])
        if key not in self._habits:
            self._habits[key] = self._blank_habit(change, node, names[:shared])
        return self._habits[key]

    def _blank_habit(self, change: RowChange, node: Node, prefix: Names) -> bool:
        """Whether most bindings with that prefix have a blank line between them, pieces of one name aside."""
        index = set_index(self.snapshot, node)
        depth = len(prefix)
        own = [entry for entry in index.last(prefix[:1], 40) if entry.names[:depth] == prefix]
        items = change.row.items
        gaps = []
        for before, after in pairwise(own):
            one, two = change.index_of(before.binding), change.index_of(after.binding)
            if two == one + 1 and before.names[depth : depth + 1] != after.names[depth : depth + 1]:
                gaps.append(items.apart(two))
        blank = sum(gaps) * 2
        return blank > len(gaps) or (blank == len(gaps) and gaps[-1:] == [True])  # a tie: as the last

    def _new(self, names: Names, value: Any, comment: tuple[str, ...], blank: bool) -> New:
        text = partial(binding, names, value, self.style)
        return New(text, K.BINDING, blank, tuple(encode(f"# {line}") for line in comment))

    # -- deleting -----------------------------------------------------------------------------

    def _delete(self, wish: Wish) -> None:
        layers = wish.layers
        for depth, name in enumerate(wish.names):
            try:
                found = child(self.snapshot, layers, name) if layers else None
            except Undecided as undecided:
                raise _computed(self.snapshot.source, undecided.node, wish.names[:depth]) from None
            if found is None:
                raise MissingAttrError(f"no attribute `{join(wish.names)}`")
            if depth == len(wish.names) - 1:
                pieces = self._pieces(layers, name)
                self._remove_pieces(pieces, wish.kept)
                if wish.floor is not None:
                    self.empties.note([place.node for place, _ in pieces], wish.floor)
                    self.lasting[identity(wish.layers), wish.names[: wish.floor]] = wish.layers
            layers = found.layers

    def _pieces(self, layers: Layers, name: str) -> list[tuple[Place, Entry]]:
        """All entries that make up an attribute, in the layer that wins."""
        for layer in layers:
            found = [(place, entry) for place in layer.places for entry in named(self.snapshot, place, name)]
            if found:
                return found
        return []

    def _keep_as_empty(self, layers: Layers, names: Names) -> None:
        """Write `{ }` for an attribute that would be gone with the last of what is in it."""
        for name in names[:-1]:
            found = child(self.snapshot, layers, name)
            layers = () if found is None else found.layers
        pieces = self._pieces(layers, names[-1]) if names and layers else []
        if not pieces:
            return
        for place, entry in pieces:
            change = self.rows.of(place.node)
            if change.index_of(entry.binding) not in change.removed:
                return
        place, first = pieces[0]
        change = self.rows.of(place.node)
        path = (*place.prefix, names[-1])
        self._touch(place.node, path)
        change.insert(change.index_of(first.binding), self._new(path, {}, (), False))

    def _remove_pieces(
        self, pieces: Sequence[tuple[Place, Entry]], kept: frozenset[int] = frozenset()
    ) -> None:
        for place, entry in pieces:
            if entry.attr is None:
                change = self.rows.of(place.node)
                index = change.index_of(entry.binding)
                change.removed.add(index)
                change.disown(index, kept)
            else:
                key = entry.binding.start_byte
                self._lost_attrs.setdefault(key, (place.node, entry.binding, []))[2].append(entry.attr)

    def _remove_inherited(self) -> None:
        for node, statement, lost in self._lost_attrs.values():
            if len({attr.start_byte for attr in lost}) == len(attrs(statement)):
                change = self.rows.of(node)
                change.removed.add(change.index_of(statement))
            else:
                change = self.rows.of(statement)
                change.removed.update(map(change.index_of, lost))

    def _touch(self, node: Node, names: Names) -> None:
        self.touched.setdefault(node.id, (node, set()))[1].add(names)


def _common(one: Sequence[str | None], other: Sequence[str | None]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def replacement(node: Node, fragment: Fragment) -> Edit:
    """The edit that puts rendered code in a node's place."""
    length = len(fragment.text)
    return Edit(node.start_byte, node.end_byte, fragment.text, (Expected(fragment.kind, 0, length),))


def _computed(source: Source, node: Node, names: Names) -> NotStaticError:
    what = f"`{join(names)}`" if names else "the set"
    return NotStaticError(
        f"{what} is a computed value here",
        source=source,
        span=span_of(node),
        hint="edit what it is computed from",
    )
