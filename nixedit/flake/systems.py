"""The NixOS systems of a flake: where each host's `nixosSystem` call stands and what it is given."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING

from msgspec import Struct
from tree_sitter import Node

from nixedit.containers import ListExpr
from nixedit.document import Document
from nixedit.errors import RefusedError
from nixedit.grammar import F, K
from nixedit.handles import Node as Handle
from nixedit.resolve.fleet import Fleet, Host
from nixedit.resolve.values import (
    Call,
    Extended,
    External,
    FunctionValue,
    Later,
    ListValue,
    Origin,
    Part,
    PathValue,
    SelfValue,
    SetValue,
    Unknown,
    Value,
    more_of,
    now,
)
from nixedit.syntax.entries import Entry
from nixedit.syntax.layers import Layers, Undecided, core, layers_of, lookup
from nixedit.syntax.nodes import field, static_path
from nixedit.syntax.scope import Scope
from nixedit.syntax.snapshot import span_of
from nixedit.workspaces import Workspace

if TYPE_CHECKING:
    from nixedit.flake.configuration import Configuration

_OVERLAYS = ("nixpkgs", "overlays")
# Where what an expression is made by stands within it; of two places the last is looked at first.
_PARTS = {
    K.APPLY: (F.FUNCTION,),
    K.SELECT: (F.EXPRESSION,),
    K.PARENTHESIZED: (F.EXPRESSION,),
    K.BINARY: (F.RIGHT, F.LEFT),
}


class Kind(Struct, frozen=True):
    """A kind of configurations that are made from modules.

    Attributes:
        output: the flake output that has them.
        function: the function that makes one.
        arguments: its argument with the arguments of modules.
        option: what a person calls the kind where it is not the usual one, or None.
    """

    output: str
    function: str
    arguments: str
    option: str | None


NIXOS = Kind("nixosConfigurations", "nixosSystem", "specialArgs", None)
DARWIN = Kind("darwinConfigurations", "darwinSystem", "specialArgs", "darwin")
HOME = Kind("homeConfigurations", "homeManagerConfiguration", "extraSpecialArgs", "home")
KINDS = (NIXOS, DARWIN, HOME)


class NixosSystem(Struct, frozen=True, eq=False, dict=True):
    """A host and the `nixosSystem` call that makes it, which other hosts may share.

    Attributes:
        kind: what it is: a NixOS system, unless others were asked for.
        name: its attribute in the kind's output.
        fleet: the evaluated flake.
        document: the file that the call stands in.
        origin: the call, and the arguments of the functions that it stands in for this host.
        argument: what the call is given.
        package_set: the input whose `nixosSystem` is called.
        named: whether its name is known; else it is the code that computes it.
    """

    kind: Kind
    name: str
    fleet: Fleet
    document: Document
    origin: Origin
    argument: Value
    package_set: str
    named: bool = True

    @property
    def key(self) -> str:
        """Its name, with the output in front where it is no NixOS system: `darwinConfigurations.mac`."""
        return self.name if self.kind == NIXOS else f"{self.kind.output}.{self.name}"

    @property
    def file(self) -> str:
        """The file of the call, relative to the flake."""
        return self.origin.file

    @property
    def call_place(self) -> tuple[str, int]:
        """The file of the call, and where it stands there (a 0-based byte): hosts may share it."""
        return self.file, self.origin.node.start_byte

    @property
    def call(self) -> Handle:
        """The call."""
        return Handle(self.document, self.origin.node)

    @property
    def special_args(self) -> Mapping[str, Later]:
        """The arguments that its modules get beside those of NixOS, as far as they are known."""
        found = self.argument.get(self.kind.arguments) if isinstance(self.argument, SetValue) else None
        return found.attributes if isinstance(found, SetValue) else {}

    @cached_property
    def configuration(self) -> Configuration:
        """What its modules say of it, read when it is asked for."""
        from nixedit.flake.configuration import Configuration

        return Configuration(self)

    @property
    def module_parts(self) -> Sequence[Part]:
        """Its modules in the pieces that `++` joins; a piece that is not known has no elements."""
        found = self.argument.get("modules") if isinstance(self.argument, SetValue) else None
        if isinstance(found, ListValue):
            return found.parts
        return () if found is None else (more_of(found),)

    @property
    def module_values(self) -> list[Value]:
        """Its modules, as far as they are known."""
        return [element.get() for part in self.module_parts for element in part.elements]

    def module_origin(self, module: Origin) -> Origin:
        """A written module with what is known of the arguments that NixOS gives it."""
        node = core(module.node)
        if node.kind_id != K.FUNCTION:
            return module
        given = SetValue(None, self.configuration.arguments, Unknown(None, "it is an argument of the module"))
        arguments = module.arguments.inside(node, now(given))
        return Origin(module.file, module.snapshot, module.node, arguments)

    # -- the call as it is written ------------------------------------------------------------

    @property
    def written_argument(self) -> Layers:
        """The written set that the call is given, in the file of the call; () if it is none."""
        node = field(self.origin.node, F.ARGUMENT)
        return layers_of(Scope.of(self.origin.snapshot).value_of(node))

    @property
    def modules_value(self) -> Node:
        """The expression of `modules` in the call.

        Raises:
            RefusedError: the call gives none that is visible.
        """
        try:
            found = lookup(self.origin.snapshot, self.written_argument, ("modules",))
        except Undecided as undecided:
            raise self.refusal("its `modules` may come from here", undecided.node) from None
        if found is None or found.entry is None or found.entry.value is None:
            node = found.entry.attr if found is not None and found.entry is not None else None
            raise self.refusal("its `modules` are not written in the call", node)
        return found.entry.value

    @property
    def module_lists(self) -> list[Node]:
        """The written lists among the operands of `++` that `modules` is, from the left."""
        return [operand for operand in operands(self.modules_value) if operand.kind_id == K.LIST]

    @property
    def modules(self) -> ListExpr:
        """The written list of its modules (of several, the first).

        Raises:
            RefusedError: there is none.
        """
        lists = self.module_lists
        if not lists:
            raise self.refusal("its `modules` are no written list", self.modules_value)
        return ListExpr(self.document, lists[0])

    @property
    def overlays(self) -> ListExpr | None:
        """The written list of overlays of the first module in the call that has one, or None."""
        for value in self.module_values:
            if isinstance(value, SetValue | FunctionValue) and value.origin is not None:
                setting = self.setting(value.origin, _OVERLAYS)
                if setting is not None and value.origin.file == self.file and core(setting).kind_id == K.LIST:
                    return ListExpr(self.document, core(setting))
        return None

    def setting(self, module: Origin, path: tuple[str, ...]) -> Node | None:
        """The expression that a written module sets an option to, also under `config`.

        Returns:
            the expression; None if it does not set the option, and if it inherits the value.

        Raises:
            RefusedError: it depends on a computed set, or is spread over several places.
        """
        found = self.bound(module, path)
        return None if found is None else found.value

    def bound(self, module: Origin, path: tuple[str, ...]) -> Entry | None:
        """What a written module binds an option by, also under `config`; None if it does not set it.

        Raises:
            RefusedError: it depends on a computed set, or is spread over several places.
        """
        layers = layers_of(module.node, functions=True)
        for names in (path, ("config", *path)):
            try:
                found = lookup(module.snapshot, layers, names)
            except Undecided as undecided:
                raise self.refusal(f"`{'.'.join(path)}` may be set here", undecided.node, module) from None
            if found is not None:
                if found.entry is None:
                    raise self.refusal(f"`{'.'.join(path)}` is set in several pieces", module.node, module)
                return found.entry
        return None

    def refusal(
        self, reason: str, node: Node | None, at: Origin | None = None, hint: str | None = None
    ) -> RefusedError:
        """Why nothing can be done to this host, with the place.

        Args:
            reason: why.
            node: what to point at; None for the call.
            at: the file that the node stands in; None for that of the call.
            hint: what to do by hand.
        """
        origin = at or self.origin
        return RefusedError(
            f"host `{self.name}`: {reason}",
            path=self.fleet.shown(origin.file),
            source=origin.snapshot.source,
            span=span_of(node if node is not None else origin.node),
            hint=hint,
        )


class Unsupported(Struct, frozen=True, eq=False):
    """A host whose system cannot be edited.

    Attributes:
        name: its attribute in `nixosConfigurations`; None where the names are computed too.
        error: why, and where.
        maker: the input that makes it, as far as that is known; `self.x` where an output makes it.
        origin: the expression that should be its system; None where none is written.
        kind: what it is.
    """

    name: str | None
    error: RefusedError
    maker: str | None = None
    origin: Origin | None = None
    kind: Kind = NIXOS


def operands(node: Node) -> Iterator[Node]:
    """The operands of a chain of `++`, from the left, seen through parentheses, let and with."""
    stack = [node]
    while stack:
        inner = core(stack.pop())
        if inner.kind_id == K.BINARY and field(inner, F.OPERATOR).type == "++":
            stack += [field(inner, F.RIGHT), field(inner, F.LEFT)]
        else:
            yield inner


def find_systems(fleet: Fleet, workspace: Workspace, kind: Kind = NIXOS) -> list[NixosSystem | Unsupported]:
    """All hosts of one kind, in the order they are written."""
    hosts, rest = fleet.hosts(kind.output)
    found = [_system(fleet, workspace, kind, host) for host in hosts]
    if rest is not None:
        found.append(
            Unsupported(
                None,
                _refused(fleet, workspace, rest, f"the hosts are not known: {_why(rest)}"),
                _maker(fleet, rest),
                rest.origin,
                kind,
            )
        )
    return found


def _system(fleet: Fleet, workspace: Workspace, kind: Kind, host: Host) -> NixosSystem | Unsupported:
    name, value = host.name, host.value
    if not isinstance(value, Call) or value.function.names[-1] != kind.function or value.origin is None:
        error = _refused(fleet, workspace, value, f"host `{name}`: {_why(value)}")
        return Unsupported(name, error, _maker(fleet, value), value.origin, kind)
    argument = _as_set(value.arguments[0].get())
    document = workspace[value.origin.file]
    system = NixosSystem(
        kind, name, fleet, document, value.origin, argument, value.function.names[0], host.named
    )
    if isinstance(argument, Unknown):
        reason = f"host `{name}`: what `nixosSystem` is given is not known: {argument.reason}"
        return Unsupported(name, _refused(fleet, workspace, argument, reason), origin=value.origin, kind=kind)
    return system


def _as_set(argument: Value) -> Value:
    """What a call is given, as a set: of another flake's one with attributes more, these are known."""
    if not isinstance(argument, Extended):
        return argument
    return SetValue(argument.origin, argument.attributes, Unknown(argument.origin))


def _maker(fleet: Fleet, value: Value) -> str | None:
    """The input whose function a value comes from, sought where the value is written."""
    if isinstance(value, Call):
        return value.function.names[0]
    pending = [] if value.origin is None else [value.origin.node]
    while pending and value.origin is not None:
        node = pending.pop()
        found = fleet.evaluator.evaluate(value.origin.at(node))
        if isinstance(found, SelfValue) and node.parent is not None and node.parent.kind_id == K.SELECT:
            path = static_path(field(node.parent, F.ATTRPATH), value.origin.snapshot.source.data)
            return f"self.{path[0]}"
        if isinstance(found, External | Call):
            return (found if isinstance(found, External) else found.function).names[0]
        pending += [inner for part in _PARTS.get(node.kind_id, ()) if (inner := field(node, part))]
    return None


def _why(value: Value) -> str:
    """Why a value is no `nixosSystem { … }`."""
    if isinstance(value, Unknown):
        return value.reason
    if isinstance(value, Call):
        return f"it is made by `{'.'.join(value.function.names)}`"
    if isinstance(value, PathValue | External):
        return "it is no system"
    return "it is no `nixosSystem` call"


def _refused(fleet: Fleet, workspace: Workspace, value: Value, reason: str) -> RefusedError:
    origin = value.origin
    if origin is None:
        document = workspace[fleet.flake]
        return RefusedError(reason, path=fleet.shown(fleet.flake), source=document.source)
    return RefusedError(
        reason, path=fleet.shown(origin.file), source=origin.snapshot.source, span=span_of(origin.node)
    )
