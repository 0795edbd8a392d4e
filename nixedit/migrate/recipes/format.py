"""The format of recipe.toml: its keys, what each may be, and how they hang together (docs/recipes.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import PurePosixPath
from typing import Any

from nixedit.attrpath import parse
from nixedit.errors import NotStaticError
from nixedit.migrate.recipes.schema import (
    Check,
    Key,
    Path,
    Problem,
    boolean,
    day,
    listed,
    mapping,
    number,
    suggestion,
    table,
    text,
)

# What Nix takes as the name of an input: the `flakeIdRegex` of its flake references.
_INPUT_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.+-]*")
# What a path literal may hold: Nix manual, "Path literal".
_PATH = re.compile(r"[A-Za-z0-9._+/-]+")
_PLACEHOLDER = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")
# Files of these names stand for their folder, so a recipe would remove whatever has a folder of its own.
_COMMON_NAMES = ("flake.nix", "default.nix")
_RELEASE = re.compile(r"\d\d\.\d\d")
_LITERAL = "text:"
_EXPECTED = re.compile(r"\((expected [^;)]*)")


def _name(value: str) -> str | None:
    return None if _NAME.fullmatch(value) else "letters, digits and `_.+-` are allowed"


def _input(value: str) -> str | None:
    return None if _INPUT_NAME.fullmatch(value) else "a letter, then letters, digits, `_` and `-` are allowed"


def _reference(value: str) -> str | None:
    return "it has blanks" if len(value.split()) > 1 else None


def _attribute_path(value: str) -> str | None:
    try:
        parse(value)
    except NotStaticError as error:
        expected = _EXPECTED.search(error.message)
        return error.message if expected is None else expected[1]
    return None


def _placeholder(value: str) -> str | None:
    return (
        None if _PLACEHOLDER.fullmatch(value) else "a placeholder is a letter, then letters, digits, `_`, `-`"
    )


def _relative(value: str) -> str | None:
    """What is wrong with a path that must stay within its folder."""
    parts = value.split("/")
    if value.startswith(("/", "~")):
        return "this is absolute"
    if ".." in parts:
        return "`..` leads out"
    if "" in parts or "." in parts:
        return "it has an empty part or `.`"
    return None if _PATH.fullmatch(value) else "letters, digits and `._+-/` are allowed"


def _nix_file(value: str) -> str | None:
    wrong = _relative(value)
    if wrong is not None:
        return wrong
    if any(part.startswith(".") for part in value.split("/")):
        return "a part of it is hidden"
    if not value.endswith(".nix"):
        return "it does not end in `.nix`"
    return "this is the flake itself" if value == "flake.nix" else None


def _legacy_file(value: str) -> str | None:
    wrong = _nix_file(value)
    if wrong is None and PurePosixPath(value).name in _COMMON_NAMES:
        return f"every file `{PurePosixPath(value).name}` of the fleet would be removed"
    return wrong


def _option(value: str) -> str | None:
    return None if value.count("@flag@") == 1 else "`@flag@` stands in it once"


def _release(value: str) -> str | None:
    return None if _RELEASE.fullmatch(value) else "it is written like `25.11`"


_TEXT = text()
_ATTRIBUTE = text(_attribute_path, "an attribute path")
_ATTRIBUTES = mapping(_ATTRIBUTE)
_TEXTS = listed(_TEXT, "a list of texts")
_NIX_FILE = text(_nix_file, "the path of a Nix file, relative to the flake")
_TEMPLATE = text(_relative, "the path of a file, relative to the recipe's folder")
_PLACEHOLDERS = mapping(_TEXT, _placeholder)

_RECIPE = table(
    {
        "name": Key(text(_name, "a name"), required=True),
        "version": Key(number, required=True),
        "summary": Key(_TEXT, required=True),
        "default": Key(boolean),
    }
)
_INPUT = table(
    {
        "name": Key(text(_input, "a name"), required=True),
        "url": Key(text(_reference, "a flake reference"), required=True),
        "also": Key(listed(text(_reference, "a flake reference"), "a list of flake references")),
        "follows": Key(listed(text(_input, "a name"), "a list of names of inputs")),
    }
)
_OVERLAY = table({"output": Key(_ATTRIBUTE), "file": Key(_NIX_FILE)})
_EARLIER = table(
    {
        "version": Key(number, required=True),
        "template": Key(_TEMPLATE, required=True),
        "placeholders": Key(_PLACEHOLDERS),
    }
)
_FILE = table(
    {
        "path": Key(_NIX_FILE, required=True),
        "otherwise": Key(_NIX_FILE),
        "template": Key(_TEMPLATE, required=True),
        "placeholders": Key(_PLACEHOLDERS),
        "earlier": Key(listed(_EARLIER, "a list of tables, [[files.earlier]]")),
    }
)
_PLACES = table({"system": Key(_ATTRIBUTE), "home": Key(_ATTRIBUTE)})
_SERVICE_OPTIONS = table(
    {
        "model": Key(_ATTRIBUTE, required=True),
        "host": Key(_ATTRIBUTE, required=True),
        "port": Key(_ATTRIBUTE, required=True),
    }
)
_FORM = table(
    {
        "release": Key(text(_release, "a release of NixOS"), required=True),
        "date": Key(day, required=True),
        "options": Key(_SERVICE_OPTIONS, required=True),
    }
)
_SERVICE = table(
    {
        "option": Key(_ATTRIBUTE, required=True),
        "forms": Key(listed(_FORM, "a list of tables, [[service.forms]]"), required=True),
    }
)
_CACHE = table(
    {
        "url": Key(text(_reference, "an address"), required=True),
        "key": Key(text(_reference, "a public key"), required=True),
        "variants": Key(listed(_TEXT, "a list of patterns of variants"), required=True),
    }
)
_OVERRIDE = table(
    {
        "package": Key(text(_name, "a name"), required=True),
        "arguments": Key(mapping(text(_name, "a name"), _name), required=True),
        "attributes": Key(listed(text(_name, "a name"), "a list of names")),
        "alone": Key(listed(text(_name, "a name"), "a list of names of arguments")),
    }
)
_PLATFORM = table(
    {
        "sources": Key(_TEXTS),
        "flags": Key(_TEXTS),
        "option": Key(text(_option, "how a flag is written")),
        "has": Key(mapping(_TEXTS, _name), required=True),
    }
)
_CPU_KEYS: Mapping[str, Check] = {
    "variants": listed(_TEXT, "a list of variants"),
    "also": listed(text(_name, "a name"), "a list of names"),
}


def _cpus(value: Any, path: Path) -> Iterator[Problem]:
    """`[cpus]`: some keys, and a table for each platform."""
    known = {name: Key(check, name == "variants") for name, check in _CPU_KEYS.items()}
    platforms: dict[str, Key] = {}
    if isinstance(value, dict):
        platforms = {
            name: Key(_PLATFORM)
            for name, inner in value.items()
            if name not in known and isinstance(inner, dict)
        }
    yield from table({**known, **platforms})(value, path)


_FORMAT = table(
    {
        "recipe": Key(_RECIPE, required=True),
        "input": Key(_INPUT, required=True),
        "overlays": Key(listed(_OVERLAY, "a list of tables, [[overlays]]"), required=True),
        "files": Key(listed(_FILE, "a list of tables, [[files]]")),
        "module": Key(table({"path": Key(_NIX_FILE, required=True), "otherwise": Key(_NIX_FILE)})),
        "legacy": Key(
            table(
                {
                    "files": Key(
                        listed(text(_legacy_file, "the path of a Nix file"), "a list of paths"),
                        required=True,
                    )
                }
            )
        ),
        "variants": Key(_ATTRIBUTES),
        "places": Key(_PLACES),
        "service": Key(_SERVICE),
        "caches": Key(listed(_CACHE, "a list of tables, [[caches]]")),
        "override": Key(_OVERRIDE),
        "cpus": Key(_cpus),
    }
)


def problems(data: Mapping[str, Any]) -> Iterator[Problem]:
    """All that is wrong with the data of a recipe.toml, without a look at its templates."""
    found = list(_FORMAT(data, ()))
    yield from found
    if not found:  # how the parts hang together is seen once each is what it should be
        yield from _overlays(data)
        yield from _files(data)
        if not data.get("service", {}).get("forms", [True]):
            yield Problem(("service", "forms"), "a service has at least one form")
        yield from _caches(data)
        yield from _alone(data.get("override", {}))
        if "cpus" in data:
            yield from _cpu_names(data["cpus"], data.get("variants", {}))


def _overlays(data: Mapping[str, Any]) -> Iterator[Problem]:
    paths = [file["path"] for file in data.get("files", ())]
    if not data["overlays"]:
        yield Problem(("overlays",), "a recipe has at least one overlay")
    for index, overlay in enumerate(data["overlays"]):
        if len(overlay) != 1:
            message = "an overlay is either an `output` of the input or a `file` of the recipe"
            yield Problem(("overlays", index), message, at_key=True)
        elif overlay.get("file", None) not in (None, *paths):
            message = f"no [[files]] has the path `{overlay['file']}`"
            yield Problem(("overlays", index, "file"), message, suggestion(overlay["file"], paths))


def _files(data: Mapping[str, Any]) -> Iterator[Problem]:
    cpus = data.get("cpus", {})
    paths: list[str] = []
    for index, file in enumerate(data.get("files", ())):
        path: Path = ("files", index)
        if file["path"] in paths:
            yield Problem((*path, "path"), f"two files have the path `{file['path']}`")
        paths.append(file["path"])
        yield from _placeholders(file, path, sources(cpus))
        versions: list[int] = []
        for number_, earlier in enumerate(file.get("earlier", ())):
            inner: Path = (*path, "earlier", number_)
            if earlier["version"] >= data["recipe"]["version"] or earlier["version"] in versions:
                message = "an earlier version is below the recipe's own, and stands here once"
                yield Problem((*inner, "version"), message)
            versions.append(earlier["version"])
            # The tables of today say nothing of what was written then.
            yield from _placeholders(earlier, inner, ["input"])


def sources(cpus: Mapping[str, Any]) -> list[str]:
    """What a placeholder can stand for, beside a text."""
    platforms = _platforms(cpus)
    flags = [f"cpus.{name}.flags" for name in platforms if "flags" in cpus[name]]
    return ["input", *(f"cpus.{name}" for name in platforms), *flags]


def _placeholders(file: Mapping[str, Any], path: Path, known: Sequence[str]) -> Iterator[Problem]:
    for name, source in file.get("placeholders", {}).items():
        if source not in known and not source.startswith(_LITERAL):
            hint = suggestion(source, [*known, f"{_LITERAL}…"])
            yield Problem((*path, "placeholders", name), f"`{source}` is nothing a placeholder can be", hint)


def _caches(data: Mapping[str, Any]) -> Iterator[Problem]:
    names = set(data.get("variants", ()))
    cpus = data.get("cpus", {"variants": ()})
    names |= {f"{variant}-{cpu}" for variant in cpus["variants"] for _, cpu in _named_cpus(cpus)}
    for index, cache in enumerate(data.get("caches", ())):
        for number_, pattern in enumerate(cache["variants"]):
            if not any(fnmatchcase(name, pattern) for name in names):
                place: Path = ("caches", index, "variants", number_)
                yield Problem(place, f"`{pattern}` is the pattern of no variant")


def _alone(override: Mapping[str, Any]) -> Iterator[Problem]:
    known = list(override.get("arguments", {}).values())
    for index, name in enumerate(override.get("alone", ())):
        if name not in known:
            place: Path = ("override", "alone", index)
            yield Problem(place, f"no argument is called `{name}` there", suggestion(name, known))


def _cpu_names(cpus: Mapping[str, Any], variants: Mapping[str, str]) -> Iterator[Problem]:
    for index, variant in enumerate(cpus["variants"]):
        if variant not in variants:
            message = f"there is no variant `{variant}`"
            yield Problem(("cpus", "variants", index), message, suggestion(variant, variants))
    seen: set[str] = set()
    for place, name in _named_cpus(cpus):
        if name in seen:
            yield Problem(place, f"two kinds of CPU are called `{name}`", at_key=True)
        seen.add(name)
        for variant in cpus["variants"]:
            if f"{variant}-{name}" in variants:
                yield Problem(place, f"there is a variant `{variant}-{name}` already", at_key=True)
    yield from _cpu_flags(cpus)


def _cpu_flags(cpus: Mapping[str, Any]) -> Iterator[Problem]:
    for platform in _platforms(cpus):
        flags = cpus[platform].get("flags")
        for name, has in cpus[platform]["has"].items():
            for index, flag in enumerate(has):
                if flags is not None and flag not in flags:
                    place = ("cpus", platform, "has", name, index)
                    yield Problem(place, f"`{flag}` is none of the `flags`", suggestion(flag, flags))


def _platforms(cpus: Mapping[str, Any]) -> list[str]:
    return [name for name in cpus if name not in _CPU_KEYS]


def _named_cpus(cpus: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    for index, name in enumerate(cpus.get("also", ())):
        yield ("cpus", "also", index), name
    for platform in _platforms(cpus):
        for name in cpus[platform]["has"]:
            yield ("cpus", platform, "has", name), name
