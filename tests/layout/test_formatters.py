"""What a formatter laid out stays as that formatter would have it, whatever is set, deleted or added."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from layouts import Writer

import nixedit
from nixedit.layout.style import style_of

FORMATTERS = {
    "nixfmt": ("nixfmt", "-"),
    "nixfmt-classic": ("nixfmt-classic",),
    "alejandra": ("alejandra", "-q"),
}
NAMES = st.sampled_from(("a", "b", "c", "enable", "x-1", "with space"))
SCALARS = st.sampled_from((None, True, 1, "x", "a longer string with words", "a long string " * 6))
LISTS = st.lists(SCALARS, max_size=4)
SETS = st.dictionaries(NAMES, SCALARS | LISTS, max_size=3)
VALUES = SCALARS | LISTS | SETS
# Enough for a file to show whose it is: each formatter has a way of its own with them.
TELLING = {"list": [1, 2, 3], "set": {"one": 1}, "sets": {"one": {"a": 1}, "two": [True]}}
NOTE = re.compile(r" *(# note \d+|/\* note \d+ \*/)")
FILES = st.dictionaries(NAMES, SCALARS | LISTS | SETS | st.dictionaries(NAMES, SETS, max_size=2), max_size=4)


def formatted(formatter: str, text: bytes) -> bytes:
    return subprocess.run(FORMATTERS[formatter], input=text, capture_output=True, check=True).stdout


def places(value: Any, kind: type) -> list[tuple[str, ...]]:
    """The paths of the lists, or of the sets, within a dict."""
    found, stack = [], [((), value)]
    while stack:
        path, inner = stack.pop()
        if isinstance(inner, kind):
            found.append(path)
        if isinstance(inner, dict):
            stack += [((*path, name), item) for name, item in inner.items()]
    return sorted(found)


def change(document: nixedit.Document, drawn: st.DataObject) -> None:
    """One edit, drawn."""
    model = document.attrs.to_python()
    verb = drawn.draw(st.sampled_from(("set", "delete", "append", "insert", "remove", "replace")))
    event(verb)
    if verb == "set":
        path = drawn.draw(st.sampled_from(places(model, dict)))
        document.attrs[(*path, drawn.draw(NAMES))] = drawn.draw(VALUES)
    elif verb in ("delete", "replace"):
        paths = [(*path, name) for path in places(model, dict) for name in _at(model, path)]
        path = drawn.draw(st.sampled_from(paths))
        if verb == "delete":
            del document.attrs[path]
        else:
            document.attrs[path] = drawn.draw(VALUES)
    else:
        path = drawn.draw(st.sampled_from([path for path in places(model, list) if _at(model, path)]))
        written = document.attrs[path]
        if verb == "append":
            written.append(drawn.draw(VALUES))
        elif verb == "insert":
            written.insert(0, drawn.draw(VALUES))
        else:
            del written[drawn.draw(st.integers(0, len(written) - 1))]


def _at(model: Any, path: tuple[str, ...]) -> Any:
    for name in path:
        model = model[name]
    return model


@pytest.mark.parametrize("formatter", FORMATTERS)
@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(start=FILES, choices=st.lists(st.integers(0, 39), min_size=1, max_size=16), drawn=st.data())
def test_an_edit_leaves_nothing_to_format(
    formatter: str, start: dict[str, Any], choices: list[int], drawn: st.DataObject
) -> None:
    if shutil.which(formatter) is None:
        pytest.skip(f"{formatter} is not installed")
    body = Writer(choices, "  ", "\n").set({**start, **TELLING}, (), "", one_line=False)
    if formatter == "nixfmt-classic":  # it moves lists and sets for the comments beside them
        body = NOTE.sub("", body)
    document = nixedit.loads(formatted(formatter, f"{{ pkgs, ... }}:\n{body}\n".encode()))
    style = style_of(document.snapshot)
    assume(style.formatter == formatter and (style.refills or formatter != "nixfmt-classic"))
    change(document, drawn)
    assert document.text == formatted(formatter, document.data).decode()
