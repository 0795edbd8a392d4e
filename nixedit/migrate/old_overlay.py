"""One old overlay: a file that is nothing else, or a function that is written in a file of other things."""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct
from tree_sitter import Node

from nixedit.grammar import SETS, F, K
from nixedit.migrate.overlay_names import computed_name, computed_names, defined_names, names_of_overlay
from nixedit.resolve.values import FunctionValue, Value
from nixedit.syntax.nodes import field, holder, static_path
from nixedit.syntax.snapshot import Snapshot, span_of
from nixedit.text import Span

# Which old overlay it is: its file, and where it begins there, a 0-based byte; None where it is all of it.
Key = tuple[str, int | None]


class OldOverlay(Struct, frozen=True, eq=False):
    """An overlay that the recipe's take the place of.

    Attributes:
        file: its file, relative to the flake.
        snapshot: the file's text and tree.
        node: the function; None where the whole file is the overlay.
        link: the link by whose name alone the file is one; None where it is one by its own.
        is_apart: whether the file is something else too, by other paths than the link.
    """

    file: str
    snapshot: Snapshot
    node: Node | None = None
    link: str | None = None
    is_apart: bool = False

    @property
    def key(self) -> Key:
        """Which one it is."""
        return self.place, None if self.node is None else self.node.start_byte

    @property
    def place(self) -> str:
        """Its path in the flake: that of the link, where it is one by that."""
        return self.link or self.file

    @property
    def line(self) -> int | None:
        """Its line, 1-based; None for a file."""
        return None if self.node is None else self.snapshot.source.position(self.node.start_byte)[0]

    @property
    def shown(self) -> str:
        """What it is called for people: its file, and its line in a file of other things."""
        return self.place if self.node is None else f"{self.file}:{self.line}"

    @property
    def bound(self) -> tuple[str, ...]:
        """What a written one is bound to, from the outermost set around it on; () for any other."""
        names: tuple[str, ...] = ()
        node = self.node
        while node is not None and node.parent is not None:
            above = node.parent
            if above.kind_id == K.BINDING:
                path = static_path(field(above, F.ATTRPATH), self.snapshot.source.data)
                if None in path:
                    break
                names = (*(part for part in path if part is not None), *names)
                node = holder(above)
                if node.kind_id not in SETS:
                    break
            elif above.kind_id == K.PARENTHESIZED:
                node = above
            else:
                break
        return names

    def is_called(self, word: str) -> bool:
        """Whether a person means a written one by a word: its line, or what it is bound to."""
        bound = self.bound
        return word == str(self.line) or any(".".join(bound[at:]) == word for at in range(len(bound)))

    @property
    def names(self) -> Collection[str]:
        """The packages that it defines."""
        if self.node is None:
            return defined_names(self.snapshot)
        return names_of_overlay(self.snapshot, self.node)

    @property
    def computed(self) -> Node | None:
        """What makes its names unknown without evaluation; None where all are written."""
        if self.node is None:
            return computed_names(self.snapshot)
        return computed_name(self.snapshot, self.node)

    def has(self, file: str, place: Span) -> bool:
        """Whether a place is in it.

        Args:
            file: the place's file, relative to the flake.
            place: the place.
        """
        return file == self.file and (self.node is None or span_of(self.node).contains(place))

    def is_value(self, value: Value) -> bool:
        """Whether a value is this overlay."""
        origin = value.origin
        return isinstance(value, FunctionValue) and origin is not None and self.has(origin.file, origin.span)
