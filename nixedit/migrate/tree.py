"""The Nix files that are one flake's own: no flakes or repositories within it, no results."""

from __future__ import annotations

import errno
import os
import posixpath
import re
import stat
from collections.abc import Callable, Collection, Iterator
from pathlib import Path, PurePosixPath

from tree_sitter import Node

from nixedit.errors import NixEditError, RefusedError
from nixedit.files import is_inside
from nixedit.git import submodules_of
from nixedit.migrate.bulk import read_many, workers
from nixedit.resolve.links import followed, text_of_link
from nixedit.resolve.paths import path_of
from nixedit.syntax.snapshot import Snapshot, span_of
from nixedit.text import decode
from nixedit.workspaces import Workspace

_SKIPPED = frozenset({".git", ".hg", ".jj", ".svn", ".direnv", "node_modules", "__pycache__", ".venv"})

# What reads the files of a folder without naming them.
LISTING = (
    b"readDir",
    b"listFilesRecursive",
    b"haumea",
    b"autowire",
    b"import-tree",
    b"umport",
    b"mapModules",
    b"rakeLeaves",
)

_PATH = re.compile(rb"\.{1,2}/[\w./+-]*")


def no_progress(_count: int) -> None:
    """Shows nothing."""


class Tree:
    """The files of a flake.

    Args:
        workspace: the flake's folder.
        progress: called with the number of files read so far.
        words: what most questions to `containing` are about: of many files only those with one of them are
            kept in memory.
    """

    def __init__(
        self,
        workspace: Workspace,
        progress: Callable[[int], None] = no_progress,
        words: Collection[bytes] = (),
    ) -> None:
        self.workspace = workspace
        self.progress = progress
        self.nested: list[str] = []
        self.repositories: list[str] = []
        self.unreadable: list[str] = []
        self.outside: list[str] = []
        self.binary: list[str] = []
        self.links: list[str] = []
        self._followed: dict[str, str | None] = {}
        self._words = frozenset(words)
        self._dull: set[str] | None = None
        self._contents: dict[str, bytes] = {}
        self._names: list[str] | None = None

    @property
    def names(self) -> list[str]:
        """All its .nix files, relative to its folder, sorted.

        Other flakes within it are in `nested`, other repositories in `repositories`, links of all kinds in
        `links`, those that lead out of it in `outside`, what cannot be read in `unreadable`, and what is no
        text, once it was read, in `binary`.
        """
        if self._names is None:
            self._names = sorted(self._walk(str(self.workspace.root), ""))
        return self._names

    def leave_out(self, folder: str) -> None:
        """Take the files of a folder for none of the flake's own."""
        self._names = [name for name in self.names if not name.startswith(f"{folder}/")]

    def _walk(self, folder: str, prefix: str) -> Iterator[str]:
        root = os.path.realpath(folder)
        flake = os.path.join(root, "flake.nix")
        linked = os.path.realpath(flake) if os.path.islink(flake) else None
        submodules = submodules_of(Path(root))
        pending = [(folder, prefix)]
        while pending:
            folder, prefix = pending.pop()
            try:
                entries = list(os.scandir(folder))
            except OSError:
                self.unreadable.append(prefix.rstrip("/"))
                continue
            if prefix and any(entry.name == "flake.nix" for entry in entries):
                self.nested.append(prefix.rstrip("/"))
                continue
            names = {entry.name for entry in entries}
            if prefix and (".git" in names or (names and prefix.rstrip("/") in submodules)):
                self.repositories.append(prefix.rstrip("/"))
                continue
            for entry in entries:
                name = prefix + entry.name
                if entry.is_symlink():
                    self._link(entry, name, root)
                if entry.is_dir(follow_symlinks=False):
                    if entry.name not in _SKIPPED:
                        pending.append((entry.path, name + "/"))
                elif entry.name.endswith(".nix") and self._is_own(entry, name, root, linked):
                    yield name

    def _link(self, entry: os.DirEntry[str], name: str, root: str) -> None:
        self.links.append(name)
        if os.path.isdir(entry.path) and not is_inside(entry.path, root):
            self.outside.append(name)  # `result`, say

    def _is_own(self, entry: os.DirEntry[str], name: str, root: str, linked: str | None) -> bool:
        """Whether a file is looked at under this name: a link is not, what it leads to is."""
        if entry.is_symlink() and name != "flake.nix":
            if os.path.isfile(entry.path) and not is_inside(entry.path, root):
                self.outside.append(name)
            return False
        if linked is not None and name != "flake.nix" and os.path.realpath(entry.path) == linked:
            return False
        return entry.is_file()

    def content(self, name: str) -> bytes:
        """The bytes of a file; empty if it cannot be read."""
        content = self._contents.get(name)
        if content is None:
            document = self.workspace.documents.get(name)
            try:
                content = document.loaded if document else (self.workspace.root / name).read_bytes()
            except OSError:
                self.unreadable.append(name)
                content = b""
            if b"\0" in content:
                self.binary.append(name)
            self._contents[name] = content
            if len(self._contents) % 100 == 0:
                self.progress(len(self._contents))
        return content

    def snapshot(self, name: str) -> Snapshot:
        """A file's text and tree, that of its document in the workspace.

        Raises:
            OSError: it cannot be read.
        """
        return self.workspace[name].snapshot

    def is_imported_as_whole(self, folder: str) -> bool:
        """Whether some code reads a folder's listing: a new file there would be taken for something else."""
        if not (self.workspace.root / folder).is_dir():
            return False
        spelled = [f"/{name}".encode() for name in (folder, *self.links_to(folder))]
        return any(
            name.startswith(f"{folder}/") or any(path in self.content(name) for path in spelled)
            for name in self.containing(*LISTING)
        )

    def followed(self, path: str) -> str | None:
        """A path without links; None where one leads out of the flake.

        Args:
            path: a path relative to the flake, normalised.
        """
        if path not in self._followed:
            self._followed[path] = followed(path, lambda name: text_of_link(f"{self.workspace.root}/{name}"))
        return self._followed[path]

    def place(self, path: str) -> str:
        """A file's place without links to its folder: its own may be written, and stays a link."""
        folder, base = posixpath.split(path)
        return posixpath.normpath(posixpath.join(self.followed(folder or ".") or folder, base))

    def resolve(self, name: str, path: str) -> str | None:
        """What Nix reads by a path literal in a file, relative to the flake; None outside of it.

        Args:
            name: the file that the literal stands in, relative to the flake.
            path: the literal, `./x.nix` or `../x.nix`.
        """
        inside = path_of(name, path)
        return None if inside is None else self.followed(inside)

    def is_named(self, file: str, link: str) -> bool:
        """Whether some path in the flake's files means a file, and does not lead to it by some link.

        Args:
            file: the file.
            link: the link.
        """
        words = [word.encode() for word in self.spellings(file)]
        return any(
            self.resolve(name, decode(match[0])) == file
            and self.place(path_of(name, decode(match[0])) or "") != link
            for name in self.containing(*words)
            if name != file
            for match in _PATH.finditer(self.content(name))
        )

    def spellings(self, file: str) -> Collection[str]:
        """What a path to a file can end with: its name, or that of a link to it.

        The name of its folder is one if it is that folder's default.nix.
        """
        places = {file, *([posixpath.dirname(file)] if posixpath.basename(file) == "default.nix" else [])}
        return {posixpath.basename(name) for name in (*places, *self.links_to(*places))} - {""}

    def links_to(self, *places: str) -> list[str]:
        """The links that lead to some files or folders."""
        _ = self.names  # links are found where files are
        return [name for name in self.links if self.followed(name) in places]

    def refusal(self, name: str, node: Node, reason: str, hint: str) -> RefusedError:
        """A refusal that points at a node of a file."""
        source = self.snapshot(name).source
        path = str(self.workspace.root / name)
        return RefusedError(reason, path=path, source=source, span=span_of(node), hint=hint)

    def containing(self, *words: bytes) -> list[str]:
        """The files whose text has one of some words, wherever."""
        dull = self._sifted() if self._words.issuperset(words) else ()
        return [
            name
            for name in self.names
            if name not in dull and any(word in self.content(name) for word in words)
        ]

    def mentioning(self, pattern: bytes, *words: bytes) -> list[str]:
        """The files whose text has a match of a regular expression.

        Args:
            pattern: the expression.
            words: one of them is in all that matches; what has none need not be searched.
        """
        search = re.compile(pattern).search
        return [name for name in self.containing(*words) if search(self.content(name))]

    def _sifted(self) -> Collection[str]:
        """The files that have none of the expected words, where so many are that it was worth a look."""
        if self._dull is None:
            unread = [name for name in self.names if name not in self._contents]
            unread = [name for name in unread if name not in self.workspace.documents]
            count = workers(len(unread))
            self._dull = set()
            if count > 1:
                root = str(self.workspace.root)
                contents, self._dull = read_many(root, unread, sorted(self._words), count, self.progress)
                self._contents.update(contents)
                self.binary += [name for name, content in contents.items() if b"\0" in content]
        return self._dull


def relative(name: str, target: str) -> str:
    """The path literal in a file that means another file of the flake: `./x`, `../x`."""
    path = os.path.relpath(target, PurePosixPath(name).parent or ".").replace(os.sep, "/")
    return path if path.startswith("../") else f"./{path}"


def fleet_folder(given: str) -> Path:
    """The folder of the flake that a person named, by its folder or its flake.nix.

    Raises:
        NixEditError: there is no flake.nix that could be edited.
        OSError: it cannot be looked at.
    """
    path = Path(given)
    folder = path.parent if path.name == "flake.nix" and not path.is_dir() else path
    if not folder.exists():
        raise NixEditError("no such folder", path=folder)
    if not folder.is_dir():
        raise NixEditError("not a folder, and no flake.nix", path=folder)
    flake = folder / "flake.nix"
    try:
        mode = os.stat(flake).st_mode
    except OSError as error:
        if flake.is_symlink() and error.errno in (errno.ENOENT, errno.ELOOP):
            raise NixEditError("flake.nix is a link that leads nowhere", path=flake) from None
        if error.errno == errno.ENOENT:
            raise NixEditError("no flake.nix here: name the folder of a flake", path=folder) from None
        raise
    if not stat.S_ISREG(mode):
        what = "a folder" if stat.S_ISDIR(mode) else "no regular file"
        raise NixEditError(f"flake.nix is {what}", path=flake)
    target = os.path.realpath(flake)
    if is_inside(target, folder) and os.path.dirname(target) != os.path.realpath(folder):
        raise NixEditError(
            f"flake.nix is a link to {target}, and the paths in it are relative to that", path=flake
        )
    return folder
