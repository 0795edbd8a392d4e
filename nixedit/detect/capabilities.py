"""What a host has, weighed from all that is said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from enum import IntEnum

from nixedit.detect.evidence import Evidence
from nixedit.detect.rules import STRONG


class Weight(IntEnum):
    """How much is behind a capability."""

    POSSIBLE = 1
    WEAK = 2
    STRONG = 3


def weight_of(evidence: Evidence) -> Weight:
    """How much one piece of evidence says."""
    if not evidence.sure:
        return Weight.POSSIBLE
    return Weight.STRONG if evidence.strength == STRONG else Weight.WEAK


def capabilities_of(evidence: Sequence[Evidence]) -> Mapping[str, Weight]:
    """What a host has, by its best evidence; without what is contradicted by evidence that weighs more."""
    found: dict[str, Weight] = {}
    against: dict[str, Weight] = {}
    for one in evidence:
        side = found if one.holds else against
        side[one.capability] = max(side.get(one.capability, Weight.POSSIBLE), weight_of(one))
    return {
        name: weight
        for name, weight in found.items()
        if against.get(name, 0) < weight or against.get(name, 0) == Weight.POSSIBLE
    }


def contradictions(evidence: Sequence[Evidence]) -> list[tuple[Evidence, Evidence]]:
    """Pairs of evidence for and against one thing, both of them sure."""
    return [
        (one, other)
        for one in evidence
        for other in evidence
        if one.holds and not other.holds and one.capability == other.capability and one.sure and other.sure
    ]
