"""Pictures of the inputs: what is drawn, in three languages; and the layout of the one that is our own."""

import re
import shutil
import subprocess
from itertools import pairwise
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lock_graphs import FLAKES, lock_of

from nixedit.flake.lock import Lock
from nixedit.flake.pictures import dot, mermaid, svg
from nixedit.flake.pictures.graph import picture
from nixedit.flake.pictures.layers import layout

LOCK = lock_of(
    {
        "n": {},
        "n2": {"original": {"type": "tarball", "url": 'https://x.org/a"b<c>&d.zip'}},
        "a": {"inputs": {"n": "n2", "self": [], "back": ["a"]}},
        "b": {"inputs": {"n": ["n"]}},
    },
    {"n": "n", "a": "a", "b": "b"},
)
DRAWN = picture(LOCK, ["n2"])


def test_boxes_are_named_by_their_paths_and_arrows_by_what_they_are():
    assert [(box.title, box.removed) for box in DRAWN.boxes] == [
        ("flake.nix", False),
        ("a", False),
        ("a.n", True),
        ("b", False),
        ("n", False),
    ]
    assert [(arrow.start, arrow.end, arrow.follows) for arrow in DRAWN.arrows] == [
        ("a", "a", True),
        ("a", "n2", False),
        ("b", "n", True),
        ("root", "a", False),
        ("root", "b", False),
        ("root", "n", False),
    ]


def test_graphviz():
    text = dot.draw(DRAWN)
    assert '  "b" -> "n" [style=dashed, color="#7f8c8d"];\n' in text
    assert '  "root" -> "a";\n' in text
    assert r'"n2" [label="a.n\nhttps://x.org/a\"b<c>&d.zip' in text
    if shutil.which("dot"):
        done = subprocess.run(["dot", "-Tsvg"], input=text.encode(), capture_output=True, check=True)
        assert done.stderr == b""


def test_mermaid():
    lines = mermaid.draw(DRAWN).splitlines()
    assert lines[0] == "flowchart LR"
    assert "  n3 -.-> n4" in lines
    assert "  n0 --> n1" in lines
    assert '  n2["a.n<br/>https://x.org/a#34;b#60;c#62;#38;d.zip"]' in [
        re.sub(r" 0{7}", "", line) for line in lines
    ]
    assert lines[-1] == "  class n2 removed"


def test_svg_is_a_document_of_its_own():
    root = ET.fromstring(svg.draw(DRAWN))
    space = "{http://www.w3.org/2000/svg}"
    titles = [text.text for text in root.iter(f"{space}text") if text.get("class") == "title"]
    assert titles == ["flake.nix", "a", "a.n", "b", "n"]
    paths = [path for path in root.iter(f"{space}path") if path.get("class")]
    assert len(paths) == len(DRAWN.arrows) + 2  # and the legend


def test_a_name_that_no_xml_can_hold_is_shown_all_the_same():
    lock = lock_of({"a\x01": {}}, {"a\x01]]>": "a\x01"})
    ET.fromstring(svg.draw(picture(lock)))


GRAPHS = st.integers(1, 12).flatmap(
    lambda count: st.lists(
        st.tuples(st.integers(0, count - 1), st.integers(0, count - 1)).map(
            lambda pair: (f"n{pair[0]}", f"n{pair[1]}")
        ),
        max_size=25,
    ).map(lambda edges: ([f"n{number}" for number in range(count)], edges))
)


@given(GRAPHS)
@settings(deadline=None)
def test_a_layout_has_every_node_once_and_no_two_of_a_column_in_one_place(graph):
    nodes, edges = graph
    found = layout(nodes, edges)
    placed = [node for layer in found.layers for node in layer]
    assert sorted(node for node in placed if isinstance(node, str)) == sorted(nodes)
    assert len(set(placed)) == len(placed)
    for layer in found.layers:
        rows = [found.rows[node] for node in layer]
        heights = [1.0 if isinstance(node, str) else 0.4 for node in layer]
        for above, below, one, two in zip(rows, rows[1:], heights, heights[1:], strict=False):
            assert below - above >= (one + two) / 2 - 1e-6
    assert min(found.rows.values()) == 0


@given(GRAPHS)
@settings(deadline=None)
def test_a_line_goes_from_column_to_column(graph):
    nodes, edges = graph
    found = layout(nodes, edges)
    column = {node: number for number, layer in enumerate(found.layers) for node in layer}
    for (start, end), chain in zip(edges, found.chains, strict=True):
        assert (chain[0], chain[-1]) == (start, end) if start != end else chain == ()
        steps = [column[two] - column[one] for one, two in pairwise(chain)]
        assert set(steps) <= {1} or set(steps) <= {-1}


def test_without_circles_all_lines_go_to_the_right():
    found = layout(["a", "b", "c"], [("a", "c"), ("a", "b"), ("b", "c")])
    assert found.layers[0] == ("a",)
    assert len(found.layers) == 3
    assert found.chains[0][1:-1] == ((0, 1),)


@given(FLAKES)
@settings(deadline=None, max_examples=60)
def test_any_lock_can_be_drawn(flake):
    import json

    drawn = picture(Lock.loads(json.dumps(flake[1]).encode()))
    ET.fromstring(svg.draw(drawn))
    assert dot.draw(drawn).count(" -> ") == len(drawn.arrows)
    assert len(mermaid.draw(drawn).splitlines()) >= len(drawn.boxes) + len(drawn.arrows)


@pytest.mark.parametrize("draw", [dot.draw, mermaid.draw, svg.draw])
def test_a_flake_without_inputs_is_one_box(draw):
    assert "flake.nix" in draw(picture(lock_of({}, {})))
