"""What a person chose for a migration."""

from __future__ import annotations

from collections.abc import Mapping

from attrs import frozen


@frozen
class Wanted:
    """What is chosen for single hosts and users.

    Attributes:
        hosts: variants by the keys of hosts.
        homes: variants by `user` or `user@host`.
        fix: add what is missing for a choice to work.
    """

    hosts: Mapping[str, str] = {}
    homes: Mapping[str, str] = {}
    fix: bool = False

    def __bool__(self) -> bool:
        return bool(self.hosts or self.homes)


@frozen
class Options:
    """What a person chose.

    Attributes:
        hosts: migrate these only; empty for all.
        exclude: leave these out.
        follows: the input that the new input's nixpkgs follows; None to find it.
        overlay_file: where the overlay file goes instead of the recipe's path.
        url: the new input's reference instead of the recipe's.
        include: kinds of hosts beside NixOS systems: `darwin`, `home`.
        keep_going: migrate the other hosts where some must be refused.
        layout: `inline`, or `module` for one module that every host names.
        wanted: variants for hosts and users.
    """

    hosts: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    follows: str | None = None
    overlay_file: str | None = None
    url: str | None = None
    include: tuple[str, ...] = ()
    keep_going: bool = False
    layout: str = "inline"
    wanted: Wanted = Wanted()
