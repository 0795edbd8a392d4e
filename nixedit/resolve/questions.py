"""The questions of a codemod: what a name means, who uses what it is bound to, where a value comes from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from nixedit.document import Document
from nixedit.grammar import K
from nixedit.handles import Node
from nixedit.resolve.environment import Environment
from nixedit.resolve.fleet import Fleet
from nixedit.resolve.values import Origin, SetValue, Value
from nixedit.syntax.scope import Definition, Scope

# How deep the outputs are asked for before it is told what was evaluated: `packages.x86_64-linux.default`.
_DEPTH = 3


class Place(Struct, frozen=True):
    """A place in a file of a flake.

    Attributes:
        file: the file, relative to the flake.
        line: its line, 1-based.
        text: the code that stands there.
    """

    file: str
    line: int
    text: str


def meaning(node: Node, name: str | None = None) -> Definition | None:
    """What a variable means, or what a name would mean if it were written in the place of a node.

    Nix manual, "Scoping rules": the innermost `let`, `rec` or function that binds the name; `with` only if
    none does.

    Args:
        node: a variable, or a name that a plain `inherit` lists; with `name` any node.
        name: the name; None for that of the node.

    Returns:
        how the name is bound; None where Nix would call it undefined, or where the node is no variable.
    """
    scope = Scope.of(node._document.snapshot)  # noqa: SLF001 the handle's own document
    return scope.resolve(node.node) if name is None else scope.lookup(name, node.node)


def named(document: Document, name: str) -> list[Node]:
    """The variables of a file that have a name, and such names that a plain `inherit` lists, in order."""
    return [Node(document, node) for node in Scope.of(document.snapshot).named(name)]


def uses(document: Document, definition: Definition) -> list[Node]:
    """The variables of a file, and the names that a plain `inherit` lists, that mean a definition; in order.

    Args:
        document: the file that the definition was found in, unchanged since.
        definition: what `meaning` found.
    """
    return [Node(document, node) for node in Scope.of(document.snapshot).uses(definition)]


def came_from(fleet: Fleet, path: Sequence[str]) -> Place | None:
    """Where the value of an output is written, through functions, imports and files.

    Args:
        fleet: the evaluated flake.
        path: the output, name by name.

    Returns:
        the place; None where there is no such output, or where it is not written in the flake.
    """
    value: Value | None = fleet.outputs
    for name in path:
        value = value.get(name) if isinstance(value, SetValue) else None
    return None if value is None or value.origin is None else _place(value.origin)


def values_of(fleet: Fleet, file: str, node: Node) -> list[Value]:
    """What an expression is, once for each call of the functions that it stands in.

    Args:
        fleet: the evaluated flake; its outputs are evaluated as far as calls are looked for.
        file: the file, relative to the flake.
        node: the expression.

    Returns:
        the values; none where no output needs the function around it.
    """
    _settle(fleet.outputs, _DEPTH)
    snapshot = fleet.workspace[file].snapshot
    function = node.node.parent
    while function is not None and function.kind_id != K.FUNCTION:
        function = function.parent
    key = None if function is None else (file, function.start_byte, function.end_byte)
    found = [Environment()] if key is None else fleet.evaluator.entered.get(key, [])
    return [fleet.evaluator.evaluate(Origin(file, snapshot, node.node, around)) for around in list(found)]


def calls(fleet: Fleet, file: str, function: Node) -> list[Place]:
    """Where a function is called, in whatever file, as far as the outputs need the calls.

    Args:
        fleet: the evaluated flake; its outputs are evaluated as far as calls are looked for.
        file: the file that the function is written in, relative to the flake.
        function: the function.
    """
    _settle(fleet.outputs, _DEPTH)
    key = (file, function.span.start, function.span.end)
    return [_place(origins[0]) for origins in fleet.evaluator.calls.get(key, {}).values()]


def imports(fleet: Fleet, file: str) -> list[Place]:
    """The paths that a file is read by, as far as the outputs need it.

    Args:
        fleet: the evaluated flake; its outputs are evaluated as far as imports are looked for.
        file: the file, relative to the flake.
    """
    _settle(fleet.outputs, _DEPTH)
    return [_place(origin) for origin in fleet.evaluator.reads.get(file, {}).values()]


def _settle(value: Value, depth: int) -> None:
    """Evaluate a set's attributes, and those of the sets in it."""
    if isinstance(value, SetValue) and depth:
        for inner in _attributes(value):
            _settle(inner, depth - 1)


def _attributes(value: SetValue) -> Iterator[Value]:
    for later in (*value.attributes.values(), *value.computed.values()):
        yield later.get()


def _place(origin: Origin) -> Place:
    return Place(origin.file, origin.line, origin.snapshot.text(origin.node).decode(errors="surrogateescape"))
