"""How a module gets `pkgs` as an argument: the function that NixOS calls has it, gets it, or is made."""

from __future__ import annotations

from tree_sitter import Node

from nixedit.edits import Edit, Expected
from nixedit.flake.written_modules import WrittenModule
from nixedit.grammar import F, K
from nixedit.layout.style import Style, style_of
from nixedit.operations import ops
from nixedit.syntax.nodes import field
from nixedit.syntax.scope import Definition, Scope
from nixedit.text import decode, encode

PKGS = "pkgs"


def is_package_set(module: WrittenModule, definition: Definition | None) -> bool:
    """Whether a name means the argument `pkgs` that the module system gives the module, or one around it."""
    return (
        definition is not None
        and definition.name == PKGS
        and definition.kind == "formal"
        and definition.scope is not None
        and module.is_called(definition.scope)
    )


def taker(module: WrittenModule, place: Node) -> Node | None:
    """What gets `pkgs` as an argument, so that a place of a module has it; None where nothing can.

    Args:
        module: the module.
        place: the list or set that is to name it.

    Returns:
        a function that the module system calls, or the module's set, which a function is put around.
    """
    found = _function(module) or _bare(module)
    if found is None:
        return None
    scope = Scope.of(module.origin.snapshot)
    known = scope.lookup(PKGS, place)
    if known is not None and known.scope is not None and _within(known.scope, found):
        return None  # another one would stand in front of it
    return None if scope.named(PKGS, found) else found


def with_pkgs(module: WrittenModule, node: Node) -> ops.Operation:
    """The operation that gives `pkgs` to what `taker` found."""
    snapshot = module.origin.snapshot
    style = style_of(snapshot)
    if node.kind_id != K.FUNCTION:
        gap = " " if style.formatter in ("alejandra", "nixfmt-classic") else decode(style.newline)
        before, after = encode(f"{_formals(style)}:{gap}"), b""
        if _is_element(node):
            before, after = encode(f"({_formals(style)}: "), b")"
        return ops.Surround(node, before, after, K.PARENTHESIZED if after else K.FUNCTION)
    formals = node.child_by_field_id(F.FORMALS)
    if formals is not None:
        return ops.AddFormal(formals, PKGS)
    return ops.Splice((_named(module, node, style),))


def _named(module: WrittenModule, function: Node, style: Style) -> Edit:
    """The edit that gives a function with a name for its argument, `_:` or `args:`, formals too."""
    snapshot = module.origin.snapshot
    universal = field(function, F.UNIVERSAL)
    formals = encode(_formals(style))
    expected = [Expected(K.FORMALS, 0, len(formals))]
    text = formals
    name = snapshot.text(universal)
    if Scope.of(snapshot).named(decode(name), function):
        sign = b" @ " if style.formatter == "alejandra" else b"@"
        at = len(formals) + sign.index(b"@")
        text = formals + sign + name
        expected += [Expected(K.AT, at, at + 1), Expected(K.IDENTIFIER, len(formals + sign), len(text))]
    return Edit(universal.start_byte, universal.end_byte, text, tuple(expected))


def _formals(style: Style) -> str:
    return "{pkgs, ...}" if style.tight_formals else "{ pkgs, ... }"


def _function(module: WrittenModule) -> Node | None:
    """The innermost function around a module's set that the module system calls."""
    if module.head is not None:
        return module.head
    node = module.origin.node.parent
    while node is not None:
        if node.kind_id == K.FUNCTION and module.is_called(node):
            return node
        node = node.parent
    return None


def _bare(module: WrittenModule) -> Node | None:
    """A module's set where a function may stand in its place: a file's, or one in a list."""
    node = module.origin.node
    if module.spread:
        return None
    if module.whole or _is_element(node):
        return node
    outer = node.parent
    while outer is not None and outer.kind_id == K.FUNCTION:
        outer = outer.parent
    return node if outer is not None and outer != node.parent and outer.parent is None else None


def _is_element(node: Node) -> bool:
    return node.parent is not None and node.parent.kind_id == K.LIST


def _within(inner: Node, outer: Node) -> bool:
    return outer.start_byte <= inner.start_byte and inner.end_byte <= outer.end_byte
