"""The expressions that a migration replaces by others."""

from __future__ import annotations

from msgspec import Struct, field
from tree_sitter import Node


class Replaced(Struct):
    """The expressions of modules that are replaced, which nothing else needs to care for."""

    _spans: dict[str, set[tuple[int, int]]] = field(default_factory=dict)

    def add(self, file: str, node: Node) -> bool:
        """Take one more; whether it is new."""
        spans = self._spans.setdefault(file, set())
        span = (node.start_byte, node.end_byte)
        known = span in spans
        spans.add(span)
        return not known

    def has(self, file: str, node: Node) -> bool:
        """Whether a node is part of one."""
        spans = self._spans.get(file, ())
        return any(start <= node.start_byte and node.end_byte <= end for start, end in spans)
