"""Calls of `override` with arguments that upstream's package has not: renamed where that is safe."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from msgspec import Struct
from tree_sitter import Node

from nixedit.errors import RefusedError
from nixedit.grammar import SETS, F, K
from nixedit.migrate.legacy import old_ways
from nixedit.migrate.recipe import Recipe
from nixedit.migrate.report import Step
from nixedit.migrate.tree import Tree
from nixedit.operations import ops
from nixedit.syntax.nodes import attrs, bindings, field, selection, static_name, static_path, unwrapped
from nixedit.syntax.scope import Scope
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import decode

# Names that package sets of other releases have in public fleets: the overlays do not touch those.
_OTHER_SETS = re.compile(r"(?:pkgs|nixpkgs)[-_]\w+|\w*stable\w*|master|small")


class Override(Struct, frozen=True, eq=False):
    """A call `PACKAGE.override { … }` of the recipe's package, or of one of its variants.

    Attributes:
        file: its file, relative to the flake.
        snapshot: the file's text and tree.
        call: the call.
        arguments: the arguments that upstream's package does not have, with the place of each.
        plain: whether it is `pkgs.PACKAGE.override { … }` in a module, with nothing but known arguments.
    """

    file: str
    snapshot: Snapshot
    call: Node
    arguments: tuple[tuple[Node, str], ...]
    plain: bool

    def refusal(self, tree: Tree, recipe: Recipe) -> RefusedError:
        """Why the package cannot be replaced as long as this stands there."""
        place, argument = self.arguments[0]
        hint = f"write `{recipe.arguments[argument]}`, or use one of the packages of the recipe"
        if any(file == self.file for file, _ in old_ways(recipe, tree)):
            hint = f"say --remove {self.file} to have this overlay go with every reference to it, or {hint}"
        return tree.refusal(
            self.file,
            place,
            f"upstream's `{recipe.package}` has no argument `{argument}`, which is nixpkgs' own",
            hint,
        )

    def renamed(self, recipe: Recipe) -> list[ops.Operation]:
        """The operations that give the arguments the names that upstream's package has for them."""
        found: list[ops.Operation] = []
        for place, argument in self.arguments:
            (attr,) = attrs(field(place, F.ATTRPATH))
            found.append(ops.Rename(attr, recipe.arguments[argument]))
        return found

    def steps(self, recipe: Recipe) -> list[Step]:
        """The same for people."""
        found = []
        for place, argument in self.arguments:
            line = self.snapshot.source.position(place.start_byte)[0]
            what = f"argument `{argument}` renamed to upstream's `{recipe.arguments[argument]}`"
            found.append(Step(what, self.file, line))
        return found


def find_overrides(tree: Tree, recipe: Recipe) -> Iterator[Override]:
    """The overrides of a flake's files with arguments that upstream's package does not have.

    The variants are packages of upstream's too, some by names that nixpkgs has as well.
    """
    if recipe.package is None:
        return
    packages = {recipe.package, *recipe.variants.values()}
    pattern = rb"\b" + re.escape(recipe.package.encode()) + rb"[\w'-]*\s*\.\s*override\b"
    for name in tree.mentioning(pattern, recipe.package.encode()):
        snapshot = tree.snapshot(name)
        if snapshot.has_error or recipe.removes(name):
            continue
        for match in re.finditer(pattern, snapshot.source.data):
            call = _call_at(snapshot, match.end())
            if call is None:
                continue
            function = unwrapped(field(call, F.FUNCTION))
            path = selection(function, snapshot.source.data)
            if (
                path[-1] != "override"
                or path[-2] not in packages
                or len(path) > 3
                or _OTHER_SETS.fullmatch(path[0] or "")
            ):
                continue
            given = list(_arguments(field(call, F.ARGUMENT), snapshot.source.data))
            lost = tuple((place, argument) for place, argument in given if argument in recipe.arguments)
            if lost:
                yield Override(name, snapshot, call, lost, _is_plain(snapshot, call, given, path, recipe))


def _call_at(snapshot: Snapshot, end: int) -> Node | None:
    """The call whose function is the selection that ends at a place."""
    node = snapshot.root.descendant_for_byte_range(end - 1, end)
    while node is not None and node.kind_id in (K.IDENTIFIER, K.ATTRPATH):
        node = node.parent
    if node is None or node.kind_id != K.SELECT or node.end_byte != end:
        return None
    parent = node.parent
    while parent is not None and parent.kind_id == K.PARENTHESIZED:
        node, parent = parent, parent.parent
    if parent is None or parent.kind_id != K.APPLY or field(parent, F.FUNCTION) != node:
        return None
    return parent


def _arguments(node: Node, data: bytes) -> Iterator[tuple[Node, str]]:
    """The names that the sets within a node bind or inherit, with the place of each."""
    stack = [node]
    while stack:
        inner = stack.pop()
        if inner.kind_id == K.BINDING:
            name = static_path(field(inner, F.ATTRPATH), data)[0]
            if name is not None:
                yield inner, name
        elif inner.kind_id in (K.INHERIT, K.INHERIT_FROM):
            for attr in attrs(inner):
                name = static_name(attr, data)
                if name is not None:
                    yield attr, name
        stack.extend(reversed(inner.named_children))


def _is_plain(
    snapshot: Snapshot,
    call: Node,
    given: Collection[tuple[Node, str]],
    path: tuple[str | None, ...],
    recipe: Recipe,
) -> bool:
    argument = unwrapped(field(call, F.ARGUMENT))
    known = {*recipe.arguments, *recipe.arguments.values()}
    if argument.kind_id not in SETS or not _is_of_pkgs(snapshot, call, path):
        return False
    written = bindings(argument)
    if {item.start_byte for item in written} != {place.start_byte for place, _ in given}:
        return False
    single = all(item.kind_id == K.BINDING and len(attrs(field(item, F.ATTRPATH))) == 1 for item in written)
    return single and {name for _, name in given} <= known


def _is_of_pkgs(snapshot: Snapshot, call: Node, path: tuple[str | None, ...]) -> bool:
    """Whether the package is that of the module's argument `pkgs`, by name or by the innermost `with`."""
    scope = Scope.of(snapshot)
    if len(path) == 2:
        found = scope.lookup(path[0] or "", call)
        if found is None or found.kind != "with":
            return False
        around = found.environments[0]
        path = (decode(snapshot.text(around)), *path)
    definition = scope.lookup("pkgs", call)
    return path[0] == "pkgs" and definition is not None and definition.kind == "formal"
