"""A value handed down to a place that has no name for it: a formal more, and an argument more at each call.

Threaded is only what can be decided: every use of the function is a call that is written in the flake and
was seen in evaluation, and evaluation saw no other call of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import PurePosixPath

from tree_sitter import Node

from nixedit.edits import Edit, Expected
from nixedit.flake.input_passing import outermost
from nixedit.grammar import F, K
from nixedit.layout.code import expr
from nixedit.migrate.names import FREE_NAMES, InputsName, InputsNames, Passed
from nixedit.migrate.tree import Tree
from nixedit.operations import ops
from nixedit.resolve.environment import Environment
from nixedit.resolve.flow import Flow, whole
from nixedit.resolve.values import InputsValue, Origin, SetValue
from nixedit.syntax.layers import core, layers_of
from nixedit.syntax.nodes import attrs, bindings, field
from nixedit.syntax.scope import Scope
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import decode

# How many functions a value is handed through at most.
_DEEPEST = 8


class _UndecidedError(Exception):
    """What becomes of a function cannot be told."""


class Passing:
    """Hands the flake's inputs down.

    Args:
        tree: the flake's files.
        names: finds the name of the inputs where they have one.
    """

    def __init__(self, tree: Tree, names: InputsNames) -> None:
        self.tree, self.names = tree, names
        self.evaluator = names.fleet.evaluator
        self.flow = Flow(self.evaluator)

    def to(self, places: Sequence[Origin], depth: int = 0) -> InputsName | None:
        """The name that the inputs get at a place, and what gives it to them; None where that is not decided.

        Args:
            places: the place, under the arguments that it has for each host.
            depth: how many functions they were handed through already.
        """
        for function in _functions_around(places[0]):
            name = self._free_name(places[0], function)
            if name is None:
                continue
            try:
                return self._through(function, name, places, depth)
            except _UndecidedError:
                continue
        return None

    def _free_name(self, place: Origin, function: Node) -> str | None:
        """A name that means nothing at the place, and nothing else within the function."""
        scope = Scope.of(place.snapshot)
        visible = scope.names_at(place.node)
        for name in FREE_NAMES:
            used = [node for node in scope.named(name) if _contains(function, node)]
            if name not in visible and all(_is_bound_within(scope, node, function) for node in used):
                return name
        return None

    def _through(self, function: Node, name: str, places: Sequence[Origin], depth: int) -> InputsName:
        here = places[0].at(function)
        head = function.child_by_field_id(F.FORMALS)
        given = [place.arguments.argument(function) for place in places]
        if head is None or any(argument is None for argument in given):
            raise _UndecidedError
        if all(isinstance(argument and argument.get(), InputsValue) for argument in given):
            if function.child_by_field_id(F.UNIVERSAL) is not None:
                raise _UndecidedError
            return InputsName(name, passed=(self._passed(here, ops.BindUniversal(function, name), name),))
        if depth > _DEEPEST or _is_handed_on(here):
            raise _UndecidedError
        passed = [self._passed(here, ops.AddFormal(head, name), name)]
        universal = None
        for call, origins in self._calls(here):
            added = self._argument(call, origins, name, depth)
            if added is not None:
                passed += added.passed
                universal = universal or added.universal
        return InputsName(name, universal, tuple(passed))

    def _passed(self, place: Origin, operation: ops.Operation, name: str) -> Passed:
        return Passed(_key(place), place.file, operation, place.line, name)

    # -- the calls ----------------------------------------------------------------------------

    def _calls(self, function: Origin) -> list[tuple[Origin, list[Origin]]]:
        """Every call of a function, with the arguments of the functions that each stands in."""
        written = {_key(call): call for call in self._written_calls(function)}
        seen = self.evaluator.calls.get(_key(function), {})
        if not seen or set(written) != set(seen):
            raise _UndecidedError
        return [(written[key], origins) for key, origins in seen.items()]

    def _argument(self, call: Origin, origins: Sequence[Origin], name: str, depth: int) -> InputsName | None:
        """What gives a call the argument; None where it has it."""
        argument = core(field(call.node, F.ARGUMENT))
        values = [self.evaluator.evaluate(origin.at(argument)) for origin in origins]
        known = [value.get(name) if isinstance(value, SetValue) else value for value in values]
        if all(isinstance(value, InputsValue) for value in known):
            return None
        if argument.kind_id != K.ATTRSET or any(value is not None for value in known):
            raise _UndecidedError
        inner = [origin.at(argument) for origin in origins]
        found = self.names.at(inner) or self.to(inner, depth + 1)
        if found is None:
            raise _UndecidedError
        operation = _given(call.snapshot, argument, name, found.code)
        passed = (*found.passed, self._passed(call.at(argument), operation, name))
        return InputsName(name, found.universal, passed)

    def _written_calls(self, function: Origin) -> Iterator[Origin]:
        """The calls of a function that are written in the flake, each use of it being one."""
        node, level = function.node, 0
        while True:
            node = whole(node)
            above = node.parent
            if above is None or above.kind_id != K.FUNCTION:
                break
            node, level = above, level + 1
        if above is not None and above.parent is None:
            for use in self._imports(function.file):
                yield from self._of(use, level)
        else:
            yield from self._of(function.at(node), level)

    def _of(self, value: Origin, level: int) -> Iterator[Origin]:
        """The calls that an expression is used for which is a function behind so many others."""
        for end in self.flow.ends(value):
            call = end.node.parent
            if call is None or call.kind_id != K.APPLY or field(call, F.FUNCTION) != end.node:
                raise _UndecidedError
            if level == 0:
                yield end.at(call)
            else:
                yield from self._of(end.at(call), level - 1)

    def _imports(self, file: str) -> Iterator[Origin]:
        """The expressions `import ./file`; anything else that may name the file leaves it undecided."""
        pure = PurePosixPath(file)
        folder = str(pure.parent)
        if self.evaluator.files.gives(file) or self.tree.is_imported_as_whole(folder):
            raise _UndecidedError
        if pure.name == "default.nix" and not pure.parent.name:
            raise _UndecidedError
        words = self.tree.spellings(file)
        for name in self.tree.containing(*(word.encode() for word in words)):
            snapshot = self.tree.snapshot(name)
            for node in _paths(snapshot):
                yield from self._import(Origin(name, snapshot, node, Environment()), file, words)

    def _import(self, path: Origin, file: str, words: Collection[str]) -> Iterator[Origin]:
        text = decode(path.snapshot.text(path.node))
        if path.node.kind_id != K.PATH or path.node.named_child_count > 1:
            if any(f"/{word}" in text for word in words):
                raise _UndecidedError
            return
        if self.tree.resolve(path.file, text) not in (file, file.removesuffix("/default.nix")):
            return
        call = outermost(path.node).parent
        if call is None or call.kind_id != K.APPLY or field(call, F.ARGUMENT) != outermost(path.node):
            raise _UndecidedError
        if path.snapshot.text(core(field(call, F.FUNCTION))) not in (b"import", b"builtins.import"):
            raise _UndecidedError
        yield path.at(call)


def _key(place: Origin) -> tuple[str, int, int]:
    return (place.file, *place.span)


def _functions_around(place: Origin) -> list[Node]:
    """The functions that a place stands in, the outermost first: the fewest calls know it."""
    found = []
    node = place.node.parent
    while node is not None:
        if node.kind_id == K.FUNCTION:
            found.append(node)
        node = node.parent
    return found[::-1]


def _paths(snapshot: Snapshot) -> Iterator[Node]:
    """The paths of a file, and the strings that can be made ones."""
    pending = [snapshot.root]
    while pending:
        node = pending.pop()
        if node.kind_id in (K.PATH, K.STRING, K.INDENTED_STRING):
            yield node
        pending += node.named_children


def _is_bound_within(scope: Scope, node: Node, function: Node) -> bool:
    """Whether a variable means something that is bound within a function's body."""
    definition = scope.resolve(node)
    binder = None if definition is None or definition.kind == "with" else definition.scope
    return binder is not None and binder != function and _contains(function, binder)


def _is_handed_on(function: Origin) -> bool:
    """Whether the whole argument of a function goes elsewhere: what is added to it would go there too."""
    universal = function.node.child_by_field_id(F.UNIVERSAL)
    if universal is None:
        return False
    scope = Scope.of(function.snapshot)
    definition = scope.lookup(decode(function.snapshot.text(universal)), field(function.node, F.BODY))
    uses = [] if definition is None else scope.uses(definition)
    return any(use.parent is None or use.parent.kind_id != K.SELECT for use in uses)


def _given(snapshot: Snapshot, argument: Node, name: str, code: str) -> ops.Operation:
    """What adds an argument to a written set: a name more of its plain `inherit`, or a binding."""
    layers = layers_of(argument)
    listed = [held for held in bindings(argument) if held.kind_id == K.INHERIT and attrs(held)]
    if code != name or not listed:
        return ops.SetAttr(layers, (name,), expr(code))
    last = attrs(listed[-1])[-1]
    source = snapshot.source
    own_line = source.begins_line(last.start_byte)
    lead = b"\n" + source.indent(last.start_byte) if own_line else b" "
    text = lead + name.encode()
    expected = (Expected(K.IDENTIFIER, len(lead), len(text)),)
    return ops.Splice((Edit(last.end_byte, last.end_byte, text, expected),))


def _contains(outer: Node, inner: Node) -> bool:
    return outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte
