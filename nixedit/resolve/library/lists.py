"""Functions of lists. Sources: Nix manual, "Built-in Functions"; nixpkgs manual, `lib.lists`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from nixedit.resolve.library.calls import Rule, applied, boolean, elements, integer
from nixedit.resolve.paths import same, type_of
from nixedit.resolve.values import (
    Call,
    External,
    Later,
    ListValue,
    Literal,
    Part,
    Unknown,
    Value,
    list_of,
    more_of,
    now,
)

if TYPE_CHECKING:
    from nixedit.resolve.evaluate import Evaluator

_MODULES = ("nixosModules", "darwinModules", "homeModules", "homeManagerModules")


_LONGEST = 1_000


def over(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`map function list`."""
    listed = given[1].get()
    if not isinstance(listed, ListValue):
        return Unknown(made.origin, "a computed list is mapped here")
    parts = [
        Part([applied(evaluator, made, given[0], element) for element in part.elements], None, part.known)
        for part in listed.parts
    ]
    return ListValue(made.origin, parts)


def for_each(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`forEach list function`."""
    return over(evaluator, made, (given[1], given[0]))


def concat(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`concatLists lists`."""
    listed = given[0].get()
    if not isinstance(listed, ListValue):
        return Unknown(made.origin)
    parts: list[Part] = []
    for part in listed.parts:
        for element in part.elements:
            inner = element.get()
            if isinstance(inner, ListValue):
                parts += _uncertain(inner.parts) if not part.known else inner.parts
            else:
                parts.append(more_of(inner))
        if not part.known:
            parts.append(Part((), part.origin, known=False, limited=part.bounded))
    return list_of(made.origin, parts)


def concat_map(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`concatMap function list`."""
    return concat(evaluator, made, [now(over(evaluator, made, given))])


def flatten(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`flatten list`: what lists within lists hold, however deep; anything else in a list of its own."""
    value = given[0].get()
    if isinstance(value, ListValue):
        return list_of(made.origin, list(_flat(value)))
    if type_of(value) is None:
        return Unknown(made.origin)
    return ListValue(made.origin, [Part([given[0]], None)])


def _flat(listed: ListValue) -> Iterator[Part]:
    for part in listed.parts:
        values = [element.get() for element in part.elements]
        if all(type_of(value) not in (None, "list") for value in values):
            yield part
            continue
        for element, value in zip(part.elements, values, strict=True):
            if isinstance(value, ListValue):
                yield from _flat(value) if part.known else _uncertain(list(_flat(value)))
            else:
                # What is not known may be a list of none or many.
                known = part.known and (type_of(value) is not None or _is_module(value))
                yield Part([element], None, known, part.bounded and isinstance(value, External))
        if not part.known:
            yield Part((), part.origin, known=False, limited=part.bounded)


def _is_module(value: Value) -> bool:
    """Whether a value is a module among an input's outputs: `nix flake check` takes no lists there."""
    return isinstance(value, External) and len(value.names) == 3 and value.names[1] in _MODULES


def _uncertain(parts: Sequence[Part]) -> list[Part]:
    """The pieces of a list that may be there or not: their elements are shown, and none is sure."""
    return [Part(part.elements, part.origin, known=False, limited=part.bounded) for part in parts]


def optionals(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`optionals condition list`."""
    condition = boolean(given[0].get())
    if condition is False:
        return ListValue(made.origin, ())
    listed = given[1].get()
    if condition:
        return listed
    parts = listed.parts if isinstance(listed, ListValue) else (more_of(listed),)
    return ListValue(made.origin, _uncertain(parts))


def optional(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`optional condition element`."""
    single = ListValue(made.origin, (Part((given[1],), None),))
    return optionals(evaluator, made, (given[0], now(single)))


def kept(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`filter predicate list`."""
    found = elements(given[1].get())
    if found is None:
        return Unknown(made.origin)
    result = []
    for element in found:
        keep = boolean(applied(evaluator, made, given[0], element).get())
        if keep is None:
            return Unknown(made.origin, "a computed condition filters here")
        if keep:
            result.append(element)
    return ListValue(made.origin, [Part(result, None)])


def fold(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`foldl' function start list`, and `foldl`."""
    found = elements(given[2].get())
    if found is None:
        return Unknown(made.origin)
    result = given[1]
    for element in found:
        result = applied(evaluator, made, given[0], result, element)
        result.get()
    return result.get()


def some(stop: bool) -> Rule:
    """`any` (stops at the first true) or `all` (stops at the first false)."""

    def rule(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
        found = elements(given[1].get())
        if found is None:
            return Unknown(made.origin)
        for element in found:
            answer = boolean(applied(evaluator, made, given[0], element).get())
            if answer is None:
                return Unknown(made.origin)
            if answer is stop:
                return Literal(made.origin, stop)
        return Literal(made.origin, not stop)

    return rule


def contains(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`elem value list`."""
    one, found = given[0].get(), elements(given[1].get())
    if found is None:
        return Unknown(made.origin)
    answers = [same(one, element.get()) for element in found]
    if True in answers:
        return Literal(made.origin, value=True)
    return Unknown(made.origin) if None in answers else Literal(made.origin, value=False)


def head(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`head list`."""
    listed = given[0].get()
    for part in listed.parts if isinstance(listed, ListValue) else ():
        if not part.known:
            break
        for element in part.elements:
            return element.get()
    return Unknown(made.origin)


def singleton(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`singleton value`."""
    return ListValue(made.origin, [Part([given[0]], None)])


def to_list(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`toList value`: a list as it is, anything else in a list of its own."""
    value = given[0].get()
    if isinstance(value, ListValue):
        return value
    return Unknown(made.origin) if type_of(value) is None else singleton(evaluator, made, given)


def length(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`length list`."""
    found = elements(given[0].get())
    return Unknown(made.origin) if found is None else Literal(made.origin, len(found))


def element_at(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`elemAt list index`."""
    found, index = elements(given[0].get()), integer(given[1].get())
    if found is None or index is None or not 0 <= index < len(found):
        return Unknown(made.origin)
    return found[index].get()


def tail(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`tail list`."""
    found = elements(given[0].get())
    return Unknown(made.origin) if not found else ListValue(made.origin, [Part(found[1:], None)])


def generated(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`genList function length`."""
    size = integer(given[1].get())
    if size is None or not 0 <= size <= _LONGEST:
        return Unknown(made.origin)
    found = [applied(evaluator, made, given[0], now(Literal(None, index))) for index in range(size)]
    return ListValue(made.origin, [Part(found, None)])


RULES: dict[str, tuple[int, Rule]] = {
    "map": (2, over),
    "forEach": (2, for_each),
    "concatLists": (1, concat),
    "concatMap": (2, concat_map),
    "flatten": (1, flatten),
    "optionals": (2, optionals),
    "optional": (2, optional),
    "filter": (2, kept),
    "foldl'": (3, fold),
    "foldl": (3, fold),
    "any": (2, some(stop=True)),
    "all": (2, some(stop=False)),
    "elem": (2, contains),
    "head": (1, head),
    "tail": (1, tail),
    "length": (1, length),
    "elemAt": (2, element_at),
    "genList": (2, generated),
    "singleton": (1, singleton),
    "toList": (1, to_list),
}
