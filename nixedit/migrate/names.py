"""What the flake's inputs are called where code is to be written."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from nixedit.attrpath import quote
from nixedit.flake.outputs import Outputs
from nixedit.operations import ops
from nixedit.resolve.fleet import Fleet
from nixedit.resolve.values import InputsValue, Origin, SelfValue, SetValue
from nixedit.syntax.scope import Definition, Scope

# What the inputs are called where they get a name, the first that is free.
FREE_NAMES = ("inputs", "flakeInputs", "flake-inputs")


class Passed(Struct, frozen=True, eq=False):
    """A step on the way of the inputs to a place: a formal more, or an argument more.

    Attributes:
        key: the place that is edited.
        file: its file.
        operation: what is done there.
        line: its line, 1-based.
        name: what the inputs are called there.
    """

    key: tuple[str, int, int]
    file: str
    operation: ops.Operation
    line: int
    name: str


class InputsName(Struct, frozen=True):
    """An expression for the set of all inputs.

    Attributes:
        code: `inputs`, `self.inputs`, or another name.
        universal: the name that the argument of `outputs` must be given first; None where it need not.
        passed: what hands the inputs on to where the code means them.
    """

    code: str
    universal: str | None = None
    passed: tuple[Passed, ...] = ()

    def select(self, name: str, rest: str) -> str:
        """The code for something of one input."""
        return f"{self.code}.{quote(name)}.{rest}"

    def as_argument(self, tight: bool) -> str:
        """The code for a set with the attribute `inputs`."""
        if self.code == "inputs":
            inner = "inherit inputs;"
        elif self.code.endswith(".inputs"):
            inner = f"inherit ({self.code.removesuffix('.inputs')}) inputs;"
        else:
            inner = f"inputs = {self.code};"
        return f"{{{inner}}}" if tight else f"{{ {inner} }}"


class InputsNames:
    """Finds the name of the inputs at any place of a flake.

    Args:
        fleet: the evaluated flake.
        outputs: its outputs function.
    """

    def __init__(self, fleet: Fleet, outputs: Outputs) -> None:
        self.fleet, self.outputs = fleet, outputs

    def at(self, places: Sequence[Origin]) -> InputsName | None:
        """An expression for the inputs that can be written at a place; None if there is none.

        Args:
            places: the place, under the arguments that it has for each host.
        """
        here = places[0]
        names = Scope.of(here.snapshot).names_at(here.node)
        ordered = sorted(names.items(), key=lambda item: _rank(item[1]))
        for code in self._candidates(ordered, places):
            return InputsName(code)
        if self._in_outputs(here) and self.outputs.universal is None:
            for name in FREE_NAMES:
                if name not in names:
                    return InputsName(name, name)
        return None

    def _candidates(self, names: Sequence[tuple[str, Definition]], places: Sequence[Origin]) -> Iterator[str]:
        """Expressions that mean the inputs for every host: a name, `self.inputs`, `args.inputs`."""
        nested = []
        for name, definition in names:
            values = [self.fleet.evaluator.name(place, name, definition) for place in places]
            if all(isinstance(value, InputsValue) for value in values):
                yield name
            elif all(isinstance(value, SelfValue) for value in values) or all(
                isinstance(value, SetValue) and isinstance(value.get("inputs"), InputsValue)
                for value in values
            ):
                nested.append(f"{name}.inputs")
        yield from nested

    def _in_outputs(self, place: Origin) -> bool:
        function = self.outputs.function
        inside = function.start_byte <= place.node.start_byte and place.node.end_byte <= function.end_byte
        return place.file == self.fleet.flake and inside


def _rank(definition: Definition) -> tuple[int, int]:
    """Which names are tried first: those that usually are the inputs, then arguments, then the rest."""
    usual = {"inputs": 0, "self": 2}.get(definition.name, 1)
    return usual, 0 if definition.kind in ("formal", "universal") else 1
