"""Several documents of one folder, written together: all of them, or none."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nixedit.document import Document
from nixedit.errors import ConflictError, NixEditError
from nixedit.files import Change, LinkText, is_inside, write_all
from nixedit.layout.style import Style, follow


class Workspace:
    """The Nix files of a folder, loaded on demand.

    Args:
        root: the folder; no file outside of it is touched.

    Attributes:
        house: the layout of files whose own text does not tell theirs; None for none.
    """

    def __init__(self, root: str | os.PathLike[str]) -> None:
        self.root = Path(root)
        self.house: Style | None = None
        self.documents: dict[str, Document] = {}
        self._names: dict[str, str] = {}  # of documents, by the paths they were asked for by
        self.created: dict[str, bytes] = {}
        self.replaced: dict[str, tuple[bytes, bytes]] = {}
        self.deleted: dict[str, bytes] = {}

    def __getitem__(self, path: str | os.PathLike[str]) -> Document:
        """The document of a file, loaded once.

        Args:
            path: relative to the root.

        Raises:
            OSError: the file cannot be read.
            NixEditError: the path leads out of the root.
        """
        asked = os.fspath(path)
        name = self._names.get(asked)
        if name is None:
            name = self._names[asked] = self._followed(self.name(path))
        document = self.documents.get(name)
        if document is None:
            full = self.root / name
            with open(full, "rb") as file:
                document = self.documents[name] = Document(file.read(), self._shown(name))
            if self.house is not None:
                follow(document.snapshot, self.house)
        return document

    def name(self, path: str | os.PathLike[str]) -> str:
        """A path relative to the root, in its one normal spelling.

        Raises:
            NixEditError: it leads out of the root, also through a symbolic link.
        """
        full = os.path.normpath(self.root / path)
        if not is_inside(full, self.root):
            raise NixEditError("the file lies outside of the folder that is edited", path=full)
        return Path(os.path.relpath(full, self.root)).as_posix()

    def _followed(self, name: str) -> str:
        """A file's own name where `name` is a symbolic link to it: two names of one file are one document."""
        full = os.path.realpath(self.root / name)
        return Path(os.path.relpath(full, os.path.realpath(self.root))).as_posix()

    def _shown(self, name: str) -> str:
        return os.path.normpath(self.root / name)

    def create(self, path: str | os.PathLike[str], data: bytes) -> None:
        """Plan a new file.

        Raises:
            ConflictError: there is one already.
        """
        name = self.name(path)
        if os.path.lexists(self.root / name):
            raise ConflictError("there is a file of that name already", path=self._shown(name))
        self.created[name] = data

    def replace(self, path: str | os.PathLike[str], data: bytes) -> None:
        """Plan another content for a file that is there; edits of its document are dropped.

        Raises:
            OSError: it cannot be read.
        """
        name = self._followed(self.name(path))
        document = self.documents.pop(name, None)
        before = document.loaded if document is not None else (self.root / name).read_bytes()
        self.replaced[name] = (before, data)

    def delete(self, path: str | os.PathLike[str]) -> None:
        """Plan the removal of a file; of a symbolic link itself, where that is one.

        Raises:
            OSError: it cannot be read.
        """
        name = self.name(path)
        full = self.root / name
        if full.is_symlink():
            self.deleted[name] = LinkText(os.readlink(os.fsencode(full)))
            return
        document = self.documents.pop(name, None)
        self.deleted[name] = document.loaded if document is not None else (self.root / name).read_bytes()

    def forget(self) -> None:
        """Drop all planned changes."""
        self.documents.clear()
        self._names.clear()
        self.created.clear()
        self.replaced.clear()
        self.deleted.clear()

    @property
    def changes(self) -> dict[str, tuple[bytes | None, bytes | None]]:
        """What would be written: by name, the bytes before (None: new) and after (None: gone)."""
        result: dict[str, tuple[bytes | None, bytes | None]] = {}
        for name, document in self.documents.items():
            if document.changed:
                result[name] = (document.loaded, document.data)
        result.update((name, (None, data)) for name, data in self.created.items())
        result.update(self.replaced)
        result.update((name, (data, None)) for name, data in self.deleted.items())
        return dict(sorted(result.items()))

    def diff(self) -> str:
        """All changes as a patch that `git apply` takes in the root."""
        from nixedit.patch import unified_diff

        return "".join(unified_diff(name, before, after) for name, (before, after) in self.changes.items())

    def save(self) -> list[str]:
        """Write all changes, or none.

        Returns:
            the names of the files that were written, made or deleted.

        Raises:
            ConflictError: a file changed on disk since it was loaded.
            OSError: a file cannot be written.
        """
        changes = self.changes
        write_all([Change(self._shown(name), before, after) for name, (before, after) in changes.items()])
        for name in changes:
            if name in self.documents:
                self.documents[name].loaded = self.documents[name].data
        self.created.clear()
        self.replaced.clear()
        self.deleted.clear()
        return list(changes)


@contextmanager
def workspace(root: str | os.PathLike[str] = ".") -> Iterator[Workspace]:
    """Several files edited together: saved when the block ends, and not at all when it raises."""
    opened = Workspace(root)
    yield opened
    opened.save()
