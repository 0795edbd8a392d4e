"""Which attributes and formals Nix refuses as defined twice."""

import shutil
import subprocess
from collections.abc import Iterator

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nixedit.grammar import K
from nixedit.syntax.duplicates import Duplicate, duplicate_attributes, duplicate_formals
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import Source


def snapshot(code: str) -> Snapshot:
    return Snapshot.of(Source(code.encode()))


def found(code: str, only: list[tuple[str, ...]] | None = None) -> list[tuple[str, str, str]]:
    """The path, the second and the first definition of each duplicate of the outermost set."""
    state = snapshot(code)
    return [shown(state, each) for each in duplicate_attributes(state, state.root.named_children[0], only)]


def shown(state: Snapshot, each: Duplicate) -> tuple[str, str, str]:
    second, first = state.source.slice(each.span).decode(), state.source.slice(each.first).decode()
    return ".".join(each.path), second, first


@pytest.mark.parametrize(
    "code",
    [
        "{ a = 1; b = 2; }",
        "{ a.b = 1; a.c = 2; }",
        "{ a = { b = 1; }; a.c = 2; }",
        "{ a.c = 2; a = { b = 1; }; }",
        "{ a = { b = 1; }; a = { c = 2; }; }",
        "{ a = ({ b = 1; }); a.c = 2; }",
        "{ a = { }; a = ((rec { c = 2; })); }",
        "rec { a = rec { b = 1; }; a.c = 2; }",
        "let a.b = 1; a = { c = 2; }; in a",
        "let { a.b = 1; a = { c = 2; }; }",
        "{ a.b.c = 1; a.b = { d = 1; }; a = { b.e = 1; }; }",
        "{ ${x} = 1; ${x} = 2; }",
        "{ a.${x}.b = 1; a.${x}.b = 2; }",
        '{ "${x}" = 1; "${x}" = 2; }',
    ],
)
def test_what_merges(code: str) -> None:
    assert found(code) == []


@pytest.mark.parametrize(
    ("code", "duplicate"),
    [
        ("{ a = 1; a = 2; }", ("a", "a", "a")),
        ("{ a = 1; a.b = 2; }", ("a", "a.b", "a")),
        ("{ a.b = 1; a = 2; }", ("a", "a", "a.b")),
        ("{ a.b = 1; a.b = 2; }", ("a.b", "a.b", "a.b")),
        ("{ a = { b = 1; }; a.b = 2; }", ("a.b", "a.b", "b")),
        ("{ a.b = 1; a = { b = 2; }; }", ("a.b", "b", "a.b")),
        ("{ a = { b.c = 1; }; a.b.d = 2; a.b.c = 3; }", ("a.b.c", "a.b.c", "b.c")),
        ("{ a = { } // { }; a.b = 1; }", ("a", "a.b", "a")),
        ("{ a = let { }; a.b = 1; }", ("a", "a.b", "a")),
        ("{ inherit a; a = 1; }", ("a", "a", "a")),
        ("{ inherit a; a = { }; }", ("a", "a", "a")),
        ("{ a.b = 1; inherit a; }", ("a", "a", "a.b")),
        ("{ inherit a a; }", ("a", "a", "a")),
        ("{ inherit (x) a; inherit a; }", ("a", "a", "a")),
        ("{ a = { inherit b; }; a.b = 1; }", ("a.b", "a.b", "b")),
        ("let a = 1; a = 2; in a", ("a", "a", "a")),
        ("let { a = 1; a = 2; }", ("a", "a", "a")),
        ('{ a = 1; "a" = 2; }', ("a", '"a"', "a")),
        ('{ a = 1; ${"a"} = 2; }', ("a", '${"a"}', "a")),
        ("{ a = 1; ${''a''} = 2; }", ("a", "${''a''}", "a")),
        ('{ "a\\n" = 1; "a\n" = 2; }', ("a\n", '"a\n"', '"a\\n"')),
        ("{ a.${x} = 1; a = 2; }", ("a", "a", "a.${x}")),
    ],
)
def test_what_does_not(code: str, duplicate: tuple[str, str, str]) -> None:
    assert found(code) == [duplicate]


def test_each_definition_beyond_the_first_is_one() -> None:
    assert found("{ a = 1; b = 1; a = 2; b = 2; a = 3; }") == [
        ("a", "a", "a"),
        ("b", "b", "b"),
        ("a", "a", "a"),
    ]


def test_an_inner_set_answers_for_itself() -> None:
    assert found("{ a = { b = 1; b = 2; }; a.c = 1; }") == []


def test_only_some_paths() -> None:
    code = "{ a = 1; a = 2; b.c = 1; b = { c = 2; }; c = 3; d.e = 1; d.e = 2; d.f = 1; }"
    assert found(code, [("b", "c"), ("c",), ("missing",), ("d", "f")]) == [("b.c", "c", "b.c")]


def test_what_is_above_a_path_and_below_it_counts() -> None:
    assert found("{ a = 1; a.b.c = 2; }", [("a", "b", "c")]) == [("a", "a.b.c", "a")]
    assert found("{ a.b = 1; a.b.c = 2; }", [("a", "b")]) == [("a.b", "a.b.c", "a.b")]


@pytest.mark.parametrize(
    ("code", "names"),
    [
        ("{ a, b }: 1", []),
        ("{ a, b, a }: 1", ["a"]),
        ("{ a ? 1, a ? 2 }: 1", ["a"]),
        ("{ a }@a: 1", ["a"]),
        ("a@{ b, a }: 1", ["a"]),
        ("{ a }@b: 1", []),
        ("{ a, ... }: { a }: 1", []),
        ("a: 1", []),
    ],
)
def test_formals(code: str, names: list[str]) -> None:
    state = snapshot(code)
    duplicates = duplicate_formals(state, state.root.named_children[0])
    assert [each.path[0] for each in duplicates] == names
    assert all(each.first < each.span for each in duplicates)


# The real Nix.

NIX = shutil.which("nix-instantiate")


def refused(code: str) -> bool:
    """Whether Nix says that something in a program is defined twice."""
    assert NIX is not None
    done = subprocess.run([NIX, "--parse", "-E", f"x: {code}"], capture_output=True, text=True, check=False)
    assert not done.returncode or "already defined" in done.stderr, done.stderr
    return done.returncode != 0


def sets(depth: int) -> st.SearchStrategy[str]:
    names = st.sampled_from(["a", "b", '"a"', "c"])
    paths = st.lists(names, min_size=1, max_size=2).map(".".join)
    value = st.one_of(st.just("1"), sets(depth - 1), sets(depth - 1)) if depth else st.just("1")
    bound = st.tuples(paths, value).map(" = ".join)
    binding = st.one_of(bound, bound, bound, names.map("inherit (x) {}".format)).map("{};".format)
    inside = st.lists(binding, max_size=3).map(" ".join)
    return st.tuples(st.sampled_from(["{{ {} }}", "{{ {} }}", "rec {{ {} }}", "({{ {} }})"]), inside).map(
        lambda drawn: drawn[0].format(drawn[1])
    )


def every_set(state: Snapshot) -> Iterator[Duplicate]:
    stack = [state.root]
    while stack:
        node = stack.pop()
        stack += node.children
        if node.kind_id in (K.ATTRSET, K.REC_ATTRSET):
            yield from duplicate_attributes(state, node)


@pytest.mark.skipif(NIX is None, reason="no nix-instantiate here")
def test_nix_agrees() -> None:
    # Old versions merge two sets only one level deep, and refuse what is deeper.
    merges_deeply = not refused("{ a.b.c = 1; a = { b.d = 1; }; }")

    @settings(max_examples=80, deadline=None)
    @given(sets(3))
    def agrees(code: str) -> None:
        ours = any(every_set(snapshot(code)))
        theirs = refused(code)
        assert ours == theirs or (theirs and not merges_deeply)

    agrees()
