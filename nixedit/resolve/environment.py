"""The arguments of the functions that an expression stands in, and what was computed under them already."""

from __future__ import annotations

from tree_sitter import Node

from nixedit.resolve.later import Later


class Environment:
    """The arguments of one function and of those around it in the same file; the outermost is of no function.

    Args:
        function: the `function_expression`; None for the file itself.
        argument: what it was called with.
        outer: the environment that it was written in.

    Attributes:
        function: as given.
        given: the argument.
        outer: as given.
        values: the values of the expressions that stand in it, by their nodes' ids.
    """

    __slots__ = ("function", "given", "outer", "values")

    def __init__(
        self,
        function: Node | None = None,
        argument: Later | None = None,
        outer: Environment | None = None,
    ) -> None:
        self.function, self.given, self.outer = function, argument, outer
        self.values: dict[int, Later] = {}

    def inside(self, function: Node, argument: Later) -> Environment:
        """The environment of the body of a function that is written in this one."""
        return Environment(function, argument, self.around(function))

    def around(self, node: Node) -> Environment:
        """The part of it that a node can see: without the functions that the node does not stand in."""
        here = self
        while here.function is not None and not _contains(here.function, node):
            here = here.outer or Environment()
        return here

    def argument(self, function: Node) -> Later | None:
        """What a function was called with; None where that is not known."""
        here: Environment | None = self
        while here is not None:
            if here.function is not None and here.function.id == function.id:
                return here.given
            here = here.outer
        return None


def _contains(function: Node, node: Node) -> bool:
    """Whether a node stands in a function, not being the function."""
    return (
        function.start_byte <= node.start_byte
        and node.end_byte <= function.end_byte
        and function.id != node.id
    )
