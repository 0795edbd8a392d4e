"""What names mean within one file."""

import itertools
import json
import re
import shutil
import subprocess
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tree_sitter import Node

from nixedit.grammar import F, K
from nixedit.syntax.layers import layers_of, lookup
from nixedit.syntax.nodes import field
from nixedit.syntax.scope import Definition, Scope
from nixedit.syntax.scope_globals import GLOBALS
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import Source


def scope(code: str) -> Scope:
    return Scope.of(Snapshot.of(Source(code.encode())))


def variable(names: Scope, at: int) -> Node:
    """The variable, or inherited name, that begins at a byte."""
    data = names.snapshot.source.data
    end = at + len(re.match(rb"[a-zA-Z_0-9'-]+", data[at:])[0])  # type: ignore[index]
    node = names.snapshot.root.named_descendant_for_byte_range(at, end)
    assert node is not None
    parent = node.parent
    return parent if parent is not None and parent.kind_id == K.VARIABLE else node


def marked(code: str) -> tuple[Scope, list[Node]]:
    """The scope of a program, and its names that are marked with `^` in front."""
    parts = code.split("^")
    names = scope("".join(parts))
    places = itertools.accumulate(len(part.encode()) for part in parts[:-1])
    return names, [variable(names, place) for place in places]


def text(names: Scope, node: Node | None) -> str | None:
    return None if node is None else names.snapshot.text(node).decode()


def meaning(code: str) -> tuple[str, str | None, int | None] | None:
    """The kind, the value and the beginning of the construct that the marked name is bound by."""
    names, [node] = marked(code)
    found = names.resolve(node)
    if found is None:
        return None
    return found.kind, text(names, found.value), None if found.scope is None else found.scope.start_byte


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("let a = 1; in ^a", ("let", "1", 0)),
        ("let a = 1; b = ^a; in b", ("let", "1", 0)),
        ("let a = ^a; in a", ("let", "a", 0)),
        ("let a = 1; in let a = 2; in ^a", ("let", "2", 14)),
        ('let "a" = 1; in ^a', ("let", "1", 0)),
        ('let ${"a"} = 1; in ^a', ("let", "1", 0)),
        ("let a.b = 1; in ^a", ("let", None, 0)),
        ("let { a = 1; body = ^a; }", ("let-attrset", "1", 0)),
        ("rec { a = 1; b = ^a; }", ("rec", "1", 0)),
        ("{ a = 1; b = ^a; }", None),
        ("rec { a = 1; b = { a = 2; c = ^a; }; }", ("rec", "1", 0)),
        ("rec { a = 1; ${^a} = 2; }", ("rec", "1", 0)),
        ("rec { a = 1; b.${^a}.c = 2; }", ("rec", "1", 0)),
        ('rec { a = 1; b = "${^a}"; }', ("rec", "1", 0)),
        ("rec { a = 1; b = ./x/${^a}; }", ("rec", "1", 0)),
        ("a: ^a", ("universal", None, 0)),
        ("{ a }: ^a", ("formal", None, 0)),
        ("{ a ? 1 }: ^a", ("formal", "1", 0)),
        ("{ a ? ^b, b ? 2 }: a", ("formal", "2", 0)),
        ("{ a ? ^b, ... }@b: a", ("universal", None, 0)),
        ("b@{ a, ... }: ^b", ("universal", None, 0)),
        ("a: { a }: ^a", ("formal", None, 3)),
        ("with x; ^a", ("with", None, None)),
        ("with ^a; 1", None),
        ("a: with x; ^a", ("universal", None, 0)),
        ("with x; a: with y; ^a", ("universal", None, 8)),
        ("with x; ^map", ("builtin", None, None)),
        ("let map = 1; in ^map", ("let", "1", 0)),
        ("^__head", ("builtin", None, None)),
        ("^head", None),
        ("let __curPos = 1; in ^__curPos", ("builtin", None, None)),
        ("^a", None),
        ("x ^or", None),
    ],
)
def test_variables(code: str, expected: tuple[str, str | None, int | None] | None) -> None:
    assert meaning(code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        # An inherited name is looked up outside of what it goes into.
        ("let a = 1; in { inherit ^a; }", ("let", "1", 0)),
        ("let a = 1; in rec { inherit ^a; }", ("let", "1", 0)),
        ("let a = 1; in let inherit ^a; in a", ("let", "1", 0)),
        ("rec { inherit ^a; a.b = 1; }", None),
        ("let a = 1; in { x.y = rec { inherit ^a; }; }", ("let", "1", 0)),
        ("let a = 1; in rec { inherit a; b = ^a; }", ("inherit", None, 14)),
        # The set that names are inherited from sees the new names.
        ("let a = 1; in rec { inherit (^a) b; a = 2; }", ("rec", "2", 14)),
        ("let inherit (x) a; in ^a", ("inherit", None, 0)),
        ("let a = 1; in { inherit (x) ^a; }", None),
        ('let a = 1; in { inherit "^a"; }', None),
    ],
)
def test_inherit(code: str, expected: tuple[str, str | None, int | None] | None) -> None:
    assert meaning(code) == expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        # Of sets that merge, the first decides whether the names see each other.
        ("{ a = rec { b = 1; }; a.c = ^b; }", ("rec", "1", 6)),
        ("{ a = rec { b = 1; }; a = { c = ^b; }; }", ("rec", "1", 6)),
        ("{ a = rec { c = ^b; }; a.b = 1; }", ("rec", "1", 6)),
        ("{ a = { }; a = rec { b = 1; c = ^b; }; }", None),
        ("{ a.b = 1; a = rec { b.c = 1; d = ^b; }; }", None),
        ("{ a.x = rec { b = 1; }; a.x.c = ^b; }", ("rec", "1", 8)),
        ("{ a.x = rec { b = 1; }; a = { x.c = ^b; }; }", ("rec", "1", 8)),
        ("let a = (rec { b = 1; }); a.c = ^b; in a", ("rec", "1", 9)),
        ("{ a = rec { b = 1; }; a.c.${^b} = 1; }", ("rec", "1", 6)),
    ],
)
def test_merged_sets(code: str, expected: tuple[str, str | None, int | None] | None) -> None:
    assert meaning(code) == expected


def test_with_is_asked_from_the_inside() -> None:
    names, [node] = marked("with x; with y; ^a")
    found = names.resolve(node)
    assert found is not None
    assert [text(names, each) for each in found.environments] == ["y", "x"]


def test_a_set_in_several_places_has_all_its_entries() -> None:
    names, [node] = marked("let a.b = 1; a.c = 2; in ^a")
    found = names.resolve(node)
    assert found is not None
    assert found.value is None
    assert [each.names for each in found.entries] == [("a", "b"), ("a", "c")]


def test_what_is_inherited_from() -> None:
    names, [node] = marked("let inherit (x.y) a; in ^a")
    found = names.resolve(node)
    assert found is not None
    assert text(names, found.source) == "x.y"


def test_lookup_of_a_name_that_is_not_written() -> None:
    names, [node] = marked("{ outputs = { self, ... }@inputs: { x = ^self; }; }")
    found = names.lookup("inputs", node)
    assert found is not None
    assert found.kind == "universal"
    assert names.lookup("nixpkgs", node) is None


def test_names_at_a_place() -> None:
    names, [node] = marked("a: let b = 1; a = 2; in with x; rec { c = ^a; }")
    found = names.names_at(node)
    assert {name: each.kind for name, each in found.items()} == {"a": "let", "b": "let", "c": "rec"}
    assert len(found) == 3
    assert [text(names, each) for each in found.withs] == ["x"]


def test_uses() -> None:
    names, [node, *others] = marked(
        "let ^a = 1; b = ^a; in { inherit ^a; c = a: a; d = rec { a = 2; e = a; }; f = x.a; g = [ ^a ]; }"
    )
    found = names.lookup("a", others[0])
    assert found is not None
    assert found.node is not None
    assert found.node.start_byte == node.start_byte
    assert names.uses(found) == others


def test_uses_of_an_argument_set() -> None:
    names, [*uses] = marked("{ a ? ^b, ... }@b: [ ^b (b: b) ]")
    found = names.resolve(uses[0])
    assert found is not None
    assert names.uses(found) == uses


def value(code: str) -> str | None:
    names, [node] = marked(code)
    return text(names, names.value_of(node))


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("let a = 1; in ^a", "1"),
        ("let a = (b); b = let in 1; in ^a", "1"),
        ("let a = 1; b = { inherit a; }; in let inherit (b) a; in ^a", "1"),
        ("let a = 1; in let inherit a; in ^a", "1"),
        ("rec { a = b; b = x: x; c = ^a; }", "x: x"),
        ("let a = { b.c = 1; }; d = a.b.c; in ^d", "1"),
        ("let a.b = 1; a.c = 2; d = a.c; in ^d", "2"),
        ("let a = { b = 1; } // { b = 2; }; d = a.b; in ^d", "2"),
        ("let a = { b = 1; }; c = a // { d = 2; }; e = c.b; in ^e", "1"),
        ("let a = { inherit (b) c; }; b.c = 1; d = a.c; in ^d", "1"),
        # No further:
        ("{ a ? 1 }: ^a", "a"),
        ("with { a = 1; }; ^a", "a"),
        ("let a = f 1; in ^a", "f 1"),
        ("let a = x.b; x = f 1; in ^a", "x.b"),
        ("let a = { b = 1; } // x; c = a.b; in ^c", "a.b"),
        ("let a = { }; c = a.b or 1; in ^c", "a.b or 1"),
        ("let a.b = 1; a.c = 2; in ^a", "a"),
        ("let a = b; b = a; in ^a", "b"),
        ("let a = a.b; in ^a", "a.b"),
        ("let a = a // a; b = a.c; in ^b", "a.c"),
        ("let inherit (a) a; in ^a", "a"),
        ("rec { inherit (a.b) a; c = ^a; }", "a"),
    ],
)
def test_values(code: str, expected: str) -> None:
    assert value(code) == expected


def test_the_set_of_a_name() -> None:
    names, [node] = marked("let a.b = 1; a.c = 2; d = a; in ^d")
    found = lookup(names.snapshot, names.set_of(node), ("c",))
    assert found is not None
    assert found.entry is not None
    assert text(names, found.entry.value) == "2"


def test_a_long_chain_of_selections_ends() -> None:
    chain = "".join(f"a{number} = a{number + 1}.x;" for number in range(2000))
    assert value(f"let {chain} in ^a0") == "a1.x"


def test_deep_nesting() -> None:
    depth = 3000
    names, [node] = marked("let a = 1; in " + "(" * depth + "^a" + ")" * depth)
    found = names.resolve(node)
    assert found is not None
    assert found.kind == "let"


# The real Nix.

NIX = shutil.which("nix-instantiate")
needs_nix = pytest.mark.skipif(NIX is None, reason="no nix-instantiate here")


def evaluated(code: str) -> Any:
    assert NIX is not None
    done = subprocess.run(
        [NIX, "--eval", "--strict", "--json", "--read-write-mode", "-E", code],
        capture_output=True,
        text=True,
        check=False,
    )
    assert not done.returncode, done.stderr
    return json.loads(done.stdout)


@needs_nix
def test_every_global_name_of_this_nix_is_known() -> None:
    for name in evaluated("builtins.attrNames builtins"):
        assert name in GLOBALS or f"__{name}" in GLOBALS, name


NAMES = ("a", "b", "c")
names_drawn = st.sampled_from(NAMES)
# Each `%` becomes a number of its own.
some = st.lists(names_drawn, max_size=3, unique=True)
plain_set = some.map(lambda names: "{ " + "".join(f"{name} = %; " for name in names) + "}")


@st.composite
def bindings(draw: st.DrawFn) -> str:
    kinds = st.sampled_from(
        ["{0} = %;", "{0} = %;", "inherit {0};", "inherit ({{ {0} = %; }}) {0};", '"{0}" = %;']
    )
    return " ".join(draw(kinds).format(name) for name in draw(some))


SHAPES = (
    "(let BOUND in BODY)",
    "(let { BOUND body = BODY; })",
    "(rec { BOUND probe = BODY; }).probe",
    "({ BOUND probe = BODY; }).probe",
    "({ s = rec { BOUND }; s.probe = BODY; }).s.probe",
    "({ s.probe = BODY; s = rec { BOUND }; }).s.probe",
    "(with SET; BODY)",
    "(({ FORMALS }: BODY) { PASSED })",
    "(({ FORMALS }@c: BODY) { PASSED })",
    "((NAME: BODY) %)",
    "(BODY ++ LEAF)",
)
LEAF = "[ (p a) (p b) (p c) ]"


@st.composite
def formals_drawn(draw: st.DrawFn) -> tuple[str, str]:
    """Formals `a` and `b`, some with a default, and what is passed for them."""
    defaults = [
        (name, draw(st.sampled_from(["", " ? %", " ? a", " ? b"]))) for name in draw(some) if name != "c"
    ]
    usable = [(name, "" if default == f" ? {name}" else default) for name, default in defaults]
    # Two defaults that mean each other never end.
    if [default for _, default in usable] in ([" ? b", " ? a"], [" ? a", " ? b"]):
        usable = usable[:1]
    head = ", ".join(name + default for name, default in usable)
    return head, " ".join(f"{name} = %;" for name, default in usable if not default)


@st.composite
def layers(draw: st.DrawFn) -> str:
    """A construct that binds names, around `BODY`."""
    shape = draw(st.sampled_from(SHAPES))
    if "BOUND" in shape:
        return shape.replace("BOUND", draw(bindings()))
    if "SET" in shape:
        return shape.replace("SET", draw(plain_set))
    if "FORMALS" in shape:
        head, passed = draw(formals_drawn())
        return shape.replace("FORMALS", head).replace("PASSED", passed)
    return shape.replace("NAME", draw(names_drawn)).replace("LEAF", LEAF)


def nested(drawn: list[str]) -> str:
    code = LEAF
    for layer in drawn:
        code = layer.replace("BODY", code)
    return code


programs = st.lists(layers(), max_size=6).map(nested)


def predicted(names: Scope, node: Node) -> int | str:
    """The number that a variable stands for, by our own resolution."""
    found = names.resolve(node)
    assert found is not None
    return bound_value(names, found)


def bound_value(names: Scope, found: Definition) -> int | str:
    if found.kind == "with":
        for environment in found.environments:
            inside = lookup(names.snapshot, layers_of(environment), (found.name,))
            if inside is not None and inside.entry is not None and inside.entry.value is not None:
                return number(names, inside.entry.value)
        raise AssertionError(found.name)
    if found.kind == "inherit" and found.source is None:
        assert found.node is not None
        return predicted(names, found.node)
    if found.kind == "inherit":
        assert found.source is not None
        inside = lookup(names.snapshot, layers_of(found.source), (found.name,))
        assert inside is not None
        assert inside.entry is not None
        assert inside.entry.value is not None
        return number(names, inside.entry.value)
    if found.kind in ("formal", "universal"):
        return argument(names, found)
    assert found.value is not None
    return number(names, found.value)


def argument(names: Scope, found: Definition) -> int | str:
    assert found.scope is not None
    wrapped = found.scope.parent
    assert wrapped is not None
    call = wrapped.parent
    assert call is not None
    given_ = field(call, F.ARGUMENT)
    if found.kind == "universal":
        return "set" if given_.kind_id == K.ATTRSET else number(names, given_)
    inside = lookup(names.snapshot, layers_of(given_), (found.name,))
    if inside is not None and inside.entry is not None and inside.entry.value is not None:
        return number(names, inside.entry.value)
    assert found.value is not None
    return number(names, found.value)


def number(names: Scope, node: Node) -> int | str:
    return predicted(names, node) if node.kind_id == K.VARIABLE else int(names.snapshot.text(node))


def probes(names: Scope) -> list[Node]:
    """The arguments of all calls of `p`, in order."""
    found = []
    stack = [names.snapshot.root]
    while stack:
        node = stack.pop()
        stack += reversed(node.children)
        if node.kind_id == K.APPLY and names.snapshot.text(field(node, F.FUNCTION)) == b"p":
            found.append(field(node, F.ARGUMENT))
    return found


@needs_nix
@settings(max_examples=40, deadline=None)
@given(st.lists(programs, min_size=1, max_size=20))
def test_nix_finds_the_same_values(drawn: list[str]) -> None:
    counter = itertools.count(100)
    codes = [
        re.sub("%", lambda _: str(next(counter)), f"(with {{ a = %; b = %; c = %; }}; {code})")
        for code in drawn
    ]
    together = evaluated(
        'let p = x: if builtins.isAttrs x then "set" else x; in [\n' + "\n".join(codes) + "\n]"
    )
    for code, values in zip(codes, together, strict=True):
        names = scope(code)
        assert [predicted(names, node) for node in probes(names)] == values, code


@needs_nix
@settings(max_examples=40, deadline=None)
@given(programs)
def test_nix_finds_the_same_names_undefined(code: str) -> None:
    code = f"let p = x: x; in {code.replace('%', '1')}"
    names = scope(code)
    ours = all(names.resolve(node) is not None for node in every_use(names))
    done = subprocess.run([str(NIX), "--parse", "-E", code], capture_output=True, text=True, check=False)
    assert not done.returncode or "undefined variable" in done.stderr
    assert ours == (done.returncode == 0)


def every_use(names: Scope) -> list[Node]:
    stack = [names.snapshot.root]
    found = []
    while stack:
        node = stack.pop()
        stack += node.children
        if names.name(node) is not None:
            found.append(node)
    return found
