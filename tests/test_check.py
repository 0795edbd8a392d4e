"""The check after a commit accepts what a full walk of both trees accepts, and nothing else."""

from __future__ import annotations

from unittest import mock

import pytest
import reference
from grammar.programs import programs
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from tree_sitter import Node

from nixedit.check import check_commit
from nixedit.document import Document
from nixedit.edits import Edit, EditSet, Expected
from nixedit.errors import InvalidEditError
from nixedit.grammar import K, parse
from nixedit.operations import ops
from nixedit.syntax.nodes import parts
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import Source

PIECES = (
    "2; evil = 3", "f -3", "f c", "a b", "1", "x", "-1", "a.b", "{ }", "[ ]", "(a)", "a: b", "x: x", "{ }:", "or",
    '"', "''", '"a"', "''a''", '"${', "${", "}", "{", "[", "]", "(", ")", "/*", "*/", "/**/", "#", "# c\n", "# c", " ",
    "", "\n", ";", "; }", ",", "=", ".", "a.", ".a", "x = 1;", "inherit x;", "inherit (x) y;", "let a = 1; in a",
    "with x;", "assert x;", "if a then b else c", "a ? b", "a // b", "a ++ b", "a + b", "a == b", "!a", "a -> b",
    "rec { }", "rec", "./a", "/a", "a/b", "<a>", "a:b", "x:y", "1.5", "é", "\r", "\t", "@ a", "...", "a ? 1", "a or b",
    "a, b", "//", "++", "+", "?", "-", "in", "then", "$", "\\", "a\nb", "1 2", "a # c\n b", "( # c\n a)", "/* c */ a",
)  # fmt: skip


def every(node: Node) -> list[Node]:
    """All nodes below one."""
    found, stack = [], [node]
    while stack:
        inner = stack.pop()
        found.append(inner)
        stack.extend(inner.children)
    return found


def announced(text: bytes) -> tuple[Expected, ...]:
    """What a text reads as when it stands alone: one expression, with what surrounds it left out."""
    root = parse(text).root_node
    inner = parts(root)
    if root.has_error or len(inner) != 1:
        return ()
    return (Expected(inner[0].kind_id, inner[0].start_byte, inner[0].end_byte),)


@st.composite
def edits_of(draw: st.DrawFn, data: bytes) -> EditSet:
    """One to three edits that are likely to look right: whole nodes, token edges, plausible promises."""
    root = parse(data).root_node
    places = every(root)[1:]
    chosen: list[Edit] = []
    for _ in range(draw(st.integers(1, 3))):
        node = draw(st.sampled_from(places))
        text = draw(st.sampled_from(PIECES) | st.text("ab .;{}[]()\"'$#/*=,:-\n", max_size=6)).encode()
        how = draw(st.sampled_from(("node", "before", "behind", "gone", "bytes")))
        if how == "bytes":
            start = draw(st.integers(0, len(data)))
            end = draw(st.integers(start, min(len(data), start + 4)))
        else:
            start = node.end_byte if how == "behind" else node.start_byte
            end = node.start_byte if how == "before" else node.end_byte
            if how == "gone":
                text = b""
        chosen.append(Edit(start, end, text, draw(promises(text, node))))
    disjoint: list[Edit] = []
    for edit in sorted(chosen, key=lambda edit: edit.span):
        if not disjoint or edit.start >= disjoint[-1].end:
            disjoint.append(edit)
    return EditSet(disjoint)


def promises(text: bytes, node: Node) -> st.SearchStrategy[tuple[Expected, ...]]:
    """What an edit may say of itself: the truth, a lie of the right length, or nothing."""
    whole = (Expected(node.kind_id, 0, len(text)),)
    truth = announced(text)
    binding = (Expected(K.BINDING, 0, len(text)),)
    return st.sampled_from((truth, truth, whole, binding, ()))


def accepts(data: bytes, edits: EditSet, incremental: bool, window: int) -> tuple[bool, str | None]:
    """The check's verdict and the reference's."""
    with mock.patch.multiple(
        "nixedit.syntax.snapshot", _SMALL=0 if incremental else 1 << 30, _BYTES_PER_EDIT=0
    ):
        old = Snapshot.of(Source(data))
        new = old.edited(edits)
    try:
        with mock.patch("nixedit.syntax.windows._PER_PLACE", window):
            check_commit(old, new, edits)
    except InvalidEditError:
        return False, reference.fault(old.tree, parse(new.source.data), edits)
    return True, reference.fault(old.tree, parse(new.source.data), edits)


@settings(
    max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much]
)
@given(st.data(), st.booleans(), st.sampled_from((0, 2, 3, 4, 60)))
def test_the_check_and_a_full_walk_agree(data: st.DataObject, incremental: bool, window: int) -> None:
    source = data.draw(programs(2))[0]
    if Snapshot.of(Source(source)).has_error or not every(parse(source).root_node)[1:]:
        return
    edits = data.draw(edits_of(source))
    accepted, fault = accepts(source, edits, incremental, window)
    event(f"accepted {accepted}, right {fault is None}")
    assert accepted == (fault is None), fault


def surrounded(text: str, before: bytes, after: bytes) -> str:
    """A text in which the variable `x` is put into a larger expression with an operator."""
    document = Document(text.encode())
    (x,) = (
        node for node in every(document.snapshot.root) if node.kind_id == K.VARIABLE and node.text == b"x"
    )
    with document.edit():
        document.record(ops.Surround(x, before, after, K.BINARY))
    return document.text


@pytest.mark.parametrize(
    "text",
    [
        "a ++ x",
        "a ++ (b) ++ x",
        "with a; x",
        "let a = 1; in a ++ x",
        "assert a; x",
        "if a then b else x",
        "{ a = b: a ++ x; }",
    ],
)
def test_what_ends_with_an_expression_ends_with_the_larger_one_in_its_place(text: str) -> None:
    assert surrounded(text, b"", b" ++ [ 1 ]") == text.replace("x", "x ++ [ 1 ]")


@pytest.mark.parametrize("text", ["x // a", "x == a // b", "{ a = x // b; }"])
def test_what_begins_with_an_expression_begins_with_the_larger_one_in_its_place(text: str) -> None:
    assert surrounded(text, b"[ 1 ] ++ ", b"") == text.replace("x", "[ 1 ] ++ x")


@pytest.mark.parametrize(
    ("text", "before", "after"),
    [("x ++ a", b"b ++ ", b""), ("a x", b"", b" ++ b"), ("a // x", b"", b" // b ")],
)
def test_an_expression_that_the_larger_one_would_not_stand_in_place_of(
    text: str, before: bytes, after: bytes
) -> None:
    with pytest.raises(InvalidEditError):
        surrounded(text, before, after)
