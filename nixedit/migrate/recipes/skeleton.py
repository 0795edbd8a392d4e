"""A recipe to begin with: every part that there is, with a comment that tells what it is for."""

from __future__ import annotations

from pathlib import Path

from nixedit.attrpath import is_identifier
from nixedit.errors import NixEditError
from nixedit.files import Change, write_all
from nixedit.migrate.recipes.loading import FILE
from nixedit.migrate.recipes.template import Template

_FOLDER = Path(__file__).parent / "skeleton"


def write_skeleton(folder: Path) -> list[Path]:
    """Write a recipe that is called as its new folder is.

    Args:
        folder: the folder; it must not exist.

    Returns:
        the files.

    Raises:
        NixEditError: there is something of that name already, or it is no name for a package.
        OSError: it cannot be written.
    """
    if not is_identifier(folder.name):
        raise NixEditError(f"`{folder.name}` is no name for a package: letters, digits, `_` and `-`")
    if folder.exists() or folder.is_symlink():
        raise NixEditError("there is something of that name already", path=folder)
    # The template's own placeholder stays.
    values = {"name": folder.name, "input": "@input@"}
    files = {
        folder / name: Template((_FOLDER / f"{name}.in").read_bytes(), values).content("")
        for name in (FILE, "overlay.nix")
    }
    write_all([Change(str(path), None, content) for path, content in files.items()])
    return list(files)
