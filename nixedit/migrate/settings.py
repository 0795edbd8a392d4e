"""A fleet's own choices, in `nixedit.toml` beside its flake.nix."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from attrs import frozen

from nixedit.errors import NixEditError, did_you_mean
from nixedit.migrate.options import ServiceChoice

FILE = "nixedit.toml"
_TOP = ("migrate", "detect")
_TABLES = ("hosts", "homes", "services")
_SERVICE = ("model", "host", "port")


@frozen
class Settings:
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
    try:
        text = path.read_text("utf-8")
    except FileNotFoundError:
        return Settings()
    except UnicodeDecodeError as error:
        raise NixEditError(f"this is no text: {error.reason}", path=path) from None
    try:
        data = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise NixEditError(f"this is no TOML: {error}", path=path) from None
    _known(path, data, _TOP, "")
    meta = _meta(path, _table(path, data, "detect")) if "detect" in data else None
    table = _table(path, data, "migrate")
    if recipe is not None:
        table = _table(path, table, recipe, "migrate.")
    prefix = "migrate." if recipe is None else f"migrate.{recipe}."
    others = [name for name, value in table.items() if name not in _TABLES and not _is_recipe(value)]
    _known(path, others, _TABLES, prefix)
    return Settings(
        _words(path, table, "hosts", prefix),
        _words(path, table, "homes", prefix),
        {
            host: _service(path, value, f"{prefix}services.{host}")
            for host, value in _table(path, table, "services", prefix).items()
        },
        meta,
    )


def _meta(path: Path, table: Mapping[str, Any]) -> str:
    from nixedit.detect.metadata import settings_of  # most fleets have no such table

    return settings_of(table, str(path)).meta


def _is_recipe(value: Any) -> bool:
    """Whether a table may be that of another recipe."""
    return isinstance(value, dict) and bool(value) and all(name in _TABLES for name in value)


def _table(path: Path, data: Mapping[str, Any], name: str, prefix: str = "") -> Mapping[str, Any]:
    found = data.get(name, {})
    if not isinstance(found, dict):
        raise NixEditError(f"`{prefix}{name}` must be a table, `[{prefix}{name}]`", path=path)
    return found


def _words(path: Path, data: Mapping[str, Any], name: str, prefix: str) -> dict[str, str]:
    found = _table(path, data, name, prefix)
    for key, value in found.items():
        if not isinstance(value, str):
            raise NixEditError(f"`{prefix}{name}.{key}` must be the name of a variant, a string", path=path)
    return dict(found)


def _service(path: Path, value: Any, name: str) -> ServiceChoice:
    if not isinstance(value, dict):
        raise NixEditError(f"`{name}` must be a table, `[{name}]`", path=path)
    _known(path, value, _SERVICE, f"{name}.")
    model, host, port = (value.get(key) for key in _SERVICE)
    if not isinstance(model, str | None) or not isinstance(host, str | None):
        raise NixEditError(f"`{name}`: `model` and `host` must be strings", path=path)
    if port is not None and (not isinstance(port, int) or isinstance(port, bool) or not 0 < port < 65536):
        raise NixEditError(f"`{name}.port` must be a number from 1 to 65535", path=path)
    return ServiceChoice(model, host, port)


def _known(path: Path, names: Iterable[str], known: Iterable[str], prefix: str) -> None:
    every = list(known)
    for name in names:
        if name not in every:
            raise NixEditError(f"`{prefix}{name}` means nothing ({did_you_mean(name, every)})", path=path)
