"""The files of a flake as Nix sees them: no links out of it, and of a repository only what git knows."""

from __future__ import annotations

import os
import stat
from functools import cached_property
from pathlib import Path, PurePosixPath

from nixedit.git import known_files
from nixedit.resolve.evaluate import Files
from nixedit.syntax.snapshot import Snapshot
from nixedit.workspaces import Workspace

_KINDS = {stat.S_IFREG: "regular", stat.S_IFDIR: "directory", stat.S_IFLNK: "symlink"}
_GIT = ".git"


def files_of(workspace: Workspace) -> Files:
    """What an evaluation of a workspace's flake may read."""
    reader = _Reader(workspace)
    return Files(reader.snapshot, reader.kind, reader.listing, reader.read, reader.target)


class _Reader:
    """Reads the files of a workspace."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._root = os.path.realpath(workspace.root)
        self._own: dict[str, bool] = {}

    @cached_property
    def _known(self) -> frozenset[str] | None:
        """The files that git knows and the folders that they are in; None where that is not asked.

        Nix manual, "nix flake": of a repository only the files that git tracks are copied to the store.
        """
        files = known_files(Path(self._root))
        if files is None:
            return None
        folders = {str(above) for name in files for above in PurePosixPath(name).parents}
        return files | folders

    def _is_known(self, name: str) -> bool:
        if self._known is None or os.path.normpath(name or ".") in self._known:
            return True
        return self._behind_links(name) in self._known

    def _behind_links(self, name: str) -> str:
        """A path with the links to its folder followed: git keeps a link, and what it leads to, apart."""
        folder, base = os.path.split(os.path.join(self._root, name))
        return os.path.relpath(os.path.join(os.path.realpath(folder), base), self._root)

    def snapshot(self, name: str) -> Snapshot | None:
        if not self._is_own(name):
            return None
        try:
            return self._workspace[name].snapshot
        except (OSError, ValueError):
            return None

    def kind(self, name: str) -> str | None:
        path = os.path.join(self._root, name)
        if not self._is_own(os.path.dirname(name)):
            return "unknown"
        if not self._is_known(name):
            return None
        try:
            mode = os.lstat(path).st_mode
        except (FileNotFoundError, NotADirectoryError):
            return None
        except (OSError, ValueError):
            return "unknown"
        return _KINDS.get(stat.S_IFMT(mode), "unknown")

    def listing(self, name: str) -> dict[str, str] | None:
        if not self._is_own(name):
            return None
        try:
            folder = os.path.realpath(os.path.join(self._root, name))
            name = os.path.relpath(folder, self._root)
            with os.scandir(folder) as entries:
                return {
                    entry.name: _kind(entry)
                    for entry in entries
                    if entry.name != _GIT and self._is_known(os.path.join(name, entry.name))
                }
        except (OSError, ValueError):
            return None

    def read(self, name: str) -> bytes | None:
        if not self._is_own(name):
            return None
        try:
            with open(os.path.join(self._root, name), "rb") as file:
                return file.read()
        except (OSError, ValueError):
            return None

    def target(self, name: str) -> str:
        return os.readlink(os.path.join(self._root, name))

    def _is_own(self, name: str) -> bool:
        """Whether a path stays in the flake, also where links lead."""
        found = self._own.get(name)
        if found is None:
            found = self._own[name] = self._leads_inside(name)
        return found

    def _leads_inside(self, name: str) -> bool:
        try:
            path = os.path.realpath(os.path.join(self._root, name))
        except (OSError, ValueError):
            return False
        return path == self._root or path.startswith(f"{self._root}{os.sep}")


def _kind(entry: os.DirEntry[str]) -> str:
    if entry.is_symlink():
        return "symlink"
    if entry.is_dir():
        return "directory"
    return "regular" if entry.is_file() else "unknown"
