"""What is known of functions that no file of the flake defines: those of Nix and of nixpkgs' library.

A function is known by its last name (`lib.genAttrs`, `nixpkgs.lib.attrsets.genAttrs` and `genAttrs` are one),
but for those of a part of the library that has names of its own, as `lib.fileset`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nixedit.resolve.library import (
    files,
    frameworks,
    functions,
    in_nix,
    lists,
    matching,
    packages,
    sets,
    strings,
    types,
)
from nixedit.resolve.library.calls import Rule, is_library
from nixedit.resolve.values import Call, SetValue, Unknown, Value

if TYPE_CHECKING:
    from nixedit.resolve.evaluate import Evaluator

__all__ = ["call", "is_known", "is_library"]

_RULES: dict[str, tuple[int, Rule]] = {
    **lists.RULES,
    **sets.RULES,
    **strings.RULES,
    **matching.RULES,
    **files.RULES,
    **functions.RULES,
    **types.RULES,
    **frameworks.RULES,
}


# Functions of the library that give nothing known, and are in it for sure.
_OTHERS = frozenset(
    {
        "literalExpression",
        "mdDoc",
        "mkAfter",
        "mkAliasOptionModule",
        "mkBefore",
        "mkDefault",
        "mkDerivation",
        "mkEnableOption",
        "mkForce",
        "mkIf",
        "mkMerge",
        "mkOption",
        "mkOptionDefault",
        "mkOrder",
        "mkOverride",
        "mkPackageOption",
        "mkRemovedOptionModule",
        "mkRenamedOptionModule",
        "mkVMOverride",
        "types",
        "getExe",
        "getExe'",
        "maintainers",
        "licenses",
        "platforms",
        "nixosSystem",
    }
)


def call(evaluator: Evaluator, made: Call) -> Value:
    """What a call gives if its function is known and has all of its arguments; else the call itself."""
    names = made.function.names
    known = packages.PATCHING if packages.is_patching(names) else _rule(names)
    if known is None:
        return _in_nix(evaluator, made)
    if len(made.arguments) < known[0]:
        return made
    arity, rule = known
    value = rule(evaluator, made, made.arguments[:arity])
    for argument in made.arguments[arity:]:
        if made.origin is None:
            return Unknown(None)
        value = evaluator.apply(value, argument, made.origin)
    return value


def _in_nix(evaluator: Evaluator, made: Call) -> Value:
    """What a function gives that is said in Nix; the call itself if there is none of its name."""
    names = made.function.names
    if not is_library(names) or names[-2:-1] in (("types",), *((part,) for part in files.PARTS)):
        return made
    found = evaluator.file(in_nix.FILE)
    value = found.get(names[-1]) if isinstance(found, SetValue) else None
    if value is None or made.origin is None:
        return made
    for argument in made.arguments:
        value = evaluator.apply(value, argument, made.origin)
    return value


def is_known(name: str) -> bool:
    """Whether a function of nixpkgs' library is known by its name alone."""
    return (name in _RULES and name not in frameworks.RULES) or name in in_nix.names() or name in _OTHERS


def _rule(names: tuple[str, ...]) -> tuple[int, Rule] | None:
    if not is_library(names) and not frameworks.is_own(names):
        return None
    if len(names) > 1 and names[-2] in files.PARTS:
        return files.PARTS[names[-2]].get(names[-1])
    return _RULES.get(names[-1])
