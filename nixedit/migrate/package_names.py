"""What a name of `with` is taken from, where it is a package's."""

from __future__ import annotations

from tree_sitter import Node

from nixedit.grammar import K
from nixedit.syntax.nodes import unwrapped
from nixedit.syntax.scope import Definition, Scope

# They have functions, and no packages.
_LIBRARIES = ("lib", "builtins")


def nearest_set(scope: Scope, definition: Definition) -> Node | None:
    """The innermost set of `with` that may have a package, seen through parentheses; None if there is none.

    Args:
        scope: the file's names.
        definition: what binds the name, one or more `with`.
    """
    sets = (unwrapped(environment) for environment in definition.environments)
    return next(
        (node for node in sets if node.kind_id != K.VARIABLE or scope.name(node) not in _LIBRARIES), None
    )
