"""What a picture of the inputs shows, whatever it is drawn with: boxes and arrows."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime

from msgspec import Struct

from nixedit.flake.lock import Lock, LockNode
from nixedit.flake.lock_tree import shortest_paths
from nixedit.flake.source import url_of

_LONGEST = 44


class Box(Struct, frozen=True):
    """One locked input, or the flake itself.

    Attributes:
        key: its key in the lock.
        title: its path from the flake, `home-manager.nixpkgs`.
        detail: its reference, revision and date; "" for the flake itself.
        removed: whether automatic follow would remove it.
    """

    key: str
    title: str
    detail: str
    removed: bool


class Arrow(Struct, frozen=True, order=True):
    """One input of one of them.

    Attributes:
        start: the key of what has the input.
        end: the key of what the input is.
        follows: whether it follows something, and is not locked on its own.
        name: the input's name.
    """

    start: str
    end: str
    follows: bool
    name: str


class Picture(Struct, frozen=True):
    """The boxes, that of the flake first, the others by title; and the arrows in their order."""

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]


def picture(lock: Lock, removed: Collection[str] = (), title: str = "flake.nix") -> Picture:
    """The picture of a lock. What follows the flake itself (`follows = ""`) has no arrow.

    Args:
        lock: the lock.
        removed: the keys of the nodes that automatic follow would remove.
        title: what the flake itself is called.
    """
    paths = shortest_paths(lock)
    boxes = [
        Box(key, ".".join(path), _detail(lock.nodes[key]), key in removed)
        for key, path in sorted(paths.items(), key=lambda item: item[1])
    ]
    drawn = {lock.root.key, *paths}
    arrows = [
        Arrow(key, found.key, not isinstance(target, str), name)
        for key in drawn
        for name, target in lock.nodes[key].inputs.items()
        if target != () and (found := lock.input_of(lock.nodes[key], name)) is not None
    ]
    return Picture((Box(lock.root.key, title, "", False), *boxes), tuple(sorted(arrows)))


def _detail(node: LockNode) -> str:
    url = url_of(node.original) or url_of(node.locked)
    rev = node.rev
    where = url if len(url) <= _LONGEST else url[: _LONGEST - 1] + "…"
    parts = [where]
    if rev is not None and rev not in url:
        parts.append(rev[:7])
    if node.last_modified is not None:
        parts.append(day(node.last_modified))
    return " ".join(parts)


def day(seconds: int) -> str:
    """The date of a time in seconds since 1970, `2024-05-01`, in UTC; "" where there is no such day."""
    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat()
    except (OverflowError, OSError, ValueError):
        return ""
