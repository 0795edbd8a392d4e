"""How the parts of a recipe hang together: names that others refer to, and names that must differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from nixedit.errors import did_you_mean
from nixedit.migrate.toml.schema import Path, Problem

# The keys of `[cpus]` that are no platforms.
CPU_KEYS = ("variants", "also")
_LITERAL = "text:"


def incoherent(data: Mapping[str, Any]) -> Iterator[Problem]:
    """What does not fit together in the data of a recipe.toml whose every part is what it should be."""
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
            yield Problem(("overlays", index, "file"), message, did_you_mean(overlay["file"], paths))


def _files(data: Mapping[str, Any]) -> Iterator[Problem]:
    cpus = data.get("cpus", {})
    paths: list[str] = []
    for index, file in enumerate(data.get("files", ())):
        path: Path = ("files", index)
        if file["path"] in paths:
            yield Problem((*path, "path"), f"two files have the path `{file['path']}`")
        paths.append(file["path"])
        yield from _placeholders(file, path, _sources(cpus))
        versions: list[int] = []
        for number_, earlier in enumerate(file.get("earlier", ())):
            inner: Path = (*path, "earlier", number_)
            if earlier["version"] >= data["recipe"]["version"] or earlier["version"] in versions:
                message = "an earlier version is below the recipe's own, and stands here once"
                yield Problem((*inner, "version"), message)
            versions.append(earlier["version"])
            # The tables of today say nothing of what was written then.
            yield from _placeholders(earlier, inner, ["input"])


def _sources(cpus: Mapping[str, Any]) -> list[str]:
    """What a placeholder can stand for, beside a text."""
    platforms = _platforms(cpus)
    flags = [f"cpus.{name}.flags" for name in platforms if "flags" in cpus[name]]
    return ["input", *(f"cpus.{name}" for name in platforms), *flags]


def _placeholders(file: Mapping[str, Any], path: Path, known: Sequence[str]) -> Iterator[Problem]:
    for name, source in file.get("placeholders", {}).items():
        if source not in known and not source.startswith(_LITERAL):
            hint = did_you_mean(source, [*known, f"{_LITERAL}…"])
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
            yield Problem(place, f"no argument is called `{name}` there", did_you_mean(name, known))


def _cpu_names(cpus: Mapping[str, Any], variants: Mapping[str, str]) -> Iterator[Problem]:
    for index, variant in enumerate(cpus["variants"]):
        if variant not in variants:
            message = f"there is no variant `{variant}`"
            yield Problem(("cpus", "variants", index), message, did_you_mean(variant, variants))
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
                    yield Problem(place, f"`{flag}` is none of the `flags`", did_you_mean(flag, flags))


def _platforms(cpus: Mapping[str, Any]) -> list[str]:
    return [name for name in cpus if name not in CPU_KEYS]


def _named_cpus(cpus: Mapping[str, Any]) -> Iterator[tuple[Path, str]]:
    for index, name in enumerate(cpus.get("also", ())):
        yield ("cpus", "also", index), name
    for platform in _platforms(cpus):
        for name in cpus[platform]["has"]:
            yield ("cpus", platform, "has", name), name
