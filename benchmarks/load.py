"""Every file of a tree loaded, and two top-level names looked up, beside tree-sitter's parse alone.

The CPU times hold reading the file on both sides. The memory is what a fresh process grows by while it
keeps everything: all texts and trees on one side, all documents, after the look-ups, on the other.
"""

from __future__ import annotations

import argparse
import resource
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from generated import write_tree
from measure import Result, command_line, compared, cpu, report

import nixedit
from nixedit.grammar import parse

COUNT = 3000


def nix_files(folder: Path) -> list[str]:
    """The .nix files below a folder, in order."""
    return sorted(str(path) for path in folder.rglob("*.nix") if path.is_file())


def common_names(paths: Sequence[str]) -> list[str]:
    """The two names that most files bind at their top."""
    counted: Counter[str] = Counter()
    for path in paths:
        try:
            counted.update(list(nixedit.load(path).attrs))
        except nixedit.NixEditError:
            continue
    return [name for name, _ in counted.most_common(2)]


def parse_all(paths: Sequence[str]) -> list[object]:
    """Texts and trees."""
    kept = []
    for path in paths:
        with open(path, "rb") as file:
            data = file.read()
        kept.append((data, parse(data)))
    return kept


def load_all(paths: Sequence[str], names: Sequence[str]) -> list[object]:
    """Documents, each asked for the names; files whose value is no written set are asked, and say so."""
    kept = []
    for path in paths:
        doc = nixedit.load(path)
        kept.append(doc)
        try:
            attrs = doc.attrs
            for name in names:
                attrs.get(name)
        except nixedit.NixEditError:
            continue
    return kept


def one_by_one(paths: Sequence[str], names: Sequence[str] | None) -> None:
    """The same work with nothing kept: parsed, or loaded and asked for the names."""
    for path in paths:
        if names is None:
            parse_all([path])
        else:
            load_all([path], names)


def memory(folder: Path, what: str, names: Sequence[str]) -> float:
    """What a fresh process grows by, in the system's unit."""
    command = [sys.executable, __file__, str(folder), "--keep", what, "--names", *names]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def keep(paths: Sequence[str], what: str, names: Sequence[str]) -> None:
    """Print by how much keeping trees or documents raises this process's peak."""
    warm = load_all(paths[:1], names)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    kept = parse_all(paths) if what == "trees" else load_all(paths, names)
    print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before)
    del warm, kept


def measure(folder: Path | None = None, rounds: int = 7, count: int = COUNT) -> list[Result]:
    """Both ratios of this script, on a folder or on a tree that is made for it."""
    if folder is None:
        with tempfile.TemporaryDirectory(prefix="nixedit-bench-") as made:
            write_tree(Path(made), count)
            return measure(Path(made), rounds)
    paths = nix_files(folder)
    names = common_names(paths)
    size = sum(Path(path).stat().st_size for path in paths)
    detail = f"{len(paths):,} files, {size:,} bytes; names {' and '.join(names)}"
    times = [
        cpu(lambda: one_by_one(paths, names)) / cpu(lambda: one_by_one(paths, None)) for _ in range(rounds)
    ]
    grown = []
    for _ in range(min(rounds, 3)):
        trees = memory(folder, "trees", names)
        grown.append(memory(folder, "documents", names) / max(trees, 1))  # of few files: less than a page
    return [
        compared("CPU: load and look up two names / read and parse", times, 1.5, detail),
        compared("peak memory: documents / trees and texts", grown, 1.3, detail),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="a checkout; without it a tree is made")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--count", type=int, default=COUNT, help="files of the tree that is made")
    parser.add_argument("--names", nargs="*", default=[], help=argparse.SUPPRESS)
    parser.add_argument("--keep", choices=["trees", "documents"], help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.keep is not None:
        keep(nix_files(given.folder), given.keep, given.names)
        return
    report(measure(given.folder, given.rounds, given.count), command_line())


if __name__ == "__main__":
    main()
