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
from nixedit.layout.sorted_regions import region_of
from nixedit.layout.style import Style, style_of
from nixedit.migrate.applied import OVERLAYS, Applied, Finder, settings
from nixedit.migrate.joining import list_behind
from nixedit.migrate.module_lists import last_operand
from nixedit.migrate.names import InputsName, InputsNames
from nixedit.migrate.own_module import own_module
from nixedit.migrate.package_sets import fixed_package_set, into_package_set
from nixedit.migrate.passing import Passing
from nixedit.migrate.priorities import WRAPPING, priority_of, unlike_others
from nixedit.migrate.recipe import Overlay, module_of
from nixedit.migrate.report import Done, Step
from nixedit.migrate.tree import relative
from nixedit.operations import ops
from nixedit.resolve.values import FunctionValue, Origin, SetValue, Unknown
from nixedit.syntax.calls import called
from nixedit.syntax.layers import Undecided, layers_of, lookup
from nixedit.syntax.nodes import elements
from nixedit.text import Source, decode

_INTO_LIST = Done("overlays added to `nixpkgs.overlays`", "the list that its modules have")
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
    """

    operations: list[tuple[str, ops.Operation]] = attribute(default_factory=list)
    steps: list[Step] = attribute(default_factory=list)
    universal: str | None = None
    modules: set[tuple[str, int]] = attribute(default_factory=set)


class Splicer:
    """Plans the overlays of hosts.

    Args:
        finder: recognizes the overlays.
        inputs: finds the name of the inputs.
        passing: hands them on to where they have none.
        systems: the hosts of the whole flake.
        last: the hosts, by their keys, whose own overlays are best all applied before these, and whether
            nothing else will do.

    Attributes:
        names_module: whether some host got the module that applies the overlays.
    """

    def __init__(
        self,
        finder: Finder,
        inputs: InputsNames,
        passing: Passing,
        systems: Sequence[NixosSystem],
        last: Mapping[str, bool] | None = None,
    ) -> None:
        self.finder, self.inputs, self.passing, self.systems = finder, inputs, passing, systems
        self.last = last or {}
        self.users = list_users(systems)
        self.recipe = finder.recipe
        self.done: set[tuple[str, int]] = set()
        self.passed: set[tuple[str, int, int]] = set()
        self.names_module = False

    def plan(self, hosts: Sequence[NixosSystem], chosen: set[str]) -> Spliced:
        """What gives the hosts of one call the overlays that they do not have yet.

        Args:
            hosts: all hosts that the call makes.
            chosen: the hosts that are to be migrated.

        Raises:
            RefusedError: it cannot be done safely.
        """
        first = hosts[0]
        applied = [self.finder.of(host) for host in hosts]
        present = {frozenset(self._rank(item.overlay) for item in items) for items in applied}
        missing = [item for item in self.recipe.overlays if self._rank(item) not in min(present, key=len)]
        result = Spliced()
        if not missing:
            return result
        if len(present) > 1:
            raise first.refusal("some of the hosts that share this call have the overlays already", None)
        others = [host for host in hosts if host.key not in chosen]
        if others:
            kinds = sorted({host.kind.option for host in others if host.kind.option is not None})
            raise first.refusal(
                f"this call makes {', '.join(host.key for host in others)} too, which is left out",
                None,
                hint=f"say --include {kinds[0]} to take it in" if kinds else "choose all of them",
            )
        for host in hosts:
            self._refuse_ignored(host)
        if applied[0]:
            self._complete(hosts, applied[0], missing, chosen, result)
        elif any(fixed_package_set(host) is not None for host in hosts):
            into_package_set(self, hosts, missing, chosen, result)
        elif self.finder.names.module is not None or (
            not self._already_reached(hosts) and not self._into_module(hosts, missing, chosen, result)
        ):
            own_module(self, hosts, missing, chosen, result)
        self.done |= result.modules
        if not result.steps:
            result.steps.append(_SHARED.at(first.file, first.origin.line))
        return result

    def _rank(self, overlay: Overlay) -> int:
        return self.recipe.overlays.index(overlay)

    def _refuse_ignored(self, host: NixosSystem) -> None:
        """A host whose overlays have no effect, or drop each other."""
        if "pkgs" in host.special_args and fixed_package_set(host) is None:
            raise host.refusal(
                "`specialArgs.pkgs` makes NixOS ignore `nixpkgs.overlays`",
                self._written(host, ("specialArgs", "pkgs")),
                hint="add the overlays where that package set is made: "
                f"overlays = [ {self.by_hand(host.file)} ];",
            )
        for setting in settings(host):
            found = priority_of(setting.value)
            if found is not None:
                reason, hint = unlike_others(found[0], self.by_hand(found[1].file))
                raise host.refusal(reason, found[1].node, found[1], hint)

    def _written(self, host: NixosSystem, path: tuple[str, ...]) -> Node | None:
        try:
            found = lookup(host.origin.snapshot, host.written_argument, path)
        except Undecided:
            return None
        return None if found is None or found.entry is None else found.entry.binding

    # -- into a list that is there ------------------------------------------------------------

    def _already_reached(self, hosts: Sequence[NixosSystem]) -> bool:
        """Whether a module that another call's hosts share got the overlays just now."""
        for host in hosts:
            reached = [
                origin
                for _, origin in _written_modules(host)
                if (origin.file, origin.node.start_byte) in self.done
            ]
            if not reached:
                return False
            if self.last.get(host.key) and not any(_is_first(host, origin) for origin in reached):
                raise self._too_early(host)
        return True

    def _too_early(self, host: NixosSystem) -> RefusedError:
        return host.refusal(
            "an overlay of its own changes the package, and would come after the recipe's",
            None,
            hint=f"apply the recipe's overlays after all others by hand: {self.by_hand(host.file)}",
        )

    def _into_module(
        self, hosts: Sequence[NixosSystem], missing: Sequence[Overlay], chosen: set[str], result: Spliced
    ) -> bool:
        """The overlays added to what the first written module gives; False where none is fit for it."""
        first = hosts[0]
        for place, module in _written_modules(first):
            value = first.setting(module, OVERLAYS)
            if value is None:
                self._refuse_computed(first, module)
                continue
            if not self.users.get(place, {""}) <= chosen or called(module.snapshot, value) in WRAPPING:
                continue
            if any(host.key in self.last and not _is_first(host, module) for host in hosts):
                continue
            spot = last_operand(value)
            places = [first.module_origin(module).at(spot)]
            name = self.inputs.at([*places, *self._same_place(hosts[1:], place, module, spot)])
            if name is not None and self._extend(module, value, missing, name, result):
                result.modules.add((module.file, module.node.start_byte))
                return True
        return False

    def _same_place(
        self, hosts: Sequence[NixosSystem], place: tuple[str, int], module: Origin, value: Node
    ) -> list[Origin]:
        """The same expression under the arguments that it has for other hosts."""
        found = []
        for host in hosts:
            for other, origin in _written_modules(host):
                if other == place and origin.node == module.node:
                    found.append(host.module_origin(origin).at(value))
        return found

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

    def _extend(
        self, module: Origin, value: Node, missing: Sequence[Overlay], name: InputsName, result: Spliced
    ) -> bool:
        style = style_of(module.snapshot)
        codes = [self.code(overlay, name, style.tight_set, module.file) for overlay in missing]
        operations = self.extended(module, value, codes)
        if operations is None:
            return False
        self.record(result, module.at(value), operations, _INTO_LIST, name)
        return True

    def extended(self, place: Origin, value: Node, codes: Sequence[Code]) -> list[ops.Operation] | None:
        """What adds elements to the end of a list; None where a computed one stands within a line.

        Args:
            place: the file.
            value: the expression of the list, the value of a binding.
            codes: the elements.
        """
        last = last_operand(value)
        binding = value.parent
        source = place.snapshot.source
        if last.kind_id == K.LIST:
            index = len(elements(last)) - 1
            return [insertion(source, last, index, code) for code in codes]
        if binding is not None and source.begins_line(binding.start_byte):
            return list_behind(place.snapshot, value, last, codes)
        return None

    def refuse_others(self, host: NixosSystem, others: set[str], what: str, place: Origin) -> None:
        """A place that serves hosts that are left out too."""
        if not others:
            return
        kinds = {other.kind.option for other in self.systems if other.key in others} - {None}
        raise host.refusal(
            f"{what} serves {', '.join(sorted(others))} too, which is left out",
            place.node,
            place,
            f"say --include {min(map(str, kinds))} to take it in" if kinds else "choose all of them",
        )

    def _complete(
        self,
        hosts: Sequence[NixosSystem],
        applied: Sequence[Applied],
        missing: Sequence[Overlay],
        chosen: set[str],
        result: Spliced,
    ) -> None:
        """The missing one of two overlays beside the other, so that their order is the recipe's."""
        for host in hosts:
            if self.last.get(host.key):
                raise self._too_early(host)
        for item in applied:
            element, origin = item.element, item.part.origin
            if element is None or origin is None:
                continue
            place = (origin.file, origin.node.start_byte)
            if place in self.done:
                return  # for the hosts of another call that has the same list
            sharing = {host.key for host in self.systems if _applies_at(self.finder.of(host), place)}
            self.refuse_others(hosts[0], sharing - chosen, "this list", origin)
            name = self.inputs.at([origin.at(element)])
            if name is None:
                continue
            style = style_of(origin.snapshot)
            rank = self._rank(item.overlay)
            operations: list[ops.Operation] = []
            for overlay in missing:
                code = self.code(overlay, name, style.tight_set, origin.file)
                after = item.index if self._rank(overlay) > rank else item.index - 1
                first = after < item.index
                operations.append(insertion(origin.snapshot.source, origin.node, after, code, before=first))
            self.record(result, origin.at(element), operations, _MISSING, name)
            result.modules.add(place)
            return
        origin = applied[0].part.origin
        file = hosts[0].file if origin is None else origin.file
        raise hosts[0].refusal(
            "only some of the overlays are applied",
            applied[0].element,
            origin,
            hint=f"add the other one by hand: {self.by_hand(file, missing)}",
        )

    # -- for what else writes overlays ---------------------------------------------------------

    def by_hand(self, file: str, overlays: Sequence[Overlay] | None = None) -> str:
        """Overlays as a person would write them in a list of a file; all of them if none are given."""
        return self.finder.names.by_hand(self.recipe, file, overlays)

    def inputs_at(self, places: Sequence[Origin]) -> InputsName | None:
        """The name of the inputs at a place, handed on to it where that can be done."""
        return self.inputs.at(places) or self.passing.to(places)

    def no_inputs(self, host: NixosSystem, node: Node, at: Origin | None = None) -> RefusedError:
        """Why nothing can be written where the inputs have no name."""
        module = module_of(self.by_hand(host.file if at is None else at.file))
        return host.refusal(
            "the flake's inputs have no name here",
            node,
            at,
            hint="pass `inputs` to the function that this stands in, then run this again; or by hand, where "
            f"they are at hand, a module for it: {module}",
        )

    def module(self, missing: Sequence[Overlay], name: InputsName, style: Style, file: str) -> Code:
        """A module with overlays as it is written in a file where the inputs have a name."""
        if self.finder.names.module is not None:
            self.names_module = True
            return expr(
                f"(import {relative(file, self.finder.names.module)} {name.as_argument(style.tight_set)})"
            )
        unit = decode(style.unit)
        lines = [f"{unit * 2}{self.code(overlay, name, style.tight_set, file)}\n" for overlay in missing]
        return expr("{\n" + f"{unit}nixpkgs.overlays = [\n" + "".join(lines) + f"{unit}];\n}}")

    def module_lines(self) -> str:
        """The overlays as the lines of the list in the module that applies them, a function of `inputs`."""
        place, name = self.finder.names.module or "", InputsName("inputs")
        codes = [self.code(overlay, name, False, place) for overlay in self.recipe.overlays]
        return "".join(f"    {code}\n" for code in codes)

    def code(self, overlay: Overlay, name: InputsName, tight: bool, file: str) -> Code:
        """An overlay as it is written in a file where the inputs have a name."""
        if overlay.output is not None:
            return expr(name.select(self.finder.names.input, overlay.output))
        path = relative(file, self.finder.names.files[overlay.file or ""])
        return expr(f"(import {path} {name.as_argument(tight)})")

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
            if passed.key not in self.passed:
                self.passed.add(passed.key)
                result.operations.append((passed.file, passed.operation))
                result.steps.append(Step(f"`{passed.name}` handed on", passed.file, passed.line, _WANTED))
        result.universal = name.universal or result.universal


def insertion(
    source: Source, node: Node, after: int, code: Code, *, before: bool = False
) -> ops.InsertElement:
    """An overlay put into a list: outside of what is kept sorted, since its place is not that of its name.

    Args:
        source: the file.
        node: the list.
        after: the index of the element that it goes behind; -1 for the front.
        code: the overlay.
        before: whether it must come before the next element, wherever that puts it.
    """
    written = elements(node)
    regions = [region_of(source, element.start_byte) for element in written]
    while before and after >= 0 and regions[after] is not None and regions[after] == regions[after + 1]:
        after -= 1
    region = None if after < 0 else regions[after]
    if region is None:
        return ops.InsertElement(node, after, code)
    last = max(number for number, other in enumerate(regions) if other == region)
    return ops.InsertElement(node, last, code, behind=region.span.end)


def _applies_at(applied: Sequence[Applied], place: tuple[str, int]) -> bool:
    origins = (item.part.origin for item in applied)
    return any(origin is not None and (origin.file, origin.node.start_byte) == place for origin in origins)


def _is_first(host: NixosSystem, module: Origin) -> bool:
    """Whether a module is the first in a host's list: NixOS applies its overlays after all others."""
    part = next(iter(host.module_parts), None)
    if part is None or part.origin is None or not part.known or part.origin.file != module.file:
        return False
    written = elements(part.origin.node) if part.origin.node.kind_id == K.LIST else []
    return bool(written) and written[0] == module.node


def list_users(hosts: Sequence[NixosSystem]) -> dict[tuple[str, int], set[str]]:
    """Which hosts, by their keys, evaluate each written list of modules, by file and position."""
    users: dict[tuple[str, int], set[str]] = {}
    for host in hosts:
        for part in host.module_parts:
            if part.origin is not None:
                users.setdefault((part.origin.file, part.origin.node.start_byte), set()).add(host.key)
    return users


def _written_modules(host: NixosSystem) -> list[tuple[tuple[str, int], Origin]]:
    """The modules that are written in lists, `{ … }` or `{ … }: { … }`, with the list of each."""
    found = []
    for part in host.module_parts:
        if part.origin is None or not part.known:
            continue
        place = (part.origin.file, part.origin.node.start_byte)
        written = elements(part.origin.node) if part.origin.node.kind_id == K.LIST else []
        for node, element in zip(written, part.elements, strict=False):
            value = element.get()
            if isinstance(value, SetValue | FunctionValue) and layers_of(node, functions=True):
                found.append((place, part.origin.at(node)))
    return found
