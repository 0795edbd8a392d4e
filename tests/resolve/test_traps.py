"""Where Nix is not what it seems: one fact each, and what is known of it. Nix itself checks what is expected."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Any

import pytest
from plain_values import UNKNOWN, difference, evaluated_with_library, evaluator_of, to_python
from test_soundness import FAILED, nix_values, write_files

# Sets that the evaluator does not know; Nix does.
COMPUTED = '(builtins.tryEval { a = "given"; }).value'
TRAPS: dict[str, tuple[str, Any]] = {
    # attributes that are missing, and those that may be
    "a default stands where an attribute is missing": ("{ }.a or 1", 1),
    "a default stands where what is in the middle is missing": ("{ }.a.b.c or 1", 1),
    "a default stands where what is in the middle is no set": ("{ a = 1; }.a.b or 2", 2),
    "a default does not stand where the set is not known": (f"({COMPUTED}).a or 1", UNKNOWN),
    "a default is not needed where the right side has it": (f"({COMPUTED} // {{ a = 1; }}).a or 2", 1),
    "a set has what is not known itself": (f"{{ a = {COMPUTED}; }} ? a", True),
    "a set may have what a computed name may be": (f"{{ ${{({COMPUTED}).a}} = 1; }} ? a", UNKNOWN),
    "a set has nothing below what is no set": ("{ a = 1; } ? a.b", False),
    "a name that is null adds nothing": ("{ ${null} = 1; } ? a", False),
    # `//`
    "the right side wins, as a whole": ("({ a.b = 1; } // { a.c = 2; }).a", {"c": 2}),
    "a computed name on the right may replace what is on the left": (
        f"({{ given = 1; }} // {{ ${{({COMPUTED}).a}} = 2; }}).given",
        UNKNOWN,
    ),
    "what is not known on the right may replace it too": (f"({{ a = 1; }} // {COMPUTED}).a", UNKNOWN),
    "what is not known on the left is replaced": (f"({COMPUTED} // {{ a = 1; }}).a", 1),
    "rec attributes see each other before `//`": ("(rec { a = b; b = 1; } // { b = 2; }).a", 1),
    # scopes
    "let wins over with": ("let a = 1; in with { a = 2; }; a", 1),
    "an outer formal wins over an inner with": ("(a: with { a = 2; }; a) 1", 1),
    "the inner with wins": ("with { a = 1; }; with { a = 2; }; a", 2),
    "the outer with is asked where the inner one has it not": ("with { a = 1; }; with { b = 2; }; a", 1),
    "the inner with may have it": (f"with {{ a = 1; }}; with {COMPUTED}; a", UNKNOWN),
    "builtins has what builtins has": ("with { head = 1; }; with builtins; head [ 2 ]", 2),
    "a plain inherit looks outside of its rec": ("let a = 1; in (rec { inherit a; b = a; }).b", 1),
    "names of Nix can be hidden": ("let true = 1; in true", 1),
    "a function sees where it was written": ("let x = 1; f = y: x; in let x = 2; in f x", 1),
    "a recursive function has arguments of its own": (
        'let f = n: if n == "" then [ ] else [ n ] ++ f ""; in f "x"',
        ["x"],
    ),
    # arguments
    "a default sees the other formals": ("({ a, b ? a }: b) { a = 1; }", 1),
    "a default sees formals behind it": ("({ a ? b, b ? 2 }: a) { }", 2),
    "the name of all arguments has no defaults": ("({ a ? 1, ... }@all: all ? a) { }", False),
    "an argument that is given is not the default": (f"({{ a ? 1, ... }}: a) ({COMPUTED})", UNKNOWN),
    "an argument that may be given is not the default": (
        f"({{ b ? 1, ... }}: b) ({COMPUTED} // {{ a = 1; }})",
        UNKNOWN,
    ),
    "an argument that is given as something unknown is not the default": (
        f"({{ a ? 1 }}: a) {{ a = ({COMPUTED}).a; }}",
        UNKNOWN,
    ),
    "what is not used is not evaluated": ('(a: b: b) (throw "no") 1', 1),
    # names of the library are names like others
    "a function of a name like the library's is not the library's": ("let map = f: l: l; in map 1 2", 2),
    # equality
    "true is not one": ("true == 1", False),
    "one is one point nothing": ("1 == 1.0", True),
    "a string is not its number": ('"1" == 1', False),
    "elem compares more than strings": ("builtins.elem 1 [ 1 ]", True),
    "elem does not guess": (f"builtins.elem 1 [ ({COMPUTED}).a ]", UNKNOWN),
    # lists
    "flatten goes deep": ("lib.flatten [ [ [ 1 ] 2 ] [ [ ] ] 3 ]", [1, 2, 3]),
    "flatten makes a list": ("lib.flatten 1", [1]),
    "toList keeps lists": ("lib.toList [ 1 ]", [1]),
    "the order of attributes is that of their names": (
        "builtins.attrValues { b = 1; a = 2; B = 3; }",
        [3, 2, 1],
    ),
    "the first of one name stays": (
        'builtins.listToAttrs [ { name = "a"; value = 1; } { name = "a"; value = 2; } ]',
        {"a": 1},
    ),
    "mapAttrs keeps what has a computed name": (
        f"builtins.attrNames (builtins.mapAttrs (_: v: v) {{ ${{({COMPUTED}).a}} = 1; }})",
        UNKNOWN,
    ),
    "recursiveUpdate goes into sets only": (
        "lib.recursiveUpdate { a.b = 1; c = 1; d.e = 1; } { a.c = 2; c.d = 2; d = 3; }",
        {"a": {"b": 1, "c": 2}, "c": {"d": 2}, "d": 3},
    ),
    "recursiveUpdate does not know what it does not see": (
        f"(lib.recursiveUpdate {{ a = {COMPUTED}; }} {{ a.b = {{ }}; a.c = 1; }}).a",
        {"b": {"...": UNKNOWN}, "c": 1, "...": UNKNOWN},
    ),
    # strings
    "toString of booleans": ("map toString [ true false null 1 ]", ["1", "", "", "1"]),
    "dollars and escapes in a string": ('"$${ "+ "${"a"}$$b\\${c}"', "$${ a$$b${c}"),
    "carriage returns are newlines": ('"a\r\nb${"c"}"', "a\nbc"),
    "baseNameOf a folder's path with a slash": ('builtins.elem (baseNameOf "a/b/") [ "b" "" ]', UNKNOWN),
    # paths
    "two paths are one where they lead to one": ("./data/../data/text == ./data/text", True),
    "text behind a path adds no slash": ('toString (./da + "ta") == toString ./data', UNKNOWN),
    "text behind a path is a part of it": ('builtins.readFile (./da + "ta/text")', "text"),
    "a path goes up": ('builtins.readFile (./folder + "/../data/text")', "text"),
    "a path behind a path is a part of it": ('builtins.readFile (./. + "/da" + "ta" + /text)', "text"),
    "there is nothing": ("builtins.pathExists ./nothing", False),
    "a link is there": ("builtins.pathExists ./data/link", True),
    "a link is no folder": ("(builtins.readDir ./data).link", "symlink"),
    "what is linked stands where the link leads": ('(import ./linked.nix "x").b', "text"),
    # data
    "JSON's last of one name stays": ("builtins.fromJSON ''{\"a\": 1, \"a\": 2}''", {"a": 2}),
    "JSON's numbers": ("builtins.fromJSON ''[1, -1, 1.5, true, null]''", [1, -1, 1.5, True, None]),
    # recursion
    "a set that knows itself": ("let self = { a = 1; b = self.a; }; in self.b", 1),
    "a fixed point": ("let fix = f: let x = f x; in x; in (fix (me: { a = me.b; b = 1; })).a", 1),
    "a functor gets itself": ("{ __functor = me: x: me.a + x; a = 1; } 2", 3),
}
# What Nix refuses, and what must not be taken for known.
REFUSED = (
    "let a = a; in a",
    "{ }.a",
    "rec { a = b; b = a; }.a",
    "let f = x: f x; in f 1",
    "assert false; 1",
    "if 1 then 2 else 3",
    "!1",
    "-true",
    "9223372036854775808",
    "9223372036854775807 + 1 == 1",
    'builtins.fromJSON "NaN"',
    'builtins.fromJSON "1e999"',
    'builtins.fromJSON "\\"\\\\ud800\\""',
    'builtins.fromJSON "[1,]"',
    '(builtins.fromTOML "a = 1979-05-27").a',
    "builtins.readDir ./nothing",
    "import ./nothing.nix",
    "builtins.genAttrs",
    "lib.genAttrs [ 1 ] (x: x)",
    "builtins.listToAttrs [ { name = 1; value = 1; } ]",
    'builtins.concatStringsSep 1 [ "a" ]',
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("traps")
    write_files(made)
    return made


@pytest.mark.parametrize("name", TRAPS)
def test_a_trap(folder: Path, name: str) -> None:
    code, expected = TRAPS[name]
    (folder / "trap.nix").write_bytes(f"{{ lib }}: {code}".encode())
    found = to_python(evaluated_with_library(evaluator_of(folder), "trap.nix"))
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize("code", REFUSED)
def test_what_nix_refuses_is_not_known(folder: Path, code: str) -> None:
    (folder / "refused.nix").write_text(f"{{ lib }}: {code}")
    found = to_python(evaluated_with_library(evaluator_of(folder), "refused.nix"))
    assert found == UNKNOWN or str(found).endswith("...") or found == "builtins.genAttrs"


def test_nix_says_what_is_expected(folder: Path) -> None:
    if shutil.which("nix-instantiate") is None:
        pytest.skip("Nix is not installed")
    names = [f"trap{number}.nix" for number in range(len(TRAPS))]
    for name, (code, _) in zip(names, TRAPS.values(), strict=True):
        (folder / name).write_bytes(f"{{ lib }}: {code}".encode())
    evaluator = evaluator_of(folder)
    for name, trap, nix in zip(names, TRAPS, nix_values(folder, names), strict=True):
        assert nix is not FAILED, trap
        assert difference(evaluated_with_library(evaluator, name), nix, folder) is None, trap
