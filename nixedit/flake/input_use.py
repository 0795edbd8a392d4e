"""Which inputs a flake uses, told from all of its files; where that cannot be told, it uses all of them.

Followed are the formals of `outputs`, its whole argument under any name, `self.inputs`, and both as arguments
of modules (`specialArgs`) and of the flake's own functions and files. What hands them to anything else, or
asks for a computed name, may use any input. A name or an argument of any other file that is called like an
input is taken for it.
"""

from __future__ import annotations

import os
import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from tree_sitter import Node, Query, QueryCursor

from nixedit.document import Document
from nixedit.errors import NixEditError
from nixedit.flake.input_passing import call_of, imported_path, is_handed_on, is_own, outermost
from nixedit.flake.inputs import Input
from nixedit.flake.outputs import Outputs
from nixedit.git import repository_of
from nixedit.grammar import LANGUAGE, F, K
from nixedit.syntax.layers import core
from nixedit.syntax.nodes import attrs, field, formals, static_name, static_path
from nixedit.syntax.scope import Scope
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import Source, decode

_INPUTS, _SELF = "inputs", "self"
_NAMES = Query(
    LANGUAGE,
    "(variable_expression) @name (inherit attrs: (inherited_attrs attr: (_) @name)) (path_expression) @path"
    " (formal name: (_) @formal)"
    " (select_expression) @select (function_expression) @function",
)
# A file that is a function of one argument, `args: …`.
_ONE_ARGUMENT = re.compile(rb"(?:\s|#[^\n]*\n|/\*.*?\*/)*[a-zA-Z_][a-zA-Z0-9_'-]*\s*:", re.DOTALL)
# Files that are no Nix are looked into up to this size, in bytes.
_LARGEST = 1 << 18
# Of more files than these nobody wants to wait for an answer.
_MOST = 20_000
# How far above a flake another one may have it as a part of its own.
_ABOVE = 2


class _File(NamedTuple):
    name: str
    snapshot: Snapshot

    def selected(self, node: Node) -> tuple[str | None, ...]:
        """The names that a selection, or a question for an attribute, has."""
        return static_path(field(node, F.ATTRPATH), self.snapshot.source.data)


class _Escaped(Exception):
    """The inputs may be used by something that cannot be looked into."""


def unused(document: Document, inputs: Mapping[str, Input], folder: Path | None) -> list[str]:
    """The inputs that nothing in the flake uses, in the order of their names.

    An input that another one follows is used. So are all those of a flake whose `outputs` takes none of them
    and whose files use none: it is a list of sources that something else reads.

    Args:
        document: its flake.nix.
        inputs: its inputs.
        folder: the flake's folder; None where only flake.nix is known.
    """
    found = set(inputs)
    for one in inputs.values():
        for target in (one.follows or "", *one.overrides.values()):
            found.discard(target.partition("/")[0])
    try:
        use = _Use(document, folder, found)
        used = use.used() if found else set()
    except _Escaped:
        return []
    return sorted(found - used) if not used.isdisjoint(inputs) or not use.taken.isdisjoint(inputs) else []


class _Use:
    """One question.

    Attributes:
        taken: the formals of `outputs`.
    """

    def __init__(self, document: Document, folder: Path | None, wanted: set[str]) -> None:
        self._wanted = wanted
        self._document = document
        self._folder = None if folder is None else _ground(folder)
        self.taken: set[str] = set()
        self._names: set[str] = set()
        self._everywhere = {_INPUTS, _SELF}
        self._called: dict[str, set[str]] = {}
        self._files: dict[str, Source] = {}
        self._parsed: dict[str, Snapshot] = {}

    def used(self) -> set[str]:
        """The names that are used, at least those that are asked for."""
        self._flake = self._name_of_flake()
        self._outputs()
        self._files[self._flake] = self._document.source
        self._parsed[self._flake] = self._document.snapshot
        if self._wanted <= self._names:
            return self._names
        self._files.update(self._own_files())
        while not self._wanted <= self._names:
            before = len(self._everywhere), sum(map(len, self._called.values()))
            for name, source in self._files.items():
                if self._called.get(name) or self._may_name(source.data):
                    self._look(_File(name, self._snapshot(name)))
            if before == (len(self._everywhere), sum(map(len, self._called.values()))):
                break
        if not self._wanted <= self._names:
            self._other_files()
        return self._names

    def _outputs(self) -> None:
        try:
            outputs = Outputs(self._document)
        except NixEditError:
            raise _Escaped from None
        head = outputs.formals
        self.taken.update(() if head is None else head.names)
        self._function(_File(self._flake, self._document.snapshot), outputs.function)

    def _function(self, file: _File, function: Node) -> None:
        """A function whose argument is all inputs."""
        name, snapshot = file
        universal = function.child_by_field_id(F.UNIVERSAL)
        if universal is not None:
            self._called.setdefault(name, set()).add(decode(snapshot.text(universal)))
        head = function.child_by_field_id(F.FORMALS)
        scope, body = Scope.of(snapshot), field(function, F.BODY)
        for formal in () if head is None else formals(head):
            text = decode(snapshot.text(field(formal, F.NAME)))
            definition = scope.lookup(text, body)
            # Hidden by a name within, or by a default that uses it: that is too seldom to look at.
            if definition is None or definition.scope != function or scope.uses(definition):
                self._names.add(text)

    # -- files --------------------------------------------------------------------------------

    def _name_of_flake(self) -> str:
        path = os.path.abspath(os.fspath(self._document.path or "flake.nix"))
        return os.path.basename(path) if self._folder is None else os.path.relpath(path, self._folder)

    def _paths(self) -> Iterator[tuple[str, str]]:
        """The other files of the flake: each as it is found, and relative to the flake."""
        count = 0
        for root, folders, files in os.walk(self._folder) if self._folder is not None else ():
            count += len(files)
            if count > _MOST:
                raise _Escaped
            folders[:] = sorted(name for name in folders if name not in (".git", ".hg", ".jj", ".direnv"))
            for file in sorted(files):
                full = os.path.join(root, file)
                name = os.path.relpath(full, self._folder)
                if name != self._flake and file != "flake.lock" and os.path.isfile(full):
                    yield full, name

    def _own_files(self) -> dict[str, Source]:
        """The flake's other Nix files, by their paths in it."""
        found: dict[str, Source] = {}
        for path, name in self._paths():
            if name.endswith(".nix"):
                data = _read(path)
                if b"flake.lock" in data or b"getFlake" in data:
                    self._words(data)
                found[name] = Source(data)
        return found

    def _other_files(self) -> None:
        """Scripts and the like, where they speak of inputs."""
        for path, name in self._paths():
            if not name.endswith(".nix") and os.path.getsize(path) <= _LARGEST:
                data = _read(path)
                if b"\0" not in data and (b"inputs" in data or b"flake.lock" in data):
                    self._words(data)

    def _snapshot(self, name: str) -> Snapshot:
        if name not in self._parsed:
            self._parsed[name] = Snapshot.of(self._files[name])
        return self._parsed[name]

    def _words(self, data: bytes) -> None:
        """Every word of a file that may name inputs in a way of its own."""
        self._names.update(word.decode() for word in re.findall(rb"[a-zA-Z_][a-zA-Z0-9_'-]*", data))

    # -- one file -----------------------------------------------------------------------------

    def _look(self, file: _File) -> None:
        name, snapshot = file
        data = snapshot.source.data
        if snapshot.has_error:
            raise _Escaped
        captures = QueryCursor(_NAMES).captures(snapshot.root)
        tracked = self._everywhere | self._called.get(name, set())
        for node in captures.get("path", ()):
            self._path(file, node)
        for node in captures.get("name", ()):
            text = static_name(node, data) if node.kind_id != K.VARIABLE else decode(snapshot.text(node))
            if text is not None and name != self._flake:
                self._names.add(text)
            if text in tracked:
                self._whole(file, node, (), is_self=text == _SELF)
        if name != self._flake:
            self._names.update(decode(snapshot.text(node)) for node in captures.get("formal", ()))
        for node in captures.get("select", ()):
            self._select(file, node, tracked)
        for node in captures.get("function", ()):
            self._arguments(file, node)

    def _may_name(self, data: bytes) -> bool:
        """Whether a file can say anything about what is still looked for, or pass it on, by its bytes."""
        if b"../" in data or b"@" in data or _ONE_ARGUMENT.match(data):
            return True
        return any(name.encode() in data for name in (*self._everywhere, *(self._wanted - self._names)))

    def _path(self, file: _File, node: Node) -> None:
        """A path that leads out of the folder is a file that cannot be looked into."""
        name, snapshot = file
        text = decode(snapshot.text(node))
        if text.startswith("../") or "/../" in text:
            inside = posixpath.normpath(posixpath.join(posixpath.dirname(name), text))
            if inside.startswith(".."):
                raise _Escaped

    def _select(self, file: _File, node: Node, tracked: set[str]) -> None:
        """`x.inputs.y`, whatever x is: `self`, a host's arguments, another flake."""
        snapshot = file.snapshot
        if decode(snapshot.text(core(field(node, F.EXPRESSION)))) in tracked:
            return
        path = file.selected(node)
        if _INPUTS in path:
            self._whole(file, node, path[path.index(_INPUTS) + 1 :], is_self=False)

    def _whole(self, file: _File, node: Node, rest: tuple[str | None, ...], *, is_self: bool) -> None:
        """One place where the inputs, or the flake itself, are named; with what is selected of them."""
        node = outermost(node)
        if node.parent is not None and _selects(node.parent, node):
            rest = (*rest, *file.selected(node.parent))
            node = outermost(node.parent)
        if node.parent is not None and node.parent.kind_id == K.INHERIT_FROM:
            for attr in attrs(node.parent):
                self._taken((*rest, static_name(attr, file.snapshot.source.data)), is_self=is_self)
            return
        if not rest:
            self._passed(file, node, is_self=is_self)
        elif self._taken(rest, is_self=is_self):  # all of `self.inputs`, or of `inputs.self`
            self._passed(file, node, is_self=rest[-1] == _SELF)

    def _taken(self, rest: tuple[str | None, ...], *, is_self: bool) -> bool:
        """What a selection takes; whether that is all inputs again, or the flake itself."""
        # `inputs` can be the name of what holds them: `inputs.inputs.x`. All names on the way count.
        self._names.update(part for part in rest if part is not None)
        for index, part in enumerate(rest):
            if part is None:
                raise _Escaped
            if is_self:
                if part != _INPUTS:
                    return False
                is_self = False
            elif part == _SELF:
                is_self = True
            else:
                return False
            if index == len(rest) - 1:
                return True
        return False

    def _passed(self, file: _File, node: Node, *, is_self: bool) -> None:
        """The inputs are given on as a whole: fine where the flake's own files take them by a known name."""
        above = outermost(node).parent
        if is_self and above is not None and (above.kind_id == K.INTERPOLATION or _is_plus(above)):
            return
        name = decode(file.snapshot.text(node))
        name = name if node.kind_id != K.SELECT else _SELF if is_self else _INPUTS
        if is_handed_on(file.snapshot, node, name):
            self._everywhere.add(name)
            return
        call = call_of(node)
        if call is None or is_self:
            raise _Escaped
        self._given(file, call)

    def _given(self, file: _File, call: Node) -> None:
        """`import ./x inputs`: the function in that file takes them."""
        name, snapshot = file
        function = Scope.of(snapshot).value_of(field(call, F.FUNCTION))
        if function.kind_id == K.FUNCTION:
            self._function(file, function)
            return
        literal = imported_path(snapshot, function) if function.kind_id == K.APPLY else None
        target = None if literal is None or literal.kind_id != K.PATH else decode(snapshot.text(literal))
        inside = posixpath.normpath(posixpath.join(posixpath.dirname(name), target or ".."))
        for path in (inside, posixpath.join(inside, "default.nix")):
            other = self._snapshot(path) if path in self._files else None
            body = None if other is None else other.root.child_by_field_id(F.EXPRESSION)
            if other is not None and body is not None and core(body).kind_id == K.FUNCTION:
                self._function(_File(path, other), core(body))
                return
        raise _Escaped

    def _arguments(self, file: _File, function: Node) -> None:
        """The whole argument of a module or of a function of the flake, which may have the inputs in it."""
        name, snapshot = file
        universal = function.child_by_field_id(F.UNIVERSAL)
        if universal is None or decode(snapshot.text(universal)) in self._called.get(name, ()):
            return
        if function.child_by_field_id(F.FORMALS) is None and not _is_module(snapshot, function):
            return
        scope = Scope.of(snapshot)
        definition = scope.lookup(decode(snapshot.text(universal)), field(function, F.BODY))
        for use in () if definition is None or definition.scope != function else scope.uses(definition):
            above = outermost(use).parent
            if above is not None and above.kind_id == K.INHERIT_FROM:
                continue
            if above is not None and _selects(above, outermost(use)) and None not in file.selected(above):
                continue
            call = call_of(use)
            if call is None or not is_own(snapshot, field(call, F.FUNCTION)):
                raise _Escaped


def _ground(folder: Path) -> Path:
    """The folder whose files may use a flake's inputs: its repository, or that of a flake around it."""
    here = folder.absolute()
    around = [above for above in here.parents[:_ABOVE] if (above / "flake.nix").exists()]
    return repository_of(here) or (around[-1] if around else here)


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError:
        raise _Escaped from None


def _selects(above: Node, node: Node) -> bool:
    """Whether a node is `node.x`, or `node ? x`."""
    return above.kind_id in (K.SELECT, K.HAS_ATTR) and field(above, F.EXPRESSION) == node


def _is_module(snapshot: Snapshot, function: Node) -> bool:
    """Whether `args: …` is what a file is, with one argument: that may be a module."""
    body = snapshot.root.child_by_field_id(F.EXPRESSION)
    return body is not None and core(body) == function and core(field(function, F.BODY)).kind_id != K.FUNCTION


def _is_plus(node: Node) -> bool:
    return node.kind_id == K.BINARY and field(node, F.OPERATOR).type == "+"
