"""Names of files that stand in strings, for paths that are put together: `./overlays + "/${name}.nix"`."""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from nixedit.grammar import F, K
from nixedit.migrate.tree import Tree
from nixedit.syntax.nodes import field, string_value
from nixedit.syntax.snapshot import Snapshot

_VALUES = frozenset({K.LIST, K.BINDING, K.APPLY})


def computed_names_of(tree: Tree, stem: str) -> Iterator[tuple[str, Node]]:
    """The strings that are the name of a file without its ending, in files that put paths together.

    Args:
        tree: the flake's files.
        stem: the name.

    Yields:
        the file and the string.
    """
    for name in tree.containing(f'"{stem}"'.encode()):
        snapshot = tree.snapshot(name)
        found = [node for node in _inside(snapshot) if _is_value(snapshot, node, stem)]
        if found and any(_is_part(node) for node in _inside(snapshot)):
            yield from ((name, node) for node in found)


def _inside(snapshot: Snapshot) -> Iterator[Node]:
    pending = [snapshot.root]
    while pending:
        node = pending.pop()
        yield node
        pending += node.named_children


def _is_value(snapshot: Snapshot, node: Node, text: str) -> bool:
    """Whether a node is a string with some text, and no name of an attribute."""
    if node.kind_id != K.STRING or node.parent is None or node.parent.kind_id not in _VALUES:
        return False
    return string_value(node, snapshot.source.data) == text


def _is_part(node: Node) -> bool:
    """Whether a node is a path that more is added to."""
    if node.kind_id != K.PATH or node.parent is None:
        return False
    above = node.parent
    return node.named_child_count > 1 or (above.kind_id == K.BINARY and field(above, F.OPERATOR).type == "+")
