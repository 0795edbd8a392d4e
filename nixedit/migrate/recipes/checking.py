"""What a readable recipe may still have wrong: templates that are no Nix, packages that nobody defines."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct, field

from nixedit.attrpath import parse
from nixedit.diagnostics import diagnose
from nixedit.errors import NixEditError, did_you_mean
from nixedit.migrate.recipe import Recipe
from nixedit.migrate.recipes.loading import read_recipe
from nixedit.migrate.toml.reading import TomlFile
from nixedit.migrate.toml.schema import Problem
from nixedit.resolve.evaluate import Evaluator, Files
from nixedit.resolve.values import Later, Origin, SetValue, Unknown, Value, now
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import Source


class Checked(Struct, frozen=True):
    """What was found about a recipe.

    Attributes:
        name: the recipe's name; None where it cannot be read.
        errors: what is wrong.
        notes: what a person should know, and may be right.
    """

    name: str | None
    errors: tuple[NixEditError, ...]
    notes: tuple[str, ...] = field(default=())


def check_recipe(file: Path) -> Checked:
    """All that can be told of a recipe without Nix.

    Args:
        file: its recipe.toml, under whatever name.

    Raises:
        OSError: the file cannot be read.
    """
    read = read_recipe(file)
    if read.recipe is None:
        return Checked(None, read.errors)
    recipe = read.recipe
    contents = {item.path: recipe.file_content(item, recipe.input.name) or b"" for item in recipe.files}
    errors = [error for path, content in contents.items() for error in _faults(path, content)]
    errors += _earlier_faults(recipe)
    if errors:
        return Checked(recipe.name, tuple(errors))
    missing = list(_missing(recipe, contents))
    outputs = [item.output for item in recipe.overlays if item.output is not None]
    if outputs:
        sources = " or ".join(f"`{output}`" for output in outputs)
        notes = tuple(f"{found.message}: it must come from {sources}" for found in missing)
        return Checked(recipe.name, (), notes)
    toml = TomlFile.read(file)
    return Checked(recipe.name, tuple(toml.error(found) for found in missing))


def _faults(path: str, content: bytes) -> Iterator[NixEditError]:
    """What Nix would reject in a file as the recipe writes it."""
    source = Source(content)
    for found in diagnose(Snapshot.of(source)):
        yield NixEditError(
            f"as the recipe writes it: {found.message}",
            path=path,
            source=source,
            span=found.span,
            hint=found.hint,
        )


def _earlier_faults(recipe: Recipe) -> Iterator[NixEditError]:
    for item in recipe.files:
        for version in item.earlier:
            content = recipe.file_content(item, recipe.input.name, version) or b""
            for fault in _faults(item.path, content):
                fault.message = fault.message.replace("the recipe", f"version {version} of the recipe", 1)
                yield fault


def _missing(recipe: Recipe, contents: Mapping[str, bytes]) -> Iterator[Problem]:
    """The variants whose package no overlay file defines, where all names that they define are known."""
    defined: set[str] = set()
    for overlay in recipe.overlays:
        if overlay.file is None:
            continue
        names = overlay_names(contents[overlay.file])
        if names is None:
            return
        defined |= names
    for variant, package in recipe.variants.items() if defined else ():
        name = parse(package)[0]
        if name not in defined:
            message = f"no file of the recipe defines `{package}`, the package of `{variant}`"
            yield Problem(("variants", variant), message, did_you_mean(name, sorted(defined)))


def overlay_names(content: bytes) -> frozenset[str] | None:
    """The names that an overlay file defines, a function of `inputs`, `final` and `prev`.

    Returns:
        the names; None where some are known to nobody but Nix.
    """
    snapshot = Snapshot.of(Source(content))
    evaluator = Evaluator(
        Files(
            snapshot=lambda _: snapshot,
            kind=lambda _: "regular",
            listing=lambda _: None,
            read=lambda _: content,
            target=lambda name: name,
        )
    )
    value = evaluator.file("overlay.nix")
    for _ in ("inputs", "final", "prev"):
        if value.origin is None:
            return None
        value = _applied(evaluator, value, value.origin)
    if not isinstance(value, SetValue) or not value.complete:
        return None
    return frozenset(value.attributes)


def _applied(evaluator: Evaluator, function: Value, origin: Origin) -> Value:
    unknown: Later = now(Unknown(origin))
    return evaluator.apply(function, unknown, origin)
