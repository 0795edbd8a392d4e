"""Calls of `override` with arguments that upstream's package does not take: adapted where that is safe."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from msgspec import Struct
from tree_sitter import Node

from nixedit.attrpath import escape
from nixedit.errors import RefusedError
from nixedit.grammar import SETS, F, K
from nixedit.layout.code import expr
from nixedit.migrate.other_overlays import old_ways, written_ways
from nixedit.migrate.override_calls import OverrideCall, Package, override_calls
from nixedit.migrate.recipe import Recipe
from nixedit.migrate.report import Step
from nixedit.migrate.tree import Tree
from nixedit.operations import ops
from nixedit.syntax.calls import called
from nixedit.syntax.nodes import attrs, elements, field, static_path, string_value, unwrapped
from nixedit.syntax.scope import Scope
from nixedit.syntax.snapshot import Snapshot, span_of
from nixedit.text import decode

# Names that package sets of other releases have in public fleets: the overlays do not touch those.
_OTHER_SETS = re.compile(r"(?:pkgs|nixpkgs)[-_]\w+|\w*stable\w*|master|small")
_SIMPLE = frozenset({K.LIST, K.VARIABLE, K.SELECT, K.PARENTHESIZED})


class Override(Struct, frozen=True, eq=False):
    """A call `PACKAGE.override { … }` of the recipe's package, or of one of its variants.

    Attributes:
        file: its file, relative to the flake.
        snapshot: the file's text and tree.
        call: the call.
        foreign: the arguments that upstream's package does not take, with the place of each.
        joined: the lists that upstream's package takes as one text, likewise.
        plain: whether it is `pkgs.PACKAGE.override { … }` in a module, and all of it can be adapted.
    """

    file: str
    snapshot: Snapshot
    call: OverrideCall
    foreign: tuple[tuple[str, Node], ...]
    joined: tuple[tuple[str, Node], ...]
    plain: bool

    def refusal(self, tree: Tree, recipe: Recipe) -> RefusedError:
        """Why the package cannot be replaced as long as this stands there."""
        place, reason, hint = self._problem(recipe)
        span = span_of(self.call.node)
        named = [file for file, _ in old_ways(recipe, tree) if file == self.file]
        named += [old.shown for old in written_ways(recipe, tree) if old.has(self.file, span)]
        if named:
            hint = f"say --remove {named[0]} to have this overlay go with every reference to it, or {hint}"
        return tree.refusal(self.file, place, reason, hint)

    def _problem(self, recipe: Recipe) -> tuple[Node, str, str]:
        for argument, place in self.foreign:
            reason = f"upstream's `{recipe.package}` has no argument `{argument}`"
            own = recipe.arguments.get(argument)
            if own is not None:
                reason += ", which is nixpkgs' own"
            what = "leave it out" if own is None else f"write `{own}`"
            return place, reason, f"{what}, or use one of the packages of the recipe"
        for argument, place in self.joined:
            by = recipe.joined[argument]
            reason = f"upstream's `{recipe.package}` takes `{argument}` as one text, joined by `{by}`"
            return place, reason, f'write `builtins.concatStringsSep "{by}" …`'
        reason = f"what `{recipe.package}` is given here is not known, and upstream's takes other arguments"
        known = " ".join(f"`{name}`" for name in recipe.arguments.values())
        return self.call.argument, reason, f"give it a written set of upstream's arguments: {known} …"

    def adapted(self, recipe: Recipe) -> list[ops.Operation]:
        """The operations that give the arguments the names and forms that upstream's package has."""
        found: list[ops.Operation] = []
        for argument, place in self.foreign:
            (attr,) = attrs(field(place, F.ATTRPATH))
            found.append(ops.Rename(attr, recipe.arguments[argument]))
        for argument, place in self.joined:
            value = field(place, F.EXPRESSION)
            found.append(ops.Replace(value, self._as_text(value, recipe.joined[argument])))
        return found

    def _as_text(self, value: Node, by: str) -> object:
        written, data = unwrapped(value), self.snapshot.source.data
        items = elements(written) if written.kind_id == K.LIST else [written]
        texts = [string_value(item, data) for item in items]
        if written.kind_id == K.LIST and None not in texts:
            return by.join(text or "" for text in texts)
        code = decode(self.snapshot.text(value))
        listed = code if value.kind_id in _SIMPLE else f"({code})"
        return expr(f'builtins.concatStringsSep "{escape(by)}" {listed}')

    def steps(self, recipe: Recipe) -> list[Step]:
        """The same for people."""
        found = []
        for argument, place in self.foreign:
            what = f"argument `{argument}` renamed to upstream's `{recipe.arguments[argument]}`"
            found.append(Step(what, self.file, self._line(place), "the package is upstream's now"))
        for argument, place in self.joined:
            what = f"argument `{argument}` made one text, as upstream takes it"
            found.append(Step(what, self.file, self._line(place), "the package is upstream's now"))
        return found

    def _line(self, place: Node) -> int:
        return self.snapshot.source.position(place.start_byte)[0]


class Change(Struct, frozen=True, eq=False):
    """A call of `override` or `overrideAttrs` on the recipe's package, or on one of its variants.

    Attributes:
        file: its file, relative to the flake.
        snapshot: the file's text and tree.
        call: the call.
    """

    file: str
    snapshot: Snapshot
    call: OverrideCall

    def note(self, *, comes_before: bool) -> str | None:
        """What becomes of it once upstream's package takes the place of nixpkgs'; None where all is well.

        Args:
            comes_before: whether it is in an overlay that is applied before the recipe's.
        """
        place = f"{self.file}:{self.snapshot.source.position(self.call.node.start_byte)[0]}"
        if comes_before:
            name = self._bound
            return (
                name
                and f"{place}: the `{name}` of this overlay gives way to upstream's, which comes after it"
            )
        if self.call.function == "override":
            return None
        package = self.call.package.name
        return (
            f"{place}: this changes upstream's `{package}` now, which may lack attributes that nixpkgs' has"
        )

    @property
    def _bound(self) -> str | None:
        """The package that an overlay makes of it, where that is the package itself."""
        node: Node | None = self.call.node
        while node is not None and node.kind_id not in (K.BINDING, K.FUNCTION):
            node = node.parent
        if node is None or node.kind_id != K.BINDING:
            return None
        names = static_path(field(node, F.ATTRPATH), self.snapshot.source.data)
        return names[0] if names == (self.call.package.name,) else None


def find_changes(tree: Tree, recipe: Recipe) -> Iterator[Change]:
    """The calls in a flake's files, but for those on packages that the overlays do not touch.

    The variants are packages of upstream's too, some by names that nixpkgs has as well.
    """
    if recipe.package is None:
        return
    packages = {recipe.package, *recipe.variants.values()}
    for name in tree.mentioning(rb"\boverride(?:Attrs)?\b", recipe.package.encode()):
        if not recipe.removes(name) and not recipe.wrote(tree.content(name)):
            yield from _changes_in(tree, packages, name)


def changes_in(tree: Tree, recipe: Recipe, name: str) -> Iterator[Change]:
    """Those of one file, an old overlay as well."""
    if recipe.package is not None:
        yield from _changes_in(tree, {recipe.package, *recipe.variants.values()}, name)


def _changes_in(tree: Tree, packages: Collection[str], name: str) -> Iterator[Change]:
    snapshot = tree.snapshot(name)
    for call in override_calls(snapshot, packages):
        if not is_elsewhere(call.package):
            yield Change(name, snapshot, call)


def override_of(change: Change, recipe: Recipe) -> Override | None:
    """A call with arguments that upstream's package would not take; None where it would take them."""
    call, snapshot = change.call, change.snapshot
    if call.function != "override":
        return None
    foreign = tuple(item for item in call.given if _is_foreign(item[0], recipe))
    joined = tuple(
        item for item in call.given if item[0] in recipe.joined and not _is_text(snapshot, item[1])
    )
    if not foreign and not joined and (call.is_known or not recipe.takes):
        return None
    plain = _is_plain(call, recipe) and all(item in recipe.arguments for item, _ in foreign)
    plain = plain and all(_is_list(snapshot, place) for _, place in joined)
    return Override(change.file, snapshot, call, foreign, joined, plain)


def is_elsewhere(package: Package) -> bool:
    """Whether a package is that of a set which the overlays do not touch, by the names of such sets."""
    return any(name is not None and _OTHER_SETS.fullmatch(name) for name in package.path[:-1])


def _is_foreign(argument: str, recipe: Recipe) -> bool:
    if argument in recipe.arguments:
        return True
    known = {*recipe.takes, *recipe.arguments.values(), *recipe.joined, *recipe.attributes}
    return bool(recipe.takes) and argument not in known


def _is_plain(call: OverrideCall, recipe: Recipe) -> bool:
    """Whether it is given a written set, and is a package of the module's argument `pkgs`."""
    head = call.package.head
    of_pkgs = call.package.path[:-1] == ("pkgs",) and head is not None and head.kind == "formal"
    single = all(
        place.kind_id == K.BINDING and len(attrs(field(place, F.ATTRPATH))) == 1 for _, place in call.given
    )
    adaptable = {*recipe.arguments, *recipe.arguments.values(), *recipe.joined, *recipe.takes}
    return (
        of_pkgs
        and single
        and call.is_known
        and call.argument.kind_id in SETS
        and all(name in adaptable for name, _ in call.given)
    )


def _is_text(snapshot: Snapshot, place: Node) -> bool:
    """Whether an argument is one text already: a string, or what joins a list."""
    value = _value(snapshot, place)
    if value is not None and value.kind_id == K.APPLY:
        return (called(snapshot, value) or "") in ("concatStringsSep", "concatStrings")
    return value is not None and value.kind_id in (K.STRING, K.INDENTED_STRING)


def _is_list(snapshot: Snapshot, place: Node) -> bool:
    value = _value(snapshot, place)
    while value is not None and value.kind_id == K.BINARY and field(value, F.OPERATOR).type == "++":
        value = Scope.of(snapshot).value_of(field(value, F.RIGHT))
    return value is not None and value.kind_id == K.LIST


def _value(snapshot: Snapshot, place: Node) -> Node | None:
    """What an argument is, through the names that a file binds; None for an inherited one."""
    if place.kind_id != K.BINDING:
        return None
    return unwrapped(Scope.of(snapshot).value_of(field(place, F.EXPRESSION)))
