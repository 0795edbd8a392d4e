"""The places of a flake where a framework takes overlays for all of its hosts, found by evaluation."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from nixedit.flake.frameworks import Framework, Slot
from nixedit.grammar import F, K
from nixedit.resolve.fleet import Fleet
from nixedit.resolve.module_tree import part_of, walk
from nixedit.resolve.values import Call, FunctionValue, ListValue, Origin, SetValue, Value
from nixedit.syntax.layers import Layers, Undecided, core, layers_of, lookup
from nixedit.syntax.nodes import field


class Written(Struct, frozen=True, eq=False):
    """A set of the flake that a framework is given.

    Attributes:
        framework: the framework.
        slot: where it takes overlays.
        origin: the expression of the set, or of the function that gives it.
        value: its value.
        layers: where it is written.
    """

    framework: Framework
    slot: Slot
    origin: Origin
    value: SetValue
    layers: Layers

    @property
    def present(self) -> Value | None:
        """What stands in the slot; None if nothing does."""
        value: Value | None = self.value
        for name in self.slot.path:
            value = value.get(name) if isinstance(value, SetValue) else None
        return value

    @property
    def entry(self) -> Origin | None:
        """The expression that is bound there; None where nothing is.

        Raises:
            Undecided: it may come from a computed set, or is spread over several places.
        """
        try:
            found = lookup(self.origin.snapshot, self.layers, self.slot.path)
        except Undecided:
            present = self.present
            if isinstance(present, SetValue | FunctionValue | ListValue) and present.origin is not None:
                return present.origin  # the computed set does not have it
            raise
        if found is None or (found.entry is None and self.slot.kind == "module"):
            return None
        if found.entry is None or found.entry.value is None:
            raise Undecided(found.entry.binding if found.entry is not None else self.origin.node)
        return self.origin.at(found.entry.value)

    @property
    def files(self) -> set[str]:
        """The files that the set, and what stands in the slot, are written in."""
        present = self.present
        inner = None if present is None else present.origin
        return {self.origin.file} if inner is None else {self.origin.file, inner.file}

    @property
    def hosts(self) -> list[str]:
        """The names of the hosts that the set gives the framework, as far as it does."""
        hosts = self.value.attributes.get("hosts")
        found = None if hosts is None else hosts.get()
        return list(found.attributes) if isinstance(found, SetValue) and found.complete else []


def find_slot(fleet: Fleet, framework: Framework, beside: str = "") -> Written | None:
    """Where a framework can be given something in a flake; None where nothing of it is written there.

    Args:
        fleet: the evaluated flake.
        framework: the framework.
        beside: an attribute of the slot; of several sets, the one that has it is the best.
    """
    if framework.slot is None:
        return None
    path = (*framework.slot.path, beside)
    candidates = [found for found in _written(fleet, framework, framework.slot) if found is not None]
    return max(candidates, key=lambda found: _depth(found.value, path), default=None)


def _depth(value: Value | None, path: Sequence[str]) -> int:
    """How much of a path a set has already."""
    for depth, name in enumerate(path):
        value = value.get(name) if isinstance(value, SetValue) and value.has(name) else None
        if value is None:
            return depth
    return len(path)


def _written(fleet: Fleet, framework: Framework, slot: Slot) -> Iterator[Written | None]:
    if slot.output is not None:
        outputs = fleet.outputs
        found = outputs.get(slot.output) if isinstance(outputs, SetValue) else None
        yield _of(framework, slot, found)
    elif slot.function is not None:
        for call in calls_of(fleet, slot.function):
            yield _of(framework, slot, call.arguments[-1].get())
    else:
        for call in calls_of(fleet, "mkFlake"):
            for module in walk(fleet, [part_of([call.arguments[-1].get()])], fleet.arguments_of_parts):
                yield _of(framework, slot, module.value)


def _of(framework: Framework, slot: Slot, value: Value | None) -> Written | None:
    """The set that a value is, where that is written."""
    if not isinstance(value, SetValue) or value.origin is None:
        return None
    layers = layers_of(value.origin.node)
    return Written(framework, slot, value.origin, value, layers) if layers else None


def calls_of(fleet: Fleet, function: str) -> list[Call]:
    """The calls of an input, or of its function of some name, that the outputs are, or are joined from."""
    made = fleet.made
    pending = [] if made.origin is None else [made.origin]
    found = [made] if isinstance(made, Call) else []
    while pending:
        origin = pending.pop()
        node = core(origin.node)
        if node.kind_id == K.BINARY:
            pending += [origin.at(field(node, part)) for part in (F.RIGHT, F.LEFT)]
        elif node.kind_id == K.APPLY and not found:
            value = fleet.evaluator.evaluate(origin.at(node))
            found += [value] if isinstance(value, Call) else []
    return [
        call
        for call in found
        if call.arguments and (call.function.names[-1] == function or len(call.function.names) == 1)
    ]


def elements_of(value: Value | None) -> Sequence[Value]:
    """The elements of a list that are known."""
    return list(value.elements()) if isinstance(value, ListValue) else ()
