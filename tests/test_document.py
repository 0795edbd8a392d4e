"""Documents: commits that happen whole or not at all, blocks, undo, handles, and what is refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest
from edited import becomes, refused, settles, unchanged
from grammar.programs import programs
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import nixedit
from nixedit import (
    Edit,
    EditError,
    Formals,
    InvalidEditError,
    MissingAttrError,
    NotStaticError,
    ParseError,
    StaleNodeError,
    expr,
)
from nixedit.edits import Expected
from nixedit.grammar import K

# -- bytes ------------------------------------------------------------------------------------


@given(st.binary(max_size=60) | st.text(max_size=60).map(str.encode))
def test_any_bytes_load_and_stay_as_they_are(data: bytes) -> None:
    document = nixedit.loads(data)
    assert document.data == data
    assert nixedit.loads(document.text).data == data
    assert not document.changed
    assert document.diff() == ""
    assert not document.undo()
    assert isinstance(document.errors, tuple)


@given(st.binary(max_size=20))
def test_what_is_no_nix_is_never_edited(data: bytes) -> None:
    document = nixedit.loads(data)
    if any(error.kind in ("syntax", "nul") for error in document.errors):
        with pytest.raises(nixedit.NixEditError):
            document.attrs["a"] = 1
        with pytest.raises(ParseError):
            document.splice([Edit(0, 0, b"x")])
    assert document.data == data


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(programs(3), st.data())
def test_replacing_any_node_changes_that_node_only(program: tuple[bytes, str], drawn: st.DataObject) -> None:
    document = nixedit.loads(program[0])
    nodes, stack = [], [document.root]
    while stack:
        node = stack.pop()
        if node.kind.endswith("_expression"):
            nodes.append(node)
        stack.extend(node.children)
    node = drawn.draw(st.sampled_from(nodes))
    span, before = node.span, document.data
    text = drawn.draw(
        st.sampled_from(("x", "f x", "-1", "a: a", "a // b", "[ ]", "let a = 1; in a", '"s"', "a.b or c"))
    )
    try:
        node.replace(expr(text))
    except InvalidEditError:
        assert document.data == before
        return
    after = document.data
    assert after.startswith(before[: span.start])
    assert after.endswith(before[span.end :])
    inside = after[span.start : len(after) - len(before) + span.end].decode()
    assert inside in (text, f"({text})")
    document.undo()
    assert document.data == before


# -- what code may be -------------------------------------------------------------------------

CODE = "not one Nix expression: "


@pytest.mark.parametrize(
    "code",
    [
        "2; evil = 3",
        "",
        " ",
        "1 /*",
        "*/ 1",
        '"',
        "''",
        '"${',
        "}",
        "{ }; b = 2",
        ") (",
        "a = 1;",
        "inherit x;",
        "\0",
        "1 # c\n; x = 2",
    ],
)
def test_code_that_is_not_one_expression_is_refused(code: str) -> None:
    def action(document: nixedit.Document) -> None:
        document.attrs["a"] = expr(code)

    refused("{ a = 1; }", action, InvalidEditError, f"file.nix:1:1: {CODE}{code!r}")


@pytest.mark.parametrize("code", ["1 # c", "# c\n1", "/* c */ 1", "1 /* c */"])
def test_a_comment_beside_the_code_is_refused(code: str) -> None:
    def action(document: nixedit.Document) -> None:
        document.attrs["a"] = expr(code)

    refused(
        "{ a = 1; }", action, InvalidEditError, f"file.nix:1:1: a comment beside the expression: {code!r}"
    )


@pytest.mark.parametrize(
    ("element", "text"),
    [
        ("f -3", "[ 1 (f -3) ]"), ("f c", "[ 1 (f c) ]"), ("-3", "[ 1 (-3) ]"), ("x: x", "[ 1 (x: x) ]"),
        ("a.b", "[ 1 a.b ]"), ("a // b", "[ 1 (a // b) ]"), ("(f c)", "[ 1 (f c) ]"), ("a ? b", "[ 1 (a ? b) ]"),
        ("a.b or c", "[ 1 a.b or c ]"), ("if a then b else c", "[ 1 (if a then b else c) ]"),
    ],
)  # fmt: skip
def test_an_element_is_one_element(element: str, text: str) -> None:
    becomes("[ 1 ]", lambda document: document.value.append(expr(element)), text)


@pytest.mark.parametrize(
    ("where", "code", "after"),
    [
        ("a + b", "c + d", "(c + d) + b"), ("a b", "f x", "f x b"), ("a.x", "f x", "(f x).x"), ("a ? x", "b // c", "(b // c) ? x"),
        ("-a", "-1", "-(-1)"), ("!a", "b && c", "!(b && c)"), ("a b", "x: x", "(x: x) b"),
    ],
)  # fmt: skip
def test_a_replaced_operand_keeps_its_place(where: str, code: str, after: str) -> None:
    def action(document: nixedit.Document) -> None:
        node = document.root
        while node.text != "a":
            node = node.children[0]
        node.replace(expr(code))

    before = nixedit.loads(where)
    action(before)
    assert before.text in (after, after.replace("(c + d) + b", "c + d + b"))


@pytest.mark.parametrize(
    "value", [object(), {1: 2}, b"x", float("nan"), float("inf"), 1 << 63, {"a": {"b": object()}}]
)
def test_a_value_without_a_nix_counterpart_is_refused(value: object) -> None:
    document = nixedit.loads("{ a = 1; }")
    with pytest.raises(InvalidEditError):
        document.attrs["a"] = value
    with pytest.raises(InvalidEditError):
        document.attrs["new"] = value
    assert document.text == "{ a = 1; }"


def test_a_splice_is_held_to_what_it_says() -> None:
    document = nixedit.loads("{ a = 1; }")
    with pytest.raises(InvalidEditError, match="the edit says nothing, but the text reads as a number"):
        document.splice([Edit(6, 7, b"2")])
    with pytest.raises(InvalidEditError):
        document.splice([Edit(6, 7, b"2; evil = 3")])
    document.splice([Edit(1, 1, b" "), Edit(8, 8, b"\n")])
    assert document.text == "{  a = 1;\n }"


# -- setting and deleting ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "key", "value"),
    [
        ("{ a = 1; }", "a", 1), ("{ a = [ 1 2 ]; }", "a", [1, 2]), ('{ a = "x"; }', "a", "x"), ("{ a = null; }", "a", None),
        ("{ a.b = true; }", "a.b", True), ("{ a = { b = 1; }; }", "a.b", 1), ("{ a = f x; }", "a", expr("f x")),
    ],
)  # fmt: skip
def test_setting_what_is_there_changes_nothing(text: str, key: str, value: object) -> None:
    unchanged(text, lambda document: document.attrs.set(key, value))


@pytest.mark.parametrize(
    "text",
    [
        "{ a = 1; }", "{\n  a = 1;\n}\n", "{\n  a = 1;\n\n  b = 2;\n}\n", "{ }", "{}", "{\n}\n", "{\n  # c\n}\n",
        "{\r\n  a = 1;\r\n}\r\n", "{\n  a.x = 1;\n}\n", "{\n\ta = 1; # c\n\t# d\n}\n", "{ pkgs, ... }:\n{\n  a = 1;\n}",
        "{\n  a = { b = 1; };\n  c = 1;\n}\n", "{\n  a = 1;\n  # end\n}\n", "{ a = 1; /* c */ }", "{\n  a = 1;\n\n  # end\n\n}\n",
    ],
)  # fmt: skip
@pytest.mark.parametrize("key", ["new", "new.x.y", "x"])
def test_setting_then_deleting_restores_the_text(text: str, key: str) -> None:
    document = nixedit.loads(text)
    document.attrs[key] = 1
    assert document.text != text
    del document.attrs[key.split(".", maxsplit=1)[0]]
    assert document.text.split() == text.split()
    if "1" in text:  # an empty set does not keep how its brackets stood
        assert document.text == text


def test_a_key_set_twice_is_the_last_one() -> None:
    def action(document: nixedit.Document) -> None:
        with document.edit():
            document.attrs["a"] = 2
            document.attrs["b"] = 1
            document.attrs["a"] = 3

    settles("{ a = 1; }", action, "{ a = 3; b = 1; }")


def test_reads_within_a_block_see_its_start() -> None:
    document = nixedit.loads("{ a = 1; }")
    with document.edit():
        document.attrs["a"] = 2
        document.attrs["b"] = 2
        assert document.attrs.to_python() == {"a": 1}
        assert "b" not in document.attrs
        assert document.text == "{ a = 1; }"
    assert document.attrs.to_python() == {"a": 2, "b": 2}
    assert document.revision == 1


def test_two_keys_under_a_new_parent_make_it_once() -> None:
    def action(document: nixedit.Document) -> None:
        with document.edit():
            document.attrs["b.x"] = 1
            document.attrs["b.y"] = 2

    settles(
        "{\n  a = {\n    c = 1;\n  };\n}\n",
        action,
        "{\n  a = {\n    c = 1;\n  };\n  b = {\n    x = 1;\n    y = 2;\n  };\n}\n",
    )


def test_two_formals_added_to_none_share_a_comma() -> None:
    def action(document: nixedit.Document) -> None:
        assert document.formals is not None
        with document.edit():
            document.formals.add("a")
            document.formals.add("b")

    becomes("{ }: 1", action, "{ a, b }: 1")


def test_adjacent_deletions_share_their_commas() -> None:
    def action(document: nixedit.Document) -> None:
        assert document.formals is not None
        with document.edit():
            document.formals.remove("b")
            document.formals.remove("c")

    becomes("{ a, b, c }: 1", action, "{ a }: 1")


@pytest.mark.parametrize("fails", ["missing", "exception"])
def test_a_block_that_raises_changes_nothing(fails: str) -> None:
    document = nixedit.loads("{ a = 1; }")
    with pytest.raises((MissingAttrError, RuntimeError)), document.edit():
        document.attrs["a"] = 2
        if fails == "exception":
            raise RuntimeError
        del document.attrs["nothing"]
    assert document.text == "{ a = 1; }"
    assert document.revision == 0
    document.attrs["a"] = 3
    assert document.text == "{ a = 3; }"


def test_blocks_do_not_nest() -> None:
    document = nixedit.loads("{ a = 1; }")
    with document.edit():
        document.attrs["a"] = 2
        with (
            pytest.raises(EditError, match=r"^an edit\(\) block of this document is open already$"),
            document.edit(),
        ):
            pass
        with pytest.raises(EditError, match=r"^undo\(\) within an edit\(\) block$"):
            document.undo()
    assert document.text == "{ a = 2; }"


def test_an_empty_block_is_no_commit() -> None:
    document = nixedit.loads("{ a = 1; }")
    with document.edit():
        pass
    assert document.revision == 0
    assert not document.undo()


@pytest.mark.parametrize("count", [10_000])
def test_ten_thousand_edits_are_one_commit_of_as_many_splices(count: int) -> None:
    text = "{\n" + "".join(f"  a{number} = {number}; # {number}\n" for number in range(count)) + "}\n"
    document = nixedit.loads(text)
    attrs = document.attrs
    with document.edit():
        for number in range(0, count, 2):
            attrs[f"a{number}"] = number + 1
        for number in range(1, count, 4):
            del attrs[f"a{number}"]
        for number in range(count // 4):
            attrs[f"b{number}"] = number
    assert document.revision == 1
    expected = {f"a{number}": number + (number % 2 == 0) for number in range(count) if number % 4 != 1}
    expected.update({f"b{number}": number for number in range(count // 4)})
    assert document.attrs.to_python() == expected
    assert document.text.count("#") == count - count // 4
    document.undo()
    assert document.text == text


@pytest.mark.parametrize(
    ("text", "key", "message"),
    [
        ("{ a = f x; }", "a.b", "file.nix:1:7: `a` is a computed value here"),
        ("{ a = 1; }", "a.b", "file.nix:1:7: `a` is a computed value here"),
        ("{ inherit a; }", "a.b", "file.nix:1:11: `a` is a computed value here"),
        ("{ a = { } // f x; }", "a.b", "file.nix:1:14: `a` is a computed value here"),
        ("{ a = 1; }", "a..b", "not an attribute path: 'a..b' (expected a name or a string at character 3; "
                               "names with other characters are quoted, or the key is a tuple of names)"),
    ],
)  # fmt: skip
def test_what_depends_on_evaluation_is_refused(text: str, key: str, message: str) -> None:
    refused(text, lambda document: document.attrs.set(key, 1), NotStaticError, message)


@pytest.mark.parametrize("text", ["{ a = 1; ${x} = 2; }", "{ a = 1; ${x}.b = 2; }", '{ a = 1; "${x}" = 2; }'])
def test_computed_names_are_listed_and_never_matched(text: str) -> None:
    document = nixedit.loads(text)
    assert list(document.attrs) == ["a"]
    assert "x" not in document.attrs
    assert len(document.attrs.dynamic) == 1
    with pytest.raises(NotStaticError):
        document.attrs.to_python()


@pytest.mark.parametrize(
    ("text", "at", "binding", "line"),
    [
        ("{ a = 1; }", 8, " a = 2;", "1:10: the edit would define `a` twice"),
        ("{ a = 1; }", 8, " a.b = 2;", "1:10: the edit would define `a` twice"),
        ("{ a.b = 1; }", 10, " a.b = 2;", "1:12: the edit would define `a.b` twice"),
        ("let a = 1; in a", 10, " a = 2;", "1:12: the edit would define `a` twice"),
        ("{ inherit a; }", 12, " a = 2;", "1:14: the edit would define `a` twice"),
        ("{ a = { b = 1; }; }", 17, " a = { b = 2; };", "1:25: the edit would define `a.b` twice"),
    ],
)
def test_what_a_splice_would_define_twice_is_refused(text: str, at: int, binding: str, line: str) -> None:
    edit = Edit(at, at, binding.encode(), (Expected(K.BINDING, 1, len(binding)),))
    refused(text, lambda document: document.splice([edit]), InvalidEditError, f"file.nix:{line}")


def test_sets_that_merge_are_no_second_definition() -> None:
    binding = b" a = { c = 2; };"
    edit = Edit(17, 17, binding, (Expected(K.BINDING, 1, len(binding)),))
    becomes(
        "{ a = { b = 1; }; }", lambda document: document.splice([edit]), "{ a = { b = 1; }; a = { c = 2; }; }"
    )


def test_a_duplicate_that_was_there_before_does_not_hinder_others() -> None:
    becomes("{ a = 1; a = 2; }", lambda document: document.attrs.set("b", 1), "{ a = 1; a = 2; b = 1; }")


@pytest.mark.parametrize(
    ("text", "action"),
    [
        ("{ a }@b: 1", lambda formals: formals.add("b")),
        ("b@{ a }: 1", lambda formals: formals.add("b")),
        ("{ a, b }: 1", lambda formals: formals.bind("b")),
    ],
)
def test_the_whole_argument_is_no_formal(text: str, action: Callable[[Formals], None]) -> None:
    document = nixedit.loads(text)
    assert document.formals is not None
    with pytest.raises(InvalidEditError, match="the edit would define `b` twice"):
        action(document.formals)
    assert document.text == text


@pytest.mark.parametrize("count", [*range(57, 64), 119, 120, 121, 300])
@pytest.mark.parametrize(
    ("opening", "item", "closing"),
    [
        ("{ inherit (x)", " n{}", "; }"),
        ("{", " n{} = 1;", " }"),
        ("{", " p.n{} = 1;", " }"),
        ("{ n = {", " n{} = 1;", " }; }"),
    ],
)
def test_one_attribute_goes_from_among_many(opening: str, item: str, closing: str, count: int) -> None:
    def text(numbers: Iterable[int]) -> str:
        return opening + "".join(item.format(number) for number in numbers) + closing

    prefix = "p." if " p." in item else "n." if "n = " in opening else ""
    for gone in (0, count // 2, count - 1):
        left = [number for number in range(count) if number != gone]

        def action(document: nixedit.Document, gone: int = gone) -> None:
            del document.attrs[f"{prefix}n{gone}"]

        becomes(text(range(count)), action, text(left))


# -- handles ----------------------------------------------------------------------------------


def test_a_handle_follows_its_node() -> None:
    document = nixedit.loads("{ a = [ 1 ]; b = f x; }")
    node, items = document.attrs["b"], document.attrs["a"]
    document.attrs["a"].append(2)
    document.attrs["aa"] = "before"
    assert node.text == "f x"
    assert document.data[node.span.start : node.span.end] == b"f x"
    assert items.to_python() == [1, 2]
    document.undo()
    document.undo()
    assert node.span == (17, 20)


def test_a_handle_is_stale_once_its_bytes_are_gone() -> None:
    document = nixedit.loads("{ a = f x; b = 1; }", "file.nix")
    node, inner = document.attrs["a"], document.attrs["a"].children[0]
    del document.attrs["a"]
    for handle in (node, inner):
        with pytest.raises(StaleNodeError, match=r"^file\.nix: the node was edited away$"):
            assert handle.text
        with pytest.raises(StaleNodeError):
            handle.replace(1)
        assert repr(handle) == "<Node edited away>"
    assert document.text == "{ b = 1; }"


def test_a_handle_whose_inside_changed_is_the_same_node() -> None:
    document = nixedit.loads("{ a = { b = 1; }; }")
    inner = document.attrs["a"]
    inner["c"] = 2
    inner["d"] = 3
    assert inner.to_python() == {"b": 1, "c": 2, "d": 3}
    assert inner.text == "{ b = 1; c = 2; d = 3; }"


def test_a_replaced_node_is_another_one() -> None:
    document = nixedit.loads("{ a = f x; }")
    node = document.attrs["a"]
    node.replace(expr("f y"))
    with pytest.raises(StaleNodeError):
        assert node.text
    assert document.attrs["a"].text == "f y"


# -- size -------------------------------------------------------------------------------------


def test_ten_thousand_parentheses_load_check_and_edit() -> None:
    depth = 10_000
    document = nixedit.loads("(" * depth + "{ a = 1; }" + ")" * depth)
    assert document.errors == ()
    document.attrs["a"] = 2
    document.attrs["b"] = [3]
    assert document.text == "(" * depth + "{ a = 2; b = [ 3 ]; }" + ")" * depth
    assert document.attrs.to_python() == {"a": 2, "b": [3]}
    document.undo()
    assert "a = 2; }" in document.text


@pytest.mark.parametrize(
    ("opening", "inside", "closing"),
    [
        ("[ ", "1", " ]"),
        ("{ a = ", "1", "; }"),
        ("{ a.b = ", "1", "; }"),
        ("let x = 1; in ", "1", ""),
        ("x: ", "1", ""),
        ("(a ", "1", ")"),
        ("-", "1", ""),
    ],
)
def test_deep_nesting_loads_and_checks(opening: str, inside: str, closing: str) -> None:
    document = nixedit.loads(opening * 10_000 + inside + closing * 10_000)
    assert document.errors == ()


@pytest.mark.parametrize(("opening", "closing"), [("[ ", " ]"), ("{ a = ", "; }"), ("{ a.b = ", "; }")])
def test_deep_values_are_read(opening: str, closing: str) -> None:
    depth = 5_000
    document = nixedit.loads(opening * depth + "1" + closing * depth)
    value = document.value.to_python()
    count = 0
    while value != 1:
        value = value[0] if isinstance(value, list) else next(iter(value.values()))
        count += 1
    assert count in (depth, 2 * depth)


@pytest.mark.parametrize("blanks", [b"  ", b"\t", b"   # why \t"])
def test_blanks_at_the_end_of_a_line_stay_where_they_are(blanks: bytes) -> None:
    document = nixedit.loads(b"{\n  a = [\n    1%b\n    2%b\n  ];%b\n  b = 2;%b\n\n}\n" % ((blanks,) * 4))
    document.attrs["a"].append(3)
    document.attrs["c"] = 3
    after = b"{\n  a = [\n    1%b\n    2%b\n    3\n  ];%b\n  b = 2;%b\n  c = 3;\n\n}\n" % ((blanks,) * 4)
    assert document.data == after
    del document.attrs["a"][1]
    document.attrs["a"].insert(1, 4)
    assert b"    1%b\n    4\n    3\n" % blanks in document.data


def test_a_file_of_twenty_megabytes_is_edited() -> None:
    line = b'  attribute = { inner = [ 1 2 3 ]; text = "some more text"; };\n'
    body = b"".join(
        line.replace(b"attribute", b"attribute%d" % number) for number in range(20_000_000 // (len(line) + 5))
    )
    data = b"{\n" + body + b"}\n"
    assert len(data) > 19_000_000
    document = nixedit.loads(data)
    document.attrs["attribute7.inner"].append(4)
    after = document.data
    assert len(after) == len(data) + 2
    assert b"attribute7 = { inner = [ 1 2 3 4 ];" in after
    document.undo()
    assert document.data == data
