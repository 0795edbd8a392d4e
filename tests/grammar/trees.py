"""Walks trees without recursion: files may nest deeper than Python's or C's stack."""

from collections.abc import Iterator

from tree_sitter import Language, Node, Parser, Tree, TreeCursor

from nixedit import _nix

LANGUAGE = Language(_nix.language())

# type, is named, start, end, field, depth
Row = tuple[str, bool, int, int, str | None, int]


def parse(source: bytes, old: Tree | None = None) -> Tree:
    """Parse with our grammar."""
    parser = Parser(LANGUAGE)
    return parser.parse(source) if old is None else parser.parse(source, old)


def _step(cursor: TreeCursor) -> bool:
    """Move to the next node in preorder; False at the end."""
    if cursor.goto_first_child() or cursor.goto_next_sibling():
        return True
    while cursor.goto_parent():
        if cursor.goto_next_sibling():
            return True
    return False


def preorder(tree: Tree) -> Iterator[Row]:
    """Yield every node of the tree, anonymous ones too."""
    cursor = tree.walk()
    while True:
        node = cursor.node
        assert node is not None
        yield node.type, node.is_named, node.start_byte, node.end_byte, cursor.field_name, cursor.depth
        if not _step(cursor):
            return


def leaves(tree: Tree) -> Iterator[Node]:
    """Yield the nodes without children, in order."""
    cursor = tree.walk()
    while True:
        node = cursor.node
        assert node is not None
        if node.child_count == 0:
            yield node
        if not _step(cursor):
            return


def first_error(tree: Tree) -> str | None:
    """Return where and what the first error node is; None for a tree without errors."""
    if not tree.root_node.has_error:
        return None
    cursor = tree.walk()
    while True:
        node = cursor.node
        assert node is not None
        if node.is_error or node.is_missing:
            return f"{node.type} at {node.start_byte}..{node.end_byte}"
        if not _step(cursor):
            return "has_error without an error node"


def sexp(tree: Tree) -> str:
    """Return the tree as tree-sitter's corpus files have it: named nodes, with fields, indented."""
    lines: list[str] = []
    last_depth = -1
    stack = [(tree.root_node, "", 0)]
    while stack:
        node, label, depth = stack.pop()
        if lines:
            lines[-1] += ")" * (last_depth - depth + 1)
        lines.append(f"{'  ' * depth}{label}({node.type}")
        last_depth = depth
        children = list(enumerate(node.children))
        for index, child in reversed(children):
            if child.is_named:
                field = node.field_name_for_child(index)
                stack.append((child, f"{field}: " if field else "", depth + 1))
    return "\n".join(lines) + ")" * (last_depth + 1)
