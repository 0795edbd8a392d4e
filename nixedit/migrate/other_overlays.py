"""Overlays that no recipe names, and that make variants of its package: recognized by what they define."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from msgspec import Struct
from tree_sitter import Node

from nixedit.grammar import F, K
from nixedit.migrate.overlay_names import (
    computed_name,
    computed_names,
    defined_names,
    is_overlay,
    names_of_overlay,
    overlay_body,
)
from nixedit.migrate.recipe import Recipe
from nixedit.migrate.tree import Tree
from nixedit.syntax.snapshot import Snapshot, span_of
from nixedit.text import Span


def old_ways(recipe: Recipe, tree: Tree) -> Iterator[tuple[str, list[str]]]:
    """Other overlays that define variants of the recipe's package and no more, with the names of those."""
    package = recipe.package
    if package is None:
        return
    for file in tree.containing(package.encode()):
        snapshot = tree.snapshot(file)
        root = snapshot.root.child_by_field_id(F.EXPRESSION)
        if snapshot.has_error or root is None or recipe.removes(file) or not is_overlay(root):
            continue
        if tree.content(file).startswith(recipe.header) or computed_names(snapshot) is not None:
            continue
        names = list(defined_names(snapshot))
        if _are_variants(names, package):
            yield file, names


class Written(Struct, frozen=True, eq=False):
    """An overlay without a file of its own: bound to a name, or an element of a list.

    Attributes:
        file: the file that it is written in, relative to the flake.
        snapshot: the file's text and tree.
        node: the overlay.
        names: what it defines.
    """

    file: str
    snapshot: Snapshot
    node: Node
    names: list[str]

    @property
    def span(self) -> Span:
        """Where it stands."""
        return span_of(self.node)

    def note(self, *, gives_way: bool) -> str:
        """What a person should know of it.

        Args:
            gives_way: whether all that it defines is replaced by the recipe's.
        """
        line = self.snapshot.source.position(self.node.start_byte)[0]
        way = ", which gives way to the recipe's" if gives_way else ""
        return (
            f"{self.file}:{line} is an overlay that makes {', '.join(self.names)} in a way of its own{way}: "
            "take it out by hand where nothing needs it"
        )


def written_ways(recipe: Recipe, tree: Tree) -> Iterator[Written]:
    """Such overlays without a file of their own."""
    package = recipe.package
    for file in () if package is None else tree.containing(package.encode()):
        if not recipe.removes(file) and not tree.content(file).startswith(recipe.header):
            snapshot = tree.snapshot(file)
            for node in _written_in(snapshot):
                names = list(names_of_overlay(snapshot, node))
                if _are_variants(names, package or "") and computed_name(snapshot, node) is None:
                    yield Written(file, snapshot, node, names)


def _written_in(snapshot: Snapshot) -> Iterator[Node]:
    """The functions of two in a file that are bound to a name or stand in a list."""
    pending = [(snapshot.root, False)]
    while pending:
        node, stands = pending.pop()
        if stands and overlay_body(node) is not None:
            yield node
            continue
        inner = node.kind_id in (K.BINDING, K.LIST) or (stands and node.kind_id == K.PARENTHESIZED)
        pending += [(child, inner) for child in reversed(node.named_children)]


def _are_variants(names: Collection[str], package: str) -> bool:
    return bool(names) and all(name == package or name.startswith(f"{package}-") for name in names)
