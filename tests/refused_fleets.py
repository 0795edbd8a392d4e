"""The fleets of `migrate/refusals.toml`, and what a person does to them who takes the hint."""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from migration_runs import migrate, migrated, write
from msgspec import Struct, convert

_TABLE = Path(__file__).parent / "migrate" / "refusals.toml"


class Refusal(Struct, frozen=True, forbid_unknown_fields=True):
    """A row of the table; its head says what each field means."""

    name: str
    says: str
    files: Mapping[str, str]
    words: tuple[str, ...] = ()
    unsound: str | None = None
    prepared: bool = False
    output: str = "nixosConfigurations"
    by_hand: Mapping[str, Sequence[tuple[str, str]]] = {}
    again: tuple[str, ...] | None = None
    hosts: tuple[str, ...] | None = None

    @property
    def has_lines(self) -> bool:
        """Whether the hint has lines to write."""
        return any("HINT" in new for changes in self.by_hand.values() for _, new in changes)

    def written(self, folder: Path) -> Path:
        """The fleet in a new folder."""
        write(folder, {"argon.nix": "{ }\n", **self.files})
        if self.prepared:
            migrated(folder, "--prepare")
        return folder

    def follow(self, folder: Path) -> None:
        """Do what the hint says, all of it and nothing else."""
        lines = self._lines(folder) if self.has_lines else ""
        for name, changes in self.by_hand.items():
            path = folder / name
            if not changes:
                path.unlink()
                continue
            text = path.read_text()
            for old, new in changes:
                assert old in text, (name, old)
                text = text.replace(old, new.replace("HINT", lines))
            path.write_text(text)

    def _lines(self, folder: Path) -> str:
        """The lines of the hint, which come last in it; the flake has what they need afterwards."""
        report = json.loads(migrate(folder, "--json", *self.words).out)
        refusals = [*report["refusals"], *(host["refusal"] for host in report["hosts"] if host["refusal"])]
        (lines,) = {refusal["hint"].split(": ", 1)[1] for refusal in refusals if ": " in refusal["hint"]}
        migrated(folder, "--prepare")
        return str(lines)


def _read() -> dict[str, Refusal]:
    rows: list[dict[str, Any]] = tomllib.loads(_TABLE.read_text("utf-8"))["refusal"]
    found = {row["name"]: convert(row, Refusal) for row in rows}
    assert len(found) == len(rows), "every row has a name of its own"
    return found


REFUSALS = _read()
