"""The example fleets, and fixtures that copy and evaluate them."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from evaluator import Evaluator

import nixedit

DEMO = Path(nixedit.__file__).parent / "demo" / "fleet"
_FOLDER = Path(__file__).parent / "fleets"

FLEETS = {
    "plan-nixfmt": DEMO,
    **{
        folder.name: folder
        for folder in sorted(_FOLDER.iterdir())
        if folder.is_dir() and folder.name != "stubs"
    },
}

FleetCopy = Callable[[str], Path]


def copy_fleet(name: str, folder: Path) -> Path:
    """A fresh copy of the example fleet *name* in the new directory `folder / name`."""
    return Path(shutil.copytree(FLEETS[name], folder / name))


@pytest.fixture
def fleet_copy(tmp_path: Path) -> FleetCopy:
    """Copies an example fleet into this test's own directory."""
    return lambda name: copy_fleet(name, tmp_path)


@pytest.fixture(scope="session")
def evaluator(tmp_path_factory: pytest.TempPathFactory) -> Evaluator:
    """The real Nix with one store for the whole run; skips where there is none."""
    if not Evaluator.available():
        pytest.skip("Nix is not installed")
    return Evaluator(home=tmp_path_factory.mktemp("nix"))
