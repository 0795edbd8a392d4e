"""Modules and all that they import, with what is known of whether they are imported."""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from nixedit.resolve.properties import is_property
from nixedit.resolve.values import (
    Call,
    External,
    Later,
    ListValue,
    Part,
    PathValue,
    SetValue,
    Unknown,
    Value,
    more_of,
    now,
)

if TYPE_CHECKING:
    from nixedit.resolve.fleet import Fleet

# More is a cycle of modules that are no files.
_MOST = 5_000


class Module(Struct, frozen=True, eq=False):
    """A module as a host has it, or flake-parts, or a user's home.

    Attributes:
        named: the module as it is named: a path, a set, a function.
        value: what it sets.
        sure: whether it is surely imported; it may not be where a condition that is not known decides.
    """

    named: Value
    value: Value
    sure: bool

    @property
    def is_foreign(self) -> bool:
        """Whether an input or Nix brings it."""
        named = self.named
        return isinstance(named, External) or (isinstance(named, PathValue) and named.path is None)

    @property
    def is_unknown(self) -> bool:
        """Whether it is the fleet's own and nothing is known of what it sets."""
        value = self.value
        known = isinstance(value, SetValue) or (isinstance(value, Call) and is_property(value))
        return not known and not self.is_foreign


def modules_of(fleet: Fleet, parts: Sequence[Part], given: Mapping[str, Later]) -> list[Module]:
    """The modules that some modules and their imports are, without those that are disabled.

    A part of `imports` that is not known is a module that is not known.

    Source: NixOS manual, "Replace Modules": a disabled module is none, and imports nothing.

    Args:
        fleet: the flake.
        parts: the first modules, as `NixosSystem.module_parts` has them.
        given: the arguments of modules.
    """
    found = list(walk(fleet, parts, given))
    disabled, perhaps = _disabled(found)
    if not disabled and not perhaps:
        return found
    left = walk(fleet, parts, given, disabled)
    return [replace(one, sure=one.sure and _path(one.named) not in perhaps) for one in left]


def walk(
    fleet: Fleet, parts: Sequence[Part], given: Mapping[str, Later], disabled: Collection[str] = ()
) -> Iterator[Module]:
    """Some modules and all that they import: those that are surely there before those that may be.

    Each is read when it is asked for.

    Args:
        fleet: the flake.
        parts: the first modules, in the pieces of a list.
        given: the arguments of modules.
        disabled: the files, relative to the flake, that are left out.
    """
    sure, perhaps = deque(_elements(parts)), deque[tuple[Value, bool]]()
    seen: set[str] = set()
    for _ in range(_MOST):
        if not sure and not perhaps:
            return
        is_sure = bool(sure)
        value, listed = (sure or perhaps).popleft()
        if is_sure and not listed:
            perhaps.append((value, listed))
            continue
        path = _path(value)
        if path is not None:
            if path in seen or path in disabled:
                continue
            seen.add(path)
        module = Module(value, fleet.module(value, given), is_sure)
        yield module
        (sure if is_sure else perhaps).extend(_imports(module.value))
    yield Module(more := Unknown(None, "there are too many modules"), more, sure=False)


def _imports(module: Value) -> Iterator[tuple[Value, bool]]:
    found = module.get("imports") if isinstance(module, SetValue) else None
    if isinstance(found, ListValue):
        yield from _elements(found.parts)
    elif found is not None:
        yield from _elements([more_of(found)])


def _elements(parts: Sequence[Part]) -> Iterator[tuple[Value, bool]]:
    """The elements of a list's pieces, and whether they are surely there."""
    for part in parts:
        if not part.known and not (part.elements and part.bounded):
            yield Unknown(part.origin, "what is imported here is computed", part.bounded), True
        for element in part.elements:
            yield element.get(), part.known


def _path(value: Value) -> str | None:
    return value.path if isinstance(value, PathValue) else None


def _disabled(modules: Sequence[Module]) -> tuple[set[str], set[str]]:
    """The files that modules disable, and those that they may disable."""
    surely: set[str] = set()
    perhaps: set[str] = set()
    for module in modules:
        found = module.value.get("disabledModules") if isinstance(module.value, SetValue) else None
        if isinstance(found, ListValue):
            for value, listed in _elements(found.parts):
                if (path := _path(value)) is not None:
                    (surely if listed and module.sure else perhaps).add(path)
    return surely, perhaps - surely


def part_of(modules: Sequence[Value]) -> Part:
    """Modules that are known, as a piece of a list."""
    return Part([now(module) for module in modules], None)
