"""What the evaluator knows is what Nix says: random programs, evaluated by both."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from nix_programs import FILES, LINKS, Programs
from plain_values import difference, evaluated_with_library, evaluator_of, to_python

HERE = Path(__file__).parent
BATCH = 150
FAILED = object()


def write_files(folder: Path) -> None:
    for name, content in FILES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    for name, target in LINKS.items():
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(target)


def nix_values(folder: Path, names: Sequence[str], library: Path = HERE / "library.nix") -> list[Any]:
    """What Nix makes of the files, one process for many: `FAILED` where it stops, and then it goes on behind."""
    found: list[Any] = []
    for name in names:
        # As one string: of a value that fails in the middle Nix would print the beginning.
        wrapped = f"{{ lib }}: builtins.toJSON (import ./{name} {{ inherit lib; }})"
        (folder / f"json-of-{name}").write_text(wrapped)
    command = ["nix-instantiate", "--eval", "--strict", "--json", "--arg", "lib", f"import {library}"]
    while len(found) < len(names):
        rest = [str(folder / f"json-of-{name}") for name in names[len(found) :]]
        done = subprocess.run([*command, *rest], capture_output=True, check=False)
        # A string can be cut within a character, and Nix prints the bytes as they are.
        values = [json.loads(value) for value in strings(done.stdout.decode("utf-8", "surrogateescape"))]
        found += values
        # A stack that overflows takes with it what is not printed yet: the others are asked for again.
        crashed = done.returncode < 0 and values
        if done.returncode and not crashed and len(found) < len(names):
            found.append(FAILED)
    return found


def strings(text: str) -> Iterator[str]:
    """JSON strings, one behind the other; the last one may be cut off."""
    at = 0
    while (at := text.find('"', at)) >= 0:
        try:
            value, at = json.JSONDecoder().raw_decode(text, at)
        except ValueError:
            return
        yield value


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("nix-instantiate") is None:
        pytest.skip("Nix is not installed")
    made = tmp_path_factory.mktemp("programs")
    write_files(made)
    return made


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck))
@given(seed=st.integers(0, 2**32), size=st.integers(2, 6))
def test_what_is_known_is_what_nix_says(folder: Path, seed: int, size: int) -> None:
    draw = Programs(Random(seed), size)
    programs = [draw.program() for _ in range(BATCH)]
    names = [f"program{number}.nix" for number in range(BATCH)]
    for name, program in zip(names, programs, strict=True):
        (folder / name).write_text(program)
    evaluator = evaluator_of(folder)
    wrong = []
    for name, program, nix in zip(names, programs, nix_values(folder, names), strict=True):
        value = evaluated_with_library(evaluator, name)
        found = None if nix is FAILED else difference(value, nix, folder)
        if found is not None:
            wrong.append((len(program), program, found))
    assert min(wrong, default=None) is None


def test_most_programs_are_known_and_few_fail(folder: Path) -> None:
    draw = Programs(Random(1), 4)
    programs = [draw.program() for _ in range(BATCH)]
    names = [f"measured{number}.nix" for number in range(BATCH)]
    for name, program in zip(names, programs, strict=True):
        (folder / name).write_text(program)
    evaluator = evaluator_of(folder)
    known = [to_python(evaluated_with_library(evaluator, name)) for name in names]
    failed = nix_values(folder, names).count(FAILED)
    assert failed < BATCH / 10
    assert sum("unknown" not in str(value) for value in known) > BATCH / 2
