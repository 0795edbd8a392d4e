"""Whom a place in flake.nix serves: hosts that are known, something else of the flake, or both."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from msgspec import Struct
from msgspec import field as attribute
from tree_sitter import Node

from nixedit.flake.outputs import Outputs
from nixedit.flake.systems import NIXOS, NixosSystem
from nixedit.grammar import F, K
from nixedit.syntax.layers import Undecided, child
from nixedit.syntax.nodes import field, static_path
from nixedit.syntax.scope import Scope

# Outputs that are built from modules too, some of which may be the same files.
OTHER_HOSTS = (
    "darwinConfigurations",
    "homeConfigurations",
    "nixOnDroidConfigurations",
    "systemConfigs",
    "colmena",
)


class Owned(Struct):
    """Whom a place serves.

    Attributes:
        hosts: the keys of the hosts in whose calls it stands, or a use of the `let` that it stands in.
        other: something else of the flake that it serves, or None.
    """

    hosts: set[str] = attribute(default_factory=set)
    other: Node | None = None


class Owners:
    """Tells whom the places of flake.nix serve.

    Args:
        scope: the names of the file.
        outputs: the flake's outputs.
        systems: all its hosts that are known, of every kind.
        known: the outputs that have no other hosts than those.
        file: flake.nix.
    """

    def __init__(
        self,
        scope: Scope,
        outputs: Outputs,
        systems: Iterable[NixosSystem],
        known: Collection[str],
        file: str,
    ) -> None:
        self.scope, self.outputs, self.known, self.file = scope, outputs, known, file
        self.systems = list(systems)
        self._calls: dict[int, set[str]] = {}
        for system in self.systems:
            if system.file == file:
                self._calls.setdefault(system.origin.node.id, set()).add(system.key)

    def of(self, node: Node) -> Owned:
        """Whom a place serves, followed through the uses of every `let` that it stands in."""
        served = Owned()
        seen: set[int] = set()
        pending = [node]
        while pending:
            place = pending.pop()
            if place.id not in seen:
                seen.add(place.id)
                pending += self._climb(place, served)
        return served

    def _climb(self, place: Node, served: Owned) -> list[Node]:
        """Go up to what a place is a part of; the uses of the name that it is bound to, if it is."""
        node = place
        while node.parent is not None:
            if node.id in self._calls:
                served.hosts |= self._calls[node.id]
                return []
            parent = node.parent
            holder = parent.parent if parent.kind_id == K.BINDING_SET else None
            if node.kind_id == K.BINDING and holder is not None:
                name = static_path(field(node, F.ATTRPATH), self.scope.snapshot.source.data)[0]
                if holder.kind_id == K.LET and name is not None:
                    definition = self.scope.lookup(name, field(holder, F.BODY))
                    return [] if definition is None else self.scope.uses(definition)
                if holder.id in self._outermost:
                    if name in self.known:
                        served.hosts |= {host.key for host in self.systems if host.kind.output == name}
                    elif name != NIXOS.output:
                        served.other = served.other or node
                    return []
            node = parent
        return []

    @property
    def _outermost(self) -> set[int]:
        """The sets that the outputs are."""
        return {place.node.id for layer in self.outputs.layers for place in layer.places if not place.prefix}

    @property
    def other_hosts(self) -> list[str]:
        """The outputs with hosts of other kinds that are not all known."""
        found = []
        for name in (name for name in OTHER_HOSTS if name not in self.known):
            try:
                if child(self.scope.snapshot, self.outputs.layers, name) is not None:
                    found.append(name)
            except Undecided:
                continue
        return found
