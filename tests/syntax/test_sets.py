"""A set answers the same whether its names are looked for in its text or all its entries are listed."""

from __future__ import annotations

from collections.abc import Sequence
from unittest import mock

from hypothesis import given, settings
from hypothesis import strategies as st

from nixedit.grammar import K
from nixedit.syntax.entries import Entry
from nixedit.syntax.nodes import parts
from nixedit.syntax.sets import SetIndex
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import Source

NAMES = ("a", "ab", "a-b", "b", "c", "é", "x y", "if")
BLANKS = ("", "", "", " ", "\n", " /* a. */ ", " # b\n")
SPELLINGS = ("{}", "{}", "{}", '"{}"', '${{"{}"}}', "${{''{}''}}")
VALUES = (
    "1",
    "a",
    "b.a",
    "{ a = 1; b.c = 2; }",
    '"a = ${a.b}"',
    "''\n  a.b = 1;\n''",
    "{ inherit a; }",
    '"\\"a"',
    "c:a",
)


@st.composite
def spelled(draw: st.DrawFn) -> str:
    name = draw(st.sampled_from(NAMES))
    if draw(st.integers(0, 20)) == 0:
        return '"a\\b"' if name == "a" else "${toString 1}"
    bare = name in ("a", "ab", "a-b", "b", "c")
    return draw(st.sampled_from(SPELLINGS if bare else SPELLINGS[3:])).format(name)


@st.composite
def binding(draw: st.DrawFn) -> str:
    if draw(st.integers(0, 5)) == 0:
        source = draw(st.sampled_from(("", "(a)", "(let a = 1; in b)")))
        return f"inherit {source} {' '.join(draw(st.lists(spelled(), max_size=3)))};"
    path = draw(st.lists(spelled(), min_size=1, max_size=3))
    dot = f"{draw(st.sampled_from(BLANKS))}.{draw(st.sampled_from(BLANKS))}"
    return f"{dot.join(path)}{draw(st.sampled_from(BLANKS))}= {draw(st.sampled_from(VALUES))};"


@st.composite
def sets(draw: st.DrawFn) -> bytes:
    inside = "\n".join(draw(st.lists(binding(), max_size=8)))
    return draw(st.sampled_from(("{{ {} }}", "rec {{ {} }}", "let {} in a"))).format(inside).encode()


def told(entries: Sequence[Entry]) -> list[tuple[tuple[str | None, ...], int]]:
    return [(entry.names, (entry.attr or entry.binding).start_byte) for entry in entries]


PATHS = st.lists(st.sampled_from(NAMES), min_size=1, max_size=3).map(tuple)


@settings(max_examples=300, deadline=None)
@given(sets(), st.lists(PATHS, max_size=4), st.integers(1, 3), st.sampled_from((1, 3, 400)))
def test_searched_and_listed_are_the_same(
    data: bytes, paths: list[tuple[str, ...]], count: int, hits: int
) -> None:
    snapshot = Snapshot.of(Source(data))
    assert not snapshot.has_error, data
    node = parts(snapshot.root)[0]
    own = [entry.names for entry in SetIndex(snapshot, node).entries]
    written = [
        names[:length] for names in own for length in range(1, len(names) + 1) if None not in names[:length]
    ]
    for path in [*paths, *written]:
        listed, searched = SetIndex(snapshot, node), SetIndex(snapshot, node)
        whole, goes_on = listed.bound(path)
        with (
            mock.patch("nixedit.syntax.sets._LARGE", 0),
            mock.patch("nixedit.syntax.sets._SMALL", 0),
            mock.patch("nixedit.syntax.search._HITS", hits),
        ):
            found, found_more = searched.bound(path)
            assert (told(found), found_more) == (told(whole), goes_on)
            assert told(searched.last(path, count)) == told(listed.last(path, count))
            assert told(searched.named(path[0])) == told(listed.named(path[0]))
    whole_list = SetIndex(snapshot, node).entries
    assert told(SetIndex(snapshot, node).last((), count)) == told(whole_list[-count:])


def test_a_word_at_the_very_end_of_the_file() -> None:
    snapshot = Snapshot.of(Source(b"let b = 1; in a"))
    node = parts(snapshot.root)[0]
    assert node.kind_id == K.LET
    with mock.patch("nixedit.syntax.sets._LARGE", 0), mock.patch("nixedit.syntax.sets._SMALL", 0):
        assert SetIndex(snapshot, node).bound(("a",)) == ([], False)
