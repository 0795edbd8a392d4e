"""Inputs declared and removed as a whole: in `inputs`, and in the formals of `outputs`."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct
from tree_sitter import Node

from nixedit.attrpath import is_identifier
from nixedit.containers import Formals
from nixedit.document import Document
from nixedit.errors import NixEditError, RefusedError
from nixedit.flake.inputs import Inputs
from nixedit.flake.lock import InputPath
from nixedit.flake.outputs import Outputs
from nixedit.grammar import F, K
from nixedit.syntax.nodes import attrs, field, static_name, static_path
from nixedit.syntax.scope import Scope
from nixedit.syntax.snapshot import span_of
from nixedit.text import Span


class Removed(Struct, frozen=True):
    """What went with an input.

    Attributes:
        names: the inputs that are gone, the one that was asked for first.
        uses: where the body of `outputs` names them (0-based bytes of the text before).
    """

    names: tuple[str, ...]
    uses: tuple[Span, ...]


def add_input(
    document: Document,
    name: str,
    url: str,
    follows: Mapping[str, str] | Mapping[InputPath, str] | None = None,
    *,
    flake: bool = True,
) -> None:
    """Declare an input, and name it in the formals of `outputs` where these are closed.

    Args:
        document: the flake's flake.nix.
        name: the input's attribute name.
        url: its flake reference.
        follows: which of its inputs follow which of this flake's.
        flake: False for a source that is no flake.

    Raises:
        AttrExistsError: there is one of that name.
        NotStaticError: `inputs` is computed.
        RefusedError: the formals are closed, and the name can be none.
    """
    formals = _formals(document)
    with document.together():
        if formals is not None and not formals.ellipsis and name not in formals.names:
            if not is_identifier(name):
                raise RefusedError(
                    f"`outputs` names its arguments, and `{name}` can be none of them",
                    path=document.path,
                    source=document.source,
                    span=formals.span,
                    hint="give the input another name, or let `outputs` take others: `...`",
                )
            formals.add(name)
        Inputs(document).add(name, url, follows, flake=flake)


def remove_input(document: Document, name: str) -> Removed:
    """Remove an input, what leads to it, and its formal in `outputs`.

    Args:
        document: the flake's flake.nix.
        name: the input's attribute name.

    Raises:
        KeyError: there is none of that name.
    """
    formals = _formals(document)
    with document.together():
        names = Inputs(document).remove(name)
        uses = _uses(document, names)
        for one in names:
            if formals is not None and one in formals.names:
                formals.remove(one)
    return Removed(names, uses)


def _formals(document: Document) -> Formals | None:
    """The formals of `outputs`; None where there are none, or they are not written in the file."""
    try:
        return Outputs(document).formals
    except NixEditError:
        return None


def _uses(document: Document, names: tuple[str, ...]) -> tuple[Span, ...]:
    """Where the body of `outputs` uses inputs, by their formals or selected from the whole argument."""
    try:
        outputs = Outputs(document)
    except NixEditError:
        return ()
    function, snapshot = outputs.function, document.snapshot
    scope = Scope.of(snapshot)
    found: list[Node] = []
    for name in (*names, outputs.universal):
        definition = None if name is None else scope.lookup(name, field(function, F.BODY))
        if definition is None or definition.scope != function:
            continue
        uses = scope.uses(definition)
        found += (
            uses if name in names else [use for use in uses if _selects(use, names, snapshot.source.data)]
        )
    return tuple(sorted(span_of(node) for node in found))


def _selects(use: Node, names: tuple[str, ...], data: bytes) -> bool:
    """Whether `inputs` is used as `inputs.x`, or as `inherit (inputs) x`, for one of the names x."""
    above = use.parent
    if above is None or above.child_by_field_id(F.EXPRESSION) != use:
        return False
    if above.kind_id == K.INHERIT_FROM:
        return any(static_name(attr, data) in names for attr in attrs(above))
    return above.kind_id == K.SELECT and static_path(field(above, F.ATTRPATH), data)[0] in names
