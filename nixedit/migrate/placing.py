"""Where an option of a host is set: in a module that serves no other host, in the spelling that it has."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import PurePosixPath
from typing import Protocol

from msgspec import Struct
from msgspec import field as attribute
from tree_sitter import Node

from nixedit.attrpath import escape, join
from nixedit.errors import RefusedError
from nixedit.flake.generated import generated_header
from nixedit.flake.module_list import ModuleList, Users
from nixedit.flake.written_modules import Path, Place, WrittenModule
from nixedit.grammar import F, K
from nixedit.layout.code import Code, expr
from nixedit.migrate.appending import element_behind
from nixedit.migrate.package_argument import taker, with_pkgs
from nixedit.migrate.replaced import Replaced
from nixedit.migrate.report import Step
from nixedit.operations import ops
from nixedit.resolve.properties import FORCING, MERGING, ORDERED
from nixedit.syntax.calls import called
from nixedit.syntax.layers import Undecided, core, lookup
from nixedit.syntax.nodes import elements, field, unwrapped
from nixedit.syntax.snapshot import span_of

# What has every element of the list that it is given.
_WHOLE = ("flatten", "unique")


class Writer(Protocol):
    """Writes a value at any place."""

    @property
    def shown(self) -> str:
        """What it is, for the report."""

    @property
    def with_pkgs(self) -> Code | None:
        """Its code where the module gets `pkgs` as an argument for it; None where that is no help."""

    def at(self, module: WrittenModule, place: Node) -> Code | str | bool | None:
        """The value as it is written at a place; None where it cannot be.

        Args:
            module: the module.
            place: the list that it is to stand in; or the module's set.
        """


class Constant(Struct, frozen=True):
    """Writes the same code everywhere.

    Attributes:
        code: the code.
    """

    code: str
    with_pkgs: Code | None = None

    @property
    def shown(self) -> str:
        """The code."""
        return self.code

    def at(self, _module: WrittenModule, _place: Node) -> Code:
        """The code."""
        return expr(self.code)


class Placed(Struct):
    """What is done to set an option.

    Attributes:
        operations: the operations, with the file of each.
        steps: what they are, for people.
    """

    operations: list[tuple[str, ops.Operation]] = attribute(default_factory=list)
    steps: list[Step] = attribute(default_factory=list)

    def add(self, module: WrittenModule, operation: ops.Operation, node: Node, what: str) -> None:
        """One operation on a module, and what it is."""
        self.operations.append((module.file, operation))
        line = module.origin.snapshot.source.position(node.start_byte)[0]
        self.steps.append(Step(what, module.file, line, "chosen for it"))


class NoPlaceError(RefusedError):
    """A configuration has no module of its own that can take a definition."""


class Placer:
    """Finds the places.

    Args:
        configurations: all configurations of the flake: a module that others use too is not touched.
    """

    def __init__(self, configurations: Iterable[ModuleList]) -> None:
        self.users = Users(configurations)
        self.replaced = Replaced()
        self._with_pkgs: set[Place] = set()
        self._done: dict[tuple[Place, Path, str], Step] = {}
        self._new: dict[tuple[Place, Path], list[Code | str | bool]] = {}
        self._joined: set[tuple[Place, Path]] = set()

    def own(
        self, configuration: ModuleList, same: Collection[str], path: Path, *, begun: bool = False
    ) -> list[WrittenModule]:
        """The modules of a configuration that none but those of `same` uses, without generated ones.

        Args:
            configuration: the configuration.
            same: the keys of those that may use them too.
            path: the option that is to be set: sections of modules that hold it count as modules.
            begun: whether sections under a condition count too, where they set something beside the option.
        """
        wanted = {*same, configuration.key}
        return [
            part
            for module in configuration.modules
            if self.users.of(module) <= wanted and not _is_generated(module)
            for part in (module, *module.sections(path))
            if not part.conditional or (begun and _is_begun(part, path))
        ]

    def append(self, configuration: ModuleList, same: Collection[str], path: Path, writer: Writer) -> Placed:
        """Add an element to the list that an option is.

        Args:
            configuration: the configuration that gets it.
            same: the keys of those that get the same.
            path: the option.
            writer: writes the element.

        Raises:
            NoPlaceError: there is no place for it.
            RefusedError: it would be dropped.
        """
        modules = self.own(configuration, same, path)
        forced = next(_forced(configuration, path), None)
        if forced is not None:
            module, value = forced
            modules = [own for own in modules if own.place == module.place]
            if not modules:
                raise refusal(
                    configuration,
                    f"`{join(path)}` is forced here, which drops what other modules add",
                    module,
                    value,
                    "take the force away, or add it here by hand",
                )
        central = [module for module in modules if _is_central(module, configuration, path)]
        for group in (central, modules):
            for module in group:
                placed = self._into_list(module, path, writer)
                if placed is not None:
                    return placed
            if forced is not None:  # another definition would be dropped
                continue
            placed = self._defined(configuration, group, path, writer, is_list=True)
            if placed is not None:
                return placed
        raise self._no_place(configuration, path, writer, is_list=True)

    def define(self, configuration: ModuleList, same: Collection[str], path: Path, writer: Writer) -> Placed:
        """Set an option, or give it another value where a module of its own sets it.

        Raises:
            NoPlaceError: there is no place for it.
        """
        modules = self.own(configuration, same, path, begun=True)
        for module in modules:
            value = module.definition(path)
            if value is None:
                continue
            while called(module.origin.snapshot, value) in FORCING:  # the force stays
                value = field(core(value), F.ARGUMENT)
            written = self._written(module, value, writer)
            if written is not None:
                code, head = written
                if str(code).encode() == module.origin.snapshot.text(value):
                    return Placed()
                self.replaced.add(module.file, value)
                return self._carried(
                    module, [*head, ops.Replace(value, code)], value, f"`{join(path)}` set to {writer.shown}"
                )
        placed = self._defined(configuration, modules, path, writer, is_list=False)
        if placed is None:
            raise self._no_place(configuration, path, writer, is_list=False)
        return placed

    # -- what is there ------------------------------------------------------------------------

    def _into_list(self, module: WrittenModule, path: Path, writer: Writer) -> Placed | None:
        """The element in a list that a module has for the option; None if it has none that is fit."""
        value = module.definition(path)
        what = f"{writer.shown} added to `{join(path)}`"
        for node in () if value is None else _lists(module, value):
            written = self._written(module, node, writer)
            if written is not None:
                code, head = written
                insert = ops.InsertElement(node, len(elements(node)) - 1, code)
                return self._carried(module, [*head, insert], node, what)
        last = None if value is None else _last_computed(module, value)
        written = None if last is None else self._written(module, last, writer)
        if value is None or last is None or written is None or (module.place, path) in self._joined:
            return None
        self._joined.add((module.place, path))
        code, head = written
        text = f'"{escape(code)}"' if isinstance(code, str) else str(code)
        joined = element_behind(module.origin.snapshot, value, last, text)
        return self._carried(module, [*head, *joined], last, what)

    def _carried(
        self, module: WrittenModule, operations: Sequence[ops.Operation], node: Node, what: str
    ) -> Placed:
        """Operations and their step; what is done already for another host is not done again."""
        place = module.place if node == module.origin.node else (module.file, node.start_byte)
        key = (place, (), what)
        placed = Placed()
        if key in self._done:
            placed.steps.append(self._done[key])
            return placed
        for operation in operations[:-1]:
            placed.operations.append((module.file, operation))
        placed.add(module, operations[-1], node, what)
        self._done[key] = placed.steps[-1]
        return placed

    def _written(
        self, module: WrittenModule, place: Node, writer: Writer
    ) -> tuple[Code | str | bool, list[ops.Operation]] | None:
        """The code at a place, and what gives the module `pkgs` for it; None if it cannot stand there."""
        code = writer.at(module, place)
        if code is not None:
            return code, []
        node = None if writer.with_pkgs is None else taker(module, place)
        if node is None or writer.with_pkgs is None:
            return None
        if (module.file, node.start_byte) in self._with_pkgs:
            return writer.with_pkgs, []
        self._with_pkgs.add((module.file, node.start_byte))
        return writer.with_pkgs, [with_pkgs(module, node)]

    # -- what is new --------------------------------------------------------------------------

    def _defined(
        self,
        configuration: ModuleList,
        modules: Sequence[WrittenModule],
        path: Path,
        writer: Writer,
        *,
        is_list: bool,
    ) -> Placed | None:
        """The option set in the best of the modules that can take it; None if there is none."""
        what = f"`{join(path)}` with {writer.shown}" if is_list else f"`{join(path)}` set to {writer.shown}"
        for module in sorted(modules, key=lambda module: _rank(module, configuration, path)):
            names = module.names(path)
            if not _accepts(module, names):
                continue
            written = self._written(module, _inside(module, names), writer)
            if written is None:
                continue
            code, head = written
            values = self._new.setdefault((module.place, names), [])
            if code not in values:
                values.append(code)
            value = list(values) if is_list else code
            operation = ops.SetAttr(module.layers, names, value)
            return self._carried(module, [*head, operation], module.origin.node, what)
        return None

    def _no_place(
        self, configuration: ModuleList, path: Path, writer: Writer, *, is_list: bool
    ) -> NoPlaceError:
        shown = f"[ {writer.shown} ]" if is_list else writer.shown
        line = f"{join(path)} = {shown};"
        for module, value in configuration.definitions(path):
            if self.users.of(module) <= {configuration.key} and not _is_generated(module):
                function = called(module.origin.snapshot, value)
                how = (
                    "under a condition" if module.conditional else f"by `{function}`" if function else "here"
                )
                return NoPlaceError(
                    f"`{configuration.key}`: `{join(path)}` is set {how}, and nothing can be added to that",
                    path=configuration.fleet.shown(module.file),
                    source=module.origin.snapshot.source,
                    span=span_of(value),
                    hint=f"by hand, there or in another module that only it uses: {line}",
                )
        reason = f"`{configuration.key}` has no module of its own for `{join(path)}`"
        for module in configuration.modules:
            others = sorted(self.users.of(module) - {configuration.key})
            if others and not _is_generated(module):
                more = f" and {len(others) - 1} more" if len(others) > 1 else ""
                reason += f": {module.file} is also that of {others[0]}{more}"
                break
        return NoPlaceError(
            reason,
            path=configuration.fleet.shown(configuration.fleet.flake),
            hint=f"by hand, in a module that only it uses: {line}",
        )


def refusal(
    configuration: ModuleList, reason: str, module: WrittenModule, node: Node, hint: str
) -> RefusedError:
    """A refusal that points at a node of a module."""
    origin = module.origin
    return RefusedError(
        f"`{configuration.key}`: {reason}",
        path=configuration.fleet.shown(origin.file),
        source=origin.snapshot.source,
        span=span_of(node),
        hint=hint,
    )


def elements_of(module: WrittenModule, value: Node) -> list[Node]:
    """The elements of the written lists that a value of a module always has."""
    return [item for found in _lists(module, value) for item in elements(found)]


def _forced(configuration: ModuleList, path: Path) -> Iterator[tuple[WrittenModule, Node]]:
    """The definitions of an option that drop all others, with their modules."""
    for module, value in configuration.definitions(path):
        if called(module.origin.snapshot, value) in FORCING:
            yield module, value


def _is_begun(module: WrittenModule, path: Path) -> bool:
    """Whether a module has definitions of the options beside one: others of a service, say."""
    try:
        return (
            len(path) > 2
            and lookup(module.origin.snapshot, module.layers, module.names(path[:-1])) is not None
        )
    except Undecided:
        return False


def _lists(module: WrittenModule, value: Node) -> list[Node]:
    """The written lists that a value always has all elements of: operands of `++`, and of `mkMerge`."""
    found, stack = [], [value]
    while stack:
        node = core(stack.pop())
        if node.kind_id == K.LIST:
            found.append(node)
        elif node.kind_id == K.BINARY and field(node, F.OPERATOR).type == "++":
            stack += [field(node, F.RIGHT), field(node, F.LEFT)]
        elif node.kind_id == K.APPLY:
            function = called(module.origin.snapshot, node)
            inner = core(field(node, F.ARGUMENT))
            if function in (*FORCING, *ORDERED, *_WHOLE):
                stack.append(inner)
            elif function == MERGING and inner.kind_id == K.LIST:
                stack += reversed(elements(inner))
    return found


def _last_computed(module: WrittenModule, value: Node) -> Node | None:
    """The last operand of `++` that a value is, where that is computed: a list can be joined to it."""
    node = unwrapped(value)
    while node.kind_id == K.BINARY and field(node, F.OPERATOR).type == "++":
        node = unwrapped(field(node, F.RIGHT))
    inner = core(node)
    if inner.kind_id not in (K.APPLY, K.SELECT, K.VARIABLE, K.IF):
        return None
    function = called(module.origin.snapshot, inner)
    return None if function is not None and function.startswith("mk") else node


def _accepts(module: WrittenModule, names: Path) -> bool:
    """Whether a module's sets can get a definition of a path that they do not have."""
    for length in range(len(names) + 1):
        try:
            found = lookup(module.origin.snapshot, module.layers, names[:length])
        except Undecided:
            return False
        if found is None:
            return True
        if not found.layers or any(layer.unknown is not None for layer in found.layers):
            return False
    return False


def _inside(module: WrittenModule, names: Path) -> Node:
    """A place among the bindings of the innermost written set that a new definition goes into."""
    inner = core(module.origin.node, functions=True)
    for length in range(len(names)):
        found = lookup(module.origin.snapshot, module.layers, names[:length])
        if found is None or not found.layers or not found.layers[0].places:
            break
        inner = found.layers[0].places[-1].node
    return next((child for child in inner.named_children if child.kind_id == K.BINDING_SET), inner)


def _is_generated(module: WrittenModule) -> bool:
    if not module.whole:
        return False
    if PurePosixPath(module.file).name == "hardware-configuration.nix":
        return True
    return generated_header(module.origin.snapshot) is not None


def _is_central(module: WrittenModule, configuration: ModuleList, path: Path) -> bool:
    """Whether a person looks here for what a host has: the files that it is given, and lists of packages.

    Others are about one thing: a list there belongs to that.
    """
    if module.place in configuration.direct:
        return True
    stem = PurePosixPath(module.file).stem
    stem = PurePosixPath(module.file).parent.name if stem == "default" else stem
    subject = path[-1].lower().removeprefix("system")
    return stem in (configuration.name, "configuration", "home") or subject in stem.lower()


def _rank(module: WrittenModule, configuration: ModuleList, path: Path) -> tuple[bool, bool, bool]:
    """What sets something beside the option comes first, then files, of these those with the host's name."""
    return not _is_begun(module, path), not module.whole, configuration.name not in module.file
