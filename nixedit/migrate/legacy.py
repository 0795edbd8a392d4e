"""The old overlay and every reference to it: found, judged, and taken out.

A reference is a path literal that means the file. It can be taken out where it is an element of a list,
or where it is bound to a name whose every use can be taken out in turn. What no rule can decide is left
as it is, and the file with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from pathlib import PurePosixPath

from msgspec import Struct
from msgspec import field as attribute
from tree_sitter import Node

from nixedit.errors import RefusedError
from nixedit.flake.outputs import Outputs
from nixedit.grammar import SETS, F, K
from nixedit.migrate.attribute_uses import by_import, in_let, meaning, output_of, outputs_at
from nixedit.migrate.computed_paths import computed_names_of
from nixedit.migrate.old_overlay import OldOverlay
from nixedit.migrate.tree import Tree
from nixedit.operations import ops
from nixedit.resolve.fleet import Fleet
from nixedit.resolve.paths import path_of
from nixedit.syntax.nodes import field, static_path, unwrapped
from nixedit.syntax.nodes import holder as holder_of
from nixedit.syntax.scope import Scope
from nixedit.syntax.sets import set_index
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import Span, decode


class Reference(Struct, frozen=True, eq=False):
    """A place that names the old overlay.

    Attributes:
        file: the file, relative to the flake.
        snapshot: its text and tree.
        node: the expression that means the old overlay there.
    """

    file: str
    snapshot: Snapshot
    node: Node

    @property
    def line(self) -> int:
        """Its line, 1-based."""
        return self.snapshot.source.position(self.node.start_byte)[0]


class Removal(Struct):
    """What goes with one old overlay.

    Attributes:
        old: the overlay.
        operations: what is done, by file.
        references: the places that go.
        bindings: the bindings that go, as the place and the name of each.
        mentions: comments that name it and stay.
        kept: the places that stay because something needs them that gets no new overlays, and what that is.
        undecided: the places that stay because no rule can decide, with the reason of each.
        unreadable: the files that may have such places, and cannot be read.
        links: the symbolic links that lead to it.
    """

    old: OldOverlay
    operations: dict[str, list[ops.Operation]] = attribute(default_factory=dict)
    references: list[Reference] = attribute(default_factory=list)
    bindings: list[tuple[str, int, str]] = attribute(default_factory=list)
    mentions: list[tuple[str, int]] = attribute(default_factory=list)
    kept: list[tuple[Reference, str]] = attribute(default_factory=list)
    undecided: list[tuple[Reference, RefusedError]] = attribute(default_factory=list)
    unreadable: list[str] = attribute(default_factory=list)
    links: list[str] = attribute(default_factory=list)

    @property
    def stays(self) -> bool:
        """Whether the overlay stays."""
        return bool(self.kept or self.undecided or self.unreadable)

    @property
    def all_operations(self) -> list[tuple[str, ops.Operation]]:
        """The operations, with the file of each."""
        return [(file, operation) for file, listed in self.operations.items() for operation in listed]

    def add(self, file: str, operation: ops.Operation) -> None:
        """Record what is done to a file."""
        self.operations.setdefault(file, []).append(operation)


class Remover:
    """Finds what must go with an old overlay.

    Args:
        tree: the flake's files.
        fleet: the evaluated flake.
        outputs: its outputs.
        flake: its flake.nix, relative to the tree.
        keeps: says why a place stays; None where it goes.
        is_read: says whether anything of the flake reads a file; what nothing reads is not edited.
    """

    def __init__(  # noqa: PLR0913  # the parts of one picture, each of which another module knows
        self,
        tree: Tree,
        fleet: Fleet,
        outputs: Outputs,
        flake: str,
        *,
        keeps: Callable[[Reference], str | None],
        is_read: Callable[[str], bool],
    ) -> None:
        self.tree, self.fleet, self.outputs, self.flake = tree, fleet, outputs, flake
        self.keeps, self.is_read = keeps, is_read

    def plan(self, old: OldOverlay) -> Removal:
        """What is done so that nothing names an overlay any more, as far as rules can decide."""
        if old.node is not None:
            removal = Removal(old)
            self._take_out(Reference(old.file, old.snapshot, old.node), removal)
            return removal
        links = self.tree.links_to(old.file) if old.link is None else []
        removal = Removal(old, links=links)
        references = list(self._references(old, removal))
        if not old.is_apart:
            self._note_computed(old, references, removal)
        for reference in references:
            self._take_out(reference, removal)
        return removal

    # -- finding ------------------------------------------------------------------------------

    def _references(self, old: OldOverlay, removal: Removal) -> Iterator[Reference]:
        base = PurePosixPath(old.place).name
        spellings = self.tree.spellings(old.file) if old.link is None else [base]
        words = [word.encode() for word in sorted(spellings, key=base.__ne__)]
        for name in self.tree.containing(*words):
            if name == old.file:
                continue
            snapshot = self.tree.snapshot(name)
            for word in words:
                for start in _occurrences(snapshot.source.data, word):
                    span = Span(start, start + len(word))
                    yield from self._at(name, snapshot, span, old, removal)

    def _at(
        self, name: str, snapshot: Snapshot, span: Span, old: OldOverlay, removal: Removal
    ) -> Iterator[Reference]:
        """The reference that an occurrence of the file's name is, if it is one."""
        node = snapshot.root.descendant_for_byte_range(span.start, span.end)
        while node is not None and node.kind_id not in (
            K.PATH,
            K.HPATH,
            K.COMMENT,
            K.STRING,
            K.INDENTED_STRING,
        ):
            node = node.parent
        if node is None:
            return
        if node.kind_id == K.PATH and node.named_child_count == 1:
            is_last = node.end_byte == span.end and snapshot.source.data[span.start - 1 : span.start] == b"/"
            if is_last and self._is_path_of(old, name, decode(snapshot.text(node))):
                yield Reference(name, snapshot, node)
        elif snapshot.source.slice(span) != PurePosixPath(old.place).name.encode():
            return  # a link's name, which may mean anything elsewhere
        elif node.kind_id == K.COMMENT:
            removal.mentions.append((name, snapshot.source.position(span.start)[0]))
        else:
            what = "a string" if node.kind_id in (K.STRING, K.INDENTED_STRING) else "a computed path"
            self._leave(removal, Reference(name, snapshot, node), f"`{old.place}` is named in {what}")

    def _is_path_of(self, old: OldOverlay, name: str, text: str) -> bool:
        """Whether a path literal in a file means an overlay; the link itself, where it is one by that."""
        if old.link is None:
            return self.tree.resolve(name, text) == old.file
        inside = path_of(name, text)
        return inside is not None and self.tree.place(inside) == old.link

    def _note_computed(self, old: OldOverlay, references: Collection[Reference], removal: Removal) -> None:
        """Paths that lead to a file and do not spell its name, unless its folder is listed."""
        file = old.file
        reads = self.fleet.evaluator.reads.get(file, {}).values()
        known = {(self.fleet.evaluator.target(item.file), item.node.start_byte) for item in references}
        for origin in reads:
            is_known = (self.fleet.evaluator.target(origin.file), origin.node.start_byte) in known
            if not is_known and not self.fleet.evaluator.files.gives(file):
                reason = f"`{old.place}` is read here, by a path that does not spell its name"
                self._leave(removal, Reference(origin.file, origin.snapshot, origin.node), reason)
        for name, node in computed_names_of(self.tree, PurePosixPath(old.place).stem):
            place = Reference(name, self.tree.snapshot(name), node)
            self._leave(removal, place, f"this may name `{old.place}`, in a path that is computed")

    # -- taking out ---------------------------------------------------------------------------

    def _take_out(self, reference: Reference, removal: Removal) -> None:
        """Remove one reference, and what only served it."""
        name, snapshot = reference.file, reference.snapshot
        if not self.is_read(name):
            unread = f"`{removal.old.shown}` is used here, in a file that nothing of the flake reads"
            self._leave(removal, reference, unread)
            return
        node = meaning(snapshot, reference.node)
        if removal.old.node is not None and unwrapped(node) != reference.node:
            self._leave(removal, reference, f"`{removal.old.shown}` is called here")
            return
        parent = node.parent
        if parent is not None and parent.kind_id == K.LIST:
            reason = self.keeps(reference)
            if reason is not None:
                removal.kept.append((reference, reason))
                return
            removal.references.append(reference)
            removal.add(name, ops.RemoveItem(parent, node))
            return
        if parent is not None and parent.kind_id == K.BINDING:
            self._take_out_binding(reference, parent, removal)
            return
        place = Reference(name, snapshot, node)
        self._leave(removal, place, f"no rule says how to do without `{removal.old.shown}` here")

    def _take_out_binding(self, reference: Reference, binding: Node, removal: Removal) -> None:
        name, snapshot = reference.file, reference.snapshot
        path = static_path(field(binding, F.ATTRPATH), snapshot.source.data)
        holder = holder_of(binding)
        if None in path:
            place = Reference(name, snapshot, binding)
            self._leave(removal, place, f"`{removal.old.shown}` is bound to a computed name")
            return
        names = tuple(part for part in path if part is not None)
        stay = len(removal.kept) + len(removal.undecided)
        if holder.kind_id == K.LET and len(names) == 1:
            uses = self._uses_of_let(reference, holder, names[0])
        else:
            uses = self._uses_of_output(reference, holder, names, removal)
            uses += self._uses_in_set(reference, binding, names) if holder.kind_id == K.REC_ATTRSET else []
        for use in uses:
            self._take_out(use, removal)
        if len(removal.kept) + len(removal.undecided) > stay:  # the name is still needed
            return
        line = snapshot.source.position(binding.start_byte)[0]
        removal.bindings.append((name, line, ".".join(names)))
        removal.add(name, self._without(snapshot, holder, binding, removal))

    def _without(self, snapshot: Snapshot, holder: Node, binding: Node, removal: Removal) -> ops.Operation:
        """A set or let without a binding; a let that has no other goes as a whole."""
        if holder.kind_id == K.LET and len(set_index(snapshot, holder).entries) == 1:
            row_has_comments = any(child.kind_id == K.COMMENT for child in holder.children)
            if not row_has_comments:
                return ops.Unwrap(holder, field(holder, F.BODY))
        return ops.RemoveItem(holder, binding)

    def _uses_of_let(self, reference: Reference, holder: Node, name: str) -> list[Reference]:
        scope = Scope.of(reference.snapshot)
        definition = scope.lookup(name, field(holder, F.BODY))
        if definition is None:
            return []
        return [Reference(reference.file, reference.snapshot, use) for use in scope.uses(definition)]

    def _uses_in_set(self, reference: Reference, binding: Node, names: tuple[str, ...]) -> list[Reference]:
        """The uses of an attribute within its own set, by its name."""
        scope = Scope.of(reference.snapshot)
        definition = scope.lookup(names[0], field(binding, F.EXPRESSION))
        uses = [] if definition is None else scope.uses(definition)
        return [Reference(reference.file, reference.snapshot, use) for use in uses]

    def _uses_of_output(
        self, reference: Reference, holder: Node, names: tuple[str, ...], removal: Removal
    ) -> list[Reference]:
        """The uses of an attribute of the flake's outputs, in all its files."""
        selected = in_let(reference.snapshot, holder, names)
        if selected is not None:
            return [Reference(reference.file, reference.snapshot, node) for node in selected]
        imported = by_import(self.tree, reference.file, holder, names)
        if imported is not None:
            name, snapshot, selected = imported
            return [Reference(name, snapshot, node) for node in selected]
        path = self._path_of(reference.file, holder, names)
        if path is None:
            reason = (
                f"`{removal.old.shown}` is bound to `{'.'.join(names)}`, whose uses cannot be told for sure"
            )
            self._leave(removal, reference, reason)
            return []
        uses = []
        word = path[-1].encode()
        for name in self.tree.mentioning(rb"\b%b\b" % re.escape(word), word):
            uses += self._selections(name, path, removal)
        return uses

    def _path_of(self, file: str, holder: Node, names: tuple[str, ...]) -> tuple[str, ...] | None:
        """The path of an attribute among the outputs, written in flake.nix or in a file of its own."""
        if file == self.flake:
            return self._output_path(holder, names)
        output = output_of(self.tree, self.fleet, file, holder)
        return None if output is None else (output, *names)

    def _output_path(self, holder: Node, names: tuple[str, ...]) -> tuple[str, ...] | None:
        """The path of an attribute among the flake's outputs; None if it is none of them."""
        data = self.outputs.document.snapshot.source.data
        places = {place.node.id for layer in self.outputs.layers for place in layer.places}
        node = holder
        while node.id not in places:
            above = node.parent
            while above is not None and above.kind_id == K.PARENTHESIZED:
                above = above.parent
            if above is None or above.kind_id != K.BINDING or node.kind_id not in SETS:
                return None
            path = static_path(field(above, F.ATTRPATH), data)
            if None in path:
                return None
            names = (*(part for part in path if part is not None), *names)
            node = holder_of(above)
        return names

    def _selections(self, name: str, path: tuple[str, ...], removal: Removal) -> list[Reference]:
        """The places in a file that mean an output of the flake: `self.overlays.old`."""
        snapshot = self.tree.snapshot(name)
        found = []
        for start in _occurrences(snapshot.source.data, path[-1].encode()):
            place = outputs_at(snapshot, start, path)
            if place is None:
                continue
            node, sure = place
            if sure:
                found.append(Reference(name, snapshot, node))
            else:
                reason = f"this may be the flake's `{'.'.join(path)}`"
                self._leave(removal, Reference(name, snapshot, node), reason)
        return found

    def _leave(self, removal: Removal, place: Reference, reason: str) -> None:
        """Leave a place as it is."""
        hint = "take it out by hand, then run this again"
        removal.undecided.append((place, self.tree.refusal(place.file, place.node, reason, hint)))


def _occurrences(data: bytes, needle: bytes) -> Iterator[int]:
    at = data.find(needle)
    while at >= 0:
        yield at
        at = data.find(needle, at + 1)
