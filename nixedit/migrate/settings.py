"""A fleet's own choices, in `nixedit.toml` beside its flake.nix."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import Struct

from nixedit.migrate.options import ServiceChoice
from nixedit.migrate.toml.reading import TomlFile
from nixedit.migrate.toml.schema import Key, Problem, mapping, number, table, text
from nixedit.migrate.toml.schema import Path as KeyPath

FILE = "nixedit.toml"


class Settings(Struct, frozen=True):
    """What the file says for one recipe.

    Attributes:
        hosts: variants by the keys of hosts.
        homes: variants by `user` or `user@host`.
        services: the services of hosts, by their keys.
        meta: where a host's own file of metadata stands; None for the usual place.
    """

    hosts: Mapping[str, str] = {}
    homes: Mapping[str, str] = {}
    services: Mapping[str, ServiceChoice] = {}
    meta: str | None = None


def load_settings(folder: Path, recipe: str | None) -> Settings:
    """The choices of a fleet for a recipe; empty ones where it has no such file.

    Those of the recipe that runs by default are in `[migrate.hosts]` and its like, those of another one in
    `[migrate.NAME.hosts]`.

    Args:
        folder: the flake's folder.
        recipe: the recipe's name; None for the one that runs by default.

    Raises:
        NixEditError: the file is no TOML, or has something that means nothing.
        OSError: it cannot be read.
    """
    path = folder / FILE
    if not path.exists():
        return Settings()
    toml = TomlFile.read(path)
    for problem in _FILE(toml.data, ()):
        raise toml.error(problem)
    chosen = toml.data.get("migrate", {})
    if recipe is not None:
        chosen = chosen.get(recipe, {})
    services = {
        host: ServiceChoice(*(value.get(key) for key in _SERVICE))
        for host, value in chosen.get("services", {}).items()
    }
    meta = toml.data.get("detect", {}).get("meta")
    return Settings(chosen.get("hosts", {}), chosen.get("homes", {}), services, meta)


def _migrate(value: Any, path: KeyPath) -> Iterator[Problem]:
    """The table of the recipe that runs by default, which has the tables of others in it."""
    others = [name for name, inner in value.items() if _is_recipe(inner)] if isinstance(value, dict) else []
    yield from table({**_CHOICES, **{name: Key(table(_CHOICES)) for name in others}})(value, path)


def _meta(value: Any, path: KeyPath) -> Iterator[Problem]:
    from nixedit.detect.metadata import DEFAULT, meta_fault  # most fleets have no such table

    yield from text(meta_fault, f'a path as in meta = "{DEFAULT}"')(value, path)


def _is_recipe(value: Any) -> bool:
    """Whether a table may be that of another recipe."""
    return isinstance(value, dict) and bool(value) and all(name in _CHOICES for name in value)


def _port(value: Any, path: KeyPath) -> Iterator[Problem]:
    wrong = list(number(value, path))
    yield from wrong
    if not wrong and value > _LAST_PORT:
        yield Problem(path, f"`port` must be {_LAST_PORT} or less")


_LAST_PORT = 65535
_SERVICE = {"model": Key(text()), "host": Key(text()), "port": Key(_port)}
_VARIANTS = Key(mapping(text(wanted="the name of a variant")))
_CHOICES = {"hosts": _VARIANTS, "homes": _VARIANTS, "services": Key(mapping(table(_SERVICE)))}
_FILE = table({"migrate": Key(_migrate), "detect": Key(table({"meta": Key(_meta)}))})
