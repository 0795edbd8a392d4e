"""flake.lock as Nix reads it: nodes, what each of their inputs is, and where paths of inputs lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from os import PathLike, fspath
from typing import Any

from msgspec import Struct, field

from nixedit.errors import MissingAttrError

# Names of inputs from the root down: ("home-manager", "nixpkgs").
InputPath = tuple[str, ...]


class LockNode(Struct, frozen=True):
    """One node of the lock: the flake itself, or a locked input.

    Attributes:
        key: its name in the lock, `nixpkgs_2`. It says nothing: an input is known by its name on an edge.
        inputs: by name, the key of a node, or the path from the root that the input follows
            (`()` is the flake itself, from `follows = ""`).
        original: the reference as flake.nix has it, as attributes; empty for the root.
        locked: the reference that it was locked to, as attributes; empty for the root.
        flake: False for a source that is no flake.
    """

    key: str
    inputs: Mapping[str, str | InputPath]
    original: Mapping[str, Any] = field(default_factory=dict)
    locked: Mapping[str, Any] = field(default_factory=dict)
    flake: bool = True

    @property
    def rev(self) -> str | None:
        """The commit that it is locked to; None where there is none."""
        found = self.locked.get("rev")
        return found if isinstance(found, str) else None

    @property
    def last_modified(self) -> int | None:
        """When what it is locked to was last changed, in seconds since 1970; None where that is not known."""
        found = self.locked.get("lastModified")
        return found if isinstance(found, int) else None


class Lock(Struct, frozen=True, dict=True):
    """A flake.lock.

    Attributes:
        nodes: by key.
        root: the node of the flake itself.
        version: 5 to 7.
        path: the file's path, for messages; None where it is a text.
    """

    nodes: Mapping[str, LockNode]
    root: LockNode
    version: int = 7
    path: str | None = None

    def __repr__(self) -> str:
        return f"Lock(root={self.root!r}, version={self.version}, path={self.path!r})"

    @cached_property
    def _resolved(self) -> dict[tuple[str, str], LockNode]:
        return {}

    def node(self, path: Sequence[str]) -> LockNode:
        """The node that a path of input names leads to, with all follows on its way.

        Args:
            path: names from the root down; the empty path is the flake itself.

        Raises:
            MissingAttrError: it leads nowhere.
        """
        found = self.resolve(path)
        if found is None:
            raise MissingAttrError(f"there is no input `{'/'.join(path)}` in the lock", path=self.path)
        return found

    def resolve(self, path: Sequence[str]) -> LockNode | None:
        """As `node`; None where the path leads nowhere, also where follows go round in a circle."""
        return self._walk(tuple(path), frozenset())

    def input_of(self, node: LockNode, name: str) -> LockNode | None:
        """The node that an input of a node is; None where it has none of that name, or that leads nowhere."""
        return self._step(node, name, frozenset())

    def _walk(self, path: InputPath, pending: frozenset[tuple[str, str]]) -> LockNode | None:
        node: LockNode | None = self.root
        for name in path:
            node = None if node is None else self._step(node, name, pending)
        return node

    def _step(self, node: LockNode, name: str, pending: frozenset[tuple[str, str]]) -> LockNode | None:
        target = node.inputs.get(name)
        if isinstance(target, str):
            return self.nodes[target]
        slot = (node.key, name)
        if target is None or slot in pending:
            return None
        found = self._resolved.get(slot) or self._walk(target, pending | {slot})
        if found is not None:
            self._resolved[slot] = found
        return found

    @classmethod
    def load(cls, path: str | PathLike[str]) -> Lock:
        """Read a file.

        Raises:
            OSError: it cannot be read.
            ParseError: Nix would not read it.
        """
        with open(path, "rb") as file:
            return cls.loads(file.read(), path)

    @classmethod
    def loads(cls, data: bytes, path: str | PathLike[str] | None = None) -> Lock:
        """Read the bytes of a lock.

        Args:
            data: the file's content.
            path: what messages call it.

        Raises:
            ParseError: it is no JSON, of a version that Nix does not read, or not whole.
        """
        from nixedit.flake.lock_reading import read

        name = None if path is None else fspath(path)
        root, nodes, version = read(data, name)
        return cls(nodes, nodes[root], version, name)
