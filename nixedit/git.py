"""What git says about some files, and how it is told of new ones."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nixedit.errors import NixEditError

if TYPE_CHECKING:
    import subprocess

# Source: gitmodules(5), "submodule.<name>.path".
_SUBMODULE = re.compile(r"^[ \t]*path[ \t]*=[ \t]*([^\n#;]+)", re.MULTILINE)


def _git(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes] | None:
    import subprocess  # a check in no repository asks nothing of git

    try:
        return subprocess.run(  # noqa: S603  # no shell, and the words are ours or paths after `--`
            ["git", "-C", str(folder), "--literal-pathspecs", *words],  # noqa: S607  # the person's own git
            capture_output=True,
            check=False,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
        )
    except FileNotFoundError:
        return None


def repository_of(folder: Path) -> Path | None:
    """The nearest folder with a `.git`, of an absolute path and those above it; None if there is none."""
    return next((above for above in (folder, *folder.parents) if (above / ".git").exists()), None)


def has_repository(folder: Path) -> bool:
    """Whether a folder lies in a git repository, told by a `.git` in it or above it."""
    return repository_of(folder.absolute()) is not None


def submodules_of(folder: Path) -> frozenset[str]:
    """The folders that a repository's `.gitmodules` names, relative to it; none without that file."""
    try:
        text = (folder / ".gitmodules").read_text("utf-8", "surrogateescape")
    except OSError:
        return frozenset()
    return frozenset(match[1].strip().strip('"').rstrip("/") for match in _SUBMODULE.finditer(text))


def changed_files(folder: Path, names: Sequence[str]) -> list[str]:
    """Those of some files that differ from the last commit, untracked and ignored ones included.

    Args:
        folder: where the names start.
        names: paths relative to it.

    Raises:
        NixEditError: git cannot answer.
    """
    if not names:
        return []
    known = set(_ask(folder, "ls-files", "-z", "--", *names).split("\0"))
    prefix = _ask(folder, "rev-parse", "--show-prefix").rstrip("\n")
    status = _ask(
        folder, "status", "--porcelain=v1", "-z", "--no-renames", "--untracked-files=all", "--", *names
    )
    changed = {entry[3:].removeprefix(prefix) for entry in status.split("\0")}
    return [name for name in names if name not in known or name in changed]


def known_files(folder: Path) -> frozenset[str] | None:
    """The files in a folder that git knows, committed or added: what a flake in git consists of.

    Args:
        folder: where the names start.

    Returns:
        their paths relative to it; None outside of a repository, and where git cannot answer.
    """
    if not has_repository(folder):
        return None
    done = _git(folder, "ls-files", "-z")
    if done is None or done.returncode:
        return None
    return frozenset(done.stdout.decode("utf-8", "surrogateescape").split("\0")) - {""}


def _ask(folder: Path, *words: str) -> str:
    done = _git(folder, *words)
    if done is None:
        raise NixEditError("git is not on the PATH; --allow-dirty goes on without it", path=str(folder))
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise NixEditError(f"git says: {said}; --allow-dirty goes on without it", path=str(folder))
    return done.stdout.decode("utf-8", "surrogateescape")


def add(folder: Path, names: Sequence[str]) -> str | None:
    """`git add` new files, so that a flake sees them; what git said if it would not."""
    if not names:
        return None
    done = _git(folder, "add", "--", *names)
    if done is None:
        return "git is not on the PATH"
    return done.stderr.decode("utf-8", "replace").strip() or "git add failed" if done.returncode else None


def forget(folder: Path, names: Sequence[str]) -> None:
    """Undo `git add` of new files that are not there any more."""
    if names:
        _git(folder, "rm", "-q", "--cached", "--ignore-unmatch", "--", *names)


def merge(current: bytes, base: bytes, other: bytes) -> bytes | None:
    """Three texts merged line by line, as `git merge-file` does; needs no repository.

    Args:
        current: the text with changes of one side.
        base: the text that both sides began with.
        other: the text with the changes of the other side.

    Returns:
        the text with the changes of both; None if they conflict, or if there is no git.
    """
    from tempfile import TemporaryDirectory

    with TemporaryDirectory(prefix="nixedit-merge-") as name:
        folder = Path(name)
        for file, text in (("current", current), ("base", base), ("other", other)):
            (folder / file).write_bytes(text)
        done = _git(folder, "merge-file", "--stdout", "--quiet", "current", "base", "other")
    return done.stdout if done is not None and done.returncode == 0 else None
