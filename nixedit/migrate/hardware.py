"""The rules of detection that a built-in recipe brings: its hardware.toml."""

from __future__ import annotations

from pathlib import Path

from nixedit.detect.rules import Rules, load_rules
from nixedit.migrate.recipe import Recipe

_BUILT_IN = Path(__file__).parent / "recipes"


def hardware_rules(recipe: Recipe) -> Rules | None:
    """What a recipe looks for in a fleet to propose variants; None where it proposes none.

    Raises:
        NixEditError: its file says what nobody understands.
    """
    path = _BUILT_IN / recipe.name / "hardware.toml"
    return load_rules(path) if path.is_file() else None
