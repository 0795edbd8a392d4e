"""A lazy evaluator of Nix that stops where it would have to guess.

It knows the language (scopes, functions and their arguments, sets, lists, `//`, `++`, `with`, imports of
the flake's own files) and the functions of `nixedit.resolve.library`. All else becomes `Unknown`, with its
place. Cycles and endless recursion end in `Unknown` too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import PurePosixPath

from attrs import evolve
from tree_sitter import Node

from nixedit.grammar import SETS, F, K
from nixedit.resolve.values import (
    Call,
    External,
    FunctionValue,
    Later,
    ListValue,
    Literal,
    Origin,
    Part,
    PathValue,
    SetValue,
    Unknown,
    Value,
)
from nixedit.syntax.layers import Layer, Layers, Place, child
from nixedit.syntax.nodes import attrs, elements, field, formals, static_name
from nixedit.syntax.scope import Definition, Scope
from nixedit.syntax.sets import Entry, set_index
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import decode

# Deeper than this, and longer than that, nobody writes a fleet: it is a fixed point or a defect.
_DEEP = 80
_STEPS = 300_000


class Files:
    """The files that an evaluation may read.

    Args:
        snapshot: gives the text and tree of a file of the flake; None if there is none.
        kind: says what a path of the flake is: `regular`, `directory`, or None.
        listing: gives the names in a folder of the flake, with the kind of each.
    """

    def __init__(
        self,
        snapshot: Callable[[str], Snapshot | None],
        kind: Callable[[str], str | None],
        listing: Callable[[str], Mapping[str, str]],
    ) -> None:
        self.snapshot, self.kind, self.listing = snapshot, kind, listing


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

    # -- expressions --------------------------------------------------------------------------

    def _evaluate(self, origin: Origin) -> Value:
        node = origin.node
        while node.kind_id in _BODY:
            node = field(node, _BODY[node.kind_id])
        origin = origin.at(node)
        rule = _RULES.get(node.kind_id)
        return Unknown(origin) if rule is None else rule(self, origin)

    def _variable(self, origin: Origin) -> Value:
        scope = Scope.of(origin.snapshot)
        name = scope.name(origin.node) or ""
        return self.name(origin, name, scope.resolve(origin.node))

    def name(self, origin: Origin, name: str, definition: Definition | None) -> Value:
        """What a name means under the arguments of an origin."""
        if definition is None:
            return Unknown(origin, f"`{name}` is not defined here")
        if definition.kind == "builtin":
            if name in _CONSTANTS:
                return Literal(origin, _CONSTANTS[name])
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

    def _set(self, origin: Origin) -> Value:
        return self.written(origin, (Layer((Place(origin.node, ()),)),))

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
        attr = attrs(field(entry.binding, F.ATTRPATH))[depth]
        inner = attr.child_by_field_id(F.EXPRESSION) if attr.kind_id == K.INTERPOLATION else attr
        value = None if inner is None else self.evaluate(origin.at(inner))
        return value.value if isinstance(value, Literal) and isinstance(value.value, str) else None

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

    def _select(self, origin: Origin) -> Value:
        value = self.evaluate(origin.at(field(origin.node, F.EXPRESSION)))
        for attr in attrs(field(origin.node, F.ATTRPATH)):
            name = static_name(attr, origin.snapshot.source.data)
            if name is None:
                name = self._interpolated(origin, attr)
            found = None if name is None else self.select(value, name, origin)
            if found is None:
                default = origin.node.child_by_field_id(F.DEFAULT)
                if default is not None and name is not None and isinstance(value, SetValue):
                    return self.evaluate(origin.at(default))
                return Unknown(origin, f"there is no `{name}`" if name else "a name is computed here")
            value = found
        return value

    def _interpolated(self, origin: Origin, attr: Node) -> str | None:
        inner = attr.child_by_field_id(F.EXPRESSION) if attr.kind_id == K.INTERPOLATION else attr
        value = None if inner is None else self.evaluate(origin.at(inner))
        return value.value if isinstance(value, Literal) and isinstance(value.value, str) else None

    def select(self, value: Value, name: str, origin: Origin) -> Value | None:
        """What a value has under a name; None if it has none; `Unknown` if it may."""
        if isinstance(value, SetValue):
            return value.get(name)
        if isinstance(value, External):
            return External(origin, (*value.names, name))
        if isinstance(value, Literal):
            return None
        return Unknown(value.origin or origin, getattr(value, "reason", "its value is computed"))

    def _list(self, origin: Origin) -> Value:
        inside = [self.later(origin.at(element)) for element in elements(origin.node)]
        return ListValue(origin, (Part(inside, origin),))

    def _string(self, origin: Origin) -> Value:
        data = origin.snapshot.source.data
        from nixedit.syntax.nodes import string_value

        text = string_value(origin.node, data)
        if text is not None:
            return Literal(origin, text)
        if origin.node.kind_id != K.STRING:
            return Unknown(origin)
        return self._pieces(origin)

    def _pieces(self, origin: Origin) -> Value:
        """A string with interpolations whose values are all known."""
        result = []
        for piece in origin.node.children[1:-1]:
            if piece.kind_id != K.INTERPOLATION:
                text = decode(origin.snapshot.text(piece))
                if piece.kind_id != K.STRING_FRAGMENT:
                    return Unknown(origin)
                result.append(text)
                continue
            value = self.evaluate(origin.at(field(piece, F.EXPRESSION)))
            if not isinstance(value, Literal) or not isinstance(value.value, str):
                return Unknown(origin)
            result.append(value.value)
        return Literal(origin, "".join(result))

    def _number(self, origin: Origin) -> Value:
        text = origin.snapshot.text(origin.node)
        return Literal(origin, int(text) if origin.node.kind_id == K.INTEGER else float(text))

    def _path(self, origin: Origin) -> Value:
        pieces = []
        for piece in origin.node.named_children:
            if piece.kind_id == K.INTERPOLATION:
                value = self.evaluate(origin.at(field(piece, F.EXPRESSION)))
                if not isinstance(value, Literal) or not isinstance(value.value, str):
                    return Unknown(origin, "the path is computed")
                pieces.append(value.value)
            else:
                pieces.append(decode(origin.snapshot.text(piece)))
        return PathValue(origin, self.resolve_path(origin.file, "".join(pieces)))

    def resolve_path(self, file: str, text: str) -> str | None:
        """The path of the flake that a path literal in a file means; None outside of the flake."""
        import posixpath

        if text.startswith(("/", "~")):
            return None
        joined = posixpath.normpath(posixpath.join(str(PurePosixPath(file).parent), text))
        return None if joined.startswith("..") else joined

    def _function(self, origin: Origin) -> Value:
        return FunctionValue(origin)

    def _apply(self, origin: Origin) -> Value:
        function = self.evaluate(origin.at(field(origin.node, F.FUNCTION)))
        return self.apply(function, self.later(origin.at(field(origin.node, F.ARGUMENT))), origin)

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

    def _binary(self, origin: Origin) -> Value:
        operator = field(origin.node, F.OPERATOR).type
        left, right = origin.at(field(origin.node, F.LEFT)), origin.at(field(origin.node, F.RIGHT))
        if operator == "//":
            return self.merged(self.evaluate(left), self.evaluate(right), origin)
        if operator == "++":
            return ListValue(origin, (*self._parts(left), *self._parts(right)))
        if operator == "+":
            return self._sum(origin, self.evaluate(left), self.evaluate(right))
        if operator == "|>":
            return self.apply(self.evaluate(right), self.later(left), origin)
        if operator == "<|":
            return self.apply(self.evaluate(left), self.later(right), origin)
        if operator in ("==", "!="):
            one, two = self.evaluate(left), self.evaluate(right)
            if isinstance(one, Literal) and isinstance(two, Literal):
                return Literal(origin, (one.value == two.value) == (operator == "=="))
        return Unknown(origin)

    def merged(self, left: Value, right: Value, origin: Origin) -> Value:
        """`left // right`."""
        if isinstance(left, External) and isinstance(right, External) and left.names[-1:] == ("lib",):
            # A library extended by another one, `nixpkgs.lib // home-manager.lib`.
            return left
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

    def _parts(self, origin: Origin) -> tuple[Part, ...]:
        value = self.evaluate(origin)
        if isinstance(value, ListValue):
            return tuple(value.parts)
        return (Part((), value.origin or origin, known=False),)

    def _sum(self, origin: Origin, left: Value, right: Value) -> Value:
        if isinstance(left, Literal) and isinstance(right, Literal):
            if isinstance(left.value, str) and isinstance(right.value, str):
                return Literal(origin, left.value + right.value)
        if isinstance(left, PathValue) and left.path is not None and isinstance(right, Literal):
            if isinstance(right.value, str):
                return PathValue(origin, self.resolve_path("x", f"./{left.path}/{right.value}".replace("//", "/")))
        return Unknown(origin)

    def _if(self, origin: Origin) -> Value:
        condition = self.evaluate(origin.at(field(origin.node, F.CONDITION)))
        if isinstance(condition, Literal) and isinstance(condition.value, bool):
            chosen = F.CONSEQUENCE if condition.value else F.ALTERNATIVE
            return self.evaluate(origin.at(field(origin.node, chosen)))
        return Unknown(origin, "it depends on a condition")

    def _has(self, origin: Origin) -> Value:
        value = self.evaluate(origin.at(field(origin.node, F.EXPRESSION)))
        for attr in attrs(field(origin.node, F.ATTRPATH)):
            name = static_name(attr, origin.snapshot.source.data)
            if not isinstance(value, SetValue) or name is None:
                return Unknown(origin)
            found = value.get(name)
            if found is None:
                return Literal(origin, False)
            value = found
        return Unknown(origin) if isinstance(value, Unknown) else Literal(origin, True)

    def _not(self, origin: Origin) -> Value:
        value = self.evaluate(origin.at(field(origin.node, F.ARGUMENT)))
        if isinstance(value, Literal) and isinstance(value.value, bool):
            return Literal(origin, not value.value)
        return Unknown(origin)


def _is_nowhere(value: Value) -> bool:
    """Whether a value is best shown where it is used: it is written nowhere itself."""
    return value.origin is None and isinstance(value, External | Unknown)


_CONSTANTS = {"true": True, "false": False, "null": None}
_BODY = {K.PARENTHESIZED: F.EXPRESSION, K.LET: F.BODY, K.WITH: F.BODY, K.ASSERT: F.BODY}
_RULES: dict[int, Callable[[Evaluator, Origin], Value]] = {
    K.VARIABLE: Evaluator._variable,
    K.SELECT: Evaluator._select,
    K.LIST: Evaluator._list,
    K.STRING: Evaluator._string,
    K.INDENTED_STRING: Evaluator._string,
    K.INTEGER: Evaluator._number,
    K.FLOAT: Evaluator._number,
    K.PATH: Evaluator._path,
    K.FUNCTION: Evaluator._function,
    K.APPLY: Evaluator._apply,
    K.BINARY: Evaluator._binary,
    K.IF: Evaluator._if,
    K.HAS_ATTR: Evaluator._has,
    K.UNARY: Evaluator._not,
    **dict.fromkeys(SETS, Evaluator._set),
}


def formal_names(function: Node, snapshot: Snapshot) -> list[str]:
    """The names of a function's formals; empty for `x: …`."""
    head = function.child_by_field_id(F.FORMALS)
    if head is None:
        return []
    return [decode(snapshot.text(field(formal, F.NAME))) for formal in formals(head)]
