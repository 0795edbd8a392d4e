"""Files written together: all of them, or none, whatever fails and wherever."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

import nixedit
from nixedit.errors import ConflictError
from nixedit.files import Change, LinkText, is_inside, write_all


def state(folder: Path) -> dict[str, tuple[bytes, int] | str | None]:
    """Everything in a folder: contents and modes, targets of links, and folders."""
    found: dict[str, tuple[bytes, int] | str | None] = {}
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_symlink():
            found[name] = os.readlink(path)
        else:
            found[name] = (path.read_bytes(), stat.S_IMODE(path.stat().st_mode)) if path.is_file() else None
    return found


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files, one of them private and one behind a link."""
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.nix").write_bytes(b"1")
    (tmp_path / "b.nix").write_bytes(b"2")
    (tmp_path / "sub" / "c.nix").write_bytes(b"3")
    (tmp_path / "b.nix").chmod(0o600)
    (tmp_path / "link.nix").symlink_to("sub/c.nix")
    return tmp_path


def changes(folder: Path) -> list[Change]:
    """One of each: a change, a deletion, a change through a link, a new file in a new folder, no change."""
    return [
        Change(str(folder / "a.nix"), b"1", b"one"),
        Change(str(folder / "b.nix"), b"2", None),
        Change(str(folder / "link.nix"), b"3", b"three"),
        Change(str(folder / "new" / "deep" / "d.nix"), None, b"four"),
    ]


def test_all_changes_are_made(folder: Path) -> None:
    write_all(changes(folder))
    after = state(folder)
    assert after.pop("new/deep/d.nix")[0] == b"four"  # type: ignore[index]
    assert after == {
        "a.nix": (b"one", 0o644), "link.nix": "sub/c.nix", "new": None, "new/deep": None, "sub": None,
        "sub/c.nix": (b"three", 0o644),
    }  # fmt: skip


class Failing:
    """A function that fails at its n-th call, and works before and after."""

    def __init__(self, real: Callable[..., object], at: int, error: OSError) -> None:
        self.real, self.at, self.error = real, at, error
        self.calls = 0

    def __call__(self, *args: object, **kwargs: object) -> object:
        self.calls += 1
        if self.calls == self.at:
            raise self.error
        return self.real(*args, **kwargs)


NO_SPACE = OSError(errno.ENOSPC, "No space left on device")


@pytest.mark.parametrize("at", [1, 2, 3])
@pytest.mark.parametrize("function", ["replace", "fsync", "unlink", "link", "mkdir", "fchmod"])
def test_one_failure_puts_everything_back(
    folder: Path, monkeypatch: pytest.MonkeyPatch, function: str, at: int
) -> None:
    before = state(folder)
    failing = Failing(getattr(os, function), at, NO_SPACE)
    monkeypatch.setattr(f"nixedit.files.os.{function}", failing)
    try:
        write_all(changes(folder))
    except OSError as error:
        assert error is NO_SPACE
        monkeypatch.undo()
        assert state(folder) == before
    else:
        monkeypatch.undo()
        after = state(folder)
        assert failing.calls < at or function in ("link", "fsync", "unlink")
        assert after["a.nix"] == (b"one", 0o644)
        assert "b.nix" not in after


def test_a_full_disk_is_noticed_before_anything_changes(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(folder)
    replaced: list[object] = []
    monkeypatch.setattr("nixedit.files.os.replace", lambda *args: replaced.append(args))
    monkeypatch.setattr("nixedit.files.os.fsync", Failing(os.fsync, 3, NO_SPACE))
    with pytest.raises(OSError, match="No space left on device"):
        write_all(changes(folder))
    monkeypatch.undo()
    assert replaced == []
    assert state(folder) == before


def test_the_error_names_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        "nixedit.files.os.fsync", Failing(os.fsync, 1, OSError(errno.ENOSPC, "No space left on device"))
    )
    with pytest.raises(OSError, match="No space") as raised:
        write_all(changes(folder)[:1])
    assert raised.value.filename == str(folder / "a.nix")


def test_an_interrupt_puts_everything_back(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = state(folder)
    real = os.replace
    calls: list[int] = []

    def interrupted(*args: str) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise KeyboardInterrupt
        real(*args)

    monkeypatch.setattr("nixedit.files.os.replace", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_all(changes(folder))
    monkeypatch.undo()
    assert state(folder) == before


@pytest.mark.parametrize(
    ("now", "before", "after", "message"),
    [
        (b"other", b"1", b"x", "the file was changed on disk meanwhile"),
        (None, b"1", b"x", "the file is gone on disk meanwhile"),
        (b"there", None, b"x", "the file was created on disk meanwhile"),
        (b"other", b"1", None, "the file was changed on disk meanwhile"),
    ],
)
def test_a_file_that_changed_meanwhile_is_a_conflict(
    folder: Path, now: bytes | None, before: bytes | None, after: bytes | None, message: str
) -> None:
    path = folder / "z.nix"
    if now is not None:
        path.write_bytes(now)
    left = state(folder)
    with pytest.raises(ConflictError) as raised:
        write_all([*changes(folder), Change(str(path), before, after)])
    assert str(raised.value) == f"{path}: {message}"
    assert state(folder) == left


def test_a_read_only_file_is_refused(folder: Path) -> None:
    (folder / "a.nix").chmod(0o444)
    before = state(folder)
    with pytest.raises(PermissionError, match="the file is read-only"):
        write_all(changes(folder))
    assert state(folder) == before


def test_what_does_not_change_is_not_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_args: object) -> None:
        raise AssertionError

    monkeypatch.setattr("nixedit.files.os.replace", never)
    monkeypatch.setattr("tempfile.mkstemp", never)
    write_all([Change(str(folder / "a.nix"), b"1", b"1")])
    assert (folder / "a.nix").read_bytes() == b"1"


@pytest.mark.parametrize("mode", [0o600, 0o644, 0o755, 0o640])
def test_a_file_keeps_its_mode(folder: Path, mode: int) -> None:
    (folder / "a.nix").chmod(mode)
    write_all([Change(str(folder / "a.nix"), b"1", b"x")])
    assert state(folder)["a.nix"] == (b"x", mode)


def test_a_new_file_has_the_mode_that_others_would_give_it(folder: Path) -> None:
    old = os.umask(0o027)
    try:
        write_all([Change(str(folder / "n.nix"), None, b"x")])
    finally:
        os.umask(old)
    assert state(folder)["n.nix"] == (b"x", 0o640)


def test_a_folder_in_a_files_place_is_an_error(folder: Path) -> None:
    (folder / "d.nix").mkdir()
    before = state(folder)
    with pytest.raises(OSError, match="directory"):
        write_all([*changes(folder)[:1], Change(str(folder / "d.nix"), None, b"x")])
    assert state(folder) == before


def test_a_link_itself_goes_and_comes_back(folder: Path) -> None:
    before, link = state(folder), LinkText(b"sub/c.nix")
    gone = Change(str(folder / "link.nix"), link, None)
    write_all([gone, Change(str(folder / "a.nix"), b"1", b"one")])
    assert not (folder / "link.nix").is_symlink()
    assert (folder / "sub" / "c.nix").read_bytes() == b"3"
    write_all([Change(gone.path, None, link), Change(str(folder / "a.nix"), b"one", b"1")])
    assert state(folder) == before


@pytest.mark.parametrize(
    ("text", "after", "what"),
    [(LinkText(b"sub/d.nix"), None, "was changed"), (None, LinkText(b"a.nix"), "was created")],
)
def test_where_a_link_is_not_as_it_was_nothing_is_written(
    text: LinkText | None, after: LinkText | None, what: str, folder: Path
) -> None:
    before = state(folder)
    link = Change(str(folder / "link.nix"), text, after)
    with pytest.raises(ConflictError, match=what):
        write_all([Change(str(folder / "a.nix"), b"1", b"one"), link])
    assert state(folder) == before


def test_a_link_comes_back_where_another_file_cannot_be_written(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, replaced = state(folder), os.replace

    def full(source: str, target: str) -> None:
        if target.endswith("a.nix"):
            raise OSError(errno.ENOSPC, "No space left on device", target)
        replaced(source, target)

    monkeypatch.setattr(os, "replace", full)
    gone = Change(str(folder / "link.nix"), LinkText(b"sub/c.nix"), None)
    with pytest.raises(OSError, match="No space"):
        write_all([gone, Change(str(folder / "a.nix"), b"1", b"one")])
    assert state(folder) == before


def test_a_link_is_inside_where_it_leads(tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "link").symlink_to("../out.nix")
    assert is_inside(tmp_path / "in" / "a.nix", tmp_path / "in")
    assert is_inside(tmp_path / "in", tmp_path / "in")
    assert not is_inside(tmp_path / "in" / "link", tmp_path / "in")
    assert not is_inside(tmp_path / "inside", tmp_path / "in")


# -- documents --------------------------------------------------------------------------------


def test_a_document_is_saved_once(folder: Path) -> None:
    document = nixedit.load(folder / "a.nix")
    assert not document.save()
    document.root.replace(5)
    assert document.save()
    assert (folder / "a.nix").read_bytes() == b"5"
    assert not document.changed
    assert not document.save()
    document.undo()
    assert document.save()
    assert (folder / "a.nix").read_bytes() == b"1"


def test_a_document_whose_file_changed_is_not_saved(folder: Path) -> None:
    document = nixedit.load(folder / "a.nix")
    document.root.replace(5)
    (folder / "a.nix").write_bytes(b"9")
    with pytest.raises(ConflictError):
        document.save()
    assert (folder / "a.nix").read_bytes() == b"9"
    assert document.changed


def test_a_text_without_a_file_cannot_be_saved() -> None:
    document = nixedit.loads("1")
    with pytest.raises(
        nixedit.EditError, match=r"^a text without a file cannot be saved: give a path to loads\(\)$"
    ):
        document.save()


@pytest.mark.parametrize("data", [b"\xef\xbb\xbf{ }", b"{ }\r\n# \xff\r\n", b"{\ta = 1;}", b"# \xe9\n{ }"])
def test_bytes_that_no_editor_likes_survive_a_save(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "a.nix"
    path.write_bytes(data)
    document = nixedit.load(path)
    document.attrs["new"] = 1
    document.save()
    del document.attrs["new"]
    saved = path.read_bytes()
    assert saved != data
    for piece in data.replace(b"{", b" ").replace(b"}", b" ").split():
        assert piece in saved
