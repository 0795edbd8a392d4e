"""Literal expressions as Python values, without evaluating anything."""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from tree_sitter import Node

from nixedit.attrpath import join
from nixedit.errors import NotStaticError
from nixedit.grammar import F, K
from nixedit.syntax.layers import Layers, Place, child, core, layers_of
from nixedit.syntax.nodes import elements, field, string_value
from nixedit.syntax.sets import set_index
from nixedit.syntax.snapshot import Snapshot, span_of

# A computation that yields the computations whose results it needs: as deep as the file is, and no deeper
# on Python's own stack.
_Task = Generator["_Task", Any, Any]

_CONSTANTS = {b"true": True, b"false": False, b"null": None}


def to_python(snapshot: Snapshot, node: Node) -> Any:
    """The value of a literal: None, bool, int, float, str, list or dict.

    Raises:
        NotStaticError: the value depends on evaluation (a variable, a call, an interpolation, a path …).
    """
    return _run(_value(snapshot, node))


def set_to_python(snapshot: Snapshot, layers: Layers) -> dict[str, Any]:
    """A written set as a dict.

    Raises:
        NotStaticError: a name or a value in it depends on evaluation.
    """
    value: dict[str, Any] = _run(_set(snapshot, layers))
    return value


def _run(task: _Task) -> Any:
    stack = [task]
    result: Any = None
    while stack:
        try:
            stack.append(stack[-1].send(result))
            result = None
        except StopIteration as done:
            stack.pop()
            result = done.value
    return result


def _value(snapshot: Snapshot, node: Node) -> _Task:
    node = core(node)
    kind = node.kind_id
    text = snapshot.text(node)
    if kind == K.VARIABLE and text in _CONSTANTS:
        return _CONSTANTS[text]
    if kind == K.INTEGER:
        return int(text)
    if kind == K.FLOAT:
        return float(text)
    if kind in (K.STRING, K.INDENTED_STRING):
        value = string_value(node, snapshot.source.data)
        if value is not None:
            return value
    if kind == K.LIST:
        return (yield _list(snapshot, node))
    if kind == K.UNARY and field(node, F.OPERATOR).type == "-":
        value = yield _value(snapshot, field(node, F.ARGUMENT))
        if isinstance(value, int | float) and not isinstance(value, bool):
            return -value
    layers = layers_of(node)
    if layers:
        return (yield _set(snapshot, layers))
    raise NotStaticError("the value depends on evaluation", source=snapshot.source, span=span_of(node))


def names_in(snapshot: Snapshot, layers: Layers) -> list[str]:
    """The names of a set in the order they are first written, without the dynamic ones.

    Raises:
        NotStaticError: an operand of `//` is computed, so that the names are not known.
    """
    names: dict[str, None] = {}
    for layer in layers:
        if layer.unknown is not None:
            raise NotStaticError(
                "a part of the set is computed", source=snapshot.source, span=span_of(layer.unknown)
            )
        for place in layer.places:
            names.update(dict.fromkeys(_names_at(snapshot, place)))
    return list(names)


def _names_at(snapshot: Snapshot, place: Place) -> list[str]:
    index = set_index(snapshot, place.node)
    depth = len(place.prefix)
    if not depth:
        return list(index.by_name)
    own = index.named(place.prefix[0])
    paths = [entry.names for entry in own if len(entry.names) > depth and entry.names[:depth] == place.prefix]
    return [name for names in paths if (name := names[depth]) is not None]


def _list(snapshot: Snapshot, node: Node) -> _Task:
    values: list[Any] = []
    for element in elements(node):
        value = yield _value(snapshot, element)
        values.append(value)
    return values


def _set(snapshot: Snapshot, layers: Layers) -> _Task:
    result: dict[str, Any] = {}
    for name in names_in(snapshot, layers):
        found = child(snapshot, layers, name)
        if found is None:
            continue
        if found.layers:
            result[name] = yield _set(snapshot, found.layers)
        elif found.entry is not None and found.entry.value is not None:
            result[name] = yield _value(snapshot, found.entry.value)
        else:
            raise NotStaticError(f"`{join((name,))}` is inherited, its value depends on evaluation")
    for layer in layers:
        for place in layer.places:
            dynamic = [entry for entry in set_index(snapshot, place.node).dynamic if not place.prefix]
            if dynamic:
                span = span_of(dynamic[0].binding)
                raise NotStaticError("a name is computed here", source=snapshot.source, span=span)
    return result
