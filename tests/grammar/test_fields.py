"""Fields name the direct children, and punctuation belongs to the node that it punctuates."""

import pytest
from tree_sitter import Node

from .trees import parse

LEFT = ("|>", "&&", "||", "+", "-", "*", "/")
RIGHT = ("<|", "->", "//", "++")
LOOSE = ("==", "!=", "<", "<=", ">", ">=")


def expression(source: str) -> Node:
    """Return the file's expression."""
    tree = parse(source.encode())
    assert not tree.root_node.has_error
    found = tree.root_node.child_by_field_name("expression")
    assert found is not None
    return found


def operands(node: Node) -> list[str]:
    """Return what the three fields of an operation hold."""
    texts = []
    for index, name in enumerate(("left", "operator", "right")):
        found = node.child_by_field_name(name)
        assert found is not None
        assert found.text is not None
        assert found == node.child(index)
        assert node.children_by_field_name(name) == [found]
        texts.append(found.text.decode())
    return texts


@pytest.mark.parametrize("operator", LEFT)
def test_a_chain_to_the_left(operator: str) -> None:
    node = expression(f"a {operator} b {operator} c {operator} d")
    assert operands(node) == [f"a {operator} b {operator} c", operator, "d"]
    assert operands(node.children[0]) == [f"a {operator} b", operator, "c"]
    assert operands(node.children[0].children[0]) == ["a", operator, "b"]


@pytest.mark.parametrize("operator", RIGHT)
def test_a_chain_to_the_right(operator: str) -> None:
    node = expression(f"a {operator} b {operator} c {operator} d")
    assert operands(node) == ["a", operator, f"b {operator} c {operator} d"]
    assert operands(node.children[2]) == ["b", operator, f"c {operator} d"]
    assert operands(node.children[2].children[2]) == ["c", operator, "d"]


@pytest.mark.parametrize("operator", LOOSE)
def test_operators_that_do_not_associate(operator: str) -> None:
    assert operands(expression(f"a {operator} b")) == ["a", operator, "b"]
    assert parse(f"a {operator} b {operator} c".encode()).root_node.has_error


def test_a_comparison_in_an_equality_in_a_conjunction() -> None:
    node = expression("a < b == c < d && e")
    assert operands(node) == ["a < b == c < d", "&&", "e"]
    assert operands(node.children[0]) == ["a < b", "==", "c < d"]
    assert operands(node.children[0].children[0]) == ["a", "<", "b"]


@pytest.mark.parametrize(
    ("source", "path", "children"),
    [
        ("{ a, b ? 1, ... }: a", [0], ["{", "formal", ",", "formal", ",", "ellipses", "}"]),
        ("{ a, }: a", [0], ["{", "formal", ",", "}"]),
        ("{ a ? 1 }: a", [0, 1], ["identifier", "?", "integer_expression"]),
        ("{ a }@b: a", [], ["formals", "@", "identifier", ":", "variable_expression"]),
        ("b@{ a }: a", [], ["identifier", "@", "formals", ":", "variable_expression"]),
        ("x: x", [], ["identifier", ":", "variable_expression"]),
        ('{ a."b".${c} = 1; }', [1, 0, 0], ["identifier", ".", "string_expression", ".", "interpolation"]),
        ("{ a = 1; }", [1, 0], ["attrpath", "=", "integer_expression", ";"]),
        ("{ a = 1; }", [], ["{", "binding_set", "}"]),
        ("{ inherit a; }", [1, 0], ["inherit", "inherited_attrs", ";"]),
        (
            "{ inherit (a) b; }",
            [1, 0],
            ["inherit", "(", "variable_expression", ")", "inherited_attrs", ";"],
        ),
        ("a.b or c", [], ["variable_expression", ".", "attrpath", "or", "variable_expression"]),
        ("(a)", [], ["(", "variable_expression", ")"]),
        ("[ a ]", [], ["[", "variable_expression", "]"]),
        ('"a"', [], ['"', "string_fragment", '"']),
        ("''a''", [], ["''", "string_fragment", "''"]),
        ('"${a}"', [1], ["${", "variable_expression", "}"]),
        ("with a; b", [], ["with", "variable_expression", ";", "variable_expression"]),
        ("let a = 1; in a", [], ["let", "binding_set", "in", "variable_expression"]),
        ("rec { }", [], ["rec", "{", "}"]),
        ("let { }", [], ["let", "{", "}"]),
        ("a ? b", [], ["variable_expression", "?", "attrpath"]),
        ("!a", [], ["!", "variable_expression"]),
    ],
)
def test_children(source: str, path: list[int], children: list[str]) -> None:
    node = expression(source)
    for index in path:
        node = node.children[index]
    assert [child.type for child in node.children] == children


def test_an_empty_set_of_bindings_or_attrs_is_absent() -> None:
    for source in ("{ }", "rec { }", "let { }", "let in 1", "{ inherit; }", "{ inherit (a); }"):
        tree = parse(source.encode())
        assert not tree.root_node.has_error
        deepest = str(tree.root_node)
        assert "inherited_attrs" not in deepest
        assert ("binding_set" in deepest) == ("inherit" in source)
