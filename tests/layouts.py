"""Writes a plain dict as Nix in every layout that people use: nested, dotted, mixed, on lines or on one, commented."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import cycle
from typing import Any

from nixedit.attrpath import join

Path = tuple[str, ...]

HEADS = (
    "",
    "{ ... }:\n",
    "{ pkgs ? 1, lib ? 2, ... }@args: ",
    "let q = 1; in\n",
    "with { };\n",
    "assert true; ",
    "(",
    "rec ",
)


def scalar(value: Any) -> str:
    """A scalar as Nix, written independently of the code under test."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return (
            '"'
            + value.replace("\\", "\\\\").replace('"', '\\"').replace("$", "\\$").replace("\n", "\\n")
            + '"'
        )
    return f"(-{abs(value)})" if value < 0 else str(value)


class Writer:
    """Writes dicts; every question of layout is answered by the next of some drawn numbers.

    `comments` maps each comment's text to the path that it goes with.
    """

    def __init__(self, choices: Sequence[int], unit: str, newline: str) -> None:
        self.choices: Iterator[int] = cycle(choices)
        self.unit, self.newline = unit, newline
        self.comments: dict[str, Path] = {}

    def chance(self, of: int) -> bool:
        return next(self.choices) % of == 0

    def document(self, value: dict[str, Any]) -> str:
        head = HEADS[next(self.choices) % len(HEADS)]
        split = not head.startswith("rec")  # Nix merges no set into a rec one
        body = self.set(value, (), "", one_line=self.chance(5), split=split)
        text = head + body + (")" if head == "(" else "") + ("\n" if self.chance(2) else "")
        return text.replace("\n", self.newline)

    def set(self, value: dict[str, Any], path: Path, indent: str, one_line: bool, split: bool = True) -> str:
        if not value:
            return "{ }"
        pieces = self._pieces(value, path, (), split)
        if one_line:
            return "{ " + " ".join(self._binding(*piece, indent, True) for piece in pieces) + " }"
        deeper = indent + self.unit
        lines = []
        for piece in pieces:
            if self.chance(6):
                lines += ["", deeper + self._comment(path), ""]
            if self.chance(5):
                lines.append(deeper + self._comment(piece[0]))
            lines.append(deeper + self._binding(*piece, deeper, False))
            if self.chance(4):
                lines[-1] += " " + self._comment(piece[0])
            if self.chance(5):
                lines.append("")
        if self.chance(8):
            lines.append(deeper + self._comment(path))
        return "\n".join(["{", *lines, indent + "}"])

    def _pieces(
        self, value: dict[str, Any], path: Path, prefix: Path, split: bool
    ) -> list[tuple[Path, Path, Any]]:
        """Bindings by path from the root and name within the set: dicts stay sets or become dotted bindings."""
        pieces: list[tuple[Path, Path, Any]] = []
        for name, inner in value.items():
            whole, own = (*path, name), (*prefix, name)
            if not isinstance(inner, dict) or not inner or self.chance(2):
                pieces.append((whole, own, inner))
            elif split and len(inner) > 1 and self.chance(2):
                first, *rest = inner.items()
                pieces += self._pieces(dict([first]), whole, own, split)
                pieces.append((whole, own, dict(rest)))
            else:
                pieces += self._pieces(inner, whole, own, split)
        return pieces

    def _binding(self, whole: Path, own: Path, value: Any, indent: str, one_line: bool) -> str:
        return f"{join(own)} = {self._value(value, whole, indent, one_line)};"

    def _value(self, value: Any, path: Path, indent: str, one_line: bool) -> str:
        if isinstance(value, dict):
            return self.set(value, path, indent, one_line or self.chance(3))
        if isinstance(value, list):
            return self._list(value, path, indent, one_line or self.chance(2))
        return scalar(value)

    def _list(self, values: list[Any], path: Path, indent: str, one_line: bool) -> str:
        if not values:
            return "[ ]" if self.chance(2) else "[]"
        if one_line:
            return "[ " + " ".join(self._value(value, path, indent, True) for value in values) + " ]"
        deeper = indent + self.unit
        lines = []
        for value in values:
            if self.chance(4):
                lines.append(deeper + self._comment(path))
            lines.append(deeper + self._value(value, path, deeper, True))
            if self.chance(4):
                lines[-1] += " " + self._comment(path)
        return "\n".join(["[", *lines, indent + "]"])

    def _comment(self, path: Path) -> str:
        number = len(self.comments)
        text = f"# note {number}" if self.chance(2) else f"/* note {number} */"
        self.comments[text] = path
        return text
