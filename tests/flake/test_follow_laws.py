"""Automatic follow as laws over random locks: one run is enough, nothing is broken, order is nothing."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st
from lock_graphs import FLAKES, applied, flake_of

from nixedit.flake.follow_plan import Wishes, plan
from nixedit.flake.lock import Lock

WISHES = st.builds(
    Wishes,
    ignore=st.sampled_from([(), (("aa", "bb"),), (("cc",),)]),
    aliases=st.sampled_from([{}, {"bb": "aa"}]),
    same_source=st.booleans(),
    transitive=st.sampled_from([None, None, 2, 3]),
    depth=st.integers(1, 3),
)


def read(document) -> Lock:
    return Lock.loads(json.dumps(document).encode())


def edges(lock: Lock) -> dict[str, set[str]]:
    """What each node depends on, follows resolved; `follows = ""` has no target."""
    return {
        key: {
            found.key
            for name, target in node.inputs.items()
            if target != () and (found := lock.input_of(node, name)) is not None
        }
        for key, node in lock.nodes.items()
    }


def in_circles(lock: Lock) -> set[tuple[str, str]]:
    """The edges that lead back to where they begin."""
    graph = edges(lock)

    def reached(start):
        seen, stack = {start}, [start]
        while stack:
            for key in graph[stack.pop()] - seen:
                seen.add(key)
                stack.append(key)
        return seen

    return {(key, other) for key in graph for other in graph[key] if key in reached(other)}


def dangling(lock: Lock) -> set[tuple[str, str]]:
    return {
        (key, name)
        for key, node in lock.nodes.items()
        for name in node.inputs
        if lock.input_of(node, name) is None
    }


@given(FLAKES, WISHES)
@settings(deadline=None, max_examples=400)
def test_one_run_reaches_the_fixed_point(flake, wishes):
    declared, document = flake
    first = plan(declared, read(document), wishes)
    again = plan(applied(declared, first), first.lock, wishes)
    assert (again.additions, again.removals, again.promotions) == ((), (), ())


@given(FLAKES, WISHES)
@settings(deadline=None, max_examples=400)
def test_one_run_is_enough_also_while_the_lock_is_the_old_one(flake, wishes):
    declared, document = flake
    first = plan(declared, read(document), wishes)
    again = plan(applied(declared, first), read(document), wishes)
    assert (again.additions, again.removals, again.promotions) == ((), (), ())


@given(FLAKES, WISHES)
@example(flake_of(273166), Wishes(transitive=2, depth=2))  # `cc` is followed before there is one
@settings(deadline=None, max_examples=400)
def test_no_circle_and_no_input_that_follows_nothing_is_made(flake, wishes):
    declared, document = flake
    written = plan(
        declared, read(document), Wishes(ignore=[(name,) for name in ("aa", "bb", "cc", "dd", "ee")])
    )
    assert written.additions == ()
    after = plan(declared, read(document), wishes).lock
    keys = set(after.nodes)
    assert keys <= set(written.lock.nodes)
    assert in_circles(after) <= in_circles(written.lock)
    assert dangling(after) <= dangling(written.lock)


@given(FLAKES, WISHES)
@settings(deadline=None, max_examples=200)
def test_what_follows_and_what_is_skipped_are_two_things(flake, wishes):
    declared, document = flake
    found = plan(declared, read(document), wishes)
    added = {follow.path for follow in found.additions}
    assert added.isdisjoint(follow.path for follow in found.skipped)
    assert all(follow.reason for follow in (*found.skipped, *found.removals))
    for follow in found.additions:
        assert follow.path[1:] not in (
            declared[follow.path[0]].overrides if follow.path[0] in declared else {}
        )
        assert len(follow.path) <= wishes.depth + 1


def shuffled(value, chance):
    if isinstance(value, dict):
        keys = list(value)
        chance.shuffle(keys)
        return {key: shuffled(value[key], chance) for key in keys}
    return value


@given(FLAKES, WISHES, st.randoms(use_true_random=False))
@settings(deadline=None, max_examples=200)
def test_the_order_of_the_lock_and_of_flake_nix_is_nothing(flake, wishes, chance):
    declared, document = flake
    mixed = {name: declared[name] for name in chance.sample(list(declared), len(declared))}
    one = plan(declared, read(document), wishes)
    two = plan(mixed, read(shuffled(document, chance)), wishes)
    assert one == two
    assert one.lock == two.lock


_SEEDED = """
from nixedit.flake.follow_plan import Wishes, plan
from nixedit.flake.lock import Lock
from lock_graphs import flake_of
import json
for seed in range(150):
    declared, document = flake_of(seed)
    lock = Lock.loads(json.dumps(document).encode())
    print(plan(declared, lock, Wishes(transitive=2, depth=2, same_source=True)))
"""


def test_the_seed_of_pythons_hashes_is_nothing():
    said = set()
    for seed in ("0", "1", "2", "77"):
        environment = {**os.environ, "PYTHONHASHSEED": seed}
        environment["PYTHONPATH"] = os.pathsep.join([str(Path(__file__).parents[1]), *sys.path])
        done = subprocess.run(
            [sys.executable, "-c", _SEEDED], env=environment, capture_output=True, text=True, check=True
        )
        said.add(done.stdout)
    assert len(said) == 1
    assert said.pop().count("Promotion(") > 10


def test_random_locks_are_worth_the_name():
    """The laws above would hold of locks in which nothing happens, too."""
    happened = {"additions": 0, "removals": 0, "promotions": 0, "skipped": 0}
    for seed in range(300):
        declared, document = flake_of(seed)
        found = plan(declared, read(document), Wishes(transitive=2, depth=2))
        for what in happened:
            happened[what] += len(getattr(found, what))
    assert min(happened.values()) > 20, happened
