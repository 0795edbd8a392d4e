"""The module that applies the overlays where a person wants one: what it takes, and how a host names it."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from nixedit.flake.systems import NixosSystem
from nixedit.grammar import F, K
from nixedit.layout.code import Code, expr
from nixedit.migrate.names import InputsName
from nixedit.migrate.tree import Tree, relative
from nixedit.resolve.values import InputsValue
from nixedit.syntax.layers import core
from nixedit.syntax.nodes import field, formals
from nixedit.text import decode

# What a new one takes: so it is a module by itself, and can be called with the inputs alone.
OPEN = "{ inputs, ... }"
_CLOSED = "{ inputs }"


class SharedModule(Struct, frozen=True):
    """The module.

    Attributes:
        place: its file, relative to the flake.
        is_module: whether it is a module by its path, which takes all that modules are given.
        others: what it takes beside the inputs, and must be given: a person wrote that.
    """

    place: str
    is_module: bool = True
    others: tuple[str, ...] = ()

    @classmethod
    def of(cls, tree: Tree, place: str) -> SharedModule:
        """The one that stands at a place, or will.

        Args:
            tree: the flake's files.
            place: its file, relative to the flake.
        """
        root = tree.snapshot(place).root if place in tree.names else None
        written = None if root is None else root.child_by_field_id(F.EXPRESSION)
        head = None if written is None else core(written).child_by_field_id(F.FORMALS)
        if root is None or head is None:
            return cls(place)
        data = tree.snapshot(place)
        required = [each for each in formals(head) if each.child_by_field_id(F.DEFAULT) is None]
        others = {decode(data.text(field(each, F.NAME))) for each in required} - {"inputs"}
        is_open = any(child.kind_id == K.ELLIPSES for child in head.children)
        return cls(place, is_open, tuple(sorted(others)))

    @property
    def head(self) -> str:
        """The formals that the recipe writes for one that takes as much."""
        return OPEN if self.is_module else _CLOSED

    def is_given(self, hosts: Sequence[NixosSystem]) -> bool:
        """Whether it stands among the modules of some hosts by its path alone.

        That is so where the calls visibly give modules the flake's inputs as `inputs`.

        Args:
            hosts: the hosts.
        """
        given = [host.special_args.get("inputs") for host in hosts]
        return self.is_module and all(
            value is not None and isinstance(value.get(), InputsValue) for value in given
        )

    def path(self, file: str) -> Code:
        """What names it in a file of the flake."""
        return expr(relative(file, self.place))

    def called(self, file: str, name: InputsName, tight: bool) -> Code:
        """What calls it with the inputs in a file of the flake."""
        return expr(f"(import {relative(file, self.place)} {name.as_argument(tight)})")
