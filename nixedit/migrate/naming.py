"""Decides what the recipe's things are called in a fleet, and where its files go."""

from __future__ import annotations

from collections.abc import Sequence

from nixedit.errors import NixEditError
from nixedit.flake.systems import NixosSystem
from nixedit.migrate.new_input import InputPlanner
from nixedit.migrate.options import Options
from nixedit.migrate.places import Places, place_of, written_before
from nixedit.migrate.recipe import Recipe
from nixedit.migrate.recipe_names import Names
from nixedit.migrate.tree import Tree


def names_in(
    planner: InputPlanner, tree: Tree, systems: Sequence[NixosSystem], options: Options
) -> tuple[Names, bool]:
    """What the recipe's things are called in a fleet, and where its files go.

    Args:
        planner: knows the input's name; its report gets what is to be said of the places.
        tree: the fleet's files.
        systems: its hosts.
        options: what a person chose.

    Returns:
        the names, and whether the input may have its own: another one may be called so.

    Raises:
        NixEditError: the file cannot go where a person wants it.
    """
    recipe = planner.recipe
    places = Places(tree, planner.fleet, systems, planner.report)
    overlays, modules = written_before(tree, recipe)
    files = _files(recipe, tree, places, overlays, options)
    module = None
    if options.layout == "module" and systems:
        from nixedit.migrate.shared_module import SharedModule

        module = SharedModule.of(tree, places.first_of(recipe.module, modules))
    name = planner.name()
    return Names(name or recipe.input.name, files, module), name is not None


def _files(
    recipe: Recipe, tree: Tree, places: Places, overlays: Sequence[str], options: Options
) -> dict[str, str]:
    """Where each of the recipe's files stands, by the path that the recipe gives it."""
    given = options.overlay_file
    if given is not None and len(recipe.files) != 1:
        count = len(recipe.files) or "none"
        raise NixEditError(f"--overlay-file: the recipe {recipe.name} writes not one file, but {count}")
    files: dict[str, str] = {}
    for file in recipe.files:
        wanted = None if given is None else tree.place(tree.workspace.name(given))
        known = place_of(file.path, overlays, only=len(recipe.files) == 1)
        if wanted is not None and known not in (None, wanted):
            full = tree.workspace.root / str(known)
            raise NixEditError("--overlay-file: the recipe's overlay stands here already", path=full)
        usual = known or (places.chosen(wanted) if wanted else places.of(file.path, file.otherwise))
        files[file.path] = tree.place(usual)
    return files
