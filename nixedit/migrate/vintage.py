"""How old a host's nixpkgs is, and what a service of NixOS calls its options there."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence

from msgspec import Struct

_RELEASE = re.compile(r"(?:nixos|release|nixpkgs)-(\d\d\.\d\d)")


class Form(Struct, frozen=True):
    """What the options of a service are called, from some nixpkgs on.

    Attributes:
        release: the first release of NixOS that calls them so.
        date: when the branches that follow the development did so, all of them.
        options: the options below that of the service, by `model`, `host`, `port`.
    """

    release: str
    date: dt.date
    options: Mapping[str, str]


class Service(Struct, frozen=True):
    """A service.

    Attributes:
        option: the option that it is.
        forms: what its options are called, the oldest form first.
    """

    option: str
    forms: tuple[Form, ...]


class Vintage(Struct, frozen=True):
    """How old a nixpkgs is.

    Attributes:
        release: its release, `25.05`; None where it follows the development.
        date: when its revision was made.
    """

    release: str | None
    date: dt.date

    @classmethod
    def of(cls, reference: str | None, modified: int) -> Vintage:
        """That of a locked input.

        Args:
            reference: its branch, as flake.lock has it.
            modified: the time of its revision, in seconds since 1970.
        """
        found = None if reference is None else _RELEASE.match(reference)
        day = dt.datetime.fromtimestamp(modified, dt.UTC).date()
        return cls(None if found is None else found[1], day)

    def form(self, forms: Sequence[Form]) -> Form | None:
        """The newest of some forms that it knows; None if it knows none."""
        known = [form for form in forms if self._knows(form)]
        return known[-1] if known else None

    def _knows(self, form: Form) -> bool:
        if self.release is not None:
            return self.release >= form.release
        return self.date >= form.date
