"""What files of a fleet do that stands in a migration's way: overlays forced, fixed, or there already."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from msgspec import Struct
from tree_sitter import Node

from nixedit.attrpath import parse
from nixedit.errors import RefusedError
from nixedit.flake.systems import NixosSystem
from nixedit.grammar import F, K
from nixedit.migrate.applied import can_be_last
from nixedit.migrate.by_hand import ARGUMENT, ByHand
from nixedit.migrate.package_sets import fixed_package_set
from nixedit.migrate.priorities import priority, unlike_others
from nixedit.migrate.reach import Reach
from nixedit.migrate.tree import Tree
from nixedit.resolve.properties import FORCING
from nixedit.syntax.calls import called
from nixedit.syntax.nodes import field, selection, static_path
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import Span, decode

# Words of what sets overlays or packages, and of what holds packages to be as they are made.
OVERLAYS = (b"overlays", b"_module")
READ_ONLY = (b"readOnlyPkgs", b"read-only.nix")


class Conflict(Struct, frozen=True):
    """Something in a file that stands in the way of the hosts that have to do with it.

    Attributes:
        file: the file, relative to the flake.
        error: what it is, and where.
        module: whether only modules of a host do that, not what else its code reads.
        fixes: whether it fixes the packages of a host, which is none to hosts whose set is known.
        applies: whether it applies an overlay of the recipe.
        changes: whether it is an overlay that is none to hosts which apply it before the recipe's.
    """

    file: str
    error: RefusedError
    module: bool
    fixes: bool = False
    applies: bool = False
    changes: bool = False

    def of(self, host: NixosSystem, reach: Reach) -> RefusedError | None:
        """Why a host cannot be migrated because of it; None where it has nothing to do with the host."""
        if self.fixes and fixed_package_set(host) is not None:
            return None
        if self.changes and can_be_last(host):
            return None
        concerned = reach.may_import if self.module else reach.may_read
        if not concerned(host, self.file, self.error.span or Span(0, 0)):
            return None
        reason, modules = self.error.message, reach.modules(host)
        if modules.unknown is not None and self.file not in (host.file, *modules.files):
            origin = modules.unknown.origin
            place = "" if origin is None else f" ({origin.file}:{origin.line})"
            reason = f"{reason}; whether the host imports this file is not known{place}"
        return RefusedError(
            f"host `{host.key}`: {reason}",
            path=self.error.path,
            source=self.error.source,
            span=self.error.span,
            hint=self.error.hint,
        )


def conflicts(tree: Tree, by_hand: ByHand, known: Collection[str]) -> Iterator[Conflict]:
    """What stands in the way of a migration beside the hosts' own calls.

    Args:
        tree: the flake's files.
        by_hand: how a person writes the recipe's overlays here.
        known: the files whose overlays were found by evaluation.
    """
    for name, error, fixes in (*_forced(tree, by_hand, known), *_fixed(tree, by_hand)):
        yield Conflict(name, error, module=True, fixes=fixes)
    for name, error in _applied(tree, by_hand, known):
        yield Conflict(name, error, module=False, applies=True)


def _forced(tree: Tree, by_hand: ByHand, known: Collection[str]) -> Iterator[tuple[str, RefusedError, bool]]:
    """A priority of its own on overlays (or on `pkgs`) drops ours, or is dropped because of ours."""
    for name, snapshot in _sound(tree, rb"\bmk(?:Force|\w*Override|Default|OptionDefault)\b", *OVERLAYS):
        if name in known:
            continue
        data = snapshot.source.data
        for binding in _bindings(snapshot.root):
            value = field(binding, F.EXPRESSION)
            if _sets(binding, ("nixpkgs", "overlays"), data):
                if (function := priority(snapshot, value)) is not None:
                    lines = by_hand.within(name, snapshot, value)
                    yield name, tree.refusal(name, value, *unlike_others(function, lines)), False
            elif _sets(binding, ("_module", "args", "pkgs"), data) and called(snapshot, value) in FORCING:
                yield (
                    name,
                    tree.refusal(
                        name,
                        value,
                        "this makes NixOS ignore `nixpkgs.overlays`",
                        by_hand.anywhere().hint("add the overlays where this package set is made", ARGUMENT),
                    ),
                    True,
                )


def _sets(binding: Node, path: tuple[str, ...], data: bytes) -> bool:
    """Whether a binding is that of a path, as far as the sets around it say."""
    names = static_path(field(binding, F.ATTRPATH), data)
    node = binding
    while len(names) < len(path):
        holder = (
            node.parent.parent if node.parent is not None and node.parent.kind_id == K.BINDING_SET else None
        )
        above = holder.parent if holder is not None else None
        if above is None or above.kind_id != K.BINDING:
            return False
        names, node = (*static_path(field(above, F.ATTRPATH), data), *names), above
    return names[-len(path) :] == path


def _fixed(tree: Tree, by_hand: ByHand) -> Iterator[tuple[str, RefusedError, bool]]:
    for name, snapshot in _sound(tree, rb"\breadOnlyPkgs\b|misc/nixpkgs/read-only\.nix", *READ_ONLY):
        match = re.search(rb"\breadOnlyPkgs\b|read-only\.nix", snapshot.source.data)
        node = snapshot.root.descendant_for_byte_range(*match.span()) if match else None
        if node is not None and node.kind_id != K.COMMENT:
            yield (
                name,
                tree.refusal(
                    name,
                    node,
                    "under nixpkgs' read-only module `nixpkgs.overlays` is not allowed",
                    by_hand.anywhere().hint("add the overlays where the package set is made", ARGUMENT),
                ),
                True,
            )


def _applied(tree: Tree, by_hand: ByHand, known: Collection[str]) -> Iterator[tuple[str, RefusedError]]:
    """An overlay of the recipe that is applied elsewhere already would be applied twice to some host."""
    recipe, names = by_hand.recipe, by_hand.names
    outputs = [(names.input, *parse(item.output)) for item in recipe.overlays if item.output is not None]
    places = set(names.files.values())
    pattern = rb"\b" + re.escape(names.input.encode()) + rb"\b"
    for name, snapshot in _sound(tree, pattern, names.input.encode()):
        if name in places or name in known:
            continue
        for node in _all(snapshot.root, (K.SELECT, K.PATH)):
            if node.kind_id == K.PATH:
                applied = tree.resolve(name, decode(snapshot.text(node))) in places
            else:
                names_selected = selection(node, snapshot.source.data)
                applied = any(names_selected[-len(wanted) :] == wanted for wanted in outputs)
            if applied:
                yield (
                    name,
                    tree.refusal(
                        name,
                        node,
                        "an overlay of this recipe is applied here already",
                        "finish it by hand in this file, or take it out and run this again",
                    ),
                )


def _sound(tree: Tree, pattern: bytes, *words: bytes) -> Iterator[tuple[str, Snapshot]]:
    """The files with a match of a regular expression, without those that Nix would not read either."""
    for name in tree.mentioning(pattern, *words):
        snapshot = tree.snapshot(name)
        if not snapshot.has_error:
            yield name, snapshot


def _bindings(root: Node) -> Iterator[Node]:
    return _all(root, (K.BINDING,))


def _all(root: Node, kinds: tuple[int, ...]) -> Iterator[Node]:
    stack = [root]
    while stack:
        node = stack.pop()
        if node.kind_id in kinds:
            yield node
        stack.extend(reversed(node.named_children))
