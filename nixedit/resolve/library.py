"""What is known of functions that no file of the flake defines: those of Nix and of nixpkgs' library.

A function is known by its last name (`lib.genAttrs`, `nixpkgs.lib.attrsets.genAttrs` and `genAttrs` are one).
Sources: Nix manual, "Built-in Functions"; nixpkgs manual, "Functions reference".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from nixedit.resolve import data
from nixedit.resolve.values import (
    Call,
    Extended,
    External,
    Later,
    ListValue,
    Literal,
    Part,
    PathValue,
    SetValue,
    Unknown,
    Value,
    now,
)

if TYPE_CHECKING:
    from nixedit.resolve.evaluate import Evaluator

Rule = Callable[["Evaluator", Call, Sequence[Later]], Value]


def call(evaluator: Evaluator, made: Call) -> Value:
    """What a call gives if its function is known and has all of its arguments; else the call itself."""
    name = made.function.names[-1]
    known = _RULES.get(name)
    if known is None or not _is_library(made.function) or len(made.arguments) < known[0]:
        return made
    arity, rule = known
    value = rule(evaluator, made, made.arguments[:arity])
    for argument in made.arguments[arity:]:
        if made.origin is None:
            return Unknown(None)
        value = evaluator.apply(value, argument, made.origin)
    return value


def _is_library(function: External) -> bool:
    """Whether a function is one of Nix's or of nixpkgs' library, not a package's or an output's."""
    names = function.names
    return names[0] == "builtins" or "lib" in names[:-1] or names == ("import-tree",)


def _apply(evaluator: Evaluator, made: Call, function: Later, *arguments: Later) -> Later:
    def compute() -> Value:
        value = function.get()
        for argument in arguments:
            value = evaluator.apply(value, argument, made.origin) if made.origin else Unknown(None)
        return value

    return Later(compute)


def _import(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    path = given[0].get()
    if isinstance(path, PathValue) and path.path is not None:
        return evaluator.file(path.path)
    if isinstance(path, External):
        return External(made.origin, (*path.names, "import"))
    return Unknown(made.origin, "a computed path is imported here")


def _map(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    listed = given[1].get()
    if not isinstance(listed, ListValue):
        return Unknown(made.origin, "a computed list is mapped here")
    parts = [
        Part([_apply(evaluator, made, given[0], element) for element in part.elements], None, part.known)
        for part in listed.parts
    ]
    return ListValue(made.origin, parts)


def _map_attrs(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    found = given[1].get()
    if not isinstance(found, SetValue):
        return Unknown(made.origin, "a computed set is mapped here")
    attributes = {
        name: _apply(evaluator, made, given[0], now(Literal(None, name)), value)
        for name, value in found.attributes.items()
    }
    return SetValue(made.origin, attributes, found.rest)


def _gen_attrs(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    names = _strings(given[0].get())
    if names is None:
        return Unknown(made.origin, "the names are computed here")
    attributes = {name: _apply(evaluator, made, given[1], now(Literal(None, name))) for name in names}
    return SetValue(made.origin, attributes)


def _strings(value: Value) -> list[str] | None:
    if not isinstance(value, ListValue) or not value.known:
        return None
    found = [element.value for element in value.elements() if isinstance(element, Literal)]
    if len(found) != sum(len(part.elements) for part in value.parts):
        return None
    return [text for text in found if isinstance(text, str)]


def _list_to_attrs(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    listed = given[0].get()
    if not isinstance(listed, ListValue) or not listed.known:
        return Unknown(made.origin, "a computed list becomes a set here")
    attributes: dict[str, Later] = {}
    for element in listed.elements():
        name = element.get("name") if isinstance(element, SetValue) else None
        if not isinstance(element, SetValue) or not isinstance(name, Literal):
            return Unknown(made.origin, "a name is computed here")
        attributes.setdefault(str(name.value), element.attributes.get("value") or now(Unknown(None)))
    return SetValue(made.origin, attributes)


def _pair(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    return SetValue(made.origin, {"name": given[0], "value": given[1]})


def _attr_names(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    found = given[0].get()
    if not isinstance(found, SetValue):
        return Unknown(made.origin)
    names: list[Later] = [now(Literal(None, name)) for name in sorted(found.attributes)]
    return ListValue(made.origin, [Part(names, None, found.rest is None)])


def _attr_values(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    found = given[0].get()
    if not isinstance(found, SetValue):
        return Unknown(made.origin)
    values = [found.attributes[name] for name in sorted(found.attributes)]
    return ListValue(made.origin, [Part(values, None, found.rest is None)])


def _map_attrs_to_list(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    return _attr_values(evaluator, made, [now(_map_attrs(evaluator, made, given))])


def _map_attrs_prime(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    return _list_to_attrs(evaluator, made, [now(_map_attrs_to_list(evaluator, made, given))])


def _concat_lists(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    listed = given[0].get()
    if not isinstance(listed, ListValue):
        return Unknown(made.origin)
    parts: list[Part] = [part for part in listed.parts if not part.known]
    for element in listed.elements():
        if isinstance(element, ListValue):
            parts.extend(element.parts)
        else:
            parts.append(Part((), element.origin, known=False))
    return ListValue(made.origin, parts)


def _concat_map(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    return _concat_lists(evaluator, made, [now(_map(evaluator, made, given))])


def _optionals(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    condition, listed = given[0].get(), given[1].get()
    if isinstance(condition, Literal) and isinstance(condition.value, bool):
        return listed if condition.value else ListValue(made.origin, ())
    parts = listed.parts if isinstance(listed, ListValue) else (Part((), listed.origin, known=False),)
    # The elements may be there or not: they are shown, and the piece is not known.
    return ListValue(made.origin, [Part(part.elements, part.origin, known=False) for part in parts])


def _optional(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    single = ListValue(made.origin, (Part((given[1],), None),))
    return _optionals(evaluator, made, (given[0], now(single)))


def _optional_attrs(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    condition = given[0].get()
    if isinstance(condition, Literal) and isinstance(condition.value, bool):
        return given[1].get() if condition.value else SetValue(made.origin, {})
    return Unknown(made.origin, "it depends on a condition")


def _read_dir(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    path = given[0].get()
    if not isinstance(path, PathValue) or path.path is None:
        return Unknown(made.origin, "a computed folder is read here")
    listing = evaluator.files.listing(path.path)
    return SetValue(made.origin, {name: now(Literal(None, kind)) for name, kind in sorted(listing.items())})


def _path_exists(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    path = given[0].get()
    if not isinstance(path, PathValue) or path.path is None:
        return Unknown(made.origin)
    return Literal(made.origin, evaluator.files.kind(path.path) is not None)


def _filter_attrs(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    found = given[1].get()
    if not isinstance(found, SetValue):
        return Unknown(made.origin)
    attributes = {}
    for name, value in found.attributes.items():
        kept = _apply(evaluator, made, given[0], now(Literal(None, name)), value).get()
        if not isinstance(kept, Literal):
            return Unknown(made.origin, "a computed condition filters here")
        if kept.value is True:
            attributes[name] = value
    return SetValue(made.origin, attributes, found.rest)


def _filter(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    listed = given[1].get()
    if not isinstance(listed, ListValue) or not listed.known:
        return Unknown(made.origin)
    elements = []
    for part in listed.parts:
        for element in part.elements:
            kept = _apply(evaluator, made, given[0], element).get()
            if not isinstance(kept, Literal):
                return Unknown(made.origin, "a computed condition filters here")
            if kept.value is True:
                elements.append(element)
    return ListValue(made.origin, [Part(elements, None)])


def _merge(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    if made.origin is None:
        return Unknown(None)
    return evaluator.merged(given[0].get(), given[1].get(), made.origin)


def _merge_all(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    listed = given[0].get()
    if not isinstance(listed, ListValue) or not listed.known or made.origin is None:
        return Unknown(made.origin)
    result: Value = SetValue(made.origin, {})
    for element in listed.elements():
        result = evaluator.merged(result, element, made.origin)
    return result


def _fold(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    listed = given[2].get()
    if not isinstance(listed, ListValue) or not listed.known:
        return Unknown(made.origin)
    result = given[1]
    for part in listed.parts:
        for element in part.elements:
            result = _apply(evaluator, made, given[0], result, element)
    return result.get()


def _recursive_update(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    return _updated(evaluator, made, given[0].get(), given[1].get())


def _updated(evaluator: Evaluator, made: Call, left: Value, right: Value) -> Value:
    if made.origin is None or not isinstance(left, SetValue) or not isinstance(right, SetValue):
        return Unknown(made.origin)
    merged = evaluator.merged(left, right, made.origin)
    if not isinstance(merged, SetValue):
        return merged
    attributes = dict(merged.attributes)
    for name in left.attributes.keys() & right.attributes.keys():
        one, two = left.attributes[name], right.attributes[name]

        def both(one: Later = one, two: Later = two) -> Value:
            first, second = one.get(), two.get()
            if isinstance(first, SetValue) and isinstance(second, SetValue):
                return _updated(evaluator, made, first, second)
            return second

        attributes[name] = Later(both)
    return SetValue(made.origin, attributes, merged.rest)


def _text(rule: Callable[[str, str], str | bool]) -> Rule:
    """A function of two strings, the first of which says what to look for."""

    def apply(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
        one, two = given[0].get(), given[1].get()
        values = [value.value for value in (one, two) if isinstance(value, Literal)]
        if len(values) == 2 and all(isinstance(value, str) for value in values):
            return Literal(made.origin, rule(values[0], values[1]))
        return Unknown(made.origin)

    return apply


def _elem(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    one, names = given[0].get(), _strings(given[1].get())
    if isinstance(one, Literal) and names is not None:
        return Literal(made.origin, one.value in names)
    return Unknown(made.origin)


def _identity(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    return given[-1].get()


def _make_overridable(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    return _apply(evaluator, made, given[0], given[1]).get()


def _flip(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    return _apply(evaluator, made, given[0], given[2], given[1]).get()


def _pipe(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    functions = given[1].get()
    if not isinstance(functions, ListValue) or not functions.known:
        return Unknown(made.origin)
    result = given[0]
    for part in functions.parts:
        for function in part.elements:
            result = _apply(evaluator, made, function, result)
    return result.get()


def _each_system(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """flake-utils' `eachSystem systems f`: the names that `f` gives, each with the systems below it."""
    example = _apply(evaluator, made, given[-1], now(Literal(None, "x86_64-linux"))).get()
    if not isinstance(example, SetValue):
        return Unknown(made.origin, "the outputs of each system are computed here")
    inner = now(Unknown(made.origin, "one for each system"))
    return SetValue(made.origin, dict.fromkeys(example.attributes, inner), example.rest)


def _extend(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`lib.extend (final: prev: { … })`."""
    base = External(made.origin, made.function.names[:-1])

    def extended() -> Value:
        own = _apply(evaluator, made, given[0], result, now(base)).get()
        if not isinstance(own, SetValue):
            return base
        return Extended(made.origin, base.names, own.attributes)

    result = Later(extended)
    return result.get()


def _head(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    listed = given[0].get()
    if isinstance(listed, ListValue) and listed.known:
        for element in listed.elements():
            return element
    return Unknown(made.origin)


def _singleton(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    return ListValue(made.origin, [Part([given[0]], None)])


def _to_list(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    value = given[0].get()
    return (
        value if isinstance(value, ListValue | Unknown) else ListValue(made.origin, [Part([given[0]], None)])
    )


def _remove_attrs(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    found, names = given[0].get(), _strings(given[1].get())
    if not isinstance(found, SetValue) or names is None:
        return Unknown(made.origin)
    attributes = {name: value for name, value in found.attributes.items() if name not in names}
    return SetValue(made.origin, attributes, found.rest, found.computed)


def _has_attr(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    name, found = given[0].get(), given[1].get()
    if not isinstance(found, SetValue) or not isinstance(name, Literal):
        return Unknown(made.origin)
    value = found.get(name.value)
    return Unknown(made.origin) if isinstance(value, Unknown) else Literal(made.origin, value is not None)


def _get_attr(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    name, found = given[0].get(), given[1].get()
    if isinstance(found, SetValue) and isinstance(name, Literal):
        return found.get(name.value) or Unknown(made.origin)
    return Unknown(made.origin)


def _some(stop: bool) -> Rule:
    """`any` (stops at the first true) or `all` (stops at the first false)."""

    def rule(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
        listed = given[1].get()
        if not isinstance(listed, ListValue) or not listed.known:
            return Unknown(made.origin)
        for part in listed.parts:
            for element in part.elements:
                kept = _apply(evaluator, made, given[0], element).get()
                if not isinstance(kept, Literal):
                    return Unknown(made.origin)
                if kept.value is stop:
                    return Literal(made.origin, stop)
        return Literal(made.origin, not stop)

    return rule


def _concat_strings(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    separator, texts = given[0].get(), _strings(given[1].get())
    if isinstance(separator, Literal) and texts is not None:
        return Literal(made.origin, str(separator.value).join(texts))
    return Unknown(made.origin)


def _base_name(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    value = given[0].get()
    text = value.path if isinstance(value, PathValue) else value.value if isinstance(value, Literal) else None
    return Literal(made.origin, text.rpartition("/")[2]) if isinstance(text, str) else Unknown(made.origin)


_RULES: dict[str, tuple[int, Rule]] = {
    "import": (1, _import),
    "map": (2, _map),
    "mapAttrs": (2, _map_attrs),
    "mapAttrs'": (2, _map_attrs_prime),
    "mapAttrsToList": (2, _map_attrs_to_list),
    "genAttrs": (2, _gen_attrs),
    "forEach": (2, lambda evaluator, made, given: _map(evaluator, made, (given[1], given[0]))),
    "listToAttrs": (1, _list_to_attrs),
    "nameValuePair": (2, _pair),
    "attrNames": (1, _attr_names),
    "attrValues": (1, _attr_values),
    "concatLists": (1, _concat_lists),
    "flatten": (1, _concat_lists),
    "concatMap": (2, _concat_map),
    "optionals": (2, _optionals),
    "optional": (2, _optional),
    "optionalAttrs": (2, _optional_attrs),
    "readDir": (1, _read_dir),
    "pathExists": (1, _path_exists),
    "filterAttrs": (2, _filter_attrs),
    "filter": (2, _filter),
    "mergeAttrs": (2, _merge),
    "mergeAttrsList": (1, _merge_all),
    "foldl'": (3, _fold),
    "foldl": (3, _fold),
    "recursiveUpdate": (2, _recursive_update),
    "hasSuffix": (2, _text(lambda suffix, text: text.endswith(suffix))),
    "hasPrefix": (2, _text(lambda prefix, text: text.startswith(prefix))),
    "removeSuffix": (2, _text(lambda suffix, text: text.removesuffix(suffix))),
    "removePrefix": (2, _text(lambda prefix, text: text.removeprefix(prefix))),
    "elem": (2, _elem),
    "toString": (1, _identity),
    "id": (1, _identity),
    "trace": (2, _identity),
    "seq": (2, _identity),
    "deepSeq": (2, _identity),
    "makeOverridable": (2, _make_overridable),
    "flip": (3, _flip),
    "extend": (1, _extend),
    "head": (1, _head),
    "singleton": (1, _singleton),
    "toList": (1, _to_list),
    "removeAttrs": (2, _remove_attrs),
    "hasAttr": (2, _has_attr),
    "getAttr": (2, _get_attr),
    "any": (2, _some(stop=True)),
    "all": (2, _some(stop=False)),
    "concatStringsSep": (2, _concat_strings),
    "baseNameOf": (1, _base_name),
    "readFile": (1, data.read_file),
    "fromTOML": (1, data.from_toml),
    "fromJSON": (1, data.from_json),
    "importTOML": (1, data.import_toml),
    "importJSON": (1, data.import_json),
    "listFilesRecursive": (1, data.files_below),
    "fileFilter": (2, data.file_filter),
    "import-tree": (1, data.import_tree),
    "eachSystem": (2, _each_system),
    "eachDefaultSystem": (1, _each_system),
    "eachDefaultSystemPassThrough": (
        1,
        lambda evaluator, made, given: _apply(
            evaluator, made, given[0], now(Literal(None, "x86_64-linux"))
        ).get(),
    ),
    "pipe": (2, _pipe),
}
