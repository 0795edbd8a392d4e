"""No attribute and no formal that a commit brings in may be defined twice."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from tree_sitter import Node

from nixedit.edits import EditSet
from nixedit.errors import InvalidEditError
from nixedit.grammar import K
from nixedit.syntax.duplicates import Duplicate, duplicate_attributes, duplicate_formals
from nixedit.syntax.nodes import BINDINGS, TRANSPARENT
from nixedit.syntax.snapshot import Snapshot, find_node
from nixedit.text import Span

# A set that got new names: its span before, its kind, and their paths.
Touched = tuple[Span, int, frozenset[tuple[str, ...]]]

_ARGUMENTS = frozenset({K.FORMAL, K.IDENTIFIER})


def check_definitions(new: Snapshot, edits: EditSet, touched: Iterable[Touched]) -> None:
    """Look for second definitions among those that a commit made.

    Args:
        new: the state after.
        edits: what was done.
        touched: the sets that got names, where that is known; else they are found by the edits.

    Raises:
        InvalidEditError: Nix would refuse a definition as a second one.
    """
    known = list(touched)
    for duplicate in _attributes(new, edits, known) if known else _spliced(new, edits):
        raise _fault(new, duplicate)
    for function in _parents(new, edits, _ARGUMENTS, K.FUNCTION):
        for duplicate in duplicate_formals(new, function):
            raise _fault(new, duplicate)


def _attributes(new: Snapshot, edits: EditSet, touched: Iterable[Touched]) -> Iterator[Duplicate]:
    positions = edits.position_map()
    for span, kind, paths in touched:
        moved = positions.span(span)
        node = None if moved is None else find_node(new.root, moved, kind)
        if node is not None:
            yield from duplicate_attributes(new, node, paths)


def _spliced(new: Snapshot, edits: EditSet) -> Iterator[Duplicate]:
    """Second definitions in sets that got a binding, if the binding's own text has a part in them."""
    written = edits.new_spans()
    for node in _parents(new, edits, BINDINGS, None):
        for duplicate in duplicate_attributes(new, node):
            ends = (duplicate.span, duplicate.first)
            if any(place.contains(end) for place in written for end in ends):
                yield duplicate


def _parents(new: Snapshot, edits: EditSet, kinds: frozenset[int], wanted: int | None) -> list[Node]:
    """What the nodes of some kinds that the edits announce belong to, each once."""
    found: dict[int, Node] = {}
    for edit, span in zip(edits, edits.new_spans(), strict=True):
        for item in edit.expected:
            if item.kind not in kinds:
                continue
            node = find_node(new.root, Span(span.start + item.start, span.start + item.end), item.kind)
            above = None if node is None else node.parent
            if above is not None and (above.kind_id in TRANSPARENT or above.kind_id == K.FORMALS):
                above = above.parent
            if above is not None and wanted in (None, above.kind_id):
                found.setdefault(above.id, above)
    return list(found.values())


def _fault(new: Snapshot, duplicate: Duplicate) -> InvalidEditError:
    line = new.source.position(duplicate.first.start)[0]
    return InvalidEditError(
        f"the edit would define `{'.'.join(duplicate.path)}` twice",
        source=new.source,
        span=duplicate.span,
        hint=f"it is defined in line {line} already",
    )
