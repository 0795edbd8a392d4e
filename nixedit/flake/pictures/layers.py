"""A layered layout of a directed graph: columns, few crossings, and each node close to its neighbours.

The method is Sugiyama, Tagawa and Toda's ("Methods for Visual Understanding of Hierarchical System
Structures", 1981): break circles, layer by the longest path, let long edges pass through the layers between,
order by barycentres, then place.
"""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Mapping, Sequence
from itertools import pairwise

from msgspec import Struct

_SWEEPS = 16
_PLACINGS = 12

Node = str | tuple[int, int]  # a node, or where the edge of a number passes through a layer


class Layout(Struct, frozen=True):
    """Where everything is.

    Attributes:
        layers: the columns from left to right, each from top to bottom.
        rows: the centre of each node, in rows.
        chains: for each edge, in the order given, the nodes that its line passes, from its start to its end.
    """

    layers: tuple[tuple[Node, ...], ...]
    rows: Mapping[Node, float]
    chains: tuple[tuple[Node, ...], ...]


def layout(nodes: Sequence[str], edges: Sequence[tuple[str, str]], thin: float = 0.4) -> Layout:
    """Lay out a graph.

    Args:
        nodes: the nodes; circles are entered at those that stand first.
        edges: pairs of nodes. What leads from a node to itself takes no part and has an empty chain.
        thin: how much room a line takes that passes a column, in rows.
    """
    turned = _backward(nodes, edges)
    forward = [pair[::-1] if index in turned else pair for index, pair in enumerate(edges)]
    layer = _longest(nodes, [pair for pair in forward if pair[0] != pair[1]])
    columns: list[list[Node]] = [[] for _ in range(1 + max(layer.values(), default=0))]
    for node in nodes:
        columns[layer[node]].append(node)
    chains: list[tuple[Node, ...]] = []
    for index, (start, end) in enumerate(forward):
        between: list[Node] = [(index, at) for at in range(layer[start] + 1, layer[end])]
        for offset, inner in enumerate(between):
            columns[layer[start] + 1 + offset].append(inner)
        chain = () if start == end else (start, *between, end)
        chains.append(chain[::-1] if index in turned else chain)
    links = _links(chains, layer)
    ordered = _order(columns, links)
    rows = _place(ordered, links, thin)
    return Layout(tuple(map(tuple, ordered)), rows, tuple(chains))


def _backward(nodes: Sequence[str], edges: Sequence[tuple[str, str]]) -> set[int]:
    """The edges that lead back to where a walk through the graph came from."""
    out: dict[str, list[int]] = {node: [] for node in nodes}
    for index, (start, _) in enumerate(edges):
        out[start].append(index)
    open_, done, found = set[str](), set[str](), set[int]()
    for first in nodes:
        stack: list[tuple[str, list[int]]] = [] if first in done else [(first, list(out[first]))]
        open_.update(node for node, _ in stack)
        while stack:
            node, left = stack[-1]
            if not left:
                stack.pop()
                open_.discard(node)
                done.add(node)
                continue
            index = left.pop(0)
            end = edges[index][1]
            if end in open_ and end != node:
                found.add(index)
            elif end not in done and end not in open_:
                open_.add(end)
                stack.append((end, list(out[end])))
    return found


def _longest(nodes: Sequence[str], edges: Sequence[tuple[str, str]]) -> dict[str, int]:
    """The length of the longest path to each node; the edges make no circle."""
    out: dict[str, list[str]] = {node: [] for node in nodes}
    waiting = dict.fromkeys(nodes, 0)
    for start, end in edges:
        out[start].append(end)
        waiting[end] += 1
    layer = dict.fromkeys(nodes, 0)
    ready = [node for node in nodes if not waiting[node]]
    while ready:
        node = ready.pop()
        for end in out[node]:
            layer[end] = max(layer[end], layer[node] + 1)
            waiting[end] -= 1
            if not waiting[end]:
                ready.append(end)
    return layer


_Links = tuple[dict[Node, list[Node]], dict[Node, list[Node]]]


def _links(chains: Sequence[tuple[Node, ...]], layer: Mapping[str, int]) -> _Links:
    """For each node, what it is joined to in the column on its left, and in that on its right."""
    left: dict[Node, list[Node]] = {}
    right: dict[Node, list[Node]] = {}

    def column(node: Node) -> int:
        return layer[node] if isinstance(node, str) else node[1]

    for chain in chains:
        for one, two in pairwise(chain):
            start, end = sorted((one, two), key=column)
            right.setdefault(start, []).append(end)
            left.setdefault(end, []).append(start)
    return left, right


def _order(columns: list[list[Node]], links: _Links) -> list[list[Node]]:
    """Sweeps to and fro, of which the one with the fewest crossings is kept."""
    best, fewest = [list(column) for column in columns], _crossings(columns, links[1])
    for sweep in range(_SWEEPS):
        forth = sweep % 2 == 0
        towards = links[0] if forth else links[1]
        order = range(1, len(columns)) if forth else range(len(columns) - 2, -1, -1)
        for index in order:
            beside = columns[index - 1 if forth else index + 1]
            at = {node: number for number, node in enumerate(beside)}
            here = enumerate(columns[index])
            means = {node: _mean([at[near] for near in towards.get(node, ())], row) for row, node in here}
            columns[index].sort(key=means.__getitem__)
        crossings = _crossings(columns, links[1])
        if crossings < fewest:
            best, fewest = [list(column) for column in columns], crossings
    return best


def _mean(values: Sequence[float], otherwise: float) -> float:
    return sum(values) / len(values) if values else otherwise


def _crossings(columns: list[list[Node]], right: Mapping[Node, list[Node]]) -> int:
    count = 0
    for index, column in enumerate(columns[:-1]):
        at = {node: number for number, node in enumerate(columns[index + 1])}
        seen: list[int] = []
        for node in column:
            ends = sorted(at[end] for end in right.get(node, ()))
            count += sum(len(seen) - bisect_right(seen, end) for end in ends)
            for end in ends:
                insort(seen, end)
    return count


def _place(columns: list[list[Node]], links: _Links, thin: float) -> dict[Node, float]:
    """Rows: each column as close to its neighbours as its order and room allow."""
    rows: dict[Node, float] = {}
    for column in columns:
        rows.update(_stacked(column, dict.fromkeys(column, 0.0), thin))
    for turn in range(_PLACINGS):
        for column in columns if turn % 2 == 0 else reversed(columns):
            wanted = {}
            for node in column:
                near = [*links[0].get(node, ()), *links[1].get(node, ())]
                wanted[node] = _mean([rows[other] for other in near], rows[node])
            rows.update(_stacked(column, wanted, thin))
    top = min(rows.values(), default=0.0)
    return {node: row - top for node, row in rows.items()}


def _stacked(column: Sequence[Node], wanted: Mapping[Node, float], thin: float) -> dict[Node, float]:
    """The rows closest to those wanted (least squares) that keep the order and the room between.

    Without the room that lies above it, each node wants a place of its own; those that would stand in the
    wrong order are pooled at their mean (isotonic regression by pooling adjacent violators).
    """
    above: list[float] = []
    at = 0.0
    for index, node in enumerate(column):
        if index:
            at += (_height(column[index - 1], thin) + _height(node, thin)) / 2
        above.append(at)
    pools: list[tuple[float, int]] = []  # the sum and the number of those in it
    for node, room in zip(column, above, strict=True):
        total, count = wanted[node] - room, 1
        while pools and pools[-1][0] / pools[-1][1] >= total / count:
            before = pools.pop()
            total, count = total + before[0], count + before[1]
        pools.append((total, count))
    places = [total / count for total, count in pools for _ in range(count)]
    return {node: place + room for node, place, room in zip(column, places, above, strict=True)}


def _height(node: Node, thin: float) -> float:
    return 1.0 if isinstance(node, str) else thin
