"""The platform that a host is for, and what is said where its package set is made."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from nixedit.flake.configuration import Configuration, Setting
from nixedit.flake.definitions import Definition
from nixedit.resolve.module_tree import Module
from nixedit.resolve.values import Call, External, Later, Literal, Origin, SetValue, Value

# In the order in which NixOS asks them; a set has the name in its `system`.
_OPTIONS = (("nixpkgs", "hostPlatform"), ("nixpkgs", "system"), ("nixpkgs", "localSystem"))


class Platform(Struct, frozen=True):
    """A platform.

    Attributes:
        system: its name, `x86_64-linux`.
        path: the file that says so, relative to the flake.
        line: the line, 1-based.
    """

    system: str
    path: str
    line: int


def platform_of(configuration: Configuration) -> Platform | None:
    """The platform of a host; None where it is not known.

    Source: NixOS options `nixpkgs.hostPlatform` and `nixpkgs.system`; nixpkgs, nixos/lib/eval-config.nix.
    """
    for option in _OPTIONS:
        found = {
            platform.system: platform
            for setting in configuration.settings(option)
            if setting.sure and (platform := _named(setting.value, setting.definition.place)) is not None
        }
        if len(found) == 1:
            return next(iter(found.values()))
    host = configuration.host
    given = host.argument.get("system") if isinstance(host.argument, SetValue) else None
    if given is not None and (platform := _named(given, host.origin)) is not None:
        return platform
    for made, place in _made(configuration):
        for name in ("system", "localSystem"):
            inner = made.get(name)
            if inner is not None and (platform := _named(inner, place)) is not None:
                return platform
    return None


def package_sets(configuration: Configuration, option: tuple[str, ...]) -> Iterator[Setting]:
    """What an option of `nixpkgs.…` is given where the package set is made, `import nixpkgs { … }`."""
    if option[0] != "nixpkgs":
        return
    for made, place in _made(configuration):
        value: Value | None = made
        for name in option[1:]:
            value = value.get(name) if isinstance(value, SetValue) else None
        if value is not None:
            module = Module(made, made, sure=True)
            yield Setting(Definition(module, value, value.origin or place))


def _made(configuration: Configuration) -> Iterator[tuple[SetValue, Origin | None]]:
    """The arguments of the calls of nixpkgs that make the host's package set."""
    host = configuration.host
    given = host.argument.get("pkgs") if isinstance(host.argument, SetValue) else None
    candidates = [] if given is None else [given]
    candidates += [one.value for one in configuration.settings(("nixpkgs", "pkgs")) if one.sure]
    for value in candidates:
        if isinstance(value, External) and len(value.names) > 2 and value.names[1] == "legacyPackages":
            system = Later.of(Literal(value.origin, value.names[2]))
            yield SetValue(value.origin, {"system": system}), value.origin
        if isinstance(value, Call) and value.function.names[-1] == "import" and value.arguments:
            argument = value.arguments[0].get()
            if isinstance(argument, SetValue):
                yield argument, value.origin


def _named(value: Value, place: Origin | None) -> Platform | None:
    if isinstance(value, SetValue):
        value = value.get("system") or value
    place = value.origin or place
    if isinstance(value, Literal) and isinstance(value.value, str) and place is not None:
        return Platform(value.value, place.file, place.line)
    return None
