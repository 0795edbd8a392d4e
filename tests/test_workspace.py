"""Workspaces: several documents saved together, and nothing outside of their folder touched."""

from __future__ import annotations

import errno
import os
import subprocess
from pathlib import Path

import pytest

import nixedit
from nixedit import ConflictError, NixEditError


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "root" / "hosts").mkdir(parents=True)
    (tmp_path / "root" / "flake.nix").write_text("{\n  a = 1;\n}\n")
    (tmp_path / "root" / "hosts" / "b.nix").write_text("{ b = 1; }\n")
    (tmp_path / "outside.nix").write_text("{ }\n")
    return tmp_path / "root"


def test_leaving_the_block_saves_everything(root: Path) -> None:
    with nixedit.workspace(root) as files:
        files["flake.nix"].attrs["a"] = 2
        files["hosts/b.nix"].attrs["b"] = 2
        files.create("overlays/new.nix", b"final: prev: { }\n")
        assert (root / "flake.nix").read_text() == "{\n  a = 1;\n}\n"
    assert (root / "flake.nix").read_text() == "{\n  a = 2;\n}\n"
    assert (root / "hosts/b.nix").read_text() == "{ b = 2; }\n"
    assert (root / "overlays/new.nix").read_text() == "final: prev: { }\n"


def test_an_exception_saves_nothing(root: Path) -> None:
    with pytest.raises(RuntimeError), nixedit.workspace(root) as files:
        files["flake.nix"].attrs["a"] = 2
        files.create("new.nix", b"1")
        files.delete("hosts/b.nix")
        raise RuntimeError
    assert (root / "flake.nix").read_text() == "{\n  a = 1;\n}\n"
    assert (root / "hosts/b.nix").exists()
    assert not (root / "new.nix").exists()


def test_a_save_that_fails_puts_all_back(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real, calls = os.replace, []

    def full(*args: str) -> None:
        calls.append(args)
        if len(calls) == 3:
            raise OSError(errno.ENOSPC, "No space left on device")
        real(*args)

    files = nixedit.Workspace(root)
    files["flake.nix"].attrs["a"] = 2
    files["hosts/b.nix"].attrs["b"] = 2
    files.create("overlays/new.nix", b"1")
    monkeypatch.setattr("nixedit.files.os.replace", full)
    with pytest.raises(OSError, match="No space"):
        files.save()
    monkeypatch.undo()
    assert sorted(path.relative_to(root).as_posix() for path in root.rglob("*")) == [
        "flake.nix",
        "hosts",
        "hosts/b.nix",
    ]
    assert (root / "flake.nix").read_text() == "{\n  a = 1;\n}\n"
    assert files.save() == ["flake.nix", "hosts/b.nix", "overlays/new.nix"]
    assert files.save() == []


def test_a_file_is_loaded_once_however_it_is_named(root: Path) -> None:
    files = nixedit.Workspace(root)
    assert files["hosts/b.nix"] is files["./hosts/../hosts/b.nix"] is files[root / "hosts" / "b.nix"]


@pytest.mark.parametrize(
    "path", ["../outside.nix", "/etc/passwd", "link.nix", "hosts/../../outside.nix", "away/outside.nix"]
)
def test_no_path_leads_out(root: Path, path: str) -> None:
    (root / "link.nix").symlink_to("../outside.nix")
    (root / "away").symlink_to("..")
    files = nixedit.Workspace(root)
    for action in (lambda: files[path], lambda: files.create(path, b""), lambda: files.delete(path)):
        with pytest.raises(NixEditError, match="the file lies outside of the folder that is edited"):
            action()


def test_a_new_file_must_be_new(root: Path) -> None:
    files = nixedit.Workspace(root)
    with pytest.raises(ConflictError, match="there is a file of that name already"):
        files.create("flake.nix", b"")


def test_a_file_made_meanwhile_is_a_conflict(root: Path) -> None:
    files = nixedit.Workspace(root)
    files.create("new.nix", b"1")
    files["flake.nix"].attrs["a"] = 2
    (root / "new.nix").write_text("other")
    with pytest.raises(ConflictError, match="the file was created on disk meanwhile"):
        files.save()
    assert (root / "new.nix").read_text() == "other"
    assert (root / "flake.nix").read_text() == "{\n  a = 1;\n}\n"


def test_git_applies_the_diff_of_all(root: Path) -> None:
    files = nixedit.Workspace(root)
    files["flake.nix"].attrs["b"] = 2
    files["hosts/b.nix"].attrs["c"] = 2
    files.delete("hosts/b.nix")
    files.create("overlays/new.nix", b"1")
    files.create("z.nix", b"")
    subprocess.run(["git", "apply", "-"], cwd=root, input=files.diff().encode(), check=True)
    found = {
        path.relative_to(root).as_posix(): path.read_text() for path in root.rglob("*") if path.is_file()
    }
    assert found == {"flake.nix": "{\n  a = 1;\n  b = 2;\n}\n", "overlays/new.nix": "1", "z.nix": ""}


def test_names_with_every_character_are_kept(root: Path) -> None:
    with nixedit.workspace(root) as files:
        files.create('a b "c" é\n.nix', b"1")
    assert (root / 'a b "c" é\n.nix').read_text() == "1"


def test_a_file_s_whole_content_is_replaced(root: Path) -> None:
    files = nixedit.Workspace(root)
    files["hosts/b.nix"].attrs["b"] = 2  # dropped: the new content is all there is
    files.replace("hosts/b.nix", b"{ c = 3; }\n")
    assert files.changes == {"hosts/b.nix": (b"{ b = 1; }\n", b"{ c = 3; }\n")}
    assert "-{ b = 1; }\n+{ c = 3; }\n" in files.diff()
    assert files.save() == ["hosts/b.nix"]
    assert (root / "hosts/b.nix").read_text() == "{ c = 3; }\n"
    assert files.changes == {}


def test_what_is_replaced_can_be_forgotten_and_must_not_have_changed(root: Path) -> None:
    files = nixedit.Workspace(root)
    files.replace("flake.nix", b"{ }\n")
    files.forget()
    assert files.changes == {}
    files.replace("flake.nix", b"{ }\n")
    (root / "flake.nix").write_text("{ mine = 1; }\n")
    with pytest.raises(ConflictError):
        files.save()
    assert (root / "flake.nix").read_text() == "{ mine = 1; }\n"


def test_nothing_outside_is_replaced(root: Path) -> None:
    files = nixedit.Workspace(root)
    (root / "link.nix").symlink_to(root.parent / "outside.nix")
    for path in "../outside.nix", "link.nix":
        with pytest.raises(NixEditError):
            files.replace(path, b"{ }\n")
    with pytest.raises(FileNotFoundError):
        files.replace("new.nix", b"{ }\n")
    assert files.changes == {}
