"""What one module gives an option: taken out of `mkIf`, `mkMerge` and priorities, with what is not known.

Source: NixOS manual, "Option Definitions".
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct
from msgspec.structs import replace

from nixedit.flake.places import Written, binding, written_of
from nixedit.grammar import K
from nixedit.resolve.module_tree import Module
from nixedit.resolve.properties import CONDITIONAL, MERGING, ORDERED, PRIORITIES, USUAL, is_property
from nixedit.resolve.values import (
    Call,
    FunctionValue,
    Later,
    ListValue,
    Literal,
    Native,
    Origin,
    PathValue,
    SetValue,
    Unknown,
    Value,
    now,
)
from nixedit.text import decode

# What is copied as a whole: within a string blanks are its own.
_WHOLE = (K.STRING, K.INDENTED_STRING, K.PATH)


class Definition(Struct, frozen=True, eq=False):
    """What a module gives an option.

    Attributes:
        module: the module.
        value: the value itself.
        place: where it is written, as near as that is known.
        priority: its priority, the lowest of which wins; None where that is not known.
        guards: the conditions of `mkIf` around it, the outermost first, before anybody asked for them.
        conditions: those of them that are not known.
        is_vague: whether the module may as well give the option nothing.
    """

    module: Module
    value: Value
    place: Origin | None
    priority: int | None = USUAL
    guards: tuple[Later, ...] = ()
    conditions: tuple[Value, ...] = ()
    is_vague: bool = False

    @property
    def sure(self) -> bool:
        """Whether the host has it, if nothing overrides it."""
        unsure = self.guards or self.conditions or self.is_vague or self.priority is None
        return self.module.sure and not unsure

    def decided(self) -> Definition | None:
        """The same with its conditions asked for; None where one of them is false."""
        unknown = []
        for guard in self.guards:
            condition = guard.get()
            known = condition.value if isinstance(condition, Literal) else None
            if known is False:
                return None
            if known is not True:
                unknown.append(condition)
        return replace(self, guards=(), conditions=tuple(unknown))


def definitions(module: Module, path: tuple[str, ...]) -> Iterator[Definition]:
    """What a module gives the option at a path, whatever the conditions around it are.

    They are not asked for: they may depend on the very option.
    """
    config = _config(module.value, path[0])
    if config is not None:
        place = module.value.origin or module.named.origin
        yield from _at(Definition(module, config, place), path, settled=False)


def inside(found: Definition, path: tuple[str, ...]) -> Iterator[Definition]:
    """What stands at a path within the value of an option that is a set: priorities do not count there."""
    yield from _at(replace(found, priority=USUAL), path, settled=True)


def _config(module: Value, name: str) -> Value | None:
    """The part of a module that gives options values: its `config`, or all of it."""
    if not isinstance(module, SetValue):
        return module if isinstance(module, Call) and is_property(module) else None
    structured = (module.has("config"), module.has("options"))
    if True in structured:
        return module.get("config")
    if None in structured and name not in module.attributes:
        return Unknown(module.origin, "what the module sets is computed")
    return module


def _at(
    found: Definition, path: tuple[str, ...], within: Written | None = None, *, settled: bool
) -> Iterator[Definition]:
    """What stands at a path of a definition.

    Args:
        found: the definition.
        path: what is left of the path.
        within: the sets that spell its value, where it has no expression of its own.
        settled: whether a priority was given around it: the outermost one counts.
    """
    value = found.value
    if isinstance(value, Call) and is_property(value):
        yield from _property(found, value, path, settled=settled)
    elif not path:
        yield found
    elif isinstance(value, SetValue):
        inner = value.attributes.get(path[0])
        if inner is not None:
            place, below = binding(written_of(value, within), path[0])
            here = replace(found, value=inner.get(), place=place or found.place)
            yield from _at(here, path[1:], below, settled=settled)
        elif not value.complete:
            rest = value.get(path[0]) or Unknown(value.origin)
            yield replace(found, value=rest, place=rest.origin or found.place, is_vague=True)
    elif not isinstance(value, Literal | ListValue | FunctionValue | Native | PathValue):
        yield replace(found, is_vague=True)


def _property(
    found: Definition, value: Call, path: tuple[str, ...], *, settled: bool
) -> Iterator[Definition]:
    name = value.function.names[-1]
    inner = replace(found, value=value.arguments[-1].get())
    if name == CONDITIONAL:
        inner = replace(inner, guards=(*found.guards, value.arguments[0]))
    elif name == MERGING:
        yield from _merged(inner, path, settled=settled)
        return
    elif name not in ORDERED and not settled:
        priority = PRIORITIES.get(name)
        if name == "mkOverride":
            number = value.arguments[0].get()
            priority = number.value if isinstance(number, Literal) and type(number.value) is int else None
        inner, settled = replace(inner, priority=priority), True
    yield from _at(inner, path, settled=settled)


def _merged(found: Definition, path: tuple[str, ...], *, settled: bool) -> Iterator[Definition]:
    listed = found.value
    if not isinstance(listed, ListValue):
        yield replace(found, value=Unknown(listed.origin), is_vague=True)
        return
    for part in listed.parts:
        unsure = () if part.known else (now(Unknown(part.origin, "it depends on a condition")),)
        for element in part.elements:
            inner = replace(found, value=element.get(), guards=(*found.guards, *unsure))
            yield from _at(inner, path, settled=settled)
        if not part.known and not part.elements:
            yield replace(found, value=Unknown(part.origin), is_vague=True)


def code_of(place: Origin | None) -> str:
    """The code at a place on one line, its comments left out; empty for none."""
    if place is None:
        return ""
    pieces, stack = [], [place.node]
    while stack:
        node = stack.pop()
        if node.kind_id in _WHOLE or not node.children:
            if node.kind_id != K.COMMENT:
                pieces.append((node.start_byte, node.end_byte))
        else:
            stack.extend(reversed(node.children))
    text, end = "", None
    for start, stop in pieces:
        between = "" if end is None or start == end else " "
        text += between + decode(place.snapshot.source.data[start:stop])
        end = stop
    return " ".join(text.split())
