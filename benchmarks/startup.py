"""What the command costs to start, in wall time, beside `python -c pass`.

Runs the `nixedit` that is installed beside this Python, on a copy of the bundled example fleet.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import sysconfig
import tempfile
import time
from pathlib import Path

from measure import Result, command_line, compared, report

from nixedit.cli.demo import copy_fleet


def wall(command: list[str]) -> float:
    """The seconds that a command takes."""
    start = time.perf_counter()
    subprocess.run(command, check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - start


def measure(rounds: int = 20) -> list[Result]:
    """Both ratios, the three commands one after the other in every round."""
    script = os.path.join(sysconfig.get_path("scripts"), "nixedit")
    if not os.path.exists(script):
        raise SystemExit(f"no {script}: install nixedit into this Python's environment first")
    with tempfile.TemporaryDirectory(prefix="nixedit-bench-") as folder:
        copy_fleet(Path(folder) / "fleet")
        commands = [
            [sys.executable, "-c", "pass"],
            [script, "--version"],
            [script, "migrate", "--check", str(Path(folder) / "fleet")],
        ]
        for command in commands:  # the caches of bytecode and of the disk
            wall(command)
        times = [[wall(command) for command in commands] for _ in range(rounds)]
    return [
        compared(
            "nixedit migrate --check / python -c pass",
            [row[2] / row[0] for row in times],
            8,
            "the example fleet",
        ),
        compared("nixedit --version / python -c pass", [row[1] / row[0] for row in times], 3, ""),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=20)
    report(measure(parser.parse_args().rounds), command_line())


if __name__ == "__main__":
    main()
