"""Files written together: every one of them, or none.

New contents go to temporary files in the same folders first (so that a full disk is noticed before
anything changed), then take their places one by one; if one cannot, those before it are put back.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from msgspec import Struct, field

from nixedit.errors import ConflictError

_PREFIX = ".nixedit-"


class LinkText(bytes):
    """The text of a symbolic link, where the bytes of a file could stand: the link itself comes or goes."""


class Change(Struct, frozen=True):
    """What becomes of one file.

    Attributes:
        path: where it is; a symbolic link is written through, unless one of the two below is a `LinkText`.
        before: its bytes as they were read; None when it must not exist.
        after: its bytes to be; None when it goes.
    """

    path: str
    before: bytes | None
    after: bytes | None

    @property
    def is_link(self) -> bool:
        """Whether it is a symbolic link itself that comes or goes."""
        return isinstance(self.before, LinkText) or isinstance(self.after, LinkText)


class _Step(Struct):
    change: Change
    target: str
    temporary: str | None = None
    backup: str | None = None
    folders: list[str] = field(default_factory=list)
    done: bool = False


def write_all(changes: Sequence[Change]) -> None:
    """Make all changes, or none of them.

    A file keeps its mode and, where that is possible, its owner; new files get those of their folder's
    owner when root writes them.

    Raises:
        ConflictError: a file is not as it was read.
        OSError: something cannot be written; every file is as it was.
    """
    steps = [_Step(change, _target(change)) for change in changes if change.before != change.after]
    try:
        for action in (_check, _prepare, _perform):
            for step in steps:
                with _named(step.change.path):
                    action(step)
    except BaseException:
        for step in reversed(steps):
            _put_back(step)
        raise
    for step in steps:
        if step.backup is not None:
            with suppress(OSError):
                os.unlink(step.backup)
    _sync_folders({os.path.dirname(step.target) for step in steps})


def _target(change: Change) -> str:
    """What is written: behind links, unless it is the link."""
    path = change.path
    if change.is_link:
        return os.path.join(os.path.realpath(os.path.dirname(path)), os.path.basename(path))
    return os.path.realpath(path)


@contextmanager
def _named(path: str) -> Iterator[None]:
    """An error of the system names the file that a person knows, not a temporary one."""
    try:
        yield
    except OSError as error:
        if error.filename is None or os.path.basename(error.filename).startswith(_PREFIX):
            error.filename = path
        error.filename2 = None
        raise


def _check(step: _Step) -> None:
    """Whether the file is still as it was read, and may be written."""
    change = step.change
    current: bytes | None
    try:
        current, mode = _link(step.target) if change.is_link else _file(step.target)
    except FileNotFoundError:
        current, mode = None, 0
    if current != change.before:
        what = "was created" if change.before is None else "is gone" if current is None else "was changed"
        raise ConflictError(
            f"the file {what} on disk meanwhile",
            path=change.path,
            hint="nothing was written; run it again to work on the file as it is now",
        )
    if current is not None and (
        not mode & 0o222 or (not change.is_link and not os.access(step.target, os.W_OK))
    ):
        raise PermissionError(errno.EACCES, "the file is read-only", change.path)


def _file(path: str) -> tuple[bytes, int]:
    """The bytes and the mode of a file."""
    with open(path, "rb") as file:
        return file.read(), os.fstat(file.fileno()).st_mode


def _link(path: str) -> tuple[bytes, int]:
    """The same of a symbolic link; what is none is no such file."""
    mode = os.lstat(path).st_mode
    return (LinkText(os.readlink(os.fsencode(path))) if stat.S_ISLNK(mode) else b"", mode)


def _prepare(step: _Step) -> None:
    """Write the new content beside its place."""
    import tempfile  # most runs write nothing

    folder = os.path.dirname(step.target)
    if step.change.after is None:
        return
    _make_folders(step, folder)
    if step.change.is_link:
        step.temporary = os.path.join(folder, f"{_PREFIX}{os.urandom(8).hex()}")
        os.symlink(os.fsdecode(step.change.after), step.temporary)
        return
    try:
        handle, step.temporary = tempfile.mkstemp(prefix=_PREFIX, dir=folder)
    except PermissionError as error:
        error.filename = folder
        raise
    with os.fdopen(handle, "wb") as file:
        file.write(step.change.after)
        file.flush()
        _copy_owner_and_mode(file.fileno(), step)
        os.fsync(file.fileno())


def _make_folders(step: _Step, folder: str) -> None:
    missing = []
    while folder and not os.path.isdir(folder):
        missing.append(folder)
        folder = os.path.dirname(folder)
    for name in reversed(missing):
        os.mkdir(name)
        step.folders.append(name)
        _give_to_owner_of(name, os.path.dirname(name))


def _copy_owner_and_mode(descriptor: int, step: _Step) -> None:
    try:
        status = os.stat(step.target)
    except FileNotFoundError:
        mask = os.umask(0)
        os.umask(mask)
        os.fchmod(descriptor, 0o666 & ~mask)
        _give_to_owner_of(descriptor, os.path.dirname(step.target))
        return
    if (status.st_uid, status.st_gid) != (os.geteuid(), os.getegid()):
        with suppress(PermissionError):
            os.fchown(descriptor, status.st_uid, status.st_gid)
    os.fchmod(descriptor, stat.S_IMODE(status.st_mode))


def _give_to_owner_of(what: str | int, folder: str) -> None:
    """What root makes in somebody's folder belongs to that somebody."""
    if os.geteuid() == 0:
        status = os.stat(folder)
        os.chown(what, status.st_uid, status.st_gid)


def _perform(step: _Step) -> None:
    if step.change.before is not None:
        step.backup = _second_name(step.target)
    if step.temporary is not None:
        os.replace(step.temporary, step.target)
        step.temporary = None
    else:
        os.unlink(step.target)
    step.done = True


def _second_name(target: str) -> str:
    """Another name for the file as it is, to put it back by."""
    name = os.path.join(os.path.dirname(target), f".nixedit-{os.urandom(8).hex()}.old")
    if os.path.islink(target):
        os.symlink(os.readlink(target), name)
        return name
    try:
        os.link(target, name)
    except OSError:  # a file system without hard links
        with open(target, "rb") as old, open(name, "xb") as copy:
            copy.write(old.read())
            os.fchmod(copy.fileno(), stat.S_IMODE(os.fstat(old.fileno()).st_mode))
    return name


def _put_back(step: _Step) -> None:
    with suppress(OSError):
        if step.temporary is not None:
            os.unlink(step.temporary)
    with suppress(OSError):
        if step.backup is not None:
            if step.done:
                os.replace(step.backup, step.target)
            else:
                os.unlink(step.backup)
        elif step.done:
            os.unlink(step.target)
    for folder in reversed(step.folders):
        with suppress(OSError):
            os.rmdir(folder)


def _sync_folders(folders: set[str]) -> None:
    for folder in folders:
        with suppress(OSError):
            descriptor = os.open(folder, os.O_RDONLY)
            try:
                os.fsync(descriptor)
            finally:
                os.close(descriptor)


def is_inside(path: str | Path, root: str | Path) -> bool:
    """Whether a path, its links followed, lies within a folder."""
    inner, outer = os.path.realpath(path), os.path.realpath(root)
    return inner == outer or inner.startswith(outer.rstrip(os.sep) + os.sep)
