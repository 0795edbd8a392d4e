"""A flake's outputs evaluated, as Nix would call them: with the inputs, and with the flake itself."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator, Mapping, Sequence

from attrs import frozen

from nixedit.grammar import F
from nixedit.resolve.evaluate import Evaluator
from nixedit.resolve.options import Options
from nixedit.resolve.reading import files_of
from nixedit.resolve.values import (
    Call,
    Extended,
    External,
    FunctionValue,
    InputsValue,
    Later,
    ListValue,
    Part,
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
# The outputs that flake-parts has options for beside those of hosts.
_OF_PARTS = (
    "apps",
    "checks",
    "devShells",
    "formatter",
    "legacyPackages",
    "nixosModules",
    "overlays",
    "packages",
)
# How long the paths of those are whose values are modules: several of one name are imported together.
_DEFERRED = {"nixosModules": 2, "homeModules": 2, "modules": 3}
# How many modules of a framework are read at most: more is a cycle.
_MODULES = 2_000


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

    Attributes:
        foreign: the inputs that bring modules of flake-parts, once the outputs are known.
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
        function = self._function()
        if function.origin is None:
            return function
        return self._of_framework(self.evaluator.apply(function, now(self.inputs), function.origin))

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
            if imports is not None and not (isinstance(imports, ListValue) and imports.known):
                more = Unknown(imports.origin, "what it imports is computed")
                yield more, more
        more = Unknown(None, "there are too many modules")
        yield more, more

    def _of_framework(self, value: Value) -> Value:
        """The outputs that flake-parts makes of its modules: the `flake` of each, merged."""
        if not isinstance(value, Call) or value.function.names[-1] != "mkFlake" or len(value.arguments) < 2:
            return value
        if "parts" not in value.function.names[0]:
            return value
        given = _Arguments(_special_args(value.arguments[0].get()))
        given.known = {**self._given_by_parts(given.modules), **given.known}
        found: Value = SetValue(value.origin, {})
        for named, module in self.modules([value.arguments[1].get()], given):
            given.modules.append(module)
            if isinstance(module, SetValue):
                for outputs in _outputs_of(module):
                    found = _joined(found, outputs)
            elif isinstance(named, External):
                self.foreign.append(named.names[0])  # what hosts it makes is not known: none, mostly
            elif not (isinstance(named, PathValue) and named.path is None):  # a file of an input
                found = _joined(found, module)
        # Others come from `perSystem`, and are not among the names of hosts.
        others = dict.fromkeys(
            _OF_PARTS, now(Unknown(value.origin, "flake-parts may make it for each system"))
        )
        return _joined(SetValue(value.origin, others), found)

    def _given_by_parts(self, modules: list[Value]) -> dict[str, Later]:
        """The arguments that flake-parts gives to its modules; `config.flake` is what the flake will be."""
        rest = Unknown(None, "`config` may have it")
        config = Options(
            lambda: None if isinstance(self.outputs, Unknown) else modules, {"flake": now(self.self_value)}
        )
        return {
            "inputs": now(self.inputs),
            "self": now(self.self_value),
            "lib": now(External(None, ("nixpkgs", "lib"))),
            "flake-parts-lib": now(External(None, ("flake-parts", "lib"))),
            "withSystem": now(External(None, ("flake-parts", "lib", "withSystem"))),
            "config": now(SetValue(None, config, rest)),
        }


class _Arguments(Mapping[str, Later]):
    """The arguments of a framework's modules: what they get anyway, and what `_module.args` gives them.

    Attributes:
        known: what they get anyway.
        modules: the modules that were read.
    """

    def __init__(self, known: Mapping[str, Later]) -> None:
        self.known = known
        self.modules: list[Value] = []

    def __getitem__(self, name: str) -> Later:
        known = self.known.get(name)
        return Later(lambda: self._of_modules(name)) if known is None else known

    def __contains__(self, name: object) -> bool:
        return name in self.known

    def _of_modules(self, name: str) -> Value:
        for module in self.modules:
            value: Value | None = module
            for step in ("_module", "args", name):
                value = value.get(step) if isinstance(value, SetValue) else None
            if value is not None and not isinstance(value, Unknown):
                return value
        return Unknown(None, f"`{name}` is an argument of the module")

    def __iter__(self) -> Iterator[str]:
        return iter(self.known)

    def __len__(self) -> int:
        return len(self.known)


def _special_args(given: Value) -> dict[str, Later]:
    """What the first argument of `mkFlake` says of the arguments of modules, which can replace any."""
    found = given.get("specialArgs") if isinstance(given, SetValue) else given
    if found is None:
        return {}
    if isinstance(found, SetValue) and found.complete:
        return dict(found.attributes)
    unknown = now(Unknown(found.origin, "`specialArgs` may have it"))
    return {"lib": unknown, "flake-parts-lib": unknown}


def _outputs_of(module: SetValue) -> Iterator[Value]:
    """What a module of flake-parts sets `flake` to, also under `config`."""
    config = module.attributes["config"].get() if "config" in module.attributes else None
    for place in (module, config):
        found = place.get("flake") if isinstance(place, SetValue) else place
        if found is not None:
            yield found


def _joined(one: Value, two: Value, path: tuple[str, ...] = ()) -> Value:
    """Two definitions of the option at a path of `flake`: sets are merged; of all else one can be."""
    if len(path) == _DEFERRED.get(path[0] if path else ""):
        imports = ListValue(None, [Part([now(one), now(two)], None)])
        return SetValue(None, {"imports": now(imports)})
    if not isinstance(one, SetValue):
        one, two = two, one
    if not isinstance(one, SetValue):
        return Unknown(one.origin or two.origin, getattr(one, "reason", "it is set twice"))
    if not isinstance(two, SetValue):
        reason = getattr(two, "reason", "its value is computed")
        return SetValue(one.origin, one.attributes, one.rest or Unknown(two.origin, reason), one.computed)
    attributes = dict(one.attributes)
    for name, value in two.attributes.items():
        other = attributes.get(name)
        attributes[name] = value if other is None else _both(other, value, (*path, name))
    computed = {**one.computed, **two.computed}
    return SetValue(one.origin or two.origin, attributes, one.rest or two.rest, computed)


def _both(one: Later, two: Later, path: tuple[str, ...]) -> Later:
    return Later(lambda: _joined(one.get(), two.get(), path))


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
        return Unknown(None, f"`self` has no `{name}`") if found is None else found

    def __iter__(self) -> Iterator[str]:
        outputs = self._fleet.outputs
        names = list(outputs.attributes) if isinstance(outputs, SetValue) else []
        return iter(dict.fromkeys([*names, "inputs", "outputs", "outPath", *_OF_SELF]))

    def __contains__(self, name: object) -> bool:
        return name in tuple(self)

    def __len__(self) -> int:
        return sum(1 for _ in self)
