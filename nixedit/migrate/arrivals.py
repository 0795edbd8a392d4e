"""Where a value that a module writes goes: the options that it gets into, also by names bound with `let`."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace
from tree_sitter import Node

from nixedit.flake.written_modules import Path, WrittenModule
from nixedit.grammar import F, K
from nixedit.syntax.calls import called
from nixedit.syntax.layers import core
from nixedit.syntax.nodes import field, holder, static_name, static_path, unwrapped
from nixedit.syntax.scope import Scope

# Functions that give what they change a package, with other arguments or attributes.
CHANGING = frozenset({"override", "overrideAttrs", "overrideDerivation"})
_CONDITIONAL = ("mkIf", "optional", "optionals", "optionalAttrs")
_OPEN = (K.LET, K.WITH, K.ASSERT)
# They give all of what they are given.
_PASSING = (*_CONDITIONAL, "unique", "flatten", "concatLists", "mkMerge", "mkForce", "mkBefore", "mkAfter")


class Arrival(Struct, frozen=True, eq=False):
    """One way that a value goes.

    Attributes:
        option: the names of the bindings around the place that it comes to, from outside; None stands for
            a computed one.
        element: what is an element of the list there, changes by `override` included, or is bound to the
            name that is one; None before there is a list.
        known: whether it is an element there for sure; not where an unknown function gets it.
        conditions: the `mkIf`, `optionals` and `if` on the way.
        names: the variables that stand for it on the way.
        listed: whether it has become an element of a list.
        given: whether that list was given to a function that may make anything of it.
    """

    option: tuple[str | None, ...] = ()
    element: Node | None = None
    known: bool = True
    conditions: tuple[Node, ...] = ()
    names: tuple[Node, ...] = ()
    listed: bool = False
    given: bool = False

    def goes_to(self, path: Path) -> bool:
        """Whether it comes to an option, or to a part of its value."""
        return any(self.option[: len(names)] == names for names in (path, ("config", *path)))

    def is_element(self, path: Path) -> bool:
        """Whether it is an element of the list that an option is, for sure."""
        return self.known and self.listed and self.option in (path, ("config", *path))


def arrivals(module: WrittenModule, reference: Node) -> list[Arrival]:
    """Where an expression, or a name that is inherited from a set, goes within its module.

    Args:
        module: the module.
        reference: the expression or name.
    """
    return list(_Climb(module).up(reference, Arrival()))


class _Climb:
    """Goes from an expression to what it is part of, and from a name's binding to the name's uses."""

    def __init__(self, module: WrittenModule) -> None:
        self.module = module
        self.snapshot = module.origin.snapshot
        self.scope = Scope.of(self.snapshot)
        self.places = {place.node: place.prefix for layer in module.spread for place in layer.places}
        self.heads = set(_heads(module.origin.node))
        self.seen: set[int] = set()

    def up(self, node: Node, at: Arrival) -> Iterator[Arrival]:
        inherit = inherit_of(node)
        if inherit is not None:
            name = static_name(node, self.snapshot.source.data)
            at = replace(at, element=at.element or node, option=(name, *at.option))
            yield from self._bound(inherit, at)
            return
        while node != self.module.origin.node and node not in self.places and node.parent is not None:
            above = node.parent
            if above.kind_id == K.BINDING:
                path = static_path(field(above, F.ATTRPATH), self.snapshot.source.data)
                known = at.known and node == above.child_by_field_id(F.EXPRESSION)
                option = (*path, *at.option)
                yield from self._bound(
                    above, replace(at, element=at.element or node, known=known, option=option)
                )
                return
            at = self._through(above, node, at)
            node = above
        prefix = self.places.get(node, ())
        if at.option[: len(prefix)] == prefix:
            yield replace(at, option=at.option[len(prefix) :])

    def _bound(self, binding: Node, at: Arrival) -> Iterator[Arrival]:
        """On from a binding: up from the set that it is in, or on from the uses of its name."""
        above = holder(binding)
        if above.kind_id != K.LET:
            yield from self.up(above, at)
            return
        name, *rest = at.option
        definition = None if name is None else self.scope.lookup(name, binding)
        if definition is None or definition.scope != above or binding.start_byte in self.seen:
            return
        self.seen.add(binding.start_byte)
        for use in self.scope.uses(definition):
            after = replace(at, option=tuple(rest), names=(*at.names, use))
            if not rest or inherit_of(use) is not None:
                yield from self.up(use, after)
                continue
            select = use.parent
            while select is not None and select.kind_id == K.PARENTHESIZED:
                select = select.parent
            if select is None or select.kind_id != K.SELECT or unwrapped(field(select, F.EXPRESSION)) != use:
                yield from self.up(use, replace(after, known=False))
                continue
            chosen = static_path(field(select, F.ATTRPATH), self.snapshot.source.data)
            if chosen == tuple(rest[: len(chosen)]):
                yield from self.up(select, replace(after, option=tuple(rest[len(chosen) :])))
        self.seen.discard(binding.start_byte)

    def _through(self, above: Node, node: Node, at: Arrival) -> Arrival:
        """One step up within an expression."""
        kind = above.kind_id
        if kind == K.PARENTHESIZED or (kind == K.BINARY and field(above, F.OPERATOR).type in ("++", "//")):
            return at
        if above in self.heads or (kind in _OPEN and node == above.child_by_field_id(F.BODY)):
            return at
        if kind == K.IF and node != above.child_by_field_id(F.CONDITION):
            return replace(at, conditions=(*at.conditions, above))
        if kind == K.LIST:
            if at.listed:
                return replace(at, known=at.known and not at.given)
            return replace(at, element=at.element or node, listed=True)
        if kind == K.APPLY:
            return self._called(above, node, at)
        if kind == K.SELECT and node == above.child_by_field_id(F.EXPRESSION) and not at.listed:
            path = static_path(field(above, F.ATTRPATH), self.snapshot.source.data)
            return at if set(path) <= CHANGING and not at.names else replace(at, known=False)
        return replace(at, known=False)

    def _called(self, call: Node, node: Node, at: Arrival) -> Arrival:
        """What a function makes of its argument."""
        if node == call.child_by_field_id(F.FUNCTION):
            return at
        function = called(self.snapshot, call)
        if function == "attrValues" and len(at.option) == 1:
            return replace(at, option=(), listed=True)
        if function in _CONDITIONAL:
            if unwrapped(field(call, F.FUNCTION)).kind_id != K.APPLY:
                return replace(at, known=False)  # it is the condition
            at = replace(at, conditions=(*at.conditions, call))
        if at.listed or at.option:
            return replace(at, given=True) if function not in _PASSING else at
        if function == "optional":
            return replace(at, element=at.element or node, listed=True)
        return replace(at, known=False)


def _heads(node: Node) -> Iterator[Node]:
    """The functions that a module is the body of."""
    node = core(node)
    while node.kind_id == K.FUNCTION:
        yield node
        node = core(field(node, F.BODY))


def inherit_of(node: Node) -> Node | None:
    """The `inherit` that lists a name; None where the node is no such name."""
    above = node.parent
    return above.parent if above is not None and above.kind_id == K.INHERITED_ATTRS else None
