"""`nixedit migrate --check` on a fleet of 2,000 files / parsing all of them once, and reading in processes.

In one fleet nothing names the files; in the other a host imports every one of them.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import re
import tempfile
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from generated import write_tree
from load import nix_files, parse_all
from measure import Result, command_line, compared, cpu, elapsed, report

from nixedit.cli.main import main as nixedit

COUNT = 2_000
_FLAKE = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  outputs = { self, nixpkgs, ... }@inputs: {
    nixosConfigurations.argon = nixpkgs.lib.nixosSystem { modules = [ MODULES ]; };
  };
}
"""
_PATTERN = re.compile(rb"llama-cpp")


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


def search(paths: Sequence[str]) -> int:
    """Read files and look for a word, as is done before one is parsed."""
    found = 0
    for path in paths:
        with open(path, "rb") as file:
            found += _PATTERN.search(file.read()) is not None
    return found


def search_in_processes(paths: Sequence[str]) -> int:
    """The same in as many processes as there are cores, started for it."""
    workers = os.cpu_count() or 1
    size = -(-len(paths) // workers)
    with ProcessPoolExecutor(workers) as pool:
        return sum(pool.map(search, [paths[at : at + size] for at in range(0, len(paths), size)]))


def against_parsing(folder: Path, rounds: int) -> list[float]:
    """The CPU time of a run in each round, as a ratio to that of parsing every file."""
    paths = nix_files(folder)
    check(folder)
    return [cpu(lambda: check(folder)) / cpu(lambda: parse_all(paths)) for _ in range(rounds)]


def of_reading(folder: Path, rounds: int) -> list[tuple[float, float, float]]:
    """The wall time of reading and searching in one process and in several, and of a whole run, by round."""
    paths = nix_files(folder)
    works = (lambda: search(paths), lambda: search_in_processes(paths), lambda: check(folder))
    return [(elapsed(works[0]), elapsed(works[1]), elapsed(works[2])) for _ in range(rounds)]


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
        reading = of_reading(alone, rounds)
    detail = f"{count:,} files, {os.cpu_count()} cores; wall time"
    gains = [one / several for one, several, _ in reading]
    shares = [one / whole for one, _, whole in reading]
    results.append(compared("read and search files in one process / in one per core", gains, 1, detail))
    results.append(compared("read and search files / the whole of migrate --check", shares, 0.2, detail))
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
