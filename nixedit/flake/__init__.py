"""A flake in the words of its domain: inputs, outputs, and the NixOS systems that it defines."""

from typing import TYPE_CHECKING, Any

from nixedit.flake.flake import Flake
from nixedit.flake.inputs import Input, Inputs
from nixedit.flake.outputs import Outputs
from nixedit.flake.systems import NixosSystem

if TYPE_CHECKING:
    from nixedit.flake.lock import Lock

__all__ = ["Flake", "Input", "Inputs", "Lock", "NixosSystem", "Outputs"]


def __getattr__(name: str) -> Any:
    """`Lock` is imported when it is asked for."""
    if name != "Lock":
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from nixedit.flake.lock import Lock

    return Lock
