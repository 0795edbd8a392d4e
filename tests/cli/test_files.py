"""Which files a list of paths means."""

import os
from pathlib import Path

import pytest

from nixedit.cli.files import nix_files


def found(*paths: str) -> list[str]:
    return list(nix_files(paths, on_error=lambda error: pytest.fail(str(error))))


@pytest.fixture
def tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in (
        "b.nix",
        "a.nix",
        "hosts/z.nix",
        "hosts/notes.txt",
        ".git/c.nix",
        ".direnv/d.nix",
        "odd.txt",
    ):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text("1\n")
    return tmp_path


def test_a_folder_means_the_nix_files_below_it_in_order(tree):
    assert found(".") == ["a.nix", "b.nix", "hosts/z.nix"]


def test_a_folder_named_by_its_path_keeps_that_spelling(tree):
    assert found(str(tree / "hosts")) == [str(tree / "hosts" / "z.nix")]
    assert found("./hosts") == ["./hosts/z.nix"]


def test_a_file_is_taken_whatever_its_name_or_whether_it_exists(tree):
    assert found("odd.txt", "missing", "-") == ["odd.txt", "missing", "-"]


def test_each_file_comes_once(tree):
    assert found("hosts/z.nix", "./hosts", "a.nix", "./a.nix") == ["hosts/z.nix", "a.nix"]


def test_links_to_folders_are_not_followed_links_to_files_are(tree):
    os.symlink(tree / "hosts", tree / "result")
    os.symlink(tree / "odd.txt", tree / "linked.nix")
    os.symlink(tree / "nowhere", tree / ".#a.nix")
    assert found(".") == ["a.nix", "b.nix", "linked.nix", "hosts/z.nix"]


def test_pipes_are_not_read(tree):
    os.mkfifo(tree / "pipe.nix")
    assert "pipe.nix" not in found(".")


def test_a_folder_that_cannot_be_read_is_reported(tree, monkeypatch):
    def scandir(path):
        raise PermissionError(13, "Permission denied", path)

    monkeypatch.setattr(os, "scandir", scandir)
    errors: list[OSError] = []
    assert list(nix_files(["hosts"], errors.append)) == []
    assert [error.filename for error in errors] == ["hosts"]
