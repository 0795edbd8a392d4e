"""Users' homes on NixOS hosts, and which of them have packages of their own, that get no new overlays."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nixedit.flake.module_list import ModuleList
from nixedit.flake.systems import NixosSystem
from nixedit.resolve.values import Literal
from nixedit.text import Span

USE_GLOBAL = ("home-manager", "useGlobalPkgs")


class Homes:
    """The users' homes of some hosts.

    Args:
        systems: the hosts.
    """

    def __init__(self, systems: Sequence[NixosSystem]) -> None:
        self.systems = systems
        self._of: dict[str, list[ModuleList]] = {}

    def of(self, host: NixosSystem) -> list[ModuleList]:
        """The homes of a host."""
        if host.key not in self._of:
            self._of[host.key] = ModuleList.of(host).homes()
        return self._of[host.key]

    def with_own_packages(self) -> Iterator[ModuleList]:
        """The homes that may have package sets of their own: their hosts do not surely give them theirs."""
        for host in self.systems:
            homes = self.of(host)
            said = host.configuration.value(USE_GLOBAL) if homes else None
            if not isinstance(said, Literal) or said.value is not True:
                yield from homes


def has_place(home: ModuleList, file: str, place: Span) -> bool:
    """Whether a place is in one of a home's modules.

    Args:
        home: the home.
        file: the place's file, relative to the flake.
        place: the place.
    """
    return any(module.file == file and module.origin.span.contains(place) for module in home.modules)
