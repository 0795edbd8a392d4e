"""What files of a fleet do that stands in a migration's way: overlays forced, fixed, or there already."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from pathlib import PurePosixPath

from tree_sitter import Node

from nixedit.attrpath import parse
from nixedit.errors import RefusedError
from nixedit.grammar import F, K
from nixedit.migrate.applied import FORCING, Names
from nixedit.migrate.recipe import Recipe
from nixedit.migrate.tree import Tree, resolve
from nixedit.syntax.layers import core
from nixedit.syntax.nodes import field, selection, static_path, unwrapped
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import decode


def conflicts(tree: Tree, recipe: Recipe, names: Names, known: Collection[str]) -> Iterator[RefusedError]:
    """The reasons in other files for which a fleet cannot be migrated.

    Args:
        tree: the flake's files.
        recipe: what is to be applied.
        names: what it is called here.
        known: the files whose overlays were found by evaluation.
    """
    yield from _forced(tree, known)
    yield from _fixed(tree)
    yield from _applied(tree, recipe, names, known)
    yield from _overridden(tree, recipe)


def _forced(tree: Tree, known: Collection[str]) -> Iterator[RefusedError]:
    for name in tree.mentioning(rb"\boverlays\b[^;]{0,200}\bmk(?:Force|Override)\b"):
        if name in known:
            continue
        snapshot = tree.snapshot(name)
        for binding in _bindings(snapshot.root):
            path = static_path(field(binding, F.ATTRPATH), snapshot.source.data)
            value = field(binding, F.EXPRESSION)
            if path[-1] == "overlays" and _called(snapshot, value) in FORCING:
                yield tree.refusal(
                    name,
                    value,
                    "this drops every overlay that is set elsewhere",
                    "take the force away, or add the overlays within it by hand",
                )


def _fixed(tree: Tree) -> Iterator[RefusedError]:
    for name in tree.mentioning(rb"\breadOnlyPkgs\b|misc/nixpkgs/read-only\.nix"):
        snapshot = tree.snapshot(name)
        match = re.search(rb"\breadOnlyPkgs\b|read-only\.nix", snapshot.source.data)
        node = snapshot.root.descendant_for_byte_range(*match.span()) if match else None
        if node is not None and node.kind_id != K.COMMENT:
            yield tree.refusal(
                name,
                node,
                "under nixpkgs' read-only module `nixpkgs.overlays` is not allowed",
                "add the overlays where the package set is made",
            )


def _applied(tree: Tree, recipe: Recipe, names: Names, known: Collection[str]) -> Iterator[RefusedError]:
    """An overlay of the recipe that another file applies would be applied twice to some host."""
    outputs = [(names.input, *parse(item.output)) for item in recipe.overlays if item.output is not None]
    places = set(names.files.values())
    pattern = rb"\b" + re.escape(names.input.encode()) + rb"\b"
    for name in tree.mentioning(pattern):
        if name in known or name in places:
            continue
        snapshot = tree.snapshot(name)
        for node in _all(snapshot.root, (K.SELECT, K.PATH)):
            if node.kind_id == K.PATH:
                applied = resolve(name, decode(snapshot.text(node))) in places
            else:
                names_selected = selection(node, snapshot.source.data)
                applied = any(names_selected[-len(wanted) :] == wanted for wanted in outputs)
            if applied:
                yield tree.refusal(
                    name,
                    node,
                    "an overlay of this recipe is applied here already",
                    "finish it by hand in this file, or take it out and run this again",
                )


def _overridden(tree: Tree, recipe: Recipe) -> Iterator[RefusedError]:
    """`llama-cpp.override { cudaSupport = true; }` throws with upstream's package: no such argument."""
    pattern = rb"\b" + re.escape(recipe.package.encode()) + rb"\s*\.\s*override\b"
    for name in tree.mentioning(pattern):
        if PurePosixPath(name).name in recipe.legacy_names:
            continue
        snapshot = tree.snapshot(name)
        for call in _all(snapshot.root, (K.APPLY,)):
            function = unwrapped(field(call, F.FUNCTION))
            if function.kind_id != K.SELECT:
                continue
            if selection(function, snapshot.source.data)[-2:] != (recipe.package, "override"):
                continue
            for binding in _bindings(field(call, F.ARGUMENT)):
                argument = static_path(field(binding, F.ATTRPATH), snapshot.source.data)[0]
                if argument is not None and argument in recipe.arguments:
                    yield tree.refusal(
                        name,
                        binding,
                        f"upstream's `{recipe.package}` has no argument `{argument}`, which is nixpkgs' own",
                        f"write `{recipe.arguments[argument]}`, or use one of the packages of the recipe",
                    )


def _bindings(root: Node) -> Iterator[Node]:
    return _all(root, (K.BINDING,))


def _all(root: Node, kinds: tuple[int, ...]) -> Iterator[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        if node.kind_id in kinds:
            yield node
        stack.extend(reversed(node.named_children))


def _called(snapshot: Snapshot, value: Node) -> str:
    """The last name of the function that a value is a call of; empty if it is no call."""
    node = core(value)
    if node.kind_id != K.APPLY:
        return ""
    while node.kind_id == K.APPLY:
        node = core(field(node, F.FUNCTION))
    return decode(snapshot.text(node)).rpartition(".")[2]
