"""Overlays that no recipe names, and that make variants of its package: recognized by what they define."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tree_sitter import Node

from nixedit.grammar import F, K
from nixedit.migrate.old_overlay import OldOverlay
from nixedit.migrate.overlay_names import (
    computed_names,
    defined_names,
    is_overlay,
    overlay_body,
)
from nixedit.migrate.override_calls import override_calls, package_of
from nixedit.migrate.recipe import Recipe
from nixedit.migrate.tree import Tree
from nixedit.syntax.layers import layers_of
from nixedit.syntax.scope import Scope
from nixedit.syntax.sets import set_index
from nixedit.syntax.snapshot import Snapshot, span_of

# What `overrideAttrs` changes without making another program of the package.
_HOW_IT_IS_BUILT = frozenset(
    {
        "NIX_CFLAGS_COMPILE",
        "NIX_ENFORCE_NO_NATIVE",
        "allowSubstitutes",
        "cmakeFlags",
        "env",
        "meta",
        "name",
        "pname",
        "preferLocalBuild",
    }
)


def old_ways(recipe: Recipe, tree: Tree) -> Iterator[tuple[str, list[str]]]:
    """Other overlays that define variants of the recipe's package and no more, with the names of those."""
    package = recipe.package
    if package is None:
        return
    for file in tree.containing(package.encode()):
        snapshot = tree.snapshot(file)
        ours = recipe.wrote(tree.content(file))
        if not ours and not _is_named(recipe, file) and is_old_way(recipe, snapshot):
            yield file, list(defined_names(snapshot))


def is_old_way(recipe: Recipe, snapshot: Snapshot) -> bool:
    """Whether a file is an overlay that defines variants of the recipe's package and no more."""
    root = snapshot.root.child_by_field_id(F.EXPRESSION)
    if snapshot.has_error or root is None or not is_overlay(root) or computed_names(snapshot) is not None:
        return False
    return _are_variants(defined_names(snapshot), recipe.package or "")


def _is_named(recipe: Recipe, file: str) -> bool:
    """Whether a recipe names a file as an old overlay, even one that stays."""
    return recipe.removes(file) or file in recipe.kept


def written_ways(recipe: Recipe, tree: Tree) -> Iterator[OldOverlay]:
    """Such overlays without a file of their own: bound to a name, or elements of a list."""
    package = recipe.package
    for file in () if package is None else tree.containing(package.encode()):
        if not _is_named(recipe, file) and not recipe.wrote(tree.content(file)):
            snapshot = tree.snapshot(file)
            for node in () if snapshot.has_error else _written_in(snapshot):
                overlay = OldOverlay(file, snapshot, node)
                if _are_variants(overlay.names, package or "") and overlay.computed is None:
                    yield overlay


def note_of(overlay: OldOverlay, *, gives_way: bool) -> str:
    """What a person should know of an overlay without a file that stays.

    Args:
        overlay: the overlay.
        gives_way: whether all that it defines is replaced by the recipe's.
    """
    way = ", which gives way to the recipe's" if gives_way else ""
    return (
        f"{overlay.shown} is an overlay that makes {', '.join(overlay.names)} in a way of its own{way}: "
        f"--remove {overlay.shown} takes it out, with every reference to it"
    )


def is_sure(recipe: Recipe, overlay: OldOverlay) -> bool:
    """Whether an overlay is an old one by what it says.

    It makes variants that the recipe's makes too, from the package, and by nothing but what says for which
    hardware.

    Args:
        recipe: the recipe.
        overlay: one that is written in a file of other things.
    """
    ours = set(recipe.variants.values()) - {recipe.package}
    body = None if overlay.node is None else overlay_body(overlay.node)
    if body is None or not ours.issuperset(overlay.names):
        return False
    entries = [
        entry
        for layer in layers_of(body)
        for place in layer.places
        for entry in set_index(overlay.snapshot, place.node).entries
    ]
    return len(entries) == len(overlay.names) and all(
        entry.value is not None and len(entry.names) == 1 and _is_build(recipe, overlay, entry.value)
        for entry in entries
    )


def _is_build(recipe: Recipe, overlay: OldOverlay, value: Node) -> bool:
    """Whether a package is one of the family in the overlay's own arguments, built for some hardware."""
    scope = Scope.of(overlay.snapshot)
    package = package_of(scope, value)
    family = {recipe.package, *recipe.variants.values()}
    head = package.head
    own = head is not None and head.kind == "universal" and head.scope is not None
    if not own or len(package.path) != 2 or package.name not in family:
        return False
    if head is None or head.scope is None or not overlay.has(overlay.file, span_of(head.scope)):
        return False
    place = span_of(value)
    return all(
        call.is_known and _known(recipe, call.function).issuperset(name for name, _ in call.given)
        for call in override_calls(overlay.snapshot, {name for name in family if name is not None})
        if place.contains(span_of(call.node))
    )


def _known(recipe: Recipe, function: str) -> frozenset[str]:
    if function == "override":
        return frozenset({*recipe.arguments, *recipe.arguments.values(), *recipe.joined})
    return _HOW_IT_IS_BUILT


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
