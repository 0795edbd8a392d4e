"""Every edit of inputs, on every spelling in every layout: what Nix says of the result, and what else changed."""

from __future__ import annotations

import copy
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest
from evaluator import Evaluator
from flake_texts import CONTAINERS, LAYOUTS, SPELLINGS, Tree, flake_text
from msgspec import Struct

import nixedit
from nixedit.flake import Inputs
from nixedit.flake.declared import add_input, remove_input

REV = "0123456789abcdef0123456789abcdef01234567"
INPUTS: Tree = {
    "nn": {"url": "github:NixOS/nixpkgs/nixos-unstable"},
    "aa": {
        "url": "github:a/a",
        "inputs": {"nn": {"follows": "nn"}, "zz": {"follows": "nn", "inputs": {"yy": {"follows": "bb/yy"}}}},
    },
    "bb": {
        "url": "git+https://b.org/b?ref=main",
        "flake": False,
        "inputs": {"cc": {"url": "github:c/c"}},
    },
    "at": {"type": "github", "owner": "o", "repo": "r", "ref": "main"},
    "lib-1.5": {"url": "github:l/l", "inputs": {"nn": {"follows": ""}}},
    "tt": {"follows": "aa/tt"},
}
FORMALS = ["self", "nn", "aa", "bb", "at", "tt"]
OUTPUTS = "{ " + ", ".join(FORMALS) + " }: { }"


class Operation(Struct, frozen=True):
    """An edit, and what it means.

    Attributes:
        edit: what is done to a document.
        inputs: what it does to the inputs, as a dict that it changes.
        formals: what it does to the formals, likewise.
        settles: whether doing it again changes nothing.
        adds: whether all that was there is there afterwards, in order.
        removes: whether all that is there afterwards was there before, in order.
    """

    edit: Callable[[nixedit.Document], object]
    inputs: Callable[[Tree], object]
    formals: Callable[[list[str]], object] = list
    settles: bool = False
    adds: bool = False
    removes: bool = False


def _without(tree: Tree, name: str) -> None:
    """What it means to remove an input, said for the inputs above."""
    del tree[name]
    if name == "aa":
        del tree["tt"]
    if name == "nn":
        del tree["aa"]["inputs"]["nn"], tree["aa"]["inputs"]["zz"]["follows"]
    if name == "bb":
        del tree["aa"]["inputs"]["zz"]["inputs"]


def _drop(*names: str) -> Callable[[list[str]], object]:
    return lambda formals: [formals.remove(name) for name in names]


def _put(tree: Tree, *path: str, value: object) -> None:
    for name in path[:-1]:
        tree = tree.setdefault(name, {})
    tree[path[-1]] = value


def _many(document: nixedit.Document) -> None:
    inputs = Inputs(document)
    remove_input(document, "aa")
    inputs.follow(("bb", "nn"), "nn")
    inputs.pin("nn", REV)
    add_input(document, "new", "github:n/new")


OPERATIONS = {
    "add": Operation(
        lambda d: add_input(d, "new", "github:n/new"),
        lambda t: t.update(new={"url": "github:n/new"}),
        lambda f: f.append("new"),
        adds=True,
    ),
    "add with follows": Operation(
        lambda d: add_input(d, "new", "github:n/new", {"nn": "nn", "x": ""}),
        lambda t: t.update(
            new={"url": "github:n/new", "inputs": {"nn": {"follows": "nn"}, "x": {"follows": ""}}}
        ),
        lambda f: f.append("new"),
        adds=True,
    ),
    "add a source": Operation(
        lambda d: add_input(d, "new", "github:n/new", flake=False),
        lambda t: t.update(new={"url": "github:n/new", "flake": False}),
        lambda f: f.append("new"),
        adds=True,
    ),
    "add a quoted one": Operation(
        lambda d: Inputs(d).add("new-2.0", "path:./n"),
        lambda t: t.update({"new-2.0": {"url": "path:./n"}}),
        adds=True,
    ),
    "remove what others follow": Operation(
        lambda d: remove_input(d, "nn"), lambda t: _without(t, "nn"), _drop("nn"), removes=True
    ),
    "remove what one only follows": Operation(
        lambda d: remove_input(d, "aa"), lambda t: _without(t, "aa"), _drop("aa", "tt"), removes=True
    ),
    "remove a source": Operation(
        lambda d: remove_input(d, "bb"), lambda t: _without(t, "bb"), _drop("bb"), removes=True
    ),
    "remove attributes": Operation(
        lambda d: remove_input(d, "at"), lambda t: _without(t, "at"), _drop("at"), removes=True
    ),
    "remove a quoted one": Operation(
        lambda d: remove_input(d, "lib-1.5"), lambda t: _without(t, "lib-1.5"), removes=True
    ),
    "remove the last": Operation(
        lambda d: remove_input(d, "tt"), lambda t: _without(t, "tt"), _drop("tt"), removes=True
    ),
    "change": Operation(
        lambda d: Inputs(d).change("bb", 'path:./"b" \\ ${x}'),
        lambda t: _put(t, "bb", "url", value='path:./"b" \\ ${x}'),
        settles=True,
    ),
    "change attributes": Operation(
        lambda d: Inputs(d).change("at", "gitlab:p/q/v1?dir=x"),
        lambda t: t.update(at={"type": "gitlab", "owner": "p", "repo": "q", "ref": "v1", "dir": "x"}),
        settles=True,
    ),
    "follow": Operation(
        lambda d: Inputs(d).follow(("aa", "bb"), "bb"),
        lambda t: _put(t, "aa", "inputs", "bb", "follows", value="bb"),
        settles=True,
        adds=True,
    ),
    "follow where there is none": Operation(
        lambda d: Inputs(d).follow(("nn", "x"), "bb/x"),
        lambda t: _put(t, "nn", "inputs", "x", "follows", value="bb/x"),
        settles=True,
        adds=True,
    ),
    "follow deeper": Operation(
        lambda d: Inputs(d).follow(("aa", "zz", "xx", "lib-2.0"), "nn"),
        lambda t: _put(t, "aa", "inputs", "zz", "inputs", "xx", "inputs", "lib-2.0", "follows", value="nn"),
        settles=True,
        adds=True,
    ),
    "follow another": Operation(
        lambda d: Inputs(d).follow(("aa", "nn"), "bb/nn"),
        lambda t: _put(t, "aa", "inputs", "nn", "follows", value="bb/nn"),
        settles=True,
    ),
    "follow nothing": Operation(
        lambda d: Inputs(d).follow(("aa", "zz", "yy"), ""),
        lambda t: _put(t, "aa", "inputs", "zz", "inputs", "yy", "follows", value=""),
        settles=True,
    ),
    "unfollow": Operation(
        lambda d: Inputs(d).unfollow(("aa", "nn")),
        lambda t: t["aa"]["inputs"].pop("nn"),
        settles=True,
        removes=True,
    ),
    "unfollow the last": Operation(
        lambda d: Inputs(d).unfollow(("lib-1.5", "nn")),
        lambda t: t["lib-1.5"].pop("inputs"),
        settles=True,
        removes=True,
    ),
    "unfollow deeper": Operation(
        lambda d: Inputs(d).unfollow(("aa", "zz", "yy")),
        lambda t: t["aa"]["inputs"]["zz"].pop("inputs"),
        settles=True,
        removes=True,
    ),
    "pin": Operation(
        lambda d: Inputs(d).pin("nn", REV),
        lambda t: _put(t, "nn", "url", value=f"github:NixOS/nixpkgs/{REV}"),
        settles=True,
    ),
    "pin git": Operation(
        lambda d: Inputs(d).pin("bb", REV),
        lambda t: _put(t, "bb", "url", value=f"git+https://b.org/b?ref=main&rev={REV}"),
        settles=True,
    ),
    "pin attributes": Operation(
        lambda d: Inputs(d).pin("at", REV),
        lambda t: t.update(at={"type": "github", "owner": "o", "repo": "r", "rev": REV}),
        settles=True,
    ),
    "many": Operation(
        _many,
        lambda t: (
            _without(t, "aa"),
            _put(t, "bb", "inputs", "nn", "follows", value="nn"),
            _put(t, "nn", "url", value=f"github:NixOS/nixpkgs/{REV}"),
            t.update(new={"url": "github:n/new"}),
        ),
        lambda f: (_drop("aa", "tt")(f), f.append("new")),
    ),
}


TEXTS = {
    (spelling, container, layout): flake_text(INPUTS, spelling, container, LAYOUTS[layout], OUTPUTS)
    for spelling in SPELLINGS
    for container in CONTAINERS
    for layout in LAYOUTS
}
Key = tuple[str, str, str]


def edited(text: str, operation: Operation) -> nixedit.Document:
    document = nixedit.loads(text)
    with document.edit():
        operation.edit(document)
    assert document.revision <= 1
    return document


def evaluated(evaluator: Evaluator, folder: Path, texts: list[str]) -> list[tuple[Tree, list[str]]]:
    """What Nix says of many flakes, asked at once: their inputs, and the formals of their outputs."""
    for number, text in enumerate(texts):
        (folder / f"{number}.nix").write_bytes(text.encode())
    found = evaluator.expression(
        f'map (n: let f = import ({folder} + "/${{toString n}}.nix"); in '
        "[ (f.inputs or { }) (builtins.attrNames (builtins.functionArgs f.outputs)) ]) "
        f"(builtins.genList (n: n) {len(texts)})"
    )
    return [(inputs, formals) for inputs, formals in found]


@pytest.fixture
def nix(evaluator: Evaluator, tmp_path: Path) -> Callable[[list[str]], list[tuple[Tree, list[str]]]]:
    return lambda texts: evaluated(evaluator, tmp_path, texts)


def test_the_flakes_are_what_they_were_written_from(nix):
    for key, found in zip(TEXTS, nix(list(TEXTS.values())), strict=True):
        assert found == (INPUTS, sorted(FORMALS)), key


@pytest.mark.parametrize("name", OPERATIONS)
def test_an_edit_means_what_it_says(name, nix):
    operation = OPERATIONS[name]
    wanted, formals = copy.deepcopy(INPUTS), list(FORMALS)
    operation.inputs(wanted)
    operation.formals(formals)
    results = [edited(text, operation).text for text in TEXTS.values()]
    for key, text, found in zip(TEXTS, results, nix(results), strict=True):
        assert pruned(found[0]) == pruned(wanted), f"{key}\n{text}"
        assert found[1] == sorted(formals), f"{key}\n{text}"


def pruned(tree: Tree) -> Tree:
    """Inputs without sets that say nothing: an input that is overridden in nothing is not overridden."""
    kept = {name: pruned(value) if isinstance(value, dict) else value for name, value in tree.items()}
    return {name: value for name, value in kept.items() if value != {}}


@pytest.mark.parametrize("name", [name for name in OPERATIONS if OPERATIONS[name].settles])
def test_doing_it_again_changes_nothing(name):
    for key, text in TEXTS.items():
        once = edited(text, OPERATIONS[name]).text
        assert edited(once, OPERATIONS[name]).text == once, key


TOKEN = re.compile(r'#[^\r\n]*|"(?:\\.|[^"\\])*"|[\w\'-]+|[^\s\w]')


def is_part_of(part: list[str], whole: list[str]) -> bool:
    """Whether all items of one list are in another, in order."""
    rest = iter(whole)
    return all(item in rest for item in part)


@pytest.mark.parametrize("name", OPERATIONS)
def test_nothing_else_is_lost_or_comes_in(name):
    operation = OPERATIONS[name]
    for key, text in TEXTS.items():
        after = edited(text, operation).text
        before, result = TOKEN.findall(text), TOKEN.findall(after)
        if operation.adds:
            assert is_part_of(before, result), f"{key}\n{after}"
        if operation.removes:
            assert is_part_of(result, before), f"{key}\n{after}"
        lines = LAYOUTS[key[2]].unit is not None
        if lines and operation.removes:
            own = [line for line in after.splitlines() if "outputs" not in line]
            assert is_part_of(own, text.splitlines()), f"{key}\n{after}"
        if lines and operation.adds:
            own = [line for line in text.splitlines() if "outputs" not in line]
            assert is_part_of(own, after.splitlines()), f"{key}\n{after}"


@pytest.mark.parametrize("name", OPERATIONS)
def test_the_layout_of_the_file_is_kept(name):
    for key, text in TEXTS.items():
        after, layout = edited(text, OPERATIONS[name]).text, LAYOUTS[key[2]]
        if layout.newline == "\r\n":
            assert after.count("\r\n") == after.count("\n"), key
        assert after.endswith("\n") == text.endswith("\n"), key
        assert not re.search(r"[ \t]\r?$", after, re.MULTILINE), f"{key}\n{after}"
        assert not re.search(r"\n\r?\n", after), f"{key}\n{after}"
        if layout.unit is None and not name.startswith("pin") and name != "many":
            assert "\n" not in after.rstrip("\n"), f"{key}\n{after}"
        for indent in re.findall(r"^[ \t]+", after, re.MULTILINE):
            assert layout.unit is None or not len(indent) % len(layout.unit), f"{key}\n{after}"


COMMENTED = [key for key in TEXTS if LAYOUTS[key[2]].commented]


@pytest.mark.parametrize("name", ["aa", "nn", "bb", "at", "tt", "lib-1.5"])
def test_comments_go_with_their_input_and_no_others(name):
    for key in COMMENTED:
        text = TEXTS[key]
        after = edited(text, Operation(lambda d: Inputs(d).remove(name), dict)).text
        before, rest = Counter(re.findall(r"#.*", text)), Counter(re.findall(r"#.*", after))
        assert rest <= before
        gone = " ".join(before - rest)
        assert name in gone, key
        others = {"aa", "nn", "bb", "at", "tt", "lib-1.5"} - {name, "tt" if name == "aa" else name}
        for other in others:
            for line in re.findall(
                rf"# (?:about|behind) (?:inputs\.)?\"?{re.escape(other)}\"?$", text, re.MULTILINE
            ):
                assert line in after, f"{key} {line}\n{after}"


PINNED = ["nn", "aa", "bb", "at", "lib-1.5"]


@pytest.mark.parametrize("name", PINNED)
def test_a_pin_is_undone_exactly(name):
    for key, text in TEXTS.items():
        document = nixedit.loads(text)
        assert Inputs(document).pin(name, REV)
        assert REV in document.text
        again = nixedit.loads(document.text)
        assert Inputs(again).unpin(name), key
        assert again.text == text, key
        assert not Inputs(again).unpin(name)


def test_pins_of_all_at_once_are_undone_at_once():
    for key, text in TEXTS.items():
        document = nixedit.loads(text)
        with document.edit():
            for name in PINNED:
                Inputs(document).pin(name, REV)
        with document.edit():
            for name in PINNED:
                Inputs(document).unpin(name)
        assert (document.text, document.revision) == (text, 2), key


URL = re.compile(r'^([ \t]*)((?:[\w.-]*\.)?url = )"github:a/a";([^\r\n]*)(\r?\n)', re.MULTILINE)


@pytest.mark.parametrize("mark", ["# ", "#", "## "])
@pytest.mark.parametrize("place", ["above", "below"])
def test_toggling_swaps_and_toggling_twice_is_exact(mark, place, nix):
    tried, results = [], []
    for key, text in TEXTS.items():
        found = URL.search(text)
        if found is None:
            assert LAYOUTS[key[2]].unit is None
            continue
        other = f'{found[1]}{mark}{found[2]}"path:./a"; # here{found[4]}'
        own = found[0] if place == "below" else other + found[0]
        with_other = text.replace(found[0], own + other if place == "below" else own)
        document = nixedit.loads(with_other)
        assert Inputs(document).toggle("aa") == "path:./a", key
        assert sorted(document.text.replace(mark, "")) == sorted(with_other.replace(mark, ""))
        results.append(document.text)
        assert Inputs(document).toggle("aa") == "github:a/a"
        assert document.text == with_other, key
        tried.append(key)
    wanted = copy.deepcopy(INPUTS)
    wanted["aa"]["url"] = "path:./a"
    for key, found in zip(tried, nix(results), strict=True):
        assert found[0] == wanted, key


@pytest.mark.parametrize("name", ["nn", "bb", "lib-1.5"])
def test_what_is_removed_and_added_again_means_the_same(name, nix):
    value = INPUTS[name]
    follows = {key: inner["follows"] for key, inner in value.get("inputs", {}).items() if "follows" in inner}
    results = []
    for text in TEXTS.values():
        document = nixedit.loads(text)
        overrides = {key: dict(found.overrides) for key, found in Inputs(document).items()}
        Inputs(document).remove(name)
        Inputs(document).add(name, value["url"], follows, flake=value.get("flake", True))
        if name == "bb":
            document.attrs["inputs", "bb", "inputs", "cc", "url"] = "github:c/c"
        for key, paths in overrides.items():
            for path, target in paths.items():
                Inputs(document).follow((key, *path), target)
        results.append(document.text)
    for key, text, found in zip(TEXTS, results, nix(results), strict=True):
        assert found[0] == INPUTS, f"{key}\n{text}"
