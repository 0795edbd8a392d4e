"""Diffs are patches: what `git apply` makes of one is the new text, byte for byte."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nixedit
from nixedit.patch import unified_diff

LINES = st.lists(
    st.sampled_from(
        (
            b"a",
            b"b",
            b"",
            b" ",
            b"\r",
            b"c\r",
            b"\rd",
            b"\t",
            b"+",
            b"-",
            b"\\ No newline",
            b"\xff",
            "é".encode(),
            b"@@",
            b"\x0c",
            b"\x85",
            "\u2028".encode(),
        )
    ),
    max_size=12,
)
TEXTS = st.tuples(LINES, st.sampled_from((b"", b"\n"))).map(lambda drawn: b"\n".join(drawn[0]) + drawn[1])


def applied(folder: Path, name: str, before: bytes | None, patch: str) -> bytes | None:
    """What git makes of a file by a patch."""
    path = folder / name
    path.unlink(missing_ok=True)
    if before is not None:
        path.write_bytes(before)
    command = ["git", "-c", "core.autocrlf=false", "apply", "--whitespace=nowarn", "-"]
    subprocess.run(
        command, cwd=folder, input=patch.encode("utf-8", "surrogateescape"), check=True, capture_output=True
    )
    return path.read_bytes() if path.exists() else None


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    return tmp_path_factory.mktemp("patched")


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=st.none() | TEXTS, after=st.none() | TEXTS)
@pytest.mark.parametrize(
    "name",
    [
        "file.nix",
        "with space.nix",
        "é.nix",
        'quo"te.nix',
        "tab\t.nix",
        "back\\slash.nix",
        "new\nline\x7f.nix",
    ],
)
def test_git_applies_a_diff_to_the_new_bytes(
    folder: Path, name: str, before: bytes | None, after: bytes | None
) -> None:
    patch = unified_diff(name, before, after)
    if before == after:
        assert patch == ""
    else:
        assert applied(folder, name, before, patch) == after


def test_a_document_shows_what_changed() -> None:
    document = nixedit.loads("{\n  a = 1;\n}", "hosts/a.nix")
    document.attrs["b"] = 2
    assert document.diff() == (
        "diff --git a/hosts/a.nix b/hosts/a.nix\n"
        "--- a/hosts/a.nix\n"
        "+++ b/hosts/a.nix\n"
        "@@ -1,3 +1,4 @@\n"
        " {\n"
        "   a = 1;\n"
        "+  b = 2;\n"
        " }\n"
        "\\ No newline at end of file\n"
    )
