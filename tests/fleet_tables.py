"""Tables of fleets in TOML: the files of each, the overlays that its hosts have after a migration, and its patch."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

import msgspec
from msgspec import Struct

_DIFF = re.compile(r"^diff = '''\n.*?'''$", re.DOTALL | re.MULTILINE)


class TableFleet(Struct, frozen=True, forbid_unknown_fields=True):
    """One `[[fleet]]` of a table."""

    name: str
    overlays: dict[str, str]
    """By host, in the words of `overlay_order.named`."""
    files: dict[str, str]
    diff: str
    """The patch of the files that the migration edits, without those that come or go as a whole."""
    formatter: str | None = None
    """Whose layout the files have."""
    words: tuple[str, ...] = ()
    """What stands on the command line."""
    new: tuple[str, ...] = ("overlays/llama-cpp.nix",)
    """The files that come."""
    removed: tuple[str, ...] = ()
    """The files that go."""
    thrown: tuple[str, ...] = ()
    """Hosts that do not evaluate before."""


def read(folder: Path) -> dict[str, TableFleet]:
    """Every fleet of every table in a folder, by table and name.

    Raises:
        ValueError: a table has two fleets of one name.
    """
    found: dict[str, TableFleet] = {}
    for path in sorted(folder.glob("*.toml")):
        for data in tomllib.loads(path.read_text("utf-8"))["fleet"]:
            fleet = msgspec.convert(data, TableFleet)
            key = f"{path.stem}: {fleet.name}"
            if key in found:
                raise ValueError(f"{path}: two fleets are called {fleet.name!r}")
            found[key] = fleet
    return found


def write_diff(folder: Path, key: str, diff: str) -> None:
    """Put *diff* into the table in place of the fleet's own."""
    table, name = key.split(": ", 1)
    path = folder / f"{table}.toml"
    before, head, rest = path.read_text("utf-8").partition(f'[[fleet]]\nname = "{name}"\n')
    rest = _DIFF.sub(lambda _: f"diff = '''\n{diff}'''", rest, count=1)
    path.write_text(before + head + rest, "utf-8")
