"""Where a value goes within a flake: by its names, and as an argument into functions that are written there.

It is told from what is written, so it holds for every evaluation. What is not told is left at the place
where the trail ends.
"""

from __future__ import annotations

from collections.abc import Iterator

from tree_sitter import Node

from nixedit.grammar import F, K
from nixedit.resolve.environment import Environment
from nixedit.resolve.evaluate import Evaluator
from nixedit.resolve.values import Origin, PathValue
from nixedit.syntax.layers import core
from nixedit.syntax.nodes import attrs, field, formals, holder, static_name, static_path
from nixedit.syntax.scope import Scope
from nixedit.text import decode

# What gives the value of an expression in it.
_AROUND = {K.PARENTHESIZED: F.EXPRESSION, K.LET: F.BODY, K.WITH: F.BODY, K.ASSERT: F.BODY}
_IMPORT = (b"import", b"builtins.import")
# How many calls deep a function is looked for.
_DEEP = 20


class Flow:
    """Follows values.

    Args:
        evaluator: knows the flake's files.
    """

    def __init__(self, evaluator: Evaluator) -> None:
        self.evaluator = evaluator

    def ends(self, place: Origin) -> Iterator[Origin]:
        """Every place that the value of an expression comes to.

        Args:
            place: the expression; its arguments are no matter.

        Returns:
            expressions, and names that a plain `inherit` lists, that have this value and no other, each as
            wide as it goes through parentheses, `let`, `with` and `assert`. That of a name which nothing uses
            is none.
        """
        pending, seen = [place.at(whole(place.node))], set()
        while pending:
            here = pending.pop()
            key = (here.file, *here.span)
            if key in seen:
                continue
            seen.add(key)
            further = self._further(here)
            if further is None:
                yield here
            else:
                pending += [use.at(whole(use.node)) for use in reversed(further)]

    def _further(self, here: Origin) -> list[Origin] | None:
        """The uses of what a value becomes; None where that is no name."""
        above = here.node.parent
        if above is None:
            return None
        if above.kind_id == K.FORMAL:
            return self._of_formal(here.at(_function_around(above)), _text(here, above))
        if above.kind_id == K.APPLY and field(above, F.ARGUMENT) == here.node:
            function = self._called(here.at(above))
            return None if function is None else _of_universal(function)
        if above.kind_id not in (K.BINDING, K.INHERITED_ATTRS):
            return None
        name, binder = _bound(here, above)
        if name is None:
            return None
        if binder.kind_id == K.LET:
            return _uses(here, name, field(binder, F.BODY))
        return self._of_attribute(here.at(binder), name) if binder.kind_id == K.ATTRSET else None

    def _of_attribute(self, written: Origin, name: str) -> list[Origin] | None:
        """The uses of an attribute of a set that is an argument; None where it may go elsewhere."""
        argument = whole(written.node)
        call = argument.parent
        if call is None or call.kind_id != K.APPLY or field(call, F.ARGUMENT) != argument:
            return None
        function = self._called(written.at(call))
        return None if function is None else self._of_formal(function, name)

    def _of_formal(self, function: Origin, name: str) -> list[Origin] | None:
        """The uses of an attribute of what a function is given."""
        found = []
        head = function.node.child_by_field_id(F.FORMALS)
        if head is not None and any(_text(function, formal) == name for formal in formals(head)):
            found += _uses(function, name, field(function.node, F.BODY))
        for use in _of_universal(function) or ():
            selection = whole(use.node).parent
            if selection is None or selection.kind_id != K.SELECT:
                return None
            path = attrs(field(selection, F.ATTRPATH))
            first = static_name(path[0], function.snapshot.source.data)
            if first == name and len(path) == 1:
                found.append(function.at(selection))
            elif first in (name, None):
                return None
        return found

    def _called(self, call: Origin) -> Origin | None:
        """The function that a call is of; None where that is not surely one of the flake."""
        return self._function(call.at(field(call.node, F.FUNCTION)))

    def _function(self, place: Origin, depth: int = 0) -> Origin | None:
        """The function that an expression is."""
        node = Scope.of(place.snapshot).value_of(place.node)
        if node.kind_id == K.FUNCTION:
            return place.at(node)
        if node.kind_id != K.APPLY or depth > _DEEP:
            return None
        file = self._imported(place.at(node))
        if file is not None:
            return self._function(file, depth + 1)
        outer = self._function(place.at(field(node, F.FUNCTION)), depth + 1)
        return None if outer is None else self._function(outer.at(field(outer.node, F.BODY)), depth + 1)

    def _imported(self, call: Origin) -> Origin | None:
        """The expression of the file that a call imports; None where it is no import of a known file."""
        function, path = (core(field(call.node, part)) for part in (F.FUNCTION, F.ARGUMENT))
        if call.snapshot.text(function) not in _IMPORT or path.kind_id != K.PATH:
            return None
        name = field(function, F.EXPRESSION) if function.kind_id == K.SELECT else function
        meant = Scope.of(call.snapshot).resolve(name)
        if meant is None or meant.kind != "builtin":
            return None
        value = self.evaluator.evaluate(Origin(call.file, call.snapshot, path, Environment()))
        file = value.path if isinstance(value, PathValue) else None
        target = None if file is None else self.evaluator.target(file)
        snapshot = None if target is None else self.evaluator.files.snapshot(target)
        root = None if snapshot is None else snapshot.root.child_by_field_id(F.EXPRESSION)
        if target is None or snapshot is None or root is None:
            return None
        return Origin(target, snapshot, root, Environment())


def whole(node: Node) -> Node:
    """The widest expression that has the value of a node: with the parentheses, `let`, … around it."""
    above = node.parent
    while above is not None and above.kind_id in _AROUND and field(above, _AROUND[above.kind_id]) == node:
        node, above = above, above.parent
    return node


def _bound(here: Origin, above: Node) -> tuple[str | None, Node]:
    """The one name that an expression is bound to, or that is inherited, and the set or `let` of it."""
    data = here.snapshot.source.data
    if above.kind_id == K.INHERITED_ATTRS:
        inherit = above.parent
        if inherit is None or inherit.kind_id != K.INHERIT:
            return None, above
        return static_name(here.node, data), holder(inherit)
    path = static_path(field(above, F.ATTRPATH), data)
    return path[0] if len(path) == 1 else None, holder(above)


def _of_universal(function: Origin) -> list[Origin] | None:
    """The uses of all that a function is given; None where its formals take it apart and it has no name."""
    universal = function.node.child_by_field_id(F.UNIVERSAL)
    if universal is None:
        return None
    name = decode(function.snapshot.text(universal))
    return _uses(function, name, field(function.node, F.BODY))


def _uses(place: Origin, name: str, body: Node) -> list[Origin]:
    """The uses of what a name means in the body of a `let` or function."""
    scope = Scope.of(place.snapshot)
    definition = scope.lookup(name, body)
    return [] if definition is None else [place.at(node) for node in scope.uses(definition)]


def _text(place: Origin, formal: Node) -> str:
    return decode(place.snapshot.text(field(formal, F.NAME)))


def _function_around(formal: Node) -> Node:
    above = formal.parent
    while above is not None and above.kind_id != K.FUNCTION:
        above = above.parent
    if above is None:
        raise AssertionError("a formal of no function")
    return above
