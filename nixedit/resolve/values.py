"""Values as far as they are known: each knows where it is written, and says so where it cannot be known.

Nothing is evaluated before it is asked for. A `Value` of which no more than its origin is known is `Unknown`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from msgspec import Struct, field
from tree_sitter import Node

from nixedit.resolve.environment import Environment
from nixedit.resolve.later import Later, now
from nixedit.syntax.layers import Layers
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import Span

__all__ = [
    "Call",
    "CopiedPath",
    "Extended",
    "External",
    "FunctionValue",
    "InputPath",
    "InputsValue",
    "Later",
    "ListValue",
    "Literal",
    "Native",
    "Origin",
    "Part",
    "PathValue",
    "SelfValue",
    "SetValue",
    "Unknown",
    "Value",
    "list_of",
    "more_of",
    "now",
    "text_of",
]


# What is said of a value where nothing better is known.
COMPUTED = "its value is computed"
# More elements, or characters: it doubles itself.
_LONGEST = 100_000


class Origin(Struct, frozen=True, eq=False):
    """Where a value is written, and what the arguments of the functions around it are.

    Attributes:
        file: the file, relative to the flake.
        snapshot: its text and tree.
        node: the expression.
        arguments: the arguments of the functions that the node stands in.
    """

    file: str
    snapshot: Snapshot
    node: Node
    arguments: Environment

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


class Value(Struct, frozen=True, eq=False):
    """Base of all values.

    Attributes:
        origin: where it is written; None for what Nix or an input brings.
    """

    origin: Origin | None


class Unknown(Value, frozen=True):
    """A value that is not known without evaluation.

    Attributes:
        reason: why, in a few words.
        bounded: whether nothing is unknown but which of the values shown beside it are really there.
    """

    reason: str = COMPUTED
    bounded: bool = False

    @classmethod
    def because(cls, value: Value, origin: Origin | None, reason: str) -> Unknown:
        """What is not known since something else is not.

        Args:
            value: that.
            origin: where it matters.
            reason: what to say where no more is known of the reason.
        """
        told = isinstance(value, Unknown) and value.reason != COMPUTED
        return cls(origin, value.reason if told and isinstance(value, Unknown) else reason)


class CopiedPath(Unknown, frozen=True):
    """A path of the flake in a string, `"${./hosts}/x"`: it can be looked at, but is in the store by itself.

    Attributes:
        original: the text of the path that it is a copy of, relative to the flake.
    """

    original: str = "."


class Literal(Value, frozen=True):
    """A string, a number, a boolean or null."""

    value: Any


class PathValue(Value, frozen=True):
    """A path, or a string that is one.

    Attributes:
        path: relative to the flake, `.` being the flake itself; None if it lies outside of it.
        is_text: whether it is a string.
        slash: whether that string ends with a slash, which `path` leaves out.
    """

    path: str | None
    is_text: bool = False
    slash: bool = False


class InputPath(PathValue, frozen=True):
    """A path in an input, as a string: outside of the flake.

    Attributes:
        source: the input's name.
        rest: what stands behind the input's own path, `/nixos/lib/eval-config.nix`.
    """

    source: str = ""
    rest: str = ""


class External(Value, frozen=True):
    """Something that an input, nixpkgs' library or Nix itself brings.

    Attributes:
        names: how it is reached: an input's name, or `builtins`, and what is selected from it.
    """

    names: tuple[str, ...]


class Extended(External, frozen=True):
    """Such a thing with attributes of the flake's own, as `lib.extend` and `lib // { }` make it.

    Attributes:
        attributes: what it was given beside its own.
    """

    attributes: Mapping[str, Later]


class Native(Value, frozen=True):
    """A function that is known by what it does.

    Attributes:
        call: what it gives for an argument.
    """

    call: Callable[[Later], Value]


class FunctionValue(Value, frozen=True):
    """A function that is written in the flake; its origin's node is the `function_expression`."""


class Call(Value, frozen=True):
    """What a function that is not written in the flake gives.

    Attributes:
        function: the function.
        arguments: what it was called with, so far.
    """

    function: External
    arguments: tuple[Later, ...]


class SetValue(Value, frozen=True):
    """A set of attributes.

    Attributes:
        attributes: what is known of it, in order.
        rest: a part of it that is not known, or None when all of it is.
        computed: attributes whose names are not known, by the code of the name.
        spread: the written sets that it is, where it has no expression of its own: it is spread over
            bindings, and its origin is a set that they stand in.
    """

    attributes: Mapping[str, Later]
    rest: Value | None = None
    computed: Mapping[str, Later] = field(default_factory=dict)
    spread: Layers = ()

    @property
    def complete(self) -> bool:
        """Whether the names of all of its attributes are known."""
        return self.rest is None and not self.computed

    def has(self, name: str) -> bool | None:
        """Whether it has an attribute; None where that is not known."""
        return True if name in self.attributes else False if self.complete else None

    def get(self, name: str) -> Value | None:
        """What a name is bound to; None if it is not; `Unknown` if it may be."""
        found = self.attributes.get(name)
        if found is not None:
            return found.get()
        if self.complete:
            return None
        origin = self.origin if self.rest is None else self.rest.origin
        return Unknown(origin, f"`{name}` may come from here")


class InputsValue(SetValue, frozen=True):
    """The set of the flake's inputs, `self` among them."""

    def get(self, name: str) -> Value:
        """The input of that name, also where none is declared: Nix would find nothing, and stop."""
        found = self.attributes.get(name)
        return External(None, (name,)) if found is None else found.get()


class SelfValue(SetValue, frozen=True):
    """The flake itself: its outputs, and `inputs`, `outputs` and what Nix adds."""


class Part(Struct, frozen=True, eq=False):
    """A piece of a list.

    Attributes:
        elements: the values of its elements.
        origin: the written list that they stand in, or what an unknown piece is; None for made ones.
        known: whether the elements are all there is of this piece.
        limited: whether nothing else of this flake can be in a piece that is not known.
    """

    elements: Sequence[Later]
    origin: Origin | None
    known: bool = True
    limited: bool = False

    @property
    def bounded(self) -> bool:
        """Whether of this flake there is no more than the elements, if these are there at all."""
        return self.known or self.limited


class ListValue(Value, frozen=True):
    """A list, in the pieces that `++` joins."""

    parts: Sequence[Part]

    @property
    def known(self) -> bool:
        """Whether all of its elements are known to be there."""
        return all(part.known for part in self.parts)

    @property
    def bounded(self) -> bool:
        """Whether it has no elements of this flake beside those that it shows."""
        return all(part.bounded for part in self.parts)

    def elements(self) -> Iterator[Value]:
        """The elements that are known, in order."""
        for part in self.parts:
            for element in part.elements:
                yield element.get()


def list_of(origin: Origin | None, parts: Sequence[Part]) -> Value:
    """A list of some pieces; `Unknown` where it would be longer than anybody writes one."""
    if sum(len(part.elements) + 1 for part in parts) > _LONGEST:
        return Unknown(origin, "the list is too long")
    return ListValue(origin, parts)


def more_of(value: Value, origin: Origin | None = None) -> Part:
    """The piece that something is which is no known list: what an input brings has nothing of this flake."""
    return Part((), value.origin or origin, known=False, limited=isinstance(value, External))


def text_of(origin: Origin | None, text: str) -> Value:
    """A string; `Unknown` where it would be longer than anybody writes one."""
    return Literal(origin, text) if len(text) <= _LONGEST else Unknown(origin, "the string is too long")
