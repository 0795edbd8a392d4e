"""The overlays in a module of their own, the first of a host: NixOS applies its overlays after all others."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from tree_sitter import Node

from nixedit.errors import RefusedError
from nixedit.flake.systems import NixosSystem
from nixedit.grammar import F, K
from nixedit.layout.style import Style, style_of
from nixedit.migrate.by_hand import MODULES
from nixedit.migrate.module_lists import first_module, front, inherited, prefixed, wrapped_argument
from nixedit.migrate.recipe import Overlay
from nixedit.migrate.report import OWN_MODULE, Done
from nixedit.operations import ops
from nixedit.resolve.values import Origin, SetValue
from nixedit.syntax.entries import Entry
from nixedit.syntax.layers import Layer, Layers, Undecided, layers_of, lookup
from nixedit.syntax.nodes import field
from nixedit.syntax.scope import Scope
from nixedit.text import decode

if TYPE_CHECKING:
    from nixedit.migrate.splice import ModuleCode, Spliced, Splicer

_MODULES = ("modules",)
_IN_GIVEN_LIST = Done("a module with the overlays added", "a list of modules that the call is given")
_NOT_WRITTEN = "its `modules` are not written in the call"


class OwnModule:
    """Plans a new first module for hosts of one call.

    Args:
        splicer: knows the overlays, and how they are written.
        hosts: the hosts.
        missing: the overlays that they do not have.
        chosen: the hosts that are migrated, by their keys.
        result: gets what is done.
    """

    def __init__(
        self,
        splicer: Splicer,
        hosts: Sequence[NixosSystem],
        missing: Sequence[Overlay],
        chosen: set[str],
        result: Spliced,
    ) -> None:
        self.splicer, self.hosts, self.missing = splicer, hosts, missing
        self.chosen, self.result = chosen, result
        self.first = hosts[0]
        self.snapshot = self.first.origin.snapshot
        self.style = style_of(self.snapshot)
        self.layers = self.first.written_argument

    def plan(self) -> None:
        """The module where the modules of all hosts of the call are written.

        Raises:
            RefusedError: they are written nowhere that serves these hosts alone.
        """
        if not self._is_shared() and not self._in_written_argument():
            self._outside()

    def _in_written_argument(self) -> bool:
        """In the written set that the call is given; False where that has no modules."""
        for index, layer in enumerate(self.layers):
            if layer.unknown is not None:
                has = self._have_modules(layer.unknown)
                if has is None:
                    raise self.first.refusal("its `modules` may come from here", layer.unknown)
                if has:
                    self._beside_operand(layer.unknown, self.layers[:index])
                    return True
            elif (found := lookup(self.snapshot, (layer,), _MODULES)) is not None:
                if found.entry is None:
                    raise self.first.refusal(_NOT_WRITTEN, None)
                self._in_call(found.entry, layer)
                return True
        return False

    def _outside(self) -> None:
        """Where the modules are written, or around what the call is given."""
        if self._in_given_set():
            return
        if self.layers:
            self.in_lists(self.first.refusal(_NOT_WRITTEN, None, hint=self._binding_by_hand))
            return
        argument = field(self.first.origin.node, F.ARGUMENT)
        if argument.kind_id in (K.VARIABLE, K.SELECT):
            self._wrap(argument)
        else:
            self.in_lists(self.first.refusal("what the call is given is no written set", argument))

    def _is_shared(self) -> bool:
        """Whether what the call names as its argument got the module for another call that names it."""
        place = _named_at(self.first)
        if place is None or not self.layers:
            return False
        if place in self.splicer.done:
            return True
        self.hosts = [host for host in self.splicer.systems if _named_at(host) == place]
        left_out = {host.key for host in self.hosts} - self.chosen
        self.splicer.refuse_others(
            self.first, left_out, "this set", self.first.origin.at(_argument(self.first))
        )
        self.result.modules.add(place)
        return False

    @property
    def _binding_by_hand(self) -> str:
        return self.splicer.by_hand.at([self.first.origin]).hint("by hand, in what it is given", MODULES)

    # -- in the call --------------------------------------------------------------------------

    def _in_call(self, entry: Entry, layer: Layer) -> None:
        """In front of the `modules` that the call's own argument has."""
        if entry.value is not None:
            spot = front(entry.value)
            try:
                module = self._module(spot, entry.value)
            except RefusedError as otherwise:  # the inputs have no name there
                self._in_given_lists(otherwise)
                return
            operations = first_module(self.snapshot, spot, module.code)
            self._record(self.first.origin.at(entry.value), operations, module)
            return
        recursive = any(place.node.kind_id == K.REC_ATTRSET for place in layer.places)
        if recursive and entry.binding.kind_id == K.INHERIT:
            reason = "within `rec`, its inherited `modules` have no other name"
            self.in_lists(self.first.refusal(reason, entry.attr))
            return
        place = entry.attr or entry.binding
        module = self._module(place)
        rest = inherited(self.snapshot, entry.binding)
        value = prefixed(module.code, rest, self.style)
        self._record(self.first.origin.at(place), [ops.SetAttr(self.layers, _MODULES, value)], module)

    def _have_modules(self, operand: Node) -> bool | None:
        """Whether an operand of `//` gives the modules of these hosts; None where that is not known."""
        values = [host.fleet.evaluator.evaluate(host.origin.at(operand)) for host in self.hosts]
        has = {value.has("modules") if isinstance(value, SetValue) else None for value in values}
        return has.pop() if len(has) == 1 else None

    def _beside_operand(self, operand: Node, later: Layers) -> None:
        """In front of the modules of an operand of `//`: in a written one that wins over it, or around it."""
        if operand.kind_id not in (K.VARIABLE, K.SELECT):
            self.in_lists(self.first.refusal("its `modules` come from here", operand))
            return
        for layer in later:
            node = layer.places[0].node if layer.places else None
            if node is not None and node.kind_id == K.ATTRSET and _chain_of(node) == _chain_of(operand):
                module = self._module(operand)
                rest = f"{decode(self.snapshot.text(operand))}.modules"
                value = prefixed(module.code, rest, self.style)
                self._record(self.first.origin.at(operand), [ops.SetAttr((layer,), _MODULES, value)], module)
                return
        self._wrap(operand)

    def _wrap(self, argument: Node) -> None:
        module = self._module(argument)
        operation = wrapped_argument(self.first, argument, module.code, self.style)
        self._record(self.first.origin.at(argument), [operation], module)

    # -- elsewhere ----------------------------------------------------------------------------

    def _in_given_set(self) -> bool:
        """In a set that is written elsewhere, which the call is given; False where there is none."""
        first, given = self.first, self.first.argument.origin
        layers = () if given is None or not isinstance(first.argument, SetValue) else layers_of(given.node)
        try:
            found = lookup(given.snapshot, layers, _MODULES) if given is not None and layers else None
        except Undecided:
            return False
        if given is None or found is None or found.entry is None or found.entry.value is None:
            return False
        place = (given.file, given.node.start_byte)
        if place in self.splicer.done:
            return True
        sharing = [host for host in self.splicer.systems if _given_at(host) == place]
        self.splicer.refuse_others(first, {host.key for host in sharing} - self.chosen, "this set", given)
        spot = front(found.entry.value)
        places = [host.argument.origin.at(spot) for host in sharing if host.argument.origin]
        self._put_first(spot, places, sharing)
        self.splicer.served.update(host.key for host in sharing)
        self.result.modules.add(place)
        return True

    def in_lists(self, otherwise: RefusedError) -> None:
        """In the written lists that their modules begin with, if those serve no other hosts.

        Raises:
            RefusedError: `otherwise`: some have none.
        """
        lists: dict[tuple[str, int], dict[NixosSystem, Origin]] = {}
        for host in self.hosts:
            part = next(iter(host.module_parts), None)
            if part is None or part.origin is None or part.origin.node.kind_id != K.LIST:
                self._in_given_lists(otherwise)
                return
            lists.setdefault((part.origin.file, part.origin.node.start_byte), {})[host] = part.origin
        if any(
            self.splicer.lists.users[place] != {host.key for host in found} for place, found in lists.items()
        ):
            self._in_given_lists(otherwise)
            return
        for found in lists.values():
            places = list(found.values())
            self._put_first(places[0].node, places, list(found))

    def _in_given_lists(self, otherwise: RefusedError) -> None:
        """In lists further behind that the call is given for these hosts, if no order is wanted.

        Raises:
            RefusedError: `otherwise`: some of the hosts have none.
        """
        from nixedit.migrate.given_lists import GivenLists

        if any(host.key in self.splicer.last for host in self.hosts):
            raise otherwise
        chosen = GivenLists(self.hosts, self.splicer.lists.users, self.splicer.inputs).covering()
        if chosen is None:
            raise otherwise
        for found in chosen:
            places = list(found.values())
            self._put_first(places[0].node, places, list(found), _IN_GIVEN_LIST)

    def _put_first(
        self,
        spot: Node,
        places: Sequence[Origin],
        hosts: Sequence[NixosSystem],
        done: Done = OWN_MODULE,
    ) -> None:
        origin = places[0]
        module = self._module_at(places, hosts, style_of(origin.snapshot), spot)
        self._record(origin.at(spot), first_module(origin.snapshot, spot, module.code), module, done)

    # -- what is written ----------------------------------------------------------------------

    def _module(self, spot: Node, shown: Node | None = None) -> ModuleCode:
        """The module as it is written at a place of the call."""
        places = [host.origin.at(spot) for host in self.hosts]
        return self._module_at(places, self.hosts, self.style, shown or spot)

    def _module_at(
        self, places: Sequence[Origin], hosts: Sequence[NixosSystem], style: Style, shown: Node
    ) -> ModuleCode:
        found = self.splicer.module_at(places, hosts, self.missing, style)
        if found is None:
            raise self.splicer.no_inputs(self.first, shown, places[0])
        return found

    def _record(
        self, place: Origin, operations: Sequence[ops.Operation], module: ModuleCode, done: Done = OWN_MODULE
    ) -> None:
        self.splicer.record(self.result, place, operations, done, module.name)
        self.splicer.served.update(host.key for host in self.hosts)


def _argument(host: NixosSystem) -> Node:
    """What the call is given, which a name in its file may stand for."""
    return Scope.of(host.origin.snapshot).value_of(field(host.origin.node, F.ARGUMENT))


def _named_at(host: NixosSystem) -> tuple[str, int] | None:
    """Where the expression stands that a call names as its argument; None where the call has it itself."""
    argument, call = _argument(host), host.origin.node
    if call.start_byte <= argument.start_byte < call.end_byte:
        return None
    return host.file, argument.start_byte


def _given_at(host: NixosSystem) -> tuple[str, int] | None:
    """Where the set is written that a call is given."""
    origin = host.argument.origin
    return None if origin is None else (origin.file, origin.node.start_byte)


def _chain_of(node: Node) -> Node:
    """The outermost expression that operators and parentheses make of an operand: all in one scope."""
    while node.parent is not None and node.parent.kind_id in (K.PARENTHESIZED, K.BINARY):
        node = node.parent
    return node
