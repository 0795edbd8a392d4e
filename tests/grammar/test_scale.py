"""Valid Nix is never refused for its size or depth."""

import pytest

from .trees import first_error, parse

DEPTH = 10_000


@pytest.mark.parametrize(
    ("opening", "core", "closing"),
    [
        ("(", "a", ")"),
        ("[ ", "", "]"),
        ("{ a = ", "1", "; }"),
        ('"${', "a", '}"'),
        ("''${", "a", "}''"),
        ("./a${", "b", "}"),
        ("x: ", "x", ""),
        ("{ a ? ", "1", " }: a"),
        ("if a then b else ", "c", ""),
        ("if ", "a", " then b else c"),
        ("let a = 1; in ", "a", ""),
        ("with a; ", "b", ""),
        ("!", "a", ""),
        ("- ", "a", ""),
        ("a ++ ", "b", ""),
        ("a.b or ", "c", ""),
        ("", "f", " x"),
        ("", "a", " + b"),
        ("", "a", " ? b"),
        ("", "a", " |> b"),
        ("a <| ", "b", ""),
    ],
)
def test_depth(opening: str, core: str, closing: str) -> None:
    source = f"{opening * DEPTH}{core}{closing * DEPTH}".encode()
    assert first_error(parse(source)) is None
    assert parse(source + b" )").root_node.has_error


def test_a_file_of_twenty_megabytes() -> None:
    line = (
        b'  a.b = [ 1 "text ${c} and more text" ./path ]; # why, and a few more words on that\n' + b" " * 80
    )
    source = b"{\n" + line * (20_000_000 // len(line)) + b"}\n"
    assert len(source) > 19_000_000
    assert first_error(parse(source)) is None


def test_one_string_of_twenty_megabytes() -> None:
    source = b'"' + b"some more text, then an escape: \\n " * 600_000 + b'"'
    assert first_error(parse(source)) is None


def test_a_long_run_of_path_characters() -> None:
    source = b"a" + b".b" * 2_000
    assert first_error(parse(source)) is None
