"""Functions of functions, and the library itself: `import`, `flip`, `pipe`, `lib.extend` and their kin."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nixedit.resolve.library.calls import Rule, applied, elements, library_of
from nixedit.resolve.paths import EVAL_CONFIG, source_of
from nixedit.resolve.values import (
    Call,
    Extended,
    External,
    InputPath,
    Later,
    PathValue,
    SetValue,
    Unknown,
    Value,
    now,
)

if TYPE_CHECKING:
    from nixedit.resolve.evaluate import Evaluator


def imported(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`import path`."""
    path = given[0].get()
    if isinstance(path, PathValue) and path.path is not None:
        return evaluator.read(path)
    if isinstance(path, External):
        return External(made.origin, (*path.names, "import"))
    if isinstance(path, InputPath) and path.rest in EVAL_CONFIG:
        return External(made.origin, (path.source, "lib", "nixosSystem"))
    if isinstance(path, InputPath):
        return External(made.origin, (path.source, f"import{path.rest}"))
    source = source_of(path)
    if source is not None:
        return External(made.origin, (source, "import"))
    return Unknown.because(path, made.origin, "a computed path is imported here")


def last(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """What gives its last argument: `id`, `trace`, `seq`."""
    return given[-1].get()


def make_overridable(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`makeOverridable function argument`: a set also gets functions that make it anew."""
    value = applied(evaluator, made, given[0], given[1]).get()
    if not isinstance(value, SetValue) or made.origin is None:
        return value
    added = now(Unknown(made.origin, "`makeOverridable` adds it"))
    return evaluator.merged(
        value, SetValue(made.origin, dict.fromkeys(("override", "overrideDerivation"), added)), made.origin
    )


def flip(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`flip function second first`."""
    return applied(evaluator, made, given[0], given[2], given[1]).get()


def pipe(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`pipe value functions`."""
    functions = elements(given[1].get())
    if functions is None:
        return Unknown(made.origin)
    result = given[0]
    for function in functions:
        result = applied(evaluator, made, function, result)
    return result.get()


def extend(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`lib.extend (final: prev: { … })`."""
    base = library_of(made.function)

    def extended() -> Value:
        own = applied(evaluator, made, given[0], result, now(base)).get()
        if isinstance(own, External) and (own.names == ("builtins",) or own.names[-1] == "lib"):
            # Another library, `home-manager.lib`: they share no names that mean something else.
            added = own.attributes if isinstance(own, Extended) else {}
            return Extended(made.origin, base.names, added) if added else base
        if not isinstance(own, SetValue) or not own.complete:
            return Unknown(made.origin, "a library is extended with what is computed")
        return Extended(made.origin, base.names, own.attributes)

    result = Later(extended)
    return result.get()


RULES: dict[str, tuple[int, Rule]] = {
    "import": (1, imported),
    "id": (1, last),
    "trace": (2, last),
    "seq": (2, last),
    "deepSeq": (2, last),
    "makeOverridable": (2, make_overridable),
    "flip": (3, flip),
    "pipe": (2, pipe),
    "extend": (1, extend),
}
