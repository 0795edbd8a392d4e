"""Values and code as they are written: what they mean never depends on where they go."""

from __future__ import annotations

import pytest
from edited import becomes
from hypothesis import given
from hypothesis import strategies as st

import nixedit
from nixedit import expr, path
from nixedit.syntax.nodes import string_value
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import Source

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63) + 1, 2**63 - 1)
    | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=8)
)
FLOATS = st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False)
VALUES = st.recursive(
    SCALARS,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text('ab."$ ', max_size=3), inner, max_size=3)
    ),
    max_leaves=8,
)
PLACES = (
    "{ v = null; }",
    "{\n  v = null;\n}\n",
    "{\n\tv = null;\n}",
    "{v=null;}",
    "{\r\n    a = {\r\n        v = null;\r\n    };\r\n}\r\n",
)


@given(st.sampled_from(PLACES), VALUES | FLOATS)
def test_a_value_is_read_back_as_it_was_written(text: str, value: object) -> None:
    document = nixedit.loads(text)
    key = "a.v" if "a = " in text else "v"
    document.attrs[key] = value
    assert document.errors == ()
    written = document.attrs[key].to_python()
    assert written == value
    assert type(written) is type(value)
    before = document.text
    document.attrs[key] = value
    assert document.text == before


@pytest.mark.parametrize("value", [5e-324, -2.2e-308, 1 << 63, -(1 << 63), float("inf")])
def test_a_number_that_nix_has_not_is_refused(value: float) -> None:
    document = nixedit.loads("{ v = 1; }")
    with pytest.raises(nixedit.InvalidEditError, match=r"^Nix has no such number"):
        document.attrs["v"] = value


LINES = st.sampled_from(
    (
        "",
        "  text",
        "    deeper",
        "      deepest",
        " ",
        "   ",
        "''$x",
        "  ''\\n",
        "  ${x}",
        "\tt",
        "  '''",
        "  \t",
        "      ''${x}",
    )
)


@given(
    first=st.sampled_from(("", " ", "begun", "  begun")),
    lines=st.lists(LINES, max_size=5),
    closing=st.sampled_from(("", "  ", "    ", "  end", "\t")),
    place=st.sampled_from(PLACES),
)
def test_an_indented_string_keeps_its_value_wherever_it_goes(
    first: str, lines: list[str], closing: str, place: str
) -> None:
    text = "''" + "\n".join([first, *lines, closing]) + "''"
    static = "${x}" not in text.replace("''${x}", "")
    document = nixedit.loads(place)
    key = "a.v" if "a = " in place else "v"
    document.attrs[key] = expr(f"f {{\n  b = {text};\n}}")
    pieces = [node for node in walk(document.attrs[key]) if node.kind == "indented_string_expression"]
    assert len(pieces) == 1
    if static:
        assert pieces[0].to_python() == value_of(text)
    else:
        assert value_of(pieces[0].text.replace("${x}", "X")) == value_of(text.replace("${x}", "X"))


def walk(node: nixedit.Node) -> list[nixedit.Node]:
    return [node, *(inner for child in node.children for inner in walk(child))]


def value_of(text: str) -> str | None:
    snapshot = Snapshot.of(Source(text.encode()))
    return string_value(snapshot.root.children[0], snapshot.source.data)


@pytest.mark.parametrize(
    ("code", "after"),
    [
        ("{\n  b = 1;\n}", "{\n  a = {\n    b = 1;\n  };\n}\n"),
        ("{\n      b = 1;\n    }", "{\n  a = {\n    b = 1;\n  };\n}\n"),
        ("{\r\n  b = 1;\r\n}", "{\n  a = {\n    b = 1;\n  };\n}\n"),
        ('"x\n  y\nz"', '{\n  a = "x\n  y\nz";\n}\n'),
        ("''\n  x\n    y\n''", "{\n  a = ''\n    x\n      y\n  '';\n}\n"),
        ("''x\n  y''", "{\n  a = ''x\n  y'';\n}\n"),
        ("''\n\tx\n''", "{\n  a = ''\n\tx\n'';\n}\n"),
        ("f {\n  x = 1;\n\n  y = 2;\n}", "{\n  a = f {\n    x = 1;\n\n    y = 2;\n  };\n}\n"),
        ("  1  ", "{\n  a = 1;\n}\n"),
    ],
)
def test_code_moves_to_the_indentation_of_its_place(code: str, after: str) -> None:
    def action(document: nixedit.Document) -> None:
        document.attrs["a"] = expr(code)

    becomes("{\n  a = 0;\n}\n", action, after)


@pytest.mark.parametrize(
    ("location", "code"),
    [
        ("./a.nix", "./a.nix"), ("../a/b.nix", "../a/b.nix"), ("/etc/x", "/etc/x"), ("~/x", "~/x"), ("./a b.nix", './. + "/a b.nix"'),
        ("../a b", './.. + "/a b"'), ("/a b", '/. + "/a b"'), ("~/a b", '~/. + "/a b"'), ("./é", './. + "/é"'), ("./a/", './. + "/a/"'),
        ("./${x}", './. + "/\\${x}"'), ('./"', './. + "/\\""'),
    ],
)  # fmt: skip
def test_a_path_is_code_for_that_path(location: str, code: str) -> None:
    assert str(path(location)) == code
    document = nixedit.loads(f"{{ a = {code}; }}")
    assert document.errors == ()


@pytest.mark.parametrize("location", ["a.nix", "", "a/b", "~user/x", "http://x"])
def test_what_nix_would_not_read_as_a_path_is_refused(location: str) -> None:
    with pytest.raises(nixedit.InvalidEditError):
        path(location)


def test_what_stands_around_a_value_counts_where_a_line_is_filled() -> None:
    text = "x" * 80
    module = "{\n  a = [\n    1\n    2\n  ];\n}\n"
    short, long = nixedit.loads(module), nixedit.loads(module)
    short.attrs["b"] = [text]
    long.attrs["services.something.of.some.name"] = [text]
    assert f'  b = [ "{text}" ];\n' in short.text
    assert f'  services.something.of.some.name = [\n    "{text}"\n  ];\n' in long.text
