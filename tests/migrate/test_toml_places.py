"""Where a TOML file says what: every key and every element has the place at which it is written."""

from __future__ import annotations

import json
import tomllib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nixedit.migrate.recipes.loading import BUILT_IN, built_in
from nixedit.migrate.toml.places import places_of
from nixedit.text import Span

KEYS = st.sampled_from(["a", "b", "c-d", "e.f", "g h", "1", "é"])
LEAVES = st.one_of(st.integers(0, 9), st.booleans(), st.text("a\"'\\#[]é\n ", max_size=3), st.just([]))
VALUES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, min_size=1, max_size=3),
    max_leaves=8,
)


def walked(value: Any, path: tuple[str | int, ...] = ()) -> list[tuple[tuple[str | int, ...], Any]]:
    """All keys and elements of data, with their values."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    found = []
    for key, inner in items:
        found += [((*path, key), inner), *walked(inner, (*path, key))]
    return found


def sliced(data: bytes, span: Span) -> str:
    return data[span.start : span.end].decode()


def check(text: str) -> None:
    data = text.encode()
    places = places_of(data)
    expected = walked(tomllib.loads(text))
    assert set(places) == {path for path, _ in expected}
    for path, value in expected:
        place = places[path]
        name = [part for part in path if isinstance(part, str)][-1]
        if isinstance(path[-1], str):
            assert name in tomllib_keys(sliced(data, place.key))
        if not isinstance(value, dict | list):
            assert tomllib.loads(f"x = {sliced(data, place.value)}")["x"] == value


def tomllib_keys(text: str) -> list[str]:
    """The names of a key as it is written, `a."b c"`."""
    inner, names = tomllib.loads(f"{text} = 0"), []
    while isinstance(inner, dict):
        ((name, inner),) = inner.items()
        names.append(name)
    return names


def inline(value: Any) -> str:
    if isinstance(value, dict):
        return "{ " + ", ".join(f"{json.dumps(key)} = {inline(inner)}" for key, inner in value.items()) + " }"
    if isinstance(value, list):
        return "[" + ", ".join(map(inline, value)) + "]"
    return json.dumps(value)


def tables(data: dict[str, Any], choose: Any, prefix: str = "") -> str:
    """Data as TOML, each table inline, under a header, or (a list of them) under headers of its own."""
    lines, later = [], []
    for key, value in data.items():
        name = prefix + json.dumps(key, ensure_ascii=False)
        if isinstance(value, dict) and choose():
            later.append(f"[{name}]  # of its own\n{tables(value, choose, f'{name}.')}")
        elif isinstance(value, list) and value and all(isinstance(item, dict) for item in value) and choose():
            later += [f"[[{name}]]\n{tables(item, choose, f'{name}.')}" for item in value]
        else:
            lines.append(f"{json.dumps(key, ensure_ascii=False)} = {inline(value)}\n")
    return "".join([*lines, *later])


@given(st.dictionaries(KEYS, VALUES, max_size=4), st.data())
def test_every_key_and_element_has_its_place(data: dict[str, Any], draw: st.DataObject) -> None:
    text = tables(data, lambda: draw.draw(st.booleans()))
    assert tomllib.loads(text) == data
    check(text)


@pytest.mark.parametrize(
    "text",
    [
        "a.b.c = 1\na.b.d = 2\n",
        "[a.b]\nc = 1\n[a]\nd = 2\n",
        "[[a]]\n[[a.b]]\nc = 1\n[[a.b]]\n[a.b.d]\ne = 1\n[[a]]\n[[a.b]]\nc = 2\n",
        "x = [\n  1, # one\n  { y = 2 },\n]\n",
        "'a b'.\"c\\td\" = '''\nx'''\n",
        "# nothing\n",
    ],
)
def test_dotted_keys_headers_and_lists_of_tables(text: str) -> None:
    check(text)


@pytest.mark.parametrize("name", built_in())
def test_the_recipes_that_ship(name: str) -> None:
    check((BUILT_IN / name / "recipe.toml").read_text())
