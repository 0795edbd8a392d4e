"""A flake's outputs evaluated, as Nix would call them: with the inputs, and with the flake itself."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct

from nixedit.grammar import F
from nixedit.resolve.evaluate import Evaluator
from nixedit.resolve.parts import is_parts, outputs_of
from nixedit.resolve.reading import files_of
from nixedit.resolve.values import (
    Extended,
    External,
    FunctionValue,
    InputsValue,
    Later,
    PathValue,
    SelfValue,
    SetValue,
    Unknown,
    Value,
    now,
)
from nixedit.syntax.nodes import field, formals
from nixedit.text import decode
from nixedit.workspaces import Workspace

# What Nix adds to every flake, whatever its outputs are; more to those that git keeps.
_OF_SELF = ("_type", "lastModified", "lastModifiedDate", "narHash", "sourceInfo")
# How many modules of a framework are read at most: more is a cycle.


class Host(Struct, frozen=True, eq=False):
    """A host of a flake.

    Attributes:
        name: its attribute name, or the code that computes it.
        value: what it is.
        named: whether the name is known.
    """

    name: str
    value: Value
    named: bool = True


class Fleet:
    """The outputs of a flake.

    Args:
        workspace: the flake's folder.
        flake: its flake.nix, relative to the workspace.
        inputs: the names of its inputs.

    Attributes:
        foreign: the inputs that bring modules of flake-parts, once the outputs are known.
        arguments_of_parts: the arguments of those modules, likewise.
    """

    def __init__(self, workspace: Workspace, flake: str, inputs: Sequence[str]) -> None:
        self.evaluator = Evaluator(files_of(workspace))
        self.workspace = workspace
        self.flake = flake
        self.self_value = SelfValue(None, _Self(self), Unknown(None, "`self` may have it"))
        names = dict.fromkeys([*inputs, *self._named_by_outputs()])
        attributes: dict[str, Later] = {name: now(External(None, (name,))) for name in names}
        self.inputs = InputsValue(None, {**attributes, "self": now(self.self_value)})
        self.foreign: list[str] = []
        self.arguments_of_parts: Mapping[str, Later] = {}
        self._parts: dict[tuple[str, int], Later] = {}
        self.evaluator.made = self._made_by_parts
        self._outputs = Later(self._evaluate)

    def _function(self) -> Value:
        root = self.evaluator.file(self.flake)
        found = root.get("outputs") if isinstance(root, SetValue) else None
        return Unknown(None, "the flake has no `outputs`") if found is None else found

    def _named_by_outputs(self) -> list[str]:
        """The formals of `outputs`: a name that is declared nowhere is an input too, from Nix's registry."""
        function = self._function()
        if not isinstance(function, FunctionValue) or function.origin is None:
            return []
        origin = function.origin
        head = origin.node.child_by_field_id(F.FORMALS)
        names = [] if head is None else [field(formal, F.NAME) for formal in formals(head)]
        return [decode(origin.snapshot.text(name)) for name in names]

    @property
    def outputs(self) -> Value:
        """The value of the outputs."""
        return self._outputs.get()

    def _evaluate(self) -> Value:
        return self._made_by_parts(self.made)

    def _made_by_parts(self, value: Value) -> Value:
        """What a call of flake-parts gives, wherever it stands; any other value as it is."""
        if not is_parts(value) or value.origin is None:
            return value
        place = (value.origin.file, value.origin.node.id)
        if place not in self._parts:
            self._parts[place] = Later(lambda: outputs_of(self, value))
        return self._parts[place].get()

    @property
    def made(self) -> Value:
        """What the `outputs` function gives, before flake-parts makes outputs of it."""
        function = self._function()
        if function.origin is None:
            return function
        return self.evaluator.apply(function, now(self.inputs), function.origin)

    @property
    def folder(self) -> Value:
        """The path of the flake's folder, as a string; within a repository it depends on Nix's version."""
        inner = posixpath.dirname(self.flake)
        return (
            Unknown(None, "the flake is a part of a repository")
            if inner
            else PathValue(None, ".", is_text=True)
        )

    def shown(self, name: str) -> str:
        """A file of the flake as a person would name it."""
        return os.path.normpath(self.workspace.root / name)

    def hosts(self, output: str = "nixosConfigurations") -> tuple[list[Host], Value | None]:
        """The hosts of an output, and the part of it whose names are not known."""
        outputs = self.outputs
        found = outputs.get(output) if isinstance(outputs, SetValue) else outputs
        if found is None:
            return [], None
        if isinstance(found, Extended):
            found = SetValue(found.origin, found.attributes, found)
        if not isinstance(found, SetValue):
            return [], found
        known = [Host(name, value.get()) for name, value in found.attributes.items()]
        computed = [Host(code, value.get(), named=False) for code, value in found.computed.items()]
        return known + computed, found.rest

    # -- modules ------------------------------------------------------------------------------

    def module(self, value: Value, given: Mapping[str, Later] | None = None) -> Value:
        """What a module sets: read from its file, called with the arguments that are known.

        Args:
            value: a path, a function or a set.
            given: arguments beside those that modules get anyway (`specialArgs`).
        """
        if isinstance(value, PathValue) and value.path is not None:
            value = self.evaluator.read(value)
        if isinstance(value, FunctionValue) and value.origin is not None:
            argument = SetValue(None, given or {}, Unknown(None, "it is an argument of the module"))
            value = self.evaluator.apply(value, now(argument), value.origin)
        return value


class _Self(Mapping[str, Later]):
    """The attributes of `self`. None is looked up before it is asked for: outputs name each other by it."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet

    def __getitem__(self, name: str) -> Later:
        if name == "inputs":
            return now(self._fleet.inputs)
        if name == "outputs":
            return Later(lambda: self._fleet.outputs)
        if name == "outPath":
            return now(self._fleet.folder)
        if name in _OF_SELF:
            return now(Unknown(None, "Nix computes it"))
        return Later(lambda: self._output(name))

    def _output(self, name: str) -> Value:
        outputs = self._fleet.outputs
        found = outputs.get(name) if isinstance(outputs, SetValue) else outputs
        if found is not None:
            return found
        if self._fleet.foreign:
            makers = ", ".join(f"`{maker}`" for maker in dict.fromkeys(self._fleet.foreign))
            return Unknown(None, f"`self.{name}` is made by modules of {makers}, if at all")
        return Unknown(None, f"`self` has no `{name}`")

    def __iter__(self) -> Iterator[str]:
        outputs = self._fleet.outputs
        names = list(outputs.attributes) if isinstance(outputs, SetValue) else []
        return iter(dict.fromkeys([*names, "inputs", "outputs", "outPath", *_OF_SELF]))

    def __contains__(self, name: object) -> bool:
        return name in tuple(self)

    def __len__(self) -> int:
        return sum(1 for _ in self)
