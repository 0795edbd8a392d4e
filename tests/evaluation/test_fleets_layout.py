"""The example fleets are fixed points of the formatter whose layout they stand for."""

from __future__ import annotations

import shutil
import subprocess

import pytest
from fleets_support import FLEETS

LAYOUTS = [
    ("nixfmt", "nixfmt 1", "plan-nixfmt"),
    ("nixfmt", "nixfmt 1", "closed-formals"),
    ("nixfmt", "nixfmt 1", "closed-formals-inputs"),
    ("nixfmt-classic", "nixfmt v0.6", "plan-classic"),
    ("alejandra", "Alejandra 4", "plan-alejandra"),
]


@pytest.mark.parametrize(("formatter", "version", "name"), LAYOUTS)
def test_is_a_fixed_point(formatter: str, version: str, name: str) -> None:
    if shutil.which(formatter) is None:
        pytest.skip(f"{formatter} is not on the PATH")
    said = subprocess.run([formatter, "--version"], capture_output=True, text=True, check=True).stdout
    if not said.strip().startswith(version):
        pytest.skip(f"{formatter} is {said.strip()}, not {version}")
    files = sorted(map(str, FLEETS[name].rglob("*.nix")))
    assert subprocess.run([formatter, "--check", *files], check=False).returncode == 0
