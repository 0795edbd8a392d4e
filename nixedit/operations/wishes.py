"""What the operations of one commit come to for each attribute path: the last word counts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from nixedit.attrpath import join
from nixedit.errors import InvalidEditError
from nixedit.operations.ops import DeleteAttr, SetAttr
from nixedit.syntax.layers import Layers, Names

DELETE = object()


class Wish(Struct):
    """What a path shall be in the end: a value, or gone."""

    layers: Layers
    names: Names
    value: Any
    comment: tuple[str, ...] = ()
    before: str | None = None
    dotted: bool = False
    stays_on_line: bool = False
    floor: int | None = None
    kept: frozenset[int] = frozenset()


class _PathWishes:
    """What the operations on one set come to: the last word on a path counts."""

    def __init__(self) -> None:
        self.by_path: dict[Names, Wish] = {}
        self._beginnings: set[Names] = set()

    def add(self, operation: SetAttr | DeleteAttr) -> None:
        names = operation.names
        whole = self._whole(names)
        if whole is not None:
            if isinstance(operation, DeleteAttr) and whole.value is DELETE and operation.floor is not None:
                return  # it goes with the rest
            if isinstance(operation, DeleteAttr) or not isinstance(whole.value, Mapping):
                inner = join(names)
                raise InvalidEditError(
                    f"`{join(whole.names)}` was given as a whole in this edit, and `{inner}` is part of it",
                    hint="give the whole value in one go",
                )
            whole.value = _merged(whole.value, names[len(whole.names) :], operation.value)
            return
        if names in self._beginnings:
            for other in [other for other in self.by_path if other[: len(names)] == names]:
                del self.by_path[other]
        self.by_path.pop(names, None)
        if isinstance(operation, DeleteAttr):
            self.by_path[names] = Wish(
                operation.layers, names, DELETE, floor=operation.floor, kept=operation.kept
            )
        else:
            self.by_path[names] = Wish(
                operation.layers,
                names,
                operation.value,
                operation.comment,
                operation.before,
                operation.dotted,
                operation.stays_on_line,
            )
        self._beginnings.update(names[:length] for length in range(1, len(names)))

    def _whole(self, names: Names) -> Wish | None:
        for length in range(1, len(names)):
            wish = self.by_path.get(names[:length])
            if wish is not None:
                return wish
        return None


def wishes_of(operations: Sequence[SetAttr | DeleteAttr]) -> list[Wish]:
    """What the operations of a commit come to, set by set, in the order they were recorded.

    Raises:
        InvalidEditError: one of them is within what another one gave as a whole.
    """
    by_set: dict[tuple[int, Names], _PathWishes] = {}
    for operation in operations:
        by_set.setdefault(identity(operation.layers), _PathWishes()).add(operation)
    return [wish for wishes in by_set.values() for wish in wishes.by_path.values()]


def identity(layers: Layers) -> tuple[int, Names]:
    """What is the same for all layers of one set of a snapshot: where it stands, under which names."""
    for layer in layers:
        if layer.places:
            return layer.places[0].node.id, layer.places[0].prefix
    return 0, ()


def _merged(value: Mapping[str, Any], names: Names, inner: Any) -> dict[str, Any]:
    copy = dict(value)
    put(copy, names, inner)
    return copy


def put(tree: dict[str, Any], names: Names, value: Any) -> None:
    """Set a value in nested dicts, and make those on the way to it."""
    for name in names[:-1]:
        below = tree.get(name)
        tree[name] = dict(below) if isinstance(below, Mapping) else {}
        tree = tree[name]
    tree[names[-1]] = value
