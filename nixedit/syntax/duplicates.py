"""Attributes and formals that are defined twice, by Nix's own rule of what merges (parser-state.hh, `addAttr`).

Two definitions of one name merge when both are written sets (`{ … }`, `rec { … }`, `a.b = …`), also in
parentheses, and then name by name. Everything else is an error: an inherited name never merges, and
computed names are never compared.
"""

from __future__ import annotations

from collections.abc import Collection

from attrs import define, frozen
from tree_sitter import Node

from nixedit.grammar import F, K
from nixedit.syntax.nodes import field, formals, is_set, unwrapped
from nixedit.syntax.sets import Entry, set_index
from nixedit.syntax.snapshot import Snapshot, span_of
from nixedit.text import Span


@frozen
class Duplicate:
    """A second definition that Nix refuses.

    Attributes:
        path: the names of the attribute, from the set that was asked about; one name for a formal.
        span: the second definition's attribute path or name (0-based bytes).
        first: the first definition's.
    """

    path: tuple[str, ...]
    span: Span
    first: Span


@define
class _Slot:
    """What a name is bound to so far: a value that is not looked into yet, or the slots of a set."""

    span: Span
    owner: int
    value: Node | None
    inner: dict[str, _Slot] | None


@frozen
class _Task:
    """One definition to be put into its place.

    Attributes:
        slots: the set that `names` starts from.
        path: the names that lead to that set.
        names: the attribute path; None is a computed name.
        span: where it stands.
        value: what is bound; None for an inherited name.
        owner: the id of the written set that it stands in.
    """

    slots: dict[str, _Slot]
    path: tuple[str, ...]
    names: tuple[str | None, ...]
    span: Span
    value: Node | None
    owner: int


class _Merge:
    """Puts definitions together as Nix does; values are looked into only when a second one meets them."""

    def __init__(self, snapshot: Snapshot, root: Node) -> None:
        self.snapshot = snapshot
        self.root = root.id
        self.found: list[Duplicate] = []
        self.slots: dict[str, _Slot] = {}

    def add(self, entry: Entry) -> None:
        stack = [self._task(entry, self.slots, (), self.root)]
        while stack:
            task = stack.pop()
            stack.extend(reversed(self._place(task)))

    def _place(self, task: _Task) -> list[_Task]:
        """Put one definition into its place; what has to be placed before or instead of it is answered."""
        slots = task.slots
        for depth, name in enumerate(task.names):
            if name is None:
                return []
            last = depth == len(task.names) - 1
            slot = slots.get(name)
            if slot is None:
                slot = _Slot(task.span, task.owner, task.value if last else None, None if last else {})
                slots[name] = slot
                if last:
                    return []
            else:
                path = (*task.path, *map(str, task.names[: depth + 1]))
                if slot.inner is None and slot.value is not None and is_set(slot.value):
                    return [*self._expanded(slot, path), task]
                mergeable = not last or (task.value is not None and is_set(task.value))
                if slot.inner is None or not mergeable:
                    self._report(path, task, slot)
                    return []
                if last and task.value is not None:
                    return self._tasks(task.value, slot.inner, path)
            if slot.inner is not None:
                slots = slot.inner
        return []

    def _expanded(self, slot: _Slot, path: tuple[str, ...]) -> list[_Task]:
        value, slot.value, slot.inner = slot.value, None, {}
        return [] if value is None else self._tasks(value, slot.inner, path)

    def _tasks(self, value: Node, slots: dict[str, _Slot], path: tuple[str, ...]) -> list[_Task]:
        inner = unwrapped(value)
        return [self._task(entry, slots, path, inner.id) for entry in set_index(self.snapshot, inner).entries]

    def _task(self, entry: Entry, slots: dict[str, _Slot], path: tuple[str, ...], owner: int) -> _Task:
        place = entry.attr if entry.attr is not None else field(entry.binding, F.ATTRPATH)
        return _Task(slots, path, entry.names, span_of(place), entry.value, owner)

    def _report(self, path: tuple[str, ...], task: _Task, slot: _Slot) -> None:
        # Two definitions within one inner set are that set's own duplicates.
        if task.owner == self.root or task.owner != slot.owner:
            self.found.append(Duplicate(path, task.span, slot.span))


def duplicate_attributes(
    snapshot: Snapshot, node: Node, only: Collection[str] | None = None
) -> list[Duplicate]:
    """What Nix would refuse as defined twice in a set, and in the sets that merge into its attributes.

    Duplicates within one written set further in are not among them: ask that set.

    Args:
        snapshot: the state that the node belongs to.
        node: a set (`rec` or not), a `let … in` or a `let { … }`.
        only: look only at attributes whose first name is among these.

    Returns:
        One `Duplicate` for each definition beyond the first, in the order of the text (by name with
        `only`).
    """
    index = set_index(snapshot, node)
    merge = _Merge(snapshot, node)
    names = index.by_name if only is None else [name for name in only if name in index.by_name]
    for name in names:
        entries = index.by_name[name]
        if len(entries) > 1:
            for entry in entries:
                merge.add(entry)
    if only is None:
        merge.found.sort(key=lambda duplicate: duplicate.span)
    return merge.found


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
