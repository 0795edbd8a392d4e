"""Reads snippets.tsv: short Nix sources with the verdict and the tree that Nix itself gives them."""

import csv
from pathlib import Path
from typing import NamedTuple

TABLE = Path(__file__).parent / "snippets.tsv"

# What the table writes for characters that an editor would hide or a cell could not hold.
PICTURES = {
    "⏎": "\n",
    "␍": "\r",
    "␌": "\f",
    "⇥": "\t",
    "␋": "\v",
    "⍽": "\N{NO-BREAK SPACE}",
    "‹BOM›": "\N{ZERO WIDTH NO-BREAK SPACE}",
}


class Snippet(NamedTuple):
    """One row."""

    section: str
    valid: bool
    source: bytes
    answer: str
    """The tree of a valid source, the error of an invalid one."""


def read_snippets() -> list[Snippet]:
    """Return the rows of the table in its order."""
    with TABLE.open(encoding="utf-8", newline="") as lines:
        rows = csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)
        return [
            Snippet(row["section"], row["verdict"] == "valid", decode(row["source"]), row["tree_or_error"])
            for row in rows
        ]


def decode(cell: str) -> bytes:
    """Return the source that a cell of the table stands for."""
    for picture, text in PICTURES.items():
        cell = cell.replace(picture, text)
    return cell.encode()


SNIPPETS = read_snippets()
