"""The modules that a configuration is made of, as they are written in the flake, and whom each serves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

from attrs import evolve, frozen
from tree_sitter import Node

from nixedit.flake.systems import HOME, NixosSystem
from nixedit.grammar import SETS, F, K
from nixedit.resolve.environment import Environment
from nixedit.resolve.fleet import Fleet
from nixedit.resolve.module_tree import Module, modules_of, part_of
from nixedit.resolve.values import (
    Call,
    FunctionValue,
    Later,
    ListValue,
    Origin,
    PathValue,
    SetValue,
    Value,
)
from nixedit.syntax.layers import Layers, Undecided, core, entries, layers_of, lookup
from nixedit.syntax.nodes import elements, field, unwrapped
from nixedit.syntax.scope import Scope
from nixedit.text import decode

Place = tuple[str, int]
Path = tuple[str, ...]
# The users' homes of a host: each name's value is a module. Source: home-manager, nixos/common.nix.
USERS = ("home-manager", "users")
# What gives a definition a condition, an order, or a priority above that of others.
_WRAPPING = ("mkIf", "mkBefore", "mkAfter", "mkOrder", "mkMerge", "mkForce", "mkOverride")


@frozen(eq=False)
class WrittenModule:
    """A module that is written in the flake: a set, or a function that gives one.

    Attributes:
        origin: the function or set, with the arguments of the functions that it stands in.
        whole: whether it is all that its file is.
        spread: the written sets that it is, where it is spread over bindings of its origin.
        called: the functions that the module system calls for the configuration, by their places.
    """

    origin: Origin
    whole: bool
    spread: Layers = ()
    called: frozenset[Place] = frozenset()

    @property
    def file(self) -> str:
        """Its file, relative to the flake."""
        return self.origin.file

    @property
    def place(self) -> Place:
        """Its file and where it begins there, a 0-based byte."""
        start = self.origin.node.start_byte
        written = [place for layer in self.spread for place in layer.places]
        for first in written[:1]:
            found = [entry.binding.start_byte for entry in entries(self.origin.snapshot, first)]
            start = min(found, default=first.node.start_byte)
        return self.file, start

    @property
    def head(self) -> Node | None:
        """The function that NixOS calls; None for a plain set."""
        node = core(self.origin.node)
        return node if node.kind_id == K.FUNCTION and not self.spread else None

    def is_called(self, function: Node) -> bool:
        """Whether a function of its file is this module, or another one that the module system calls."""
        return function == self.head or (self.file, function.start_byte) in self.called

    @property
    def layers(self) -> Layers:
        """The written sets that it is; () if it is none."""
        return self.spread or layers_of(self.origin.node, functions=True)

    @property
    def root(self) -> Path:
        """Where its definitions stand: `("config",)` where it has such an attribute, or options; else ()."""
        try:
            structured = any(
                lookup(self.origin.snapshot, self.layers, (name,)) for name in ("config", "options")
            )
        except Undecided:
            structured = False
        return ("config",) if structured else ()

    @property
    def merged(self) -> list[WrittenModule]:
        """The sets that always count of `config = mkMerge [ … ]`, which take definitions as a module does."""
        snapshot = self.origin.snapshot
        try:
            found = lookup(snapshot, self.layers, ("config",))
        except Undecided:
            return []
        value = None if found is None or found.entry is None else found.entry.value
        call = None if value is None else core(value)
        if call is None or call.kind_id != K.APPLY:
            return []
        name = decode(snapshot.text(field(call, F.FUNCTION))).rpartition(".")[2]
        items = core(field(call, F.ARGUMENT))
        if name != "mkMerge" or items.kind_id != K.LIST:
            return []
        sets = [unwrapped(item) for item in elements(items) if unwrapped(item).kind_id in SETS]
        return [WrittenModule(self.origin.at(item), whole=False, called=self.called) for item in sets]

    def definition(self, path: Path) -> Node | None:
        """The expression that it sets an option to; None if it does not.

        Args:
            path: the names of the option.

        Raises:
            Undecided: it depends on a computed set, or is spread over several places.
        """
        for names in dict.fromkeys((path, ("config", *path))):
            found = lookup(self.origin.snapshot, self.layers, names)
            if found is None:
                continue
            if found.entry is None or found.entry.value is None:
                raise Undecided(self.origin.node if found.entry is None else found.entry.binding)
            return found.entry.value
        return None


@frozen(eq=False)
class ModuleList:
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
        found = [module_of(self.fleet, module.named) for module in self.read]
        modules = [module for module in found if module is not None]
        heads = ((module.file, module.head) for module in modules)
        called = {(file, head.start_byte) for file, head in heads if head is not None}
        if self.around is not None:
            called.update(*(module.called for module in self.around.modules))
        known = [evolve(module, called=frozenset(called)) for module in modules]
        return [each for module in known for each in (module, *module.merged)]

    @cached_property
    def direct(self) -> set[Place]:
        """Where the modules are written that it is given, as against those that others import."""
        found = (module_of(self.fleet, value) for value in self.first)
        return {module.place for module in found if module is not None}

    def values(self, path: Path) -> Iterator[Value]:
        """What its modules give an option, within `mkIf` and its kin too, as far as that is known."""
        for module in self.read:
            yield from _values(module.value, path, top=True)

    def homes(self) -> list[ModuleList]:
        """The users' homes that it has by home-manager's NixOS module, as `user@host`."""
        users: dict[str, list[Value]] = {}
        for value in self.values(USERS):
            if isinstance(value, SetValue):
                for name, user in value.attributes.items():
                    users.setdefault(name, []).append(user.get())
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


def module_of(fleet: Fleet, value: Value) -> WrittenModule | None:
    """Where a module is written; None for one that another flake brings, or that is computed.

    Args:
        fleet: the flake.
        value: the module as a list of modules has it: a path, a function, a set.
    """
    if isinstance(value, PathValue):
        name = None if value.path is None else fleet.evaluator.target(value.path)
        snapshot = None if name is None else fleet.evaluator.files.snapshot(name)
        if name is None or snapshot is None or snapshot.has_error:
            return None
        root = snapshot.root.child_by_field_id(F.EXPRESSION)
        return (
            None if root is None else WrittenModule(Origin(name, snapshot, root, Environment()), whole=True)
        )
    if not isinstance(value, SetValue | FunctionValue) or value.origin is None:
        return None
    origin = value.origin
    if isinstance(value, SetValue) and value.spread:
        return WrittenModule(origin, whole=False, spread=value.spread)
    root = origin.snapshot.root.child_by_field_id(F.EXPRESSION)
    whole = root is not None and core(root) == core(origin.node)
    return WrittenModule(origin, whole) if layers_of(origin.node, functions=True) else None


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
        """The keys of the configurations that use a module."""
        return self._of.get(module.place, set())


def _joined(module: WrittenModule) -> Iterator[Place]:
    """The places of the named sets that a module joins to its own with `//`."""
    scope = Scope.of(module.origin.snapshot)
    for layer in module.layers:
        for found in () if layer.unknown is None else scope.set_of(layer.unknown):
            yield from ((module.file, place.node.start_byte) for place in found.places)


def _values(value: Value, path: Path, *, top: bool = False) -> Iterator[Value]:
    """What a value has at a path, seen through `mkIf` and its kin, and through `config`."""
    if isinstance(value, Call) and value.arguments and value.function.names[-1] in _WRAPPING:
        inner = value.arguments[-1].get()
        for item in inner.elements() if isinstance(inner, ListValue) else (inner,):
            yield from _values(item, path, top=top)
        return
    if not path:
        yield value
        return
    if not isinstance(value, SetValue):
        return
    found = value.attributes.get(path[0])
    if found is not None:
        yield from _values(found.get(), path[1:])
    config = value.attributes.get("config") if top and path[0] != "config" else None
    if config is not None:
        yield from _values(config.get(), path)
