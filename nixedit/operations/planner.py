"""All operations of one commit, planned together into one set of edits."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from nixedit.attrpath import quote
from nixedit.check import Unwrapping, Wrap
from nixedit.edits import Edit, EditSet, Expected
from nixedit.grammar import K
from nixedit.layout.render import ELEMENT, render, slot_of
from nixedit.layout.rows import New
from nixedit.layout.style import Style, style_of
from nixedit.operations import ops
from nixedit.operations.formals import FormalsPlan, universal_edit
from nixedit.operations.rows import RowChanges
from nixedit.operations.sets import SetPlanner, replacement
from nixedit.syntax.snapshot import Snapshot, span_of
from nixedit.text import Span, encode


class Plan(Struct, frozen=True):
    """What a commit does to the text, and what must hold after it.

    Attributes:
        edits: the splices.
        wraps: expressions that become part of larger ones.
        unwraps: expressions that a part of them replaces.
        touched: the sets that got new names: their spans before, their kinds, and the paths; empty where
            the edits have to be asked for them.
    """

    edits: EditSet
    wraps: tuple[Wrap, ...] = ()
    unwraps: tuple[Unwrapping, ...] = ()
    touched: tuple[tuple[Span, int, frozenset[tuple[str, ...]]], ...] = ()


def plan(snapshot: Snapshot, operations: Sequence[ops.Operation]) -> Plan:
    """Plan operations on one snapshot.

    Raises:
        NixEditError: one of them cannot be done.
    """
    return _Planner(snapshot).plan(operations)


class _Planner:
    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.rows = RowChanges(snapshot)
        self.sets = SetPlanner(snapshot, self.rows)
        self.formals: dict[int, FormalsPlan] = {}
        self.edits: list[Edit] = []
        self.wraps: list[Wrap] = []
        self.unwraps: list[Unwrapping] = []

    @property
    def style(self) -> Style:
        """The file's layout, read when it is first asked for: a plain value in another's place needs none."""
        return style_of(self.snapshot)

    def plan(self, operations: Sequence[ops.Operation]) -> Plan:
        self.sets.plan([item for item in operations if isinstance(item, ops.SetAttr | ops.DeleteAttr)])
        for item in operations:
            self._other(item)
        prepared = [edit for item in operations if isinstance(item, ops.Splice) for edit in item.edits]
        edits = self.edits + self.rows.edits() + self.sets.replaced() + prepared
        for formals in self.formals.values():
            edits += formals.edits()
        touched = () if prepared else tuple(self.sets.touched.values())
        places = tuple((span_of(node), node.kind_id, frozenset(names)) for node, names in touched)
        return Plan(EditSet(edits), tuple(self.wraps), tuple(self.unwraps), places)

    def _other(self, item: ops.Operation) -> None:
        match item:
            case ops.InsertElement():
                change = self.rows.of(item.node)
                change.deeper = max(change.deeper, item.deeper)
                change.insert(item.after, self._element(item.value, item.behind))
            case ops.RemoveItem():
                change = self.rows.of(item.node)
                change.removed.add(change.index_of(item.item))
            case ops.AddFormal() | ops.RemoveFormal():
                head = self.formals.get(item.node.id)
                if head is None:
                    head = self.formals[item.node.id] = FormalsPlan(self.snapshot, self.style, item.node)
                head.record(item)
            case ops.BindUniversal():
                self.edits.append(universal_edit(self.snapshot, self.style, item))
            case ops.Replace():
                self._replace(item)
            case ops.Rename():
                self.edits.append(_renamed(item))
            case ops.Surround():
                self._surround(item)
            case ops.Unwrap():
                self._unwrap(item)

    def _replace(self, item: ops.Replace) -> None:
        indent = self.snapshot.source.indent(item.node.start_byte)
        fragment = render(item.value, self.style, indent, slot_of(item.node))
        if fragment.text != self.snapshot.text(item.node):
            self.edits.append(replacement(item.node, fragment))

    def _element(self, value: object, behind: int | None) -> New:
        style = self.style  # not `self`: a cycle would keep all nodes alive until they are collected
        kind = render(value, style, b"", ELEMENT, around=None).kind
        return New(
            lambda indent: render(value, style, indent, ELEMENT, around=None).text, kind, behind=behind
        )

    def _surround(self, item: ops.Surround) -> None:
        start, end = item.node.start_byte, item.node.end_byte
        if item.before:
            self.edits.append(Edit(start, start, item.before))
        if item.after:
            self.edits.append(Edit(end, end, item.after))
        wrap = Wrap(Span(start, end), item.node.kind_id, item.outer, len(item.before), len(item.after))
        self.wraps.append(wrap)

    def _unwrap(self, item: ops.Unwrap) -> None:
        outer, inner = span_of(item.node), span_of(item.inner)
        if outer.start < inner.start:
            self.edits.append(Edit(outer.start, inner.start, b""))
        if inner.end < outer.end:
            self.edits.append(Edit(inner.end, outer.end, b""))
        self.unwraps.append(Unwrapping(outer, item.node.kind_id, inner, item.inner.kind_id))


def _renamed(item: ops.Rename) -> Edit:
    text = encode(quote(item.name))
    kind = K.STRING if text.startswith(b'"') else K.IDENTIFIER
    path = item.node.parent
    if path is not None and path.kind_id == K.ATTRPATH and span_of(path) == span_of(item.node):
        kind = K.ATTRPATH  # a path of one name is renamed with it
    return Edit(item.node.start_byte, item.node.end_byte, text, (Expected(kind, 0, len(text)),))
