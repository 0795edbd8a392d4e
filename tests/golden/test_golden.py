"""Goldens: `<command>/<case>/in.nix` becomes `out.nix` by what `run.toml` says; all read by a person.

`pytest --update-golden` writes every `out.nix` anew. A case that names a formatter is laid out by it, and
stays so: where the formatter is installed, both files must be its fixed points.
"""

from __future__ import annotations

import shutil
import subprocess
import tomllib
from pathlib import Path

import pytest

import nixedit
from golden.steps import perform

HERE = Path(__file__).parent
CASES = sorted(path.parent for path in HERE.glob("*/*/run.toml") if b"steps" in path.read_bytes())
FORMATTERS = {
    "nixfmt": ("nixfmt", "-"),
    "nixfmt-classic": ("nixfmt-classic",),
    "alejandra": ("alejandra", "-q"),
}


def _name(case: Path) -> str:
    return case.relative_to(HERE).as_posix()


def _edited(case: Path) -> bytes:
    run = tomllib.loads((case / "run.toml").read_text())
    document = nixedit.loads((case / "in.nix").read_bytes())
    perform(document, run["steps"])
    return document.data


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_the_edit_gives_the_golden_text(case: Path, request: pytest.FixtureRequest) -> None:
    got = _edited(case)
    if request.config.getoption("--update-golden"):
        (case / "out.nix").write_bytes(got)
    assert got.decode("utf-8", "surrogateescape") == (case / "out.nix").read_bytes().decode(
        "utf-8", "surrogateescape"
    )


@pytest.mark.parametrize("case", CASES, ids=_name)
def test_what_the_steps_removed_and_added_is_all_that_differs(case: Path) -> None:
    """A golden that equals its input would show nothing, unless that is its point."""
    run = tomllib.loads((case / "run.toml").read_text())
    same = (case / "in.nix").read_bytes() == (case / "out.nix").read_bytes()
    assert same == run.get("unchanged", False)


@pytest.mark.parametrize("which", ["in.nix", "out.nix"])
@pytest.mark.parametrize("formatter", FORMATTERS)
def test_formatted_files_stay_fixed_points(formatter: str, which: str) -> None:
    if shutil.which(formatter) is None:
        pytest.skip(f"{formatter} is not installed")
    wrong = []
    for case in CASES:
        run = tomllib.loads((case / "run.toml").read_text())
        if run.get("formatter") != formatter:
            continue
        text = (case / which).read_bytes()
        formatted = subprocess.run(FORMATTERS[formatter], input=text, capture_output=True, check=True).stdout
        if formatted != text:
            wrong.append(_name(case))
    assert wrong == []
