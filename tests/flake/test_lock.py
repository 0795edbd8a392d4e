"""flake.lock: what its nodes are, where paths lead, and what is refused."""

import json

import pytest
from lock_graphs import lock_of

from nixedit.errors import MissingAttrError, ParseError
from nixedit.flake import Flake
from nixedit.flake.lock import Lock
from nixedit.flake.lock_tree import branches, duplicates, shortest_paths
from nixedit.workspaces import Workspace


def text_of(**changes) -> bytes:
    document = {"nodes": {"root": {"inputs": {}}}, "root": "root", "version": 7, **changes}
    return json.dumps(document, indent=2).encode()


def refusal(data: bytes) -> str:
    with pytest.raises(ParseError) as caught:
        Lock.loads(data, "flake.lock")
    return caught.value.render()


def test_a_flake_has_its_lock(tmp_path):
    (tmp_path / "flake.nix").write_text("{ outputs = _: { }; }")
    assert Flake(Workspace(tmp_path)).lock is None
    (tmp_path / "flake.lock").write_bytes(text_of())
    lock = Flake(Workspace(tmp_path)).lock
    assert lock is not None
    assert lock.root.key == "root"


SMALL = lock_of(
    {
        "nixpkgs": {},
        "nixpkgs_2": {"locked": {"type": "github", "rev": "abc", "lastModified": 1700000000}},
        "hm": {"inputs": {"nixpkgs": ["nixpkgs"], "utils": "utils"}},
        "utils": {"inputs": {"nixpkgs": "nixpkgs_2", "nothing": []}, "flake": True},
        "source": {"flake": False},
    },
    {"nixpkgs": "nixpkgs", "hm": "hm", "source": "source", "pkgs": ["hm", "utils", "nixpkgs"]},
)


@pytest.mark.parametrize(
    ("path", "key"),
    [
        ((), "root"),
        (("hm",), "hm"),
        (("hm", "nixpkgs"), "nixpkgs"),
        (("hm", "utils", "nixpkgs"), "nixpkgs_2"),
        (("pkgs",), "nixpkgs_2"),
        (("hm", "utils", "nothing"), "root"),
        (("hm", "utils", "nothing", "pkgs"), "nixpkgs_2"),
    ],
)
def test_a_path_is_resolved_with_all_follows_on_its_way(path, key):
    assert SMALL.node(path).key == key


def test_a_path_that_leads_nowhere_is_an_error_and_resolve_says_none():
    assert SMALL.resolve(("hm", "nope")) is None
    with pytest.raises(MissingAttrError, match=r"there is no input `hm/nope` in the lock"):
        SMALL.node(("hm", "nope"))


def test_a_node_says_its_revision_date_and_kind():
    node = SMALL.node(("pkgs",))
    assert (node.rev, node.last_modified, node.flake) == ("abc", 1700000000, True)
    assert SMALL.node(("source",)).flake is False
    assert SMALL.node(("source",)).last_modified is None


def test_follows_that_go_round_in_a_circle_lead_nowhere():
    lock = lock_of(
        {"a": {"inputs": {"x": ["b", "x"]}}, "b": {"inputs": {"x": ["a", "x"]}}}, {"a": "a", "b": "b"}
    )
    assert lock.resolve(("a", "x")) is None
    assert lock.input_of(lock.nodes["b"], "x") is None


def test_one_input_can_be_passed_twice_on_the_way_of_one_path():
    lock = lock_of(
        {"a": {"inputs": {"x": ["c", "y"]}}, "d": {"inputs": {"y": ["c", "z"], "z": "z"}}, "z": {}},
        {"a": "a", "c": ["d"], "d": "d"},
    )
    assert lock.node(("a", "x")).key == "z"


@pytest.mark.parametrize("version", [5, 6, 7])
def test_the_versions_that_nix_reads_are_read(version):
    assert Lock.loads(text_of(version=version)).version == version


def test_version_5_kept_the_date_beside_the_reference():
    nodes = {"root": {"inputs": {"a": "a"}}, "a": {"locked": {"rev": "1"}, "info": {"lastModified": 12}}}
    assert Lock.loads(text_of(version=5, nodes=nodes)).node(("a",)).last_modified == 12


def test_what_nix_would_refuse_is_refused_with_its_place():
    assert refusal(text_of(version=8)) == (
        "flake.lock:8:14: version 8 of the lock is none that Nix reads (5 to 7)\n"
        '    8 |   "version": 8\n'
        "      |              ^ `nix flake lock` writes it anew once it is gone"
    )
    assert refusal('{"nodes": {},\n "é": 1,,}'.encode()).splitlines()[0] == (
        "flake.lock:2:9: the lock is no JSON: expecting property name enclosed in double quotes"
    )
    nodes = {"root": {"inputs": {"a": "gone"}}}
    assert refusal(text_of(nodes=nodes)) == (
        "flake.lock:5:14: the input `a` is the node `gone`, which the lock does not have\n"
        '    5 |         "a": "gone"\n'
        "      |              ^^^^^^ `nix flake lock` writes it anew once it is gone"
    )


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (b"", "1:1: the lock is no JSON: expecting value"),
        (b"[]", "1:1: the lock is no JSON object"),
        (b"\xff", "1:1: the lock is not UTF-8"),
        (b"[" * 100_000, "1:1: the lock is nested too deeply"),
        (b"{}", "1:1: version null of the lock is none that Nix reads (5 to 7)"),
        (b'{"version": "7"}', '1:13: version "7" of the lock is none that Nix reads (5 to 7)'),
        (b'{"version": true}', "1:13: version true of the lock is none that Nix reads (5 to 7)"),
        (b'{"version": 7}', "1:1: `nodes` is missing"),
        (b'{"version": 7, "nodes": {}, "root": "r"}', "1:37: `root` names no node of the lock"),
        (b'{"version": 7, "nodes": {"r": 1}, "root": "r"}', "1:31: `nodes.r` is no object"),
        (
            b'{"version": 7, "nodes": {"r": {"inputs": {"a": 1}}}, "root": "r"}',
            "1:48: the input `a` is neither a node nor a path of inputs",
        ),
        (
            b'{"version": 7, "nodes": {"r": {"locked": []}}, "root": "r"}',
            "1:42: `nodes.r.locked` is no object",
        ),
    ],
)
def test_no_text_makes_more_than_a_refusal(data, message):
    assert refusal(data).splitlines()[0] == f"flake.lock:{message}"


def test_the_tree_has_every_input_and_repeats_no_subtree():
    seen = [(branch.path, branch.node and branch.node.key, branch.follows) for branch in branches(SMALL)]
    assert seen == [
        (("hm",), "hm", None),
        (("hm", "nixpkgs"), "nixpkgs", ("nixpkgs",)),
        (("hm", "utils"), "utils", None),
        (("hm", "utils", "nixpkgs"), "nixpkgs_2", None),
        (("hm", "utils", "nothing"), "root", ()),
        (("nixpkgs",), "nixpkgs", None),
        (("pkgs",), "nixpkgs_2", ("hm", "utils", "nixpkgs")),
        (("source",), "source", None),
    ]


def test_the_tree_marks_circles_and_what_is_cut():
    lock = lock_of(
        {"a": {"inputs": {"b": "b", "c": ["c"]}}, "b": {"inputs": {"a": "a"}}, "c": {"inputs": {"a": ["a"]}}},
        {"a": "a", "b": "b", "c": "c"},
    )
    marks = {branch.path: (branch.cycle, branch.cut) for branch in branches(lock)}
    assert marks == {
        ("a",): (False, False),
        ("a", "b"): (False, False),
        ("a", "b", "a"): (True, True),
        ("a", "c"): (False, True),
        ("b",): (False, True),
        ("c",): (False, False),
        ("c", "a"): (False, True),
    }


def test_duplicates_are_nodes_of_one_repository():
    nixpkgs = {"type": "github", "owner": "NixOS", "repo": "nixpkgs"}
    lock = lock_of(
        {
            "n1": {"original": {**nixpkgs, "ref": "nixos-unstable"}},
            "n2": {"original": {"type": "git", "url": "https://github.com/nixos/nixpkgs.git"}},
            "lib": {"original": {"type": "github", "owner": "nix-community", "repo": "nixpkgs.lib"}},
            "a": {"inputs": {"n": "n2", "m": ["n"], "lib": "lib"}},
        },
        {"n": "n1", "a": "a"},
    )
    found = {name: [node.key for node in nodes] for name, nodes in duplicates(lock).items()}
    assert found == {"github:nixos/nixpkgs": ["n2", "n1"]}


def test_the_shortest_path_to_a_node_is_the_one_that_a_person_would_name():
    assert shortest_paths(SMALL)["nixpkgs_2"] == ("hm", "utils", "nixpkgs")
    assert shortest_paths(SMALL)["hm"] == ("hm",)
