"""Package sets that a flake makes beside those of its hosts, and what an old overlay gives them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from msgspec import Struct
from tree_sitter import Node

from nixedit.flake.systems import NixosSystem
from nixedit.grammar import F, K
from nixedit.handles import Node as Handle
from nixedit.migrate.applied import element_of, parts_of
from nixedit.migrate.legacy import Removal
from nixedit.migrate.package_sets import PackageSet, fixed_package_set, package_set_of, put_into, users_of
from nixedit.migrate.report import Done
from nixedit.migrate.splice import Spliced, Splicer
from nixedit.migrate.tree import Tree
from nixedit.resolve.fleet import Fleet
from nixedit.resolve.questions import values_of
from nixedit.resolve.values import Value
from nixedit.syntax.calls import called
from nixedit.syntax.nodes import attrs, field
from nixedit.syntax.scope import Scope
from nixedit.syntax.snapshot import Snapshot, span_of
from nixedit.text import Span

_INTO_EXTRA = Done(
    "overlays added to the package set", "it loses the old one, and packages are taken from it"
)


class ExtraSet(Struct, frozen=True, eq=False):
    """A package set that loses an old overlay, and is that of no host.

    Attributes:
        sets: what it is made of, once for each call of the functions around it.
        hosts: the hosts that are migrated and may have packages from it, by their keys.
    """

    sets: Sequence[PackageSet]
    hosts: frozenset[str]

    @property
    def place(self) -> tuple[str, int]:
        """The file, and where it stands there."""
        return self.sets[0].place


def into_extra_set(splicer: Splicer, extra: ExtraSet, host: NixosSystem) -> Spliced:
    """The new overlays where a package set is made that loses the old one.

    Args:
        splicer: knows them, and how they are written.
        extra: the set.
        host: a host that may have packages from it.

    Raises:
        RefusedError: it cannot be done safely.
    """
    result, made = Spliced(), extra.sets[0]
    applied = (
        []
        if made.overlays is None
        else [
            splicer.finder.identify(element.get())
            for part in parts_of(made.overlays)
            for element in part.elements
        ]
    )
    missing = [overlay for overlay in splicer.recipe.overlays if overlay not in applied]
    if 0 < len(missing) < len(splicer.recipe.overlays):
        hint = splicer.by_hand.at([made.origin], missing).hint("add the other one by hand")
        raise host.refusal("only some of the overlays are in this package set", None, made.origin, hint)
    if missing:
        put_into(splicer, host, extra.sets, missing, result, _INTO_EXTRA)
    return result


class ExtraSets:
    """Finds them.

    Args:
        tree: the flake's files.
        fleet: the evaluated flake.
        hosts: the hosts that are migrated.
    """

    def __init__(self, tree: Tree, fleet: Fleet, hosts: Sequence[NixosSystem]) -> None:
        self.tree, self.fleet, self.hosts = tree, fleet, hosts
        self._made: list[PackageSet] | None = None

    def losing(self, removal: Removal) -> Iterator[list[PackageSet]]:
        """The sets that lose an old overlay, but for those of hosts: each once for each call around it."""
        found: dict[tuple[str, int], list[PackageSet]] = {}
        for made in self._every() if removal.references else ():
            if _loses(made, removal) and not users_of(made, self.hosts):
                found.setdefault(made.place, []).append(made)
        yield from found.values()

    def has(self, file: str, place: Span) -> bool:
        """Whether a place is where packages are made that are those of no host."""
        return any(
            made.origin.file == file and made.origin.span.contains(place) and not users_of(made, self.hosts)
            for made in self._every()
        )

    def missing_at(
        self,
        removal: Removal,
        file: str,
        name: Node,
        besides: Collection[tuple[str, int]],
    ) -> bool:
        """Whether a package is taken from a set that loses the overlay which makes it.

        Args:
            removal: what goes with the overlay.
            file: the file, relative to the flake.
            name: the package's name where it is used.
            besides: the places of the sets that get the new overlays.
        """
        base = _set_of(self.tree.snapshot(file), name)
        if base is None:
            return False
        values = values_of(self.fleet, file, Handle(self.fleet.workspace[file], base))
        return any(self._lacks(value, removal, besides) for value in values)

    def _lacks(self, value: Value, removal: Removal, besides: Collection[tuple[str, int]]) -> bool:
        made = package_set_of(value)
        if made is not None and _loses(made, removal):
            own = (fixed_package_set(host) for host in self.hosts)
            return made.place not in {*besides, *(one.place for one in own if one is not None)}
        origin = value.origin
        return (
            made is None
            and origin is not None
            and origin.node.kind_id == K.APPLY
            and any(
                reference.file == origin.file and origin.span.contains(span_of(reference.node))
                for reference in removal.references
            )
        )

    def _every(self) -> list[PackageSet]:
        """The package sets that the flake makes, as far as its outputs need them."""
        if self._made is None:
            self._made = [
                made
                for file in self.tree.mentioning(rb"\bimport\b", b"overlays")
                for node in _imports(self.tree.snapshot(file))
                for value in values_of(self.fleet, file, Handle(self.fleet.workspace[file], node))
                if (made := package_set_of(value)) is not None
            ]
        return self._made


def _imports(snapshot: Snapshot) -> Iterator[Node]:
    """The calls of what is imported in a file, `import X Y`."""
    pending = [] if snapshot.has_error else [snapshot.root]
    while pending:
        node = pending.pop()
        pending += reversed(node.named_children)
        function = field(node, F.FUNCTION) if node.kind_id == K.APPLY else node
        if function.kind_id == K.APPLY and called(snapshot, function) == "import":
            yield node


def _loses(made: PackageSet, removal: Removal) -> bool:
    """Whether an old overlay is among those of a set, and goes from there."""
    places = {(reference.file, span_of(reference.node)) for reference in removal.references}
    for part in () if made.overlays is None else parts_of(made.overlays):
        for index, element in enumerate(part.elements):
            if removal.old.is_value(element.get()):
                node, origin = element_of(part, index), part.origin
                if node is None or origin is None:
                    return not removal.stays
                span = span_of(node)
                return any(file == origin.file and span.contains(place) for file, place in places)
    return False


def _set_of(snapshot: Snapshot, name: Node) -> Node | None:
    """The expression of the set that a package is taken from; None where that is not plain."""
    parent = name.parent
    if parent is not None and parent.kind_id == K.ATTRPATH:
        selected = parent.parent
        first = attrs(parent)[0] == name
        return field(selected, F.EXPRESSION) if selected is not None and first else None
    if parent is not None and parent.kind_id == K.INHERITED_ATTRS and parent.parent is not None:
        return parent.parent.child_by_field_id(F.EXPRESSION)
    found = None if parent is None else Scope.of(snapshot).resolve(parent)
    return found.environments[0] if found is not None and found.environments else None
