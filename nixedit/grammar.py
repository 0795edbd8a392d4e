"""The compiled grammar: the language, a parser, and the ids of its node kinds and fields."""

from __future__ import annotations

from tree_sitter import Language, Parser, Tree

from nixedit import _nix

LANGUAGE = Language(_nix.language())

_PARSER = Parser(LANGUAGE)


def parse(data: bytes, old: Tree | None = None) -> Tree:
    """Parse Nix code.

    Args:
        data: the file's bytes.
        old: the tree of the text before an edit, told of the edit by `Tree.edit`; unchanged parts of it
            are used again.
    """
    return _PARSER.parse(data, old) if old is not None else _PARSER.parse(data)


def _kind(name: str, named: bool = True) -> int:
    found = LANGUAGE.id_for_node_kind(name, named)
    if found is None:  # pragma: no cover - the grammar and this list are built together
        raise AssertionError(f"no node kind {name!r} in the grammar")
    return found


def _field(name: str) -> int:
    found = LANGUAGE.field_id_for_name(name)
    if found is None:  # pragma: no cover - likewise
        raise AssertionError(f"no field {name!r} in the grammar")
    return found


class K:
    """Kind ids of named nodes and of the tokens that edits deal with."""

    COMMENT = _kind("comment")
    VARIABLE = _kind("variable_expression")
    INTEGER = _kind("integer_expression")
    FLOAT = _kind("float_expression")
    STRING = _kind("string_expression")
    INDENTED_STRING = _kind("indented_string_expression")
    PATH = _kind("path_expression")
    HPATH = _kind("hpath_expression")
    SPATH = _kind("spath_expression")
    URI = _kind("uri_expression")
    PARENTHESIZED = _kind("parenthesized_expression")
    ATTRSET = _kind("attrset_expression")
    LET_ATTRSET = _kind("let_attrset_expression")
    REC_ATTRSET = _kind("rec_attrset_expression")
    LIST = _kind("list_expression")
    FUNCTION = _kind("function_expression")
    ASSERT = _kind("assert_expression")
    WITH = _kind("with_expression")
    LET = _kind("let_expression")
    IF = _kind("if_expression")
    BINARY = _kind("binary_expression")
    UNARY = _kind("unary_expression")
    HAS_ATTR = _kind("has_attr_expression")
    APPLY = _kind("apply_expression")
    SELECT = _kind("select_expression")
    FORMALS = _kind("formals")
    FORMAL = _kind("formal")
    ELLIPSES = _kind("ellipses")
    BINDING_SET = _kind("binding_set")
    BINDING = _kind("binding")
    INHERIT = _kind("inherit")
    INHERIT_FROM = _kind("inherit_from")
    INHERITED_ATTRS = _kind("inherited_attrs")
    ATTRPATH = _kind("attrpath")
    IDENTIFIER = _kind("identifier")
    INTERPOLATION = _kind("interpolation")
    STRING_FRAGMENT = _kind("string_fragment")
    COMMA = _kind(",", named=False)
    AT = _kind("@", named=False)


class F:
    """Field ids."""

    EXPRESSION = _field("expression")
    FORMALS = _field("formals")
    UNIVERSAL = _field("universal")
    BODY = _field("body")
    FORMAL = _field("formal")
    ELLIPSES = _field("ellipses")
    NAME = _field("name")
    DEFAULT = _field("default")
    CONDITION = _field("condition")
    ENVIRONMENT = _field("environment")
    CONSEQUENCE = _field("consequence")
    ALTERNATIVE = _field("alternative")
    LEFT = _field("left")
    OPERATOR = _field("operator")
    RIGHT = _field("right")
    ARGUMENT = _field("argument")
    FUNCTION = _field("function")
    ATTRPATH = _field("attrpath")
    ATTRS = _field("attrs")
    ATTR = _field("attr")
    ELEMENT = _field("element")
    BINDING = _field("binding")


SETS = frozenset({K.ATTRSET, K.REC_ATTRSET})
SCOPING_SETS = frozenset({K.REC_ATTRSET, K.LET_ATTRSET})
EXPRESSIONS = frozenset(
    {
        K.VARIABLE, K.INTEGER, K.FLOAT, K.STRING, K.INDENTED_STRING, K.PATH, K.HPATH, K.SPATH, K.URI,
        K.PARENTHESIZED, K.ATTRSET, K.LET_ATTRSET, K.REC_ATTRSET, K.LIST, K.FUNCTION, K.ASSERT, K.WITH,
        K.LET, K.IF, K.BINARY, K.UNARY, K.HAS_ATTR, K.APPLY, K.SELECT,
    }
)  # fmt: skip
