"""The benchmarks run, on little; what they measure is nobody's business here."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RUNS = {
    "load": ["--rounds", "1", "--count", "3"],
    "set_one": ["--rounds", "1", "--most", "2"],
    "edits": ["--rounds", "1", "--size", "5000", "--large", "9000", "--count", "20"],
    "follow": ["--rounds", "1", "--size", "9000"],
    "fleet": ["--rounds", "1", "--count", "40"],
    "startup": ["--rounds", "1"],
}


@pytest.mark.parametrize("name", RUNS)
def test_runs_and_says_how_to_repeat(name):
    command = [sys.executable, f"benchmarks/{name}.py", *RUNS[name]]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.stderr == ""
    assert done.returncode == 0
    table, _, rest = done.stdout.partition("\n\n")
    assert len(table.splitlines()) > 2
    assert rest.splitlines()[1] == f"again: python benchmarks/{name}.py {' '.join(RUNS[name])}"


def test_one_command_runs_all():
    script = (ROOT / "benchmarks/run.py").read_text(encoding="utf-8")
    assert [name for name in RUNS if f"{name}.measure(" not in script] == []
