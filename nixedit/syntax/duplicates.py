"""Attributes and formals that are defined twice, by Nix's own rule of what merges.

Two definitions of one name merge when both are written sets (`{ … }`, `rec { … }`, `a.b = …`), also in
parentheses, and then name by name. Everything else is an error: an inherited name never merges, and
computed names are never compared. (`addAttr` in Nix's parser-state.hh.)
"""

from __future__ import annotations

from collections.abc import Collection

from msgspec import Struct
from tree_sitter import Node

from nixedit.grammar import F, K
from nixedit.syntax.entries import Entry
from nixedit.syntax.nodes import field, formals, is_set, unwrapped
from nixedit.syntax.sets import SetIndex, set_index
from nixedit.syntax.snapshot import Snapshot, span_of
from nixedit.text import Span


class Duplicate(Struct, frozen=True):
    """A second definition that Nix refuses.

    Attributes:
        path: the names of the attribute, from the set that was asked about; one name for a formal.
        span: the second definition's attribute path or name (0-based bytes).
        first: the first definition's.
    """

    path: tuple[str, ...]
    span: Span
    first: Span


class _Slot(Struct):
    """What a name is bound to so far: a value that is not looked into yet, or a set."""

    span: Span
    owner: int
    value: Node | None
    inner: _Scope | None


class _Scope:
    """The names of one set so far. Those of a written set are put in when a second definition meets them."""

    def __init__(self, path: tuple[str, ...], written: SetIndex | None, owner: int) -> None:
        self.path = path
        self.slots: dict[str, _Slot] = {}
        self.owner = owner
        self._written = written
        self._asked: set[str] = set()

    def written(self, name: str) -> list[_Task]:
        """The definitions of a name in the written set, when asked for the first time."""
        if self._written is None or name in self._asked:
            return []
        self._asked.add(name)
        return [_task(entry, self, self.owner) for entry in self._written.named(name)]


class _Task(Struct, frozen=True):
    """One definition to be put into its place.

    Attributes:
        scope: the set that `names` starts from.
        names: the attribute path; None is a computed name.
        span: where it stands.
        value: what is bound; None for an inherited name.
        owner: the id of the written set that it stands in.
    """

    scope: _Scope
    names: tuple[str | None, ...]
    span: Span
    value: Node | None
    owner: int


def _task(entry: Entry, scope: _Scope, owner: int) -> _Task:
    place = entry.attr if entry.attr is not None else field(entry.binding, F.ATTRPATH)
    return _Task(scope, entry.names, span_of(place), entry.value, owner)


class _Merge:
    """Puts definitions together as Nix does."""

    def __init__(self, snapshot: Snapshot, node: Node) -> None:
        self.snapshot = snapshot
        self.scope = _Scope((), set_index(snapshot, node), node.id)
        self.found: list[Duplicate] = []

    def name(self, name: str) -> None:
        """Put all definitions of a name of the outermost set in."""
        stack = self.scope.written(name)[::-1]
        while stack:
            task = stack.pop()
            stack.extend(reversed(self._place(task)))

    def _place(self, task: _Task) -> list[_Task]:
        """Put one definition into its place; what has to be placed before or instead of it is answered."""
        scope = task.scope
        for depth, name in enumerate(task.names):
            if name is None:
                return []
            before = scope.written(name)
            if before:
                return [*before, task]
            last = depth == len(task.names) - 1
            slot = scope.slots.get(name)
            if slot is None:
                inner = None if last else _Scope((*scope.path, name), None, task.owner)
                slot = scope.slots[name] = _Slot(task.span, task.owner, task.value if last else None, inner)
                if last:
                    return []
            else:
                mergeable = not last or (task.value is not None and is_set(task.value))
                if not mergeable or not self._opened(slot, (*scope.path, name)):
                    self._report((*scope.path, name), task, slot)
                    return []
            if slot.inner is None:  # pragma: no cover - it has been opened
                return []
            if last and task.value is not None:
                return self._tasks(task.value, slot.inner)
            scope = slot.inner
        return []

    def _opened(self, slot: _Slot, path: tuple[str, ...]) -> bool:
        """Whether a slot holds a set that others can merge into."""
        if slot.inner is None and slot.value is not None and is_set(slot.value):
            written = unwrapped(slot.value)
            slot.inner = _Scope(path, set_index(self.snapshot, written), written.id)
        return slot.inner is not None

    def _tasks(self, value: Node, scope: _Scope) -> list[_Task]:
        written = unwrapped(value)
        return [_task(entry, scope, written.id) for entry in set_index(self.snapshot, written).entries]

    def _report(self, path: tuple[str, ...], task: _Task, slot: _Slot) -> None:
        # Two definitions within one inner set are that set's own duplicates.
        if task.owner == self.scope.owner or task.owner != slot.owner:
            self.found.append(Duplicate(path, task.span, slot.span))


def duplicate_attributes(
    snapshot: Snapshot, node: Node, only: Collection[tuple[str, ...]] | None = None
) -> list[Duplicate]:
    """What Nix would refuse as defined twice in a set, and in the sets that merge into its attributes.

    Duplicates within one written set further in are not among them: ask that set.

    Args:
        snapshot: the state that the node belongs to.
        node: a set (`rec` or not), a `let … in` or a `let { … }`.
        only: look only at what is defined at these paths, above them and below them.

    Returns:
        One `Duplicate` for each definition beyond the first, in the order of the text (by name with
        `only`).
    """
    index = set_index(snapshot, node)
    merge = _Merge(snapshot, node)
    if only is None:
        first = [name for name in index.by_name if index.branch((name,)).meets]
    else:
        first = _several(index, only)
    for name in first:
        merge.name(name)
    if only is None:
        merge.found.sort(key=lambda duplicate: duplicate.span)
    return merge.found


def _several(index: SetIndex, paths: Collection[tuple[str, ...]]) -> list[str]:
    """The first names of those paths that have several definitions, one of them whole."""
    found = set()
    index.expect(len(paths))
    for path in paths:
        whole, goes_on = index.bound(path)
        if len(whole) > 1 or (whole and goes_on):
            found.add(path[0])
    above = {path[:length] for path in paths for length in range(1, len(path))}
    found.update(path[0] for path in above if index.bound(path)[0])
    return sorted(found)


def duplicate_formals(snapshot: Snapshot, node: Node) -> list[Duplicate]:
    """The formals of a function that are named twice, the `@` name among them.

    Args:
        snapshot: the state that the node belongs to.
        node: a `function_expression`.
    """
    head = node.child_by_field_id(F.FORMALS)
    if head is None:
        return []
    names = [field(formal, F.NAME) for formal in formals(head)]
    universal = node.child_by_field_id(F.UNIVERSAL)
    if universal is not None:
        names.append(universal)
    names.sort(key=lambda name: name.start_byte)
    first: dict[bytes, Node] = {}
    found = []
    for name in names:
        if name.kind_id != K.IDENTIFIER:  # pragma: no cover - only in broken code
            continue
        text = snapshot.text(name)
        before = first.setdefault(text, name)
        if before is not name:
            found.append(Duplicate((text.decode(),), span_of(name), span_of(before)))
    return found
