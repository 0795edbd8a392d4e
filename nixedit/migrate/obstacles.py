"""What files of a fleet do that stands in the way of its hosts, and whom that concerns."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cached_property

from nixedit.attrpath import parse
from nixedit.errors import RefusedError
from nixedit.flake.systems import NixosSystem
from nixedit.grammar import K
from nixedit.migrate.applied import can_be_last, has_overlay, overlays_at
from nixedit.migrate.by_hand import ByHand
from nixedit.migrate.conflicts import Conflict, conflicts
from nixedit.migrate.old_overlay import OldOverlay
from nixedit.migrate.old_overlays import OldOverlays, legacy_files
from nixedit.migrate.other_overlays import note_of, written_ways
from nixedit.migrate.overlay_names import uses_of_names
from nixedit.migrate.override_calls import package_of
from nixedit.migrate.overrides import Change, Override, changes_in, find_changes, is_elsewhere, override_of
from nixedit.migrate.reach import Reach
from nixedit.migrate.recipe import Recipe
from nixedit.migrate.replaced import Replaced
from nixedit.migrate.tree import Tree
from nixedit.syntax.scope import Scope
from nixedit.syntax.snapshot import span_of
from nixedit.text import Span

# Overlays that are applied to a package set which has those of the host already.
_EXTENDED = rb"\bpkgs\.extend\b|\b(?:final|prev|self|super)\.(?:pkgs\.)?extend\b|\bappendOverlays\b"

# What overlays call the packages that they change.
_USUAL = ("prev", "super")


class Obstacles:
    """Finds what stands in the way of a migration beside the hosts' own calls.

    Args:
        tree: the flake's files.
        recipe: what is to be applied.
        systems: all hosts of the flake that can be edited, of every kind.
        old: the old overlays.
        everywhere: whether a framework makes all packages of the flake, with the overlays.

    Attributes:
        replaced: what is replaced anyway.
    """

    def __init__(
        self,
        tree: Tree,
        recipe: Recipe,
        systems: Sequence[NixosSystem],
        old: OldOverlays,
        *,
        everywhere: bool = False,
    ) -> None:
        self.tree, self.recipe, self.systems, self.old = tree, recipe, systems, old
        self.everywhere = everywhere
        self.reach = Reach(tree, systems, recipe.removes, self._is_ours)
        self.replaced = Replaced()

    def _is_ours(self, name: str) -> bool:
        """Whether the recipe wrote a file: that reads no other."""
        return self.recipe.wrote(self.tree.content(name))

    def conflicts(
        self, by_hand: ByHand, known: Collection[str], apart: Callable[[str, Span], bool]
    ) -> Iterator[Conflict]:
        """Overlays forced, fixed or applied already, and overrides that cannot be renamed.

        Args:
            by_hand: how a person writes the recipe's overlays here.
            known: the files whose overlays were found by evaluation.
            apart: says of a place in a file whether it is in packages that are those of no host.
        """
        for conflict in conflicts(self.tree, by_hand, known):
            if not conflict.applies or not apart(conflict.file, conflict.error.span or Span(0, 0)):
                yield conflict
        modules = {name for host in self.systems for name in self.reach.modules(host).files}
        for override in self._found():
            if not override.plain or not (self.everywhere or override.file in modules):
                error = override.refusal(self.tree, self.recipe)
                changes = self._is_overlays(override) and not self._extends
                yield Conflict(override.file, error, module=False, changes=changes)

    def staying(self, old: OldOverlay) -> RefusedError | None:
        """Why no migrated host may evaluate an old overlay that stays; None where one may.

        Args:
            old: the overlay, which no host applies after the recipe's.
        """
        for change in changes_in(self.tree, self.recipe, old.file):
            if not old.has(change.file, span_of(change.call.node)):
                continue
            override = override_of(change, self.recipe)
            if override is not None and (self._extends or not self._is_overlays(change)):
                return override.refusal(self.tree, self.recipe)
        return None

    @cached_property
    def _extends(self) -> bool:
        """Whether overlays are applied anywhere to a package set that has those of the host already."""
        return bool(self.tree.mentioning(_EXTENDED, b"extend", b"appendOverlays"))

    def notes(self, migrated: Sequence[NixosSystem]) -> Iterator[str]:
        """What becomes of the changes that some hosts make to the package, where that is not plain."""
        for change in self._changes():
            readers = [host for host in migrated if self._reads(host, change)]
            comes_before = self._is_overlays(change) and all(map(can_be_last, readers))
            note = (
                change.note(comes_before=comes_before and bool(readers))
                if readers or self.everywhere
                else None
            )
            if note is not None:
                yield note

    def used(self, migrated: Sequence[NixosSystem]) -> Iterator[str]:
        """The packages of nixpkgs that some hosts use by names which the recipe's overlays give to others."""
        if any(map(self._is_ours, self.tree.containing(self.recipe.header))):
            return  # since a run before
        names = {parse(name)[-1] for name in self.recipe.variants.values()} - {self.recipe.package}
        names -= self.old.names
        places: dict[str, list[str]] = {}
        for file, snapshot, node, name in uses_of_names(
            self.tree, names, legacy_files(self.recipe, self.tree)
        ):
            named = (
                node.parent
                if node.parent is None or node.parent.kind_id != K.ATTRPATH
                else node.parent.parent
            )
            if named is not None and is_elsewhere(package_of(Scope.of(snapshot), named)):
                continue
            if any(self.reach.may_read(host, file, span_of(node)) for host in migrated):
                line = snapshot.source.position(node.start_byte)[0]
                places.setdefault(name, []).append(f"{file}:{line}")
        for used, found in places.items():
            yield f"`{used}` is upstream's now, not nixpkgs' own: {', '.join(found)}"

    def written(self, migrated: Sequence[NixosSystem]) -> Iterator[str]:
        """What is said of overlays without a file that make variants of the package in ways of their own."""
        known = {self.recipe.package, *self.recipe.variants.values()}
        changes = [change for change in self._changes() if self._is_overlays(change)]
        leaving = {overlay.key for overlay in self.old.written}
        for overlay in written_ways(self.recipe, self.tree):
            if overlay.key in leaving:
                continue
            within = [change for change in changes if overlay.has(change.file, span_of(change.call.node))]
            readers = [host for host in migrated if any(self._reads(host, change) for change in within)]
            comes_before = bool(readers) and all(map(can_be_last, readers))
            yield note_of(overlay, gives_way=comes_before and known.issuperset(overlay.names))

    def before(self, hosts: Sequence[NixosSystem]) -> dict[str, bool]:
        """The hosts, by their keys, with overlays that change the package: nixpkgs', before it is replaced.

        Returns:
            for each, whether it would not evaluate otherwise.
        """
        found: dict[str, bool] = {}
        for change in self._changes():
            if self._is_overlays(change):
                surely = override_of(change, self.recipe) is not None
                for host in hosts:
                    if self._reads(host, change):
                        found[host.key] = surely or found.get(host.key, False)
        for file in self.recipe.kept:
            old = OldOverlay(file, self.tree.snapshot(file))
            found.update(
                {host.key: False for host in hosts if host.key not in found and has_overlay(host, old)}
            )
        return found

    def _is_overlays(self, change: Change | Override) -> bool:
        """Whether it changes the package as an overlay gets it: under its usual name, or for a host."""
        function, head = change.call.package.changing, change.call.package.head
        if function is None or head is None:
            return False
        place = span_of(change.call.node)
        return head.name in _USUAL or any(overlays_at(host, change.file, place) for host in self.systems)

    def _reads(self, host: NixosSystem, change: Change) -> bool:
        return self.reach.may_read(host, change.file, span_of(change.call.node))

    def overrides(self, migrated: Collection[str]) -> Iterator[Override]:
        """The overrides in modules of some hosts whose arguments can be renamed."""
        for override in self._found():
            hosts = (host for host in self.systems if override.file in self.reach.modules(host).files)
            if override.plain and (self.everywhere or any(host.key in migrated for host in hosts)):
                yield override

    def _found(self) -> Iterator[Override]:
        for change in self._changes():
            override = override_of(change, self.recipe)
            if override is not None:
                yield override

    def _changes(self) -> Iterator[Change]:
        for change in self._every_change:
            node = change.call.node
            if not self.replaced.has(change.file, node) and not self.old.has(change.file, span_of(node)):
                yield change

    @cached_property
    def _every_change(self) -> list[Change]:
        return list(find_changes(self.tree, self.recipe))

    def is_for(self, override: Override, hosts: Collection[str]) -> bool:
        """Whether an override is in modules of no other hosts than some, by their keys."""
        place = span_of(override.call.node)
        return all(
            host.key in hosts for host in self.systems if self.reach.may_import(host, override.file, place)
        )
