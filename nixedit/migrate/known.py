"""What planning finds out that the whole plan depends on: then another is made, with that known before."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from nixedit.errors import NixEditError
from nixedit.migrate.old_overlay import Key


class Known(Struct, frozen=True):
    """What is known from the start.

    Attributes:
        refused: the hosts, by their keys, that must be left out, with the reason of each.
        staying: the old overlays that stay, for migrated hosts too, with what is said of it.
    """

    refused: Mapping[str, NixEditError] = {}
    staying: Mapping[Key, str | None] = {}

    @property
    def kept(self) -> tuple[str, ...]:
        """The files among the old overlays that stay."""
        return tuple(file for file, start in self.staying if start is None)

    def with_more(self, more: Known) -> Known:
        """This, and what was found out since."""
        return Known({**self.refused, **more.refused}, {**self.staying, **more.staying})


class PlanAgain(Exception):
    """Ends the planning: with what is known now, another plan is to be made."""

    def __init__(self, known: Known) -> None:
        self.known = known
