"""The picture of the inputs in the language of Graphviz (https://graphviz.org/doc/info/lang.html)."""

from __future__ import annotations

from nixedit.flake.pictures.graph import Arrow, Box, Picture


def draw(picture: Picture) -> str:
    """The picture as a `digraph`."""
    lines = [
        "digraph inputs {",
        "  rankdir=LR;",
        '  node [shape=box, style=rounded, fontname="monospace", fontsize=10];',
        *(f"  {_box(box)}" for box in picture.boxes),
        *(f"  {_arrow(arrow)}" for arrow in picture.arrows),
        "}",
    ]
    return "\n".join(lines) + "\n"


def _box(box: Box) -> str:
    label = _escaped(box.title) + (rf"\n{_escaped(box.detail)}" if box.detail else "")
    marks = ', color="#c0392b", fontcolor="#c0392b", style="rounded,dashed"' if box.removed else ""
    return f'{_quoted(box.key)} [label="{label}"{marks}];'


def _arrow(arrow: Arrow) -> str:
    dashes = ' [style=dashed, color="#7f8c8d"]' if arrow.follows else ""
    return f"{_quoted(arrow.start)} -> {_quoted(arrow.end)}{dashes};"


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", " ")
