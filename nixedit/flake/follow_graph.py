"""The graph of all inputs while follows are added to it: what each input would be, and whether that works.

A slot is one input of one node. It holds a node of its own, or the path that it follows.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from nixedit.flake.lock import InputPath, Lock, LockNode

Slot = tuple[str, str]


class FollowGraph:
    """A lock that changes.

    Args:
        lock: where it begins.
        top: what the flake's own inputs are: by name, a key of the lock, a path that is followed, or None
            for an input that is not locked yet.
    """

    def __init__(self, lock: Lock, top: Mapping[str, str | InputPath | None]) -> None:
        self.nodes = lock.nodes
        self.root = lock.root.key
        self.unlocked = frozenset(name for name, target in top.items() if target is None)
        self._version = lock.version
        self._slots: dict[str, dict[str, str | InputPath]] = {
            key: dict(node.inputs) for key, node in lock.nodes.items()
        }
        self._slots[self.root] = {name: target for name, target in top.items() if target is not None}
        self._edges: dict[Slot, str | None] = {}
        self._through: dict[Slot, set[Slot]] = {}
        self._settle()

    # -- reading ------------------------------------------------------------------------------

    def inputs(self, key: str) -> Mapping[str, str | InputPath]:
        """The slots of a node, by name."""
        return self._slots[key]

    def resolve(self, path: InputPath) -> str | None:
        """The key of the node that a path leads to; None where it leads nowhere or round in a circle."""
        return self._walk(path, set(), frozenset())

    def _walk(self, path: InputPath, passed: set[Slot], pending: frozenset[Slot]) -> str | None:
        key: str | None = self.root
        for name in path:
            slot = (key or "", name)
            target = None if key is None else self._slots[key].get(name)
            if target is None or slot in pending:
                return None
            passed.add(slot)
            key = target if isinstance(target, str) else self._walk(target, passed, pending | {slot})
        return key

    def _node_at(self, slot: Slot) -> str | None:
        """What a slot resolves to, found once until something on the way changes."""
        if slot not in self._edges:
            target = self._slots[slot[0]][slot[1]]
            if isinstance(target, str):
                self._edges[slot] = target
            else:
                passed = {slot}
                self._edges[slot] = self._walk(target, passed, frozenset({slot}))
                for other in passed:
                    self._through.setdefault(other, set()).add(slot)
        return self._edges[slot]

    def parents(self, depth: int) -> Iterator[tuple[InputPath, str]]:
        """The inputs that are locked on their own, in the order of their paths, those at the top first.

        Args:
            depth: how long their paths may be.
        """
        layer: list[tuple[InputPath, str]] = [((), self.root)]
        seen = {self.root}
        for _ in range(depth):
            layer = [
                ((*path, name), target)
                for path, key in layer
                for name, target in sorted(self._slots[key].items(), key=lambda item: item[0])
                if isinstance(target, str) and not (target in seen and path)
            ]
            seen.update(key for _, key in layer)
            yield from layer

    def alive(self) -> set[str]:
        """The nodes that are still locked: those that the root reaches without follows."""
        seen = {self.root}
        stack = [self.root]
        while stack:
            for target in self._slots[stack.pop()].values():
                if isinstance(target, str) and target not in seen:
                    seen.add(target)
                    stack.append(target)
        return seen

    def reaches(self, start: str, goals: set[str]) -> bool:
        """Whether one of some nodes is an input of a node, of its inputs, and so on; or that node itself.

        What follows the flake itself (`follows = ""`) has no target: it was put there to have none.
        """
        seen = {start}
        stack = [start]
        while stack:
            key = stack.pop()
            if key in goals:
                return True
            for name, target in self._slots[key].items():
                found = None if target == () else self._node_at((key, name))
                if found is not None and found not in seen:
                    seen.add(found)
                    stack.append(found)
        return False

    # -- changing -----------------------------------------------------------------------------

    def declare(self, targets: Mapping[Slot, InputPath]) -> None:
        """Let slots follow what flake.nix says, whatever comes of it."""
        for (key, name), target in targets.items():
            self._slots[key][name] = target
        self._settle()

    def follow(self, slot: Slot, target: InputPath) -> str | None:
        """Let a slot follow a path, unless that breaks something.

        Returns:
            None where it follows now; else what is wrong with it, and nothing has changed.
        """
        key, name = slot
        before = self._slots[key][name]
        touched = sorted({slot, *self._through.get(slot, ())})
        old = {passed: self._edges.pop(passed) for passed in touched}
        self._slots[key][name] = target
        problem = self._problem(slot, target, old)
        if problem is not None:
            self._slots[key][name] = before
            self._edges.update(old)
        for passed in touched:
            self._node_at(passed)
        return problem

    def _problem(self, slot: Slot, target: InputPath, old: Mapping[Slot, str | None]) -> str | None:
        if self._node_at(slot) is None and target[0] not in self.unlocked:
            return "it would lead nowhere"
        alive = self.alive() if len(old) > 1 else {slot[0]}
        for passed, before in old.items():
            if passed[0] not in alive:
                continue
            now = self._node_at(passed)
            if now is None and before is not None and passed != slot:
                return "another input follows what would be gone then"
            if now is not None and now != before and self.reaches(now, {passed[0]}):
                return "the inputs would depend on each other in a circle"
        return None

    def promote(self, name: str, path: InputPath) -> str | None:
        """Make the node that is locked at a path an input of the flake itself; the path follows it then.

        Returns:
            what is wrong with it: follows that led nowhere lead to it now; None where nothing is. It is done
            all the same.
        """
        before = dict(self._edges)
        *above, last = path
        holder = self.resolve(tuple(above))
        node = None if holder is None else self._slots[holder].get(last)
        if holder is None or not isinstance(node, str):
            raise AssertionError(f"{'/'.join(path)} is not locked on its own")
        self.unlocked -= {name}
        self._slots[self.root][name] = node
        self._slots[holder][last] = (name,)
        self._move(node, path, (name,))
        self._settle()
        alive = self.alive()
        found = {slot for slot, now in self._edges.items() if now is not None and before.get(slot) is None}
        if any(slot[0] in alive and self.reaches(self._edges[slot] or "", {slot[0]}) for slot in found):
            return "the inputs would depend on each other in a circle"
        return None

    def _move(self, key: str, before: InputPath, after: InputPath) -> None:
        """Paths that inputs of a node follow within it, now that it stands elsewhere."""
        for name, target in self._slots[key].items():
            if isinstance(target, str):
                self._move(target, before, after)
            elif target[: len(before)] == before:
                self._slots[key][name] = after + target[len(before) :]

    def saved(self) -> Mapping[str, dict[str, str | InputPath]]:
        """The slots as they are, for `restore`."""
        return {key: dict(slots) for key, slots in self._slots.items()}

    def restore(self, saved: Mapping[str, dict[str, str | InputPath]]) -> None:
        """Undo whatever was done since `saved`."""
        self._slots = {key: dict(slots) for key, slots in saved.items()}
        self._settle()

    def _settle(self) -> None:
        self._edges.clear()
        self._through.clear()
        for key, slots in self._slots.items():
            for name in slots:
                self._node_at((key, name))

    def lock(self) -> Lock:
        """The lock that Nix would make of it: without the nodes that nothing locks any more."""
        alive = self.alive()
        nodes = {
            key: LockNode(key, dict(self._slots[key]), node.original, node.locked, node.flake)
            for key, node in self.nodes.items()
            if key in alive
        }
        return Lock(nodes, nodes[self.root], self._version)
