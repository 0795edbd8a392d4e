"""The inputs of a flake, in every spelling, as a mapping; and a new one in the style of its neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attrs import frozen

from nixedit.attrpath import escape, join, quote
from nixedit.containers import AttrSet
from nixedit.document import Document
from nixedit.errors import AttrExistsError, MissingAttrError, NixEditError, NotStaticError
from nixedit.handles import Node
from nixedit.layout.code import expr
from nixedit.layout.sorted_regions import Region, next_in, region_of
from nixedit.layout.style import Style, style_of
from nixedit.text import Span, decode

_ATTRIBUTES = ("type", "owner", "repo", "ref", "rev", "dir", "host", "narHash", "submodules", "path", "id")


@frozen
class Input:
    """One input.

    Attributes:
        name: its attribute name.
        url: its flake reference; None if it has none or it is computed.
        attributes: an attribute-style reference (`type`, `owner`, `repo` …); empty if it has none.
        follows: what it follows as a whole, `dep/nixpkgs`, or None.
        overrides: what its own inputs follow, by their names.
        flake: False for a source that is no flake.
        line: the line of its first piece, 1-based.
    """

    name: str
    url: str | None
    attributes: Mapping[str, str]
    follows: str | None
    overrides: Mapping[str, str]
    flake: bool
    line: int


class Inputs(Mapping[str, Input]):
    """The `inputs` of a flake. Names are plain, quoted only where they are written."""

    def __init__(self, document: Document) -> None:
        self._document = document

    @property
    def attrs(self) -> AttrSet | None:
        """The set of inputs, however it is spelled; None where the flake has none.

        Raises:
            NotStaticError: it is computed.
        """
        root = self._document.attrs
        if "inputs" not in root:
            return None
        found = root["inputs"]
        if isinstance(found, AttrSet):
            _ = found.pieces
            return found
        raise NotStaticError(
            "`inputs` is a computed value here, and Nix wants it written out",
            path=self._document.path,
            source=self._document.source,
            span=found.span if isinstance(found, Node) else Span(0, 0),
            hint="edit what it is computed from",
        )

    def __iter__(self) -> Iterator[str]:
        attrs = self.attrs
        if attrs is None:
            return
        for key in attrs:
            yield _plain(key)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __getitem__(self, name: str) -> Input:
        """One input.

        Raises:
            KeyError: there is none of that name.
            NotStaticError: `inputs` is computed.
        """
        attrs = self.attrs
        if attrs is None or (name,) not in attrs:
            raise MissingAttrError(f"no input `{name}`", path=self._document.path)
        value = attrs[(name,)]
        if not isinstance(value, AttrSet):
            return Input(name, None, {}, None, {}, True, value.line)
        attributes = {key: text for key in _ATTRIBUTES if (text := _string(value, key)) is not None}
        return Input(
            name,
            _string(value, "url"),
            attributes,
            _string(value, "follows"),
            _overrides(value),
            _static(value, "flake") is not False,
            value.pieces[0].line,
        )

    def span(self, name: str) -> Span:
        """Where the first piece of an input stands.

        Raises:
            KeyError: there is none of that name.
        """
        attrs = self.attrs
        if attrs is None or (name,) not in attrs:
            raise MissingAttrError(f"no input `{name}`", path=self._document.path)
        value = attrs[(name,)]
        return value.pieces[0].span if isinstance(value, AttrSet) else value.span

    def add(
        self, name: str, url: str, follows: Mapping[str, str] | None = None, *, flake: bool = True
    ) -> None:
        """Declare an input behind the last one, in the spelling that most of them have.

        Args:
            name: its attribute name.
            url: its flake reference.
            follows: which of its inputs follow which of this flake's.
            flake: False for a source that is no flake.

        Raises:
            AttrExistsError: there is one of that name.
            NotStaticError: `inputs` is computed.
        """
        attrs = self.attrs
        if attrs is not None and (name,) in attrs:
            raise AttrExistsError(f"there is an input `{name}` already", path=self._document.path)
        settings: dict[tuple[str, ...], Any] = {("url",): url}
        for inner, target in (follows or {}).items():
            settings[("inputs", inner, "follows")] = target
        if not flake:
            settings[("flake",)] = False
        if attrs is None:
            self._add_block(name, settings)
            return
        region = self._sorted_region(attrs)
        lines_alone = region is not None and not region.blocks
        if len(settings) > 1 and not lines_alone and self._prefers_sets(attrs):
            one_line = self._sets_are_on_one_line(attrs)
            text = _as_set(settings, style_of(self._document.snapshot), one_line=one_line)
            before = self._next_sorted(region, f"{quote(name)} = ")
            attrs.set((name,), expr(text), before=before, apart=False)
            return
        before = self._next_sorted(region, f"{quote(name)}.")
        for path in sorted(settings) if lines_alone else settings:
            attrs.set((name, *path), settings[path], before=before, apart=False)

    def _sorted_region(self, attrs: AttrSet) -> Region | None:
        """The lines that keep the inputs sorted, if a new one goes among them."""
        source = self._document.snapshot.source
        region = region_of(source, max((self.span(name).start for name in self), default=-1))
        if region is not None and (not region.plain or len(attrs.pieces) > 1):
            raise NixEditError(
                "the inputs are kept sorted here, by rules that are not known",
                path=self._document.path,
                source=source,
                span=region.span,
                hint="add the input by hand at its place, then run this again",
            )
        return region

    def _next_sorted(self, region: Region | None, text: str) -> str | None:
        """The input that a new one goes in front of where they are kept sorted; None for the end."""
        if region is None:
            return None
        source = self._document.snapshot.source
        every = sorted((self.span(name).start, name) for name in self)
        return next_in(
            region, text, [(name, at, source.line(source.position(at)[0]).strip()) for at, name in every]
        )

    def _prefers_sets(self, attrs: AttrSet) -> bool:
        """Whether entries with a set of their own are at least as many as flat ones with several bindings."""
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
            return attrs.pieces[0].kind != "binding"
        return sets >= flat

    def _sets_are_on_one_line(self, attrs: AttrSet) -> bool:
        """Whether the sets of the inputs, those with more than a url, are written on one line each."""
        pieces = [
            value.pieces[0]
            for name in list(attrs)
            if isinstance(value := attrs[name], AttrSet) and len(value) > 1 and len(value.pieces) == 1
        ]
        return bool(pieces) and all(piece.kind != "binding" and "\n" not in piece.text for piece in pieces)

    def _add_block(self, name: str, settings: Mapping[tuple[str, ...], Any]) -> None:
        style = style_of(self._document.snapshot)
        inner = _as_set(settings, style)
        body = inner.replace("\n", "\n" + decode(style.unit))
        block = f"{{\n{decode(style.unit)}{quote(name)} = {body};\n}}"
        self._document.attrs.set(("inputs",), expr(block), before="outputs")


def _as_set(settings: Mapping[tuple[str, ...], Any], style: Style, *, one_line: bool = False) -> str:
    lines = []
    for path, value in settings.items():
        text = f'"{escape(value)}"' if isinstance(value, str) else str(value).lower()
        lines.append(f"{join(path)}{decode(style.equals)}{text};")
    if one_line:
        blank = "" if style.tight_set else " "
        return f"{{{blank}{decode(style.binding_gap).join(lines)}{blank}}}"
    unit = decode(style.unit)
    return "{\n" + "".join(f"{unit}{line}\n" for line in lines) + "}"


def _plain(key: str) -> str:
    from nixedit.attrpath import parse

    return parse(key)[0]


def _static(value: AttrSet, *path: str) -> Any:
    try:
        found = value.get(path)
        return None if found is None else found.to_python()
    except NixEditError:
        return None


def _string(value: AttrSet, *path: str) -> str | None:
    found = _static(value, *path)
    return found if isinstance(found, str) else _url_literal(value, path)


def _url_literal(value: AttrSet, path: tuple[str, ...]) -> str | None:
    try:
        node = value.get(path)
    except NixEditError:
        return None
    return node.text if isinstance(node, Node) and node.kind == "uri_expression" else None


def _overrides(value: AttrSet) -> dict[str, str]:
    if ("inputs",) not in value:
        return {}
    inner = value["inputs"]
    if not isinstance(inner, AttrSet):
        return {}
    names = [_plain(key) for key in inner]
    return {name: text for name in names if (text := _string(inner, name, "follows")) is not None}
