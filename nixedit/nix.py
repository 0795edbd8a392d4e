"""The real Nix, where it is there: hosts evaluated, the lock file brought up to date."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from msgspec import Struct

from nixedit.errors import NixEditError
from nixedit.git import repository_of

# A NixOS system takes about this much memory to evaluate.
_BYTES_PER_HOST = 4 * 1024**3
_FEATURES = ("--extra-experimental-features", "nix-command flakes")


class Evaluated(Struct, frozen=True):
    """What Nix said of one attribute.

    Attributes:
        value: what it evaluated to; None if it did not.
        error: Nix's error message; empty if there was none.
    """

    value: str | None
    error: str = ""


def require_nix() -> str:
    """The `nix` on the PATH.

    Raises:
        NixEditError: there is none.
    """
    found = shutil.which("nix")
    if found is None:
        raise NixEditError("there is no `nix` on the PATH")
    return found


def default_jobs() -> int:
    """How many hosts are evaluated at a time: one for each processor, as far as memory allows."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return max(1, min(os.cpu_count() or 1, memory // _BYTES_PER_HOST))


def evaluate(
    folder: Path,
    attributes: Sequence[str],
    jobs: int,
    progress: Callable[[int], None] = lambda _count: None,
) -> Mapping[str, Evaluated]:
    """Evaluate attributes of a flake, several at a time; its lock file is not written.

    Args:
        folder: the flake.
        attributes: the attribute paths, as Nix spells them.
        jobs: how many at a time.
        progress: called with the number of those that are done.

    Raises:
        NixEditError: there is no Nix.
    """
    nix = require_nix()
    reference = reference_of(folder)
    found: dict[str, Evaluated] = {}

    def one(attribute: str) -> tuple[str, Evaluated]:
        target = f"{reference}#{attribute}"
        words = [nix, *_FEATURES, "eval", "--raw", "--no-write-lock-file", target]
        done = subprocess.run(words, capture_output=True, check=False)  # noqa: S603  # no shell
        if done.returncode:
            return attribute, Evaluated(None, done.stderr.decode("utf-8", "replace").strip())
        return attribute, Evaluated(done.stdout.decode("utf-8", "replace"))

    with ThreadPoolExecutor(jobs) as pool:
        for attribute, result in pool.map(one, attributes):
            found[attribute] = result
            progress(len(found))
    return found


def attribute_names(folder: Path, attribute: str) -> list[str]:
    """The names of a set of a flake's outputs; none where Nix cannot say.

    Raises:
        NixEditError: there is no Nix.
    """
    words = [require_nix(), *_FEATURES, "eval", "--json", "--no-write-lock-file"]
    words += [f"{reference_of(folder)}#{attribute}", "--apply", "builtins.attrNames"]
    done = subprocess.run(words, capture_output=True, check=False)  # noqa: S603  # no shell
    return [] if done.returncode else list(json.loads(done.stdout))


def reference_of(folder: Path) -> str:
    """The flake reference of a folder: its repository's if it is in one, so that Nix sees what git sees."""
    path = folder.resolve()
    repository = repository_of(path)
    if repository is None:
        return f"path:{path}"
    inner = path.relative_to(repository).as_posix()
    return f"git+file://{repository}" + (f"?dir={inner}" if inner != "." else "")


def lock(folder: Path) -> None:
    """Bring flake.lock up to date.

    Raises:
        NixEditError: there is no Nix, or it failed.
    """
    words = [require_nix(), *_FEATURES, "flake", "lock", reference_of(folder)]
    done = subprocess.run(words, capture_output=True, check=False)  # noqa: S603  # no shell
    if done.returncode:
        raise NixEditError(
            "`nix flake lock` failed", path=str(folder), hint=done.stderr.decode("utf-8", "replace").strip()
        )
