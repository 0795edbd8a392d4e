"""Literals read as Python values are what Nix evaluates them to."""

from __future__ import annotations

import itertools
import json
import shutil
import subprocess
from pathlib import Path

import pytest

import nixedit
from nixedit import NotStaticError

TEXTS = (
    "",
    " ",
    "  a",
    "    b",
    "\ta",
    " \t",
    "'''",
    "''$x",
    "''\\n",
    "''\\ c",
    " ''\\t",
    "$$a",
    "$",
    "''${a}",
    " '' ''",
    "é",
    "\\n",
    '"',
    "a  ",
)
INDENTED = [
    f"''{text}''"
    for count in (1, 2, 3)
    for lines in itertools.islice(itertools.product(TEXTS, repeat=count), 0, None, (1, 1, 11)[count - 1])
    if "''" not in (text := "\n".join(lines)).replace("'''", "").replace("''$", "").replace("''\\", "")
]
QUOTED = [
    f'"{text}"' for pieces in itertools.product(("a", "\\n", "\\t", '\\"', "\\\\", "\\$", "$$", "$", "\\${x}", "$${x}", "\n", "\\a", "é", "''", "\\\n"), repeat=2)
    if "$$${" not in (text := "".join(pieces))
]  # fmt: skip
NUMBERS = [
    "1",
    "007",
    "9223372036854775807",
    "-1",
    "-(-1)",
    "1.5",
    ".5",
    "1.",
    "1.5e3",
    "-0.5",
    "1.0e-3",
    "- 5",
    "(1)",
]
OTHERS = [
    "true",
    "null",
    "[ 1 [ 2 ] (3) ]",
    "{ a.b = 1; a = { c = 2; }; }",
    "rec { a = 1; }",
    "{ a = 1; } // { b = 2; a = 3; }",
    "let x = 1; in 5",
    "with { }; [ ]",
    "assert true; { }",
    '{ "a b" = 1; ${"c"} = 2; }',
    "{ ${''d''} = 1; }",
]


def evaluated(folder: Path, expressions: list[str]) -> list[object]:
    if shutil.which("nix-instantiate") is None:
        pytest.skip("Nix is not installed")
    (folder / "all.nix").write_text("[\n" + "\n".join(f"({text})" for text in expressions) + "\n]\n")
    command = ["nix-instantiate", "--eval", "--strict", "--json", str(folder / "all.nix")]
    result = subprocess.run(command, capture_output=True, check=False)
    assert result.returncode == 0, result.stderr.decode()
    values: list[object] = json.loads(result.stdout)
    return values


@pytest.mark.parametrize(
    "expressions", [INDENTED, QUOTED, NUMBERS, OTHERS], ids=["indented", "quoted", "numbers", "others"]
)
def test_a_literal_is_what_nix_evaluates_it_to(tmp_path: Path, expressions: list[str]) -> None:
    wrong = []
    for text, value in zip(expressions, evaluated(tmp_path, expressions), strict=True):
        read = nixedit.loads(text).value.to_python()
        if read != value or (isinstance(read, bool) != isinstance(value, bool)):
            wrong.append((text, read, value))
    assert wrong == []


@pytest.mark.parametrize(
    "text",
    [
        "x",
        "f 1",
        '"${x}"',
        "./a",
        "<a>",
        "a.b",
        "1 + 1",
        "x: x",
        "if true then 1 else 2",
        "[ x ]",
        "{ a = x; }",
        "{ inherit a; }",
        "{ ${a} = 1; }",
        "{ } // x",
        "x // { }",
        "!true",
        "-x",
        "-true",
        "http://x",
    ],
)
def test_what_is_no_literal_is_not_static(text: str) -> None:
    with pytest.raises(NotStaticError):
        nixedit.loads(text).value.to_python()
