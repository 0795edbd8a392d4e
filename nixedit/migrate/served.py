"""Which hosts the places of an old overlay serve: those that are migrated, and those that are left out."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from tree_sitter import Node

from nixedit.flake.systems import NixosSystem
from nixedit.grammar import K
from nixedit.migrate.applied import applies, can_be_last, has_overlay, may_apply, settings, settings_of
from nixedit.migrate.homes import Homes, has_place
from nixedit.migrate.legacy import Reference, Removal
from nixedit.migrate.listed_modules import list_users
from nixedit.migrate.old_overlay import OldOverlay
from nixedit.migrate.owners import Owners
from nixedit.migrate.reach import Reach
from nixedit.operations import ops
from nixedit.syntax.snapshot import span_of
from nixedit.text import Span


class Served:
    """Tells which hosts a place serves.

    Args:
        systems: all hosts that are known, of every kind.
        chosen: the keys of those that are migrated.
        reach: tells which files they read.
        owners: tells whom the places of flake.nix serve.
        include: what a person says to have hosts of a kind that is left out, by the kind's output.
    """

    def __init__(
        self,
        systems: Sequence[NixosSystem],
        chosen: Collection[str],
        reach: Reach,
        owners: Owners,
        include: Mapping[str, str],
    ) -> None:
        self.systems, self.reach, self.owners, self.include = systems, reach, owners, include
        self.chosen, self.homes = set(chosen), Homes(systems)
        self._users = list_users(systems)
        self._reached: dict[str, set[str]] = {}

    @property
    def migrated(self) -> list[NixosSystem]:
        """The hosts that are migrated."""
        return [host for host in self.systems if host.key in self.chosen]

    def by(self, reference: Reference) -> set[str]:
        """The keys of the hosts that a reference serves: those whose call, list or module it stands in."""
        found = {
            host.key
            for host in self.systems
            if host.file == reference.file
            and host.origin.node.start_byte <= reference.node.start_byte
            and reference.node.end_byte <= host.origin.node.end_byte
        }
        node = reference.node.parent
        while node is not None and not found:
            if node.kind_id == K.LIST:
                found |= self._users.get((reference.file, node.start_byte), set())
            node = node.parent
        if not found and reference.file == self.owners.file:
            found = self.owners.of(reference.node).hosts
        elif not found:
            found = {host.key for host in self.systems if self._has(host, reference)}
        return found or {host.key for host in self.systems}

    def _has(self, host: NixosSystem, reference: Reference) -> bool:
        """Whether a host or its homes have a module there; one that is left out may if not all are known."""
        if reference.file in self._files_of(host):
            return True
        if any(has_place(home, reference.file, span_of(reference.node)) for home in self.homes.of(host)):
            return True
        unknown = host.kind.output in self.include and self.reach.modules(host).unknown is not None
        return unknown and self.reach.may_import(host, reference.file, span_of(reference.node))

    def others(self, keys: Collection[str]) -> list[str]:
        """The hosts among some, by their keys, that are not migrated."""
        return [host.key for host in self.systems if host.key in keys and host.key not in self.chosen]

    def to_include(self, keys: Collection[str]) -> str | None:
        """What a person says to have hosts of other kinds taken in; None where there are none among some."""
        kinds = {host.kind.output for host in self.systems if host.key in keys}
        words = [word for output, word in self.include.items() if output in kinds]
        return " ".join(words) or None

    def home_at(self, reference: Reference) -> str | None:
        """The home with packages of its own that a place serves, and no host that is migrated; or None."""
        place = span_of(reference.node)
        for home in self.homes.with_own_packages():
            whole = [module for module in home.modules if module.whole and module.file == reference.file]
            shared = whole and any(
                host.key in self.chosen and reference.file in self._files_of(host) for host in self.systems
            )
            if has_place(home, reference.file, place) and not shared:
                return home.key
        return None

    def losing(self, removal: Removal) -> list[str]:
        """The hosts that are left out and apply an old overlay by no place that stays."""
        stays = _staying(removal)
        return [
            host.key
            for host in self.systems
            if host.key not in self.chosen and applies(settings(host), removal.old, stays)
        ]

    def losing_homes(self, removal: Removal) -> list[str]:
        """The homes with packages of their own that apply an old overlay by no place that stays."""
        stays = _staying(removal)
        return [
            home.key
            for home in self.homes.with_own_packages()
            if applies(settings_of(home.read), removal.old, stays)
        ]

    def applying(self, old: OldOverlay) -> set[str]:
        """The hosts that are migrated and surely apply an old overlay."""
        return {host.key for host in self.systems if host.key in self.chosen and has_overlay(host, old)}

    def can_come_after(self, old: OldOverlay) -> bool:
        """Whether the recipe's overlays can come after an old one in the hosts that are migrated."""
        hosts = (host for host in self.systems if host.key in self.chosen and has_overlay(host, old))
        return all(map(can_be_last, hosts))

    def may_apply(self, removal: Removal, place: Reference) -> set[str]:
        """The hosts that are migrated and may have an old overlay by a place that stays."""
        span = span_of(place.node)
        gone = {
            (file, operation.item.start_byte)
            for file, operation in removal.all_operations
            if isinstance(operation, ops.RemoveItem)
        }
        return {
            host.key
            for host in self.systems
            if host.key in self.chosen
            and self.reach.may_read(host, place.file, span)
            and (
                self.reach.modules(host).unknown is not None
                or may_apply(host, removal.old, place.file, span, gone)
            )
        }

    def may_read(self, file: str, node: Node) -> set[str]:
        """The hosts that are migrated and may evaluate a place."""
        return {
            host.key
            for host in self.systems
            if host.key in self.chosen and self.reach.may_read(host, file, span_of(node))
        }

    def _files_of(self, host: NixosSystem) -> set[str]:
        if host.key not in self._reached:
            self._reached[host.key] = set(self.reach.modules(host).files) - {host.file}
        return self._reached[host.key]


def _staying(removal: Removal) -> list[tuple[str, Span]]:
    """The places that stay, each with its file."""
    places = [*(place for place, _ in removal.kept), *(place for place, _ in removal.undecided)]
    return [(place.file, span_of(place.node)) for place in places]
