"""What is known of functions that no file of the flake defines: those of Nix and of nixpkgs' library.

A function is known by its last name (`lib.genAttrs`, `nixpkgs.lib.attrsets.genAttrs` and `genAttrs` are one),
but for those of a part of the library that has names of its own, as `lib.fileset`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from nixedit.resolve.library import files, frameworks, functions, lists, sets, strings
from nixedit.resolve.library.calls import Rule, is_library
from nixedit.resolve.values import Call, Unknown, Value

if TYPE_CHECKING:
    from nixedit.resolve.evaluate import Evaluator

__all__ = ["call", "is_known", "is_library"]

_RULES: dict[str, tuple[int, Rule]] = {
    **lists.RULES,
    **sets.RULES,
    **strings.RULES,
    **files.RULES,
    **functions.RULES,
    **frameworks.RULES,
}


def call(evaluator: Evaluator, made: Call) -> Value:
    """What a call gives if its function is known and has all of its arguments; else the call itself."""
    known = _rule(made.function.names)
    if known is None or len(made.arguments) < known[0]:
        return made
    arity, rule = known
    value = rule(evaluator, made, made.arguments[:arity])
    for argument in made.arguments[arity:]:
        if made.origin is None:
            return Unknown(None)
        value = evaluator.apply(value, argument, made.origin)
    return value


def is_known(name: str) -> bool:
    """Whether a function of nixpkgs' library is known by its name alone."""
    return name in _RULES and name not in frameworks.RULES


def _rule(names: tuple[str, ...]) -> tuple[int, Rule] | None:
    if not is_library(names) and not frameworks.is_own(names):
        return None
    if len(names) > 1 and names[-2] in files.PARTS:
        return files.PARTS[names[-2]].get(names[-1])
    return _RULES.get(names[-1])
