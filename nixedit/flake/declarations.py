"""Options that a host's own modules declare: the type of each, and what it is where nothing defines it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from nixedit.resolve.evaluate import Evaluator
from nixedit.resolve.module_tree import Module
from nixedit.resolve.values import Call, External, Literal, Origin, SetValue, Value

# Types whose value is that of a definition; of several, they are to be the same.
_SCALARS = (
    *("bool", "enum", "float", "int", "nonEmptyStr", "number", "path", "port", "singleLineStr", "str"),
    *("ints", "numbers", "between", "positive", "unsigned"),
)
# Types whose definitions are merged further down, with `mkIf` and priorities of their own: not `attrs`.
_TREES = ("attrsOf", "lazyAttrsOf", "submodule", "submoduleWith", "deferredModule")


class Declaration(Struct, frozen=True, eq=False):
    """An option.

    Attributes:
        origin: where it is declared.
        default: its value where nothing defines it; None where it has none.
        is_scalar: whether it is one plain value.
        is_tree: whether its definitions are merged further down.
    """

    origin: Origin | None
    default: Value | None
    is_scalar: bool
    is_tree: bool


def declarations(
    evaluator: Evaluator, modules: Sequence[Module], path: tuple[str, ...]
) -> list[Declaration | Value]:
    """What modules declare at a path: an option, or the set that has some, or what is not known.

    Args:
        evaluator: evaluates the flake.
        modules: the modules.
        path: the path.
    """
    found: list[Declaration | Value] = []
    for module in modules:
        value = _within(module.value, ("options", *path)) if module.sure else None
        if value is not None:
            found.append(_declaration(evaluator, value) or value)
    return found


def _within(value: Value | None, path: tuple[str, ...]) -> Value | None:
    for name in path:
        found = value.attributes.get(name) if isinstance(value, SetValue) else None
        if found is None:
            return None
        value = found.get()
    return value


def _declaration(evaluator: Evaluator, value: Value) -> Declaration | None:
    """An option that a value is: `mkOption { … }`, `mkEnableOption "…"`, and that with `// { … }`."""
    if isinstance(value, SetValue) and value.rest is not None and value.rest.origin is not None:
        base = evaluator.evaluate(value.rest.origin)
        found = _declaration(evaluator, base) if isinstance(base, Call) else None
        if found is None:
            return None
        default = value.get("default") if "default" in value.attributes else found.default
        plain = "apply" not in value.attributes and "type" not in value.attributes
        return Declaration(value.origin, default if plain else None, found.is_scalar and plain, found.is_tree)
    if not isinstance(value, Call) or not value.arguments:
        return None
    name = value.function.names[-1]
    if name == "mkEnableOption":
        return Declaration(value.origin, Literal(None, value=False), is_scalar=True, is_tree=False)
    argument = value.arguments[0].get()
    return _of_set(argument, value.origin) if name == "mkOption" and isinstance(argument, SetValue) else None


def _of_set(given: SetValue, origin: Origin | None) -> Declaration:
    name = _type(given.get("type"))
    plain = given.has("apply") is False
    default = given.get("default") if plain and given.has("default") else None
    return Declaration(origin, default, is_scalar=plain and name in _SCALARS, is_tree=name in _TREES)


def _type(value: Value | None) -> str:
    """The name of a type: `bool`, `enum`; of `nullOr bool`, `bool`."""
    if isinstance(value, Call):
        name = value.function.names[-1]
        return _type(value.arguments[0].get()) if name == "nullOr" else name
    return value.names[-1] if isinstance(value, External) else ""
