"""Functions that give an option's definition a priority of its own: it drops others, or gives way."""

from __future__ import annotations

from tree_sitter import Node

from nixedit.grammar import F, K
from nixedit.migrate.by_hand import Lines
from nixedit.resolve.properties import FORCING, KEEPING, MERGING, YIELDING
from nixedit.resolve.values import Call, ListValue, Origin, Unknown, Value
from nixedit.syntax.calls import called
from nixedit.syntax.layers import core
from nixedit.syntax.nodes import elements, field
from nixedit.syntax.snapshot import Snapshot


def priority(snapshot: Snapshot, value: Node) -> str | None:
    """The function that gives a written value a priority of its own, `mkForce` or `mkDefault`, or None."""
    stack = [value]
    while stack:
        node = core(stack.pop())
        name = called(snapshot, node)
        if name in FORCING or name in YIELDING:
            return name
        if name in KEEPING:
            inner = core(field(node, F.ARGUMENT))
            stack += elements(inner) if name == MERGING and inner.kind_id == K.LIST else [inner]
    return None


def priority_of(value: Value) -> tuple[str, Origin] | None:
    """The same for an evaluated value: the function and where it is called."""
    stack = [value]
    while stack:
        found = stack.pop()
        if isinstance(found, Unknown) and found.origin is not None:  # `lib` is an argument of the module
            written = priority(found.origin.snapshot, found.origin.node)
            if written is not None:
                return written, found.origin
        if not isinstance(found, Call) or found.origin is None:
            continue
        name = found.function.names[-1]
        if name in FORCING or name in YIELDING:
            return name, found.origin
        if name in KEEPING and found.arguments:
            inner = found.arguments[-1].get()
            stack += inner.elements() if isinstance(inner, ListValue) else [inner]
    return None


def is_late(value: Value) -> bool:
    """Whether a value of an option that is a list may come after what has the usual order."""
    stack = [value]
    while stack:
        found = stack.pop()
        if isinstance(found, Unknown):
            return True
        if isinstance(found, Call):
            name = found.function.names[-1]
            if name in ("mkAfter", "mkOrder"):
                return True
            if name in KEEPING and found.arguments:
                inner = found.arguments[-1].get()
                stack += inner.elements() if name == MERGING and isinstance(inner, ListValue) else [inner]
    return False


def unlike_others(function: str, lines: Lines) -> tuple[str, str]:
    """Why such a priority stands in the way, and what a person can do.

    Args:
        function: the function that gives it.
        lines: the overlays as a person would write them there.
    """
    if function in FORCING:
        reason = f"`{function}` on `nixpkgs.overlays` would drop every other overlay"
        return reason, lines.hint("take it away, or add the overlays within it by hand")
    return (
        f"`{function}` on `nixpkgs.overlays` gives way to any other overlay",
        "take it away, then run this again",
    )
