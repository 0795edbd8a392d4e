"""What other files of the fleet do that stands in a migration's way: overlays forced, fixed or there already."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from tree_sitter import Node

from nixedit.attrpath import parse
from nixedit.errors import RefusedError
from nixedit.grammar import F, K
from nixedit.migrate.recipe import Recipe
from nixedit.migrate.splice import FORCING, Names, called
from nixedit.migrate.tree import Tree, resolve
from nixedit.syntax.nodes import field, static_path, unwrapped
from nixedit.syntax.snapshot import Snapshot, span_of
from nixedit.text import decode


def conflicts(tree: Tree, recipe: Recipe, names: Names, flake: str) -> Iterator[RefusedError]:
    """The reasons in other files for which a fleet cannot be migrated.

    Args:
        tree: the flake's files.
        recipe: what is to be applied.
        names: what it is called here.
        flake: its flake.nix, whose hosts are looked at one by one.
    """
    yield from _forced(tree, flake)
    yield from _fixed(tree)
    yield from _applied(tree, recipe, names, flake)
    yield from _overridden(tree, recipe)


def _forced(tree: Tree, flake: str) -> Iterator[RefusedError]:
    for name in tree.mentioning(rb"\boverlays\b[^;]{0,200}\bmk(?:Force|Override)\b"):
        if name == flake:
            continue
        snapshot = tree.snapshot(name)
        for binding in _bindings(snapshot.root):
            path = static_path(field(binding, F.ATTRPATH), snapshot.source.data)
            value = field(binding, F.EXPRESSION)
            if path[-1] == "overlays" and called(snapshot, value) in FORCING:
                yield _refused(
                    tree, name, snapshot, value, "this drops every overlay that is set elsewhere",
                    "take the force away, or add the overlays within it by hand",
                )  # fmt: skip


def _fixed(tree: Tree) -> Iterator[RefusedError]:
    for name in tree.mentioning(rb"\breadOnlyPkgs\b|misc/nixpkgs/read-only\.nix"):
        snapshot = tree.snapshot(name)
        match = re.search(rb"\breadOnlyPkgs\b|read-only\.nix", snapshot.source.data)
        node = snapshot.root.descendant_for_byte_range(*match.span()) if match else None
        if node is not None and node.kind_id != K.COMMENT:
            yield _refused(
                tree, name, snapshot, node, "under nixpkgs' read-only module `nixpkgs.overlays` is not allowed",
                "add the overlays where the package set is made",
            )  # fmt: skip


def _applied(tree: Tree, recipe: Recipe, names: Names, flake: str) -> Iterator[RefusedError]:
    """An overlay of the recipe that another file applies would be applied twice to some host."""
    outputs = [(names.input, *parse(item.output)) for item in recipe.overlays if item.output is not None]
    places = set(names.files.values())
    pattern = rb"\b" + re.escape(names.input.encode()) + rb"\b"
    for name in tree.mentioning(pattern):
        if name == flake or name in places:
            continue
        snapshot = tree.snapshot(name)
        for node in _all(snapshot.root, (K.SELECT, K.PATH)):
            if node.kind_id == K.PATH:
                applied = resolve(name, decode(snapshot.text(node))) in places
            else:
                base = decode(snapshot.text(field(node, F.EXPRESSION)))
                path = (base, *static_path(field(node, F.ATTRPATH), snapshot.source.data))
                applied = any(path[-len(wanted) :] == wanted for wanted in outputs)
            if applied:
                yield _refused(
                    tree, name, snapshot, node, "an overlay of this recipe is applied here already",
                    "finish it by hand in this file, or take it out and run this again",
                )  # fmt: skip


def _overridden(tree: Tree, recipe: Recipe) -> Iterator[RefusedError]:
    """`llama-cpp.override { cudaSupport = true; }`: upstream's package has no such argument, and would throw."""
    pattern = rb"\b" + re.escape(recipe.package.encode()) + rb"\s*\.\s*override\b"
    for name in tree.mentioning(pattern):
        if PurePosixPath(name).name in recipe.legacy_names:
            continue
        snapshot = tree.snapshot(name)
        for call in _all(snapshot.root, (K.APPLY,)):
            function = unwrapped(field(call, F.FUNCTION))
            if function.kind_id != K.SELECT:
                continue
            base = decode(snapshot.text(field(function, F.EXPRESSION)))
            path = (base, *static_path(field(function, F.ATTRPATH), snapshot.source.data))
            if path[-2:] != (recipe.package, "override"):
                continue
            for binding in _all(field(call, F.ARGUMENT), (K.BINDING,)):
                argument = static_path(field(binding, F.ATTRPATH), snapshot.source.data)[0]
                if argument in recipe.arguments:
                    yield _refused(
                        tree, name, snapshot, binding,
                        f"`{argument}` is an argument of nixpkgs' `{recipe.package}`, and upstream's has none of that name",
                        f"write `{recipe.arguments[argument]}`, or use one of the packages of the recipe",
                    )  # fmt: skip


def _bindings(root: Node) -> Iterator[Node]:
    return _all(root, (K.BINDING,))


def _all(root: Node, kinds: tuple[int, ...]) -> Iterator[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        if node.kind_id in kinds:
            yield node
        stack.extend(reversed(node.named_children))


def _refused(tree: Tree, name: str, snapshot: Snapshot, node: Node, reason: str, hint: str) -> RefusedError:
    return RefusedError(
        reason, path=str(tree.workspace.root / name), source=snapshot.source, span=span_of(node), hint=hint
    )
