"""Another reference for an input, in the spelling that the old one has: a url, or attributes."""

from __future__ import annotations

from nixedit.attrpath import escape
from nixedit.document import Document
from nixedit.errors import RefusedError
from nixedit.flake.inputs.model import Input
from nixedit.flake.inputs.pins import forget
from nixedit.flake.inputs.places import content_of, entry_at, url_of
from nixedit.flake.source import attributes_of
from nixedit.grammar import K
from nixedit.layout.code import expr
from nixedit.operations import ops
from nixedit.text import decode

# What names a source, of all kinds; how it is fetched (`submodules`, `shallow` …) stays while its type does.
_PLACE = ("type", "id", "owner", "repo", "host", "url", "path", "ref", "rev", "dir", "narHash")
_FETCHING = ("submodules", "shallow", "allRefs", "lfs", "exportIgnore")


def change_url(document: Document, name: str, url: str) -> bool:
    """Write another url between the quotes of the old one; whether that changed anything.

    Raises:
        NotStaticError: the url is computed.
    """
    entry, value = url_of(document, name)
    old = decode(document.source.slice(content_of(value)))
    if old == url:
        return False
    forget(document, entry, name)
    plain = not any(danger in url for danger in ("''", "${", "\n"))
    text = f"''{url}''" if value.kind_id == K.INDENTED_STRING and plain else f'"{escape(url)}"'
    document.record(ops.SetAttr(document.attrs.layers, ("inputs", name, "url"), expr(text)))
    return True


def change_attributes(document: Document, found: Input, url: str) -> bool:
    """Change an attribute-style reference attribute by attribute; whether that changed anything.

    Raises:
        RefusedError: the new reference cannot be written as attributes.
        NotStaticError: one of the attributes that must change is computed.
    """
    name = found.name
    wanted = attributes_of(url, flake=found.flake)
    if wanted is None:
        raise RefusedError(
            f"`{name}` is written as attributes, and {url} cannot be",
            path=document.path,
            source=document.source,
            span=found.pieces[0],
            hint="replace them by a url by hand",
        )
    layers = document.attrs.layers
    changed = False
    old = _PLACE if wanted["type"] == found.attributes["type"] else (*_PLACE, *_FETCHING)
    for key in dict.fromkeys((*old, *wanted)):
        entry = entry_at(document, ("inputs", name, key))
        if key in wanted and found.attributes.get(key, found.url if key == "url" else None) != wanted[key]:
            document.record(ops.SetAttr(layers, ("inputs", name, key), wanted[key]))
            changed = True
        elif key not in wanted and entry is not None:
            document.record(ops.DeleteAttr(layers, ("inputs", name, key), floor=2))
            changed = True
    return changed
