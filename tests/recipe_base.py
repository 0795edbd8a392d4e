"""A recipe with every part that there is, to be changed by tests."""

from __future__ import annotations

from pathlib import Path

RECIPE = """\
[recipe]
name = "mine"
version = 2
summary = "what it does"

[input]
name = "mine"
url = "github:owner/mine"
follows = ["nixpkgs"]

[[overlays]]
file = "overlays/mine.nix"

[[files]]
path = "overlays/mine.nix"
template = "overlay.nix"
placeholders = { input = "input", cpus = "cpus.x86_64" }

[[files.earlier]]
version = 1
template = "old.nix"
placeholders = { input = "input", cpus = "text:{ }" }

[variants]
default = "mine"
fast = "mine-fast"

[cpus]
variants = ["fast"]

[cpus.x86_64]
flags = ["AVX", "AVX2"]
has = { zen = ["AVX", "AVX2"], core = ["AVX"] }
"""
OVERLAY = """\
# From @input@.
{ inputs }:
final: prev:
let
  cpus = @cpus@;
in
{
  mine = inputs.@input@.packages.x86_64-linux.mine;
  mine-fast = prev.mine;
  mine-fast-zen = prev.mine;
  mine-fast-core = cpus.core;
}
"""


def write_recipe(folder: Path, recipe: str = RECIPE, overlay: str = OVERLAY) -> Path:
    """Write a recipe with its templates into a new folder; its recipe.toml."""
    folder.mkdir(parents=True)
    (folder / "recipe.toml").write_text(recipe)
    (folder / "overlay.nix").write_text(overlay)
    (folder / "old.nix").write_text(OVERLAY)
    return folder / "recipe.toml"
