"""How a new input is written: in a set or dotted, on one line or several, as most of its neighbours are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from nixedit.attrpath import escape, join, quote
from nixedit.containers import AttrSet
from nixedit.document import Document
from nixedit.errors import RefusedError
from nixedit.flake.inputs.model import override_path
from nixedit.layout.code import expr
from nixedit.layout.sorted_regions import Region, region_of
from nixedit.layout.style import Style, style_of
from nixedit.operations import ops
from nixedit.text import decode

if TYPE_CHECKING:
    from nixedit.flake.lock import InputPath

Settings = Mapping[tuple[str, ...], Any]


def settings_of(url: str, follows: Mapping[str, str] | Mapping[InputPath, str], flake: bool) -> Settings:
    """What a new input is made of, by the paths within it, in the order that people write them."""
    settings: dict[tuple[str, ...], Any] = {("url",): url}
    for inner, target in follows.items():
        path: InputPath = (inner,) if isinstance(inner, str) else inner
        settings[("inputs", *override_path(path))] = target
    if not flake:
        settings[("flake",)] = False
    return settings


def declare(document: Document, attrs: AttrSet | None, name: str, settings: Settings) -> None:
    """Write a new input behind the last one; in a block above `outputs` where there is none.

    Raises:
        RefusedError: the inputs are kept sorted by rules that are not known.
    """
    if attrs is None:
        _add_block(document, name, settings)
        return
    region = _sorted_region(document, attrs)
    lines_alone = region is not None and not region.blocks
    if len(settings) > 1 and not lines_alone and _prefers_sets(attrs):
        style = style_of(document.snapshot)
        text = _as_set(settings, style, one_line=_sets_on_one_line(attrs, style))
        settings = {(): expr(text)}
    for path, value in settings.items():
        names = ("inputs", name, *path)
        operation = ops.SetAttr(document.attrs.layers, names, value, dotted=True, stays_on_line=True)
        document.record(operation)


def _sorted_region(document: Document, attrs: AttrSet) -> Region | None:
    """The lines that keep the inputs sorted, if a new one goes among them."""
    starts = [value.pieces[0].span.start for value in attrs.values() if isinstance(value, AttrSet)]
    blocks = [piece.span for piece in attrs.pieces if piece.kind != "binding"]
    inside = ([at for at in starts if block.start <= at < block.end] for block in blocks)
    region = region_of(document.source, max(next(filter(None, inside), starts), default=-1))
    if region is not None and not region.plain:
        raise RefusedError(
            "the inputs are kept sorted here, by rules that are not known",
            path=document.path,
            source=document.source,
            span=region.span,
            hint="add the input by hand at its place",
        )
    return region


def _prefers_sets(attrs: AttrSet) -> bool:
    """Whether entries with a set of their own are at least as many as flat ones with several bindings.

    Where there are neither, inputs that are all written flat have another one beside them.
    """
    sets = flat = 0
    for name in list(attrs):
        value = attrs[name]
        if not isinstance(value, AttrSet):
            continue
        pieces = value.pieces
        if any(piece.kind != "binding" for piece in pieces):
            sets += 1
        elif len(pieces) > 1 or not sets:
            flat += len(pieces) > 1
    if not sets and not flat:
        return not len(attrs)
    return sets >= flat


def _sets_on_one_line(attrs: AttrSet, style: Style) -> bool:
    """Whether the sets of the inputs, those with more than a url, are written on one line each.

    Where there are none, what they all stand in counts, in a layout by hand.
    """
    pieces = [
        value.pieces[0]
        for name in list(attrs)
        if isinstance(value := attrs[name], AttrSet) and len(value) > 1 and len(value.pieces) == 1
    ]
    if not pieces:
        return not style.formatter and all("\n" not in piece.text for piece in attrs.pieces)
    return all(piece.kind != "binding" and "\n" not in piece.text for piece in pieces)


def _add_block(document: Document, name: str, settings: Settings) -> None:
    style = style_of(document.snapshot)
    unit = decode(style.unit)
    one_line = not style.formatter and all("\n" not in piece.text for piece in document.attrs.pieces)
    if len(settings) == 1:
        ((path, value),) = settings.items()
        binding = _binding((name, *path), value, style)
    else:
        binding = f"{quote(name)}{decode(style.equals)}{_as_set(settings, style, one_line=one_line)};"
    if one_line:
        blank = "" if style.tight_set else " "
        document.attrs.set(("inputs",), expr(f"{{{blank}{binding}{blank}}}"), before="outputs")
        return
    lines = binding.replace("\n", "\n" + unit)
    document.attrs.set(("inputs",), expr(f"{{\n{unit}{lines}\n}}"), before="outputs")


def _binding(path: tuple[str, ...], value: Any, style: Style) -> str:
    text = f'"{escape(value)}"' if isinstance(value, str) else str(value).lower()
    return f"{join(path)}{decode(style.equals)}{text};"


def _as_set(settings: Settings, style: Style, *, one_line: bool = False) -> str:
    lines = [_binding(path, value, style) for path, value in settings.items()]
    if one_line:
        blank = "" if style.tight_set else " "
        return f"{{{blank}{decode(style.binding_gap).join(lines)}{blank}}}"
    unit = decode(style.unit)
    return "{\n" + "".join(f"{unit}{line}\n" for line in lines) + "}"
