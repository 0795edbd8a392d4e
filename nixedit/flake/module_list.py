"""What is evaluated from modules, with those that are written in the flake, and which of them share one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from msgspec import Struct
from msgspec.structs import replace
from tree_sitter import Node

from nixedit.flake.definitions import definitions
from nixedit.flake.systems import HOME, NixosSystem
from nixedit.flake.written_modules import Path, Place, WrittenModule, module_of
from nixedit.resolve.fleet import Fleet
from nixedit.resolve.module_tree import Module, modules_of, part_of
from nixedit.resolve.properties import MERGING
from nixedit.resolve.values import Call, Later, ListValue, SetValue, Value
from nixedit.syntax.scope import Scope

# The users' homes of a host: each name's value is a module. Source: home-manager, nixos/common.nix.
USERS = ("home-manager", "users")


class ModuleList(Struct, frozen=True, eq=False, dict=True):
    """What is evaluated from modules: a NixOS host, a user's home on a host, a configuration of its own.

    Attributes:
        key: what a person calls it: the host's key, or `user@host`.
        name: its own name: that of the host, or of the user.
        fleet: the flake that it is part of.
        first: the modules that it is given.
        read: its modules and all that they import.
        around: the host that a user's home is part of.
    """

    key: str
    name: str
    fleet: Fleet
    first: Sequence[Value]
    read: Sequence[Module]
    around: ModuleList | None = None

    @classmethod
    def of(cls, host: NixosSystem) -> ModuleList:
        """A host's configuration."""
        name = host.name.partition("@")[0] if host.kind == HOME else host.name
        return cls(host.key, name, host.fleet, host.module_values, host.configuration.modules)

    @cached_property
    def modules(self) -> Sequence[WrittenModule]:
        """Those of its modules that are written in the flake."""
        modules = [
            replace(found, conditional=not module.sure)
            for module in self.read
            if (found := module_of(self.fleet, module.named)) is not None
        ]
        heads = ((module.file, module.head) for module in modules)
        called = {(file, head.start_byte) for file, head in heads if head is not None}
        if self.around is not None:
            called.update(*(module.called for module in self.around.modules))
        return [replace(module, called=frozenset(called)) for module in modules]

    @cached_property
    def direct(self) -> set[Place]:
        """Where the modules are written that it is given, as against those that others import."""
        found = (module_of(self.fleet, value) for value in self.first)
        return {module.place for module in found if module is not None}

    def definitions(self, path: Path) -> Iterator[tuple[WrittenModule, Node]]:
        """The expressions that its written modules, and sections of them, set an option to."""
        for module in self.modules:
            for part in (module, *module.sections(path)):
                value = part.definition(path)
                if value is not None:
                    yield part, value

    def values(self, path: Path) -> Iterator[Value]:
        """What its modules give an option, within `mkIf` and its kin too, as far as that is known."""
        for module in self.read:
            yield from (found.value for found in definitions(module, path))

    def homes(self) -> list[ModuleList]:
        """The users' homes that it has by home-manager's NixOS module, as `user@host`."""
        users: dict[str, list[Value]] = {}
        for value in self.values(USERS):
            if isinstance(value, SetValue):
                for name, user in value.attributes.items():
                    users.setdefault(name, []).extend(_merged(user.get()))
        if not users:
            return []
        shared = [
            module
            for value in self.values(("home-manager", "sharedModules"))
            if isinstance(value, ListValue)
            for module in value.elements()
        ]
        given: dict[str, Later] = {}
        for value in self.values(("home-manager", "extraSpecialArgs")):
            if isinstance(value, SetValue):
                given.update(value.attributes)
        found = []
        for name, modules in users.items():
            first = [*modules, *shared]
            read = modules_of(self.fleet, [part_of(first)], given)
            found.append(ModuleList(f"{name}@{self.key}", name, self.fleet, first, read, self))
        return found


class Users:
    """Which configurations use each module.

    Args:
        configurations: all that the flake has.
    """

    def __init__(self, configurations: Iterable[ModuleList]) -> None:
        self._of: dict[Place, set[str]] = {}
        for configuration in configurations:
            for module in configuration.modules:
                for place in (module.place, *_joined(module)):
                    self._of.setdefault(place, set()).add(configuration.key)

    def of(self, module: WrittenModule) -> set[str]:
        """The keys of the configurations that use a module, or the one that a section is of."""
        return self._of.get(module.owner or module.place, set())


def _joined(module: WrittenModule) -> Iterator[Place]:
    """The places of the named sets that a module joins to its own with `//`."""
    scope = Scope.of(module.origin.snapshot)
    for layer in module.layers:
        for found in () if layer.unknown is None else scope.set_of(layer.unknown):
            yield from ((module.file, place.node.start_byte) for place in found.places)


def _merged(value: Value) -> Iterator[Value]:
    """The modules that `mkMerge` merges to one."""
    inner = value.arguments[-1].get() if isinstance(value, Call) and value.arguments else None
    if isinstance(value, Call) and value.function.names[-1] == MERGING and isinstance(inner, ListValue):
        for module in inner.elements():
            yield from _merged(module)
    else:
        yield value
