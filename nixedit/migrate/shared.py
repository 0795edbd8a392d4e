"""The recipe's overlays where a framework takes them, once for all hosts that it makes."""

from __future__ import annotations

from collections.abc import Sequence

from nixedit.errors import RefusedError
from nixedit.flake.slots import Written, elements_of
from nixedit.layout.code import Code, expr
from nixedit.layout.style import style_of
from nixedit.migrate.applied import OVERLAYS, settings_of
from nixedit.migrate.module_lists import first_module, front
from nixedit.migrate.names import InputsName
from nixedit.migrate.recipe import Overlay
from nixedit.migrate.report import Done
from nixedit.migrate.splice import Spliced, Splicer
from nixedit.operations import ops
from nixedit.resolve.module_tree import Module
from nixedit.resolve.values import FunctionValue, Origin, Value
from nixedit.syntax.layers import Undecided, layers_of, lookup
from nixedit.syntax.snapshot import span_of
from nixedit.text import decode


class Shared:
    """Plans the overlays of a framework's hosts.

    Args:
        splicer: knows the recipe's overlays, and how they are written.
        written: what the framework is given.
    """

    def __init__(self, splicer: Splicer, written: Written) -> None:
        self.splicer, self.written = splicer, written
        self.snapshot = written.origin.snapshot

    def plan(self) -> Spliced:
        """What gives the hosts the overlays that they do not have yet.

        Raises:
            RefusedError: it cannot be done safely.
        """
        result, missing = Spliced(), self._missing()
        if not missing:
            return result
        if len(missing) < len(self.splicer.recipe.overlays):
            raise self._refused(
                "only some of the overlays are applied",
                self.splicer.by_hand.at([self.written.origin], missing).hint("add the other one by hand"),
            )
        try:
            self._write(missing, result)
        except Undecided as undecided:
            reason = f"`{'.'.join(self.written.slot.path)}` may be set here"
            raise self._refused(reason, self._by_hand, undecided) from None
        return result

    def _missing(self) -> list[Overlay]:
        present = [self.splicer.finder.identify(value) for value in self._applied()]
        return [overlay for overlay in self.splicer.recipe.overlays if overlay not in present]

    def _applied(self) -> Sequence[Value]:
        """The overlays that stand in the slot."""
        slot, value = self.written.slot, self.written.present
        if slot.kind == "overlays":
            return elements_of(value)
        modules = elements_of(value) if slot.kind == "modules" else [] if value is None else [value]
        fleet = self.splicer.inputs.fleet
        read = [Module(module, fleet.module(module), sure=True) for module in modules]
        return [overlay for setting in settings_of(read) for overlay in elements_of(setting.value)]

    def _write(self, missing: Sequence[Overlay], result: Spliced) -> None:
        entry, origin, slot = self.written.entry, self.written.origin, self.written.slot
        if slot.kind == "module":
            self._into_module(entry, missing, result)
            return
        place = entry or origin
        name = self.splicer.inputs_at([place])
        if name is None:
            raise self._no_inputs()
        if slot.kind == "overlays" and isinstance(self.written.present, FunctionValue):
            raise self._refused("this is one overlay, not a list of them", self._by_hand)
        codes = self._codes(missing, name, place)
        operations: list[ops.Operation] | None
        if slot.kind == "overlays" and entry is not None:
            operations = self.splicer.extended(entry, entry.node, codes)
        elif slot.kind == "modules" and entry is not None:
            operations = first_module(entry.snapshot, front(entry.node), self._module(codes))
        else:
            value = self._listed(self._module(codes)) if slot.kind == "modules" else self._list(codes)
            operations = [ops.SetAttr(self.written.layers, slot.path, value)]
        self._record(result, place, operations, name)

    def _into_module(self, module: Origin | None, missing: Sequence[Overlay], result: Spliced) -> None:
        """The overlays in a module: one that is written in the slot, or what is bound below its path."""
        place = body = module or self.written.origin
        layers, path = self.written.layers, (*self.written.slot.path, *OVERLAYS)
        inside = self.written.present
        if module is not None and inside is not None:
            layers, path = layers_of(module.node, functions=True), OVERLAYS
            body = self.splicer.inputs.fleet.module(inside).origin or body
        if not layers:
            raise self._refused("this module is not written here", self._by_hand)
        name = self.splicer.inputs_at([body])
        if name is None:
            raise self._no_inputs()
        codes = self._codes(missing, name, place)
        found = lookup(place.snapshot, layers, path)
        setting = None if found is None or found.entry is None else found.entry.value
        if found is not None and setting is None:
            raise Undecided(place.node)
        operations: list[ops.Operation] | None = [ops.SetAttr(layers, path, self._list(codes))]
        if setting is not None:
            operations = self.splicer.extended(place, setting, codes)
        self._record(result, place, operations, name)

    def _codes(self, missing: Sequence[Overlay], name: InputsName, place: Origin) -> list[Code]:
        tight = style_of(place.snapshot).tight_set
        return [self.splicer.code(overlay, name, tight, place.file) for overlay in missing]

    def _record(
        self, result: Spliced, place: Origin, operations: list[ops.Operation] | None, name: InputsName
    ) -> None:
        if operations is None:
            raise self._refused("this list is computed within a line", self._by_hand)
        framework = self.written.framework.name
        what = f"overlays added to `{'.'.join(self.written.slot.path)}` of {framework}"
        done = Done(what, f"{framework} gives them to every host")
        self.splicer.record(result, place, operations, done, name)

    def _list(self, codes: Sequence[Code]) -> Code:
        unit = decode(style_of(self.snapshot).unit)
        return expr("[\n" + "".join(f"{unit}{code.text}\n" for code in codes) + "]")

    def _listed(self, module: Code) -> Code:
        unit = decode(style_of(self.snapshot).unit)
        return expr("[\n" + unit + module.text.replace("\n", f"\n{unit}") + "\n]")

    def _module(self, codes: Sequence[Code]) -> Code:
        unit = decode(style_of(self.snapshot).unit)
        listed = self._list(codes).text.replace("\n", f"\n{unit}")
        return expr("{\n" + f"{unit}nixpkgs.overlays = {listed};\n" + "}")

    @property
    def _by_hand(self) -> str:
        return self.splicer.by_hand.at([self.written.origin]).hint("add the overlays to it by hand")

    def _no_inputs(self) -> RefusedError:
        return self._refused(
            "the flake's inputs have no name here", "name them, `{ … }@inputs:`, then run this again"
        )

    def _refused(self, reason: str, hint: str, place: Undecided | None = None) -> RefusedError:
        origin = self.written.origin
        return RefusedError(
            f"the hosts of {self.written.framework.name}: {reason}",
            path=self.splicer.inputs.fleet.shown(origin.file),
            source=self.snapshot.source,
            span=span_of(origin.node if place is None else place.node),
            hint=hint,
        )
