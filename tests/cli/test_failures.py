"""What a failed run says."""

import errno
import os
import subprocess
import sys

import pytest

from nixedit.cli.failures import os_message, report
from nixedit.errors import RefusedError
from nixedit.text import Source, Span


def test_an_error_with_a_place_shows_it(capsys):
    source = Source(b"{\n  inputs = import ./inputs.nix;\n}\n")
    error = RefusedError(
        "`inputs` is a computed value here",
        path="flake.nix",
        source=source,
        span=Span(13, 32),
        hint="edit ./inputs.nix instead",
    )
    assert report(error) == 2
    assert capsys.readouterr().err == (
        "flake.nix:2:12: `inputs` is a computed value here\n"
        "    2 |   inputs = import ./inputs.nix;\n"
        "      |            ^^^^^^^^^^^^^^^^^^^ edit ./inputs.nix instead\n"
    )


def test_an_error_without_a_path_names_the_program(capsys):
    assert report(RefusedError("no flake here")) == 2
    assert capsys.readouterr().err == "nixedit: no flake here\n"


@pytest.mark.parametrize(
    ("error", "reason"),
    [
        (
            FileNotFoundError(errno.ENOENT, "No such file or directory", "a.nix"),
            "a.nix: no such file or directory",
        ),
        (PermissionError(errno.EACCES, "Permission denied", b"b.nix"), "b.nix: permission denied"),
        (OSError(errno.EXDEV, "Invalid link", "a", None, "b"), "a -> b: invalid link"),
        (OSError(errno.EIO, "I/O error", "c.nix"), "c.nix: I/O error"),
        (OSError(errno.EIO, "Input/output error", 3), "nixedit: input/output error"),
        (OSError("no place left"), "nixedit: no place left"),
    ],
)
def test_the_system_s_errors_are_one_line(error, reason):
    assert os_message(error) == reason


def test_out_of_memory_is_not_called_a_defect(capsys):
    assert report(MemoryError()) == 2
    assert capsys.readouterr().err == "nixedit: out of memory\n"


def test_a_reader_that_leaves_is_not_an_error(tmp_path):
    for number in range(3000):
        (tmp_path / f"{number}.nix").write_text("{ a = ; }\n")
    command = f"'{sys.executable}' -m nixedit check '{tmp_path}' | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[1:] == ["141"]
    assert done.stderr == ""


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="needs /dev/full")
def test_a_full_disk_behind_stdout_is_one_line():
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "nixedit", "--help"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert (done.returncode, done.stderr) == (2, "nixedit: no space left on device\n")
