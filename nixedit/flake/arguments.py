"""The arguments of a host's modules, `config` among them: each is looked up when a module asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from nixedit.flake.systems import NIXOS, NixosSystem
from nixedit.resolve.values import (
    Extended,
    External,
    Later,
    Literal,
    SetValue,
    Unknown,
    Value,
    now,
)

if TYPE_CHECKING:
    from nixedit.flake.configuration import Configuration


class Attributes(Mapping[str, Later]):
    """What `config` has below a path. What nothing says it has is looked for nowhere.

    Args:
        configuration: the host's configuration.
        path: the path.
    """

    def __init__(self, configuration: Configuration, path: tuple[str, ...]) -> None:
        self._configuration, self._path = configuration, path

    def __getitem__(self, name: str) -> Later:
        return Later(lambda: self._configuration.value((*self._path, name)))

    def __contains__(self, name: object) -> bool:
        return isinstance(name, str) and self._configuration.has((*self._path, name))

    def __iter__(self) -> Iterator[str]:
        return iter(())

    def __len__(self) -> int:
        return 0


class Arguments(Mapping[str, Later]):
    """The arguments of a host's modules: those of NixOS, `specialArgs`, and what `_module.args` adds.

    Args:
        configuration: the host's configuration.
    """

    def __init__(self, configuration: Configuration) -> None:
        self._configuration = configuration
        host = configuration.host
        self._known: dict[str, Later] = {
            "config": now(Extended(None, ("config",), Attributes(configuration, ()))),
            "options": now(Unknown(None, "`options` are not known")),
            "pkgs": now(_packages(configuration)),
            "modulesPath": now(External(None, ("modulesPath",))),
            "lib": now(_library(host)),
            **host.special_args,
        }

    def __getitem__(self, name: str) -> Later:
        known = self._known.get(name)
        return Later(lambda: self._given(name)) if known is None else known

    def __contains__(self, name: object) -> bool:
        return name in self._known

    def __iter__(self) -> Iterator[str]:
        return iter(self._known)

    def __len__(self) -> int:
        return len(self._known)

    def _given(self, name: str) -> Value:
        found = self._configuration.settings(("_module", "args", name))
        if len(found) == 1 and found[0].sure:
            return found[0].value
        return Unknown(None, f"`{name}` is an argument of the module")


def _library(host: NixosSystem) -> Value:
    """The library: nixpkgs' own unless the call gives another one.

    Source: nixpkgs, nixos/lib/eval-config.nix.
    """
    given = host.argument.get("lib") if isinstance(host.argument, SetValue) else None
    return given or External(None, (host.package_set, "lib"))


def _packages(configuration: Configuration) -> Value:
    """`pkgs` of a host: what platform it is for is known, as far as the host's kind says so."""
    is_linux = configuration.host.kind == NIXOS
    platform: dict[str, Later] = {
        "isLinux": now(Literal(None, is_linux)),
        "isDarwin": now(Literal(None, not is_linux)),
    }
    standard = {**platform, "hostPlatform": now(Extended(None, ("pkgs", "stdenv", "hostPlatform"), platform))}
    return Extended(None, ("pkgs",), {"stdenv": now(Extended(None, ("pkgs", "stdenv"), standard))})
