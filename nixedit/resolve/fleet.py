"""A flake's outputs evaluated, as Nix would call them: with the inputs, and with the flake itself."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from nixedit.resolve.evaluate import Evaluator, Files
from nixedit.resolve.values import (
    Call,
    External,
    FunctionValue,
    Later,
    ListValue,
    PathValue,
    SetValue,
    Unknown,
    Value,
    now,
)
from nixedit.syntax.snapshot import Snapshot
from nixedit.workspaces import Workspace

# How many modules of a framework are read at most: more is a cycle.
_MODULES = 2_000


@frozen(eq=False)
class InputsValue(SetValue):
    """The set of the flake's inputs, `self` among them.

    A name that is declared nowhere is an input too: Nix looks it up in its registry.
    """

    def get(self, name: str) -> Value:
        """The input of that name."""
        found = self.attributes.get(name)
        return External(None, (name,)) if found is None else found.get()


@frozen(eq=False)
class SelfValue(SetValue):
    """The flake itself: its outputs, and `inputs`, `outputs` and what Nix adds."""


@frozen(eq=False)
class Host:
    """A host of a flake.

    Attributes:
        name: its attribute name.
        value: what it is.
    """

    name: str
    value: Value


class Fleet:
    """The outputs of a flake.

    Args:
        workspace: the flake's folder.
        flake: its flake.nix, relative to the workspace.
        inputs: the names of its inputs.
    """

    def __init__(self, workspace: Workspace, flake: str, inputs: Sequence[str]) -> None:
        self.evaluator = Evaluator(_files(workspace))
        self.workspace = workspace
        self.flake = flake
        self.self_value = SelfValue(None, _Self(self), Unknown(None, "`self` may have it"))
        attributes: dict[str, Later] = {name: now(External(None, (name,))) for name in inputs}
        self.inputs = InputsValue(None, {**attributes, "self": now(self.self_value)})
        self._outputs = Later(self._evaluate)

    @property
    def outputs(self) -> Value:
        """The value of the outputs."""
        return self._outputs.get()

    def _evaluate(self) -> Value:
        root = self.evaluator.file(self.flake)
        function = root.get("outputs") if isinstance(root, SetValue) else None
        if function is None or function.origin is None:
            return Unknown(None, "the flake has no `outputs`")
        result = self.evaluator.apply(function, now(self.inputs), function.origin)
        return self._of_framework(result)

    def shown(self, name: str) -> str:
        """A file of the flake as a person would name it."""
        return os.path.normpath(self.workspace.root / name)

    def hosts(self, output: str = "nixosConfigurations") -> tuple[list[Host], Value | None]:
        """The hosts of an output, and the part of it whose names are not known."""
        outputs = self.outputs
        found = outputs.get(output) if isinstance(outputs, SetValue) else outputs
        if found is None:
            return [], None
        if not isinstance(found, SetValue):
            return [], found
        every = {**found.attributes, **found.computed}
        return [Host(name, value.get()) for name, value in every.items()], found.rest

    # -- modules ------------------------------------------------------------------------------

    def module(self, value: Value, given: Mapping[str, Later] | None = None) -> Value:
        """What a module sets: read from its file, called with the arguments that are known.

        Args:
            value: a path, a function or a set.
            given: arguments beside those that modules get anyway (`specialArgs`).
        """
        if isinstance(value, PathValue) and value.path is not None:
            value = self.evaluator.file(value.path)
        if isinstance(value, FunctionValue) and value.origin is not None:
            argument = SetValue(None, given or {}, Unknown(None, "it is an argument of the module"))
            value = self.evaluator.apply(value, now(argument), value.origin)
        return value

    def modules(
        self, first: Sequence[Value], given: Mapping[str, Later] | None = None
    ) -> Iterator[tuple[Value, Value]]:
        """Modules and all that they import: each as it is named, and what it sets."""
        pending = list(first)
        seen: set[str] = set()
        for _ in range(_MODULES):
            if not pending:
                return
            value = pending.pop(0)
            if isinstance(value, PathValue) and value.path is not None:
                if value.path in seen:
                    continue
                seen.add(value.path)
            module = self.module(value, given)
            yield value, module
            imports = module.get("imports") if isinstance(module, SetValue) else None
            if isinstance(imports, ListValue):
                pending += imports.elements()

    def _of_framework(self, value: Value) -> Value:
        """The outputs that flake-parts makes of its modules: the `flake` of each, merged."""
        if not isinstance(value, Call) or value.function.names[-1] != "mkFlake" or len(value.arguments) < 2:
            return value
        if "parts" not in value.function.names[0]:
            return value
        given = _Arguments({"inputs": now(self.inputs), "self": now(self.self_value)})
        modules = given.modules = []
        attributes: dict[str, Later] = {}
        rest: Value | None = None
        for named, module in self.modules([value.arguments[1].get()], given):
            modules.append(module)
            if not isinstance(module, SetValue):
                if not isinstance(named, External):  # an input's module brings no hosts
                    rest = rest or module
                continue
            flake = module.get("flake")
            if isinstance(flake, SetValue):
                for name, found in flake.attributes.items():
                    attributes[name] = _joined(attributes.get(name), found)
                rest = rest or flake.rest
            elif flake is not None:
                rest = rest or flake
        return SetValue(value.origin, attributes, rest)


class _Arguments(Mapping[str, Later]):
    """The arguments of a framework's modules: what they get anyway, and what `_module.args` gives them.

    Attributes:
        modules: the modules that were read.
    """

    def __init__(self, known: Mapping[str, Later]) -> None:
        self._known = known
        self.modules: list[Value] = []

    def __getitem__(self, name: str) -> Later:
        known = self._known.get(name)
        return Later(lambda: self._of_modules(name)) if known is None else known

    def _of_modules(self, name: str) -> Value:
        for module in self.modules:
            value: Value | None = module
            for step in ("_module", "args", name):
                value = value.get(step) if isinstance(value, SetValue) else None
            if value is not None and not isinstance(value, Unknown):
                return value
        return Unknown(None, f"`{name}` is an argument of the module")

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)


def _joined(one: Later | None, two: Later) -> Later:
    """Two definitions of one option: sets are merged."""
    if one is None:
        return two

    def both() -> Value:
        first, second = one.get(), two.get()
        if isinstance(first, SetValue) and isinstance(second, SetValue):
            attributes = {**first.attributes, **second.attributes}
            return SetValue(first.origin, attributes, first.rest or second.rest)
        return second

    return Later(both)


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
            return now(PathValue(None, "."))
        return Later(lambda: self._output(name))

    def _output(self, name: str) -> Value:
        outputs = self._fleet.outputs
        found = outputs.get(name) if isinstance(outputs, SetValue) else outputs
        return Unknown(None, f"`self` has no `{name}`") if found is None else found

    def __iter__(self) -> Iterator[str]:
        outputs = self._fleet.outputs
        names = list(outputs.attributes) if isinstance(outputs, SetValue) else []
        return iter(dict.fromkeys([*names, "inputs", "outputs", "outPath"]))

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _files(workspace: Workspace) -> Files:
    root = str(workspace.root)

    def snapshot(name: str) -> Snapshot | None:
        try:
            return workspace[name].snapshot
        except (OSError, ValueError):
            return None

    def kind(name: str) -> str | None:
        path = os.path.join(root, name)
        return "directory" if os.path.isdir(path) else "regular" if os.path.isfile(path) else None

    def listing(name: str) -> dict[str, str]:
        try:
            with os.scandir(os.path.join(root, name)) as entries:
                return {entry.name: "directory" if entry.is_dir() else "regular" for entry in entries}
        except OSError:
            return {}

    def read(name: str) -> bytes | None:
        try:
            with open(os.path.join(root, name), "rb") as file:
                return file.read()
        except OSError:
            return None

    return Files(snapshot, kind, listing, read)
