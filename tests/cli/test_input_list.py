"""`nixedit input list`: table, names, JSON, tree, pictures."""

import json
from datetime import UTC, datetime

import pytest
from locked_flakes import FLAKE, LOCK, REV, write_flake

from nixedit.cli.input.table import age
from nixedit.cli.main import main


@pytest.fixture
def flake(tmp_path, monkeypatch):
    """The small flake, in the working folder; the clock stands at the first of January 2025."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("time.time", lambda: datetime(2025, 1, 1, tzinfo=UTC).timestamp())
    return write_flake(tmp_path)


def run(capsys, *words):
    code = main(["input", "list", *words])
    return code, capsys.readouterr()


def test_the_table_is_for_people(flake, capsys):
    code, said = run(capsys)
    assert (code, said.err) == (0, "")
    assert (
        said.out
        == """\
INPUT         REFERENCE                            REV      AGE       ITS INPUTS FOLLOW
font          github:o/font (no flake)             0123456  7 months
home-manager  github:nix-community/home-manager    0123456  7 months  nixpkgs
nixpkgs       github:NixOS/nixpkgs/nixos-unstable  0123456  7 months
zig           github:mitchellh/zig-overlay         0123456  7 months

Locked more than once:
  2 x github:nixos/nixpkgs: nixpkgs, zig.nixpkgs

`nixedit input follow` would remove 1 of the 7 locked inputs.
"""
    )


def test_quiet_prints_names(flake, capsys):
    assert run(capsys, "-q") == (0, ("font\nhome-manager\nnixpkgs\nzig\n", ""))


def test_the_tree_shows_follows_and_what_could_follow(flake, capsys):
    _, said = run(capsys, "--tree")
    assert (
        said.out
        == """\
flake.nix
├── font github:o/font 0123456 2024-06-01
├── home-manager github:nix-community/home-manager 0123456 2024-06-01
│   └── nixpkgs -> nixpkgs
├── nixpkgs github:NixOS/nixpkgs/nixos-unstable 0123456 2024-06-01
└── zig github:mitchellh/zig-overlay 0123456 2024-06-01
    ├── flake-utils github:numtide/flake-utils 0123456 2024-06-01
    │   └── systems github:nix-systems/default 0123456 2024-06-01
    ├── nixpkgs github:NixOS/nixpkgs 0123456 2024-06-01 [could follow nixpkgs]
    └── none -> nothing
"""
    )


def test_the_tree_marks_circles_what_is_missing_and_what_was_shown(tmp_path, capsys):
    lock = json.loads(json.dumps(LOCK))
    lock["nodes"]["zig"]["inputs"] = {"gone": ["nowhere"], "again": "home-manager"}
    lock["nodes"]["home-manager"]["inputs"] = {"me": "home-manager", "back": ["home-manager"]}
    write_flake(tmp_path, lock=lock)
    _, said = run(capsys, "--tree", "--flake", str(tmp_path))
    lines = [line.rpartition("── ")[2] for line in said.out.splitlines()]
    assert "gone -> nowhere (which is not there)" in lines
    assert "again github:nix-community/home-manager 0123456 2024-06-01 (its inputs: see above)" in lines
    assert "me github:nix-community/home-manager 0123456 2024-06-01 (a circle)" in lines
    assert "back -> home-manager (a circle)" in lines


def test_json_has_every_input_with_its_pieces(flake, capsys):
    _, said = run(capsys, "--json")
    document = json.loads(said.out)
    assert document["failures"] == []
    (only,) = document["flakes"]
    assert only["path"] == "flake.nix"
    assert [found["id"] for found in only["inputs"]] == ["font", "home-manager", "nixpkgs", "zig"]
    assert only["duplicates"] == {"github:nixos/nixpkgs": ["nixpkgs", "zig.nixpkgs"]}
    font, manager, *_ = only["inputs"]
    assert manager == {
        "id": "home-manager",
        "url": "github:nix-community/home-manager",
        "flake": True,
        "follows": None,
        "overrides": {"nixpkgs": "nixpkgs"},
        "pieces": [{"start": FLAKE.index("home-manager ="), "end": FLAKE.index("    zig") - 1, "line": 4}],
        "rev": REV,
        "lastModified": 1717200000,
    }
    assert font["flake"] is False


def test_without_a_lock_there_is_less_to_show(tmp_path, capsys):
    write_flake(tmp_path, lock=None)
    code, said = run(capsys, "--flake", str(tmp_path))
    assert code == 0
    assert said.out.endswith("There is no flake.lock: `nix flake lock` makes one.\n")
    code, said = run(capsys, "--tree", "--flake", str(tmp_path))
    assert code == 2
    assert said.err == f"{tmp_path}/flake.lock: there is no lock\n`nix flake lock` makes one\n"


def test_references_in_every_form_are_shown(tmp_path, capsys):
    text = """\
{
  inputs.a = { type = "github"; owner = "o"; repo = "r"; ref = "b"; };
  inputs.b.follows = "a/x";
  inputs.c.url = "github:${"o"}/r";
  inputs.d = { };
  inputs."e.f".url = "path:./e";
  inputs.g = { url = "path:./g"; inputs.a.follows = "b"; inputs.x.follows = ""; };
  inputs.h.follows = "";
  outputs = _: { };
}
"""
    write_flake(tmp_path, text, lock=None)
    _, said = run(capsys, "--flake", str(tmp_path))
    rows = [" ".join(line.split()) for line in said.out.splitlines()[1:9]]
    assert rows == [
        "a github:o/r/b",
        "b follows a/x",
        "c (computed)",
        "d (from the registry)",
        '"e.f" path:./e',
        "g path:./g a -> b, x -> nothing",
        "h follows nothing",
        "",
    ]


def test_several_flakes_have_titles_and_a_failure_is_exit_code_2(flake, tmp_path, capsys):
    write_flake(tmp_path / "two", "{ outputs = _: { }; }\n", lock=None)
    code, said = run(capsys, "--flake", ".", "--flake", "two", "--flake", "three")
    assert code == 2
    assert said.out.startswith("flake.nix\nINPUT")
    assert said.out.endswith("\n\ntwo/flake.nix\nno inputs\n")
    assert said.err == "three: no such file or folder\n"


def test_a_picture_is_of_one_flake(flake, capsys):
    with pytest.raises(SystemExit) as caught:
        run(capsys, "--graph", "svg", "--flake", ".", "--flake", "two")
    assert caught.value.code == 2


@pytest.mark.parametrize(
    ("form", "first", "last"),
    [
        ("dot", "digraph inputs {", "}"),
        ("mermaid", "flowchart LR", "  class n7 removed"),
        ("svg", "<svg", "</svg>"),
    ],
)
def test_pictures_are_printed(flake, capsys, form, first, last):
    code, said = run(capsys, "--graph", form)
    assert code == 0
    lines = said.out.splitlines()
    assert lines[0].startswith(first)
    assert lines[-1] == last


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (-3, "0 days"),
        (1, "1 day"),
        (13, "13 days"),
        (14, "2 weeks"),
        (59, "8 weeks"),
        (60, "2 months"),
        (729, "24 months"),
        (730, "2 years"),
    ],
)
def test_ages_are_in_words(days, words):
    assert age(days) == words
