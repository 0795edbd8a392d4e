"""What a migration would do, or did: per host, per file, as data that prints for people and for programs."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from msgspec import Struct, field
from msgspec.structs import asdict

from nixedit.errors import NixEditError
from nixedit.files import is_inside

if TYPE_CHECKING:
    from nixedit.detect.proposals import Proposal

# What is done where a host gets a module of its own for the overlays.


class Step(Struct, frozen=True):
    """One change.

    Attributes:
        what: what is done, in a few words.
        file: the file, relative to the flake.
        line: its line before the change, 1-based; None for a file made or deleted.
        why: the reason.
    """

    what: str
    file: str
    line: int | None = None
    why: str = ""

    def __str__(self) -> str:
        place = self.file if self.line is None else f"{self.file}:{self.line}"
        return f"{place}: {self.what}{f' ({self.why})' if self.why else ''}"


class Done(Struct, frozen=True):
    """What is done at some place, and why."""

    what: str
    why: str

    def at(self, file: str, line: int | None = None) -> Step:
        """The change at a place.

        Args:
            file: the file, relative to the flake.
            line: its line, 1-based; None for a file made or deleted.
        """
        return Step(self.what, file, line, self.why)


# What each host gets whose modules have no list of overlays.
OWN_MODULE = Done("a module with the overlays added", "the first: NixOS applies its overlays last")


class HostReport(Struct):
    """What happens to one host.

    Attributes:
        name: its attribute in `nixosConfigurations`; with the output in front where that is another one.
        status: `migrate`, `unchanged`, `refused` or `left out`.
        steps: the changes.
        refusal: why it cannot be migrated.
        proposal: what its hardware asks for, and why; None where nobody asked.
        named: whether the name is a host's; else it says what is known instead.
        output: the flake's output that it is in.
    """

    name: str
    status: str = "unchanged"
    steps: list[Step] = field(default_factory=list)
    refusal: NixEditError | None = None
    proposal: Proposal | None = None
    named: bool = True
    output: str = "nixosConfigurations"


class Report(Struct):
    """What happens to a fleet.

    Attributes:
        recipe: the recipe's name.
        flake: the flake's folder.
        hosts: all hosts, in order.
        steps: what is done for all hosts together.
        refusals: what stands in the way of the whole migration.
        notes: what a person should know.
        findings: what a person may want to look at, and no migration stops for.
        unprepared: where nothing is written, what the lines need that a person is to write by hand.
    """

    recipe: str
    flake: str
    hosts: list[HostReport] = field(default_factory=list)
    steps: list[Step] = field(default_factory=list)
    refusals: list[NixEditError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    findings: list[NixEditError] = field(default_factory=list)
    unprepared: list[str] = field(default_factory=list)

    @property
    def refused(self) -> list[NixEditError]:
        """All refusals, the fleet's and the hosts', each place once."""
        found = [*self.refusals, *(host.refusal for host in self.hosts if host.refusal is not None)]
        unique: dict[str, NixEditError] = {}
        for error in found:
            unique.setdefault(str(error), error)
        return list(unique.values())

    @property
    def repeated(self) -> int:
        """How many places get a module with the same lines."""
        steps = (step for host in self.hosts for step in host.steps if step.what == OWN_MODULE.what)
        return len({(step.file, step.line) for step in steps})

    @property
    def changes(self) -> bool:
        """Whether anything would change."""
        return bool(self.steps) or any(host.steps for host in self.hosts)

    def proposed(self) -> list[str]:
        """The lines of what the hardware of hosts asks for."""
        found = [host.proposal for host in self.hosts if host.proposal is not None]
        return [line for proposal in found for line in proposal.to_text().splitlines()]

    def to_json(self) -> dict[str, Any]:
        """The report for programs; places are `file` and 1-based `line`."""
        return {
            "recipe": self.recipe,
            "flake": self.flake,
            "hosts": [
                {
                    "name": host.name,
                    "status": host.status,
                    "steps": [asdict(step) for step in host.steps],
                    "proposal": None if host.proposal is None else host.proposal.to_json(),
                    "refusal": None if host.refusal is None else _refusal(host.refusal, self.flake),
                }
                for host in self.hosts
            ],
            "steps": [asdict(step) for step in self.steps],
            "refusals": [_refusal(error, self.flake) for error in self.refusals],
            "notes": self.notes,
            "findings": [_refusal(error, self.flake) for error in self.findings],
        }

    def to_text(self, done: bool) -> str:
        """The report for people.

        Args:
            done: whether it has been done; else it is a plan.
        """
        lines = []
        width = max((len(host.name) for host in self.hosts), default=0)
        for host in self.hosts:
            status = {"migrate": "migrated" if done else "to migrate"}.get(host.status, host.status)
            lines.append(f"  {host.name:<{width}}  {status}")
            lines += [f"  {'':<{width}}    {step}" for step in host.steps]
            if host.proposal is not None:
                lines += [f"  {'':<{width}}    {line}" for line in host.proposal.to_text().splitlines()]
            if host.refusal is not None:
                lines.append(f"  {'':<{width}}    {host.refusal}")
        if self.steps:
            lines.append("  all hosts" if self.hosts else "  the flake")
            lines += [f"  {'':<{width}}    {step}" for step in self.steps]
        lines += [f"  note: {note}" for note in self.notes]
        return "\n".join(lines)


def _refusal(error: NixEditError, flake: str) -> dict[str, Any]:
    inside = error.path is not None and is_inside(error.path, flake)
    return {
        "message": error.message,
        "file": os.path.relpath(error.path, flake) if error.path is not None and inside else error.path,
        "line": error.line,
        "column": error.column,
        "hint": error.hint,
    }
