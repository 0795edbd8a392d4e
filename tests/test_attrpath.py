"""Attribute paths as text and back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixedit import NotStaticError, loads
from nixedit.attrpath import escape, join, names_of, parse, quote, unescape

NAMES = st.text(
    st.sampled_from("ab1_-'.\"\\${}\n\r\t é@")
    | st.characters(exclude_characters="\0", exclude_categories=["Cs"]),
    max_size=8,
)


@given(st.lists(NAMES, min_size=1, max_size=4))
def test_names_come_back_from_their_text(names: list[str]) -> None:
    assert parse(join(names)) == tuple(names)


@given(st.lists(NAMES, min_size=1, max_size=4))
def test_nix_reads_a_joined_path_as_the_same_names(names: list[str]) -> None:
    document = loads(f"{{ {join(names)} = 1; }}")
    value = document.attrs.to_python()
    for name in names:
        assert list(value) == [name]
        value = value[name]
    assert value == 1


@given(NAMES)
def test_an_escaped_text_keeps_its_value(text: str) -> None:
    assert unescape(escape(text)) == text


@pytest.mark.parametrize(
    ("path", "names"),
    [
        ("a", ("a",)),
        ("a.b.c", ("a", "b", "c")),
        ('boot.kernel.sysctl."net.ipv4.ip_forward"', ("boot", "kernel", "sysctl", "net.ipv4.ip_forward")),
        ('"a"', ("a",)),
        ('""', ("",)),
        (r'"a\"b"', ('a"b',)),
        (r'"\${x}"', ("${x}",)),
        ('"$${x}"', ("$${x}",)),
        ("or", ("or",)),
        ("a'b.c-d", ("a'b", "c-d")),
    ],
)
def test_a_path_is_read_as_nix_reads_it(path: str, names: tuple[str, ...]) -> None:
    assert parse(path) == names == names_of(path)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("", "not an attribute path: '' (expected a name or a string at character 1; "
             "names with other characters are quoted, or the key is a tuple of names)"),
        ("a..b", "not an attribute path: 'a..b' (expected a name or a string at character 3; "
                 "names with other characters are quoted, or the key is a tuple of names)"),
        ("a b", "not an attribute path: 'a b' (expected `.` at character 2)"),
        ("let", """`let` is a keyword: write it as a string, "let", in 'let'"""),
        ('"a', """not an attribute path: '"a' (the string at character 1 has no end)"""),
        ('"${x}"', """a name with an interpolation is not static: '"${x}"'"""),
    ],
)  # fmt: skip
def test_what_is_no_path_is_refused(path: str, message: str) -> None:
    with pytest.raises(NotStaticError) as raised:
        parse(path)
    assert str(raised.value) == message


def test_a_tuple_holds_exact_names() -> None:
    assert names_of(("a.b", "let")) == ("a.b", "let")
    assert join(("a.b", "let")) == '"a.b"."let"'


@pytest.mark.parametrize(
    ("name", "text"), [("or", "or"), ("if", '"if"'), ("1a", '"1a"'), ("a-1", "a-1"), ("", '""')]
)
def test_a_name_is_quoted_only_when_it_must_be(name: str, text: str) -> None:
    assert quote(name) == text
