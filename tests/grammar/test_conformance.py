"""Our verdict against that of the Nix on this machine, where there is one."""

import runpy
import shutil
import subprocess
from pathlib import Path

import pytest

from .snippets import SNIPPETS
from .verdict import verdict

SCRIPT = Path(__file__).parents[2] / "grammars" / "nix" / "conformance.py"
NIX = shutil.which("nix-instantiate")

pytestmark = pytest.mark.skipif(NIX is None, reason="no nix-instantiate here")


def nix_version() -> tuple[int, ...]:
    """Return the version of the Nix on this machine."""
    answer = subprocess.run(["nix-instantiate", "--version"], check=True, capture_output=True, text=True)
    return tuple(int(part) for part in answer.stdout.split()[-1].split(".")[:2])


# Rejected, but not as a syntax error, which is all that the script counts.
OUT_OF_RANGE = b"9223372036854775808"
# Where an old Nix differs from the versions that the grammar follows.
OLD_NIX_DIFFERS = {
    b'"\\': "2.8 crashes on it",
    b'"': "2.8 crashes on it",
}


def test_snippets(tmp_path: Path) -> None:
    conformance = runpy.run_path(str(SCRIPT))
    old = nix_version() < (2, 26)
    rows = {}
    # The valid ones first: Nix takes many files at once, but stops at the first that is invalid.
    for index, row in enumerate(sorted(SNIPPETS, key=lambda row: not row.valid)):
        if row.source == OUT_OF_RANGE or (old and row.section == "Pipes"):
            continue
        path = tmp_path / f"{index}.nix"
        # Inside a `with`, an unknown variable is no error.
        path.write_bytes(b"with {}; " + row.source)
        rows[path] = row
    command = ["nix-instantiate"]
    if not old:
        command += ["--extra-experimental-features", "pipe-operators"]
    said = conformance["complaints"](command, list(rows))
    rejected = {path for path, complaint in said.items() if conformance["is_syntax_error"](complaint)}
    differing = [
        (row.source, said.get(path, "accepted"))
        for path, row in rows.items()
        if verdict(path.read_bytes()) == (path in rejected) and not (old and row.source in OLD_NIX_DIFFERS)
    ]
    assert differing == []


def test_the_script_counts_and_fails_on_a_mismatch(tmp_path: Path) -> None:
    good, bad = tmp_path / "good", tmp_path / "bad.nix"
    good.mkdir()
    (good / "a.nix").write_bytes(b"{ a, }: a")
    (good / "b.nix").write_bytes(b"{ a = ; }")
    (good / "c.nix").write_bytes(b"\xef\xbb\xbf1")
    (good / "d.nix").write_bytes(b"undefined")
    (good / "e.nix").write_bytes(b"# nothing")
    run = runpy.run_path(str(SCRIPT))
    files = list(run["find_files"]([good]))
    said = run["complaints"](["nix-instantiate"], files)
    assert [run["judge"](path, said.get(path)) for path in files] == [
        "both accept", "both reject", "beyond the grammar", "both accept", "beyond the grammar",
    ]  # fmt: skip
    bad.write_bytes(b"{ a = ; }")
    assert run["judge"](bad, None) == "MISMATCH"
