"""The functions of the library that are said in Nix: `written.nix`, read once for the process."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from nixedit.grammar import F
from nixedit.syntax.layers import core
from nixedit.syntax.nodes import field
from nixedit.syntax.sets import set_index
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import Source

# No file of a flake is called that.
FILE = "<nixpkgs/lib>"


@cache
def snapshot() -> Snapshot:
    """The file's text and tree."""
    return Snapshot.of(Source(Path(__file__).with_name("written.nix").read_bytes()))


@cache
def names() -> frozenset[str]:
    """The functions that it has."""
    found = snapshot()
    written = core(field(found.root, F.EXPRESSION))
    return frozenset(entry.names[0] or "" for entry in set_index(found, written).entries)
