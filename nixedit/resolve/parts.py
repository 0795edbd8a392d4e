"""What flake-parts makes of its modules: the `flake` of each, merged as its options are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, TypeGuard

from nixedit.resolve.library.calls import text
from nixedit.resolve.module_tree import part_of, walk
from nixedit.resolve.options import Options
from nixedit.resolve.properties import defined
from nixedit.resolve.values import (
    Call,
    External,
    Later,
    ListValue,
    Part,
    PathValue,
    SetValue,
    Unknown,
    Value,
    now,
)

if TYPE_CHECKING:
    from nixedit.resolve.fleet import Fleet

_EACH = "flake-parts may make it for each system"
_TRANSPOSED = "mkTransposedPerSystemModule"
_LIBRARY = ("flake-parts", "lib")
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


def is_parts(value: Value) -> TypeGuard[Call]:
    """Whether a value is a call of flake-parts' `mkFlake` with both of its arguments."""
    return (
        isinstance(value, Call)
        and value.function.names[-1] == "mkFlake"
        and len(value.arguments) >= 2
        and "parts" in value.function.names[0]
    )


def outputs_of(fleet: Fleet, value: Call) -> Value:
    """The outputs that flake-parts makes of its modules: the `flake` of each, merged."""
    given = _Arguments(_special_args(value.arguments[0].get()))
    given.known = {**_given(fleet, given.modules), **given.known}
    fleet.arguments_of_parts = given
    found: Value = SetValue(value.origin, {})
    for read in walk(fleet, [part_of([value.arguments[1].get()])], given):
        named, module = read.named, read.value
        given.modules.append(module)
        if isinstance(module, SetValue):
            for outputs in _outputs(fleet, module):
                found = _joined(found, outputs)
        elif isinstance(module, Call) and module.function.names[:2] == _LIBRARY:
            found = _joined(found, _of_library(module))
        elif isinstance(named, External):
            fleet.foreign.append(named.names[0])  # what hosts it makes is not known: none, mostly
        elif not (isinstance(named, PathValue) and named.path is None):  # a file of an input
            found = _joined(found, module)
    # Others come from `perSystem`, and are not among the names of hosts.
    others = dict.fromkeys(_OF_PARTS, now(Unknown(value.origin, _EACH)))
    return _joined(SetValue(value.origin, others), found)


def _given(fleet: Fleet, modules: list[Value]) -> dict[str, Later]:
    """The arguments that flake-parts gives to its modules; `config.flake` is what the flake will be."""
    rest = Unknown(None, "`config` may have it")
    config = Options(
        lambda: None if isinstance(fleet.outputs, Unknown) else modules, {"flake": now(fleet.self_value)}
    )
    return {
        "inputs": now(fleet.inputs),
        "self": now(fleet.self_value),
        "lib": now(External(None, ("nixpkgs", "lib"))),
        "flake-parts-lib": now(External(None, _LIBRARY)),
        "withSystem": now(External(None, (*_LIBRARY, "withSystem"))),
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


def _outputs(fleet: Fleet, module: SetValue) -> Iterator[Value]:
    """What a module of flake-parts sets `flake` to, also under `config`."""
    found = module.get("flake")
    if found is not None:
        yield from _definitions(fleet, found)
    config = module.get("config")
    for part in () if config is None else defined(config):
        found = part.get("flake") if isinstance(part, SetValue) else part
        if found is not None:
            yield from _definitions(fleet, found)


def _definitions(fleet: Fleet, value: Value) -> Iterator[Value]:
    """The sets that a definition of `flake` is: what conditions decide, what functions give for its `config`.

    Source: flake-parts, modules/flake.nix: it is a submodule.
    """
    given = {"config": now(fleet.self_value), "lib": now(External(None, ("nixpkgs", "lib")))}
    for part in defined(value):
        yield fleet.module(part, given)


def _of_library(module: Call) -> Value:
    """What a module that flake-parts' own library makes gives the flake: an output of all systems, if any."""
    given = module.arguments[0].get() if module.function.names[-1] == _TRANSPOSED else None
    name = given.get("name") if isinstance(given, SetValue) else None
    output = None if name is None else text(name)
    return SetValue(module.origin, {} if output is None else {output: now(Unknown(module.origin, _EACH))})


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
