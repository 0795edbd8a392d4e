"""Where the value of `[ 1 ]` goes: each place that it comes to, by the code around that."""

from __future__ import annotations

from pathlib import Path

import pytest
from migration_runs import write
from plain_values import evaluator_of

from nixedit.grammar import K
from nixedit.resolve.environment import Environment
from nixedit.resolve.flow import Flow
from nixedit.resolve.values import Origin

# The code of main.nix, the places, and other files.
FLOWS: dict[str, tuple[str, list[str], dict[str, str]]] = {
    "what is used where it stands": ("f [ 1 ]", ["f [ 1 ]"], {}),
    "what is used by a name": ("let a = [ 1 ]; in f a ++ g a", ["f a", "g a"], {}),
    "what is used by a name of a name": (
        "let a = b; b = [ 1 ]; in { c = a; d = b; }",
        ["c = a;", "d = b;"],
        {},
    ),
    "what is used by nobody": ("let a = [ 1 ]; in 2", [], {}),
    "what is used under another name that is the same": ("let a = [ 1 ]; in let a = 2; in f a", [], {}),
    "what gives other expressions their value": (
        "let a = with x; let y = 1; in assert y; ([ 1 ]); in f (let z = 1; in a)",
        ["f (let z = 1; in a)"],
        {},
    ),
    "what is inherited": ("let a = [ 1 ]; in { inherit a; }", ["a"], {}),
    "what a set has": ("let s = { a = [ 1 ]; }; in s.a", ["a = [ 1 ];"], {}),
    "what a rec set has": ("(rec { a = [ 1 ]; })", ["a = [ 1 ];"], {}),
    "what a path of names has": ("f { a.b = [ 1 ]; }", ["a.b = [ 1 ];"], {}),
    "what an operator takes": ("let a = [ 1 ]; in b ++ a", ["b ++ a"], {}),
    "what a condition chooses": ("if a then [ 1 ] else b", ["if a then [ 1 ] else b"], {}),
    "what a function is given": ("(x: f x) [ 1 ]", ["f x"], {}),
    "what a function is given behind another argument": ("let m = x: y: f y; in m 1 [ 1 ]", ["f y"], {}),
    "what a function is given in a set": ("({ a, b }: f a) { a = [ 1 ]; b = 2; }", ["f a"], {}),
    "what a function inherits in a set": ("let a = [ 1 ]; in ({ a }: f a) { inherit a; }", ["f a"], {}),
    "what a function has no formal for": ("({ b, ... }: f b) { a = [ 1 ]; b = 2; }", [], {}),
    "what a function selects": ("(x: f x.a x.b) { a = [ 1 ]; b = 2; }", ["f x.a"], {}),
    "what a function selects with a default": ("(x: f (x.a or 2)) { a = [ 1 ]; }", ["f (x.a or 2)"], {}),
    "what a function has two names for": (
        "({ a, ... }@x: f a x.a x.b) { a = [ 1 ]; }",
        ["f a", "f a x.a"],
        {},
    ),
    "what a function hands on": ("(x: f x) { a = [ 1 ]; }", ["a = [ 1 ];"], {}),
    "what a function may select": ("(x: f x.${b}) { a = [ 1 ]; }", ["a = [ 1 ];"], {}),
    "what a function selects from": ("(x: f x.a.b) { a = [ 1 ]; }", ["a = [ 1 ];"], {}),
    "what a formal has by default": ("{ a ? [ 1 ], b ? f a }: g a", ["f a", "g a"], {}),
    "what a function calls itself with": ("let m = x: f x (m x); in m [ 1 ]", ["f x"], {}),
    "what an unknown function is given": ("m: m { a = [ 1 ]; }", ["a = [ 1 ];"], {}),
    "what is given to a function of another file": (
        "import ./other.nix { a = [ 1 ]; }",
        ["f a"],
        {"other.nix": "{ a }: f a"},
    ),
    "what is given to a function of another file behind others": (
        "let m = import ./other.nix { b = 1; }; in m 2 [ 1 ]",
        ["f c"],
        {"other.nix": "{ b }: a: c: f c"},
    ),
    "what is given to a function in a set of another file": (
        "(import ./other.nix).m [ 1 ]",
        ["(import ./other.nix).m [ 1 ]"],
        {"other.nix": "{ m = a: f a; }"},
    ),
    "what is given to a file that is not there": (
        "import ./other.nix [ 1 ]",
        ["import ./other.nix [ 1 ]"],
        {},
    ),
    "what goes into what is not Nix' own import": (
        "let import = x: f; in import ./other.nix [ 1 ]",
        ["import ./other.nix [ 1 ]"],
        {"other.nix": "a: f a"},
    ),
}


@pytest.mark.parametrize("name", FLOWS)
def test_where_it_goes(name: str, tmp_path: Path) -> None:
    code, places, others = FLOWS[name]
    write(tmp_path, {"main.nix": code, **others})
    evaluator = evaluator_of(tmp_path)
    snapshot = evaluator.files.snapshot("main.nix")
    assert snapshot is not None
    stack = [snapshot.root]
    while stack:
        node = stack.pop()
        if node.kind_id == K.LIST:
            break
        stack += node.children
    found = [end.node for end in Flow(evaluator).ends(Origin("main.nix", snapshot, node, Environment()))]
    assert [(end.parent.text or b"").decode() for end in found if end.parent is not None] == places
