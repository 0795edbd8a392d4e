"""Laws over generated programs."""

from hypothesis import given, settings

from .nix_tree import child, to_nix
from .programs import programs
from .trees import first_error, leaves, parse


@settings(max_examples=300, deadline=None)
@given(programs())
def test_a_program_has_its_tree(program: tuple[bytes, str]) -> None:
    source, expected = program
    tree = parse(source)
    assert first_error(tree) is None
    assert to_nix(child(tree.root_node, "expression")) == expected


@settings(max_examples=100, deadline=None)
@given(programs())
def test_leaves_and_the_blanks_between_them_are_the_program(program: tuple[bytes, str]) -> None:
    source, _ = program
    position = 0
    for leaf in leaves(parse(source)):
        assert source[position : leaf.start_byte].strip(b" \t\r\n") == b""
        assert leaf.start_byte < leaf.end_byte
        position = leaf.end_byte
    assert source[position:].strip(b" \t\r\n") == b""
