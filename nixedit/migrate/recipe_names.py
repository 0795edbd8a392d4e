"""What a recipe's things are called in a fleet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from msgspec import Struct

from nixedit.attrpath import escape
from nixedit.migrate.names import InputsName
from nixedit.migrate.recipe import Overlay
from nixedit.migrate.tree import relative

if TYPE_CHECKING:
    from nixedit.migrate.shared_module import SharedModule


class Names(Struct, frozen=True):
    """What the recipe's things are called in this fleet.

    Attributes:
        input: the input's name.
        files: where each file of the recipe stands, by the path that the recipe gives it.
        module: the module that applies the overlays; None where each host applies them.
    """

    input: str
    files: dict[str, str]
    module: SharedModule | None = None

    def code(self, overlay: Overlay, inputs: InputsName, file: str | None, *, tight: bool = False) -> str:
        """The code of an overlay, as an element of a list.

        Args:
            overlay: the overlay.
            inputs: how the flake's inputs are called there.
            file: the file that it is for, relative to the flake; None for any file of the flake.
            tight: whether sets have no space within their braces.
        """
        if overlay.output is not None:
            return inputs.select(self.input, overlay.output)
        place = self.files[overlay.file or ""]
        path = f'"${{{inputs.code}.self}}/{escape(place)}"' if file is None else relative(file, place)
        return f"(import {path} {inputs.as_argument(tight)})"
