"""Which Nix files a list of paths means: files as named, folders searched."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator

STDIN = "-"

# Version control's own folders, and direnv's, which holds links into the Nix store.
_SKIPPED = frozenset({".git", ".hg", ".jj", ".svn", ".direnv"})


def nix_files(paths: Iterable[str], on_error: Callable[[OSError], None]) -> Iterator[str]:
    """The files that `paths` mean, each once.

    A path that is no folder stands for itself, whatever its name and whether it exists or not. A folder
    stands for every regular file named `*.nix` below it, in the order of their names, without following
    links to folders (`result` is one) and without version control's own folders.

    Args:
        paths: files, folders, and `-` for standard input, which is passed on as it is.
        on_error: called with what the operating system says of a folder that cannot be read.
    """
    seen: set[str] = set()
    for path in paths:
        for file in _below(path, on_error) if path != STDIN and os.path.isdir(path) else (path,):
            if (plain := os.path.normpath(file)) not in seen:
                seen.add(plain)
                yield file


def _below(folder: str, on_error: Callable[[OSError], None]) -> Iterator[str]:
    for root, folders, names in os.walk(folder, onerror=on_error):
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        for name in sorted(names):
            # `isfile` leaves out sockets, pipes and dangling links (an editor's lock, for instance).
            if name.endswith(".nix") and os.path.isfile(file := os.path.join(root, name)):
                yield file.removeprefix("./") if folder == "." else file
