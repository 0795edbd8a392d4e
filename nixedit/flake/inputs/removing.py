"""What goes with an input, and which comments above it stay: those that head a group."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from nixedit.flake.inputs.model import Input
from nixedit.flake.lock import InputPath
from nixedit.syntax.layers import Layers, named
from nixedit.syntax.snapshot import Snapshot
from nixedit.syntax.trivia import Item, Row, commented_out, row
from nixedit.text import Source, decode


def follows_into(target: str, gone: Iterable[str]) -> bool:
    """Whether what is followed is one of some inputs, or an input of theirs."""
    return target.partition("/")[0] in gone


def removed_with(inputs: Mapping[str, Input], name: str) -> tuple[list[str], list[InputPath]]:
    """What cannot stay when an input goes.

    Returns:
        the inputs that go, the one itself first, then those that only follow one that goes; and the
        paths of the inputs of others that follow one.
    """
    gone = [name]
    for one in gone:  # grows while it is walked through
        for other, found in inputs.items():
            only = found.follows is not None and found.url is None and not found.attributes
            if only and other not in gone and follows_into(found.follows or "", [one]):
                gone.append(other)
    paths: list[InputPath] = []
    for other, found in inputs.items():
        if other in gone:
            continue
        if found.follows is not None and follows_into(found.follows, gone):
            paths.append((other,))
        paths += [(other, *path) for path, target in found.overrides.items() if follows_into(target, gone)]
    return gone, paths


def headings(snapshot: Snapshot, layers: Layers, name: str) -> frozenset[int]:
    """Where the comments above an attribute's bindings start that are not its own (0-based bytes).

    They head a group that goes on with others, or they are other bindings that somebody took out.
    """
    found: set[int] = set()
    for layer in layers:
        for place in layer.places:
            own = {entry.binding.start_byte for entry in named(snapshot, place, name)}
            items = row(snapshot, place.node)
            for index, item in enumerate(items.items):
                if item.node.start_byte not in own or not item.leading:
                    continue
                others = _others_code(snapshot.source, item, (*place.prefix, name))
                if others or _heads_group(snapshot.source, items, index, own, name):
                    found.update(comment.start for comment in item.leading)
    return frozenset(found)


def _others_code(source: Source, item: Item, names: tuple[str, ...]) -> bool:
    """Whether the comments above an item are a binding of something else that was taken out."""
    code = (commented_out(source.slice(comment)) for comment in item.leading)
    first = next((path for path in code if path is not None), names)
    return first[: len(names)] != names


def _heads_group(source: Source, items: Row, index: int, own: set[int], name: str) -> bool:
    """Whether the comments above an item are the heading of its paragraph.

    They are where they do not name the item, it is the first of a paragraph that goes on with others,
    none of which has a comment of its own, and blank lines part the paragraphs.
    """
    leading = items.items[index].leading
    if not leading or any(_names(decode(source.slice(comment)), name) for comment in leading):
        return False
    if index and not _blank_between(source, items, index):
        return False
    following = []
    for number in range(index + 1, len(items.items)):
        if _blank_between(source, items, number) or items.items[number].leading:
            break
        following.append(items.items[number])
    paragraphs = any(_blank_between(source, items, number) for number in range(1, len(items.items)))
    return paragraphs and any(item.node.start_byte not in own for item in following)


def _blank_between(source: Source, items: Row, index: int) -> bool:
    """Whether a blank line stands in front of an item."""
    start, end = items.items[index - 1].extent.end, items.items[index].extent.start
    return re.search(rb"\n[ \t\r]*\n", source.data[start:end]) is not None


def _names(comment: str, name: str) -> bool:
    """Whether a comment has the name of an input among its words, however they are joined."""
    plain = re.sub(r"[^a-z0-9]+", "", comment.lower())
    return re.sub(r"[^a-z0-9]+", "", name.lower()) in plain
