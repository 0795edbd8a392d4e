"""The recipe's overlays in every host: in the list that the host has, or in a module of their own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct
from msgspec import field as attribute
from tree_sitter import Node

from nixedit.errors import RefusedError
from nixedit.flake.systems import NixosSystem
from nixedit.grammar import K
from nixedit.layout.code import Code, expr
from nixedit.layout.style import Style, style_of
from nixedit.migrate.applied import OVERLAYS, Applied, Finder, settings
from nixedit.migrate.by_hand import ARGUMENT, MODULE, ByHand
from nixedit.migrate.joining import list_behind
from nixedit.migrate.list_places import ListPlace, ListPlaces, Setting
from nixedit.migrate.listed_modules import is_first, written_modules
from nixedit.migrate.module_lists import insertion, last_operand, open_end
from nixedit.migrate.names import InputsName
from nixedit.migrate.own_module import OwnModule
from nixedit.migrate.package_sets import fixed_package_set, into_package_set
from nixedit.migrate.passing import Passing
from nixedit.migrate.priorities import priority, priority_of, unlike_others
from nixedit.migrate.recipe import Overlay
from nixedit.migrate.report import Done, Step
from nixedit.operations import ops
from nixedit.resolve.properties import KEEPING
from nixedit.resolve.values import Origin, SetValue, Unknown
from nixedit.syntax.calls import called
from nixedit.syntax.layers import Undecided, layers_of, lookup
from nixedit.syntax.nodes import elements
from nixedit.text import decode

_INTO_LIST = Done("overlays added to `nixpkgs.overlays`", "the list that its modules have")
_INTO_NAMED = Done("overlays added to `nixpkgs.overlays`", "the list that its modules name")
_MISSING = Done("the missing overlay added", "the other one is applied here")
_SHARED = Done("the overlays come with what it shares", "another host's modules have them")
_WANTED = "the overlays need the inputs there"


class Spliced(Struct):
    """What is done for the hosts of one call.

    Attributes:
        operations: the operations, with the file of each.
        steps: what they are, for people.
        universal: the name that the argument of `outputs` must get first, or None.
        modules: the written modules that the overlays went into, by file and position.
        passed: the places that hand the inputs on for it.
    """

    operations: list[tuple[str, ops.Operation]] = attribute(default_factory=list)
    steps: list[Step] = attribute(default_factory=list)
    universal: str | None = None
    modules: set[tuple[str, int]] = attribute(default_factory=set)
    passed: set[tuple[str, int, int]] = attribute(default_factory=set)


class ModuleCode(Struct, frozen=True):
    """A module with overlays.

    Attributes:
        code: how it is written.
        name: how the inputs are called there.
    """

    code: Code
    name: InputsName


class Splicer:
    """Plans the overlays of hosts.

    Args:
        finder: recognizes the overlays.
        by_hand: how a person writes them, and what the inputs are called.
        passing: hands them on to where they have none.
        systems: the hosts of the whole flake.
        last: the hosts, by their keys, whose own overlays are best all applied before these, and whether
            nothing else will do.

    Attributes:
        refused: the hosts, by their keys, that are not migrated because something stands in the way.
        names_module: whether some host got the module that applies the overlays.
        served: the hosts, by their keys, that got the overlays so far.
    """

    def __init__(
        self,
        finder: Finder,
        by_hand: ByHand,
        passing: Passing,
        systems: Sequence[NixosSystem],
        last: Mapping[str, bool] | None = None,
    ) -> None:
        self.finder, self.inputs, self.passing, self.systems = finder, by_hand.inputs, passing, systems
        self.last = last or {}
        self.lists = ListPlaces(systems)
        self.served: set[str] = set()
        self.recipe = finder.recipe
        self.by_hand = by_hand
        self.done: set[tuple[str, int]] = set()
        self._found: dict[str, list[Applied]] = {}
        self.passed: set[tuple[str, int, int]] = set()
        self.refused: set[str] = set()
        self.names_module = False
        self._lacks: dict[str, list[Overlay]] = {}

    def plan(self, hosts: Sequence[NixosSystem], chosen: set[str]) -> Spliced:
        """What gives the hosts of one call the overlays that they do not have yet.

        Args:
            hosts: all hosts that the call makes.
            chosen: the hosts that are to be migrated.

        Raises:
            RefusedError: it cannot be done safely.
        """
        result, lacking = Spliced(), self.lacking(hosts, chosen)
        if not lacking:
            return result
        first = lacking[0]
        missing = self._missing(first)
        others = [host for host in hosts if host not in lacking]
        otherwise = self._not_alone(lacking, others, chosen) if others else None
        if any(self._missing(host) != missing for host in lacking):
            raise self._some_have_them(lacking)
        for host in lacking:
            self._refuse_ignored(host)
        if len(missing) < len(self.recipe.overlays):
            for host in lacking:
                self._complete(host, missing, chosen, result)
        else:
            self._apply(lacking, missing, chosen, otherwise, result)
        self.done |= result.modules
        self.passed |= result.passed
        self.served.update(host.key for host in lacking)
        if not result.steps:
            result.steps.append(_SHARED.at(first.file, first.origin.line))
        return result

    def _applied(self, host: NixosSystem) -> list[Applied]:
        """The recipe's overlays that a host applies before anything is edited."""
        if host.key not in self._found:
            self._found[host.key] = self.finder.of(host)
        return self._found[host.key]

    def _apply(
        self,
        hosts: Sequence[NixosSystem],
        missing: Sequence[Overlay],
        chosen: set[str],
        otherwise: RefusedError | None,
        result: Spliced,
    ) -> None:
        """All overlays for hosts of one call that have none; `otherwise` is why that cannot be edited."""
        if any(fixed_package_set(host) is not None for host in hosts):
            if otherwise is not None:
                raise otherwise
            into_package_set(self, hosts, missing, chosen, result)
            return
        is_inline = self.finder.names.module is None
        others = [host for host in hosts if host.key not in self.served]
        if not others:
            return  # by what another call has too
        if len(others) < len(hosts):
            raise self._some_have_them(others)
        if is_inline and self._into_module(hosts, missing, chosen, result):
            return
        module = OwnModule(self, hosts, missing, chosen, result)
        if otherwise is not None:
            module.in_lists(otherwise)
        else:
            module.plan()

    def lacking(self, hosts: Sequence[NixosSystem], chosen: set[str]) -> list[NixosSystem]:
        """The hosts among some that are to be migrated and do not have all overlays yet."""
        return [host for host in hosts if host.key in chosen and self._missing(host)]

    def _missing(self, host: NixosSystem) -> list[Overlay]:
        """The overlays that a host does not have."""
        if host.key not in self._lacks:
            present = {self._rank(item.overlay) for item in self._applied(host)}
            every = self.recipe.overlays
            self._lacks[host.key] = [item for item in every if self._rank(item) not in present]
        return self._lacks[host.key]

    def _not_alone(
        self, lacking: Sequence[NixosSystem], others: Sequence[NixosSystem], chosen: set[str]
    ) -> RefusedError:
        """Why a call cannot be edited for some of its hosts."""
        left_out = {host.key for host in others} - chosen
        if not left_out:
            return self._some_have_them(lacking)
        whose, hint = self._not_migrated(left_out)
        return lacking[0].refusal(f"this call makes {whose}", None, hint=hint)

    def _some_have_them(self, lacking: Sequence[NixosSystem]) -> RefusedError:
        """Why one place will not do: what is written for all hosts of the call, some would have twice."""
        names = ", ".join(host.key for host in lacking)
        return lacking[0].refusal(
            "some of the hosts that share this call have the overlays already",
            None,
            hint=self.by_hand.anywhere().hint(
                f"by hand, a module for {names} and nobody else, where `inputs` are the flake's",
                MODULE,
            ),
        )

    def _rank(self, overlay: Overlay) -> int:
        return self.recipe.overlays.index(overlay)

    def _refuse_ignored(self, host: NixosSystem) -> None:
        """A host whose overlays have no effect, or drop each other."""
        if "pkgs" in host.special_args and fixed_package_set(host) is None:
            raise host.refusal(
                "`specialArgs.pkgs` makes NixOS ignore `nixpkgs.overlays`",
                self._written(host, ("specialArgs", "pkgs")),
                hint=self.by_hand.anywhere().hint(
                    "add the overlays where that package set is made", ARGUMENT
                ),
            )
        for setting in settings(host):
            found = priority_of(setting.value)
            if setting.around is not None:
                place = setting.around.place or host.origin
                found = priority(place.snapshot, place.node) or "mkOverride", place
            if found is not None:
                reason, hint = unlike_others(found[0], self.by_hand.at([found[1]]))
                raise host.refusal(reason, found[1].node, found[1], hint)

    def _written(self, host: NixosSystem, path: tuple[str, ...]) -> Node | None:
        try:
            found = lookup(host.origin.snapshot, host.written_argument, path)
        except Undecided:
            return None
        return None if found is None or found.entry is None else found.entry.binding

    # -- into a list that is there ------------------------------------------------------------

    def _too_early(self, host: NixosSystem, missing: Sequence[Overlay]) -> RefusedError:
        return host.refusal(
            "an overlay of its own changes the package, and would come after the recipe's",
            None,
            hint=self.by_hand.at([host.origin], missing).hint(
                "by hand, so that the recipe's overlays are applied after all others"
            ),
        )

    def _into_module(
        self, hosts: Sequence[NixosSystem], missing: Sequence[Overlay], chosen: set[str], result: Spliced
    ) -> bool:
        """The overlays added to what the first written module gives; False where none is fit for it."""
        first = hosts[0]
        for _, module in written_modules(first):
            entry = first.bound(module, OVERLAYS)
            value = None if entry is None else entry.value
            if entry is not None and (value is None or called(module.snapshot, value) not in KEEPING):
                for place in self.lists.of(first, module, entry):
                    if self._is_fit(place, hosts, chosen) and self._extend(place, missing, result):
                        return True
            if value is None:
                self._refuse_computed(first, module)
        return False

    def _is_fit(self, place: ListPlace, hosts: Sequence[NixosSystem], chosen: set[str]) -> bool:
        """Whether all hosts of some calls have a place, and nobody else: each gets the overlays once."""
        served = [setting.host for setting in place.settings]
        keys = {host.key for host in served}
        if len(keys) < len(served) or not {host.key for host in hosts} <= keys <= chosen - self.served:
            return False
        calls = {host.call_place for host in served}
        beside = [host for host in self.systems if host.key not in keys and host.call_place in calls]
        if self.lacking(beside, chosen):
            return False  # another place of the same call would be edited for them
        return all(self.lists.users[one.listed] <= keys and self._is_free(one) for one in place.settings)

    def _is_free(self, setting: Setting) -> bool:
        """Whether a host can have the overlays by what a module of it sets."""
        host = setting.host
        if host.key in self.last and not is_first(host, setting.module):
            return False
        if self._applied(host) or fixed_package_set(host) is not None:
            return False
        try:
            self._refuse_ignored(host)
        except RefusedError:
            return False
        return True

    def _refuse_computed(self, host: NixosSystem, module: Origin) -> None:
        layers = layers_of(module.node, functions=True)
        for path in (OVERLAYS[:1], ("config", *OVERLAYS[:1])):
            found = lookup(module.snapshot, layers, path)
            if found is not None and not found.layers and found.entry is not None:
                value = found.entry.value
                known = None if value is None else host.fleet.evaluator.evaluate(module.at(value))
                overlays = known.get("overlays") if isinstance(known, SetValue) else known
                if isinstance(overlays, Unknown):
                    node = value or found.entry.attr
                    raise host.refusal(
                        "`nixpkgs` is a computed value here, which may set overlays", node, module
                    )

    def _extend(self, place: ListPlace, missing: Sequence[Overlay], result: Spliced) -> bool:
        """The overlays at the end of a list; False where they cannot be written there."""
        value = place.values[0]
        spot = last_operand(value.node)
        name = self.inputs.at([one.at(spot) for one in place.values])
        if name is None:
            return False
        style = style_of(value.snapshot)
        codes = [self.code(overlay, name, style.tight_set, value.file) for overlay in missing]
        operations = self.extended(value, value.node, codes)
        if operations is None:
            return False
        self.record(result, value, operations, _INTO_NAMED if place.is_named else _INTO_LIST, name)
        modules = (setting.module for setting in place.settings)
        result.modules |= {(module.file, module.node.start_byte) for module in modules}
        self.served.update(setting.host.key for setting in place.settings)
        return True

    def extended(self, place: Origin, value: Node, codes: Sequence[Code]) -> list[ops.Operation] | None:
        """What adds elements to the end of a list; None where a computed one stands within a line.

        Args:
            place: the file.
            value: the expression of the list, the value of a binding.
            codes: the elements.
        """
        last = open_end(value)
        binding = value.parent
        source = place.snapshot.source
        if last.kind_id == K.LIST:
            index = len(elements(last)) - 1
            return [insertion(source, last, index, code) for code in codes]
        if binding is None or not source.begins_line(binding.start_byte):
            return None
        operations = list_behind(place.snapshot, value, last, codes)
        return operations or None

    def refuse_others(self, host: NixosSystem, others: set[str], what: str, place: Origin) -> None:
        """A place that serves hosts that are left out too."""
        if others:
            whose, hint = self._not_migrated(others)
            raise host.refusal(f"{what} serves {whose}", place.node, place, hint)

    def _not_migrated(self, others: set[str]) -> tuple[str, str]:
        """Which hosts a place is for too, though they are not migrated, and what to do about it."""
        names = ", ".join(sorted(others))
        if others <= self.refused:
            return f"{names} too, which is refused", f"do first what is said of {names}"
        kinds = {other.kind.option for other in self.systems if other.key in others} - {None}
        hint = f"say --include {min(map(str, kinds))} to take it in" if kinds else "choose all of them"
        return f"{names} too, which is left out", hint

    def _complete(
        self, host: NixosSystem, missing: Sequence[Overlay], chosen: set[str], result: Spliced
    ) -> None:
        """The missing one of two overlays beside the other, so that their order is the recipe's."""
        if self.last.get(host.key):
            raise self._too_early(host, missing)
        applied = self._applied(host)
        for item in applied:
            element, origin = item.element, item.part.origin
            if element is None or origin is None:
                continue
            place = (origin.file, origin.node.start_byte)
            if place in self.done | result.modules:
                return  # for another host that has the same list
            sharing = {other.key for other in self.systems if _applies_at(self._applied(other), place)}
            self.refuse_others(host, sharing - chosen, "this list", origin)
            name = self.inputs.at([origin.at(element)])
            if name is None:
                continue
            operations = [self._beside(item, origin, overlay, name) for overlay in missing]
            self.record(result, origin.at(element), operations, _MISSING, name)
            result.modules.add(place)
            return
        origin = applied[0].part.origin
        raise host.refusal(
            "only some of the overlays are applied",
            applied[0].element,
            origin,
            hint=self.by_hand.at([origin or host.origin], missing).hint("add the other one by hand"),
        )

    def _beside(self, item: Applied, origin: Origin, overlay: Overlay, name: InputsName) -> ops.InsertElement:
        """A missing overlay beside one that is there, on the side that is the recipe's."""
        code = self.code(overlay, name, style_of(origin.snapshot).tight_set, origin.file)
        follows = self._rank(overlay) > self._rank(item.overlay)
        after = item.index if follows else item.index - 1
        return insertion(origin.snapshot.source, origin.node, after, code, before=not follows)

    # -- for what else writes overlays ---------------------------------------------------------

    def inputs_at(self, places: Sequence[Origin]) -> InputsName | None:
        """The name of the inputs at a place, handed on to it where that can be done."""
        return self.inputs.at(places) or self.passing.to(places)

    def no_inputs(self, host: NixosSystem, node: Node, at: Origin | None = None) -> RefusedError:
        """Why nothing can be written where the inputs have no name."""
        return host.refusal(
            "the flake's inputs have no name here",
            node,
            at,
            hint=self.by_hand.anywhere().hint(
                "pass `inputs` to the function that this stands in, then run this again; or by hand, where "
                "they are at hand, a module for it",
                MODULE,
            ),
        )

    def module_at(
        self,
        places: Sequence[Origin],
        hosts: Sequence[NixosSystem],
        missing: Sequence[Overlay],
        style: Style,
    ) -> ModuleCode | None:
        """A module with overlays as it is written at a place; None where the inputs have no name there.

        Args:
            places: the place, under the arguments that it has for each host.
            hosts: the hosts that get it.
            missing: the overlays that they do not have.
            style: that of the place's file.

        Raises:
            RefusedError: the module that applies the overlays cannot be given what it takes.
        """
        file, shared = places[0].file, self.finder.names.module
        if shared is not None and shared.is_given(hosts):
            self.names_module = True
            return ModuleCode(shared.path(file), InputsName("inputs"))
        name = self.inputs_at(places)
        if name is None:
            return None
        if shared is None:
            return ModuleCode(self._module(missing, name, style, file), name)
        if shared.others:
            raise hosts[0].refusal(
                f"{shared.place} takes {' and '.join(shared.others)} too, and not the inputs alone",
                None,
                hint=f"say {hosts[0].kind.arguments} = {{ inherit inputs; }}, then run this again",
            )
        self.names_module = True
        return ModuleCode(shared.called(file, name, style.tight_set), name)

    def _module(self, missing: Sequence[Overlay], name: InputsName, style: Style, file: str) -> Code:
        unit = decode(style.unit)
        lines = [f"{unit * 2}{self.code(overlay, name, style.tight_set, file)}\n" for overlay in missing]
        return expr("{\n" + f"{unit}nixpkgs.overlays = [\n" + "".join(lines) + f"{unit}];\n}}")

    def module_lines(self) -> str:
        """The overlays as the lines of the list in the module that applies them, a function of `inputs`."""
        shared, name = self.finder.names.module, InputsName("inputs")
        place = "" if shared is None else shared.place
        codes = [self.code(overlay, name, False, place) for overlay in self.recipe.overlays]
        return "".join(f"    {code}\n" for code in codes)

    def code(self, overlay: Overlay, name: InputsName, tight: bool, file: str) -> Code:
        """An overlay as it is written in a file where the inputs have a name."""
        return expr(self.finder.names.code(overlay, name, file, tight=tight))

    def record(
        self,
        result: Spliced,
        place: Origin,
        operations: Sequence[ops.Operation],
        done: Done,
        name: InputsName,
    ) -> None:
        """Note what is done at a place, and why."""
        result.operations += [(place.file, operation) for operation in operations]
        result.steps.append(done.at(place.file, place.line))
        for passed in name.passed:
            if passed.key not in self.passed | result.passed:
                result.passed.add(passed.key)
                result.operations.append((passed.file, passed.operation))
                result.steps.append(Step(f"`{passed.name}` handed on", passed.file, passed.line, _WANTED))
        result.universal = name.universal or result.universal


def _applies_at(applied: Sequence[Applied], place: tuple[str, int]) -> bool:
    origins = (item.part.origin for item in applied)
    return any(origin is not None and (origin.file, origin.node.start_byte) == place for origin in origins)
