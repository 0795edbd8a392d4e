"""The picture of the inputs as SVG: boxes in columns, arrows from left to right, a legend."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import pairwise
from xml.sax.saxutils import escape

from nixedit.flake.pictures.graph import Arrow, Box, Picture
from nixedit.flake.pictures.layers import Layout, Node, layout

# All in pixels; the type is monospaced so that a text's width is known.
_CHARACTER = 6.05
_PADDING = 8
_BOX = 34
_ROW = 46
_GAP = 70
_MARGIN = 24
_LEGEND = 40
_STYLE = """
  text { font: 10px monospace; fill: #2c3e50; }
  .title { font-weight: bold; }
  .detail { fill: #7f8c8d; }
  rect { fill: #f8fafb; stroke: #2c3e50; }
  .root rect { fill: #dfe9f3; }
  .removed rect { fill: #fdf0ee; stroke: #c0392b; stroke-dasharray: 4 3; }
  .removed text { fill: #c0392b; }
  .paper { fill: #ffffff; stroke: none; }
  path { fill: none; stroke: #2c3e50; }
  .follows { stroke: #95a5a6; stroke-dasharray: 4 3; }
  marker path { fill: #2c3e50; stroke: none; }
"""
_TIP = """<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7"
orient="auto"><path d="M0 0L8 4L0 8z"/></marker></defs>"""


def draw(picture: Picture) -> str:
    """The picture as a document of its own."""
    found = layout([box.key for box in picture.boxes], [(arrow.start, arrow.end) for arrow in picture.arrows])
    return _Drawing(picture, found).text()


class _Drawing:
    def __init__(self, picture: Picture, found: Layout) -> None:
        self._picture = picture
        self._found = found
        self._widths = {box.key: _width(box) for box in picture.boxes}
        self._columns = [
            max((self._widths[node] for node in layer if isinstance(node, str)), default=0.0)
            for layer in found.layers
        ]
        self._left: dict[Node, float] = {}
        at = float(_MARGIN)
        for layer, width in zip(found.layers, self._columns, strict=True):
            self._left.update(dict.fromkeys(layer, at))
            at += width + _GAP
        self._column = {
            node: width for layer, width in zip(found.layers, self._columns, strict=True) for node in layer
        }
        self._size = at - _GAP + _MARGIN, max(found.rows.values()) * _ROW + _BOX + 2 * _MARGIN

    def text(self) -> str:
        width, height = max(self._size[0], 550.0), self._size[1] + _LEGEND
        arrows = sorted(
            zip(self._picture.arrows, self._found.chains, strict=True), key=lambda pair: not pair[0].follows
        )
        size = f'width="{_n(width)}" height="{_n(height)}"'
        parts = [
            f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {_n(width)} {_n(height)}">',
            f"<style>{_STYLE}</style>",
            _TIP,
            f'<rect class="paper" {size}/>',
            *(self._arrow(arrow, chain) for arrow, chain in arrows),
            *(self._box(box) for box in self._picture.boxes),
            *_legend(self._size[1]),
        ]
        return "\n".join([*parts, "</svg>\n"])

    def _box(self, box: Box) -> str:
        left, top = self._left[box.key], self._middle(box.key) - _BOX / 2
        kind = "removed" if box.removed else "root" if box is self._picture.boxes[0] else "input"
        frame = (
            f'<rect x="{_n(left)}" y="{_n(top)}" width="{_n(self._widths[box.key])}" height="{_BOX}" rx="5"/>'
        )
        return f'<g class="{kind}">{frame}{_texts(box, left + _PADDING, top)}</g>'

    def _arrow(self, arrow: Arrow, chain: tuple[Node, ...]) -> str:
        kind = "follows" if arrow.follows else "own"
        tip = f"<title>{_text(arrow.name)}</title>"
        line = self._line(chain) if chain else self._loop(arrow.start)
        return f'<path class="{kind}" d="{line}" marker-end="url(#tip)">{tip}</path>'

    def _line(self, chain: tuple[Node, ...]) -> str:
        """Curves between the columns, straight through them."""
        backward = self._left[chain[0]] > self._left[chain[-1]]
        points: list[tuple[float, float]] = []
        for index, node in enumerate(chain):
            y = self._middle(node)
            ends = [self._left[node], self._left[node] + self._across(node)]
            if index == 0:
                # To the edge of the column first, past the wider boxes above and below.
                ends = ends[:1] * 2 if backward else [ends[1], self._left[node] + self._column[node]]
            elif index == len(chain) - 1:
                ends = [ends[1], self._left[node] + self._column[node]] if backward else ends[:1]
            points += [(x, y) for x in (reversed(ends) if backward else ends)]
        line = f"M{_n(points[0][0])} {_n(points[0][1])}"
        for number, ((x, y), (right, down)) in enumerate(pairwise(points)):
            if number % 2 == 0:
                line += f"H{_n(right)}"
            else:
                middle = (x + right) / 2
                line += f"C{_n(middle)} {_n(y)} {_n(middle)} {_n(down)} {_n(right)} {_n(down)}"
        return line

    def _loop(self, key: str) -> str:
        x, y = self._left[key] + self._widths[key], self._middle(key)
        return f"M{_n(x)} {_n(y - 6)}C{_n(x + 24)} {_n(y - 16)} {_n(x + 24)} {_n(y + 16)} {_n(x)} {_n(y + 6)}"

    def _across(self, node: Node) -> float:
        return self._widths[node] if isinstance(node, str) else self._column[node]

    def _middle(self, node: Node) -> float:
        return _MARGIN + _BOX / 2 + self._found.rows[node] * _ROW


def _width(box: Box) -> float:
    return max(len(box.title) * 1.02, len(box.detail)) * _CHARACTER + 2 * _PADDING


def _texts(box: Box, left: float, top: float) -> str:
    lines = [("title", box.title), ("detail", box.detail)] if box.detail else [("title", box.title)]
    first = top + (14 if box.detail else 21)
    return "".join(
        f'<text class="{name}" x="{_n(left)}" y="{_n(first + 13 * number)}">{_text(line)}</text>'
        for number, (name, line) in enumerate(lines)
    )


def _legend(top: float) -> list[str]:
    y = top + _LEGEND / 2 - 6
    words: Mapping[str, str] = {"own": "an input of its own", "follows": "follows another"}
    parts = []
    left = float(_MARGIN)
    for kind, what in words.items():
        parts.append(
            f'<path class="{kind}" d="M{_n(left)} {_n(y)}H{_n(left + 28)}" marker-end="url(#tip)"/>'
            f'<text x="{_n(left + 34)}" y="{_n(y + 3.5)}">{what}</text>'
        )
        left += 44 + len(what) * _CHARACTER
    parts.append(
        f'<g class="removed"><rect x="{_n(left)}" y="{_n(y - 7)}" width="20" height="14" rx="3"/></g>'
        f'<text x="{_n(left + 26)}" y="{_n(y + 3.5)}">automatic follow would remove it</text>'
    )
    return parts


def _text(text: str) -> str:
    """Text that XML can hold."""
    return escape("".join(char if char.isprintable() else "\N{REPLACEMENT CHARACTER}" for char in text))


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
