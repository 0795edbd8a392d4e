"""A template of a recipe: text with declared placeholders, and what each of them stands for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from msgspec import Struct, field

from nixedit.attrpath import quote
from nixedit.layout.render import render
from nixedit.layout.style import Style
from nixedit.text import Span, encode

PLACEHOLDER = re.compile(rb"@([A-Za-z][A-Za-z0-9_-]*)@")
INPUT = None

# New files are laid out as RFC 166 asks, which is nixfmt's layout.
_LAYOUT = Style(
    formatter="nixfmt",
    unit=b"  ",
    newline=b"\n",
    tight_list=False,
    tight_set=False,
    tight_formals=False,
    tight_bindings=False,
    short_sets=False,
    refills=False,
    width=100,
)


class Template(Struct, frozen=True):
    """The text of a file to be written.

    Attributes:
        text: the text, with placeholders: `@name@`.
        values: what each placeholder stands for: a text as it is, a mapping (an attribute set of strings),
            or None for the name that the recipe's input has in the fleet.
    """

    text: bytes
    values: Mapping[str, str | Mapping[str, str] | None] = field(default_factory=dict)

    def content(self, name: str) -> bytes:
        """The text with every placeholder replaced.

        Args:
            name: what the recipe's input is called in the fleet.
        """

        def replaced(match: re.Match[bytes]) -> bytes:
            value = self.values[match[1].decode()]
            if value is INPUT:
                return encode(quote(name))
            if isinstance(value, str):
                return encode(value)
            return render(value, _LAYOUT, self._indent(match.start())).text

        return PLACEHOLDER.sub(replaced, self.text)

    def undeclared(self) -> Iterator[tuple[str, Span]]:
        """The placeholders of the text that have no value, with the place of each."""
        for match in PLACEHOLDER.finditer(self.text):
            if match[1].decode() not in self.values:
                yield match[1].decode(), Span(*match.span())

    def unused(self) -> list[str]:
        """The values that no placeholder of the text asks for."""
        used = {match[1].decode() for match in PLACEHOLDER.finditer(self.text)}
        return [name for name in self.values if name not in used]

    def _indent(self, position: int) -> bytes:
        line = self.text[self.text.rfind(b"\n", 0, position) + 1 : position]
        return line[: len(line) - len(line.lstrip(b" \t"))]
