"""Options that a flake's own modules declare and define, as `config` has them: for modules of flake-parts.

An option of `attrsOf` has the names of all of its definitions. What stands under a name went through the type
of its elements, and is not known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from nixedit.resolve.values import Call, External, Later, PathValue, SetValue, Unknown, Value, now

_BY_NAME = ("attrsOf", "lazyAttrsOf")
Path = tuple[str, ...]


class Options(Mapping[str, Later]):
    """The attributes of `config`.

    Args:
        modules: gives all modules; None while they are not all read.
        known: attributes that are known otherwise.
    """

    def __init__(self, modules: Callable[[], Sequence[Value] | None], known: Mapping[str, Later]) -> None:
        self._modules, self._known = modules, known

    def __getitem__(self, name: str) -> Later:
        known = self._known.get(name)
        return Later(lambda: self._at((name,))) if known is None else known

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def __contains__(self, name: object) -> bool:
        return name in self._known

    def _at(self, path: Path) -> Value:
        """The value of the option at a path, or of the set of options below it."""
        modules = self._modules()
        if modules is None:
            return Unknown(None, "the modules are not read yet")
        declared = [found for module in modules if (found := _within(module, ("options", *path)))]
        unknown = next((found for found in declared if isinstance(found, Unknown)), None)
        if unknown is not None or not declared:
            return unknown or Unknown(None, f"`config.{'.'.join(path)}` is an option of another flake")
        sets = [found for found in declared if isinstance(found, SetValue) and found.complete]
        if len(sets) == len(declared):
            names = dict.fromkeys(name for found in sets for name in found.attributes)
            return SetValue(None, {name: self._below(path, name) for name in names})
        (option, *more) = declared
        if more or not isinstance(option, Call) or option.function.names[-1] != "mkOption":
            return Unknown(option.origin, "the option is declared in several pieces")
        return self._option(path, option, modules)

    def _below(self, path: Path, name: str) -> Later:
        return Later(lambda: self._at((*path, name)))

    def _option(self, path: Path, option: Call, modules: Sequence[Value]) -> Value:
        argument = option.arguments[0].get()
        if not isinstance(argument, SetValue) or not argument.complete:
            return Unknown(option.origin, "the option is computed")
        places = [place for name in ((), ("config",)) for place in [(*name, *path)]]
        found = [value for module in modules for place in places if (value := _within(module, place))]
        kind, default = argument.get("type"), argument.get("default")
        if not found and default is not None and kind is None:
            return default
        if not isinstance(kind, Call) or kind.function.names[-1] not in _BY_NAME:
            return Unknown(option.origin, "it is what an option makes of its definitions")
        definitions = found or ([] if default is None else [default])
        names: dict[str, None] = {}
        for definition in definitions:
            if not isinstance(definition, SetValue) or not definition.complete:
                return Unknown(definition.origin or option.origin, "the option's definition is computed")
            names.update(dict.fromkeys(definition.attributes))
        inner = now(Unknown(option.origin, "it is what an option makes of its definitions"))
        return SetValue(option.origin, dict.fromkeys(sorted(names), inner))


def _within(module: Value, path: Path) -> Value | None:
    """What a module has at a path: None if nothing; another flake's module is taken to have nothing."""
    value: Value | None = module
    if isinstance(module, External) or (isinstance(module, PathValue) and module.path is None):
        return None
    for name in path:
        if value is None:
            return None
        if not isinstance(value, SetValue):
            return Unknown(value.origin, getattr(value, "reason", "its value is computed"))
        value = value.get(name)
    return value
