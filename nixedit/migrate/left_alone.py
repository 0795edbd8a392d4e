"""What of a flake's folder a migration leaves alone, and says so."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from nixedit.migrate.tree import Tree


def left_alone(tree: Tree, templates: Sequence[str], edited: Collection[str]) -> Iterator[str]:
    """Notes on folders and files that were not looked at.

    Args:
        tree: the flake's files.
        templates: the folders of its templates.
        edited: the files that are edited all the same.
    """
    nested = sorted(
        folder for folder in tree.nested if not any(name.startswith(f"{folder}/") for name in edited)
    )
    if nested:
        yield f"flakes within this one were left alone: {', '.join(nested)}"
    if templates:
        yield f"templates were left alone: {', '.join(templates)}"
    if tree.repositories:
        within = ", ".join(sorted(tree.repositories))
        yield f"repositories within this one (submodules) were left alone: {within}"
    for name in sorted(tree.outside):
        yield f"{name} leads out of the flake and was not looked at"
    for name in sorted(tree.binary):
        yield f"{name} is no text (encrypted?) and was not looked at"
    for name in sorted(tree.unreadable):
        yield f"{name} cannot be read and was not looked at"
