"""Symbolic links within a flake: one name for every file, whichever links lead to it."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Callable

from nixedit.resolve.paths import is_outside

# More than that no system follows: it is a circle.
_MOST = 40


def followed(name: str, link: Callable[[str], str | None]) -> str | None:
    """What Nix reads where it is told to read a path: all links on the way are followed, folders' too.

    Paths in a file that was imported are counted from the folder that it is in then.

    Args:
        name: the path, relative to the flake, normalised.
        link: gives the text of a symbolic link, by its path; None for what is no link.

    Returns:
        the path without links; None where one leads out of the flake, or in a circle.
    """
    done, pending = ".", [part for part in name.split("/") if part != "."]
    left = _MOST
    while pending:
        here = posixpath.normpath(posixpath.join(done, pending.pop(0)))
        text = link(here)
        if text is None:
            done = here
            continue
        target = posixpath.normpath(posixpath.join(done, text))
        left -= 1
        if not left or text.startswith("/") or is_outside(target):
            return None
        done, pending = ".", [*(part for part in target.split("/") if part != "."), *pending]
    return done


def text_of_link(path: str) -> str | None:
    """The text of a symbolic link; None for what is no link, or is not there."""
    try:
        return os.readlink(path)
    except (OSError, ValueError):
        return None
