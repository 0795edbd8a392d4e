"""The node types and fields are those of tree-sitter-nix 0.3.0, so that its queries keep working."""

import json
from pathlib import Path
from typing import Any

import pytest

NODE_TYPES = Path(__file__).parents[2] / "grammars" / "nix" / "src" / "node-types.json"

# Every named node of tree-sitter-nix 0.3.0 with its fields: one, `?` at most one, `+` some, `*` any.
NODES = {
    "apply_expression": "argument function",
    "assert_expression": "body condition",
    "attrpath": "attr+",
    "attrset_expression": "",
    "binary_expression": "left operator right",
    "binding": "attrpath expression",
    "binding_set": "binding+",
    "comment": "",
    "dollar_escape": "",
    "ellipses": "",
    "escape_sequence": "",
    "float_expression": "",
    "formal": "default? name",
    "formals": "ellipses? formal*",
    "function_expression": "body formals? universal?",
    "has_attr_expression": "attrpath expression operator",
    "hpath_expression": "",
    "identifier": "",
    "if_expression": "alternative condition consequence",
    "indented_string_expression": "",
    "inherit": "attrs",
    "inherit_from": "attrs expression",
    "inherited_attrs": "attr+",
    "integer_expression": "",
    "interpolation": "expression",
    "let_attrset_expression": "",
    "let_expression": "body",
    "list_expression": "element*",
    "parenthesized_expression": "expression",
    "path_expression": "",
    "path_fragment": "",
    "rec_attrset_expression": "",
    "select_expression": "attrpath default? expression",
    "source_code": "expression?",
    "spath_expression": "",
    "string_expression": "",
    "string_fragment": "",
    "unary_expression": "argument operator",
    "uri_expression": "",
    "variable_expression": "name",
    "with_expression": "body environment",
}

# Where ours differs, and why.
DEVIATIONS = {
    "inherit": "attrs?",  # `inherit;` is valid
    "inherit_from": "attrs? expression",  # and so is `inherit (x);`
}

TOKENS = [
    "!",
    "!=",
    '"',
    "${",
    "&&",
    "''",
    "(",
    ")",
    "*",
    "+",
    "++",
    ",",
    "-",
    "->",
    ".",
    "/",
    "//",
    ":",
    ";",
    "<",
    "<=",
    "=",
    "==",
    ">",
    ">=",
    "?",
    "@",
    "[",
    "]",
    "{",
    "||",
    "}",
    "assert",
    "else",
    "if",
    "in",
    "inherit",
    "let",
    "or",
    "rec",
    "then",
    "with",
]
ADDED_TOKENS = ["<|", "|>"]

# The nodes without a field in them: what they may hold.
CHILDREN = {
    "attrset_expression": {"binding_set"},
    "let_attrset_expression": {"binding_set"},
    "rec_attrset_expression": {"binding_set"},
    "let_expression": {"binding_set"},
    "path_expression": {"interpolation", "path_fragment"},
    "hpath_expression": {"interpolation", "path_fragment"},
    "string_expression": {"dollar_escape", "escape_sequence", "interpolation", "string_fragment"},
    "indented_string_expression": {"dollar_escape", "escape_sequence", "interpolation", "string_fragment"},
}

TYPES: list[dict[str, Any]] = json.loads(NODE_TYPES.read_text(encoding="utf-8"))


def fields(node: dict[str, Any]) -> str:
    """Return the fields of a node type in the notation of NODES."""
    marks = {(False, True): "", (False, False): "?", (True, True): "+", (True, False): "*"}
    found = node.get("fields", {}).items()
    return " ".join(sorted(name + marks[field["multiple"], field["required"]] for name, field in found))


def test_nodes_and_fields() -> None:
    ours = {
        node["type"]: fields(node) for node in TYPES if node["named"] and not node["type"].startswith("_")
    }
    assert ours == NODES | DEVIATIONS


def test_tokens() -> None:
    assert sorted(node["type"] for node in TYPES if not node["named"]) == sorted(TOKENS + ADDED_TOKENS)


def test_children_without_a_field() -> None:
    ours = {
        node["type"]: {child["type"] for child in node["children"]["types"]}
        for node in TYPES
        if "children" in node
    }
    assert ours == CHILDREN


def test_the_supertype_has_every_expression() -> None:
    [supertype] = [node for node in TYPES if node["type"] == "_expression"]
    subtypes = {node["type"] for node in supertype["subtypes"]}
    assert subtypes == {name for name in NODES if name.endswith("_expression")}


@pytest.mark.parametrize("operator", ["|>", "<|"])
def test_pipes_are_binary_operators(operator: str) -> None:
    [binary] = [node for node in TYPES if node["type"] == "binary_expression"]
    assert operator in {each["type"] for each in binary["fields"]["operator"]["types"]}
