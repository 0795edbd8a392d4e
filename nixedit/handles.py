"""`Node`: a place in a document that is found again after edits."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

import tree_sitter
from msgspec import Struct

from nixedit.errors import NixEditError, StaleNodeError
from nixedit.operations import ops
from nixedit.syntax.snapshot import Snapshot, find_node, span_of
from nixedit.syntax.trivia import comments_of
from nixedit.syntax.values import to_python
from nixedit.text import Source, Span, decode

if TYPE_CHECKING:
    from os import PathLike

T = TypeVar("T")


class Host(Protocol):
    """What a handle needs of the document it belongs to."""

    path: str | PathLike[str] | None

    @property
    def snapshot(self) -> Snapshot:
        """The current text and tree."""
        ...

    @property
    def revision(self) -> int:
        """How many commits and undos there were."""
        ...

    def moved(self, span: Span, revision: int) -> Span | None:
        """Where a span of an earlier revision stands now."""
        ...

    def record(self, operation: ops.Operation) -> None:
        """Take an operation."""
        ...


class Comments(Struct, frozen=True):
    """The comments that belong to an item, as they are written (`# …` or `/* … */`).

    Attributes:
        leading: those on the lines directly above it.
        trailing: those behind it on its last line.
    """

    leading: tuple[str, ...]
    trailing: tuple[str, ...]


def placed(document: Host, question: Callable[[], T]) -> T:
    """Ask, and give an error the document's path and text if it has none yet."""
    try:
        return question()
    except NixEditError as error:
        if error.path is None and document.path is not None:
            error.path = str(document.path)
        raise


class Node:
    """A node of a document's tree.

    It keeps its place through later edits. Once its own bytes are edited away, every question to it
    raises `StaleNodeError`.
    """

    __slots__ = ("_document", "_found", "_kind", "_revision", "_span")

    def __init__(self, document: Host, node: tree_sitter.Node) -> None:
        self._document = document
        self._revision = document.revision
        self._span = span_of(node)
        self._kind = node.kind_id
        self._found: tree_sitter.Node | None = node

    @property
    def node(self) -> tree_sitter.Node:
        """Tree-sitter's node in the document's current tree.

        Raises:
            StaleNodeError: its own bytes were edited away.
        """
        document = self._document
        if self._found is None or self._revision != document.revision:
            span = document.moved(self._span, self._revision)
            found = None if span is None else find_node(document.snapshot.root, span, self._kind)
            if span is None or found is None:
                raise StaleNodeError("the node was edited away", path=document.path)
            self._revision, self._span, self._found = document.revision, span, found
        return self._found

    @property
    def span(self) -> Span:
        """Where it stands: 0-based bytes."""
        return span_of(self.node)

    @property
    def line(self) -> int:
        """The line it begins on, 1-based."""
        return self._source.position(self.span.start)[0]

    @property
    def column(self) -> int:
        """The column it begins in, 1-based, in characters."""
        return self._source.position(self.span.start)[1]

    @property
    def kind(self) -> str:
        """The node's type in the grammar, `list_expression`."""
        return self.node.type

    @property
    def text(self) -> str:
        """Its text; bytes that are not UTF-8 come as surrogates."""
        return decode(self._document.snapshot.text(self.node))

    @property
    def comments(self) -> Comments:
        """The comments that belong to the binding, element or formal that it stands in."""
        leading, trailing = comments_of(self._document.snapshot, self.node)
        source = self._source
        return Comments(
            tuple(decode(source.slice(span)) for span in leading),
            tuple(decode(source.slice(span)) for span in trailing),
        )

    @property
    def parent(self) -> Node | None:
        """The node it is a child of; None for the root."""
        above = self.node.parent
        return None if above is None else Node(self._document, above)

    @property
    def children(self) -> list[Node]:
        """Its named children, comments included, in order."""
        return [Node(self._document, child) for child in self.node.named_children]

    def to_python(self) -> Any:
        """The value of a literal as None, bool, int, float, str, list or dict.

        Raises:
            NotStaticError: the value depends on evaluation.
        """
        return placed(self._document, lambda: to_python(self._document.snapshot, self.node))

    def replace(self, value: Any) -> None:
        """Put another expression in its place.

        Args:
            value: `expr(…)` for code, or a Python value.

        Raises:
            InvalidEditError: the result would not be what was asked for.
        """
        self._document.record(ops.Replace(self.node, value))

    @property
    def _source(self) -> Source:
        return self._document.snapshot.source

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Node) or self._document is not other._document:
            return False
        return (self.span, self._kind) == (other.span, other._kind)

    def __hash__(self) -> int:
        return hash((id(self._document), self._kind))

    def __repr__(self) -> str:
        try:
            return f"<{type(self).__name__} {self.kind} at {self.line}:{self.column}>"
        except StaleNodeError:
            return f"<{type(self).__name__} edited away>"
