"""What the built-in recipes write, for tests that evaluate it."""

from __future__ import annotations

from nixedit.migrate.recipe import load_recipe


def overlay(name: str = "llama-cpp", version: int | None = None) -> bytes:
    """The overlay of the llama-cpp recipe for an input of that name, as a version of the recipe writes it."""
    recipe = load_recipe("llama-cpp")
    (file,) = recipe.files
    content = recipe.file_content(file, name, version)
    assert content is not None
    return content
