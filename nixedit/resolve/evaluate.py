"""A lazy evaluator of Nix that stops where it would have to guess.

It knows the language (scopes, functions and their arguments, sets, lists, `//`, `++`, `with`, imports of
the flake's own files) and the functions of `nixedit.resolve.library`. All else becomes `Unknown`, with its
place. Cycles and endless recursion end in `Unknown` too. A value that it knows is what Nix gives, if Nix
gives one at all: that a function's formals refuse an argument, for instance, is not seen.
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Mapping

from msgspec.structs import replace

from nixedit.grammar import F
from nixedit.resolve import names
from nixedit.resolve.environment import Environment
from nixedit.resolve.expressions import BODY, RULES
from nixedit.resolve.library import call, in_nix, is_known, packages
from nixedit.resolve.library.systems import of_system
from nixedit.resolve.links import followed
from nixedit.resolve.values import (
    Call,
    Extended,
    External,
    FunctionValue,
    Later,
    Literal,
    Native,
    Origin,
    PathValue,
    SetValue,
    Unknown,
    Value,
    now,
)
from nixedit.syntax.nodes import field
from nixedit.syntax.scope import Definition
from nixedit.syntax.snapshot import Snapshot

# More than that nobody writes in a fleet: it is a fixed point or a defect.
_STEPS = 1_000_000

_Key = tuple[str, int, int]


class Files:
    """The files that an evaluation may read.

    Args:
        snapshot: gives the text and tree of a file of the flake; None if there is none.
        kind: says what a path of the flake is, as `builtins.readDir` does: `regular`, `directory`, `symlink`
            or `unknown`; None if there is nothing.
        listing: gives the names in a folder of the flake, with the kind of each; None if it is no folder.
        read: gives the bytes of a file of the flake; None if it cannot be read.
        target: gives the text of a symbolic link.

    Attributes:
        listed: the folders that were listed, for whatever use.
        selected: the folders whose files, at any depth, were taken by a rule, with the rule: whether it takes
            the file of a path; None where that is not known.
    """

    def __init__(
        self,
        snapshot: Callable[[str], Snapshot | None],
        kind: Callable[[str], str | None],
        listing: Callable[[str], Mapping[str, str] | None],
        read: Callable[[str], bytes | None],
        target: Callable[[str], str],
    ) -> None:
        self.snapshot, self.kind, self.listing, self.read, self.target = snapshot, kind, listing, read, target
        self.listed: set[str] = set()
        self.selected: list[tuple[str, Callable[[str], bool | None]]] = []

    def gives(self, path: str) -> bool:
        """Whether some listing has a file of that path, or would have it if it were there."""
        return (posixpath.dirname(path) or ".") in self.listed or self.selects(path)

    def selects(self, path: str) -> bool:
        """Whether a rule takes a file of that path, or may take it."""
        return any(
            (folder == "." or path.startswith(f"{folder}/")) and takes(path) is not False
            for folder, takes in self.selected
        )


class Evaluator:
    """Evaluates expressions of a flake's files.

    Args:
        files: the files.

    Attributes:
        calls: the calls of the functions that are written in the flake, as far as they were evaluated, under
            the arguments of the functions that each stands in: function and call by file and span.
        entered: the environments that the bodies of those functions were evaluated in, by the same.
        reads: the paths that files were read by, as far as they were evaluated, by file.
        made: gives what a framework's call makes, where that is known; any other value as it is.
    """

    def __init__(self, files: Files) -> None:
        self.files = files
        self.steps = 0
        self.calls: dict[_Key, dict[_Key, list[Origin]]] = {}
        self.entered: dict[_Key, list[Environment]] = {}
        self.reads: dict[str, dict[_Key, Origin]] = {}
        self.made: Callable[[Value], Value] = _as_it_is
        self._imported: dict[str, Later] = {}
        self._links: dict[str, str | None] = {}

    def file(self, name: str) -> Value:
        """The value of a file, evaluated once; a folder means its default.nix."""
        return self._of_target(name, name if name == in_nix.FILE else self.target(name))

    def _of_target(self, name: str, target: str | None) -> Value:
        if target is None:
            return Unknown(None, f"{name} is a link out of the flake")
        if target not in self._imported:
            self._imported[target] = Later(lambda: self._file(target))
        return self._imported[target].get()

    def read(self, path: PathValue) -> Value:
        """The value of the file that a path of the flake leads to, and a note that the path leads there."""
        name = path.path or ""
        target = self.target(name)
        if target is not None and path.origin is not None:
            self.reads.setdefault(target, {})[_key(path.origin)] = path.origin
        return self._of_target(name, target)

    def target(self, name: str) -> str | None:
        """The file that an import of a path reads; None if a link leads out of the flake.

        Args:
            name: the path, relative to the flake; a folder means its default.nix.
        """
        target = self.followed(name)
        if target is not None and self.files.kind(target) == "directory":
            return posixpath.normpath(f"{target}/default.nix")
        return target

    def followed(self, name: str) -> str | None:
        """What Nix reads where it is told to read a path: not the link, but what it leads to.

        Args:
            name: the path, relative to the flake.

        Returns:
            the path without links; None if one leads out of the flake.
        """
        if name not in self._links:
            self._links[name] = followed(name, self._link)
        return self._links[name]

    def _link(self, name: str) -> str | None:
        return self.files.target(name) if self.files.kind(name) == "symlink" else None

    def _file(self, name: str) -> Value:
        snapshot = in_nix.snapshot() if name == in_nix.FILE else self.files.snapshot(name)
        if snapshot is None or snapshot.has_error:
            return Unknown(None, f"{name} cannot be read")
        expression = snapshot.root.child_by_field_id(F.EXPRESSION)
        if expression is None:
            return Unknown(None, f"{name} is empty")
        return self.evaluate(Origin(name, snapshot, expression, Environment()))

    def evaluate(self, origin: Origin) -> Value:
        """The value of an expression, as far as it is known."""
        return self.later(origin).get()

    def later(self, origin: Origin) -> Later:
        """The value of an expression, when it is asked for; computed once under the same arguments."""
        node = origin.node
        arguments = origin.arguments.around(node)
        found = arguments.values.get(node.id)
        if found is None:
            here = Origin(origin.file, origin.snapshot, node, arguments)
            found = arguments.values[node.id] = Later(lambda: self._evaluate(here))
        return found

    def _evaluate(self, origin: Origin) -> Value:
        self.steps += 1
        if self.steps > _STEPS:
            return Unknown(origin, "it takes too long")
        node = origin.node
        while node.kind_id in BODY:
            node = field(node, BODY[node.kind_id])
        inner = origin.at(node)
        rule = RULES.get(node.kind_id)
        value = Unknown(inner) if rule is None else rule(self, inner)
        if origin.file == in_nix.FILE and not isinstance(value, FunctionValue) and value.origin is not None:
            # What the library does is best shown where it is used.
            return replace(value, origin=None) if value.origin.file == in_nix.FILE else value
        return replace(value, origin=origin) if _is_nowhere(value) else value

    def name(self, origin: Origin, name: str, definition: Definition | None) -> Value:
        """What a name means under the arguments of an origin."""
        return names.meaning(self, origin, name, definition)

    def text(self, origin: Origin) -> str | None:
        """The value of an expression that is a known string."""
        value = self.evaluate(origin)
        return value.value if isinstance(value, Literal) and isinstance(value.value, str) else None

    def has(self, value: Value, name: str) -> bool | None:
        """Whether a value has an attribute; None where that is not known. What is no set has none."""
        value = self.made(value)
        if isinstance(value, SetValue):
            return value.has(name)
        if isinstance(value, Extended) and name in value.attributes:
            return True
        return None if isinstance(value, External | Call | Unknown | Native) else False

    def select(self, value: Value, name: str, origin: Origin) -> Value | None:
        """What a value has under a name; None if it has none; `Unknown` if it may."""
        value = self.made(value)
        if isinstance(value, SetValue):
            return value.get(name)
        if isinstance(value, Extended) and name in value.attributes:
            return value.attributes[name].get()
        if isinstance(value, External):
            return External(origin, (*value.names, name))
        made = of_system(self, value, name, origin) if isinstance(value, Call) else None
        if made is not None:
            return made
        if isinstance(value, Call) and value.function.names[1:] == ("import",):
            return packages.selected(value, name, origin)
        if isinstance(value, Call):
            return Unknown(value.origin or origin, f"it is made by `{'.'.join(value.function.names)}`")
        if isinstance(value, Unknown):
            return Unknown(value.origin or origin, value.reason)
        return None

    def apply(self, function: Value, argument: Later, origin: Origin) -> Value:
        """What a function gives for an argument.

        Args:
            function: the function.
            argument: its argument.
            origin: the call.
        """
        if isinstance(function, FunctionValue) and function.origin is not None:
            head = function.origin
            arguments = head.arguments.inside(head.node, argument)
            if head.file != in_nix.FILE:
                called = self.calls.setdefault(_key(head), {})
                called.setdefault(_key(origin), []).append(origin)
                self.entered.setdefault(_key(head), []).append(arguments)
            return self.evaluate(Origin(head.file, head.snapshot, field(head.node, F.BODY), arguments))
        if isinstance(function, Native):
            return function.call(argument)
        if isinstance(function, SetValue):
            functor = function.get("__functor")
            if functor is not None:
                bound = self.apply(functor, now(function), origin)
                return self.apply(bound, argument, origin)
        if isinstance(function, External | Call):
            made = function if isinstance(function, Call) else Call(origin, function, ())
            return call(self, Call(origin, made.function, (*made.arguments, argument)))
        return Unknown(origin, getattr(function, "reason", "a computed function is called here"))

    def merged(self, left: Value, right: Value, origin: Origin) -> Value:
        """`left // right`."""
        left, right = self.made(left), self.made(right)
        if type(left) is External and isinstance(right, External) and left.names[-1:] == ("lib",):
            # A library extended by another one, `nixpkgs.lib // home-manager.lib`: they share no names.
            return left
        if isinstance(left, External) and isinstance(right, SetValue) and right.complete:
            return Extended(origin, left.names, {**getattr(left, "attributes", {}), **right.attributes})
        if not isinstance(right, SetValue):
            if not isinstance(left, SetValue):
                return Unknown(origin)
            if left.complete and type(right) is External and right.names[-1:] == ("lib",):
                own = {name: value for name, value in left.attributes.items() if not is_known(name)}
                return Extended(origin, right.names, own)  # a library has no names that it does not share
            # What is not known may have any name: nothing of the left is sure.
            return SetValue(origin, {}, Unknown(right.origin or origin))
        if not isinstance(left, SetValue):
            return SetValue(origin, right.attributes, Unknown(left.origin or origin), right.computed)
        if right.rest is not None:
            return SetValue(origin, right.attributes, right.rest, right.computed)
        attributes = dict(left.attributes)
        if right.computed:
            replaced = now(Unknown(origin, "a computed name may replace it"))
            attributes = dict.fromkeys(attributes, replaced)
        attributes.update(right.attributes)
        return SetValue(origin, attributes, left.rest, {**left.computed, **right.computed})


def _as_it_is(value: Value) -> Value:
    return value


def _key(origin: Origin) -> _Key:
    return (origin.file, *origin.span)


def _is_nowhere(value: Value) -> bool:
    """Whether a value is best shown where it is used: it is written nowhere itself."""
    return value.origin is None and isinstance(value, External | Unknown)
