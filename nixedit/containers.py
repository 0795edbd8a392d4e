"""Nix sets, lists and function heads as Python containers: they compute edits and own no state."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, MutableMapping, MutableSequence
from typing import Any, cast, overload

import tree_sitter

from nixedit.attrpath import join, names_of, quote
from nixedit.errors import AttrExistsError, MissingAttrError, NotStaticError
from nixedit.grammar import F, K
from nixedit.handles import Comments, Host, Node, placed
from nixedit.layout.code import Code
from nixedit.operations import ops
from nixedit.syntax.layers import Found, Layers, Names, Undecided, core, layers_of, lookup
from nixedit.syntax.nodes import elements, field, formals
from nixedit.syntax.sets import set_index
from nixedit.syntax.snapshot import span_of
from nixedit.syntax.values import names_in, set_to_python
from nixedit.text import Span, decode

Key = str | tuple[str, ...]


class AttrSet(MutableMapping[Key, Any]):
    """A set of attributes: a view of all the bindings that make it up, however they are spelled.

    A `str` key is a Nix attribute path (`'boot.kernel.sysctl."net.ipv4.ip_forward"'`), a tuple holds
    exact names. Iteration gives the first names, spelled so that they can be used as keys. Attributes
    with computed names are listed by `dynamic` and never matched.
    """

    __slots__ = ("_anchor", "_document", "_functions", "_names", "_root")

    def __init__(self, document: Host, anchor: Node, names: Names = (), functions: bool = False) -> None:
        self._document = document
        self._anchor = anchor
        self._names = names
        self._functions = functions
        self._root: tuple[int, Layers] | None = None

    # -- where it is --------------------------------------------------------------------------

    @property
    def layers(self) -> Layers:
        """The written sets that make it up, in the current tree.

        Raises:
            MissingAttrError: it was removed.
            NotStaticError: it is a computed value.
        """
        root = layers_of(self._anchor.node, self._functions)
        if not self._names:
            return root
        found = self._look(root, self._names)
        if not found.layers:
            raise NotStaticError(f"`{join(self._names)}` is no written set", path=self._document.path)
        return found.layers

    @property
    def pieces(self) -> list[Node]:
        """The nodes that it is written in: sets, or bindings with a dotted path."""
        snapshot = self._document.snapshot
        result = []
        for layer in self.layers:
            for place in layer.places:
                if not place.prefix:
                    result.append(place.node)
                    continue
                own = set_index(snapshot, place.node).named(place.prefix[0])
                depth = len(place.prefix)
                result += [entry.binding for entry in own if entry.names[:depth] == place.prefix]
        return [Node(self._document, node) for node in sorted(result, key=lambda node: node.start_byte)]

    @property
    def _whole(self) -> Node:
        pieces = self.pieces
        if len(pieces) != 1 or pieces[0].kind == "binding":
            spans = ", ".join(f"line {piece.line}" for piece in pieces)
            raise NotStaticError(
                f"`{join(self._names)}` is spread over several bindings ({spans}): see .pieces",
                path=self._document.path,
                source=self._document.snapshot.source,
                span=pieces[0].span,
            )
        return pieces[0]

    @property
    def span(self) -> Span:
        """Where the set stands (0-based bytes).

        Raises:
            NotStaticError: it is not written in one piece.
        """
        return self._whole.span

    @property
    def line(self) -> int:
        """The line it begins on, 1-based."""
        return self._whole.line

    @property
    def column(self) -> int:
        """The column it begins in, 1-based, in characters."""
        return self._whole.column

    @property
    def kind(self) -> str:
        """The node's type in the grammar."""
        return self._whole.kind

    @property
    def text(self) -> str:
        """The set's text."""
        return self._whole.text

    @property
    def comments(self) -> Comments:
        """The comments that belong to its binding."""
        return self._whole.comments

    @property
    def dynamic(self) -> list[Node]:
        """The bindings whose names are computed."""
        snapshot = self._document.snapshot
        places = [place for layer in self.layers for place in layer.places if not place.prefix]
        found = [entry for place in places for entry in set_index(snapshot, place.node).dynamic]
        return [Node(self._document, entry.binding) for entry in found]

    def to_python(self) -> dict[str, Any]:
        """The set as a dict.

        Raises:
            NotStaticError: a name or a value in it depends on evaluation.
        """
        return placed(self._document, lambda: set_to_python(self._document.snapshot, self.layers))

    # -- reading ------------------------------------------------------------------------------

    def _look(self, layers: Layers, names: Names) -> Found:
        try:
            found = lookup(self._document.snapshot, layers, names)
        except Undecided as undecided:
            raise NotStaticError(
                f"`{join(names)}` may come from this computed set",
                path=self._document.path,
                source=self._document.snapshot.source,
                span=span_of(undecided.node),
            ) from None
        if found is None:
            raise MissingAttrError(f"no attribute `{join(names)}`", path=self._document.path)
        return found

    def __getitem__(self, key: Key) -> Any:
        """The value: an `AttrSet`, a `ListExpr`, or a `Node` for anything else.

        Raises:
            MissingAttrError: there is none.
            NotStaticError: it cannot be known without evaluation.
        """
        names = names_of(key)
        found = self._look(self.layers, names)
        if found.layers:
            return AttrSet(self._document, self._anchor, (*self._names, *names), self._functions)
        if found.entry is None:
            raise AssertionError("an attribute without bindings")
        node = found.entry.value or found.entry.attr
        return wrap(self._document, cast(tree_sitter.Node, node))

    def __contains__(self, key: object) -> bool:
        if not isinstance(key, str | tuple):
            return False
        try:
            self._look(self.layers, names_of(key))
        except MissingAttrError:
            return False
        return True

    def __iter__(self) -> Iterator[str]:
        names = placed(self._document, lambda: names_in(self._document.snapshot, self.layers))
        return map(quote, names)

    def __len__(self) -> int:
        return len(placed(self._document, lambda: names_in(self._document.snapshot, self.layers)))

    # -- editing ------------------------------------------------------------------------------

    def _edited(self) -> tuple[Layers, Names]:
        """The set that edits begin in, looked up once per revision, and the path to this one."""
        if self._root is None or self._root[0] != self._document.revision:
            layers = layers_of(self._anchor.node, self._functions)
            self._root = self._document.revision, layers
        return self._root[1], self._names

    def __setitem__(self, key: Key, value: Any) -> None:
        """Bind a path; parents that are missing are written in the spelling of the siblings.

        Raises:
            NotStaticError: a parent is a computed value.
            InvalidEditError: the value is not one expression.
        """
        self.set(key, value)

    def set(
        self,
        key: Key,
        value: Any,
        comment: Iterable[str] = (),
        before: str | None = None,
        *,
        apart: bool = True,
    ) -> None:
        """Bind a path, as `self[key] = value`.

        Args:
            key: an attribute path, or a tuple of names.
            value: `expr(…)` for code, or a Python value.
            comment: lines, without `#`, that go above a new binding.
            before: the name of a binding that a new one goes in front of.
            apart: whether a blank line goes between the two; else only where the others have one.

        Raises:
            NotStaticError: a parent is a computed value.
            InvalidEditError: the value is not one expression.
        """
        layers, prefix = self._edited()
        names = (*prefix, *names_of(key))
        self._document.record(ops.SetAttr(layers, names, value, tuple(comment), before, apart))

    def add(self, key: Key, value: Any) -> None:
        """Bind a path that is not bound yet.

        Raises:
            AttrExistsError: it is.
        """
        if key in self:
            raise AttrExistsError(f"`{join(names_of(key))}` is there already", path=self._document.path)
        self.set(key, value)

    def __delitem__(self, key: Key) -> None:
        """Remove an attribute in all its spellings, with the comments that belong to it.

        Raises:
            MissingAttrError: there is none.
        """
        layers, prefix = self._edited()
        self._document.record(ops.DeleteAttr(layers, (*prefix, *names_of(key))))

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, AttrSet):
            return NotImplemented
        return (self._document, self._anchor, self._names) == (other._document, other._anchor, other._names)

    __hash__ = None  # type: ignore[assignment]  # a mutable mapping, as dict

    def __repr__(self) -> str:
        return f"<AttrSet {join(self._names) or 'of the file'}>"


class ListExpr(Node, MutableSequence[Any]):
    """A written list. Elements are `Node`, `AttrSet` or `ListExpr`; new ones are code or Python values."""

    __slots__ = ()

    def _elements(self) -> list[tree_sitter.Node]:
        return elements(self.node)

    @overload
    def __getitem__(self, index: int) -> Any: ...

    @overload
    def __getitem__(self, index: slice) -> MutableSequence[Any]: ...

    def __getitem__(self, index: int | slice) -> Any:
        if isinstance(index, slice):
            return [wrap(self._document, node) for node in self._elements()[index]]
        return wrap(self._document, self._elements()[index])

    def __len__(self) -> int:
        return len(self._elements())

    def __setitem__(self, index: Any, value: Any) -> None:
        """Replace one element.

        Raises:
            TypeError: the index is a slice.
        """
        if isinstance(index, slice):
            raise TypeError("slices of a Nix list cannot be assigned")
        self._document.record(ops.Replace(self._elements()[index], value))

    def __delitem__(self, index: Any) -> None:
        """Remove elements, with the comments that belong to them."""
        count = len(self)
        chosen = range(count)[index] if isinstance(index, slice) else [range(count)[index]]
        for number in chosen:
            self._document.record(ops.RemoveItem(self.node, self._elements()[number]))
            if self._revision != self._document.revision and isinstance(index, slice):
                raise TypeError("slices are removed within an edit() block only")

    def insert(self, index: int, value: Any) -> None:
        """Put an element in front of the one with that index."""
        position = slice(index, None).indices(len(self))[0]
        self._document.record(ops.InsertElement(self.node, position - 1, value))

    def index(self, value: Any, start: int = 0, stop: int | None = None) -> int:
        """The index of the first element that is that code (`expr`), or that value.

        Raises:
            ValueError: there is none.
        """
        for number in range(*slice(start, stop).indices(len(self))):
            if _is(self[number], value):
                return number
        raise ValueError(f"{value!r} is not in the list")

    def __contains__(self, value: object) -> bool:
        return any(_is(element, value) for element in self)

    def __iter__(self) -> Iterator[Any]:
        return iter([wrap(self._document, node) for node in self._elements()])

    def discard(self, value: Any) -> bool:
        """Remove the first element that is that code or value; whether there was one."""
        for number, element in enumerate(self):
            if _is(element, value):
                del self[number]
                return True
        return False


def _is(element: Any, value: Any) -> bool:
    if isinstance(value, Code):
        return bool(element.text.split() == value.text.split())
    if isinstance(value, Node):
        return bool(element == value)
    try:
        static = element.to_python()
    except NotStaticError:
        return False
    return type(static) is type(value) and bool(static == value)


class Formals(Node):
    """The formals of a function head, `{ self, nixpkgs, ... }`."""

    __slots__ = ()

    @property
    def names(self) -> list[str]:
        """The names, in order, without the ellipsis."""
        snapshot = self._document.snapshot
        return [decode(snapshot.text(field(formal, F.NAME))) for formal in formals(self.node)]

    @property
    def ellipsis(self) -> bool:
        """Whether other arguments are accepted, `...`."""
        return any(child.kind_id == K.ELLIPSES for child in self.node.children)

    @property
    def universal(self) -> str | None:
        """The name of the whole argument, `@name`, or None."""
        head = cast(tree_sitter.Node, self.node.parent)
        name = head.child_by_field_id(F.UNIVERSAL)
        return None if name is None else decode(self._document.snapshot.text(name))

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __iter__(self) -> Iterator[str]:
        return iter(self.names)

    def __len__(self) -> int:
        return len(self.names)

    def add(self, name: str, default: Any = ...) -> None:
        """Add a formal behind the last one.

        Args:
            name: its name.
            default: its default as code or Python value; left out for none.

        Raises:
            AttrExistsError: there is one of that name.
        """
        if default is ...:
            self._document.record(ops.AddFormal(self.node, name))
        else:
            self._document.record(ops.AddFormal(self.node, name, default, True))

    def remove(self, name: str) -> None:
        """Remove a formal, with the comments that belong to it.

        Raises:
            MissingAttrError: there is none of that name.
        """
        self._document.record(ops.RemoveFormal(self.node, name))

    def bind(self, name: str) -> None:
        """Give the whole argument a name.

        Raises:
            AttrExistsError: it has one.
        """
        self._document.record(ops.BindUniversal(cast(tree_sitter.Node, self.node.parent), name))


def wrap(document: Host, node: tree_sitter.Node) -> Any:
    """A node as the container that it is: `AttrSet`, `ListExpr`, `Formals`, or `Node`."""
    if node.kind_id == K.FORMALS:
        return Formals(document, node)
    inner = core(node)
    if inner.kind_id == K.LIST:
        return ListExpr(document, inner)
    if layers_of(node):
        return AttrSet(document, Node(document, node))
    return Node(document, node)


__all__ = ["AttrSet", "Formals", "ListExpr", "wrap"]
