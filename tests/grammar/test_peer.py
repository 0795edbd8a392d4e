"""Our trees against those of tree-sitter-nix as it is on the package index (0.1.0)."""

import pytest
import tree_sitter_nix
from hypothesis import given, settings
from tree_sitter import Language, Parser, Tree

from .programs import programs
from .snippets import SNIPPETS
from .trees import parse, preorder

PEER = Language(tree_sitter_nix.language())

# Valid sources that the peer reads as something else than Nix does.
PEER_IS_WRONG = {
    b"a//b": "a path",
    b"f x or y": "a call of f with x, or and y",
    b"[ x or ]": "a list of two",
    b"#a\r1": "a comment to the end",
    b"./a\n/**/++ a": "a path, a comment, `++`",
}


def peer_parse(source: bytes) -> Tree:
    """Parse with the peer."""
    return Parser(PEER).parse(source)


def same(source: bytes) -> bool:
    """Compare types, spans and fields."""
    return list(preorder(peer_parse(source))) == list(preorder(parse(source)))


def has_escaped_dollar(source: bytes) -> bool:
    """Tell whether the two differ by design: the peer splits the escape of a dollar into two nodes."""
    return b"\\$" in source or b"''$" in source


def accepted_by_peer(source: bytes) -> bool:
    """Tell whether the peer can read a source at all."""
    return not peer_parse(source).root_node.has_error


COMPARED = [
    row.source
    for row in SNIPPETS
    if row.valid and accepted_by_peer(row.source) and not has_escaped_dollar(row.source)
]


def test_most_of_the_table_is_compared() -> None:
    assert len(COMPARED) > 250


@pytest.mark.parametrize("source", [each for each in COMPARED if each not in PEER_IS_WRONG], ids=ascii)
def test_same_tree(source: bytes) -> None:
    assert same(source)


@pytest.mark.parametrize("source", PEER_IS_WRONG, ids=ascii)
def test_the_peer_is_still_wrong(source: bytes) -> None:
    assert accepted_by_peer(source)
    assert not same(source)


@pytest.mark.parametrize("source", [b"{ a, }: a", b"a |> f", b"{ inherit; }", b"~/${x}"])
def test_the_peer_rejects_what_we_and_nix_accept(source: bytes) -> None:
    assert not accepted_by_peer(source)
    assert not parse(source).root_node.has_error


@settings(max_examples=150, deadline=None)
@given(programs())
def test_same_tree_for_programs(program: tuple[bytes, str]) -> None:
    source, tree = program
    if b"\n/**/" in source and "(path" in tree:  # as in the table above
        return
    if accepted_by_peer(source) and "(var or)" not in tree and not has_escaped_dollar(source):
        assert same(source)
