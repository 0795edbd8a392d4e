"""What a name means within one file, as Nix resolves it: by `with` only if nothing else binds it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct
from tree_sitter import Node, Query, QueryCursor

from nixedit.grammar import LANGUAGE, F, K
from nixedit.syntax.entries import Entry
from nixedit.syntax.layers import Layers, Place, named
from nixedit.syntax.layers import entries as entries_of
from nixedit.syntax.nodes import field, formals, static_name
from nixedit.syntax.scope_frames import Frame, Group, frames_at
from nixedit.syntax.scope_globals import GLOBALS, POSITION
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import decode

_USES = Query(
    LANGUAGE,
    "(variable_expression) @variable (inherit attrs: (inherited_attrs attr: (_) @attr))",
)
_MEMO = -2  # no node has this id
_LOCAL = frozenset({"let", "formal", "universal"})
_KINDS = {K.LET: "let", K.LET_ATTRSET: "let-attrset"}


class Definition(Struct, frozen=True):
    """What a name is bound by.

    Attributes:
        kind: `let`, `rec` or `let-attrset` (a binding of one), `inherit` (a name that one of these
            inherits), `formal`, `universal` (the `@` name, or `x` in `x:`), `with`, or `builtin`.
        name: the name.
        scope: the construct that binds it; None for a builtin.
        node: the name where it is bound: an attribute path, an inherited name, an identifier; None for
            `with` and builtins.
        value: the expression it is bound to as a whole, or a formal's default; None where there is none
            (an inherited name, a set spread over dotted bindings, an argument).
        entries: the bindings or the inherited name; several where a set is spread over them.
        places: the written sets that the entries stand in, for names bound in a set or `let`.
        source: for `inherit (e) x`, the expression e.
        environments: for `with`, the sets that may have the name, the one that is asked first first.
    """

    kind: str
    name: str
    scope: Node | None = None
    node: Node | None = None
    value: Node | None = None
    entries: tuple[Entry, ...] = ()
    places: tuple[Place, ...] = ()
    source: Node | None = None
    environments: tuple[Node, ...] = ()


class Names(Mapping[str, Definition]):
    """The names that the file's own constructs bind at one place; Nix's global names are not among them.

    Attributes:
        withs: the environments of the `with`s around, innermost first.
    """

    def __init__(self, found: dict[str, Definition], withs: tuple[Node, ...]) -> None:
        self._found = found
        self.withs = withs

    def __getitem__(self, name: str) -> Definition:
        return self._found[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._found)

    def __len__(self) -> int:
        return len(self._found)


class Scope:
    """The names of one file. Nothing is computed before it is asked for."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self._uses: dict[str, list[Node]] | None = None

    @classmethod
    def of(cls, snapshot: Snapshot) -> Scope:
        """The scope of a snapshot, made once."""
        found = snapshot.memo.get(_MEMO)
        if not isinstance(found, Scope):
            found = snapshot.memo[_MEMO] = cls(snapshot)
        return found

    def resolve(self, node: Node) -> Definition | None:
        """What a variable means; None where Nix would call it undefined, or where the node is no variable.

        Args:
            node: a `variable_expression`, or a name that a plain `inherit` lists (which means what the
                name means outside of the set that it goes into).
        """
        name = self.name(node)
        return None if name is None else self.lookup(name, node)

    def lookup(self, name: str, at: Node) -> Definition | None:
        """What a name would mean if it were written in the place of a node; None if it is undefined there.

        Args:
            name: the name.
            at: an expression (or a part of one); the names that it binds itself do not count.
        """
        if name == POSITION:
            return Definition("builtin", name)
        frames = frames_at(self.snapshot, at)
        for frame in reversed(frames):
            found = self._bound(frame, name)
            if found is not None:
                return found
        if name in GLOBALS:
            return Definition("builtin", name)
        environments = _withs(frames)
        return Definition("with", name, environments=environments) if environments else None

    def names_at(self, node: Node) -> Names:
        """The names in scope where a node stands; of two definitions of one name the closer one."""
        frames = frames_at(self.snapshot, node)
        found: dict[str, Definition] = {}
        for frame in reversed(frames):
            for name in self._names(frame):
                if name not in found:
                    definition = self._bound(frame, name)
                    if definition is not None:
                        found[name] = definition
        return Names(found, _withs(frames))

    def value_of(self, node: Node) -> Node:
        """The expression that a node stands for, as far as the file itself says.

        Followed are parentheses, the bodies of `let`, `with` and `assert`, names bound by `let` or a `rec`
        set, inherited names, and selections from written sets. Formals, what comes from `with`, calls, and
        sets that are spread over several bindings are not: the answer is the last node on the way, which
        can be a name of an `inherit`.
        """
        from nixedit.syntax.scope_values import Follower

        return Follower(self).value(node)

    def set_of(self, node: Node) -> Layers:
        """The written set that a node stands for, also one spread over several bindings; () if it is none."""
        from nixedit.syntax.scope_values import Follower

        return Follower(self).layers(node)

    def uses(self, definition: Definition) -> list[Node]:
        """Every variable, and every name that a plain `inherit` lists, that means a definition; in order."""
        scope = definition.scope if definition.kind in _LOCAL else None
        return [
            node
            for node in self._by_name().get(definition.name, ())
            if (scope is None or _contains(scope, node)) and self.resolve(node) == definition
        ]

    def named(self, name: str, within: Node | None = None) -> list[Node]:
        """Every variable of a name, and every plain `inherit` of it, whatever it means, in order.

        Args:
            name: the name.
            within: where to look; None for the whole file.
        """
        found = self._by_name().get(name, ())
        return [node for node in found if within is None or _contains(within, node)]

    def name(self, node: Node) -> str | None:
        """The name that a node looks up; None if it looks up none."""
        data = self.snapshot.source.data
        if node.kind_id == K.VARIABLE:
            return decode(data[node.start_byte : node.end_byte])
        listed = node.parent
        if listed is None or listed.kind_id != K.INHERITED_ATTRS:
            return None
        inherit = listed.parent
        return None if inherit is None or inherit.kind_id != K.INHERIT else static_name(node, data)

    def _by_name(self) -> dict[str, list[Node]]:
        if self._uses is None:
            captures = QueryCursor(_USES).captures(self.snapshot.root)
            nodes = captures.get("variable", []) + captures.get("attr", [])
            nodes.sort(key=lambda node: node.start_byte)
            data = self.snapshot.source.data
            self._uses = {}
            for node in nodes:
                variable = node.kind_id == K.VARIABLE
                name = decode(data[node.start_byte : node.end_byte]) if variable else static_name(node, data)
                if name is not None:
                    self._uses.setdefault(name, []).append(node)
        return self._uses

    def _names(self, frame: Frame) -> Iterator[str]:
        if frame.group is not None:
            for place in frame.group.places:
                depth = len(place.prefix)
                for entry in entries_of(self.snapshot, place):
                    name = entry.names[depth]
                    if name is not None:
                        yield name
        elif frame.node.kind_id == K.FUNCTION:
            for node, _ in _arguments(frame.node):
                yield self._text(node)

    def _bound(self, frame: Frame, name: str) -> Definition | None:
        if frame.group is not None:
            return self._in_group(frame.node, frame.group, name)
        if frame.node.kind_id != K.FUNCTION:
            return None
        for node, formal in _arguments(frame.node):
            if self._text(node) == name:
                default = None if formal is None else formal.child_by_field_id(F.DEFAULT)
                return Definition(
                    "universal" if formal is None else "formal", name, frame.node, node, default
                )
        return None

    def _in_group(self, node: Node, group: Group, name: str) -> Definition | None:
        found = [
            (entry, len(entry.names) == len(place.prefix) + 1)
            for place in group.places
            for entry in named(self.snapshot, place, name)
        ]
        if not found:
            return None
        found.sort(key=lambda pair: pair[0].binding.start_byte)
        entries = tuple(entry for entry, _ in found)
        first, whole = found[0]
        if first.attr is not None:
            source = first.binding.child_by_field_id(F.EXPRESSION)
            return Definition("inherit", name, node, first.attr, None, (first,), group.places, source)
        value = first.value if whole and len(entries) == 1 else None
        kind = _KINDS.get(node.kind_id, "rec")
        return Definition(kind, name, node, field(first.binding, F.ATTRPATH), value, entries, group.places)

    def _text(self, node: Node) -> str:
        return decode(self.snapshot.text(node))


def _arguments(function: Node) -> Iterator[tuple[Node, Node | None]]:
    """The names that a function binds, with the formal that each is; None for the `@` name or `x:`."""
    universal = function.child_by_field_id(F.UNIVERSAL)
    if universal is not None:
        yield universal, None
    head = function.child_by_field_id(F.FORMALS)
    if head is not None:
        for formal in formals(head):
            yield field(formal, F.NAME), formal


def _withs(frames: list[Frame]) -> tuple[Node, ...]:
    withs = (frame.node for frame in reversed(frames) if frame.node.kind_id == K.WITH)
    return tuple(field(node, F.ENVIRONMENT) for node in withs)


def _contains(outer: Node, inner: Node) -> bool:
    return outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte
