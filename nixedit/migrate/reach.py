"""Which files matter to a host: those that it has as modules, and those that its code may read."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cached_property

from msgspec import Struct

from nixedit.flake.systems import NixosSystem
from nixedit.migrate.tree import Tree
from nixedit.resolve.library import is_library
from nixedit.resolve.values import (
    Call,
    External,
    FunctionValue,
    ListValue,
    Literal,
    PathValue,
    SetValue,
    Unknown,
    Value,
)
from nixedit.text import Span, decode

# A path, or what may be the end of one in a string or behind a `+`: anything with a slash.
_PATH = re.compile(rb"(?<![\w:/])(?:[\w.+-]*(?:/[\w.+-]+)+/?|\.{1,2}/|/)(?P<more>\s*\$\{|/?\.?\s*\+)?")
# A slash that is none of a path of the flake: a file system's name, or a division.
_NO_PATH = re.compile(rb'(?<=[\s.])"/"(?=\s*[=.])|\bmount[pP]oint\s*=\s*"/"|\s/\s')
_FLAKE = "flake.nix"
_LISTING = re.compile(rb"readDir|listFilesRecursive|haumea|import-tree|fileset|umport|mapModules|rakeLeaves")


class Modules(Struct, frozen=True):
    """The modules of a host.

    Attributes:
        files: the files that they are written in.
        unknown: one that is not known without Nix, and may be any file; None if there is none.
    """

    files: frozenset[str]
    unknown: Value | None


class Reach:
    """Tells whom a file concerns.

    Args:
        tree: the flake's files.
        systems: all hosts of the flake, of every kind.
        leaving: says of a file whether no host reads it any more in the end.
        closed: says of a file whether it reads no other.
        offers: where a file gives paths away that nothing of the flake reads for that, by file.
    """

    def __init__(
        self,
        tree: Tree,
        systems: Sequence[NixosSystem],
        leaving: Callable[[str], bool] = lambda _name: False,
        closed: Callable[[str], bool] = lambda _name: False,
        offers: Mapping[str, Sequence[Span]] | None = None,
    ) -> None:
        self.tree, self.leaving, self.closed = tree, leaving, closed
        self.offers = offers or {}
        self.systems = list(systems)
        self._modules: dict[str, Modules] = {}
        self._named: dict[str, frozenset[str]] = {}

    def modules(self, host: NixosSystem) -> Modules:
        """The modules that a host evaluates, all that they import among them."""
        if host.key not in self._modules:
            self._modules[host.key] = modules_of(host)
        return self._modules[host.key]

    def may_import(self, host: NixosSystem, file: str, place: Span) -> bool:
        """Whether a place in a file may be in one of a host's modules."""
        modules = self.modules(host)
        if file == host.file:
            return not any(_is_in(place, call) for call in self._other_calls(host).get(file, ()))
        return modules.unknown is not None or file in modules.files

    def may_read(self, host: NixosSystem, file: str, place: Span) -> bool:
        """Whether a place in a file may be in anything that a host evaluates.

        Names of other files are followed from flake.nix on, and taken for read wherever they stand; only
        the calls that make other hosts are left out.
        """
        calls = self._other_calls(host)
        if any(_is_in(place, call) for call in calls.get(file, ())):
            return False
        seen: set[str] = set()
        pending = [_FLAKE, host.file, *self.modules(host).files]
        while pending:
            name = pending.pop()
            if name in seen:
                continue
            if name == file:
                return True
            seen.add(name)
            if self.leaving(name) or self.closed(name):
                continue
            pending += self._named_without(name, calls[name]) if name in calls else self._named_in(name)
        return False

    def is_read(self, file: str) -> bool:
        """Whether anything of the flake may read a file, whoever it is for."""
        return file == _FLAKE or file in self._read_anywhere

    @cached_property
    def _read_anywhere(self) -> frozenset[str]:
        """The files that are named from flake.nix on, or that a host has, or that evaluation read."""
        seen: set[str] = set()
        pending = [_FLAKE]
        for host in self.systems:
            pending += [host.file, *self.modules(host).files, *host.fleet.evaluator.reads]
        while pending:
            name = pending.pop()
            if name not in seen:
                seen.add(name)
                pending += () if self.closed(name) else self._named_in(name)
        return frozenset(seen)

    def _other_calls(self, host: NixosSystem) -> dict[str, list[Span]]:
        """Where the calls stand that make other hosts only, by file."""
        found: dict[str, list[Span]] = {}
        for other in self.systems:
            if (other.file, other.origin.span) != (host.file, host.origin.span):
                found.setdefault(other.file, []).append(other.origin.span)
        return found

    def _named_in(self, name: str) -> frozenset[str]:
        if name not in self._named:
            self._named[name] = frozenset(self._named_without(name, self.offers.get(name, ())))
        return self._named[name]

    def _named_without(self, name: str, calls: Sequence[Span]) -> Iterator[str]:
        """The files that a file names, but for what stands in some calls."""
        content, end = self.tree.content(name), 0
        for call in sorted(calls, key=lambda span: span.start):
            if call.start >= end:
                yield from self._names(name, content[end : call.start])
            end = max(end, call.end)
        yield from self._names(name, content[end:])

    def _names(self, name: str, content: bytes) -> Iterator[str]:
        lists = _LISTING.search(content) is not None
        for match in _PATH.finditer(_NO_PATH.sub(b" ", content)):
            text = decode(match[0][: match.start("more") - match.start()] if match["more"] else match[0])
            for base in {posixpath.dirname(name), ""}:
                path = posixpath.normpath(posixpath.join(base, text.lstrip("/")))
                yield from self._files_at(path, whole=lists or match["more"] is not None)

    def _files_at(self, path: str, *, whole: bool) -> Iterator[str]:
        """The file of a path; of a folder its default.nix, or all of its files where they may be listed."""
        if path not in self._own and path not in self._folders:
            path = self.tree.followed(path) or path
        if path in self._own:
            yield path
        elif path.startswith("..") or path not in self._folders:
            return
        elif whole or posixpath.normpath(f"{path}/default.nix") not in self._own:
            yield from self._folders[path]
        else:
            yield posixpath.normpath(f"{path}/default.nix")

    @property
    def _own(self) -> Collection[str]:
        return self._index[0]

    @property
    def _folders(self) -> Mapping[str, list[str]]:
        return self._index[1]

    @property
    def _index(self) -> tuple[Collection[str], Mapping[str, list[str]]]:
        """The flake's files, and those below each of its folders."""
        if not hasattr(self, "_indexed"):
            folders: dict[str, list[str]] = {}
            for name in self.tree.names:
                folder = name
                while folder:
                    folder = posixpath.dirname(folder)
                    folders.setdefault(folder or ".", []).append(name)
            self._indexed = frozenset(self.tree.names), folders
        return self._indexed


def modules_of(host: NixosSystem) -> Modules:
    """The files of a host's modules, and one of them that is not known, if there is one."""
    files: set[str] = set()
    unknown: Value | None = None
    for each in host.configuration.modules:
        named, module = each.named, each.value
        if isinstance(named, PathValue) and named.path is not None:
            files.add(_file(host, named.path))
        for value in (named, module):
            if value.origin is not None and isinstance(value, SetValue | FunctionValue):
                files.add(value.origin.file)
        if _may_be_any(module):
            unknown = unknown or module
    return Modules(frozenset(files), unknown)


def _is_in(place: Span, call: Span) -> bool:
    return call.start <= place.start and place.end <= call.end


def _file(host: NixosSystem, path: str) -> str:
    return host.fleet.evaluator.target(path) or path


def _may_be_any(module: Value) -> bool:
    """Whether a module may be one that is written in any file of the flake."""
    if isinstance(module, Call):
        return not is_library(module.function.names) and not is_foreign(module)
    if isinstance(module, SetValue):
        return module.rest is not None and not isinstance(module.rest, External)
    return isinstance(module, Unknown) and not module.bounded


def is_foreign(value: Value) -> bool:
    """Whether a value holds nothing of this flake's files."""
    if isinstance(value, Call):
        return all(is_foreign(argument.get()) for argument in value.arguments)
    if isinstance(value, ListValue):
        return value.known and all(map(is_foreign, value.elements()))
    return isinstance(value, Literal | External) or (isinstance(value, PathValue) and value.path is None)
