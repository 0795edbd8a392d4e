"""Laws of edits as data: sorted, disjoint, exact to apply, to invert and to map through."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixedit.edits import Edit, EditSet
from nixedit.errors import OverlappingEditError
from nixedit.text import Span


@st.composite
def cases(draw: st.DrawFn) -> tuple[bytes, EditSet]:
    """A text and disjoint edits of it, in any order."""
    data = draw(st.binary(max_size=40))
    marks = sorted(draw(st.lists(st.integers(0, len(data)), max_size=12)))
    pairs = list(zip(marks[::2], marks[1::2], strict=False))
    edits = [Edit(start, end, draw(st.binary(max_size=5))) for start, end in pairs]
    return data, EditSet(draw(st.permutations(edits)))


def spliced(data: bytes, edits: EditSet) -> bytes:
    """The slow way: one splice after the other, from the back."""
    for edit in reversed(list(edits)):
        data = data[: edit.start] + edit.replacement + data[edit.end :]
    return data


@given(cases())
def test_apply_is_splicing_one_by_one(case: tuple[bytes, EditSet]) -> None:
    data, edits = case
    assert edits.apply(data) == spliced(data, edits)


@given(cases())
def test_invert_is_exact(case: tuple[bytes, EditSet]) -> None:
    data, edits = case
    after = edits.apply(data)
    back = edits.invert(data)
    assert back.apply(after) == data
    assert back.invert(after).apply(data) == after


@given(cases())
def test_new_spans_hold_the_replacements(case: tuple[bytes, EditSet]) -> None:
    data, edits = case
    after = edits.apply(data)
    assert [after[span.start : span.end] for span in edits.new_spans()] == [
        edit.replacement for edit in edits
    ]


@given(cases())
def test_positions_follow_every_byte_that_stays(case: tuple[bytes, EditSet]) -> None:
    data, edits = case
    after = edits.apply(data)
    moved = edits.position_map()
    for at in range(len(data)):
        if not any(edit.start <= at < edit.end for edit in edits):
            assert after[moved.start(at)] == data[at]
            assert moved.end(at + 1) == moved.start(at) + 1


@given(cases(), st.data())
def test_a_span_is_lost_only_when_one_edit_replaced_it(
    case: tuple[bytes, EditSet], drawn: st.DataObject
) -> None:
    data, edits = case
    start = drawn.draw(st.integers(0, len(data)))
    end = drawn.draw(st.integers(start, len(data)))
    moved = edits.position_map().span(Span(start, end))
    kept = bytes(data[at] for at in range(start, end) if not any(e.start <= at < e.end for e in edits))
    if moved is None:
        assert kept == b""
    else:
        left = iter(edits.apply(data)[moved.start : moved.end])
        assert all(byte in left for byte in kept)


@given(cases())
def test_positions_keep_their_order(case: tuple[bytes, EditSet]) -> None:
    data, edits = case
    moved = edits.position_map()
    starts = [moved.start(at) for at in range(len(data) + 1)]
    ends = [moved.end(at) for at in range(len(data) + 1)]
    assert starts == sorted(starts)
    assert ends == sorted(ends)


def test_insertions_at_one_place_keep_their_order() -> None:
    edits = EditSet([Edit(1, 1, b"1"), Edit(1, 1, b"2"), Edit(1, 2, b"x"), Edit(1, 1, b"3")])
    assert edits.apply(b"abc") == b"a123xc"


def test_an_insertion_behind_a_replaced_range_is_disjoint() -> None:
    assert EditSet([Edit(0, 2, b"x"), Edit(2, 2, b"y")]).apply(b"abc") == b"xyc"


@pytest.mark.parametrize(
    ("one", "other"),
    [((0, 3), (2, 4)), ((0, 3), (1, 1)), ((0, 3), (0, 3)), ((0, 3), (1, 2)), ((0, 2), (0, 1))],
)
def test_overlapping_edits_are_refused_with_both_spans(one: tuple[int, int], other: tuple[int, int]) -> None:
    with pytest.raises(OverlappingEditError) as raised:
        EditSet([Edit(*one, b""), Edit(*other, b"")])
    first, second = sorted([one, other])
    assert str(raised.value) == (
        f"two edits touch the same bytes: {first[0]}..{first[1]} and {second[0]}..{second[1]}"
    )


def test_an_edit_beyond_the_text_is_refused() -> None:
    with pytest.raises(OverlappingEditError, match=r"^edit 2\.\.5 is beyond the end of the text \(3\)$"):
        EditSet([Edit(2, 5, b"")]).apply(b"abc")


@pytest.mark.parametrize("edit", [Edit(-1, 0, b""), Edit(3, 2, b"")])
def test_what_is_no_range_is_refused(edit: Edit) -> None:
    with pytest.raises(OverlappingEditError, match="are not a range"):
        EditSet([edit])


def test_ten_thousand_edits_are_looked_up_by_bisection() -> None:
    edits = EditSet([Edit(10 * number, 10 * number + 1, b"xy") for number in range(10_000)])
    moved = edits.position_map()
    assert [moved.start(10 * number + 5) for number in (0, 9_999)] == [6, 10 * 9_999 + 5 + 10_000]
