"""The folders that a flake offers as templates: what others start with, and none of its own code."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from nixedit.flake.systems import NixosSystem
from nixedit.migrate.reach import Reach
from nixedit.migrate.tree import Tree
from nixedit.resolve.fleet import Fleet
from nixedit.resolve.values import PathValue, SetValue, Value
from nixedit.text import Span


def leave_out_templates(tree: Tree, fleet: Fleet, systems: Sequence[NixosSystem]) -> list[str]:
    """Take the files of templates out of a flake's own.

    Source: Nix manual, "nix flake init": `templates.NAME.path`, and `defaultTemplate.path` of old.

    Args:
        tree: the flake's files; those that are in templates are none of them then.
        fleet: the evaluated flake.
        systems: its hosts; a folder that they read too is the flake's own.

    Returns:
        the folders that were left out.
    """
    paths = [path for path in _paths(fleet) if path.path not in (None, ".")]
    if not paths:
        return []
    offers: dict[str, list[Span]] = {}
    for path in paths:
        if path.origin is not None:
            offers.setdefault(path.origin.file, []).append(path.origin.span)
    reach = Reach(tree, systems, offers=offers)
    found = []
    for folder in sorted({tree.followed(path.path or "") or "" for path in paths} - {""}):
        inside = [name for name in tree.names if name.startswith(f"{folder}/")]
        if inside and not any(map(reach.is_read, inside)):
            tree.leave_out(folder)
            found.append(folder)
    return found


def _paths(fleet: Fleet) -> Iterator[PathValue]:
    outputs = fleet.outputs
    templates = _named(outputs, "templates")
    every = list(templates.attributes.values()) if isinstance(templates, SetValue) else []
    default = outputs.attributes.get("defaultTemplate") if isinstance(outputs, SetValue) else None
    for template in (*every, *([] if default is None else [default])):
        path = _named(template.get(), "path")
        if isinstance(path, PathValue):
            yield path


def _named(value: Value, name: str) -> Value | None:
    return value.get(name) if isinstance(value, SetValue) else None
