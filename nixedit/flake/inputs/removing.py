"""What goes with an input, and which comments above it stay: those that head a group."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence

from msgspec import Struct

from nixedit.flake.inputs.model import Input
from nixedit.flake.lock import InputPath
from nixedit.syntax.layers import Layers, Place, entries
from nixedit.syntax.snapshot import Snapshot
from nixedit.syntax.trivia import Item, Row, commented_out, row
from nixedit.text import Source, Span, decode

# How alike two words are that are one, misspelled.
_NEARLY = 0.88


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


def not_its_own(snapshot: Snapshot, layers: Layers, name: str) -> frozenset[int]:
    """Where the comments above an attribute's bindings start that are not its own (0-based bytes).

    They head a group that goes on with others, or they are other bindings that somebody took out.

    Args:
        snapshot: the file.
        layers: the set that the attribute is in.
        name: its name.
    """
    found: set[int] = set()
    for place in (place for layer in layers for place in layer.places):
        section = _Section.of(snapshot, place)
        for index, own in enumerate(section.names):
            if own == name and section.row.items[index].leading:
                item = section.row.items[index]
                others = _others_code(snapshot.source, item, (*place.prefix, name))
                if others or section.is_headed(index):
                    found.update(comment.start for comment in item.leading)
    return frozenset(found)


def _others_code(source: Source, item: Item, names: tuple[str, ...]) -> bool:
    """Whether the comments above an item are a binding of something else that was taken out."""
    code = (commented_out(source.slice(comment)) for comment in item.leading)
    first = next((path for path in code if path is not None), names)
    return first[: len(names)] != names


class _Section(Struct, frozen=True):
    """The bindings of a set in their rows, each with the input that it is of."""

    source: Source
    row: Row
    names: Sequence[str | None]

    @classmethod
    def of(cls, snapshot: Snapshot, place: Place) -> _Section:
        depth = len(place.prefix)
        own = row(snapshot, place.node)
        names: list[str | None] = [None] * len(own.items)
        for entry in entries(snapshot, place):
            names[own.items.index_of(entry.binding.start_byte)] = entry.names[depth]
        return cls(snapshot.source, own, names)

    def is_headed(self, index: int) -> bool:
        """Whether the comment above an item is the heading of it and of those that follow.

        It is one where it is a line without a full stop, does not name the input, and what follows is
        another input without a comment; and it is framed by rules, or blank lines part the paragraphs of
        which the item is the first, or most inputs have no comment.
        """
        name = self.names[index]
        following = self._followers(index)
        plain = [self._plain(comment) for comment in self.row.items[index].leading]
        lines = [line for line in plain if line]
        if len(lines) != 1 or lines[0].endswith((".", "!", "?")) or name is None or not following:
            return False
        if _says(lines[0], name, following):
            return False
        return len(plain) > 1 or self._opens_paragraph(index) or self._is_sparse

    def _plain(self, comment: Span) -> str:
        """The words of a comment, without marks and rules: nothing for `#####`."""
        return decode(self.source.slice(comment)).strip("#/*-=~+_ \t")

    def _followers(self, index: int) -> list[str]:
        """The other inputs behind an item, up to the next comment, or what is no input."""
        found: list[str] = []
        for number in range(index + 1, len(self.row.items)):
            name = self.names[number]
            if name is None or self.row.items[number].leading or self.row.items.free(number):
                break
            if name != self.names[index]:
                found.append(name)
        return found

    def _opens_paragraph(self, index: int) -> bool:
        """Whether an item begins a paragraph, one of several, that goes on with another input."""
        blanks = [self._blank_before(number) for number in range(1, len(self.row.items))]
        if not any(blanks) or (index and not blanks[index - 1]):
            return False
        end = index + 1
        while end < len(self.row.items) and not blanks[end - 1]:
            end += 1
        return any(name != self.names[index] for name in self.names[index:end])

    @property
    def _is_sparse(self) -> bool:
        """Whether fewer than half of the inputs have a comment above them."""
        commented = {name for name, item in zip(self.names, self.row.items, strict=True) if item.leading}
        return 2 * len(commented - {None}) < len(set(self.names) - {None})

    def _blank_before(self, index: int) -> bool:
        start, end = self.row.items[index - 1].extent.end, self.row.items[index].extent.start
        return re.search(rb"\n[ \t\r]*\n", self.source.data[start:end]) is not None


def _says(comment: str, name: str, others: Sequence[str]) -> bool:
    """Whether a comment names an input, or has a part of its name that no others have, or nearly so."""
    from difflib import SequenceMatcher

    words = re.findall(r"[a-z0-9]+", comment.lower())
    plain = re.sub(r"[^a-z0-9]+", "", name.lower())
    if plain in "".join(words):
        return True
    parts = set(re.findall(r"[a-z0-9]{4,}", name.lower()))
    shared = {part for other in others for part in re.findall(r"[a-z0-9]+", other.lower())}
    wanted = [plain, *(parts - shared)]
    return any(SequenceMatcher(None, word, part).ratio() > _NEARLY for word in words for part in wanted)
