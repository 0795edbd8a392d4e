"""What a person may want to look at in a fleet, though no migration stops for it: `migrate --check` tells."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tree_sitter import Node

from nixedit.attrpath import parse
from nixedit.errors import NixEditError
from nixedit.flake.systems import NixosSystem
from nixedit.grammar import F, K
from nixedit.migrate.applied import Finder
from nixedit.migrate.override_calls import OverrideCall, override_calls
from nixedit.migrate.recipe import Platform, Recipe
from nixedit.migrate.tree import Tree
from nixedit.migrate.unreached import unreached_inputs
from nixedit.syntax.nodes import (
    elements,
    field,
    string_value,
)
from nixedit.syntax.snapshot import Snapshot

# Fewer flags in one list are a choice, not a description of a CPU.
_MANY = 4
_FLAG = "@flag@"


def findings(
    tree: Tree, recipe: Recipe, finder: Finder, hosts: Sequence[NixosSystem]
) -> Iterator[NixEditError]:
    """All that is found, each at its place, with the reason or the advice as its hint.

    Args:
        tree: the flake's files, as they are before the migration.
        recipe: what they are held against.
        finder: recognizes the recipe's overlays.
        hosts: the hosts, of every kind.
    """
    yield from _misplaced(tree, recipe, finder, hosts)
    yield from unreached_inputs(tree, hosts)
    words = [] if recipe.package is None else [recipe.package.encode()]
    for name in tree.containing(*words, *flags_of(recipe)):
        if not recipe.wrote(tree.content(name)):
            if not recipe.removes(name):
                yield from _overrides(tree, recipe, name)
            yield from _flags(tree, recipe, name)


# -- the order of overlays ------------------------------------------------------------------------


def _misplaced(
    tree: Tree, recipe: Recipe, finder: Finder, hosts: Sequence[NixosSystem]
) -> Iterator[NixEditError]:
    """Overlays of the recipe in one written list, in another order than the recipe's."""
    told: set[tuple[str, int]] = set()
    for host in hosts:
        before = None
        for item in finder.of(host):
            rank, part, element = recipe.overlays.index(item.overlay), item.part, item.element
            if before is not None and before[0] is part and rank < before[1] and element is not None:
                origin = part.origin
                if origin is not None and (origin.file, element.start_byte) not in told:
                    told.add((origin.file, element.start_byte))
                    yield tree.refusal(
                        origin.file,
                        element,
                        "this overlay is applied after one that builds on it",
                        "an overlay sees what those before it define: put this one first",
                    )
            before = (part, rank)


# -- calls of override and overrideAttrs ----------------------------------------------------------


def _overrides(tree: Tree, recipe: Recipe, name: str) -> Iterator[NixEditError]:
    if recipe.package is None or recipe.package.encode() not in tree.content(name):
        return
    packages = {recipe.package} | {parse(package)[-1] for package in recipe.variants.values()}
    arguments = {*recipe.arguments, *recipe.arguments.values()}
    for call in override_calls(tree.snapshot(name), packages):
        if call.function == "overrideAttrs":
            for given, node in call.given:
                if given in arguments:
                    reason = f"`{given}` is an argument of the package: for `overrideAttrs` it means nothing"
                    yield tree.refusal(name, node, reason, "give it to `override`")
            continue
        for given, node in call.given:
            if given in recipe.attributes:
                reason = f"`{given}` is no argument of the package, and `override` takes nothing else"
                yield tree.refusal(name, node, reason, "give it to `overrideAttrs`")
        yield from _several(tree, recipe, name, call)


def _several(tree: Tree, recipe: Recipe, name: str, call: OverrideCall) -> Iterator[NixEditError]:
    """Two or more arguments that each have a package of their own, in one build."""
    snapshot = tree.snapshot(name)
    chosen = [
        (given, node)
        for given, node in call.given
        if recipe.arguments.get(given, given) in recipe.alone and _is_true(snapshot, node)
    ]
    if len(chosen) > 1:
        names = " and ".join(f"`{given}`" for given, _ in chosen)
        yield tree.refusal(
            name,
            chosen[1][1],
            f"{names} in one build",
            "which of them runs is found out when the program starts; the recipe has a package for each",
        )


def _is_true(snapshot: Snapshot, node: Node) -> bool:
    return node.kind_id == K.BINDING and snapshot.text(field(node, F.EXPRESSION)) == b"true"


# -- flags for one kind of CPU, by hand -----------------------------------------------------------


def flags_of(recipe: Recipe) -> list[bytes]:
    """How the flags begin that say for what CPU something is built."""
    options = (platform.option for platform in recipe.cpus.platforms.values())
    return sorted({option.partition(_FLAG)[0].encode() for option in options if option is not None})


def _flags(tree: Tree, recipe: Recipe, name: str) -> Iterator[NixEditError]:
    for platform in recipe.cpus.platforms.values():
        if platform.option is None:
            continue
        head, _, tail = platform.option.partition(_FLAG)
        written = {f"{head}{flag}{tail}": flag for flag in platform.flags}
        if head.encode() not in tree.content(name):
            continue
        snapshot = tree.snapshot(name)
        for node in () if snapshot.has_error else _lists(snapshot.root):
            values = (string_value(element, snapshot.source.data) for element in elements(node))
            found = [written[value] for value in values if value in written]
            if len(found) >= _MANY:
                reason = f"{len(found)} flags for one kind of CPU, by hand: {', '.join(found)}"
                yield tree.refusal(name, node, reason, _advice(recipe, platform, set(found)))


def _lists(root: Node) -> Iterator[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        if node.kind_id == K.LIST:
            yield node
        stack.extend(reversed(node.named_children))


def _advice(recipe: Recipe, platform: Platform, flags: set[str]) -> str:
    """The kinds of CPU with exactly these flags, or the one that has the most of them and no others."""
    same = [cpu for cpu, has in platform.has.items() if set(has) == flags]
    variant = recipe.cpus.variants[0]
    if same:
        return f"exactly those of {', '.join(same)}: there are variants for it, as `{variant}-{same[0]}`"
    within = [cpu for cpu, has in platform.has.items() if set(has) <= flags]
    if not within:
        return "no kind of CPU of the recipe has all of its flags among them"
    most = max(within, key=lambda cpu: len(platform.has[cpu]))
    more = ", ".join(flag for flag in platform.flags if flag in flags - set(platform.has[most]))
    return f"those of {most} and {more}: the variants for it, as `{variant}-{most}`, come nearest"
