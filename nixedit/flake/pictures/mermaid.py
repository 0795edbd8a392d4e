"""The picture of the inputs as Mermaid, which forges draw in Markdown (https://mermaid.js.org/syntax/flowchart)."""

from __future__ import annotations

from nixedit.flake.pictures.graph import Box, Picture


def draw(picture: Picture) -> str:
    """The picture as a `flowchart`."""
    names = {box.key: f"n{number}" for number, box in enumerate(picture.boxes)}
    lines = ["flowchart LR", *(f"  {names[box.key]}[{_label(box)}]" for box in picture.boxes)]
    for arrow in picture.arrows:
        line = "-.->" if arrow.follows else "-->"
        lines.append(f"  {names[arrow.start]} {line} {names[arrow.end]}")
    removed = [names[box.key] for box in picture.boxes if box.removed]
    if removed:
        lines.append("  classDef removed stroke:#c0392b,color:#c0392b,stroke-dasharray:4 3")
        lines.append(f"  class {','.join(removed)} removed")
    return "\n".join(lines) + "\n"


def _label(box: Box) -> str:
    lines = [line for line in (box.title, box.detail) if line]
    return '"' + "<br/>".join(map(_escaped, lines)) + '"'


def _escaped(text: str) -> str:
    """Characters that Mermaid or HTML would read, as entities in Mermaid's spelling."""
    return "".join(f"#{ord(char)};" if char in '"#;<>&`\\\n' else char for char in text)
