"""`Input`: what one input is, and where in flake.nix every piece of it stands."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from nixedit.attrpath import parse
from nixedit.containers import AttrSet
from nixedit.errors import NixEditError
from nixedit.handles import Node
from nixedit.syntax.layers import Layers, named
from nixedit.syntax.snapshot import Snapshot, span_of
from nixedit.text import Span

if TYPE_CHECKING:
    from nixedit.flake.lock import InputPath

ATTRIBUTES = ("type", "owner", "repo", "ref", "rev", "dir", "host", "narHash", "submodules", "path", "id")
_ALL = (*ATTRIBUTES, "url", "follows", "inputs", "flake")


class Input(Struct, frozen=True):
    """One input.

    Attributes:
        name: its attribute name, plain.
        url: its flake reference; None if it has none or it is computed.
        url_span: the expression of its url, also of a computed one (0-based bytes); None if it has none.
        attributes: an attribute-style reference (`type`, `owner`, `repo` …); empty if it has none.
        follows: what it follows as a whole, `dep/nixpkgs`, or None.
        overrides: what its own inputs follow, by their paths below it: `("nixpkgs",)`, `("a", "b")` for
            the input `b` of its input `a`; an empty target is an input that is left out.
        flake: False for a source that is no flake.
        line: the line of its first piece, 1-based.
        pieces: the bindings that it is written in, or the name in an `inherit`, in order (0-based bytes).
    """

    name: str
    url: str | None
    url_span: Span | None
    attributes: Mapping[str, str]
    follows: str | None
    overrides: Mapping[InputPath, str]
    flake: bool
    line: int
    pieces: tuple[Span, ...]


def read_input(snapshot: Snapshot, attrs: AttrSet, name: str) -> Input:
    """One input of a set of inputs that has it."""
    pieces = pieces_of(snapshot, attrs.layers, name)
    line = snapshot.source.position(pieces[0].start)[0]
    value = attrs[(name,)]
    if not isinstance(value, AttrSet):
        return Input(name, None, None, {}, None, {}, True, line, pieces)
    written = _written(value)
    url = _node(value, "url") if "url" in written else None
    return Input(
        name,
        None if url is None else _text(url),
        None if url is None else url.span,
        {key: text for key in ATTRIBUTES if key in written and (text := string(value, key)) is not None},
        string(value, "follows") if "follows" in written else None,
        dict(_overrides(value)) if "inputs" in written else {},
        "flake" not in written or _static(value, "flake") is not False,
        line,
        pieces,
    )


def pieces_of(snapshot: Snapshot, layers: Layers, name: str) -> tuple[Span, ...]:
    """The bindings, or inherited names, that begin with a name in a set, in order."""
    found = [entry for layer in layers for place in layer.places for entry in named(snapshot, place, name)]
    return tuple(sorted(span_of(entry.attr or entry.binding) for entry in found))


def override_path(path: InputPath) -> tuple[str, ...]:
    """The attribute path below `inputs` of what an input follows: `a.inputs.b.follows` for `("a", "b")`."""
    names = [path[0]]
    for name in path[1:]:
        names += ["inputs", name]
    return (*names, "follows")


def string(value: AttrSet, *path: str) -> str | None:
    """A string below a set, also one that is a url without quotes; None if it is none, or computed."""
    node = _node(value, *path)
    return None if node is None else _text(node)


def _text(node: Node) -> str | None:
    if node.kind == "uri_expression":
        return node.text
    try:
        found = node.to_python()
    except NixEditError:
        return None
    return found if isinstance(found, str) else None


def _written(value: AttrSet) -> Collection[object]:
    """The names in a set, to be asked before what is not there is looked up; all where a part is computed."""
    try:
        return set(value)
    except NixEditError:
        return _ALL


def _node(value: AttrSet, *path: str) -> Node | None:
    try:
        found = value.get(path)
    except NixEditError:
        return None
    return found if isinstance(found, Node) else None


def _static(value: AttrSet, *path: str) -> Any:
    try:
        found = value.get(path)
        return None if found is None else found.to_python()
    except NixEditError:
        return None


def _overrides(value: AttrSet, above: InputPath = ()) -> Iterator[tuple[InputPath, str]]:
    try:
        inner = value.get("inputs")
        if not isinstance(inner, AttrSet):
            return
        names = [parse(key)[0] for key in inner]
    except NixEditError:
        return
    for name in names:
        path = (*above, name)
        target = string(inner, name, "follows")
        if target is not None:
            yield path, target
        below = inner[(name,)]
        if isinstance(below, AttrSet):
            yield from _overrides(below, path)
