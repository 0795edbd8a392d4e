"""Names are found in a file where they stand as words, and nowhere else."""

from __future__ import annotations

import pytest

from nixedit.document import loads
from nixedit.syntax.occurrences import Occurrences

FILE = """\
{ pkgs, hello, ... }:
# hello
with pkgs;
[ hello hello-world "hello" "hello there" pkgs.hello pkgs."hello" ./hello hello' pkgs.hello.hey ]
"""


def found(text: str, *names: str) -> list[tuple[str, str]]:
    document = loads(text)
    return [
        (text[node.start_byte : node.end_byte], name)
        for node, name in Occurrences(names).nodes(document.snapshot)
    ]


def test_identifiers_and_quoted_names_are_found() -> None:
    assert found(FILE, "hello") == [
        ("hello", "hello"),
        ("hello", "hello"),
        ('"hello"', "hello"),
        ("hello", "hello"),
        ('"hello"', "hello"),
        ("hello", "hello"),
    ]


@pytest.mark.parametrize("names", [("hello", "hello-world"), ("hello", "pkgs"), ("hey", "hello'")])
def test_any_of_several_names_is_found_in_the_order_of_the_text(names: tuple[str, ...]) -> None:
    both = found(FILE, *names)
    one_by_one = [item for name in names for item in found(FILE, name)]
    assert sorted(both) == sorted(one_by_one)
    assert {name for _, name in both} == set(names)


def test_a_text_without_any_of_the_beginnings_has_no_occurrence() -> None:
    assert Occurrences(("hello", "hello-world")).beginnings == (b"hello",)
    assert set(Occurrences(("hello", "world")).beginnings) == {b"hello", b"world"}
