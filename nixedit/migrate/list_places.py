"""Where the overlays of modules are written, in the module or in a list that it names, and whose they are."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

from msgspec import Struct
from tree_sitter import Node

from nixedit.errors import RefusedError
from nixedit.flake.systems import NixosSystem, operands
from nixedit.grammar import F, K
from nixedit.migrate.applied import OVERLAYS
from nixedit.migrate.listed_modules import list_users, written_modules
from nixedit.migrate.module_lists import last_operand
from nixedit.resolve.flow import Flow, whole
from nixedit.resolve.values import ListValue, Origin
from nixedit.syntax.entries import Entry
from nixedit.syntax.nodes import field
from nixedit.syntax.scope import Scope

Key = tuple[str, int]


class Setting(Struct, frozen=True, eq=False):
    """What a module of a host sets `nixpkgs.overlays` to, where that is written.

    Attributes:
        host: the host.
        module: the module, in a list of its modules.
        listed: that list, by its file and where it begins.
        value: the expression, or the inherited name, under what its module is given.
    """

    host: NixosSystem
    module: Origin
    listed: Key
    value: Origin


class ListPlace(Struct, frozen=True, eq=False):
    """An expression that overlays can be added to the end of.

    Attributes:
        values: the expression, under the arguments that it has for each of the settings.
        settings: what modules set to that, or to what ends with it.
        is_named: whether it stands elsewhere, under a name.
    """

    values: Sequence[Origin]
    settings: Sequence[Setting]
    is_named: bool


class ListPlaces:
    """Finds them.

    Args:
        systems: the hosts of the whole flake.

    Attributes:
        users: which hosts, by their keys, evaluate each written list of modules.
    """

    def __init__(self, systems: Sequence[NixosSystem]) -> None:
        self.systems = systems
        self.users = list_users(systems)

    def of(self, host: NixosSystem, module: Origin, entry: Entry) -> Iterator[ListPlace]:
        """Where overlays can be added to what a module sets, the place nearest to its elements first.

        A list that the module names is one, if all that ever becomes of it are such settings of hosts.

        Args:
            host: the host.
            module: a module of it.
            entry: what that sets.
        """
        same = self._settings[_place(module.at(_node(entry)))]
        setting = next(one for one in same if one.host is host)
        for target in reversed(_named_by(setting)):
            if any(operand.kind_id == K.LIST for operand in operands(target.node)):
                place = self._named(target)
                if place is not None:
                    yield place
        if entry.value is not None:
            yield ListPlace([one.value for one in same], same, is_named=False)

    def _named(self, target: Origin) -> ListPlace | None:
        """A list under a name; None where it is used for anything else."""
        settings: list[Setting] = []
        for end in _ends(Flow(self.systems[0].fleet.evaluator), target):
            if _place(end) not in self._settings:
                return None
            settings += self._settings[_place(end)]
        values = []
        for setting in settings:
            same = [one for one in _named_by(setting) if _place(one) == _place(target)]
            if not same:  # for this host the name is another list's
                return None
            values.append(same[0].at(whole(same[0].node)))
        return ListPlace(values, settings, is_named=True)

    @cached_property
    def _settings(self) -> dict[tuple[str, int, int], list[Setting]]:
        """All that modules in lists set, by the file and place of the value."""
        found: dict[tuple[str, int, int], list[Setting]] = {}
        for host in self.systems:
            for listed, module in written_modules(host):
                try:
                    entry = host.bound(module, OVERLAYS)
                except RefusedError:
                    continue
                if entry is not None:
                    value = host.module_origin(module).at(_node(entry))
                    setting = Setting(host, module, listed, value)
                    found.setdefault(_place(value), []).append(setting)
        return found


def _ends(flow: Flow, value: Origin) -> Iterator[Origin]:
    """What becomes of a list that other lists end in."""
    pending = [value]
    while pending:
        for end in flow.ends(pending.pop()):
            above = end.node.parent
            if above is not None and _is_joined(above) and field(above, F.RIGHT) == end.node:
                pending.append(end.at(above))
            else:
                yield end


def _named_by(setting: Setting) -> list[Origin]:
    """The lists that a value ends in which is a name, or ends with one: each the end of the one before."""
    found: list[Origin] = []
    here = setting.value.at(last_operand(setting.value.node))
    while here.node.kind_id == K.SELECT or Scope.of(here.snapshot).name(here.node) is not None:
        value = setting.host.fleet.evaluator.evaluate(here)
        origin = value.origin if isinstance(value, ListValue) else None
        if origin is None or not (origin.node.kind_id == K.LIST or _is_joined(origin.node)):
            break
        found.append(origin)
        here = origin.at(last_operand(origin.node))
    return found


def _is_joined(node: Node) -> bool:
    return node.kind_id == K.BINARY and field(node, F.OPERATOR).type == "++"


def _place(value: Origin) -> tuple[str, int, int]:
    return (value.file, *value.span)


def _node(entry: Entry) -> Node:
    """What an entry binds a name to, or the name that it inherits."""
    return entry.value or entry.attr or entry.binding
