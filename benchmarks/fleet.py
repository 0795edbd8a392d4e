"""`nixedit migrate --check` on a fleet of 2,000 files: beside parsing all of them once, and in one process.

In one fleet nothing names the files; in the other a host imports every one of them.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
import tempfile
from pathlib import Path

from generated import write_tree
from load import nix_files, parse_all
from measure import Result, command_line, compared, cpu, elapsed, report

from nixedit.cli.main import main as nixedit
from nixedit.migrate import bulk

COUNT = 2_000
_FLAKE = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = { self, nixpkgs, ... }@inputs: {
    nixosConfigurations.argon = nixpkgs.lib.nixosSystem { modules = [ MODULES ]; };
  };
}
"""


def fleet(folder: Path, count: int, *, imported: bool) -> Path:
    """A flake of one host with so many files beside it, perhaps as modules of the host."""
    (folder / "units").mkdir(parents=True)
    write_tree(folder / "units", count)
    names = sorted(f"./{path.relative_to(folder)}" for path in folder.rglob("*.nix")) if imported else []
    (folder / "flake.nix").write_text(_FLAKE.replace("MODULES", " ".join(names)), encoding="utf-8")
    return folder


def check(folder: Path) -> None:
    """One run that writes nothing."""
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        nixedit(["migrate", str(folder), "--check", "--allow-no-vcs"])


def against_parsing(folder: Path, rounds: int) -> list[float]:
    """The CPU time of a run in each round, as a ratio to that of parsing every file."""
    paths = nix_files(folder)
    check(folder)
    return [cpu(lambda: check(folder)) / cpu(lambda: parse_all(paths)) for _ in range(rounds)]


def one_or_several(folder: Path, rounds: int) -> list[tuple[float, float]]:
    """The wall time of a run that reads in one process, and of one that may start others, by round."""
    check(folder)
    found = []
    for _ in range(rounds):
        several = elapsed(lambda: check(folder))
        bulk.MANY, before = sys.maxsize, bulk.MANY
        found.append((elapsed(lambda: check(folder)), several))
        bulk.MANY = before
    return found


def measure(rounds: int = 5, count: int = COUNT) -> list[Result]:
    """The ratios, what is compared one right after the other in every round."""
    what = "CPU: migrate --check / read and parse every file"
    with tempfile.TemporaryDirectory(prefix="nixedit-bench-") as temporary:
        alone = fleet(Path(temporary) / "alone", count, imported=False)
        modules = fleet(Path(temporary) / "modules", count, imported=True)
        results = [
            compared(what, against_parsing(alone, rounds), 5, f"{count:,} files, nothing names them"),
            compared(what, against_parsing(modules, rounds), 5, f"{count:,} files, modules of one host"),
        ]
        detail = f"{count:,} files, {os.cpu_count()} cores; wall time"
        ratios = [one / several for one, several in one_or_several(alone, rounds)]
        results.append(
            compared("migrate --check reading in one process / in several", ratios, 1, detail, at_least=True)
        )
    return results


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--count", type=int, default=COUNT)
    given = parser.parse_args()
    report(measure(given.rounds, given.count), command_line())


if __name__ == "__main__":
    main()
