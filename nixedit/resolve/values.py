"""Values as far as they are known: each knows where it is written, and says so where it cannot be known.

Nothing is evaluated before it is asked for. A `Value` of which no more than its origin is known is `Unknown`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from attrs import define, field, frozen
from tree_sitter import Node

from nixedit.syntax.snapshot import Snapshot
from nixedit.text import Span


@frozen(eq=False)
class Origin:
    """Where a value is written, and what the arguments of the functions around it are.

    Attributes:
        file: the file, relative to the flake.
        snapshot: its text and tree.
        node: the expression.
        arguments: the arguments of the functions that the node stands in, by the id of each function.
    """

    file: str
    snapshot: Snapshot
    node: Node
    arguments: Mapping[int, Later]

    def at(self, node: Node) -> Origin:
        """Another expression of the same file, under the same arguments."""
        return Origin(self.file, self.snapshot, node, self.arguments)

    @property
    def span(self) -> Span:
        """Where it stands in its file, 0-based bytes."""
        return Span(self.node.start_byte, self.node.end_byte)

    @property
    def line(self) -> int:
        """The line it begins on, 1-based."""
        return self.snapshot.source.position(self.node.start_byte)[0]


@frozen(eq=False)
class Value:
    """Base of all values.

    Attributes:
        origin: where it is written; None for what Nix or an input brings.
    """

    origin: Origin | None


@frozen(eq=False)
class Unknown(Value):
    """A value that is not known without evaluation.

    Attributes:
        reason: why, in a few words.
    """

    reason: str = "its value is computed"


@frozen(eq=False)
class Literal(Value):
    """A string, a number, a boolean or null."""

    value: Any


@frozen(eq=False)
class PathValue(Value):
    """A path.

    Attributes:
        path: relative to the flake; None if it lies outside of it.
    """

    path: str | None


@frozen(eq=False)
class External(Value):
    """Something that an input, nixpkgs' library or Nix itself brings.

    Attributes:
        names: how it is reached: an input's name, or `builtins`, and what is selected from it.
    """

    names: tuple[str, ...]


@frozen(eq=False)
class Extended(External):
    """Such a thing with attributes of the flake's own, as `lib.extend` and `lib // { }` make it.

    Attributes:
        attributes: what it was given beside its own.
    """

    attributes: Mapping[str, Later]


@frozen(eq=False)
class Native(Value):
    """A function that is known by what it does.

    Attributes:
        call: what it gives for an argument.
    """

    call: Callable[[Later], Value]


@frozen(eq=False)
class FunctionValue(Value):
    """A function that is written in the flake; its origin's node is the `function_expression`."""


@frozen(eq=False)
class Call(Value):
    """What a function that is not written in the flake gives.

    Attributes:
        function: the function.
        arguments: what it was called with, so far.
    """

    function: External
    arguments: tuple[Later, ...]


@define(eq=False)
class Later:
    """A value that is computed when it is first asked for."""

    compute: Callable[[], Value]
    _value: Value | None = field(default=None, init=False)
    _busy: bool = field(default=False, init=False)

    def get(self) -> Value:
        """The value; `Unknown` where it depends on itself."""
        if self._value is None:
            if self._busy:
                return Unknown(None, "it depends on itself")
            self._busy = True
            try:
                self._value = self.compute()
            finally:
                self._busy = False
        return self._value


@frozen(eq=False)
class SetValue(Value):
    """A set of attributes.

    Attributes:
        attributes: what is known of it, in order.
        rest: a part of it that is not known, or None when all of it is.
        computed: attributes whose names are not known, by the code of the name.
    """

    attributes: Mapping[str, Later]
    rest: Value | None = None
    computed: Mapping[str, Later] = field(factory=dict)

    def get(self, name: str) -> Value | None:
        """What a name is bound to; None if it is not; `Unknown` if it may be."""
        found = self.attributes.get(name)
        if found is not None:
            return found.get()
        if self.rest is None and not self.computed:
            return None
        origin = self.origin if self.rest is None else self.rest.origin
        return Unknown(origin, f"`{name}` may come from here")


@frozen(eq=False)
class Part:
    """A piece of a list.

    Attributes:
        elements: the values of its elements.
        origin: the written list that they stand in, or what an unknown piece is; None for made ones.
        known: whether the elements are all there is of this piece.
    """

    elements: Sequence[Later]
    origin: Origin | None
    known: bool = True


@frozen(eq=False)
class ListValue(Value):
    """A list, in the pieces that `++` joins."""

    parts: Sequence[Part]

    @property
    def known(self) -> bool:
        """Whether all of its elements are known to be there."""
        return all(part.known for part in self.parts)

    def elements(self) -> Iterator[Value]:
        """The elements that are known, in order."""
        for part in self.parts:
            for element in part.elements:
                yield element.get()


def now(value: Value) -> Later:
    """A value that is known already, as one for later."""
    return Later(lambda: value)
