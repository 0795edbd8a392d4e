"""One state of a file: its bytes and the tree parsed from them. Immutable; thrown away after an edit."""

from __future__ import annotations

from tree_sitter import Node, Tree

from nixedit.edits import EditSet
from nixedit.grammar import parse
from nixedit.syntax.nodes import flattened
from nixedit.text import Source, Span

# Below this size a fresh parse costs less than telling the old tree of the edits.
_SMALL = 4_096
# How many bytes a fresh parse reads in the time that one more edit costs an incremental one.
_BYTES_PER_EDIT = 1_500
_NO_POINT = (0, 0)


class Snapshot:
    """A text and its tree.

    Attributes:
        source: the bytes.
        tree: tree-sitter's tree of them. Its points (rows and columns) are not kept up to date by
            edits: only byte offsets are used.
        old_tree: the tree this one was made from, told of the edits; None after a load.
    """

    __slots__ = ("_insides", "memo", "old_tree", "source", "tree")

    def __init__(self, source: Source, tree: Tree, old_tree: Tree | None = None) -> None:
        self.source = source
        self.tree = tree
        self.old_tree = old_tree
        self.memo: dict[int, object] = {}
        self._insides: dict[int, list[Node]] = {}

    @classmethod
    def of(cls, source: Source) -> Snapshot:
        """Parse a text. Never fails: what is no Nix becomes error nodes."""
        return cls(source, parse(source.data))

    @property
    def root(self) -> Node:
        """The tree's root, `source_code`."""
        return self.tree.root_node

    @property
    def has_error(self) -> bool:
        """Whether the text has a syntax error."""
        return self.tree.root_node.has_error

    def inside(self, node: Node) -> list[Node]:
        """The children of a set, `let`, list or the like, listed once; not to be changed.

        Those of `binding_set` and `inherited_attrs` stand in their place.
        """
        known = self._insides.get(node.id)
        if known is None:
            known = self._insides[node.id] = list(flattened(node))
        return known

    def settle(self) -> None:
        """Let go of what only the comparison with the state before needed."""
        self.old_tree = None
        self._insides.clear()

    def text(self, node: Node) -> bytes:
        """The bytes of a node."""
        return self.source.data[node.start_byte : node.end_byte]

    def edited(self, edits: EditSet) -> Snapshot:
        """The state after some edits: incremental where that is cheaper, else parsed afresh."""
        data = edits.apply(self.source.data)
        old = self.tree.copy()
        shift = 0
        for edit in edits:
            start = edit.start + shift
            new_end = start + len(edit.replacement)
            old.edit(start, edit.end + shift, new_end, _NO_POINT, _NO_POINT, _NO_POINT)
            shift += len(edit.replacement) - (edit.end - edit.start)
        fresh = len(data) < _SMALL or len(edits) * _BYTES_PER_EDIT > len(data)
        return Snapshot(Source(data), parse(data) if fresh else parse(data, old), old)


def span_of(node: Node) -> Span:
    """Where a node stands."""
    return Span(node.start_byte, node.end_byte)


def first_error(root: Node) -> Span:
    """Where the parser first lost the thread: its innermost first error or missing token below `root`."""
    node = root
    while not (node.is_error or node.is_missing):
        inner = next((child for child in node.children if child.has_error), None)
        if inner is None:
            break
        node = inner
    return span_of(node)


def find_node(root: Node, span: Span, kind: int) -> Node | None:
    """The node of that kind at exactly that span, or None."""
    node = root.descendant_for_byte_range(span.start, span.end)
    while node is not None and node.start_byte >= span.start and node.end_byte <= span.end:
        if node.kind_id == kind and node.start_byte == span.start and node.end_byte == span.end:
            return node
        node = node.parent
    # `descendant_for_byte_range` answers the smallest node: the wanted one can be above it only.
    return None
