"""Evidence: what a place in a fleet says of a host, and why it may not be so after all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from nixedit.detect.rules import STRONG, Meaning
from nixedit.flake.configuration import Setting
from nixedit.flake.definitions import code_of
from nixedit.resolve.values import Origin

_LONGEST = 70


class Evidence(Struct, frozen=True):
    """What a place says of a host.

    Attributes:
        capability: what the host has, or has not.
        holds: whether it has it.
        path: the file, relative to the flake.
        line: the line, 1-based.
        text: what stands there, in a few words.
        strength: `strong` or `weak`.
        doubts: why it may not be so after all.
    """

    capability: str
    holds: bool
    path: str
    line: int
    text: str
    strength: str = STRONG
    doubts: tuple[str, ...] = ()

    @property
    def sure(self) -> bool:
        """Whether the host surely has what is said."""
        return not self.doubts

    def __str__(self) -> str:
        doubts = f" ({'; '.join(self.doubts)})" if self.doubts else ""
        return f"{self.path}:{self.line} {self.text}{doubts}"


def doubts_of(setting: Setting) -> Iterator[str]:
    """Why a definition may not count after all."""
    definition = setting.definition
    if not definition.module.sure:
        yield "its module may not be imported"
    for condition in definition.conditions:
        code = shortened(code_of(condition.origin))
        yield f"only if `{code}`, which is not known" if code else "only under a condition that is not known"
    if definition.priority is None:
        yield "its priority is not known"
    if setting.rival is not None:
        place = setting.rival.place
        where = f"{place.file}:{place.line}" if place is not None else "another definition"
        yield f"{where} may override it"


def made(
    means: Sequence[Meaning], place: Origin, text: str, strength: str, doubts: Sequence[str] = ()
) -> Iterator[Evidence]:
    """Evidence of each thing that a finding means."""
    for meaning in means:
        yield Evidence(
            meaning.capability, meaning.holds, place.file, place.line, text, strength, tuple(doubts)
        )


def shortened(code: str) -> str:
    """Code on one line that is not too long to be read."""
    return code if len(code) <= _LONGEST else f"{code[: _LONGEST - 1]}…"
