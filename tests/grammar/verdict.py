"""The one place where the tests ask whether nixedit takes a source for valid Nix."""

from nixedit.diagnostics import diagnose
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import Source

# What Nix's parser refuses, or what it should: duplicate and computed names are no matter of grammar.
SYNTAX = frozenset({"syntax", "number-range", "nul", "bom", "empty"})


def verdict(source: bytes) -> bool:
    """Return whether nixedit accepts a source."""
    return all(found.kind not in SYNTAX for found in diagnose(Snapshot.of(Source(source))))
