"""The format of recipe.toml: its keys, what each may be, and how they hang together (docs/recipes.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any

from nixedit.attrpath import parse
from nixedit.errors import NotStaticError
from nixedit.migrate.recipes.coherence import incoherent
from nixedit.migrate.toml.schema import (
    Check,
    Key,
    Path,
    Problem,
    boolean,
    day,
    listed,
    mapping,
    number,
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
_PATTERNS = listed(_TEXT, "a list of patterns of variants")
_REMARK = table({"variants": Key(_PATTERNS, required=True), "text": Key(_TEXT, required=True)})
_CACHE = table(
    {
        "url": Key(text(_reference, "an address"), required=True),
        "key": Key(text(_reference, "a public key"), required=True),
        "variants": Key(_PATTERNS, required=True),
    }
)
_OVERRIDE = table(
    {
        "package": Key(text(_name, "a name"), required=True),
        "arguments": Key(mapping(text(_name, "a name"), _name), required=True),
        "attributes": Key(listed(text(_name, "a name"), "a list of names")),
        "takes": Key(listed(text(_name, "a name"), "a list of names of arguments")),
        "joined": Key(mapping(text(None, "what stands between the elements"), _name)),
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
_CPU_CHECKS: Mapping[str, Check] = {
    "variants": listed(_TEXT, "a list of variants"),
    "also": listed(text(_name, "a name"), "a list of names"),
}


def _cpus(value: Any, path: Path) -> Iterator[Problem]:
    """`[cpus]`: some keys, and a table for each platform."""
    known = {name: Key(check, name == "variants") for name, check in _CPU_CHECKS.items()}
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
        "remarks": Key(listed(_REMARK, "a list of tables, [[remarks]]")),
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
        yield from incoherent(data)
