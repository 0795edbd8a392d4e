"""All benchmarks, one table. Without a path on data that is made for them; nothing is downloaded."""

from __future__ import annotations

import argparse
from pathlib import Path

import edits
import fleet
import follow
import load
import set_one
import startup
from measure import command_line, report


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?", help="a checkout of a large Nix repository")
    given = parser.parse_args()
    results = load.measure(given.folder)
    results += set_one.measure([] if given.folder is None else [given.folder])
    results += edits.measure()
    results += follow.measure()
    results += fleet.measure()
    results += startup.measure()
    report(results, command_line())


if __name__ == "__main__":
    main()
