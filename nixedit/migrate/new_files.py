"""The files that a recipe writes: new ones planned, those of earlier runs brought up to date."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from msgspec import Struct

from nixedit.errors import RefusedError
from nixedit.migrate.recipe import Recipe
from nixedit.migrate.recipe_names import Names
from nixedit.migrate.report import Report, Step
from nixedit.workspaces import Workspace


class _Wanted(Struct, frozen=True):
    """A file of the recipe: what it is for people, what it is for, where it goes, its content by version."""

    what: str
    why: str
    place: str
    content: Callable[[int], bytes | None]


def write_files(
    workspace: Workspace, recipe: Recipe, names: Names, report: Report, module: str | None
) -> None:
    """Plan a recipe's files.

    Args:
        workspace: gets the new files, and new contents of old ones.
        recipe: says what they are.
        names: says where they are, and what the input is called.
        report: gets the steps; a refusal where a file is somebody else's; notes about those that stay.
        module: the overlays as the lines of a list, for the module that applies them; None where it is
            not to be written.
    """
    wanted = [
        _Wanted(
            "overlay",
            "what the hosts' overlays import",
            names.files[file.path],
            partial(recipe.file_content, file, names.input),
        )
        for file in recipe.files
    ]
    if names.module is not None and module is not None:
        wanted.append(
            _Wanted(
                "module",
                "what each host names among its modules",
                names.module.place,
                partial(recipe.module_content, names.module.head, module),
            )
        )
    for file in wanted:
        _write(workspace, recipe, report, file)


def _write(workspace: Workspace, recipe: Recipe, report: Report, file: _Wanted) -> None:
    full = workspace.root / file.place
    if not full.exists():
        workspace.create(file.place, file.content(recipe.version) or b"")
        report.steps.append(Step(f"{file.what} written", file.place, why=file.why))
        return
    from nixedit.migrate.upgrade import upgrade  # nothing to do where the file is as it was written

    found = upgrade(recipe, file.place, full.read_bytes(), file.content)
    if found is None:
        report.refusals.append(
            RefusedError(
                "there is a file of this name already, and this tool did not write it",
                path=str(full),
                hint="choose another place with --overlay-file PATH",
            )
        )
    elif found.content is not None:
        workspace.replace(file.place, found.content)
        report.steps.append(Step(f"{file.what} {found.step}", file.place, why=file.why))
    elif found.note:
        report.notes.append(found.note)
