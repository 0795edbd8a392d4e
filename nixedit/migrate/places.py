"""Where new files of a migration go: not where the flake takes every file for something of its own."""

from __future__ import annotations

import os
from collections.abc import Sequence

from nixedit.errors import NixEditError, RefusedError
from nixedit.flake.systems import NixosSystem
from nixedit.grammar import F
from nixedit.migrate.applied import settings
from nixedit.migrate.overlay_names import is_overlay
from nixedit.migrate.recipe import NewModule, Recipe
from nixedit.migrate.report import Report
from nixedit.migrate.tree import Tree
from nixedit.resolve.fleet import Fleet


class Places:
    """Chooses places.

    Args:
        tree: the flake's files.
        fleet: the evaluated flake.
        systems: its hosts.
        report: gets a note where another place is taken, and a refusal where there is none.
    """

    def __init__(self, tree: Tree, fleet: Fleet, systems: Sequence[NixosSystem], report: Report) -> None:
        self.tree, self.fleet, self.systems, self.report = tree, fleet, systems, report
        self.root = tree.workspace.root

    def of(self, path: str, otherwise: str) -> str:
        """Where a new file goes.

        Args:
            path: the usual place, relative to the flake.
            otherwise: the place where the folder of the usual one is imported as a whole.
        """
        folder = path.rpartition("/")[0]
        self.tree.workspace.name(path)  # a link in the flake must not lead a file out of it
        if (self.root / path).exists():
            return path
        usual = [] if self.tree.is_imported_as_whole(folder) else [path, _hidden(path)]
        free = next((one for one in (*usual[:1], otherwise, *usual[1:]) if not self._is_listed(one)), None)
        if free is None:
            self.report.refusals.append(
                RefusedError(
                    f"the flake imports whatever file it finds, a new {path} too",
                    path=str(self.root),
                    hint="say --overlay-file PATH with a name that it leaves out",
                )
            )
        elif (self.root / free).exists():
            pass  # from a run before
        elif free == otherwise:
            self.report.notes.append(f"`{folder}/` is imported as a whole, so the file goes to {otherwise}")
        elif free != path:
            self.report.notes.append(f"the flake would import a new {path} too, so the file is {free}")
        return free or path

    def first_of(self, new: NewModule, written: Sequence[str]) -> str:
        """Where a module stands that a run before wrote, or where a new one goes.

        Args:
            new: the module.
            written: the modules that the recipe wrote.
        """
        return self.tree.place(place_of(new.path, written) or self.of(new.path, new.otherwise))

    def chosen(self, path: str) -> str:
        """A place that a person chose for a new file, which is refused where the flake would import it too.

        Args:
            path: the place, relative to the flake.
        """
        if (self.root / path).exists():
            return path
        folder = self._nearest(path)
        for system in self.systems:
            _ = list(settings(system))  # what their overlays import is read now
        if self._is_listed(path):
            self.report.refusals.append(
                RefusedError(
                    "the flake imports whatever file it finds here, a new one too",
                    path=str(self.root / path),
                    hint="choose another place with --overlay-file PATH",
                )
            )
        elif folder and self.tree.is_imported_as_whole(folder) and not self._has_rule(folder):
            self.report.notes.append(f"`{folder}/` may be imported as a whole: see that {path} is left out")
        return path

    def _nearest(self, path: str) -> str:
        """The folder above a path that is there."""
        folder = os.path.dirname(path)
        while folder and not (self.root / folder).is_dir():
            folder = os.path.dirname(folder)
        return folder

    def _has_rule(self, folder: str) -> bool:
        """Whether it is known which files of a folder are imported."""
        rules = (above for above, _ in self.fleet.evaluator.files.selected)
        return any(above in (".", folder) or folder.startswith(f"{above}/") for above in rules)

    def _is_listed(self, path: str) -> bool:
        """Whether evaluation lists the folder that a new file, or its new folder, comes to stand in."""
        for system in self.systems:
            _ = system.configuration.modules  # what their modules import is read now
        if self.fleet.evaluator.files.selects(path):
            return True
        wanted, folder = os.path.dirname(path), self._nearest(path)
        listed = self.fleet.evaluator.files.listed
        if (folder or ".") not in listed:
            return False
        # A folder that is new itself is read only by what reads all folders there.
        below = [entry.name for entry in os.scandir(self.root / folder) if entry.is_dir()]
        inner = [os.path.join(folder, name) for name in below if not name.startswith(".")]
        return folder == wanted or (bool(inner) and all(name in listed for name in inner))


def _hidden(path: str) -> str:
    """The same place under a name that flakes leave out which import all of their files: `_name.nix`."""
    folder, slash, base = path.rpartition("/")
    return f"{folder}{slash}_{base}"


def written_before(tree: Tree, recipe: Recipe) -> tuple[list[str], list[str]]:
    """The files of a flake that a recipe wrote: its overlays, and the modules that apply them."""
    overlays: list[str] = []
    modules: list[str] = []
    for name in tree.containing(recipe.header):
        if recipe.wrote(tree.content(name)):
            root = tree.snapshot(name).root.child_by_field_id(F.EXPRESSION)
            (overlays if root is not None and is_overlay(root) else modules).append(name)
    return overlays, modules


def place_of(path: str, written: Sequence[str], *, only: bool = True) -> str | None:
    """Where a run before put a file; None where none did.

    Args:
        path: the usual place.
        written: the files of its kind that the recipe wrote.
        only: whether the recipe has one file of that kind, under whatever name.

    Raises:
        NixEditError: it may be several.
    """
    if path in written:
        return path
    base = path.rpartition("/")[2]
    found = [name for name in written if only or name.rpartition("/")[2] in (base, f"_{base}")]
    if len(found) > 1:
        raise NixEditError(f"the recipe wrote {' and '.join(found)}: one of them is to go", path=found[0])
    return found[0] if found else None
