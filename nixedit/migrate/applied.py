"""Which overlays a host applies already, found by evaluating its modules and all that they import."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from attrs import frozen
from tree_sitter import Node

from nixedit.attrpath import parse
from nixedit.flake.systems import NixosSystem
from nixedit.migrate.package_sets import fixed_package_set
from nixedit.migrate.priorities import WRAPPING
from nixedit.migrate.recipe import Overlay, Recipe
from nixedit.resolve.values import (
    Call,
    External,
    FunctionValue,
    ListValue,
    Part,
    SetValue,
    Value,
)
from nixedit.syntax.nodes import elements

OVERLAYS = ("nixpkgs", "overlays")


@frozen
class Names:
    """What the recipe's things are called in this fleet.

    Attributes:
        input: the input's name.
        files: where each file of the recipe stands, by the path that the recipe gives it.
        module: where the module stands that applies the overlays; None where each host applies them.
    """

    input: str
    files: dict[str, str]
    module: str | None = None


@frozen(eq=False)
class Applied:
    """One of the recipe's overlays where a host applies it.

    Attributes:
        overlay: the overlay.
        part: the piece of a list that it stands in.
        index: its place there.
    """

    overlay: Overlay
    part: Part
    index: int

    @property
    def element(self) -> Node | None:
        """The element's node in its written list; None where no list is written."""
        if self.part.origin is None:
            return None
        written = elements(self.part.origin.node)
        return written[self.index] if len(written) == len(self.part.elements) else None


@frozen(eq=False)
class Setting:
    """What one module of a host gives `nixpkgs.overlays`.

    Attributes:
        module: the module as it is named: a path, a set, a function.
        value: the value.
    """

    module: Value
    value: Value


def settings(host: NixosSystem) -> Iterator[Setting]:
    """All that is known of a host's `nixpkgs.overlays`, or of the overlays of its fixed packages."""
    if "pkgs" in host.special_args:
        made = fixed_package_set(host)
        if made is not None and made.overlays is not None:
            yield Setting(made.value, made.overlays)
        return
    for module in host.configuration.modules:
        for value in option_values(module.value, OVERLAYS):
            yield Setting(module.named, value)


def option_values(module: Value, path: tuple[str, ...]) -> Iterator[Value]:
    """What a module sets an option to, itself, under `config`, and within `mkIf` and its kin."""
    if isinstance(module, Call) and module.function.names[-1] in WRAPPING and module.arguments:
        inner = module.arguments[-1].get()
        for item in inner.elements() if isinstance(inner, ListValue) else (inner,):
            yield from option_values(item, path)
        return
    if not isinstance(module, SetValue):
        return
    if not path:
        yield module
        return
    found = module.attributes.get(path[0])
    if found is not None:
        value = found.get()
        if len(path) == 1:
            yield value
        else:
            yield from option_values(value, path[1:])
    config = module.attributes.get("config") if path == OVERLAYS else None
    if config is not None:
        yield from option_values(config.get(), path)


class Finder:
    """Recognizes a recipe's overlays.

    Args:
        recipe: the recipe.
        names: what its things are called here.
    """

    def __init__(self, recipe: Recipe, names: Names) -> None:
        self.recipe, self.names = recipe, names

    def of(self, host: NixosSystem) -> list[Applied]:
        """The recipe's overlays that a host applies."""
        found = []
        for setting in settings(host):
            for part in _parts(setting.value):
                for index, element in enumerate(part.elements):
                    overlay = self.identify(element.get())
                    if overlay is not None:
                        found.append(Applied(overlay, part, index))
        return found

    def identify(self, value: Value) -> Overlay | None:
        """Which of the recipe's overlays a value is, or None."""
        for overlay in self.recipe.overlays:
            if overlay.output is not None and isinstance(value, External):
                if value.names == (self.names.input, *parse(overlay.output)):
                    return overlay
            elif overlay.file is not None and isinstance(value, FunctionValue):
                place = self.names.files[overlay.file]
                if value.origin is not None and value.origin.file == place:
                    return overlay
        return None


def _parts(value: Value) -> Sequence[Part]:
    while isinstance(value, Call) and value.arguments:
        value = value.arguments[-1].get()
    return value.parts if isinstance(value, ListValue) else ()
