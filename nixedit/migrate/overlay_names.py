"""What an overlay defines, as far as that is written, and where the names of packages are used."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from tree_sitter import Node

from nixedit.grammar import SETS, F, K
from nixedit.migrate.tree import Tree
from nixedit.syntax.layers import Layer, core, layers_of
from nixedit.syntax.nodes import field
from nixedit.syntax.occurrences import Occurrences
from nixedit.syntax.sets import set_index
from nixedit.syntax.snapshot import Snapshot, span_of
from nixedit.text import Span, decode


def defined_names(snapshot: Snapshot) -> dict[str, Span]:
    """The package names that an old overlay defines: those of the sets that its functions of two give."""
    return names_of_overlay(snapshot, snapshot.root)


def names_of_overlay(snapshot: Snapshot, within: Node) -> dict[str, Span]:
    """The same for the functions of two within a node."""
    names: dict[str, Span] = {}
    stack = [within]
    while stack:
        node = stack.pop()
        body = overlay_body(node)
        for layer in () if body is None else layers_of(body):
            optional = _optional(snapshot, layer.unknown)
            inner = () if optional is None else layers_of(optional)
            for place in (*layer.places, *(place for part in inner for place in part.places)):
                for entry in set_index(snapshot, place.node).entries:
                    if entry.names[0] is not None:
                        names.setdefault(entry.names[0], span_of(entry.binding))
        stack.extend(node.named_children)
    return names


def computed_names(snapshot: Snapshot) -> Node | None:
    """What makes the names of an old overlay unknown without evaluation; None where all are written."""
    return (
        computed_name(snapshot, snapshot.root.named_children[-1]) if snapshot.root.named_child_count else None
    )


def computed_name(snapshot: Snapshot, overlay: Node) -> Node | None:
    """The same for an overlay that stands anywhere."""
    body, node = None, core(overlay)
    while node is not None and node.kind_id == K.FUNCTION and body is None:
        body, node = overlay_body(node), core(field(node, F.BODY))
    if body is None:
        return None
    for layer in layers_of(body) or (Layer((), core(body)),):
        if layer.unknown is not None and _optional(snapshot, layer.unknown) == layer.unknown:
            return layer.unknown
        for place in layer.places:
            for entry in set_index(snapshot, place.node).entries:
                if entry.names[0] is None:
                    return entry.binding
    return None


def is_overlay(node: Node) -> bool:
    """Whether an expression is a function of two plain arguments, perhaps within one that gives it inputs."""
    inner = core(node)
    while inner.kind_id == K.FUNCTION:
        if overlay_body(inner) is not None:
            return True
        inner = core(field(inner, F.BODY))
    return False


def overlay_body(node: Node) -> Node | None:
    """What a function of two plain arguments gives, `{ }` of `final: prev: { }`."""
    if node.kind_id != K.FUNCTION or node.child_by_field_id(F.FORMALS) is not None:
        return None
    inner = core(field(node, F.BODY))
    if inner.kind_id != K.FUNCTION or inner.child_by_field_id(F.FORMALS) is not None:
        return None
    return field(inner, F.BODY)


def _optional(snapshot: Snapshot, node: Node | None) -> Node | None:
    """The written set of `lib.optionalAttrs condition { }`; the node itself where it is anything else."""
    if node is None or node.kind_id != K.APPLY:
        return node
    given = core(field(node, F.ARGUMENT))
    function = decode(snapshot.text(field(node, F.FUNCTION)))
    return given if given.kind_id in SETS and "optionalAttrs" in function else node


def uses_of_names(
    tree: Tree, names: Collection[str], besides: Collection[str]
) -> Iterator[tuple[str, Snapshot, Node, str]]:
    """Where the files of a flake use packages of some names, `pkgs.x` or `with pkgs; x`, and which."""
    if not names:
        return
    occurrences = Occurrences(names)
    for file in tree.containing(*occurrences.beginnings):
        if file in besides or not any(occurrences.among(tree.content(file))):
            continue
        snapshot = tree.snapshot(file)
        for node, used in occurrences.nodes(snapshot):
            parent = node.parent
            if parent is None:
                continue
            selected = (
                parent.kind_id == K.ATTRPATH
                and parent.parent is not None
                and parent.parent.kind_id == K.SELECT
            )
            if selected or parent.kind_id in (K.VARIABLE, K.INHERITED_ATTRS):
                yield file, snapshot, node, used
