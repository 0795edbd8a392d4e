"""Files that another program writes, or another repository has: an edit would be gone, or not seen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING

from nixedit.attrpath import quote
from nixedit.document import Document
from nixedit.errors import RefusedError
from nixedit.flake.frameworks import FLAKE_FILE
from nixedit.flake.generated import generated_header
from nixedit.layout.code import expr
from nixedit.layout.style import style_of
from nixedit.migrate.tree import Tree
from nixedit.operations import ops
from nixedit.resolve.fleet import Fleet
from nixedit.text import decode

if TYPE_CHECKING:
    from nixedit.flake.slots import Written


def refusals_of(edited: Iterable[Document], known: Document | None) -> Iterator[RefusedError]:
    """Why generated files are not edited.

    Args:
        edited: the documents that would be edited.
        known: one whose source is edited too, or None.
    """
    for document in edited:
        span = generated_header(document.snapshot)
        if span is not None and document is not known:
            yield RefusedError(
                "this file is generated, and would have to be edited",
                path=document.path,
                source=document.source,
                span=span,
                hint="make the change where it is generated from (an input: declare it there), "
                "then run this again",
            )


def refusals_within(tree: Tree, edited: Iterable[Document]) -> Iterator[RefusedError]:
    """Why files of repositories within the flake's own are not edited.

    Args:
        tree: the flake's files, which know those repositories.
        edited: the documents that would be edited.
    """
    places = {str(tree.workspace.root / name): name for name in tree.repositories}
    for document in edited:
        for place, name in places.items():
            if str(document.path).startswith(f"{place}/"):
                yield RefusedError(
                    f"this file would have to be edited, and `{name}` is a repository of its own",
                    path=document.path,
                    hint="leave the hosts out that it is for, or make the change there by hand",
                )


def source_of_inputs(fleet: Fleet, head: bytes, followed: str) -> Written | None:
    """The module that flake.nix gets its inputs from, where flake-file writes it and that is written here.

    Args:
        fleet: the evaluated flake.
        head: the comment that says that flake.nix is generated.
        followed: an input that is there; the module that declares it is the best one.
    """
    if FLAKE_FILE.name.encode() not in head:
        return None
    from nixedit.flake.slots import find_slot

    found = find_slot(fleet, FLAKE_FILE, followed)
    return None if found is None or found.present is None else found


def declared(found: Written, name: str, url: str, follows: Sequence[str], target: str) -> ops.Operation:
    """What declares an input in such a module."""
    unit = decode(style_of(found.origin.snapshot).unit)
    lines = [f'url = "{url}";', *(f'inputs.{quote(inner)}.follows = "{target}";' for inner in follows)]
    code = expr("{\n" + "".join(f"{unit}{line}\n" for line in lines) + "}")
    return ops.SetAttr(found.layers, (*found.slot.path, name), code)
