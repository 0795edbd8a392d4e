"""The one place where the tests ask whether nixedit takes a source for valid Nix."""

from .trees import parse

# Sources of the table that Nix refuses for what no grammar sees: an integer out of range, a byte-order
# mark (tree-sitter skips it), a file without an expression.
BEYOND_GRAMMAR = frozenset(
    {b"9223372036854775808", "\N{ZERO WIDTH NO-BREAK SPACE}1".encode(), b"#", b"  ", b"# c"}
)


def verdict(source: bytes) -> bool:
    """Return whether the grammar accepts a source."""
    return not parse(source).root_node.has_error
