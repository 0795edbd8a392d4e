"""Automatic follows: which inputs of inputs should follow the flake's own, decided from the lock alone.

The plan is data. It is found in one go: after it is applied and locked, the next plan is empty.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

from msgspec import Struct, field

from nixedit.flake.lock import InputPath, Lock, LockNode
from nixedit.flake.source import attributes_of, identity, is_same


class Declared(Struct, frozen=True):
    """An input as flake.nix declares it.

    Attributes:
        url: its reference; None where it is written in attributes, computed, or not at all.
        attributes: an attribute-style reference; empty if it has none.
        follows: the path that it follows as a whole; None if it does not.
        overrides: what is said of its own inputs: by the names below it, the path that is followed (`()`
            for `follows = ""`), or None for anything else (another url).
        flake: False for a source that is no flake.
        written: False where only a formal of `outputs` names it, so that nothing can be written beside it.
    """

    url: str | None = None
    attributes: Mapping[str, Any] = field(default_factory=dict)
    follows: InputPath | None = None
    overrides: Mapping[InputPath, InputPath | None] = field(default_factory=dict)
    flake: bool = True
    written: bool = True

    @property
    def identity(self) -> str | None:
        """What its reference names, whatever its branch (see `nixedit.flake.source.identity`), or None."""
        own = self.attributes or (None if self.url is None else attributes_of(self.url, flake=self.flake))
        return identity(own) if own else None

    def is_locked_as(self, node: LockNode) -> bool | None:
        """Whether a node of the lock was made from this reference; None where that is not known."""
        if self.url is not None:
            return is_same(self.url, node.original, flake=self.flake)
        if self.attributes:
            return all(node.original.get(key) == value for key, value in self.attributes.items())
        return None


class Wishes(Struct, frozen=True):
    """What a person asked for.

    Attributes:
        ignore: paths that stay as they are: `("a", "b")` for one, `("b",)` for every input of that name.
        aliases: other names of the flake's own inputs: `{"nixpkgs-lib": "nixpkgs"}`.
        same_source: also follow an input of another name that is the same reference.
        transitive: how many inputs must share one for it to become an input of the flake; None for never.
        depth: how far down follows are written: 1 is `a.inputs.b`. Nix reads deeper ones since 2.30.
    """

    ignore: Collection[InputPath] = ()
    aliases: Mapping[str, str] = field(default_factory=dict)
    same_source: bool = False
    transitive: int | None = None
    depth: int = 1


class Follow(Struct, frozen=True):
    """A follows to write or to remove.

    Attributes:
        path: the input, from the root: `("home-manager", "nixpkgs")`.
        target: what it follows.
        reason: why, where that is not plain; "" otherwise.
    """

    path: InputPath
    target: InputPath
    reason: str = ""


class Promotion(Struct, frozen=True):
    """An input of several inputs that becomes the flake's own.

    Attributes:
        name: its name.
        url: its reference.
        flake: False for a source that is no flake.
        parents: the inputs that it is taken from.
    """

    name: str
    url: str
    flake: bool
    parents: tuple[InputPath, ...]


class Plan(Struct, frozen=True):
    """What automatic follow would do.

    Attributes:
        additions: follows to write, in the order of their paths.
        removals: follows that name what is no input any more.
        promotions: new inputs.
        skipped: follows that were considered and would break something, with the reason.
        unknown: inputs that the lock says nothing about, or something that is not true any more.
        current: the lock that Nix would make of flake.nix as it is, as far as that is known.
        lock: the lock that Nix will make of it, likewise.
    """

    additions: tuple[Follow, ...]
    removals: tuple[Follow, ...]
    promotions: tuple[Promotion, ...]
    skipped: tuple[Follow, ...]
    unknown: tuple[str, ...]
    current: Lock
    lock: Lock

    @property
    def gone(self) -> list[LockNode]:
        """The locked inputs that it saves, by their keys."""
        return [self.current.nodes[key] for key in sorted(self.current.nodes.keys() - self.lock.nodes.keys())]

    def __bool__(self) -> bool:
        return bool(self.additions or self.removals or self.promotions)


def plan(declared: Mapping[str, Declared], lock: Lock, wishes: Wishes | None = None) -> Plan:
    """Find the follows that are missing, those that are stale, and what is worth an input of its own.

    Args:
        declared: the inputs of flake.nix.
        lock: its flake.lock; it may be older than flake.nix.
        wishes: what was asked for.
    """
    from nixedit.flake.follow_search import Search

    search = Search(declared, lock, wishes or Wishes())
    search.declare()
    current = search.graph.lock()
    search.run()
    return Plan(
        tuple(search.additions[path] for path in sorted(search.additions)),
        tuple(search.stale()),
        tuple(search.promotions[name] for name in sorted(search.promotions)),
        tuple(search.skipped()),
        tuple(sorted(search.unknown)),
        current,
        search.graph.lock(),
    )


def stale_follows(declared: Mapping[str, Declared], lock: Lock) -> tuple[Follow, ...]:
    """The follows of flake.nix that name what is no input any more, as far as the lock knows.

    Args:
        declared: the inputs of flake.nix.
        lock: its flake.lock; what it was made from in another form says nothing.
    """
    from nixedit.flake.follow_search import Search

    search = Search(declared, lock, Wishes())
    search.declare()
    return tuple(search.stale())
