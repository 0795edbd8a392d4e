"""What of a flake's folder a migration leaves alone, and says so."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence

from nixedit.migrate.tree import Tree

# As many names a person reads in one note.
_SHOWN = 3


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
    yield from _unread(tree.outside, "leads out of the flake and was", "lead out of the flake and were")
    yield from _unread(tree.binary, "is no text (encrypted?) and was", "are no text (encrypted?) and were")
    yield from _unread(tree.unreadable, "cannot be read and was", "cannot be read and were")


def _unread(names: Collection[str], of_one: str, of_many: str) -> Iterator[str]:
    """A note on files that were not looked at: of many, some by name."""
    ordered = sorted(set(names))
    if len(ordered) == 1:
        yield f"{ordered[0]} {of_one} not looked at"
    elif ordered:
        shown = ordered[: _SHOWN if len(ordered) > _SHOWN + 1 else None]
        rest = f" and {len(ordered) - len(shown)} more" if len(ordered) > len(shown) else ""
        yield f"{', '.join(shown)}{rest} {of_many} not looked at"
