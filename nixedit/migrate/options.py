"""What a person chose for a migration."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct


class ServiceChoice(Struct, frozen=True):
    """A service that a host is to have.

    Attributes:
        model: the path of the model that it serves; None where that is left to the host's modules.
        host: the address that it listens on; None for the module's default.
        port: its port; None for the module's default.
    """

    model: str | None = None
    host: str | None = None
    port: int | None = None


class Wanted(Struct, frozen=True):
    """What is chosen for single hosts and users.

    Attributes:
        hosts: variants by the keys of hosts.
        homes: variants by `user` or `user@host`.
        services: services by the keys of hosts.
        cache: whether hosts use the binary caches of their variants.
        detect: whether hosts without a choice get the variant that their hardware asks for.
        meta: where a host's own file of metadata stands; None for the usual place.
        native: whether builds for the builder's CPU are meant, wherever that is.
        fix: add what is missing for a choice to work.
    """

    hosts: Mapping[str, str] = {}
    homes: Mapping[str, str] = {}
    services: Mapping[str, ServiceChoice] = {}
    cache: bool = False
    detect: bool = False
    meta: str | None = None
    native: bool = False
    fix: bool = False

    def __bool__(self) -> bool:
        return bool(self.hosts or self.homes or self.services or self.cache or self.detect)


class Options(Struct, frozen=True):
    """What a person chose.

    Attributes:
        hosts: migrate these only; empty for all.
        exclude: leave these out.
        follows: the input that the new input's nixpkgs follows; None to find it.
        overlay_file: where the overlay file goes instead of the recipe's path.
        url: the new input's reference instead of the recipe's.
        rev: the revision or tag that the new input is held at; None for none.
        remove: old overlays that go, beside those that the recipe knows, by their paths in the flake.
        include: kinds of hosts beside NixOS systems: `darwin`, `home`.
        keep_going: migrate the other hosts where some must be refused.
        prepare: only write what the overlays need, for hosts that are done by hand.
        layout: `inline`, or `module` for one module that every host names.
        wanted: variants for hosts and users.
    """

    hosts: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    follows: str | None = None
    overlay_file: str | None = None
    url: str | None = None
    rev: str | None = None
    remove: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    keep_going: bool = False
    prepare: bool = False
    layout: str = "inline"
    wanted: Wanted = Wanted()
