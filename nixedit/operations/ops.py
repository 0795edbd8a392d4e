"""The operations that containers record. Their nodes are those of the snapshot that a commit starts from."""

from __future__ import annotations

from typing import Any

from msgspec import Struct
from tree_sitter import Node

from nixedit.edits import Edit
from nixedit.layout.code import Code
from nixedit.syntax.layers import Layers, Names


class SetAttr(Struct, frozen=True, eq=False):
    """Bind a path to a value in the set that `layers` are.

    Attributes:
        layers: the set that the path begins in.
        names: the path.
        value: code or a Python value.
        comment: lines that go above a new binding, without their `#`.
        before: the name of a binding that a new one goes in front of; None for the usual place.
        dotted: whether a new one has its path written out, also where its siblings are sets.
        stays_on_line: whether a set on one line stays there with a new one, however long it gets, unless the
            layout refills its lines.
    """

    layers: Layers
    names: Names
    value: Any
    comment: tuple[str, ...] = ()
    before: str | None = None
    dotted: bool = False
    stays_on_line: bool = False


class DeleteAttr(Struct, frozen=True, eq=False):
    """Remove all bindings of a path, with the comments that belong to them.

    Attributes:
        layers: the set that the path begins in.
        names: the path.
        floor: sets that are left empty go too, as far as their paths are longer than this many names,
            and what has that many is `{ }` in the end rather than gone; None where empty sets stay.
        kept: where comments start that stay (0-based bytes), though they stand directly above.
    """

    layers: Layers
    names: Names
    floor: int | None = None
    kept: frozenset[int] = frozenset()


class InsertElement(Struct, frozen=True, eq=False):
    """Put an element into a list.

    Attributes:
        node: the list.
        after: the index of the element that it goes behind; -1 for the front.
        value: the element.
        behind: the end of a comment behind that element, which it goes behind too, a 0-based byte; None for
            right behind the element.
        deeper: by how many levels another edit moves the line that the list begins on to the right.
    """

    node: Node
    after: int
    value: Any
    behind: int | None = None
    deeper: int = 0


class RemoveItem(Struct, frozen=True, eq=False):
    """Take an item out of a list, set or let, with the comments that belong to it.

    Attributes:
        node: the list, set or let expression.
        item: the element, or the binding.
    """

    node: Node
    item: Node


class AddFormal(Struct, frozen=True, eq=False):
    """Add a formal behind the last one."""

    node: Node
    name: str
    default: Any = None
    has_default: bool = False


class RemoveFormal(Struct, frozen=True, eq=False):
    """Remove a formal, with the comments that belong to it."""

    node: Node
    name: str


class BindUniversal(Struct, frozen=True, eq=False):
    """Give the whole argument of a function with formals a name, `{ … }@name:`."""

    node: Node
    name: str


class Replace(Struct, frozen=True, eq=False):
    """Put another expression in an expression's place."""

    node: Node
    value: Any


class Rename(Struct, frozen=True, eq=False):
    """Give an attribute another name.

    Attributes:
        node: the attribute: an identifier, a string or `${…}` of an attribute path.
        name: the new name; quoted where it must be.
    """

    node: Node
    name: str


class Surround(Struct, frozen=True, eq=False):
    """Make an expression part of a larger one by code in front of it and behind it.

    Attributes:
        node: the expression.
        before: the code in front of it, with the blank behind it.
        after: the code behind it, with the blank in front of it.
        outer: the kind id of the expression that results.
    """

    node: Node
    before: bytes
    after: bytes
    outer: int


class Unwrap(Struct, frozen=True, eq=False):
    """Put a part of an expression in the whole expression's place, `let in x` to `x`."""

    node: Node
    inner: Node


class Splice(Struct, frozen=True, eq=False):
    """Prepared edits, which say themselves what they bring in."""

    edits: tuple[Edit, ...]


Operation = (
    SetAttr | DeleteAttr | InsertElement | RemoveItem | AddFormal | RemoveFormal | BindUniversal
    | Rename | Replace | Splice | Surround | Unwrap
)  # fmt: skip

__all__ = [
    "AddFormal", "BindUniversal", "Code", "DeleteAttr", "InsertElement", "Operation", "RemoveItem",
    "RemoveFormal", "Rename", "Replace", "SetAttr", "Splice", "Surround", "Unwrap",
]  # fmt: skip
