"""What a name or a value means across the files of a flake, as far as that is known without Nix.

Public are the questions of `nixedit.resolve.questions`, here by name.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from nixedit.resolve.questions import Place, calls, came_from, imports, meaning, named, uses, values_of

__all__ = ["Place", "calls", "came_from", "imports", "meaning", "named", "uses", "values_of"]


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module 'nixedit.resolve' has no attribute {name!r}")
    from nixedit.resolve import questions

    return getattr(questions, name)
