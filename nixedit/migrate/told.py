"""Old overlays that a person names: `--remove PATH`, `--remove PATH:LINE`, `--remove PATH:NAME`."""

from __future__ import annotations

from difflib import get_close_matches

from msgspec.structs import replace

from nixedit.errors import NixEditError
from nixedit.migrate.other_overlays import written_ways
from nixedit.migrate.overlay_names import defined_names
from nixedit.migrate.recipe import Recipe
from nixedit.migrate.tree import Tree

_FLAKE = "flake.nix"
# How like another path one must be to be taken for a slip of the pen, where it may as well be gone.
_NEAR = 0.9


def with_told(recipe: Recipe, tree: Tree, named: list[str]) -> tuple[Recipe, list[str]]:
    """A recipe that removes what a person named, too, and notes on what is not there.

    Args:
        recipe: the recipe.
        tree: the flake's files.
        named: what was named, with paths relative to the flake.

    Raises:
        NixEditError: another name was meant, or it is none that could go.
    """
    removed, notes = [], []
    for name in named:
        file, colon, word = name.rpartition(":")
        is_file = not colon or name in tree.names
        path, rest = (name, "") if is_file else (file, f":{word}")
        path = tree.followed(path) or path
        removed.append(path + rest)
        there = _is_there(tree, path) if is_file else _is_written(recipe, tree, path, word)
        if not there:
            notes.append(f"--remove: {path}{rest} is not there, perhaps any more")
    return replace(recipe, removed=tuple(removed)), notes


def _is_there(tree: Tree, name: str) -> bool:
    path = tree.workspace.root / name
    _check_file(tree, name)
    if name in tree.names and (name == _FLAKE or not defined_names(tree.snapshot(name))):
        raise NixEditError("--remove: this is no overlay, and nothing but overlays goes", path=path)
    return name in tree.names


def _is_written(recipe: Recipe, tree: Tree, file: str, word: str) -> bool:
    """Whether an overlay in a file has a line or a name."""
    _check_file(tree, file)
    return any(old.file == file and old.is_called(word) for old in written_ways(recipe, tree))


def _check_file(tree: Tree, name: str) -> None:
    near = get_close_matches(name, tree.names, 1, _NEAR) if name not in tree.names else []
    if near:
        path = tree.workspace.root / name
        raise NixEditError(f"--remove: no file of the flake (did you mean `{near[0]}`?)", path=path)
