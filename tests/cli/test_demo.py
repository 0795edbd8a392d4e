"""`nixedit demo`."""

import importlib
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from nixedit.cli.main import main


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which temporary folders are made."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    return folder


def test_it_shows_the_hosts_and_the_diff(capsys):
    assert main(["demo"]) == 0
    output, errors = capsys.readouterr()
    assert all(host in output for host in ("carbon", "beryllium", "boron", "nitrogen"))
    assert "\n+++ b/flake.nix\n" in output
    assert "\n+++ b/overlays/llama-cpp.nix\n" in output
    assert "\n--- a/nixos/pkgs/llama-cpp-variants.nix\n+++ /dev/null\n" in output
    assert errors == ""


def test_it_leaves_nothing_behind(temporary):
    assert main(["demo"]) == 0
    assert list(temporary.iterdir()) == []


def test_it_needs_no_other_program(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "nixedit", "demo"],
        env={"PATH": str(tmp_path), "TMPDIR": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert list(tmp_path.iterdir()) == []


def test_it_works_within_a_git_repository(temporary):
    subprocess.run(["git", "init", "--quiet", str(temporary)], check=True)
    assert main(["demo"]) == 0
    assert [path.name for path in temporary.iterdir()] == [".git"]


def test_a_package_that_nobody_may_write_is_copied_writable(tmp_path, monkeypatch):
    demo = importlib.import_module("nixedit.cli.demo")
    original = tmp_path / "original"
    demo.copy_fleet(original)
    for path in (original, *original.rglob("*")):
        path.chmod(0o555 if path.is_dir() else 0o444)
    monkeypatch.setattr(demo, "FLEET", original)
    demo.copy_fleet(tmp_path / "copy")
    copied = sorted((tmp_path / "copy").rglob("*"))
    assert [path.name for path in copied] == [path.name for path in sorted(original.rglob("*"))]
    assert all(path.stat().st_mode & 0o200 for path in copied)
