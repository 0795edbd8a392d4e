"""Where a key of a TOML file stands and where its value does: errors point there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache

import tree_sitter_toml
from msgspec import Struct
from tree_sitter import Language, Node, Parser

from nixedit.text import Span

Path = tuple[str | int, ...]

_TABLES = ("table", "table_array_element")
_KEYS = ("bare_key", "quoted_key", "dotted_key")


class Place(Struct, frozen=True):
    """One key, or one element of an array.

    Attributes:
        key: the key's span; of an element, the whole element's.
        value: the value's span; of a table with a header, the header's.
    """

    key: Span
    value: Span


def places_of(data: bytes) -> Mapping[Path, Place]:
    """The places of all keys and elements of a valid TOML file, by their paths: `("files", 0, "path")`.

    A table that several headers or dotted keys write has the place of the first.
    """
    found: dict[Path, Place] = {}
    counts: dict[Path, int] = {}
    root = Parser(_language()).parse(data).root_node
    for node in root.named_children:
        if node.type in _TABLES:
            key = next(child for child in node.named_children if child.type in _KEYS)
            prefix = _note_header(found, counts, node, key)
            for pair in node.named_children:
                if pair.type == "pair":
                    _note_pair(found, prefix, pair)
        elif node.type == "pair":
            _note_pair(found, (), node)
    return found


@cache
def _language() -> Language:
    return Language(tree_sitter_toml.language())


def _note_header(found: dict[Path, Place], counts: dict[Path, int], table: Node, key: Node) -> Path:
    """The path of a `[table]` or of the next element of a `[[table]]`, noted with its parents."""
    names = list(_names(key))
    path: Path = ()
    for index, name in enumerate(names):
        path = (*path, name)
        found.setdefault(path, Place(_span(key), _span(key)))
        is_last = index == len(names) - 1
        if table.type == "table_array_element" and is_last:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:  # a name of a list of tables means its last element so far
            path = (*path, counts[path])
            found.setdefault(path, Place(_span(key), _span(key)))
    return path


def _note_pair(found: dict[Path, Place], prefix: Path, pair: Node) -> None:
    key, value = (child for child in pair.named_children if child.type != "comment")
    path = prefix
    for name in _names(key):
        path = (*path, name)
        found.setdefault(path, Place(_span(key), _span(value)))
    _note_value(found, path, value)


def _note_value(found: dict[Path, Place], path: Path, value: Node) -> None:
    inner = [child for child in value.named_children if child.type != "comment"]
    if value.type == "inline_table":
        for pair in inner:
            _note_pair(found, path, pair)
    elif value.type == "array":
        for index, element in enumerate(inner):
            found[*path, index] = Place(_span(element), _span(element))
            _note_value(found, (*path, index), element)


def _names(key: Node) -> Iterator[str]:
    if key.type == "dotted_key":
        for child in key.named_children:
            yield from _names(child)
    elif key.type == "quoted_key":
        import tomllib

        yield next(iter(tomllib.loads(f"{_text(key)} = 0")))
    else:
        yield _text(key)


def _text(node: Node) -> str:
    return (node.text or b"").decode()


def _span(node: Node) -> Span:
    return Span(node.start_byte, node.end_byte)
