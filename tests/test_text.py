"""Lines and columns of a text that is never decoded as a whole."""

from __future__ import annotations

from random import Random
from unittest import mock

from hypothesis import given
from hypothesis import strategies as st

from nixedit.text import Source

PIECES = st.sampled_from(
    (b"a", b"\n", b"\r", "é".encode(), "€".encode(), "😀".encode(), b"\xff", b"\x80", b"\xe2\x82")
)


@given(st.lists(PIECES, max_size=40).map(b"".join), st.integers(1, 6), st.randoms())
def test_a_column_counts_characters_however_long_the_line_is(data: bytes, step: int, random: Random) -> None:
    offsets = list(range(len(data) + 1))
    random.shuffle(offsets)
    source = Source(data)
    for offset in offsets:
        line = data[data.rfind(b"\n", 0, offset) + 1 : offset]
        with mock.patch("nixedit.text._STEP", step):
            assert source.position(offset) == (
                data.count(b"\n", 0, offset) + 1,
                len(line.decode("utf-8", "surrogateescape")) + 1,
            )
