"""What the kinds of nodes are called in messages for people."""

from __future__ import annotations

from tree_sitter import Node

_WORDS = {
    "apply_expression": "a call",
    "assert_expression": "an assertion",
    "attrpath": "an attribute path",
    "attrset_expression": "a set",
    "binary_expression": "an expression with an operator",
    "binding": "a binding",
    "binding_set": "a set's bindings",
    "float_expression": "a number",
    "formal": "a formal",
    "function_expression": "a function",
    "has_attr_expression": "an expression with `?`",
    "hpath_expression": "a path",
    "identifier": "a name",
    "if_expression": "an `if`",
    "indented_string_expression": "a string",
    "inherit": "an `inherit`",
    "inherit_from": "an `inherit`",
    "inherited_attrs": "inherited names",
    "integer_expression": "a number",
    "let_attrset_expression": "an old-style `let`",
    "let_expression": "a `let`",
    "list_expression": "a list",
    "parenthesized_expression": "an expression in parentheses",
    "path_expression": "a path",
    "rec_attrset_expression": "a recursive set",
    "select_expression": "a selected attribute",
    "source_code": "the file's expression",
    "spath_expression": "a path in angle brackets",
    "string_expression": "a string",
    "string_fragment": "a string's text",
    "unary_expression": "an expression with an operator",
    "uri_expression": "a URL",
    "variable_expression": "a variable",
    "with_expression": "a `with`",
}


def words_of(node: Node) -> str:
    """A node's kind with its article: `a variable`, `a call`."""
    return words_of_kind(node.type)


def words_of_kind(name: str) -> str:
    """A kind's name in the grammar in the words of a person; of anything small, its text or name."""
    if name in _WORDS:
        return _WORDS[name]
    plain = name.replace("_", " ").lower()
    return f"a {plain}" if plain.replace(" ", "").isalpha() else f"`{name}`"
