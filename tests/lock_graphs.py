"""Random locks for laws, with the flake.nix that they were made from."""

from __future__ import annotations

import json
import random
from typing import Any

from hypothesis import strategies as st

from nixedit.flake.follow_plan import Declared, Plan
from nixedit.flake.lock import Lock

NAMES = ("aa", "bb", "cc", "dd", "ee")


def lock_of(nodes: dict[str, Any], root: dict[str, Any], version: int = 7) -> Lock:
    """A lock from its nodes; each is of a repository called like its key unless it says something else."""
    full = {
        key: {"locked": {"type": "github", "owner": "o", "repo": key, "rev": "0" * 40}, **node}
        | {"original": node.get("original", {"type": "github", "owner": "o", "repo": key})}
        for key, node in nodes.items()
    }
    document = {"nodes": {**full, "root": {"inputs": root}}, "root": "root", "version": version}
    return Lock.loads(json.dumps(document).encode())


def declared_by(lock: Lock, overrides: dict[str, dict[tuple[str, ...], tuple[str, ...]]] | None = None):
    """The inputs of the flake.nix that a lock was made from."""
    found = {}
    for name, target in lock.root.inputs.items():
        own = (overrides or {}).get(name, {})
        if isinstance(target, tuple):
            found[name] = Declared(follows=target)
        else:
            found[name] = Declared(attributes=lock.nodes[target].original, overrides=own)
    return found


def flake_of(seed: int) -> tuple[dict[str, Declared], dict[str, Any]]:
    """What a flake.nix declares, and the JSON of its lock."""
    return _Maker(random.Random(seed)).make()


# By a seed: drawing every choice by itself makes small locks in which little happens.
FLAKES = st.integers(0, 2**40).map(flake_of)


class _Maker:
    def __init__(self, chance: random.Random) -> None:
        self.chance = chance
        self.nodes: dict[str, dict[str, Any]] = {}
        self.at: dict[tuple[str, ...], str] = {}

    def make(self) -> tuple[dict[str, Declared], dict[str, Any]]:
        root = self.flake((), 0)
        self.nodes["root"] = {"inputs": root}
        declared = {name: self.declare(name, target) for name, target in root.items()}
        return declared, {"nodes": self.nodes, "root": "root", "version": 7}

    def flake(self, path: tuple[str, ...], depth: int) -> dict[str, Any]:
        """The inputs of the flake at a path."""
        inputs: dict[str, Any] = {}
        names = self.chance.sample(NAMES, self.chance.randrange(0 if depth else 2, 5 - min(depth, 3)))
        for name in names:
            if depth and inputs and self.chance.random() < 0.2:
                inputs[name] = self.own(path, inputs)
            elif depth < 3:
                inputs[name] = self.node((*path, name), depth)
        return inputs

    def own(self, path: tuple[str, ...], inputs: dict[str, Any]) -> list[str]:
        """What an input of a flake follows by that flake's own choice: one of its inputs, or one of theirs."""
        target = (*path, self.chance.choice(list(inputs)))
        below = [other for other in self.at if other[:-1] == target]
        return list(self.chance.choice([target, *below]))

    def node(self, path: tuple[str, ...], depth: int) -> str:
        key = "_".join(path)
        self.at[path] = key
        branch = {"ref": self.chance.choice("xy")} if self.chance.random() < 0.3 else {}
        original = {"type": "github", "owner": "o", "repo": path[-1], **branch}
        flake = self.chance.random() < 0.9
        self.nodes[key] = {"original": original, "locked": {**original, "rev": "0" * 40}}
        if flake:
            self.nodes[key]["inputs"] = self.flake(path, depth + 1)
        else:
            self.nodes[key]["flake"] = False
        return key

    def declare(self, name: str, target: Any) -> Declared:
        if isinstance(target, list):
            return Declared(follows=tuple(target))
        node = self.nodes[target]
        overrides: dict[tuple[str, ...], tuple[str, ...]] = {}
        for inner in list(node.get("inputs", {})):
            if self.chance.random() < 0.15:
                followed = self.chance.choice([(), (self.chance.choice(NAMES),)])
                overrides[(inner,)] = followed
                if self.chance.random() < 0.5:  # the lock may be older
                    node["inputs"][inner] = list(followed)
        if self.chance.random() < 0.1:
            overrides[("gone",)] = (name,)
        return Declared(attributes=node["original"], overrides=overrides, flake=node.get("flake", True))


def applied(declared: dict[str, Declared], plan: Plan) -> dict[str, Declared]:
    """What flake.nix declares once a plan is written."""
    overrides = {name: dict(own.overrides) for name, own in declared.items()}
    kinds = dict(declared)
    for promotion in plan.promotions:
        kinds[promotion.name] = Declared(url=promotion.url, flake=promotion.flake)
        overrides[promotion.name] = {}
    for follow in plan.removals:
        del overrides[follow.path[0]][follow.path[1:]]
    for follow in plan.additions:
        assert follow.path[1:] not in overrides[follow.path[0]]
        overrides[follow.path[0]][follow.path[1:]] = follow.target
    return {
        name: Declared(own.url, own.attributes, own.follows, overrides[name], own.flake)
        for name, own in kinds.items()
    }
