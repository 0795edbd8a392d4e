"""Reads and writes the grammar's corpus, files of sources and trees in tree-sitter's test format."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

CORPUS = Path(__file__).parents[2] / "grammars" / "nix" / "test" / "corpus"

# A header between two lines of `=`, the source, a line of `-`, the tree.
CASE = re.compile(
    rb"^=+\n(?P<name>[^\n]+)\n(?P<marks>(?::[^\n]+\n)*)=+\n(?P<source>.*?)\n---+\n\n?(?P<tree>.*?)(?=^===+\n|\Z)",
    re.DOTALL | re.MULTILINE,
)


class Case(NamedTuple):
    """One test of a corpus file."""

    file: Path
    name: str
    error: bool
    source: bytes
    tree: str


def read_file(path: Path) -> list[Case]:
    """Return the tests of one file."""
    return [
        Case(
            path,
            found["name"].decode(),
            b":error" in found["marks"],
            found["source"],
            found["tree"].decode().strip(),
        )
        for found in CASE.finditer(path.read_bytes())
    ]


def read_corpus() -> Iterator[Case]:
    """Yield the tests of all files."""
    for path in sorted(CORPUS.glob("*.txt")):
        yield from read_file(path)


def write_file(path: Path, cases: list[Case]) -> None:
    """Write the tests of one file, in their order."""
    line = "=" * 20
    entries = [
        b"\n".join(
            [
                line.encode(),
                case.name.encode(),
                *([b":error"] if case.error else []),
                line.encode(),
                case.source,
                b"---",
                *([b"", case.tree.encode()] if case.tree else []),
                b"",
            ]
        )
        for case in cases
    ]
    path.write_bytes(b"\n".join(entries))
