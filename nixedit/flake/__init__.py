"""A flake in the words of its domain: inputs, outputs, and the NixOS systems that it defines."""

from nixedit.flake.flake import Flake
from nixedit.flake.inputs import Input, Inputs
from nixedit.flake.lock import Lock
from nixedit.flake.outputs import Outputs
from nixedit.flake.systems import NixosSystem

__all__ = ["Flake", "Input", "Inputs", "Lock", "NixosSystem", "Outputs"]
