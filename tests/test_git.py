"""Merging three texts as git does: the changes of both sides, or nothing."""

from __future__ import annotations

import pytest

from nixedit.git import merge

BASE = b"a\nb\nc\nd\ne\n"


@pytest.mark.parametrize(
    ("current", "other", "merged"),
    [
        (BASE, BASE, BASE),
        (b"A\nb\nc\nd\ne\n", BASE, b"A\nb\nc\nd\ne\n"),
        (b"A\nb\nc\nd\ne\n", b"a\nb\nc\nd\nE\n", b"A\nb\nc\nd\nE\n"),
        (b"A\nb\nc\nd\ne\n", b"A\nb\nc\nd\nE\n", b"A\nb\nc\nd\nE\n"),
        (b"A\nb\nc\nd\ne\n", b"X\nb\nc\nd\ne\n", None),
        (b"a\r\nb\r\n", b"a\r\nb\r\n", b"a\r\nb\r\n"),
        (b"\xff\nb\nc\nd\ne\n", b"a\nb\nc\nd\nE", b"\xff\nb\nc\nd\nE"),
        (b"a\0", b"b\0", None),
    ],
)
def test_merge(current: bytes, other: bytes, merged: bytes | None) -> None:
    assert merge(current, BASE, other) == merged


def test_without_git_nothing_is_merged(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert merge(BASE, BASE, BASE) is None
