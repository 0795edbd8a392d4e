"""What must hold after a commit: the new text differs from the old one as the edits say, and nowhere else.

The new tree is compared with the old one along the paths that lead to an edit. Every node outside the
edits must keep its kind, its parent and its (moved) span; the replacement of every edit must consist of
exactly the nodes that the edit announced. Where tree-sitter says that nothing changed and no edit
stands, the trees are equal and nobody looks.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable

from msgspec import Struct
from tree_sitter import Node

from nixedit.edits import EditSet, PositionMap
from nixedit.errors import InvalidEditError
from nixedit.grammar import LANGUAGE, F, K
from nixedit.syntax.nodes import BINDINGS
from nixedit.syntax.snapshot import Snapshot, first_error
from nixedit.syntax.windows import Places
from nixedit.syntax.words import words_of, words_of_kind
from nixedit.text import Span


class Wrap(Struct, frozen=True):
    """An expression that an edit puts into a larger one, `x` into `[ y ] ++ x`.

    Attributes:
        inner: the expression's span before the edits.
        kind: its kind id.
        outer: the kind id of the node that takes its place.
        before: how many bytes are inserted in front of it, as the insertion that ends there.
        after: how many bytes are inserted behind it, as the insertion that begins there.
    """

    inner: Span
    kind: int
    outer: int
    before: int
    after: int


class Unwrapping(Struct, frozen=True):
    """An expression that an edit replaces by a part of itself, `let in x` by `x`.

    Attributes:
        outer: the whole expression's span before the edits.
        kind: its kind id.
        inner: the span of the part before the edits.
        inner_kind: its kind id.
    """

    outer: Span
    kind: int
    inner: Span
    inner_kind: int


class _Comparison:
    """The state of one comparison of two trees."""

    def __init__(
        self,
        old: Snapshot,
        new: Snapshot,
        edits: EditSet,
        wraps: Iterable[Wrap],
        unwraps: Iterable[Unwrapping],
    ) -> None:
        self.old, self.new = old, new
        self.edits = edits.edits
        self.map: PositionMap = edits.position_map()
        self.starts = [edit.start for edit in self.edits]
        self.new_spans = edits.new_spans()
        self.new_starts = [span.start for span in self.new_spans]
        self.filled = [index for index, span in enumerate(self.new_spans) if span.start < span.end]
        self.filled_starts = [self.new_starts[index] for index in self.filled]
        self.wraps = {(wrap.inner, wrap.kind): wrap for wrap in wraps}
        self.unwraps = {(item.outer, item.kind): item for item in unwraps}
        dirty = self._dirty()
        back = edits.inverse_map()
        self.dirty = Places(dirty)
        self.old_dirty = Places([Span(back.end(span.start), back.start(span.end)) for span in dirty])
        self.announced: list[list[tuple[int, int, int]]] = [[] for _ in self.edits]
        self.old_comments: list[Span] = []
        self.new_comments: list[Span] = []

    def _dirty(self) -> list[Span]:
        """Where the trees may differ, in the new text: sorted, disjoint, not touching."""
        ranges = list(self.new_spans)
        if self.new.old_tree is not None:
            changed = self.new.old_tree.changed_ranges(self.new.tree)
            ranges += [Span(item.start_byte, item.end_byte) for item in changed]
        merged: list[Span] = []
        for span in sorted(ranges):
            if merged and span.start <= merged[-1].end:
                merged[-1] = Span(merged[-1].start, max(merged[-1].end, span.end))
            else:
                merged.append(span)
        return merged

    def run(self) -> None:
        stack = [(self.old.root, self.new.root)]
        while stack:
            old, new = stack.pop()
            inner = self._in_value(old, new) if old.kind_id == K.BINDING else None
            if inner is not None:
                stack += inner
            elif self.old_dirty.few(old) and self.dirty.few(new):
                stack += self._pairs(self.old_dirty.children(old), self.dirty.children(new))
            else:
                stack += self._pairs(self.old.inside(old), self.new.inside(new))
        self._check_announced()
        self._check_comments()

    def _in_value(self, old: Node, new: Node) -> list[tuple[Node, Node]] | None:
        """The pairs to look into of a binding that differs in its value alone, as most do; else None.

        Where tree-sitter sees no other change, the rest of the binding is as it was.
        """
        one, two = old.child_by_field_id(F.EXPRESSION), new.child_by_field_id(F.EXPRESSION)
        places = self.dirty.touching(new.start_byte, new.end_byte)
        if one is None or two is None or not places:
            return None
        start, end, kind = two.start_byte, two.end_byte, two.kind_id
        if start < places[0].start and places[-1].end < end:
            moved = self.map.span(Span(one.start_byte, one.end_byte))
            return [(one, two)] if kind == one.kind_id and moved == (start, end) else None
        return [] if list(places) == [(start, end)] and self._replaced(one, start, end, kind) else None

    def _replaced(self, old: Node, start: int, end: int, kind: int) -> bool:
        """Whether an expression is what one edit put in another one's place, and says so."""
        index = bisect_left(self.new_starts, start)
        if index == len(self.edits) or self.new_spans[index] != (start, end):
            return False
        edit = self.edits[index]
        if (edit.start, edit.end) != (old.start_byte, old.end_byte) or len(edit.expected) != 1:
            return False
        only = edit.expected[0]
        if (only.kind, only.start, only.end) != (kind, 0, end - start):
            return False
        self.announced[index].append((kind, 0, end - start))
        return True

    def _pairs(self, olds: list[Node], news: list[Node]) -> list[tuple[Node, Node]]:
        """Match the children of two equal nodes; answer those pairs that must be looked into."""
        pairs: list[tuple[Node, Node]] = []
        survivors = iter(self._survivors(olds))
        nothing = (None, None, False)
        for new in news:
            start, end, kind = new.start_byte, new.end_byte, new.kind_id
            dirty = start == end or self.dirty.overlap(start, end)
            edit = self._inserted_by(start, end) if dirty else None
            if kind == K.COMMENT:
                if edit is None:
                    self.new_comments.append(Span(start, end))
                continue
            if edit is not None:
                at = self.new_starts[edit]
                self.announced[edit].append((kind, start - at, end - at))
                continue
            old, span, untouched = next(survivors, nothing)
            if old is None or span is None:
                raise self._fault(f"{_name(kind)} appears", Span(start, end))
            if span == (start, end) and old.kind_id == kind:
                # The grammar is deterministic: one text from a first name to a `;` is one binding.
                if dirty and not (untouched and kind in BINDINGS):
                    pairs.append((old, new))
            else:
                pairs.append((old, self._unwrap(old, Span(*span), new)))
        missing = next(survivors, None)
        if missing is not None:
            raise self._fault(f"{words_of(missing[0])} is lost", Span(*missing[1]))
        return pairs

    def _survivors(self, olds: list[Node]) -> list[tuple[Node, tuple[int, int], bool]]:
        """The old children that no edit replaced, with their spans now, and whether no edit is inside."""
        result: list[tuple[Node, tuple[int, int], bool]] = []
        places = [(child.start_byte, child.end_byte) for child in olds]
        for child, (start, end), shift in zip(olds, places, self.map.untouched(places), strict=True):
            if shift is not None and not self.unwraps and not self.wraps:
                if child.kind_id == K.COMMENT:
                    self.old_comments.append(Span(start + shift, end + shift))
                else:
                    result.append((child, (start + shift, end + shift), True))
                continue
            old, span = child, Span(start, end)
            if self.unwraps and (span, old.kind_id) in self.unwraps:
                old = self._part(child, self.unwraps[span, child.kind_id])
                span = Span(old.start_byte, old.end_byte)
            moved = self.map.span(span)
            if moved is None or (moved.start == moved.end and span.start < span.end and self._deleted(span)):
                continue
            if old.kind_id == K.COMMENT:
                self.old_comments.append(moved)
            else:
                untouched = shift is not None and not self.unwraps
                result.append((old, self._with_wraps(span, moved), untouched))
        return result

    def _with_wraps(self, span: Span, moved: Span) -> Span:
        """Where a node is that has larger expressions now in place of those that it begins or ends with."""
        start, end = moved
        for wrap in self.wraps.values():
            if wrap.inner != span and span.contains(wrap.inner):
                start -= wrap.before if wrap.inner.start == span.start else 0
                end += wrap.after if wrap.inner.end == span.end else 0
        return Span(start, end)

    def _part(self, outer: Node, unwrapping: Unwrapping) -> Node:
        """The old node that takes the place of the one it is a part of."""
        node: Node | None = outer
        while node is not None:
            wanted = (*unwrapping.inner, unwrapping.inner_kind)
            if node != outer and (node.start_byte, node.end_byte, node.kind_id) == wanted:
                return node
            inner = None
            for child in node.children:
                span = Span(child.start_byte, child.end_byte)
                if span.contains(unwrapping.inner):
                    inner = child
                elif child.kind_id == K.COMMENT and not self._deleted(span):
                    self.old_comments.append(self.map.span(span) or span)
                elif child.kind_id != K.COMMENT and not self._deleted(span):
                    raise self._fault(f"{words_of(child)} gets another parent", span)
            node = inner
        raise AssertionError("the part that stays is none of the expression's")

    def _deleted(self, span: Span) -> bool:
        """Whether several adjacent edits together cover a span."""
        at = span.start
        index = max(0, bisect_left(self.starts, span.start) - 1)
        while index < len(self.edits) and self.edits[index].start <= at < span.end:
            at = max(at, self.edits[index].end)
            index += 1
        return at >= span.end

    def _inserted_by(self, start: int, end: int) -> int | None:
        """The index of the edit whose replacement holds all of a new span."""
        place = bisect_right(self.filled_starts, start) - 1
        if place < 0:
            return None
        index = self.filled[place]
        return index if end <= self.new_spans[index].end else None

    def _unwrap(self, old: Node, span: Span, new: Node) -> Node:
        """The old node's own place within the larger expression that was announced for it."""
        place = Span(new.start_byte, new.end_byte)
        wrap = self.wraps.get((Span(old.start_byte, old.end_byte), old.kind_id))
        expected = None if wrap is None else Span(span.start - wrap.before, span.end + wrap.after)
        if wrap is None or new.kind_id != wrap.outer or place != expected:
            raise self._fault(f"{words_of(old)} would become {words_of(new)}", place)
        node: Node | None = new
        while node is not None:
            inner: Node | None = None
            for child in node.children:
                if child.kind_id == K.COMMENT:
                    if self._inserted_by(child.start_byte, child.end_byte) is None:
                        self.new_comments.append(Span(child.start_byte, child.end_byte))
                elif child.start_byte <= span.start and span.end <= child.end_byte:
                    inner = child
                elif self._inserted_by(child.start_byte, child.end_byte) is None:
                    raise self._fault(
                        f"{words_of(child)} gets another parent", Span(child.start_byte, child.end_byte)
                    )
            if inner is not None and (inner.start_byte, inner.end_byte, inner.kind_id) == (
                *span,
                old.kind_id,
            ):
                return inner
            node = inner
        raise self._fault(f"{words_of(old)} is lost", span)

    def _check_announced(self) -> None:
        for edit, found, span in zip(self.edits, self.announced, self.new_spans, strict=True):
            wanted = [(item.kind, item.start, item.end) for item in edit.expected]
            if found != wanted:
                listed = ", ".join(_name(kind) for kind, _, _ in wanted) or "nothing"
                shown = ", ".join(_name(kind) for kind, _, _ in found) or "nothing of its own"
                raise self._fault(f"the edit says {listed}, but the text reads as {shown}", span)

    def _check_comments(self) -> None:
        if sorted(self.old_comments) != sorted(self.new_comments):
            lost = set(self.old_comments) ^ set(self.new_comments)
            raise self._fault("a comment is lost or takes in code", min(lost))

    def _fault(self, what: str, span: Span) -> InvalidEditError:
        return InvalidEditError(
            f"the edit would change more than it says: {what}",
            source=self.new.source,
            span=span,
            hint="nothing was changed",
        )


def _name(kind: int) -> str:
    return words_of_kind(LANGUAGE.node_kind_for_id(kind) or "syntax error")


def check_commit(
    old: Snapshot,
    new: Snapshot,
    edits: EditSet,
    wraps: Iterable[Wrap] = (),
    unwraps: Iterable[Unwrapping] = (),
) -> None:
    """Hold a new state against the old one and the edits between them.

    Args:
        old: the state before; without syntax errors.
        new: the state after, made by `old.edited(edits)`.
        edits: what was done.
        wraps: the expressions that were put into larger ones.
        unwraps: the expressions that a part of them replaced.

    Raises:
        InvalidEditError: the new text has a syntax error, or differs in more than the edits announced.
    """
    if new.has_error:
        raise InvalidEditError(
            "the edited text would not be Nix",
            source=new.source,
            span=first_error(new.root),
            hint="nothing was changed",
        )
    _Comparison(old, new, edits, wraps, unwraps).run()
