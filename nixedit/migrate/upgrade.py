"""What becomes of a file that a recipe wrote before: brought up to date, merged, or left alone."""

from __future__ import annotations

import re
from collections.abc import Callable

from msgspec import Struct

from nixedit.diagnostics import diagnose
from nixedit.git import merge
from nixedit.migrate.recipe import Recipe
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import Source


class Upgrade(Struct, frozen=True):
    """What becomes of a file.

    Attributes:
        content: its new content; None where it stays as it is.
        step: what is done, in a few words; empty where nothing is.
        note: what a person should know about a file that stays; empty where it is as it should be.
    """

    content: bytes | None = None
    step: str = ""
    note: str = ""


def upgrade(
    recipe: Recipe, place: str, found: bytes, content: Callable[[int], bytes | None]
) -> Upgrade | None:
    """What becomes of a file that stands where the recipe writes one.

    A file as its version of the recipe wrote it is replaced. One that was changed since is merged: what the
    recipe changed from that version to this one, and what the person changed.

    Args:
        recipe: the recipe.
        place: the file, relative to the flake; for the notes.
        found: its content.
        content: what a version of the recipe writes there; None where nothing is known of that version.

    Returns:
        what becomes of it; None if the recipe did not write it.
    """
    newline = Source(found).newline
    wanted = _with_newline(content(recipe.version), newline)
    if found == wanted:
        return Upgrade()
    if not recipe.wrote(found):
        return None
    version = _version(recipe, found)
    own = f"{place} has changes of your own and stays as it is"
    if version is None or version == recipe.version or wanted is None:
        return Upgrade(note=own)
    if version > recipe.version:
        return Upgrade(note=f"{place} was written by a newer version of this recipe and stays as it is")
    base = _with_newline(content(version), newline)
    if base is None:
        return Upgrade(note=f"{own}; nothing is known of version {version} of the recipe")
    if found == base:
        return Upgrade(wanted, f"brought from version {version} to {recipe.version}")
    merged = merge(found, base, wanted)
    if merged is None or diagnose(Snapshot.of(Source(merged))):
        return Upgrade(note=f"{own}: they cannot be merged with version {recipe.version}; {_advice(place)}")
    return Upgrade(merged, f"version {recipe.version} merged with changes of your own")


def _version(recipe: Recipe, content: bytes) -> int | None:
    match = re.match(re.escape(recipe.header) + rb"([1-9]\d{0,8})\.\r?\n", content)
    return None if match is None else int(match[1])


def _with_newline(content: bytes | None, newline: bytes) -> bytes | None:
    """A content of the recipe with the line ends of a file in the fleet."""
    return None if content is None else content.replace(b"\n", newline)


def _advice(place: str) -> str:
    return f"to get it, move {place} away, run this again, and carry your changes over"
