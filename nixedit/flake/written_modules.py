"""Modules as they are written in the flake: their sets, and the expressions that options are set to."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from tree_sitter import Node

from nixedit.grammar import SETS, F, K
from nixedit.resolve.environment import Environment
from nixedit.resolve.fleet import Fleet
from nixedit.resolve.properties import CONDITIONAL, FORCING, KEEPING, MERGING
from nixedit.resolve.values import FunctionValue, Origin, PathValue, SetValue, Value
from nixedit.syntax.calls import called
from nixedit.syntax.layers import Layers, Undecided, core, entries, layers_of, lookup
from nixedit.syntax.nodes import elements, field
from nixedit.syntax.snapshot import Snapshot

Place = tuple[str, int]
Path = tuple[str, ...]


class WrittenModule(Struct, frozen=True, eq=False):
    """A module that is written in the flake: a set, or a function that gives one.

    Attributes:
        origin: the function or set, with the arguments of the functions that it stands in.
        whole: whether it is all that its file is.
        spread: the written sets that it is, where it is spread over bindings of its origin.
        called: the functions that the module system calls for the configuration, by their places.
        within: the names of the option that it is the value of, where it is a section of a module.
        conditional: whether it counts under a condition only.
        owner: the place of the module that it is a section of; None for a module.
    """

    origin: Origin
    whole: bool
    spread: Layers = ()
    called: frozenset[Place] = frozenset()
    within: Path = ()
    conditional: bool = False
    owner: Place | None = None

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
        if self.within:
            return ()
        try:
            structured = any(
                lookup(self.origin.snapshot, self.layers, (name,)) for name in ("config", "options")
            )
        except Undecided:
            structured = False
        return ("config",) if structured else ()

    def names(self, path: Path) -> Path:
        """The names that an option has within its sets."""
        return (*self.root, *path[len(self.within) :])

    def definition(self, path: Path) -> Node | None:
        """The expression that it sets an option to.

        Args:
            path: the names of the option.

        Returns:
            the expression; None where there is none, where it depends on a computed set or is inherited,
            and where the option is spread over several places.
        """
        names = path[len(self.within) :]
        for full in (names,) if self.within else (names, ("config", *names)):
            try:
                found = lookup(self.origin.snapshot, self.layers, full)
            except Undecided:
                return None
            if found is not None:
                return None if found.entry is None else found.entry.value
        return None

    def sections(self, path: Path) -> list[WrittenModule]:
        """The sets within `mkIf c { … }`, `mkMerge [ … ]` and their kin that options around one are set to.

        Args:
            path: the names of the option.
        """
        names = path[len(self.within) : -1]
        for full, head in ((names, 0),) if self.within else ((names, 0), (("config", *names), 1)):
            for length in range(1, len(full) + 1):
                try:
                    found = lookup(self.origin.snapshot, self.layers, full[:length])
                except Undecided:
                    break
                value = None if found is None or found.entry is None else found.entry.value
                if value is not None and core(value).kind_id == K.APPLY:
                    within = (*self.within, *full[head:length])
                    return [
                        each
                        for node, conditional in _inner_sets(self.origin.snapshot, value)
                        for section in (self._section(node, within, conditional),)
                        for each in (section, *section.sections(path))
                    ]
        return []

    def _section(self, node: Node, within: Path, conditional: bool) -> WrittenModule:
        return WrittenModule(
            self.origin.at(node),
            whole=False,
            called=self.called,
            within=within,
            conditional=self.conditional or conditional,
            owner=self.owner or self.place,
        )


def _inner_sets(snapshot: Snapshot, value: Node) -> Iterator[tuple[Node, bool]]:
    """The sets that calls of `mkIf`, `mkMerge` and their kin are given, and whether under a condition."""
    stack = [(value, False)]
    while stack:
        node, conditional = stack.pop()
        inner = core(node)
        if inner.kind_id in SETS:
            yield inner, conditional
        if inner.kind_id != K.APPLY:
            continue
        name, argument = called(snapshot, inner), field(inner, F.ARGUMENT)
        if name == MERGING and core(argument).kind_id == K.LIST:
            stack += [(item, conditional) for item in reversed(elements(core(argument)))]
        elif name in (*KEEPING, *FORCING):
            stack.append((argument, conditional or name == CONDITIONAL))


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
