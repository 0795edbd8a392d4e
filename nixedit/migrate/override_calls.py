"""Calls of `override` and `overrideAttrs` on packages of some names: which package, and what it is given."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from msgspec import Struct
from tree_sitter import Node

from nixedit.grammar import SETS, F, K
from nixedit.migrate.overlay_names import overlay_body
from nixedit.migrate.package_names import nearest_set
from nixedit.syntax.layers import layers_of
from nixedit.syntax.nodes import attrs, bindings, field, static_name, static_path, unwrapped
from nixedit.syntax.scope import Definition, Scope
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import decode

FUNCTIONS = ("override", "overrideAttrs")
_CALL = re.compile(rb"\.\s*(override(?:Attrs)?)\b")
# More names that stand for each other are a cycle.
_DEEP = 20


class Package(Struct, frozen=True, eq=False):
    """A package, as far as names in its file lead to it.

    Attributes:
        path: the names from the outermost one on, the package's own last: `pkgs`, `hello`. None stands for
            what has no name.
        head: what binds the first name; None where nothing in the file does.
    """

    path: tuple[str | None, ...]
    head: Definition | None

    @property
    def name(self) -> str | None:
        """The package's own name."""
        return self.path[-1]

    @property
    def changing(self) -> Node | None:
        """The function of two arguments, the second of which it is a package of, if it may be an overlay.

        An overlay gives a set, and none calls what it changes `pkgs`. None for any other package.
        """
        head = self.head
        if len(self.path) != 2 or head is None or head.kind != "universal" or head.scope is None:
            return None
        outer = head.scope.parent
        while outer is not None and outer.kind_id == K.PARENTHESIZED:
            outer = outer.parent
        body = None if outer is None or head.name == "pkgs" else overlay_body(outer)
        return outer if body is not None and layers_of(body) else None

    def then(self, *names: str | None) -> Package:
        """What is selected from it."""
        return Package((*self.path, *names), self.head)


class OverrideCall(Struct, frozen=True, eq=False):
    """One call.

    Attributes:
        function: `override` or `overrideAttrs`.
        node: the call.
        package: what is overridden.
        argument: what it is given.
        given: the names that the sets in the argument bind, with the place of each.
        is_known: whether it is given nothing else.
    """

    function: str
    node: Node
    package: Package
    argument: Node
    given: tuple[tuple[str, Node], ...]
    is_known: bool


def override_calls(snapshot: Snapshot, packages: Collection[str]) -> Iterator[OverrideCall]:
    """The calls in a file on packages of some names, by whatever name they have there, in order.

    Args:
        snapshot: the file; one with a syntax error has none.
        packages: the packages' own names.
    """
    if snapshot.has_error:
        return
    scope = Scope.of(snapshot)
    for match in _CALL.finditer(snapshot.source.data):
        function = _selection_at(snapshot, match.start(1), match.end())
        call = None if function is None else _call_of(function)
        if function is None or call is None:
            continue
        package = package_of(scope, function)
        if package.name in packages:
            argument = unwrapped(field(call, F.ARGUMENT))
            given, is_known = _given(scope, argument)
            yield OverrideCall(match[1].decode(), call, package, argument, tuple(given), is_known)


def _selection_at(snapshot: Snapshot, start: int, end: int) -> Node | None:
    """The selection whose last name stands at a place."""
    node = snapshot.root.descendant_for_byte_range(start, end)
    while node is not None and node.kind_id in (K.IDENTIFIER, K.ATTRPATH):
        node = node.parent
    return node if node is not None and node.kind_id == K.SELECT and node.end_byte == end else None


def _call_of(function: Node) -> Node | None:
    call = function.parent
    while call is not None and call.kind_id == K.PARENTHESIZED:
        call = call.parent
    found = call is not None and call.kind_id == K.APPLY and unwrapped(field(call, F.FUNCTION)) == function
    return call if found else None


def package_of(scope: Scope, node: Node) -> Package:
    """The package that a variable or selection stands for; where it is overridden, what it was before."""
    return _followed(scope, node, 0)


def is_changed(snapshot: Snapshot, name: Node) -> bool:
    """Whether a name is selected from the packages that an overlay changes, `prev.NAME`.

    Args:
        snapshot: the file.
        name: the name, the last of what is selected.
    """
    path = name.parent
    selected = None if path is None else path.parent
    if selected is None or selected.kind_id != K.SELECT:
        return False
    package = package_of(Scope.of(snapshot), selected)
    return package.changing is not None and package.name == decode(snapshot.text(name))


def _followed(scope: Scope, node: Node, depth: int) -> Package:
    """What an expression stands for; where that is overridden itself, what it was before."""
    node = unwrapped(node)
    if node.kind_id == K.SELECT:
        names = static_path(field(node, F.ATTRPATH), scope.snapshot.source.data)
        whole = next((index for index, name in enumerate(names) if name in FUNCTIONS), len(names))
        base = _followed(scope, field(node, F.EXPRESSION), depth)
        return base.then(*names[:whole]) if whole else base
    if node.kind_id == K.VARIABLE:
        return _named(scope, scope.name(node) or "", scope.resolve(node), depth)
    if node.kind_id == K.APPLY:
        function = unwrapped(field(node, F.FUNCTION))
        if function.kind_id == K.SELECT:
            last = static_path(field(function, F.ATTRPATH), scope.snapshot.source.data)[-1]
            if last in FUNCTIONS:
                return _followed(scope, function, depth)
    return Package((None,), None)


def _named(scope: Scope, name: str, definition: Definition | None, depth: int) -> Package:
    if definition is None or depth > _DEEP:
        return Package((name,), None)
    if definition.kind == "with":
        nearest = nearest_set(scope, definition)
        base = Package((None,), None) if nearest is None else _followed(scope, nearest, depth + 1)
        return base.then(name)
    if definition.kind == "inherit" and definition.source is not None:
        return _followed(scope, definition.source, depth + 1).then(name)
    if definition.kind == "inherit" and definition.scope is not None:
        return _named(scope, name, scope.lookup(name, definition.scope), depth + 1)
    if definition.value is not None and definition.places:
        package = _followed(scope, definition.value, depth + 1)
        return package if package.path != (None,) else package.then(name)
    return Package((name,), definition)


def _given(scope: Scope, argument: Node) -> tuple[list[tuple[str, Node]], bool]:
    """What the sets within an argument bind, and whether there is nothing else."""
    found: list[tuple[str, Node]] = []
    is_known = True
    pending = [argument]
    for _ in range(_DEEP):
        if not pending:
            break
        node = unwrapped(pending.pop())
        if node.kind_id in SETS:
            names, known = _bound(scope, node)
            found += names
            is_known = is_known and known
        elif node.kind_id in (K.FUNCTION, K.LET, K.WITH, K.ASSERT):
            pending.append(field(node, F.BODY))
        elif node.kind_id == K.IF:
            pending += [field(node, F.CONSEQUENCE), field(node, F.ALTERNATIVE)]
        elif node.kind_id == K.BINARY and field(node, F.OPERATOR).type == "//":
            pending += [field(node, F.LEFT), field(node, F.RIGHT)]
        elif node.kind_id == K.VARIABLE and scope.value_of(node) != node:
            pending.append(scope.value_of(node))
        else:
            is_known = False
    found.sort(key=lambda item: item[1].start_byte)
    return found, is_known and not pending


def _bound(scope: Scope, node: Node) -> tuple[list[tuple[str, Node]], bool]:
    data = scope.snapshot.source.data
    places: list[tuple[Node, Node]] = []
    for item in bindings(node):
        if item.kind_id == K.BINDING:
            places.append((attrs(field(item, F.ATTRPATH))[0], item))
        else:
            places += [(attr, attr) for attr in attrs(item)]
    names = [(static_name(attr, data), place) for attr, place in places]
    return [(name, place) for name, place in names if name is not None], all(name for name, _ in names)
