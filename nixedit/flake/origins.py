"""What an input brings, by name: a module among its outputs, or a file in its folder."""

from __future__ import annotations

from nixedit.attrpath import unescape
from nixedit.grammar import F, K
from nixedit.resolve.fleet import Fleet
from nixedit.resolve.values import External, Literal, PathValue, Value
from nixedit.syntax.nodes import field
from nixedit.text import decode


def foreign_name(value: Value) -> str:
    """The name of what an input brings, the input's first: `hardware.nixosModules.common-gpu-amd`; or ""."""
    return ".".join(value.names) if isinstance(value, External) and len(value.names) > 1 else ""


def foreign_path(fleet: Fleet, value: Value) -> str:
    """The path of a file that an input brings, the input's name first: `hardware/common/gpu/amd`; or ""."""
    if not isinstance(value, PathValue) or value.path is not None or value.origin is None:
        return ""
    origin, node = value.origin, value.origin.node
    if node.kind_id == K.STRING:
        pieces = node.children[1:-1]
        if not pieces or pieces[0].kind_id != K.INTERPOLATION:
            return ""
        if any(piece.kind_id == K.INTERPOLATION for piece in pieces[1:]):
            return ""
        base = fleet.evaluator.evaluate(origin.at(field(pieces[0], F.EXPRESSION)))
        text = unescape("".join(decode(origin.snapshot.text(piece)) for piece in pieces[1:]))
    elif node.kind_id == K.BINARY:
        base = fleet.evaluator.evaluate(origin.at(field(node, F.LEFT)))
        right = fleet.evaluator.evaluate(origin.at(field(node, F.RIGHT)))
        text = right.value if isinstance(right, Literal) and isinstance(right.value, str) else ""
    else:
        return ""
    if not isinstance(base, External) or len(base.names) != 1 or not text.startswith("/"):
        return ""
    return f"{base.names[0]}{text}"
