"""Our verdict and our tree against Nix's, row by row of snippets.tsv."""

import pytest

from .nix_tree import child, to_nix
from .snippets import SNIPPETS, Snippet
from .trees import leaves, parse
from .verdict import verdict

VALID = [row for row in SNIPPETS if row.valid]
INVALID = [row for row in SNIPPETS if not row.valid]


def name(row: Snippet) -> str:
    """Return a test id that shows the source."""
    return ascii(row.source.decode())[1:-1]


def test_the_table_is_whole() -> None:
    assert len(SNIPPETS) == 424
    assert len(VALID) > len(INVALID) > 100


@pytest.mark.parametrize("row", VALID, ids=name)
def test_valid_source_has_the_tree_that_nix_gives_it(row: Snippet) -> None:
    assert verdict(row.source)
    root = parse(row.source).root_node
    assert to_nix(child(root, "expression")) == row.answer


@pytest.mark.parametrize("row", INVALID, ids=name)
def test_invalid_source_is_rejected(row: Snippet) -> None:
    assert not verdict(row.source)


@pytest.mark.parametrize("row", VALID, ids=name)
def test_leaves_and_the_blanks_between_them_are_the_source(row: Snippet) -> None:
    position = 0
    for leaf in leaves(parse(row.source)):
        assert row.source[position : leaf.start_byte].strip(b" \t\r\n") == b""
        assert leaf.start_byte < leaf.end_byte
        position = leaf.end_byte
    assert row.source[position:].strip(b" \t\r\n") == b""
