"""What a NixOS system has of its own: `extendModules`, which makes it anew with modules more.

Source: nixpkgs, nixos/lib/eval-config.nix and lib/modules.nix: the new modules come last, and new arguments
win over those that are there.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from nixedit.resolve.values import (
    Call,
    Later,
    ListValue,
    Native,
    Origin,
    Part,
    SetValue,
    Unknown,
    Value,
    list_of,
    more_of,
    now,
)

if TYPE_CHECKING:
    from nixedit.resolve.evaluate import Evaluator

_SYSTEM = "nixosSystem"
_EXTEND = "extendModules"


def of_system(evaluator: Evaluator, system: Call, name: str, origin: Origin) -> Value | None:
    """What a system has under a name, if it is a function that makes systems; None for anything else.

    Args:
        evaluator: merges sets.
        system: the call that makes the system.
        name: the name.
        origin: where it is selected.
    """
    if system.function.names[-1] != _SYSTEM or name != _EXTEND or len(system.arguments) != 1:
        return None
    return Native(origin, partial(_extended, evaluator, system, origin))


def _extended(evaluator: Evaluator, system: Call, origin: Origin, more: Later) -> Value:
    """The system with modules and arguments more; it is edited where the first one is made."""
    given, added = system.arguments[0].get(), more.get()
    if not isinstance(given, SetValue):
        return Unknown(origin, "a system is made anew that is given what is computed")
    attributes = {
        **given.attributes,
        "modules": Later(lambda: list_of(origin, (*_modules(given), *_modules(added)))),
        "specialArgs": Later(lambda: evaluator.merged(_arguments(given), _arguments(added), origin)),
    }
    argument = SetValue(given.origin, attributes, given.rest, given.computed, given.spread)
    return Call(system.origin, system.function, (now(argument),))


def _modules(given: Value) -> Sequence[Part]:
    found = given.get("modules") if isinstance(given, SetValue) else given
    if isinstance(found, ListValue):
        return found.parts
    return () if found is None else (more_of(found),)


def _arguments(given: Value) -> Value:
    found = given.get("specialArgs") if isinstance(given, SetValue) else Unknown(given.origin)
    return SetValue(None, {}) if found is None else found
