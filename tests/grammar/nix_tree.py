"""Maps our trees onto Nix's own structure, in the abbreviated spelling of snippets.tsv."""

from collections.abc import Callable, Iterable

from tree_sitter import Node


def to_nix(node: Node) -> str:
    """Return the Nix tree of an expression."""
    return EXPRESSIONS[node.type](node)


def form(head: str, parts: Iterable[str]) -> str:
    """Return a list in parentheses."""
    return "(" + " ".join([head, *parts]) + ")"


def text(node: Node) -> str:
    """Return the node's source."""
    assert node.text is not None
    return node.text.decode("latin-1")


def child(node: Node, field: str) -> Node:
    """Return the child in a field that must be there."""
    found = node.child_by_field_name(field)
    assert found is not None, f"{node.type} has no {field}"
    return found


def quoted(raw: str) -> str:
    """Return a raw piece of a string or path in quotes, what is not plain ASCII in hex."""
    plain = (c if "!" <= c <= "~" and c not in '"\\' else f"\\{ord(c):02x}" for c in raw)
    return '"' + "".join(plain) + '"'


def code_children(node: Node) -> list[Node]:
    """Return the children that are not comments."""
    return [each for each in node.children if each.type != "comment"]


def pieces(head: str) -> Callable[[Node], str]:
    """Map a string or path: Nix has no nodes for escapes, they belong to the text around them."""

    def mapped(node: Node) -> str:
        parts: list[str] = []
        raw = ""
        for each in node.named_children:
            if each.type == "interpolation":
                parts += [quoted(raw)] * bool(raw) + [attr(each)]
                raw = ""
            else:
                raw += text(each)
        return form(head, parts + [quoted(raw)] * bool(raw))

    return mapped


def attr(node: Node) -> str:
    """Map one name of an attribute path, or an interpolation anywhere."""
    match node.type:
        case "identifier":
            return f"(id {text(node)})"
        case "interpolation":
            return form("interp", [to_nix(child(node, "expression"))])
        case _:
            return to_nix(node)


def attrpath(node: Node) -> list[str]:
    """Map an attribute path, dots included."""
    return ["." if each.type == "." else attr(each) for each in code_children(node)]


def bindings(node: Node) -> list[str]:
    """Map the bindings of a set or a let."""
    sets = [each for each in node.named_children if each.type == "binding_set"]
    return [binding(each) for found in sets for each in found.named_children if each.type != "comment"]


def binding(node: Node) -> str:
    """Map one binding or inherit."""
    if node.type == "binding":
        return form("bind", [*attrpath(child(node, "attrpath")), to_nix(child(node, "expression"))])
    attrs = node.child_by_field_name("attrs")
    names = [attr(each) for each in code_children(attrs)] if attrs else []
    if node.type == "inherit":
        return form("inherit", names)
    return form("inheritfrom", [to_nix(child(node, "expression")), *names])


def formal(node: Node) -> str:
    """Map one formal argument."""
    default = node.child_by_field_name("default")
    return form("formal", [text(child(node, "name")), *([to_nix(default)] if default else [])])


def formals(node: Node) -> str:
    """Map the formal arguments, commas included."""
    parts = [
        formal(each) if each.type == "formal" else text(each)
        for each in code_children(node)
        if each.type not in "{}"
    ]
    return form("formals", parts)


def function(node: Node) -> str:
    """Map a lambda."""
    head = [
        formals(each) if each.type == "formals" else text(each)
        for each in code_children(node)[:-1]
        if each.type != ":"
    ]
    return form("lambda", [*head, to_nix(child(node, "body"))])


def select(node: Node) -> str:
    """Map a selection with or without a default."""
    default = node.child_by_field_name("default")
    tail = ["or", to_nix(default)] if default else []
    return form("sel", [to_nix(child(node, "expression")), *attrpath(child(node, "attrpath")), *tail])


def has_attr(node: Node) -> str:
    """Map a `?`."""
    return form("has", [to_nix(child(node, "expression")), *attrpath(child(node, "attrpath"))])


def fields(head: str, *names: str) -> Callable[[Node], str]:
    """Map a node that is the sum of the expressions in its fields."""
    return lambda node: form(head, [to_nix(child(node, name)) for name in names])


def operation(head: str, *names: str) -> Callable[[Node], str]:
    """Map an operator and its operands."""
    return lambda node: form(
        f"{head} {text(child(node, 'operator'))}", [to_nix(child(node, name)) for name in names]
    )


def literal(head: str) -> Callable[[Node], str]:
    """Map a node that is its text."""
    return lambda node: f"({head} {text(node)})"


def attrset(head: str) -> Callable[[Node], str]:
    """Map a set of bindings."""
    return lambda node: form(head, bindings(node))


EXPRESSIONS: dict[str, Callable[[Node], str]] = {
    "apply_expression": fields("app", "function", "argument"),
    "assert_expression": fields("assert", "condition", "body"),
    "attrset_expression": attrset("set"),
    "binary_expression": operation("bin", "left", "right"),
    "float_expression": literal("float"),
    "function_expression": function,
    "has_attr_expression": has_attr,
    "hpath_expression": pieces("path"),
    "if_expression": fields("if", "condition", "consequence", "alternative"),
    "indented_string_expression": pieces("istr"),
    "integer_expression": literal("int"),
    "let_attrset_expression": attrset("letset"),
    "let_expression": lambda node: form("let", [*bindings(node), to_nix(child(node, "body"))]),
    "list_expression": lambda node: form(
        "list", [to_nix(each) for each in node.children_by_field_name("element")]
    ),
    "parenthesized_expression": fields("paren", "expression"),
    "path_expression": pieces("path"),
    "rec_attrset_expression": attrset("rec"),
    "select_expression": select,
    "spath_expression": literal("spath"),
    "string_expression": pieces("str"),
    "unary_expression": operation("un", "argument"),
    "uri_expression": literal("uri"),
    "variable_expression": lambda node: f"(var {text(child(node, 'name'))})",
    "with_expression": fields("with", "environment", "body"),
}
