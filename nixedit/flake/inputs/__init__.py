"""The inputs of a flake: read in every spelling, edited by hand, in the style of their neighbours."""

from nixedit.flake.inputs.mapping import Inputs
from nixedit.flake.inputs.model import Input

__all__ = ["Input", "Inputs"]
