"""Where a value that holds inputs goes: into the flake's own files, or out of sight."""

from __future__ import annotations

from tree_sitter import Node

from nixedit.grammar import SETS, F, K
from nixedit.syntax.layers import core
from nixedit.syntax.nodes import field, static_path
from nixedit.syntax.scope import Scope
from nixedit.syntax.snapshot import Snapshot

# Nixpkgs manual, "evalModules", and home-manager's: arguments for modules, which the flake's files are.
_MODULE_ARGUMENTS = frozenset({"specialArgs", "extraSpecialArgs"})


def outermost(node: Node) -> Node:
    """The node with the parentheses around it."""
    above = node.parent
    while above is not None and above.kind_id == K.PARENTHESIZED:
        node, above = above, above.parent
    return node


def call_of(node: Node) -> Node | None:
    """The call that a node is the argument of; None if it is none."""
    above = outermost(node).parent
    if above is None or above.kind_id != K.APPLY:
        return None
    return above if field(above, F.ARGUMENT) == outermost(node) else None


def imported_path(snapshot: Snapshot, call: Node) -> Node | None:
    """The path of a call `import ./x`, `callPackage ./x`; None for any other call."""
    function, argument = core(field(call, F.FUNCTION)), core(field(call, F.ARGUMENT))
    name = snapshot.text(function).rpartition(b".")[2]
    if name not in (b"import", b"callPackage"):
        return None
    while argument.kind_id == K.BINARY and field(argument, F.OPERATOR).type == "+":
        argument = core(field(argument, F.LEFT))
    own = argument.kind_id == K.PATH or snapshot.text(argument) == b"self"
    if argument.kind_id == K.STRING:
        own = snapshot.text(argument).startswith((b'"${self}/', b'"${inputs.self}/', b'"${./'))
    return argument if own else None


def is_own(snapshot: Snapshot, function: Node) -> bool:
    """Whether what is called is written in the flake: a function of the file, or one of a file it imports."""
    scope = Scope.of(snapshot)
    for _ in range(100):
        function = scope.value_of(function)
        if function.kind_id == K.FUNCTION:
            return True
        if function.kind_id == K.APPLY:
            if imported_path(snapshot, function) is not None:
                return True
            function = field(function, F.FUNCTION)
        elif function.kind_id == K.SELECT:
            function = field(function, F.EXPRESSION)
        else:
            return False
    return False


def _stays(snapshot: Snapshot, holder: Node) -> bool:
    """Whether a written set or `let` that holds a value hands it to nothing but the flake's own files."""
    if holder.kind_id == K.LET:
        return True
    if holder.kind_id not in SETS:
        return False
    node = outermost(holder)
    above = node.parent
    while above is not None and above.kind_id == K.BINARY and field(above, F.OPERATOR).type == "//":
        node = outermost(above)
        above = node.parent
    if above is not None and above.kind_id == K.BINDING:
        return _for_modules(static_path(field(above, F.ATTRPATH), snapshot.source.data))
    call = call_of(node)
    if call is None:
        return False
    return imported_path(snapshot, call) is not None or is_own(snapshot, field(call, F.FUNCTION))


def _for_modules(path: tuple[str | None, ...]) -> bool:
    return path[-1:] != () and (path[-1] in _MODULE_ARGUMENTS or path[-2:] == ("_module", "args"))


def is_handed_on(snapshot: Snapshot, node: Node, name: str) -> bool:
    """Whether a value goes on as `inputs = inputs`, and to nothing but the flake's own files."""
    above = outermost(node).parent
    if above is None or above.kind_id not in (K.BINDING, K.INHERITED_ATTRS):
        return False
    if above.kind_id == K.BINDING:
        *prefix, last = static_path(field(above, F.ATTRPATH), snapshot.source.data)
        if last != name or prefix:
            return last == name and _for_modules(tuple(prefix))
    holder = above.parent
    while holder is not None and holder.kind_id not in (*SETS, K.LET, K.LET_ATTRSET):
        holder = holder.parent
    return holder is not None and _stays(snapshot, holder)
