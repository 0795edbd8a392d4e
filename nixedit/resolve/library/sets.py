"""Functions of sets. Sources: Nix manual, "Built-in Functions"; nixpkgs manual, `lib.attrsets`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from nixedit.resolve.library.calls import Rule, applied, boolean, elements, text, texts
from nixedit.resolve.paths import type_of
from nixedit.resolve.values import (
    Call,
    Later,
    ListValue,
    Literal,
    Part,
    SetValue,
    Unknown,
    Value,
    now,
)

if TYPE_CHECKING:
    from nixedit.resolve.evaluate import Evaluator


def over_attrs(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`mapAttrs function set`."""
    found = given[1].get()
    if not isinstance(found, SetValue):
        return Unknown.because(found, made.origin, "a computed set is mapped here")
    attributes = {
        name: applied(evaluator, made, given[0], now(Literal(None, name)), value)
        for name, value in found.attributes.items()
    }
    unnamed = now(Unknown(made.origin, "its name is computed"))
    computed = {
        code: applied(evaluator, made, given[0], unnamed, value) for code, value in found.computed.items()
    }
    return SetValue(made.origin, attributes, found.rest, computed)


def generated(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`genAttrs names function`."""
    names = texts(given[0].get())
    if names is None:
        return Unknown(made.origin, "the names are computed here")
    attributes = {name: applied(evaluator, made, given[1], now(Literal(None, name))) for name in names}
    return SetValue(made.origin, attributes)


def of_pairs(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`listToAttrs pairs`: of two with one name the first."""
    found = elements(given[0].get())
    if found is None:
        return Unknown(made.origin, "a computed list becomes a set here")
    attributes: dict[str, Later] = {}
    for element in found:
        pair = element.get()
        named = pair.get("name") if isinstance(pair, SetValue) else None
        name = None if named is None else text(named)
        if name is None or not isinstance(pair, SetValue):
            return Unknown(made.origin, "a name is computed here")
        if name not in attributes:
            attributes[name] = pair.attributes.get("value") or now(Unknown(made.origin))
    return SetValue(made.origin, attributes)


def name_value(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`nameValuePair name value`."""
    return SetValue(made.origin, {"name": given[0], "value": given[1]})


def names(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`attrNames set`, sorted as Nix sorts them."""
    found = given[0].get()
    if not isinstance(found, SetValue):
        return Unknown(made.origin)
    listed = [now(Literal(None, name)) for name in sorted(found.attributes)]
    return ListValue(made.origin, [Part(listed, None, found.complete)])


def values(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`attrValues set`, in the order of their names."""
    found = given[0].get()
    if not isinstance(found, SetValue):
        return Unknown(made.origin)
    listed = [found.attributes[name] for name in sorted(found.attributes)]
    listed += found.computed.values()
    return ListValue(made.origin, [Part(listed, None, found.complete)])


def to_list(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`mapAttrsToList function set`."""
    return values(evaluator, made, [now(over_attrs(evaluator, made, given))])


def renamed(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`mapAttrs' function set`."""
    return of_pairs(evaluator, made, [now(to_list(evaluator, made, given))])


def optional(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`optionalAttrs condition set`."""
    condition = boolean(given[0].get())
    if condition is None:
        return Unknown(made.origin, "it depends on a condition")
    return given[1].get() if condition else SetValue(made.origin, {})


def kept(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`filterAttrs predicate set`."""
    found = given[1].get()
    if not isinstance(found, SetValue):
        return Unknown(made.origin)
    attributes = {}
    for name, value in found.attributes.items():
        keep = boolean(applied(evaluator, made, given[0], now(Literal(None, name)), value).get())
        if keep is None:
            return Unknown(made.origin, "a computed condition filters here")
        if keep:
            attributes[name] = value
    unnamed = Unknown(made.origin, "a computed name is filtered here") if found.computed else None
    return SetValue(made.origin, attributes, found.rest or unnamed)


def merge(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`mergeAttrs left right`."""
    if made.origin is None:
        return Unknown(None)
    return evaluator.merged(given[0].get(), given[1].get(), made.origin)


def merge_all(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`mergeAttrsList sets`."""
    found = elements(given[0].get())
    if found is None or made.origin is None:
        return Unknown(made.origin)
    result: Value = SetValue(made.origin, {})
    for element in found:
        result = evaluator.merged(result, element.get(), made.origin)
    return result


def merged_map(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`concatMapAttrs function set`: the sets that the function gives, merged in the order of the names."""
    return merge_all(evaluator, made, [now(to_list(evaluator, made, given))])


def update(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`recursiveUpdate left right`: sets are merged however deep, all else is the right one's."""
    return _updated(made, evaluator.made(given[0].get()), evaluator.made(given[1].get()))


def _updated(made: Call, left: Value, right: Value) -> Value:
    if type_of(right) not in ("set", None) or type_of(left) not in ("set", None):
        return right
    if not isinstance(right, SetValue):
        return Unknown(made.origin)
    below: Mapping[str, Later] = left.attributes if isinstance(left, SetValue) else {}
    hidden = None if isinstance(left, SetValue) and left.complete else now(Unknown(made.origin))

    def both(name: str, value: Later) -> Later:
        under = below.get(name, hidden)
        return value if under is None else Later(lambda: _updated(made, under.get(), value.get()))

    attributes = {name: both(name, value) for name, value in right.attributes.items()}
    if right.rest is None:
        replaced = now(Unknown(made.origin, "a computed name may replace it"))
        for name, value in below.items():
            attributes.setdefault(name, replaced if right.computed else value)
    rest = right.rest or (left.rest if isinstance(left, SetValue) else Unknown(left.origin or made.origin))
    codes = {**(left.computed if isinstance(left, SetValue) else {}), **right.computed}
    return SetValue(made.origin, attributes, rest, dict.fromkeys(codes, now(Unknown(made.origin))))


def without(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`removeAttrs set names`."""
    found, gone = given[0].get(), texts(given[1].get())
    if not isinstance(found, SetValue) or gone is None:
        return Unknown(made.origin)
    attributes = {name: value for name, value in found.attributes.items() if name not in gone}
    return SetValue(made.origin, attributes, found.rest, found.computed)


def has(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`hasAttr name set`."""
    name, found = text(given[0].get()), given[1].get()
    there = evaluator.has(found, name) if name is not None and isinstance(found, SetValue) else None
    return Unknown(made.origin) if there is None else Literal(made.origin, there)


def get(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`getAttr name set`."""
    name = text(given[0].get())
    if name is None or made.origin is None:
        return Unknown(made.origin)
    return evaluator.select(given[1].get(), name, made.origin) or Unknown(made.origin)


RULES: dict[str, tuple[int, Rule]] = {
    "mapAttrs": (2, over_attrs),
    "mapAttrs'": (2, renamed),
    "mapAttrsToList": (2, to_list),
    "genAttrs": (2, generated),
    "listToAttrs": (1, of_pairs),
    "nameValuePair": (2, name_value),
    "attrNames": (1, names),
    "attrValues": (1, values),
    "optionalAttrs": (2, optional),
    "filterAttrs": (2, kept),
    "mergeAttrs": (2, merge),
    "mergeAttrsList": (1, merge_all),
    "concatMapAttrs": (2, merged_map),
    "recursiveUpdate": (2, update),
    "removeAttrs": (2, without),
    "hasAttr": (2, has),
    "getAttr": (2, get),
}
