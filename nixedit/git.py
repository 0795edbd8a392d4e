"""What git says about some files, and how it is told of new ones."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path


def _git(folder: Path, *words: str) -> subprocess.CompletedProcess[bytes] | None:
    try:
        return subprocess.run(  # noqa: S603  # no shell, and the words are ours or paths after `--`
            ["git", "-C", str(folder), *words],
            capture_output=True,
            check=False,
            env={**os.environ, "GIT_OPTIONAL_LOCKS": "0", "LC_ALL": "C"},
        )
    except FileNotFoundError:
        return None


def has_repository(folder: Path) -> bool:
    """Whether a folder lies in a git repository, told by a `.git` in it or above it."""
    return any((above / ".git").exists() for above in (folder.absolute(), *folder.absolute().parents))


def changed_files(folder: Path, names: Sequence[str]) -> list[str] | None:
    """Those of some files that differ from the last commit, untracked ones included.

    Args:
        folder: where the names start.
        names: paths relative to it.

    Returns:
        the names; None where git cannot answer.
    """
    if not names:
        return []
    done = _git(
        folder, "status", "--porcelain=v1", "-z", "--ignored=matching", "--untracked-files=all", "--", *names
    )
    top = _git(folder, "rev-parse", "--show-prefix")
    if done is None or top is None or done.returncode or top.returncode:
        return None
    prefix = top.stdout.decode("utf-8", "surrogateescape").rstrip("\n")
    changed = {
        entry[3:].removeprefix(prefix)
        for entry in done.stdout.decode("utf-8", "surrogateescape").split("\0")
        if len(entry) > 3
    }
    return [name for name in names if name in changed]


def add(folder: Path, names: Sequence[str]) -> str | None:
    """`git add` new files, so that a flake sees them; what git said if it would not."""
    if not names:
        return None
    done = _git(folder, "add", "--", *names)
    if done is None:
        return "git is not on the PATH"
    return done.stderr.decode("utf-8", "replace").strip() or "git add failed" if done.returncode else None
