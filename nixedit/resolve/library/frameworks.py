"""Functions of other flakes: of flake-utils, flake-parts, import-tree and snowfall-lib."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nixedit.resolve.library import in_nix
from nixedit.resolve.library.calls import Rule, applied, elements
from nixedit.resolve.library.files import import_tree
from nixedit.resolve.values import (
    Call,
    External,
    FunctionValue,
    Later,
    ListValue,
    Literal,
    PathValue,
    SetValue,
    Unknown,
    Value,
    now,
)

if TYPE_CHECKING:
    from nixedit.resolve.evaluate import Evaluator


def each_system(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`eachSystem systems function`: the names that it gives, each with the systems below it."""
    if len(given) > 1 and not _are_some(given[0].get()):
        return Unknown(made.origin, "the systems are computed here")
    found = _for_a_system(evaluator, made, given[-1])
    if not isinstance(found, SetValue):
        return Unknown(made.origin, "the outputs of each system are computed here")
    inner = now(Unknown(made.origin, "one for each system"))
    return SetValue(
        made.origin, dict.fromkeys(found.attributes, inner), found.rest, dict.fromkeys(found.computed, inner)
    )


def pass_through(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`eachDefaultSystemPassThrough function`: what it gives for each system, merged."""
    return _for_a_system(evaluator, made, given[-1])


def _for_a_system(evaluator: Evaluator, made: Call, function: Later) -> Value:
    """What a function gives for any system: only what does not depend on it is known."""
    return applied(
        evaluator, made, function, now(Unknown(made.origin, "it is another for each system"))
    ).get()


def _are_some(systems: Value) -> bool:
    """Whether there is at least one system: flake-utils' own lists are not empty."""
    return isinstance(systems, External) or (isinstance(systems, ListValue) and bool(elements(systems)))


def import_apply(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """flake-parts' `importApply path arguments`: the module that a file gives for arguments of its own."""
    path = given[0].get()
    if not isinstance(path, PathValue) or path.path is None or made.origin is None:
        return Unknown(made.origin, "a computed path is imported here")
    return evaluator.apply(evaluator.file(path.path), given[1], made.origin)


def library(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """snowfall-lib's `mkLib`: nixpkgs' library with functions of its own and of the flake."""
    return External(made.origin, (made.function.names[0], "lib")) if is_own(made.function.names) else made


def with_system(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """flake-parts' `withSystem system function`: the function gets what `perSystem` gets for that system."""
    rest = Unknown(made.origin, "it is an argument of `perSystem`")
    return applied(evaluator, made, given[1], now(SetValue(None, {"system": given[0]}, rest))).get()


def is_own(names: Sequence[str]) -> bool:
    """Whether a function that stands in no library is one of these."""
    return tuple(names) == ("import-tree",) or (names[-1] == "mkLib" and "snowfall" in "".join(names[:-1]))


def load(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """haumea's `lib.load` without a transformer, and with one loader for all files."""
    argument = given[0].get()
    library = evaluator.file(in_nix.FILE)
    function = library.get("haumeaLoad") if isinstance(library, SetValue) else None
    if not isinstance(argument, SetValue) or function is None or made.origin is None:
        return made
    attributes = dict(argument.attributes)
    if "loader" in attributes:
        attributes["loader"] = now(_loader(attributes["loader"].get()))
    plain = argument.complete and attributes.keys() <= {"src", "inputs", "loader"}
    if "haumea" not in made.function.names[0] or not plain:
        return made
    return evaluator.apply(function, now(SetValue(argument.origin, attributes)), made.origin)


def _loader(value: Value) -> Value:
    """A loader of haumea's own by its name, another one as it is."""
    own = isinstance(value, External) and value.names[-2:-1] == ("loaders",)
    if isinstance(value, External) and own and value.names[-1] in ("default", "path", "verbatim"):
        return Literal(value.origin, value.names[-1])
    return value if isinstance(value, FunctionValue) else Unknown(value.origin, "haumea's loader is computed")


RULES: dict[str, tuple[int, Rule]] = {
    "eachSystem": (2, each_system),
    "eachDefaultSystem": (1, each_system),
    "eachDefaultSystemPassThrough": (1, pass_through),
    "import-tree": (1, import_tree),
    "importApply": (2, import_apply),
    "withSystem": (2, with_system),
    "mkLib": (1, library),
    "load": (1, load),
}
