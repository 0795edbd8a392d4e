"""A lazy evaluator of Nix that stops where it would have to guess.

It knows the language (scopes, functions and their arguments, sets, lists, `//`, `++`, `with`, imports of
the flake's own files) and the functions of `nixedit.resolve.library`. All else becomes `Unknown`, with its
place. Cycles and endless recursion end in `Unknown` too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from attrs import evolve
from tree_sitter import Node

from nixedit.grammar import F, K
from nixedit.resolve.values import (
    Call,
    Extended,
    External,
    FunctionValue,
    Later,
    Literal,
    Native,
    Origin,
    SetValue,
    Unknown,
    Value,
)
from nixedit.syntax.layers import Layer, Layers, child
from nixedit.syntax.nodes import attrs, field
from nixedit.syntax.scope import Definition, Scope
from nixedit.syntax.sets import Entry, set_index
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import decode

# Deeper than this, and longer than that, nobody writes a fleet: it is a fixed point or a defect.
_DEEP = 80
_STEPS = 300_000
CONSTANTS = {"true": True, "false": False, "null": None}


class Files:
    """The files that an evaluation may read.

    Args:
        snapshot: gives the text and tree of a file of the flake; None if there is none.
        kind: says what a path of the flake is: `regular`, `directory`, or None.
        listing: gives the names in a folder of the flake, with the kind of each.
        read: gives the bytes of a file of the flake; None if it cannot be read.
    """

    def __init__(
        self,
        snapshot: Callable[[str], Snapshot | None],
        kind: Callable[[str], str | None],
        listing: Callable[[str], Mapping[str, str]],
        read: Callable[[str], bytes | None],
    ) -> None:
        self.snapshot, self.kind, self.listing, self.read = snapshot, kind, listing, read


class Evaluator:
    """Evaluates expressions of a flake's files.

    Args:
        files: the files.
    """

    def __init__(self, files: Files) -> None:
        self.files = files
        self.steps = 0
        self._depth = 0
        self._imported: dict[str, Later] = {}

    # -- entry points -------------------------------------------------------------------------

    def file(self, name: str) -> Value:
        """The value of a file, evaluated once; a folder means its default.nix."""
        if self.files.kind(name) == "directory":
            name = f"{name}/default.nix" if name not in ("", ".") else "default.nix"
        if name not in self._imported:
            self._imported[name] = Later(lambda: self._file(name))
        return self._imported[name].get()

    def _file(self, name: str) -> Value:
        snapshot = self.files.snapshot(name)
        if snapshot is None or snapshot.has_error:
            return Unknown(None, f"{name} cannot be read")
        expression = snapshot.root.child_by_field_id(F.EXPRESSION)
        if expression is None:
            return Unknown(None, f"{name} is empty")
        return self.evaluate(Origin(name, snapshot, expression, {}))

    def evaluate(self, origin: Origin) -> Value:
        """The value of an expression, as far as it is known."""
        self.steps += 1
        if self.steps > _STEPS or self._depth > _DEEP:
            return Unknown(origin, "it goes too deep")
        self._depth += 1
        try:
            value = self._evaluate(origin)
            return evolve(value, origin=origin) if _is_nowhere(value) else value
        except RecursionError:
            return Unknown(origin, "it goes too deep")
        finally:
            self._depth -= 1

    def later(self, origin: Origin) -> Later:
        """The value of an expression, when it is asked for."""
        return Later(lambda: self.evaluate(origin))

    def _evaluate(self, origin: Origin) -> Value:
        from nixedit.resolve.expressions import BODY, RULES

        node = origin.node
        while node.kind_id in BODY:
            node = field(node, BODY[node.kind_id])
        origin = origin.at(node)
        rule = RULES.get(node.kind_id)
        return Unknown(origin) if rule is None else rule(self, origin)

    def name(self, origin: Origin, name: str, definition: Definition | None) -> Value:
        """What a name means under the arguments of an origin."""
        if definition is None:
            return Unknown(origin, f"`{name}` is not defined here")
        if definition.kind == "builtin":
            if name in CONSTANTS:
                return Literal(origin, CONSTANTS[name])
            return External(origin, ("builtins",) if name == "builtins" else ("builtins", name))
        if definition.kind == "with":
            return self._from_with(origin, name, definition)
        if definition.kind in ("formal", "universal"):
            return self._argument(origin, name, definition)
        if definition.kind == "inherit":
            return self.entry(origin, definition.entries[0], name)
        if definition.value is not None:
            return self.evaluate(origin.at(definition.value))
        found = child(origin.snapshot, (Layer(definition.places),), name)
        return Unknown(origin) if found is None else self.written(origin, found.layers)

    def _from_with(self, origin: Origin, name: str, definition: Definition) -> Value:
        for environment in definition.environments:
            value = self.evaluate(origin.at(environment))
            found = self.select(value, name, origin)
            if found is not None:
                return found
        return Unknown(origin, f"`{name}` may come from `with`")

    def _argument(self, origin: Origin, name: str, definition: Definition) -> Value:
        function = definition.scope
        given = None if function is None else origin.arguments.get(function.id)
        if given is None:
            return Unknown(origin, f"`{name}` is an argument")
        argument = given.get()
        if definition.kind == "universal":
            return argument
        found = self.select(argument, name, origin)
        if found is not None and not (isinstance(found, Unknown) and definition.value is not None):
            return found
        if definition.value is not None:
            return self.evaluate(origin.at(definition.value))
        return found or Unknown(origin, f"`{name}` is not given")

    def written(self, origin: Origin, layers: Layers) -> Value:
        """The value of written sets that Nix merges."""
        attributes: dict[str, Later] = {}
        computed: dict[str, Later] = {}
        for layer in layers:
            for place in layer.places:
                depth = len(place.prefix)
                for entry in set_index(origin.snapshot, place.node).entries:
                    if entry.names[:depth] != place.prefix or len(entry.names) <= depth:
                        continue
                    name = entry.names[depth]
                    if name is None:
                        self._add_computed(origin, entry, depth, attributes, computed)
                    elif name not in attributes:
                        attributes[name] = self._attribute(origin, layers, name)
        return SetValue(origin, attributes, None, computed)

    def _add_computed(
        self,
        origin: Origin,
        entry: Entry,
        depth: int,
        attributes: dict[str, Later],
        computed: dict[str, Later],
    ) -> None:
        """An attribute whose name is an expression: under its name if that is known, else under its code."""
        value = entry.value
        if value is None or len(entry.names) > depth + 1:
            later = Later(lambda: Unknown(origin.at(entry.binding)))
        else:
            later = self.later(origin.at(value))
        name = self._dynamic_name(origin, entry, depth)
        if name is not None:
            attributes.setdefault(name, later)
        else:
            holder = entry.attr or attrs(field(entry.binding, F.ATTRPATH))[depth]
            computed[decode(origin.snapshot.text(holder))] = later

    def _attribute(self, origin: Origin, layers: Layers, name: str) -> Later:
        def compute() -> Value:
            found = child(origin.snapshot, layers, name)
            if found is None:
                return Unknown(origin)
            if found.entry is not None:
                return self.entry(origin, found.entry, name)
            return self.written(origin, found.layers)

        return Later(compute)

    def _dynamic_name(self, origin: Origin, entry: Entry, depth: int) -> str | None:
        if entry.attr is not None:
            return None
        return self.text_of_attr(origin, attrs(field(entry.binding, F.ATTRPATH))[depth])

    def entry(self, origin: Origin, entry: Entry, name: str) -> Value:
        """The value of a binding, or of an inherited name."""
        if entry.value is not None:
            return self.evaluate(origin.at(entry.value))
        source = entry.binding.child_by_field_id(F.EXPRESSION)
        attr = entry.attr
        if source is not None:
            found = self.select(self.evaluate(origin.at(source)), name, origin.at(source))
            return found or Unknown(origin.at(source), f"it has no `{name}`")
        if attr is None:
            return Unknown(origin)
        here = origin.at(attr)
        return self.name(here, name, Scope.of(origin.snapshot).resolve(attr))

    def text_of_attr(self, origin: Origin, attr: Node) -> str | None:
        """The name that a computed attribute has, if it is known."""
        inner = attr.child_by_field_id(F.EXPRESSION) if attr.kind_id == K.INTERPOLATION else attr
        return None if inner is None else self.text(origin.at(inner))

    def text(self, origin: Origin) -> str | None:
        """The value of an expression that is a known string."""
        value = self.evaluate(origin)
        return value.value if isinstance(value, Literal) and isinstance(value.value, str) else None

    def select(self, value: Value, name: str, origin: Origin) -> Value | None:
        """What a value has under a name; None if it has none; `Unknown` if it may."""
        if isinstance(value, SetValue):
            return value.get(name)
        if isinstance(value, Extended) and name in value.attributes:
            return value.attributes[name].get()
        if isinstance(value, External):
            return External(origin, (*value.names, name))
        if isinstance(value, Literal):
            return None
        return Unknown(value.origin or origin, getattr(value, "reason", "its value is computed"))

    def apply(self, function: Value, argument: Later, origin: Origin) -> Value:
        """What a function gives for an argument.

        Args:
            function: the function.
            argument: its argument.
            origin: the call.
        """
        if isinstance(function, FunctionValue) and function.origin is not None:
            head = function.origin
            arguments = {**head.arguments, head.node.id: argument}
            body = Origin(head.file, head.snapshot, field(head.node, F.BODY), arguments)
            return self.evaluate(body)
        if isinstance(function, Native):
            return function.call(argument)
        if isinstance(function, SetValue):
            functor = function.get("__functor")
            if functor is not None:
                bound = self.apply(functor, Later(lambda: function), origin)
                return self.apply(bound, argument, origin)
        if isinstance(function, External | Call):
            from nixedit.resolve.library import call

            made = function if isinstance(function, Call) else Call(origin, function, ())
            return call(self, Call(origin, made.function, (*made.arguments, argument)))
        return Unknown(origin, getattr(function, "reason", "a computed function is called here"))

    def merged(self, left: Value, right: Value, origin: Origin) -> Value:
        """`left // right`."""
        if isinstance(left, External) and isinstance(right, External) and left.names[-1:] == ("lib",):
            # A library extended by another one, `nixpkgs.lib // home-manager.lib`.
            return left
        if isinstance(left, External) and isinstance(right, SetValue) and right.rest is None:
            return Extended(origin, left.names, {**getattr(left, "attributes", {}), **right.attributes})
        if not isinstance(right, SetValue):
            if not isinstance(left, SetValue):
                return Unknown(origin)
            # What is not known may have any name: nothing of the left is sure.
            return SetValue(origin, {}, Unknown(right.origin or origin))
        if not isinstance(left, SetValue):
            return SetValue(origin, right.attributes, Unknown(left.origin or origin))
        if right.rest is not None:
            return SetValue(origin, right.attributes, right.rest)
        computed = {**left.computed, **right.computed}
        return SetValue(origin, {**left.attributes, **right.attributes}, left.rest, computed)


def _is_nowhere(value: Value) -> bool:
    """Whether a value is best shown where it is used: it is written nowhere itself."""
    return value.origin is None and isinstance(value, External | Unknown)
