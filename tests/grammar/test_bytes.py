"""What single bytes do, where a table in text form cannot say it."""

import pytest

from .trees import leaves, parse


def comments(source: bytes) -> list[bytes]:
    """Return the comments of a source that must be without errors."""
    tree = parse(source)
    assert not tree.root_node.has_error
    return [source[leaf.start_byte : leaf.end_byte] for leaf in leaves(tree) if leaf.type == "comment"]


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"])
def test_a_line_comment_is_one_leaf_without_its_line_end(end: bytes) -> None:
    assert comments(b"# a  " + end + b"b # c" + end) == [b"# a  ", b"# c"]


def test_a_block_comment_keeps_its_line_ends() -> None:
    assert comments(b"/* a\r\n b */ 1") == [b"/* a\r\n b */"]


def test_a_block_comment_ends_at_the_first_chance() -> None:
    assert comments(b"/*/ **/ 1 /***/") == [b"/*/ **/", b"/***/"]


@pytest.mark.parametrize("source", [b"# \0\n1", b"/* \0 */ 1"])
def test_nul_in_a_comment(source: bytes) -> None:
    assert len(comments(source)) == 1


@pytest.mark.parametrize("source", [b'"\0"', b"''\0''", b'"a\0b"', b'"\\\0"', b"''''\\\0''", b"1\0", b"\0"])
def test_nul_elsewhere_is_an_error(source: bytes) -> None:
    assert parse(source).root_node.has_error


@pytest.mark.parametrize("junk", [b"\xff", b"\xc3", b"\xe2\x82", b"\xed\xa0\x80", b"\xf4\x90\x80\x80"])
def test_bytes_that_are_not_utf_8(junk: bytes) -> None:
    for source in (b'"%s"', b"''%s''", b'"a%sb"', b"# %s\n1", b"/* %s */ 1", b'"\\%s"'):
        assert not parse(source % junk).root_node.has_error, source
    for source in (b"%s", b"a%s", b"1 %s", b"./a%s", b"x:y%s", b"<a%s>", b"{ %s = 1; }"):
        assert parse(source % junk).root_node.has_error, source


def test_other_scripts_live_in_strings_and_comments() -> None:
    assert comments('{ a = "äß漢🙂"; } # é'.encode()) == ["# é".encode()]


def test_the_root_begins_at_the_first_token() -> None:
    root = parse(b"\n  1 \n").root_node
    assert (root.start_byte, root.end_byte) == (3, 6)


def test_an_escape_is_one_leaf() -> None:
    source = b'"\\$\\n\\\n\\\xc3\xa9"'
    found = [source[leaf.start_byte : leaf.end_byte] for leaf in leaves(parse(source))]
    assert found == [b'"', b"\\$", b"\\n", b"\\\n", b"\\\xc3\xa9", b'"']
    source = b"''a'''''$b''\\$''\\n''"
    found = [source[leaf.start_byte : leaf.end_byte] for leaf in leaves(parse(source))]
    assert found == [b"''", b"a", b"'''", b"''$", b"b", b"''\\$", b"''\\n", b"''"]
