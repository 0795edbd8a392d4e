"""The queries of the grammar, and those written for tree-sitter-nix, work on our trees."""

import re
from pathlib import Path

import pytest
import tree_sitter_nix
from tree_sitter import Query, QueryCursor

from .trees import LANGUAGE, parse

QUERIES = Path(__file__).parents[2] / "grammars" / "nix" / "queries"
PEER_QUERIES = Path(tree_sitter_nix.__file__).parent / "queries"

# Compiled once and never freed: py-tree-sitter 0.26.1 corrupts memory when it frees a query that has
# #match? before #set! or #is-not? in one pattern, as the peer's have.
COMPILED = {
    path: Query(LANGUAGE, path.read_text(encoding="utf-8"))
    for path in (*sorted(QUERIES.glob("*.scm")), *sorted(PEER_QUERIES.glob("*.scm")))
}


def captures(query: str, source: bytes) -> dict[str, list[str]]:
    """Return the texts that one of our queries captures, by capture name, in their order in the file."""
    cursor = QueryCursor(COMPILED[QUERIES / f"{query}.scm"])
    found = cursor.captures(parse(source).root_node)
    spans = {
        name: sorted((node.start_byte, node.end_byte) for node in nodes) for name, nodes in found.items()
    }
    return {name: [source[start:end].decode() for start, end in where] for name, where in spans.items()}


def test_all_four_queries_and_those_of_the_peer_compile() -> None:
    ours = {path.stem for path in COMPILED if path.parent == QUERIES}
    assert ours == {"highlights", "injections", "locals", "tags"}
    assert len(COMPILED) > len(ours)


@pytest.mark.parametrize("path", sorted(QUERIES.glob("*.scm")), ids=lambda path: path.stem)
def test_no_pattern_has_the_predicates_that_crash_py_tree_sitter(path: Path) -> None:
    patterns = re.split(r"\n\n", path.read_text(encoding="utf-8"))
    wrong = re.compile(r"#(any-|not-)*(eq|match|of)\?.*#(set!|is\?|is-not\?)", re.DOTALL)
    code = [re.sub(r"^;.*$", "", pattern, flags=re.MULTILINE) for pattern in patterns]
    assert [pattern for pattern in code if wrong.search(pattern)] == []


def test_highlights() -> None:
    found = captures("highlights", b'{ a, ... }: # c\nlib.map (x: "s\\n${x}") a ++ [ 1 null ./p ]')
    assert found["comment"] == ["# c"]
    assert found["variable.parameter"] == ["a", "x"]
    assert found["function.call"] == ["map"]
    assert found["string.escape"] == ["\\n"]
    assert found["operator"] == ["++"]
    assert found["number"] == ["1"]
    assert found["constant.builtin"] == ["null"]
    assert found["string.special.path"] == ["./p"]
    assert found["embedded"] == ["x"]


def test_every_keyword_is_highlighted() -> None:
    found = captures(
        "highlights", b"let a = rec { inherit (b) c; }; in with a; assert b; if c then d.e or f else g"
    )
    words = ["let", "rec", "inherit", "in", "with", "assert", "or"]
    assert found["keyword"] == words
    assert found["keyword.conditional"] == ["if", "then", "else"]


def test_locals() -> None:
    found = captures("locals", b"{ a }@b: let c = a; inherit (d) e; in rec { f = b; g.h = { i = f; }; }")
    assert found["local.definition.parameter"] == ["a", "b"]
    assert found["local.definition.var"] == ["c", "e", "f", "g"]
    assert found["local.reference"] == ["a", "d", "b", "f"]
    assert len(found["local.scope"]) == 3


@pytest.mark.parametrize(
    "source",
    [
        b"{ buildPhase = ''make''; }",
        b"{ systemd.services.a.script = ''make''; }",
        b"writeShellScriptBin \"a\" ''make''",
        b"pkgs.writeShellScript \"a\" ''make''",
        b"pkgs.runCommand \"a\" { } ''make''",
    ],
)
def test_shell_is_injected(source: bytes) -> None:
    assert captures("injections", source)["injection.content"] == ["make"]


def test_a_comment_names_the_language() -> None:
    found = captures("injections", b"{ a = /* lua */ ''return''; }")
    assert "return" in found["injection.content"]
    assert found["injection.language"] == ["/* lua */"]


def test_other_strings_are_left_alone() -> None:
    assert captures("injections", b"{ description = ''make''; }") == {}


def test_tags() -> None:
    found = captures("tags", b"{ lib.double = x: add x (lib.id x); n = 1; }")
    assert found["name"] == ["double", "add", "id"]
    assert found["definition.function"] == ["lib.double = x: add x (lib.id x);"]
