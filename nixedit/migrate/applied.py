"""Which overlays a host applies already, found by evaluating its modules and all that they import."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence

from msgspec import Struct
from tree_sitter import Node

from nixedit.attrpath import parse
from nixedit.flake.definitions import Definition, definitions
from nixedit.flake.systems import NixosSystem
from nixedit.grammar import F, K
from nixedit.migrate.old_overlay import OldOverlay
from nixedit.migrate.package_sets import fixed_package_set
from nixedit.migrate.priorities import is_late
from nixedit.migrate.reach import is_foreign
from nixedit.migrate.recipe import Overlay, Recipe
from nixedit.migrate.recipe_names import Names
from nixedit.resolve.module_tree import Module
from nixedit.resolve.paths import path_of
from nixedit.resolve.properties import USUAL
from nixedit.resolve.values import (
    Call,
    External,
    FunctionValue,
    ListValue,
    Part,
    SetValue,
    Value,
)
from nixedit.syntax.calls import called
from nixedit.syntax.layers import core
from nixedit.syntax.nodes import elements, field
from nixedit.text import Span, decode

OVERLAYS = ("nixpkgs", "overlays")


class Applied(Struct, frozen=True, eq=False):
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
        return element_of(self.part, self.index)


def element_of(part: Part, index: int) -> Node | None:
    """The node of an element in the written list that it stands in; None where no list is written."""
    written = [] if part.origin is None else elements(part.origin.node)
    return written[index] if len(written) == len(part.elements) else None


class Setting(Struct, frozen=True, eq=False):
    """What one module of a host gives `nixpkgs.overlays`.

    Attributes:
        module: the module as it is named: a path, a set, a function.
        value: the value, as it is written: within `mkIf`, `mkForce` and their kin.
        around: what gives the set around it a priority of its own, `nixpkgs = mkForce { … }`, or None.
    """

    module: Value
    value: Value
    around: Definition | None = None


def settings(host: NixosSystem) -> Iterator[Setting]:
    """All that is known of a host's `nixpkgs.overlays`, or of the overlays of its fixed packages."""
    made = fixed_package_set(host)
    if made is not None or "pkgs" in host.special_args:
        if made is not None and made.overlays is not None:
            yield Setting(made.value, made.overlays)
        return
    yield from settings_of(host.configuration.modules)


def settings_of(modules: Iterable[Module]) -> Iterator[Setting]:
    """What some modules give `nixpkgs.overlays`."""
    for module in modules:
        for around in definitions(module, OVERLAYS[:1]):
            found = around.value.attributes.get(OVERLAYS[1]) if isinstance(around.value, SetValue) else None
            if found is not None:
                yield Setting(module.named, found.get(), None if around.priority == USUAL else around)


def can_be_last(host: NixosSystem) -> bool:
    """Whether overlays in the first module of a host are applied after all others.

    Source: nixpkgs, lib/modules.nix: definitions are merged from the last module to the first, `mkAfter` ones
    last.
    """
    return not any(is_late(setting.value) for setting in settings(host))


def overlays_at(host: NixosSystem, file: str, place: Span) -> bool:
    """Whether a place is in the code of an overlay that a host surely applies.

    Args:
        host: the host.
        file: the place's file, relative to the flake.
        place: the place.
    """
    values = (
        element.get()
        for setting in settings(host)
        for part in parts_of(setting.value)
        for element in part.elements
    )
    origins = (value.origin for value in values if isinstance(value, FunctionValue))
    return any(
        origin is not None and origin.file == file and origin.span.contains(place) for origin in origins
    )


def may_apply(
    host: NixosSystem, overlay: OldOverlay, file: str, place: Span, gone: Collection[tuple[str, int]]
) -> bool:
    """Whether a host may apply an overlay by a place that names it.

    Args:
        host: the host.
        overlay: the overlay.
        file: the file of the place.
        place: the place.
        gone: the elements of lists that are taken out: the file of each, and where it begins, a 0-based byte.
    """

    def is_gone(part: Part, index: int) -> bool:
        node = element_of(part, index)
        return node is not None and part.origin is not None and (part.origin.file, node.start_byte) in gone

    values: list[Value] = []
    for setting in settings(host):
        parts = parts_of(setting.value)
        if not parts and not isinstance(setting.value, ListValue):
            values.append(setting.value)
        if not all(part.bounded for part in parts):
            return True
        for part in parts:
            values += [
                element.get() for index, element in enumerate(part.elements) if not is_gone(part, index)
            ]
    return any(_may_be(value, overlay, file, place) for value in values)


def applies(given: Iterable[Setting], overlay: OldOverlay, but: Collection[tuple[str, Span]]) -> bool:
    """Whether an overlay is surely among some.

    Args:
        given: what `nixpkgs.overlays` is given.
        overlay: the overlay.
        but: places, each with its file, that are no matter: what a list has in which one of them stands.
    """
    return any(
        overlay.is_value(element.get())
        for setting in given
        for part in parts_of(setting.value)
        if part.origin is None
        or not any(part.origin.file == file and part.origin.span.contains(span) for file, span in but)
        for element in part.elements
    )


def has_overlay(host: NixosSystem, overlay: OldOverlay) -> bool:
    """Whether a host surely applies an overlay."""
    return applies(settings(host), overlay, ())


def _may_be(value: Value, overlay: OldOverlay, file: str, place: Span) -> bool:
    """Whether a value may be an overlay that a place names, or be made of it."""
    if is_foreign(value):
        return False
    origin = value.origin
    if not isinstance(value, FunctionValue) or origin is None or overlay.is_value(value):
        return True
    return origin.file == file and origin.span.contains(place)


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
            for part in parts_of(setting.value):
                for index, element in enumerate(part.elements):
                    overlay = self.identify(element.get()) or self._missing(part, index)
                    if overlay is not None:
                        found.append(Applied(overlay, part, index))
        return found

    def _missing(self, part: Part, index: int) -> Overlay | None:
        """The overlay whose file an element imports, though it is not there: it is written again."""
        node = element_of(part, index)
        if node is None or part.origin is None:
            return None
        snapshot, inner = part.origin.snapshot, core(node)
        while inner.kind_id == K.APPLY and core(field(inner, F.FUNCTION)).kind_id == K.APPLY:
            inner = core(field(inner, F.FUNCTION))
        if inner.kind_id != K.APPLY or called(snapshot, inner) != "import":
            return None
        path = path_of(part.origin.file, decode(snapshot.text(core(field(inner, F.ARGUMENT)))))
        files = (overlay for overlay in self.recipe.overlays if overlay.file is not None)
        return next((one for one in files if self.names.files[one.file or ""] == path), None)

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


def parts_of(value: Value) -> Sequence[Part]:
    """The pieces of a list of overlays, within `mkBefore` and its kin; none where it is no list."""
    while isinstance(value, Call) and value.arguments:
        value = value.arguments[-1].get()
    return value.parts if isinstance(value, ListValue) else ()
