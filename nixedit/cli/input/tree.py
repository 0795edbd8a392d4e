"""The lock as a tree for people: every input below what has it, follows and circles marked."""

from __future__ import annotations

from collections.abc import Mapping

from nixedit.attrpath import join, quote
from nixedit.cli.input.table import shortened
from nixedit.flake.lock import InputPath, Lock, LockNode
from nixedit.flake.lock_tree import Branch, branches
from nixedit.flake.pictures.graph import day
from nixedit.flake.source import url_of


def tree(lock: Lock, title: str, missing: Mapping[InputPath, InputPath]) -> str:
    """The tree. What was shown already is not shown again.

    Args:
        lock: the lock.
        title: what the flake itself is called.
        missing: the follows that automatic follow would add.
    """
    found = list(branches(lock))
    last = {branch.path[:-1]: branch.path for branch in found}
    lines = [title]
    for branch in found:
        above = [branch.path[: depth + 1] for depth in range(len(branch.path))]
        *bars, own = ["    " if last[path[:-1]] == path else "│   " for path in above]
        corner = "└── " if own == "    " else "├── "
        lines.append("".join(bars) + corner + _said(branch, missing))
    return "\n".join(lines)


def _said(branch: Branch, missing: Mapping[InputPath, InputPath]) -> str:
    words = [quote(branch.path[-1])]
    if branch.follows is not None:
        words.append(f"-> {join(branch.follows)}" if branch.follows else "-> nothing")
    if branch.node is None:
        words.append("(which is not there)")
    elif branch.follows is None:
        words += _locked(branch.node)
    if branch.follows != () and branch.cycle:
        words.append("(a circle)")
    elif branch.follows is None and branch.cut:
        words.append("(its inputs: see above)")
    if branch.path in missing:
        words.append(f"[could follow {join(missing[branch.path])}]")
    return " ".join(words)


def _locked(node: LockNode) -> list[str]:
    url = url_of(node.original) or url_of(node.locked)
    words = [shortened(url)]
    if node.rev is not None and node.rev not in url:
        words.append(node.rev[:7])
    if node.last_modified is not None:
        words.append(day(node.last_modified))
    return [word for word in words if word]
