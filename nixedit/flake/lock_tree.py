"""The lock read from its root: the tree of all inputs, and which sources stand in it more than once."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from nixedit.flake.lock import InputPath, Lock, LockNode
from nixedit.flake.source import identity_of


class Branch(Struct, frozen=True):
    """One input in the tree of all inputs.

    Attributes:
        path: the names from the root to it.
        node: what it is; None where what it follows leads nowhere.
        follows: the path from the root that it follows; None if it is locked on its own.
        cycle: it is one of the inputs that it is an input of, or the flake itself.
        cut: it has inputs that are not repeated here: they stand where its node is met first.
    """

    path: InputPath
    node: LockNode | None
    follows: InputPath | None
    cycle: bool
    cut: bool


def branches(lock: Lock) -> Iterator[Branch]:
    """The tree from the root down, names in alphabetical order, every node's own inputs once.

    What follows something is not gone into: its inputs stand where it is locked.
    """
    seen: set[str] = set()
    stack = _below(lock, (), lock.root, frozenset())
    while stack:
        path, node, follows, above = stack.pop()
        cycle = node is not None and node.key in above
        known = node is not None and (cycle or follows is not None or node.key in seen)
        yield Branch(path, node, follows, cycle, known and node is not None and bool(node.inputs))
        if node is not None and not known:
            seen.add(node.key)
            stack += _below(lock, path, node, above)


_Pending = tuple[InputPath, LockNode | None, InputPath | None, frozenset[str]]


def _below(lock: Lock, path: InputPath, node: LockNode, above: frozenset[str]) -> list[_Pending]:
    above |= {node.key}
    found: list[_Pending] = []
    for name in sorted(node.inputs, reverse=True):
        target = node.inputs[name]
        follows = None if isinstance(target, str) else target
        found.append(((*path, name), lock.input_of(node, name), follows, above))
    return found


def duplicates(lock: Lock) -> dict[str, list[LockNode]]:
    """The sources that are locked more than once: by what they are, the nodes in the order of their paths.

    Two nodes are of one source if they come from one repository or address, at whatever revision
    (see `nixedit.flake.source.identity_of`).
    """
    found: dict[str, dict[str, LockNode]] = {}
    for branch in branches(lock):
        if branch.node is not None and branch.follows is None:
            found.setdefault(identity_of(branch.node), {})[branch.node.key] = branch.node
    return {name: list(nodes.values()) for name, nodes in sorted(found.items()) if len(nodes) > 1}


def shortest_paths(lock: Lock) -> dict[str, InputPath]:
    """By key of a node, the shortest path on which it is locked; of several, the first in the alphabet."""
    found: dict[str, InputPath] = {}
    layer: list[tuple[InputPath, LockNode]] = [((), lock.root)]
    while layer:
        below: list[tuple[InputPath, LockNode]] = []
        for path, node in layer:
            for name in sorted(node.inputs):
                target = node.inputs[name]
                if isinstance(target, str) and target not in found:
                    found[target] = (*path, name)
                    below.append(((*path, name), lock.nodes[target]))
        layer = below
    return found
