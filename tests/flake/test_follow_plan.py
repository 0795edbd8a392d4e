"""Automatic follow: what is added, what is left alone, what is removed, what is promoted."""

import pytest
from lock_graphs import declared_by, lock_of

from nixedit.flake.follow_plan import Declared, Wishes, plan, stale_follows


def added(lock, declared=None, **wishes):
    found = plan(declared or declared_by(lock), lock, Wishes(**wishes))
    return {".".join(follow.path): "/".join(follow.target) for follow in found.additions}


def skipped(lock, declared=None, **wishes):
    found = plan(declared or declared_by(lock), lock, Wishes(**wishes))
    return {".".join(follow.path): follow.reason for follow in found.skipped}


NIXPKGS = {"original": {"type": "github", "owner": "NixOS", "repo": "nixpkgs"}}
HOME_MANAGER = lock_of(
    {"nixpkgs": NIXPKGS, "nixpkgs_2": NIXPKGS, "hm": {"inputs": {"nixpkgs": "nixpkgs_2"}}},
    {"nixpkgs": "nixpkgs", "hm": "hm"},
)


def test_an_input_that_is_called_like_one_of_the_flakes_own_follows_it():
    assert added(HOME_MANAGER) == {"hm.nixpkgs": "nixpkgs"}


def test_the_lock_that_comes_of_it_has_one_node_less():
    after = plan(declared_by(HOME_MANAGER), HOME_MANAGER).lock
    assert sorted(after.nodes) == ["hm", "nixpkgs", "root"]
    assert after.nodes["hm"].inputs == {"nixpkgs": ("nixpkgs",)}


def test_names_count_and_not_the_keys_of_the_lock():
    lock = lock_of(
        {
            "nixpkgs": NIXPKGS,
            "nixpkgs_2": NIXPKGS,
            "nixpkgs-lib": {},
            "a": {"inputs": {"nixpkgs_2": "nixpkgs_2", "nixpkgs-lib": "nixpkgs-lib"}},
        },
        {"nixpkgs": "nixpkgs", "a": "a"},
    )
    assert added(lock) == {}
    assert added(lock, aliases={"nixpkgs-lib": "nixpkgs"}) == {"a.nixpkgs-lib": "nixpkgs"}


def test_the_same_reference_under_another_name_follows_when_asked_for():
    lock = lock_of(
        {
            "utils": {},
            "u2": {"original": {"type": "github", "owner": "o", "repo": "utils"}},
            "a": {"inputs": {"fu": "u2"}},
        },
        {"utils": "utils", "a": "a"},
    )
    assert added(lock) == {}
    assert added(lock, same_source=True) == {"a.fu": "utils"}


@pytest.mark.parametrize("target", [(), ("other",), None])
def test_what_flake_nix_says_of_an_input_stays(target):
    declared = declared_by(HOME_MANAGER, {"hm": {("nixpkgs",): target}})
    assert added(HOME_MANAGER, declared) == {}


def test_what_an_inputs_own_flake_has_decided_stays():
    lock = lock_of(
        {"b": {}, "b2": {}, "a": {"inputs": {"b": ["a", "c"], "c": "b2"}}},
        {"a": "a", "b": "b"},
    )
    assert added(lock) == {}


def test_a_follows_of_an_older_flake_nix_is_written_again():
    lock = lock_of({"b": {}, "a": {"inputs": {"b": ["b"]}}}, {"a": "a", "b": "b"})
    assert added(lock) == {"a.b": "b"}


@pytest.mark.parametrize("ignored", [("hm", "nixpkgs"), ("nixpkgs",)])
def test_what_is_ignored_stays(ignored):
    assert added(HOME_MANAGER, ignore=[ignored]) == {}


def test_an_input_never_follows_what_it_is_an_input_of():
    lock = lock_of({"a": {"inputs": {"a": "a2"}}, "a2": {}}, {"a": "a"})
    assert added(lock) == {}
    assert skipped(lock) == {"a.a": "the inputs would depend on each other in a circle"}


def test_of_two_follows_that_make_a_circle_the_first_in_the_alphabet_is_written():
    lock = lock_of(
        {"a": {"inputs": {"b": "b2"}}, "b": {"inputs": {"a": "a2"}}, "a2": {}, "b2": {}}, {"a": "a", "b": "b"}
    )
    assert added(lock) == {"a.b": "b"}
    assert list(skipped(lock)) == ["b.a"]


def test_a_circle_over_several_inputs_is_none_the_less_one():
    lock = lock_of(
        {
            "a": {"inputs": {"b": "b2"}},
            "b": {"inputs": {"c": "c2"}},
            "c": {"inputs": {"a": "a2"}},
            **{key: {} for key in ("a2", "b2", "c2")},
        },
        {"a": "a", "b": "b", "c": "c"},
    )
    assert added(lock) == {"a.b": "b", "b.c": "c"}


def test_a_circle_can_lead_through_what_only_the_lock_knows():
    lock = lock_of(
        {"a": {"inputs": {"b": "b2"}}, "b2": {}, "b": {"inputs": {"x": "x"}}, "x": {"inputs": {"y": ["a"]}}},
        {"a": "a", "b": "b"},
    )
    assert added(lock) == {}


def test_a_circle_can_lead_through_what_only_flake_nix_says_yet():
    lock = lock_of(
        {"a": {"inputs": {"b": "b2"}}, "b2": {}, "b": {"inputs": {"y": "y"}}, "y": {}}, {"a": "a", "b": "b"}
    )
    assert added(lock) == {"a.b": "b"}
    assert added(lock, declared_by(lock, {"b": {("y",): ("a",)}})) == {}


def test_an_input_that_is_left_out_makes_no_circle():
    lock = lock_of({"a": {"inputs": {"b": "b2"}}, "b2": {}, "b": {"inputs": {"x": []}}}, {"a": "a", "b": "b"})
    assert added(lock) == {"a.b": "b"}


def test_an_input_that_the_flake_has_from_it_does_not_follow_itself():
    lock = lock_of({"a": {"inputs": {"b": "b"}}, "b": {}}, {"a": "a", "b": ["a", "b"]})
    assert skipped(lock) == {"a.b": "it would lead nowhere"}


def test_nothing_that_another_input_follows_is_taken_away():
    lock = lock_of(
        {
            "a": {"inputs": {"b": "b2", "c": ["a", "b", "inner"]}},
            "b": {},
            "b2": {"inputs": {"inner": "i"}},
            "i": {},
        },
        {"a": "a", "b": "b"},
    )
    assert skipped(lock) == {"a.b": "another input follows what would be gone then"}


def test_a_source_is_no_flake_and_a_flake_of_another_name_is_no_source():
    lock = lock_of(
        {
            "doom": {"original": {"type": "github", "owner": "v", "repo": "nix-doom"}},
            "src": {"original": {"type": "github", "owner": "h", "repo": "doom"}, "flake": False},
            "plain": {"flake": False},
            "plain2": {},
            "a": {"inputs": {"doom": "src", "plain": "plain2"}},
        },
        {"a": "a", "doom": "doom", "plain": "plain"},
    )
    assert added(lock) == {}
    assert skipped(lock) == {
        "a.doom": "`doom` is something else: a flake, where a source is wanted",
        "a.plain": "`plain` is no flake",
    }


def test_another_repository_of_the_same_name_is_followed_and_told():
    lock = lock_of(
        {
            "s": {},
            "t": {"original": {"type": "github", "owner": "x", "repo": "y"}},
            "a": {"inputs": {"s": "t"}},
        },
        {"a": "a", "s": "s"},
    )
    assert [follow.reason for follow in plan(declared_by(lock), lock).additions] == [
        "another source: github:x/y becomes github:o/s"
    ]


DEEP = lock_of(
    {
        "n": {},
        "n2": {},
        "n3": {},
        "a": {"inputs": {"b": "b"}},
        "b": {"inputs": {"n": "n2", "c": "c"}},
        "c": {"inputs": {"n": "n3"}},
    },
    {"n": "n", "a": "a"},
)


@pytest.mark.parametrize(("depth", "paths"), [(1, []), (2, ["a.b.n"]), (3, ["a.b.c.n", "a.b.n"])])
def test_follows_are_written_as_deep_as_asked_for(depth, paths):
    assert list(added(DEEP, depth=depth)) == paths


def test_nothing_is_written_below_what_follows():
    lock = lock_of(
        {"n": {}, "n2": {}, "b": {}, "a": {"inputs": {"b": "b2"}}, "b2": {"inputs": {"n": "n2"}}},
        {"n": "n", "a": "a", "b": "b"},
    )
    assert added(lock, depth=2) == {"a.b": "b"}


def test_a_follows_whose_input_is_gone_is_removed():
    declared = declared_by(HOME_MANAGER, {"hm": {("nixpkgs",): ("nixpkgs",), ("utils",): ("nixpkgs",)}})
    assert [(follow.path, follow.reason) for follow in plan(declared, HOME_MANAGER).removals] == [
        (("hm", "utils"), "`hm` has no input `utils`")
    ]
    assert stale_follows(declared, HOME_MANAGER) == plan(declared, HOME_MANAGER).removals


def test_what_stood_below_an_input_goes_when_that_follows():
    lock = lock_of(
        {"n": {}, "b": {}, "a": {"inputs": {"b": "b2"}}, "b2": {"inputs": {"n": ["n"]}}},
        {"n": "n", "a": "a", "b": "b"},
    )
    declared = declared_by(lock, {"a": {("b", "n"): ("n",)}})
    found = plan(declared, lock)
    assert [follow.path for follow in found.additions] == [("a", "b")]
    assert [(follow.path, follow.reason) for follow in found.removals] == [
        (("a", "b", "n"), "`a.b` follows `b`")
    ]
    assert stale_follows(declared, lock) == ()


def test_a_lock_that_was_made_from_another_reference_says_nothing():
    declared = {"nixpkgs": Declared(url="github:NixOS/nixpkgs"), "hm": Declared(url="github:other/thing")}
    found = plan(declared, HOME_MANAGER)
    assert found.unknown == ("hm",)
    assert not found


def test_another_branch_may_have_lost_no_input():
    overrides = {("nixpkgs",): ("nixpkgs",), ("utils",): ("nixpkgs",)}
    declared = {
        "nixpkgs": Declared(url="github:NixOS/nixpkgs"),
        "hm": Declared(url="github:o/hm/next", overrides=overrides),
    }
    assert plan(declared, HOME_MANAGER).removals == ()


def test_what_is_not_locked_yet_can_be_followed():
    lock = lock_of({"a": {"inputs": {"n": "n"}}, "n": {}}, {"a": "a"})
    declared = {**declared_by(lock), "n": Declared(url="github:o/new")}
    found = plan(declared, lock)
    assert found.unknown == ("n",)
    assert [follow.path for follow in found.additions] == [("a", "n")]


def test_an_input_that_only_outputs_names_is_followed_but_not_written():
    lock = lock_of(
        {"n": {"inputs": {"a": "a2"}}, "a": {"inputs": {"n": "n2"}}, "a2": {}, "n2": {}}, {"n": "n", "a": "a"}
    )
    declared = {**declared_by(lock), "n": Declared(written=False)}
    assert added(lock, declared) == {"a.n": "n"}


SHARED = lock_of(
    {
        **{
            key: {"original": {"type": "github", "owner": "n", "repo": "utils"}} for key in ("u1", "u2", "u3")
        },
        "u4": {"original": {"type": "github", "owner": "n", "repo": "utils", "ref": "old"}},
        "n": {},
        "n1": {},
        "u1": {"original": {"type": "github", "owner": "n", "repo": "utils"}, "inputs": {"n": "n1"}},
        "a": {"inputs": {"utils": "u1"}},
        "b": {"inputs": {"utils": "u2"}},
        "c": {"inputs": {"utils": "u3"}},
        "d": {"inputs": {"utils": "u4"}},
    },
    {"a": "a", "b": "b", "c": "c", "d": "d", "n": "n"},
)


def test_what_enough_inputs_share_becomes_the_flakes_own_and_all_follow_it():
    found = plan(declared_by(SHARED), SHARED, Wishes(transitive=3))
    assert [(new.name, new.url, new.parents) for new in found.promotions] == [
        ("utils", "github:n/utils", (("a",), ("b",), ("c",)))
    ]
    assert {".".join(follow.path): follow.target[0] for follow in found.additions} == {
        "a.utils": "utils",
        "b.utils": "utils",
        "c.utils": "utils",
        "d.utils": "utils",  # by its name, as any input that is called like one of the flake's own
        "utils.n": "n",
    }


@pytest.mark.parametrize("transitive", [None, 4])
def test_what_too_few_share_stays(transitive):
    assert added(SHARED, transitive=transitive) == {}


def test_what_would_depend_on_its_parents_is_not_promoted():
    utils = {"original": {"type": "github", "owner": "n", "repo": "utils"}}
    lock = lock_of(
        {
            "u1": {**utils, "inputs": {"x": ["a"]}},
            "u2": utils,
            "a": {"inputs": {"utils": "u1"}},
            "b": {"inputs": {"utils": "u2"}},
        },
        {"a": "a", "b": "b"},
    )
    assert plan(declared_by(lock), lock, Wishes(transitive=2)).promotions == ()
