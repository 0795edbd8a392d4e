"""The uses of an attribute that the old overlay is bound to, where its set has a name that is followed."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from tree_sitter import Node

from nixedit.grammar import SETS, F, K
from nixedit.migrate.tree import Tree
from nixedit.resolve.fleet import Fleet
from nixedit.resolve.values import SetValue
from nixedit.syntax.layers import core
from nixedit.syntax.nodes import attrs, field, static_name, static_path
from nixedit.syntax.scope import Definition, Scope
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import decode

_VALUES = ("attrValues", "builtins.attrValues", "lib.attrValues")


# What the outputs of the flake are called in its own files.
_ROOTS = (("self",), ("outputs",), ("inputs", "self"), ("self", "outputs"))
Names = tuple[str | None, ...]
_DEEPEST = 16  # names that stand for each other: more are no output, or a circle


def outputs_at(snapshot: Snapshot, start: int, path: tuple[str, ...]) -> tuple[Node, bool] | None:
    """The expression that means an output where its last name stands, and whether it does for sure.

    It is selected, `self.overlays.old`, comes from `with self.overlays;`, or is inherited.

    Args:
        snapshot: the file's text and tree.
        start: the first byte of the name.
        path: the output's path.

    Returns:
        the node; None where the name means something else.
    """
    node = snapshot.root.descendant_for_byte_range(start, start + len(path[-1].encode()))
    while node is not None and node.kind_id in _PARTS_OF_NAMES:
        inherited = node.parent is not None and node.parent.kind_id == K.INHERITED_ATTRS
        if inherited:
            return _inherited(snapshot, node, path)
        node = node.parent
    if node is None or node.start_byte > start:
        return None
    if node.kind_id == K.VARIABLE:
        return _of_with(snapshot, node, path)
    if node.kind_id != K.SELECT:
        return None
    names = _full(snapshot, node)
    if names[-len(path) :] != path:
        return None
    if names[: -len(path)] in _ROOTS:
        return node, True
    return (node, False) if names[0] in (path[0], "outputs", "self") else None


_PARTS_OF_NAMES = (K.IDENTIFIER, K.STRING, K.STRING_FRAGMENT, K.ATTRPATH)


def _of_with(snapshot: Snapshot, node: Node, path: tuple[str, ...]) -> tuple[Node, bool] | None:
    """The same for a name that a `with` may bring in: for sure if no closer one can."""
    found = Scope.of(snapshot).resolve(node)
    environments = () if found is None else found.environments
    known = [_full(snapshot, place)[-len(path) :] in _places(path) for place in environments]
    return (node, known[0]) if any(known) else None


def _inherited(snapshot: Snapshot, attr: Node, path: tuple[str, ...]) -> tuple[Node, bool] | None:
    statement = None if attr.parent is None else attr.parent.parent
    source = None if statement is None else statement.child_by_field_id(F.EXPRESSION)
    if source is None:
        found = _of_with(snapshot, attr, path)
        return None if found is None else (attr, False)
    return (attr, False) if _full(snapshot, source) in _places(path) else None


def _places(path: tuple[str, ...]) -> list[Names]:
    """What the set that has an output is called."""
    return [(*root, *path[:-1]) for root in _ROOTS]


def _full(snapshot: Snapshot, node: Node, depth: int = 0) -> Names:
    """A selection, or a name, with what `let`, `inherit` and `with` put in the place of its first name."""
    inner = core(node)
    if inner.kind_id == K.SELECT:
        path = static_path(field(inner, F.ATTRPATH), snapshot.source.data)
        return (*_full(snapshot, field(inner, F.EXPRESSION), depth + 1), *path)
    text = decode(snapshot.text(inner))
    variable = inner.kind_id == K.VARIABLE and depth < _DEEPEST
    found = Scope.of(snapshot).resolve(inner) if variable else None
    origin = None if found is None else _origin_of(found)
    if found is None or origin is None:
        return (text,)
    names = _full(snapshot, origin, depth + 1)
    return names if found.value is not None else (*names, text)


def _origin_of(found: Definition) -> Node | None:
    """The expression that a name stands for, or that has it as an attribute; None for any other."""
    if found.kind == "let" and found.value is not None:
        return found.value if core(found.value).kind_id in (K.SELECT, K.VARIABLE) else None
    if found.kind == "inherit":
        return found.source
    return found.environments[0] if len(found.environments) == 1 else None


def in_let(snapshot: Snapshot, holder: Node, names: tuple[str, ...]) -> list[Node] | None:
    """The selections of an attribute of a set that a `let` names; None where not all of its uses are known.

    Args:
        snapshot: the file's text and tree.
        holder: the set.
        names: the attribute's path in it.
    """
    return _in_let(snapshot, holder, names) if holder.kind_id in SETS else None


def by_import(
    tree: Tree, file: str, holder: Node, names: tuple[str, ...]
) -> tuple[str, Snapshot, list[Node]] | None:
    """The same for a set that is all of a file, which one `let` of the flake imports; with that file.

    Args:
        tree: the flake's files.
        file: the file of the set.
        holder: the set.
        names: the attribute's path in it.
    """
    whole = core(field(tree.snapshot(file).root, F.EXPRESSION))
    while whole.kind_id == K.FUNCTION:
        whole = core(field(whole, F.BODY))
    places = list(_names_of(tree, file)) if whole == holder else []
    if len(places) != 1:
        return None
    ((name, path),) = places
    snapshot = tree.snapshot(name)
    made = meaning(snapshot, path)
    found = None if made == path else _in_let(snapshot, made, names)
    return None if found is None else (name, snapshot, found)


def meaning(snapshot: Snapshot, node: Node) -> Node:
    """The largest expression around a path that is its file alone: `(import ./x.nix { })`.

    Args:
        snapshot: the text and tree that it stands in.
        node: the path.
    """
    while True:
        parent = node.parent
        if parent is None:
            return node
        if parent.kind_id == K.PARENTHESIZED:
            node = parent
            continue
        if parent.kind_id == K.APPLY:
            function = field(parent, F.FUNCTION)
            is_import = decode(snapshot.text(function)) in ("import", "builtins.import")
            if function == node or is_import:
                node = parent
                continue
        return node


def _in_let(snapshot: Snapshot, holder: Node, names: tuple[str, ...]) -> list[Node] | None:
    binding = holder.parent
    while binding is not None and binding.kind_id == K.PARENTHESIZED:
        binding = binding.parent
    if binding is None or binding.kind_id != K.BINDING:
        return None
    let = binding.parent.parent if binding.parent is not None else None
    path = static_path(field(binding, F.ATTRPATH), snapshot.source.data)
    if let is None or let.kind_id != K.LET or len(path) != 1 or path[0] is None:
        return None
    scope = Scope.of(snapshot)
    definition = scope.lookup(path[0], field(let, F.BODY))
    found = []
    for use in () if definition is None else scope.uses(definition):
        selected = _selected(snapshot, use)
        if selected is None and not _takes_all(snapshot, use):
            return None
        node, chosen = selected or (use, ())
        if chosen[: len(names)] == names:
            if len(chosen) > len(names):
                return None
            found.append(node)
    return found


def _selected(snapshot: Snapshot, use: Node) -> tuple[Node, tuple[str | None, ...]] | None:
    """The selection that a use is the base of, and what it selects."""
    parent = use.parent
    if parent is None or parent.kind_id != K.SELECT or field(parent, F.EXPRESSION) != use:
        return None
    data = snapshot.source.data
    names = tuple(static_name(attr, data) for attr in attrs(field(parent, F.ATTRPATH)))
    return None if None in names or parent.child_by_field_id(F.DEFAULT) is not None else (parent, names)


def _takes_all(snapshot: Snapshot, use: Node) -> bool:
    """Whether a use takes whatever is in the set: one that is gone leaves nothing behind."""
    parent = use.parent
    if parent is None or parent.kind_id != K.APPLY or field(parent, F.ARGUMENT) != use:
        return False
    return decode(snapshot.text(field(parent, F.FUNCTION))) in _VALUES


def output_of(tree: Tree, fleet: Fleet, file: str, holder: Node) -> str | None:
    """The output of the flake that a set of another file is, and nothing else; None if it is none.

    Args:
        tree: the flake's files.
        fleet: the evaluated flake.
        file: the file.
        holder: the set.
    """
    outputs = fleet.outputs
    if not isinstance(outputs, SetValue) or len(list(_names_of(tree, file))) != 1:
        return None
    for name, later in outputs.attributes.items():
        origin = later.get().origin
        if origin is not None and origin.file == file and origin.node.byte_range == holder.byte_range:
            return name
    return None


def _names_of(tree: Tree, file: str) -> Iterator[tuple[str, Node]]:
    """The paths that mean a file, or the folder whose default.nix it is, each with the file it stands in."""
    folder, base = posixpath.split(file)
    wanted = {file, folder} if base == "default.nix" else {file}
    for name in tree.containing(*(word.encode() for word in tree.spellings(file))):
        stack = [tree.snapshot(name).root]
        while stack:
            node = stack.pop()
            if (
                node.kind_id == K.PATH
                and tree.resolve(name, decode(tree.snapshot(name).text(node))) in wanted
            ):
                yield name, node
            stack += node.named_children
