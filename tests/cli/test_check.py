"""`nixedit check`."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nixedit.cli.main import main

DUPLICATE = "{\n  a = 1;\n  a = 2;\n}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def write(folder: Path, **files: str) -> None:
    for name, text in files.items():
        (folder / f"{name}.nix").write_text(text)


def test_files_that_nix_takes_are_exit_code_0(folder, capsys):
    write(folder, a="{ }\n", b="x: x\n")
    assert main(["check"]) == 0
    assert capsys.readouterr() == ("2 files checked, nothing found\n", "")


def test_a_finding_is_shown_with_its_place_and_is_exit_code_1(folder, capsys):
    write(folder, a="{ }\n", b=DUPLICATE)
    assert main(["check", "a.nix", "b.nix"]) == 1
    assert capsys.readouterr().out == (
        "b.nix:3:3: `a` is already defined\n"
        "    3 |   a = 2;\n"
        "      |   ^ first defined at 2:3\n"
        "1 finding in 1 of 2 files\n"
    )


def test_quiet_shows_only_findings(folder, capsys):
    write(folder, a="{ }\n")
    assert main(["check", "-q"]) == 0
    assert capsys.readouterr() == ("", "")
    write(folder, a=DUPLICATE)
    assert main(["check", "--quiet"]) == 1
    assert capsys.readouterr().out.splitlines()[-1].endswith("first defined at 2:3")


def test_every_error_of_a_file_is_reported(folder, capsys):
    write(folder, a="{\n  a = ;\n  b = 1;\n  b = 2;\n  c = ;\n}\n")
    assert main(["check", "-q", "a.nix"]) == 1
    places = [
        line.split(": ")[0] for line in capsys.readouterr().out.splitlines() if line.startswith("a.nix")
    ]
    assert places == ["a.nix:2:7", "a.nix:5:7"]


def test_a_missing_file_is_one_line_and_exit_code_2_and_the_others_are_checked(folder, capsys):
    write(folder, b=DUPLICATE)
    assert main(["check", "missing.nix", "b.nix"]) == 2
    output, errors = capsys.readouterr()
    assert output.startswith("b.nix:3:3: ")
    assert errors == "missing.nix: no such file or directory\n"


def test_a_file_that_cannot_be_opened_is_one_line(folder, capsys):
    (folder / "a.nix").symlink_to("a.nix")
    assert main(["check", "a.nix"]) == 2
    assert capsys.readouterr().err == "a.nix: too many levels of symbolic links\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_one_line(folder, capsys):
    write(folder, a="1\n")
    (folder / "a.nix").chmod(0)
    assert main(["check"]) == 2
    assert capsys.readouterr().err == "a.nix: permission denied\n"


def test_standard_input_is_named_so(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(DUPLICATE.encode())))
    assert main(["check", "-"]) == 1
    assert capsys.readouterr().out.startswith("<stdin>:3:3: ")


def test_json_is_one_object(folder, capsys):
    write(folder, a="{ }\n", b=DUPLICATE)
    assert main(["check", "--json", "a.nix", "b.nix", "c.nix"]) == 2
    output, errors = capsys.readouterr()
    assert json.loads(output) == {
        "files": 2,
        "findings": [
            {
                "path": "b.nix",
                "line": 3,
                "column": 3,
                "start": 13,
                "end": 14,
                "kind": "duplicate-attribute",
                "message": "`a` is already defined",
                "hint": "first defined at 2:3",
            }
        ],
        "failures": [{"path": "c.nix", "message": "no such file or directory"}],
    }
    assert errors == "c.nix: no such file or directory\n"


@pytest.mark.parametrize("data", [b"\x7fELF\0\1\2", b"\xff\xfe{\0}\0", b"", b'{ a = "\xe9"', b"\0"])
def test_what_is_no_nix_at_all_is_a_finding(data, folder, capsys):
    (folder / "a.nix").write_bytes(data)
    assert main(["check", "a.nix"]) == 1
    assert capsys.readouterr().out.startswith("a.nix:1:")


def test_bytes_that_are_no_utf_8_are_fine_in_comments_and_strings(folder):
    (folder / "a.nix").write_bytes(b'{ a = "\xe9"; } # \xff\n')
    assert main(["check", "a.nix"]) == 0


def test_a_file_name_that_is_no_utf_8_is_shown(folder):
    (folder / os.fsdecode(b"\xff.nix")).write_text(DUPLICATE)
    done = subprocess.run([sys.executable, "-m", "nixedit", "check"], capture_output=True, check=False)
    assert done.returncode == 1
    assert done.stdout.startswith(b"\\udcff.nix:3:3: ")


def test_nothing_is_written(folder):
    write(folder, a=DUPLICATE)
    before = [(path.name, path.stat().st_mtime_ns) for path in folder.iterdir()]
    main(["check", "."])
    assert [(path.name, path.stat().st_mtime_ns) for path in folder.iterdir()] == before
