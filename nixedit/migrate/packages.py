"""Packages as modules name them, `pkgs.x` or `x` within `with pkgs`: found, and written the same way."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from attrs import frozen
from tree_sitter import Node

from nixedit.attrpath import is_identifier, join, parse
from nixedit.flake.written_modules import Path, WrittenModule
from nixedit.grammar import SETS, F, K
from nixedit.layout.code import Code, expr
from nixedit.migrate.package_argument import PKGS, is_package_set
from nixedit.migrate.priorities import called
from nixedit.operations import ops
from nixedit.syntax.nodes import elements, field, selection, static_name, static_path, unwrapped
from nixedit.syntax.scope import Scope

_LIBRARIES = ("lib", "builtins")
_CHANGING = frozenset({"override", "overrideAttrs", "overrideDerivation"})
# `pkgs.x.override`: what is selected from, the package, the function.
_LONGEST = 3


@frozen(eq=False)
class Listed:
    """A package that an option's list in a module has.

    Attributes:
        module: the module.
        element: the element of the list, its parentheses included.
        reference: the variable or selection within it that names the package.
        name: the package's attribute path.
    """

    module: WrittenModule
    element: Node
    reference: Node
    name: str

    @property
    def line(self) -> int:
        """The line that the element begins on, 1-based."""
        return self.module.origin.snapshot.source.position(self.element.start_byte)[0]

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

    def replaced(self, name: str) -> ops.Operation:
        """The operation that puts another package of the same package set in its place."""
        if is_inherited(self.element):
            return ops.Rename(self.element, name)
        code = name
        if _base(Scope.of(self.module.origin.snapshot), self.reference) == PKGS:
            base = field(self.reference, F.EXPRESSION)
            code = f"{self.module.origin.snapshot.text(base).decode()}.{name}"
        return ops.Replace(self.element, expr(code))


def listed(module: WrittenModule, path: Path, names: Collection[str]) -> Iterator[Listed]:
    """The packages of some names that a module's list for an option has, in order.

    Args:
        module: the module.
        path: the option.
        names: the attribute paths of packages.
    """
    if not names:
        return
    last = {parse(name)[-1] for name in names}
    snapshot, top = module.origin.snapshot, module.origin.node
    choice = b"|".join(re.escape(name.encode()) for name in sorted(last, key=len, reverse=True))
    pattern = re.compile(rb"(?<![\w'-])(?:" + choice + rb")(?![\w'-])")
    for match in pattern.finditer(snapshot.source.data, top.start_byte, top.end_byte):
        node = snapshot.root.descendant_for_byte_range(match.start(), match.end())
        if node is None or (node.start_byte, node.end_byte) != match.span():
            continue
        reference = _reference(node)
        name = None if reference is None else _named(module, reference)
        element = None if reference is None else _element(module, reference)
        if reference is None or element is None or name is None or name not in names:
            continue
        if option_of(module, element) in (path, ("config", *path)):
            yield Listed(module, element, reference, name)


def option_of(module: WrittenModule, node: Node) -> tuple[str | None, ...]:
    """The names of the bindings around a place of a module, from outside; None stands for a computed one."""
    found: list[str | None] = []
    data = module.origin.snapshot.source.data
    places = {place.node: place.prefix for layer in module.spread for place in layer.places}
    inner: Node | None = node
    while inner is not None and inner not in places and inner != module.origin.node:
        if inner.kind_id == K.BINDING:
            found[:0] = static_path(field(inner, F.ATTRPATH), data)
        inner = inner.parent
    prefix = () if inner is None else places.get(inner, ())
    return tuple(found[len(prefix) :]) if tuple(found[: len(prefix)]) == prefix else ()


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
    if parent is not None and parent.kind_id == K.STRING:
        node, parent = parent, parent.parent
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
    changing = next((index for index, name in enumerate(path) if name in _CHANGING), len(path))
    names = [name for name in path[:changing] if name is not None]
    if base.kind_id != K.VARIABLE or len(names) != changing:
        return None
    found = scope.resolve(base)
    if found is not None and found.kind == "with":
        sets = [unwrapped(environment) for environment in found.environments]
        nearest = next((node for node in sets if not _is_library(scope, node)), None)
        if nearest is None or nearest.kind_id != K.VARIABLE:
            return None
        names = [scope.name(base) or "", *names]
        return join(names) if is_package_set(module, scope.resolve(nearest)) else None
    return join(names) if names and is_package_set(module, found) else None


def is_inherited(node: Node) -> bool:
    """Whether a node is a name of an `inherit`."""
    return node.parent is not None and node.parent.kind_id == K.INHERITED_ATTRS


def _inherited_name(module: WrittenModule, node: Node) -> str | None:
    """The package that a name of `inherit (pkgs)` is; None where that inherits from something else."""
    inherit = None if node.parent is None else node.parent.parent
    source = None if inherit is None else inherit.child_by_field_id(F.EXPRESSION)
    if source is None or unwrapped(source).kind_id != K.VARIABLE:
        return None
    scope = Scope.of(module.origin.snapshot)
    known = is_package_set(module, scope.resolve(unwrapped(source)))
    return static_name(node, module.origin.snapshot.source.data) if known else None


def _is_library(scope: Scope, node: Node) -> bool:
    """Whether a set has functions and no packages: the module's argument `lib`, or `builtins`."""
    return node.kind_id == K.VARIABLE and scope.name(node) in _LIBRARIES


def _is_value_of_list(module: WrittenModule, node: Node) -> bool:
    """Whether the set that a name is inherited into becomes a list by `attrValues`."""
    inherited: Node | None = node
    while inherited is not None and inherited.kind_id not in SETS:
        inherited = inherited.parent
    call = None if inherited is None else inherited.parent
    return call is not None and called(module.origin.snapshot, call) == "attrValues"


def _element(module: WrittenModule, reference: Node) -> Node | None:
    """The element of a list that a reference is, or is changed in by `override`; None where it is neither."""
    if is_inherited(reference):
        return reference if _is_value_of_list(module, reference) else None
    node = reference
    while node.parent is not None:
        parent = node.parent
        if parent.kind_id == K.LIST:
            return node
        changed = parent.kind_id == K.APPLY and field(parent, F.FUNCTION) == node
        changed = changed or (parent.kind_id == K.SELECT and field(parent, F.EXPRESSION) == node)
        if parent.kind_id != K.PARENTHESIZED and not changed:
            return None
        node = parent
    return None
