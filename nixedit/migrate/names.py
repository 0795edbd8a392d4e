"""How the flake's inputs are called where code is to be written: what is in scope there, as Nix sees it."""

from __future__ import annotations

from attrs import frozen
from tree_sitter import Node

from nixedit.attrpath import quote
from nixedit.flake.outputs import Outputs
from nixedit.layout.style import Style
from nixedit.syntax.scope import Scope

_FREE_NAMES = ("inputs", "flakeInputs", "flake-inputs")


@frozen
class InputsName:
    """An expression for the set of all inputs.

    Attributes:
        code: `inputs`, `self.inputs`, or another name.
        added: whether the name must be given to the argument of `outputs` first.
    """

    code: str
    added: bool = False

    def select(self, name: str, rest: str) -> str:
        """The code for something of one input."""
        return f"{self.code}.{quote(name)}.{rest}"

    def as_argument(self, style: Style) -> str:
        """The code for a set with the attribute `inputs`."""
        if self.code == "inputs":
            inner = "inherit inputs;"
        elif self.code == "self.inputs":
            inner = "inherit (self) inputs;"
        else:
            inner = f"inputs = {self.code};"
        return f"{{{inner}}}" if style.tight_set else f"{{ {inner} }}"


class InputsNames:
    """Finds the name of the inputs at any place of flake.nix.

    Args:
        scope: the names of the file.
        outputs: the flake's outputs.
    """

    def __init__(self, scope: Scope, outputs: Outputs) -> None:
        self.scope, self.outputs = scope, outputs

    def at(self, node: Node) -> InputsName | None:
        """An expression for the inputs that can be written at a node; None if every name is taken there."""
        universal = self.outputs.universal
        if universal is not None and self._means_argument(universal, node):
            return InputsName(universal)
        if self._means_argument("self", node):
            return InputsName("self.inputs")
        if universal is None:
            for name in _FREE_NAMES:
                definition = self.scope.lookup(name, node)
                if definition is None or definition.kind == "with":
                    return InputsName(name, added=True)
        return None

    def _means_argument(self, name: str, node: Node) -> bool:
        """Whether a name at a node is a name of the outputs function's own argument."""
        definition = self.scope.lookup(name, node)
        while definition is not None and definition.kind == "inherit" and definition.source is None:
            if definition.node is None:
                break
            definition = self.scope.resolve(definition.node)
        if definition is None or definition.kind not in ("formal", "universal"):
            return False
        return definition.name == name and definition.scope == self.outputs.function
