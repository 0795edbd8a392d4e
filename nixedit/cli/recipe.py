"""`nixedit recipe`: which recipes there are, whether one is right, and one to begin with."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from nixedit.cli.arguments import command_parser
from nixedit.cli.console import is_coloured, paint_excerpt
from nixedit.errors import NixEditError
from nixedit.migrate.recipe import Recipe, load_recipe

_DESCRIPTION = """
    Recipes say what `nixedit migrate` does: the input, the overlays, the files and the variants.
    They are data (docs/recipes.md tells of the format), and cannot run anything.

      nixedit recipe list            the recipes that come with nixedit, and their variants
      nixedit recipe check RECIPE    what is wrong with a recipe, with the place of each error
      nixedit recipe new NAME        a folder NAME with a recipe to begin with
"""
_EXAMPLES = """
    examples:
      nixedit recipe list NAME                 one recipe, with every variant
      nixedit recipe new mine                  writes mine/recipe.toml and a template
      nixedit recipe check mine                a folder, or the recipe.toml itself
      nixedit migrate --recipe ./mine --diff   what it would do

    exit codes: 0 done, nothing wrong; 1 something wrong (check); 2 it could not be done
"""


def main(argv: list[str]) -> int:
    """Run `nixedit recipe` with these words; the exit code.

    Raises:
        NixEditError, OSError: it could not be done.
    """
    parser = command_parser("recipe", _DESCRIPTION, _EXAMPLES)
    commands = parser.add_subparsers(dest="command", required=True, metavar="list | check | new")
    listing = commands.add_parser("list", help="the recipes that come with nixedit")
    listing.add_argument("recipes", nargs="*", metavar="RECIPE", help="show these with all their variants")
    listing.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    checking = commands.add_parser("check", help="what is wrong with a recipe")
    checking.add_argument("recipes", nargs="+", metavar="RECIPE", help="a recipe.toml, its folder, or a name")
    checking.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    checking.add_argument("-q", "--quiet", action="store_true", help="print what is wrong and nothing else")
    making = commands.add_parser("new", help="a recipe to begin with")
    making.add_argument("folder", metavar="NAME", help="the new folder, called as the recipe shall be")
    arguments = parser.parse_args(argv)
    return {"list": _list, "check": _check, "new": _new}[arguments.command](arguments)


# -- list -----------------------------------------------------------------------------------------


def _list(arguments: Namespace) -> int:
    from nixedit.migrate.recipes.loading import built_in

    recipes = [load_recipe(name) for name in arguments.recipes or built_in()]
    if arguments.json:
        _print_json({"recipes": [_as_data(recipe) for recipe in recipes]})
        return 0
    for recipe in recipes:
        print(f"{recipe.name}: {recipe.summary}")
        print(f"  input: {recipe.input.url}")
        for line in _variants(recipe, whole=bool(arguments.recipes)):
            print(f"  {line}")
    return 0


def _variants(recipe: Recipe, *, whole: bool) -> list[str]:
    if not recipe.plain_variants:
        return []
    if whole:
        width = max(map(len, recipe.variants))
        return ["variants:", *(f"  {name:{width}}  {package}" for name, package in recipe.variants.items())]
    lines = [f"variants: {', '.join(recipe.plain_variants)}"]
    if recipe.cpus.variants:
        each = ", ".join(recipe.cpus.variants)
        example = f"{recipe.cpus.variants[0]}-{recipe.cpus.names[0]}"
        lines.append(f"{each}: also for one kind of CPU, as in {example}:")
        lines += [f"  {', '.join(recipe.cpus.also)}"] if recipe.cpus.also else []
        lines += [f"  {name}: {', '.join(found.has)}" for name, found in recipe.cpus.platforms.items()]
    return lines


def _as_data(recipe: Recipe) -> dict[str, Any]:
    return {
        "name": recipe.name,
        "version": recipe.version,
        "summary": recipe.summary,
        "input": recipe.input.url,
        "variants": recipe.variants,
    }


# -- check ----------------------------------------------------------------------------------------


def _check(arguments: Namespace) -> int:
    from nixedit.migrate.recipes.checking import check_recipe
    from nixedit.migrate.recipes.loading import file_of

    found: list[dict[str, Any]] = []
    wrong = 0
    for word in arguments.recipes:
        path = file_of(word)
        checked = check_recipe(path)
        wrong += len(checked.errors)
        found += [{"recipe": str(path), **_error_data(error)} for error in checked.errors]
        if not arguments.json:
            for error in checked.errors:
                rendered = error.render()
                print(paint_excerpt(rendered) if is_coloured(sys.stdout) else rendered)
            for note in () if arguments.quiet else checked.notes:
                print(f"{path}: note: {note}")
            if not arguments.quiet and not checked.errors:
                print(f"{path}: the recipe {checked.name} is right")
    if arguments.json:
        _print_json({"findings": found})
    return 1 if wrong else 0


def _error_data(error: NixEditError) -> dict[str, Any]:
    return {
        "path": error.path,
        "line": error.line,
        "column": error.column,
        "message": error.message,
        "hint": error.hint,
    }


# -- new ------------------------------------------------------------------------------------------


def _new(arguments: Namespace) -> int:
    from nixedit.migrate.recipes.skeleton import write_skeleton

    for path in write_skeleton(Path(arguments.folder)):
        print(f"{path} written")
    print(f"\nNext: say what it is in recipe.toml, then `nixedit recipe check {arguments.folder}`.")
    return 0


def _print_json(data: dict[str, Any]) -> None:
    import json

    print(json.dumps(data, indent=2))
