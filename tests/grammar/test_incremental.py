"""A tree that follows edits is the tree that a fresh parse gives."""

from typing import NamedTuple

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tree_sitter import Tree

from .programs import programs
from .snippets import SNIPPETS
from .trees import parse, preorder


class Splice(NamedTuple):
    """One edit."""

    start: int
    end: int
    text: bytes


def point(source: bytes, offset: int) -> tuple[int, int]:
    """Return the row and the column, in bytes, of an offset."""
    before = source[:offset]
    return before.count(b"\n"), offset - (before.rfind(b"\n") + 1)


def apply(source: bytes, tree: Tree, splice: Splice) -> tuple[bytes, Tree]:
    """Return the edited source and the tree that has followed the edit."""
    edited = source[: splice.start] + splice.text + source[splice.end :]
    new_end = splice.start + len(splice.text)
    tree.edit(
        splice.start,
        splice.end,
        new_end,
        point(source, splice.start),
        point(source, splice.end),
        point(edited, new_end),
    )
    return edited, parse(edited, tree)


def assert_same(source: bytes, tree: Tree) -> None:
    """Compare with a fresh parse, also where there are errors."""
    fresh = parse(source)
    assert tree.root_node.has_error == fresh.root_node.has_error
    assert list(preorder(tree)) == list(preorder(fresh))


WORDS = (
    "a", "/", "/b", "//", ".", "..", "./c", "~/", "<", ">", "<d>", ":", "x:y", "$", "${", "}", "{", '"', "''",
    "'", "\\", "#", "/*", "*/", "\n", "\r", " ", "if", "or", "in ", "let ", "rec", "-", "1", "1.", "e3", "=",
    "==", ";", ",", "...", "@", "?", "|>", "++", "(", ")", "[", "]", "!", "é", "\0",
)  # fmt: skip


@st.composite
def histories(draw: st.DrawFn) -> tuple[bytes, list[Splice]]:
    """Draw a source and edits that can be applied to it one after the other."""
    snippet = st.sampled_from(SNIPPETS).map(lambda row: row.source)
    source = draw(snippet | programs(2).map(lambda program: program[0]))
    splices = list[Splice]()
    size = len(source)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, size))
        end = min(size, start + draw(st.sampled_from((0, 0, 1, 2, 7))))
        text = draw(st.lists(st.sampled_from(WORDS), max_size=2).map("".join)).encode()
        splices.append(Splice(start, end, text))
        size += len(text) - (end - start)
    return source, splices


@settings(max_examples=400, deadline=None)
@given(histories())
def test_random_edits(history: tuple[bytes, list[Splice]]) -> None:
    source, splices = history
    tree = parse(source)
    for splice in splices:
        source, tree = apply(source, tree, splice)
        assert_same(source, tree)


@settings(max_examples=100, deadline=None)
@given(programs(), st.data())
def test_an_edit_that_is_undone(program: tuple[bytes, str], data: st.DataObject) -> None:
    source, _ = program
    start = data.draw(st.integers(0, len(source)))
    end = data.draw(st.integers(start, min(len(source), start + 9)))
    text = data.draw(st.sampled_from(WORDS)).encode()
    edited, tree = apply(source, parse(source), Splice(start, end, text))
    back, tree = apply(edited, tree, Splice(start, start + len(text), source[start:end]))
    assert back == source
    assert_same(source, tree)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        # What stands far behind a token decides what the token is.
        (b"a.b.c.d.e", b"a.b.c.d.e/f"),
        (b"[ aa-bb ]", b"[ aa-bb:c ]"),
        (b"if-x", b"if-x/y"),
        (b"[ if/x ]", b"if x then y else z"),
        (b"[ <a b> ]", b"[ <a/b> ]"),
        (b"[ ./a ]", b"[ ./a${b} ]"),
        (b'[ "$a" ]', b'[ "${a}" ]'),
        (b"[ ''a'' b ]", b"[ ''a''' b'' ]"),
        (b"{ a }: b", b"{ a = 1; }"),
        (b"let a = 1; in a", b"let { a = 1; }"),
    ],
)
def test_lookahead_is_remembered(before: bytes, after: bytes) -> None:
    start = next(
        (i for i, (old, new) in enumerate(zip(before, after, strict=False)) if old != new),
        min(len(before), len(after)),
    )
    source, tree = apply(before, parse(before), Splice(start, len(before), after[start:]))
    assert source == after
    assert_same(after, tree)
    source, tree = apply(after, tree, Splice(start, len(after), before[start:]))
    assert_same(before, tree)
