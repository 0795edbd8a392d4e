"""The overlays as a person writes them by hand: the lines for a place, and what else these need there."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct
from tree_sitter import Node

from nixedit.migrate.names import InputsName, InputsNames
from nixedit.migrate.recipe import Overlay, Recipe
from nixedit.migrate.recipe_names import Names
from nixedit.resolve.values import Origin
from nixedit.syntax.scope import Scope
from nixedit.syntax.snapshot import Snapshot

# What is written of the overlays; `{}` stands for the elements of their list.
LIST = "[ {} ]"
ELEMENTS = "{}"
ARGUMENT = "overlays = [ {} ];"
MODULE = "{{ nixpkgs.overlays = [ {} ]; }}"
MODULES = f"modules = [ {MODULE} ];"

_INPUTS = InputsName("inputs")
_UNKNOWN = "where `inputs` are the flake's (specialArgs = { inherit inputs; } hands them to modules)"


class Lines(Struct, frozen=True):
    """Overlays as they are written at some place.

    Attributes:
        code: the elements of their list.
        need: what else is to be done there; None if nothing is.
    """

    code: str
    need: str | None = None

    def hint(self, what: str, form: str = ELEMENTS) -> str:
        """What a person is told, the lines last.

        Args:
            what: what the lines are, or where they go.
            form: the lines; `{}` stands for the elements.
        """
        need = "" if self.need is None else f", {self.need}"
        return f"{what}{need}: {self.form(form)}"

    def form(self, form: str) -> str:
        """The lines; `{}` stands for the elements."""
        return form.format(self.code)


class ByHand:
    """Writes a recipe's overlays as a person would.

    Args:
        recipe: the recipe.
        names: what its things are called here.
        inputs: finds the name of the inputs.
    """

    def __init__(self, recipe: Recipe, names: Names, inputs: InputsNames) -> None:
        self.recipe, self.names, self.inputs = recipe, names, inputs
        self._given: set[str] = set()

    def at(self, places: Sequence[Origin], overlays: Sequence[Overlay] | None = None) -> Lines:
        """The lines at a place of the flake.

        Args:
            places: the place, under the arguments that it has for each host.
            overlays: some of the recipe's overlays; all if None.
        """
        found = self.inputs.at(places)
        need = _UNKNOWN if found is None else None
        if found is not None and found.universal is not None:
            need = f"with the argument of `outputs` named `{found.universal}`"
        return self._lines(found or _INPUTS, places[0].file, need, overlays)

    def within(self, file: str, snapshot: Snapshot, node: Node) -> Lines:
        """The lines at a place of a module that nobody evaluated: it may have an argument `inputs`.

        Args:
            file: its file, relative to the flake.
            snapshot: the file's text and tree.
            node: the place.
        """
        known = _INPUTS.code in Scope.of(snapshot).names_at(node)
        return self._lines(_INPUTS, file, None if known else _UNKNOWN)

    def anywhere(self, inputs: str = _INPUTS.code) -> Lines:
        """The lines that mean the same in every file of the flake.

        Args:
            inputs: what its inputs are called there.
        """
        return self._lines(InputsName(inputs), None)

    def is_in(self, hint: str | None) -> bool:
        """Whether a hint has lines that were asked for here."""
        return hint is not None and any(code in hint for code in self._given)

    def _lines(
        self,
        inputs: InputsName,
        file: str | None,
        need: str | None = None,
        overlays: Sequence[Overlay] | None = None,
    ) -> Lines:
        wanted = self.recipe.overlays if overlays is None else overlays
        code = " ".join(self.names.code(overlay, inputs, file) for overlay in wanted)
        self._given.add(code)
        return Lines(code, need)
