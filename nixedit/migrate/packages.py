"""Packages as modules name them, `pkgs.x` or `x` within `with pkgs`: found, and written the same way."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from msgspec import Struct
from tree_sitter import Node

from nixedit.attrpath import is_identifier, join, parse
from nixedit.flake.written_modules import Path, WrittenModule
from nixedit.grammar import F, K
from nixedit.layout.code import Code, expr
from nixedit.migrate.arrivals import CHANGING, arrivals, inherit_of
from nixedit.migrate.package_argument import PKGS, is_package_set
from nixedit.migrate.package_names import nearest_set
from nixedit.operations import ops
from nixedit.syntax.nodes import elements, field, holder, selection, static_name, static_path, unwrapped
from nixedit.syntax.occurrences import Occurrences
from nixedit.syntax.scope import Scope

# `pkgs.x.override`: what is selected from, the package, the function.
_LONGEST = 3


class Listed(Struct, frozen=True, eq=False):
    """A package that an option's list in a module has.

    Attributes:
        module: the module.
        element: the element of the list, its parentheses included.
        reference: the variable or selection within it that names the package.
        name: the package's attribute path.
        elsewhere: whether it is also in something else, by a name that it is bound to.
        conditions: the `mkIf`, `optionals` and `if` that it stands under, from inside.
        uses: the variables that stand for it, where a `let` inherits it.
    """

    module: WrittenModule
    element: Node
    reference: Node
    name: str
    elsewhere: bool = False
    conditions: tuple[Node, ...] = ()
    uses: tuple[Node, ...] = ()

    @property
    def place(self) -> str:
        """The file and the line that the element begins on, 1-based, for people."""
        line = self.module.origin.snapshot.source.position(self.element.start_byte)[0]
        return f"{self.module.file}:{line}"

    @property
    def plain(self) -> bool:
        """Whether it is the package as it is, with no `override` around it."""
        return unwrapped(self.element) == self.reference

    @property
    def arguments(self) -> Node | None:
        """What its one `override` is given; None where it is changed otherwise, or not at all."""
        call = unwrapped(self.element)
        if call.kind_id != K.APPLY:
            return None
        function = unwrapped(field(call, F.FUNCTION))
        if function.kind_id != K.SELECT:
            return None
        path = selection(function, self.module.origin.snapshot.source.data)
        return field(call, F.ARGUMENT) if path[-1] == "override" and len(path) <= _LONGEST else None

    @property
    def condition(self) -> str | None:
        """The condition that it stands under, as it is written; None if there is none."""
        for node in self.conditions:
            condition = node.child_by_field_id(F.CONDITION)
            if condition is None:
                condition = field(unwrapped(field(node, F.FUNCTION)), F.ARGUMENT)
            return " ".join(self.module.origin.snapshot.text(condition).decode().split())
        return None

    def can_be(self, name: str) -> bool:
        """Whether another package of the same set can be put in its place, and nothing else changes."""
        scope = Scope.of(self.module.origin.snapshot)
        bare = _base(scope, self.reference) != PKGS and not is_inherited(self.element)
        places = (self.element,) if bare else self.uses if is_inherited(self.element) else ()
        taken = (scope.lookup(name, place) for place in places)
        return not self.elsewhere and all(found is None or found.kind == "with" for found in taken)

    def replaced(self, name: str) -> list[ops.Operation]:
        """The operations that put another package of the same package set in its place."""
        if is_inherited(self.element):
            variables = dict.fromkeys(self.uses)
            return [ops.Rename(self.element, name), *(ops.Replace(use, expr(name)) for use in variables)]
        code = name
        if _base(Scope.of(self.module.origin.snapshot), self.reference) == PKGS:
            base = field(self.reference, F.EXPRESSION)
            code = f"{self.module.origin.snapshot.text(base).decode()}.{name}"
        return [ops.Replace(self.element, expr(code))]


def listed(module: WrittenModule, path: Path, names: Collection[str]) -> Iterator[Listed]:
    """The packages of some names that a module's list for an option has, in order.

    Args:
        module: the module.
        path: the option.
        names: the attribute paths of packages.
    """
    for reference, name in _references(module, names):
        ways = arrivals(module, reference)
        found = [way for way in ways if way.is_element(path)]
        for way in found[:1]:
            if way.element is not None:
                uses = tuple(use for each in ways for use in each.names[:1]) if _is_bound(reference) else ()
                yield Listed(
                    module, way.element, reference, name, len(found) < len(ways), way.conditions, uses
                )


def mentioned(module: WrittenModule, path: Path, names: Collection[str]) -> Iterator[tuple[Node, str]]:
    """The packages of some names that get into an option, but not plainly as elements of its list.

    Args:
        module: the module.
        path: the option.
        names: the attribute paths of packages.

    Returns:
        what names the package, and the package's attribute path, in order.
    """
    for reference, name in _references(module, names):
        ways = arrivals(module, reference)
        if any(way.goes_to(path) for way in ways) and not any(way.is_element(path) for way in ways):
            yield reference, name


def _references(module: WrittenModule, names: Collection[str]) -> Iterator[tuple[Node, str]]:
    """What names a package of some names in a module, and the package's attribute path, in order."""
    if not names:
        return
    last = {parse(name)[-1] for name in names}
    snapshot, top = module.origin.snapshot, module.origin.node
    for node, _ in Occurrences(last).nodes(snapshot, top.start_byte, top.end_byte):
        reference = _reference(node)
        name = None if reference is None else _named(module, reference)
        if reference is not None and name is not None and name in names:
            yield reference, name


def package_code(module: WrittenModule, place: Node, name: str) -> Code | None:
    """A package as it is written at a place of a module; None where the package set has no name there.

    Args:
        module: the module.
        place: the list that it is to stand in, or the module.
        name: the package's attribute path.
    """
    scope = Scope.of(module.origin.snapshot)
    if place.kind_id == K.LIST and _prefers_bare(scope, module, place, name):
        return expr(name)
    return expr(f"{PKGS}.{name}") if is_package_set(module, scope.lookup(PKGS, place)) else None


def _prefers_bare(scope: Scope, module: WrittenModule, place: Node, name: str) -> bool:
    """Whether a list is within `with pkgs`, and its elements make use of that."""
    first = parse(name)[0]
    found = scope.lookup(first, place)
    if found is None or found.kind != "with" or not is_identifier(first):
        return False
    nearest = unwrapped(found.environments[0])
    if nearest.kind_id != K.VARIABLE or not is_package_set(module, scope.resolve(nearest)):
        return False
    written = [unwrapped(element) for element in elements(place)]
    selected = [node for node in written if node.kind_id == K.SELECT and _base(scope, node) == PKGS]
    return not selected or any(node.kind_id == K.VARIABLE for node in written)


def _base(scope: Scope, node: Node) -> str | None:
    """The variable that a selection selects from; None where it is no selection, or from something else."""
    if node.kind_id != K.SELECT:
        return None
    return scope.name(unwrapped(field(node, F.EXPRESSION)))


def _reference(node: Node) -> Node | None:
    """The variable, or the selection, that an identifier ends."""
    parent = node.parent
    if parent is None:
        return None
    if is_inherited(node):
        return node
    if parent.kind_id == K.VARIABLE:
        return parent
    if parent.kind_id == K.ATTRPATH and parent.parent is not None and parent.parent.kind_id == K.SELECT:
        return parent.parent
    return None


def _named(module: WrittenModule, reference: Node) -> str | None:
    """The attribute path, among the module's own packages, that a reference names; None if it is none."""
    scope = Scope.of(module.origin.snapshot)
    if is_inherited(reference):
        return _inherited_name(module, reference)
    base = reference
    path: tuple[str | None, ...] = ()
    if reference.kind_id == K.SELECT:
        base = unwrapped(field(reference, F.EXPRESSION))
        path = static_path(field(reference, F.ATTRPATH), module.origin.snapshot.source.data)
    changing = next((index for index, name in enumerate(path) if name in CHANGING), len(path))
    names = [name for name in path[:changing] if name is not None]
    if base.kind_id != K.VARIABLE or len(names) != changing:
        return None
    found = scope.resolve(base)
    if found is not None and found.kind == "with":
        nearest = nearest_set(scope, found)
        if nearest is None or nearest.kind_id != K.VARIABLE:
            return None
        names = [scope.name(base) or "", *names]
        return join(names) if is_package_set(module, scope.resolve(nearest)) else None
    return join(names) if names and is_package_set(module, found) else None


def is_inherited(node: Node) -> bool:
    """Whether a node is a name of an `inherit`."""
    return inherit_of(node) is not None


def _is_bound(node: Node) -> bool:
    """Whether a node is a name that a `let` inherits."""
    inherit = inherit_of(node)
    return inherit is not None and holder(inherit).kind_id == K.LET


def _inherited_name(module: WrittenModule, node: Node) -> str | None:
    """The package that a name of `inherit (pkgs)` is; None where that inherits from something else."""
    inherit = inherit_of(node)
    source = None if inherit is None else inherit.child_by_field_id(F.EXPRESSION)
    if source is None or unwrapped(source).kind_id != K.VARIABLE:
        return None
    scope = Scope.of(module.origin.snapshot)
    known = is_package_set(module, scope.resolve(unwrapped(source)))
    return static_name(node, module.origin.snapshot.source.data) if known else None
