"""The search behind `nixedit.flake.follow_plan`: by the alphabet, until nothing more can be done."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from nixedit.flake.follow_graph import FollowGraph, Slot
from nixedit.flake.follow_plan import Declared, Follow, Promotion, Wishes
from nixedit.flake.lock import InputPath, Lock, LockNode
from nixedit.flake.source import identity, identity_of, url_of

# A parent, and its node.
_Parent = tuple[InputPath, str]


class Search:
    """One search; what it decides is in its attributes.

    Attributes:
        graph: the lock as it will be.
        unknown: declared inputs that the lock says nothing about, or nothing that is still true.
        additions: by path.
        promotions: by name.
    """

    def __init__(self, declared: Mapping[str, Declared], lock: Lock, wishes: Wishes) -> None:
        self._declared = declared
        self._wishes = wishes
        self._locked = lock
        self.unknown = {name for name in declared if self._is_unknown(name)}
        self.graph = FollowGraph(lock, {name: self._top(name) for name in sorted(declared)})
        self._names = set(declared)
        self._refused: dict[InputPath, Follow] = {}
        self.additions: dict[InputPath, Follow] = {}
        self.promotions: dict[str, Promotion] = {}

    def declare(self) -> None:
        """Put what flake.nix says over what the lock says."""
        for name in sorted(self.unknown - set(self._locked.root.inputs)):
            self._recognise(name)
        self.graph.declare(
            {
                slot: target
                for name, own in self._declared.items()
                for inner, target in own.overrides.items()
                if target is not None and (slot := self._slot((name, *inner))) is not None
            }
        )

    def run(self) -> None:
        """Search until nothing more can be done; `declare` comes first."""
        self._add_all()
        while self._promote_one():
            self._add_all()

    def _recognise(self, name: str) -> None:
        """An input that is not locked yet, where what follows it is locked to the same reference."""
        own = self._declared[name]
        paths = [
            (parent, *inner)
            for parent, other in self._declared.items()
            for inner, target in other.overrides.items()
            if target == (name,)
        ]
        for path in sorted(paths, key=lambda path: (len(path), path)):
            slot = self._slot(path)
            key = None if slot is None else self.graph.inputs(slot[0])[slot[1]]
            node = self._locked.nodes[key] if isinstance(key, str) else None
            if node is not None and node.flake == own.flake and own.is_locked_as(node):
                self.graph.promote(name, path)
                self.unknown.discard(name)
                return

    # -- what flake.nix says, over what the lock says -----------------------------------------

    def _is_unknown(self, name: str) -> bool:
        own, target = self._declared[name], self._locked.root.inputs.get(name)
        if own.follows is not None:
            return False
        if not isinstance(target, str):
            return True
        node = self._locked.nodes[target]
        return own.is_locked_as(node) is False and own.identity != identity(node.original)

    def _top(self, name: str) -> str | InputPath | None:
        follows = self._declared[name].follows
        if follows is not None:
            return follows
        return None if name in self.unknown else self._locked.root.inputs[name]

    def _slot(self, path: InputPath) -> Slot | None:
        """The slot of a path whose parents are locked on their own; None where there is none."""
        key = self.graph.root
        for name in path[:-1]:
            target = self.graph.inputs(key).get(name)
            if not isinstance(target, str):
                return None
            key = target
        return (key, path[-1]) if path[-1] in self.graph.inputs(key) else None

    def stale(self) -> Iterator[Follow]:
        """The follows of flake.nix that name no input, by a lock that was made from the same references."""
        for name in sorted(self._declared):
            own, target = self._declared[name], self._locked.root.inputs.get(name)
            if own.follows is not None or name in self.unknown or not isinstance(target, str):
                continue
            if own.is_locked_as(self._locked.nodes[target]) is False:
                continue
            for inner in sorted(own.overrides):
                followed = own.overrides[inner]
                if followed is not None and self._slot((name, *inner)) is None:
                    yield Follow((name, *inner), followed, self._why_stale((name, *inner)))

    def _why_stale(self, path: InputPath) -> str:
        key = self.graph.root
        for index, name in enumerate(path):
            target = self.graph.inputs(key).get(name)
            if target is None:
                return f"`{'.'.join(path[:index])}` has no input `{name}`"
            if not isinstance(target, str):
                return f"`{'.'.join(path[: index + 1])}` follows `{'/'.join(target)}`"
            key = target
        raise AssertionError(path)

    def skipped(self) -> Iterator[Follow]:
        """What would have been added, but for the reason that it has."""
        for path in sorted(self._refused):
            if path not in self.additions and self._slot(path) is not None:
                yield self._refused[path]

    # -- additions ----------------------------------------------------------------------------

    def _add_all(self) -> None:
        """Until a whole pass adds nothing: what is added can make room for what was a circle before."""
        while True:
            # What stood below an input that follows now went with it.
            self.additions = {path: one for path, one in self.additions.items() if self._slot(path)}
            if not sum(self._add(*parent) for parent in list(self.graph.parents(self._wishes.depth))):
                return

    def _add(self, parent: InputPath, key: str) -> int:
        """Let the inputs of one parent follow; how many did."""
        before = len(self.additions)
        for name in sorted(self.graph.inputs(key)):
            path, slot = (*parent, name), (key, name)
            wanted = self._wanted(name, key) if self._is_open(path, slot) else None
            if wanted is None:
                continue
            problem = self._mismatch(slot, wanted) or self.graph.follow(slot, (wanted,))
            if problem is None:
                self.additions[path] = Follow(path, (wanted,), self._remark(slot, wanted))
            else:
                self._refused[path] = Follow(path, (wanted,), problem)
        return len(self.additions) - before

    def _is_open(self, path: InputPath, slot: Slot) -> bool:
        """Whether nobody has decided what an input is: not flake.nix, not the wishes, not its own flake."""
        own = self._declared.get(path[0])
        if own is not None and (path[1:] in own.overrides or not own.written):
            return False
        if path in self.additions or self._slot(path) != slot:
            return False
        if path in self._wishes.ignore or path[-1:] in self._wishes.ignore:
            return False
        target = self.graph.inputs(slot[0])[slot[1]]
        # An input's own follows stay below it; any other was in flake.nix when the lock was made.
        return isinstance(target, str) or target[:1] not in ((), path[:1])

    def _wanted(self, name: str, key: str) -> str | None:
        """The flake's own input that an input should follow."""
        if name in self._names:
            return name
        alias = self._wishes.aliases.get(name)
        if alias in self._names:
            return alias
        target = self.graph.inputs(key)[name]
        if not self._wishes.same_source or not isinstance(target, str):
            return None
        tops = self.graph.inputs(self.graph.root)
        own = _reference(self._locked.nodes[target])
        return next(
            (
                top
                for top in sorted(self._names)
                if isinstance(there := tops.get(top), str) and _reference(self._locked.nodes[there]) == own
            ),
            None,
        )

    def _locked_to(self, slot: Slot) -> LockNode | None:
        """What an input was locked to on its own."""
        own = self._locked.nodes[slot[0]].inputs.get(slot[1])
        return self._locked.nodes[own] if isinstance(own, str) else None

    def _kind(self, name: str) -> tuple[bool, str | None] | None:
        """Whether one of the flake's own inputs is a flake, and its identity; None where neither is known."""
        key, own = self.graph.resolve((name,)), self._declared.get(name)
        if key is not None:
            node = self._locked.nodes[key]
            return node.flake, identity_of(node)
        return None if own is None or own.follows is not None else (own.flake, own.identity)

    def _mismatch(self, slot: Slot, wanted: str) -> str | None:
        """Why an input cannot be another one, by what they are; None where it can."""
        own, other = self._locked_to(slot), self._kind(wanted)
        if own is None or other is None or own.flake == other[0]:
            return None
        if own.flake:
            return f"`{wanted}` is no flake"
        same = identity_of(own) == other[1]
        return None if same else f"`{wanted}` is something else: a flake, where a source is wanted"

    def _remark(self, slot: Slot, wanted: str) -> str:
        own, key = self._locked_to(slot), self.graph.resolve((wanted,))
        other = None if key is None else self._locked.nodes[key]
        if own is None or other is None or identity_of(own) == identity_of(other):
            return ""
        return f"another source: {url_of(own.original)} becomes {url_of(other.original)}"

    # -- promotions ---------------------------------------------------------------------------

    def _promote_one(self) -> bool:
        """Make one shared input the flake's own, the one that most inputs share first."""
        least = self._wishes.transitive
        if least is None:
            return False
        groups = [group for group in self._shared().items() if len(group[1]) >= least]
        groups.sort(key=lambda group: (-len(group[1]), group[0]))
        return any(self._promote(name, parents, least) for (name, _), parents in groups)

    def _shared(self) -> dict[tuple[str, str], list[_Parent]]:
        """By name and reference, the inputs that have one which no input of the flake is called like."""
        groups: dict[tuple[str, str], list[_Parent]] = {}
        for parent, key in self.graph.parents(self._wishes.depth):
            for name, target in self.graph.inputs(key).items():
                path, slot = (*parent, name), (key, name)
                if isinstance(target, str) and self._wanted(name, key) is None and self._is_open(path, slot):
                    reference = _reference(self._locked.nodes[target])
                    groups.setdefault((name, reference), []).append((parent, key))
        return groups

    def _promote(self, name: str, parents: list[_Parent], least: int) -> bool:
        target = self.graph.inputs(parents[0][1])[name]
        if not isinstance(target, str) or name in self._names:
            return False
        parents = [parent for parent in parents if not self.graph.reaches(target, {parent[1]})]
        saved = self.graph.saved()
        if len(parents) >= least:
            first, *others = parents
            problem = self.graph.promote(name, (*first[0], name))
            parents = [] if problem else [first]
            follow = self.graph.follow
            parents += [other for other in others if not problem and not follow((other[1], name), (name,))]
        if len(parents) < least:
            self.graph.restore(saved)
            return False
        node = self._locked.nodes[target]
        paths = [parent for parent, _ in parents]
        self.promotions[name] = Promotion(name, url_of(node.original), node.flake, tuple(paths))
        self.additions.update({(*path, name): Follow((*path, name), (name,)) for path in paths})
        self._names.add(name)
        return True


def _reference(node: LockNode) -> str:
    """What two inputs have in common that are declared alike."""
    return json.dumps([node.flake, node.original], sort_keys=True)
