"""Which overlays of a flake are old: by the recipe's names, by a person's word, or by what they say."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property

from nixedit.migrate.old_overlay import Key, OldOverlay
from nixedit.migrate.other_overlays import is_old_way, is_sure, written_ways
from nixedit.migrate.recipe import Recipe
from nixedit.migrate.tree import Tree
from nixedit.text import Span


def legacy_files(recipe: Recipe, tree: Tree) -> list[str]:
    """The old overlays that are files: the recipe's paths, others of the same name, those a person named."""
    return [name for name in tree.names if recipe.removes(name)]


class OldOverlays:
    """The old overlays of a flake.

    Args:
        tree: its files.
        recipe: says what is old.
        staying: those that were found to stay, which are overlays like others then.
    """

    def __init__(self, tree: Tree, recipe: Recipe, staying: Collection[Key] = ()) -> None:
        self.tree, self.recipe, self.staying = tree, recipe, staying

    @cached_property
    def all(self) -> list[OldOverlay]:
        """All of them: files, then what is written in files of other things."""
        files = legacy_files(self.recipe, self.tree)
        return [*(OldOverlay(file, self.tree.snapshot(file)) for file in files), *self.linked, *self.written]

    @cached_property
    def linked(self) -> list[OldOverlay]:
        """Those that have the name of one by a link only."""
        _ = self.tree.names  # links are found where files are
        found = []
        for link in sorted(filter(self.recipe.removes, self.tree.links)):
            file = self.tree.followed(link)
            if file in self.tree.names and not self.recipe.removes(file):
                snapshot = self.tree.snapshot(file)
                is_apart = not is_old_way(self.recipe, snapshot) or self.tree.is_named(file, link)
                found.append(OldOverlay(file, snapshot, link=link, is_apart=is_apart))
        return found

    @cached_property
    def written(self) -> list[OldOverlay]:
        """Those without a file of their own."""
        return [
            old
            for old in written_ways(self.recipe, self.tree)
            if old.key not in self.staying and (self._is_told(old) or is_sure(self.recipe, old))
        ]

    @property
    def names(self) -> set[str]:
        """The packages that they define."""
        return {name for old in self.all for name in old.names}

    def is_sure(self, old: OldOverlay) -> bool:
        """Whether one is old by its content alone: it goes only if nothing at all speaks against it."""
        return old.node is not None and not self._is_told(old)

    def has(self, file: str, place: Span) -> bool:
        """Whether a place is in one that no file is by its own name, and that is nothing else."""
        return any(old.has(file, place) for old in (*self.written, *self.linked) if not old.is_apart)

    def _is_told(self, old: OldOverlay) -> bool:
        """Whether a person named it, by its line or by what it is bound to."""
        told = (name.rpartition(":") for name in self.recipe.removed)
        return any(file == old.file and old.is_called(word) for file, _, word in told)
