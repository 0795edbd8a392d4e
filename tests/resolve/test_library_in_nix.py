"""Functions of the library that are said in Nix: what the evaluator makes of them, and what Nix does."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from plain_values import UNKNOWN, evaluated_with_library, evaluator_of, to_python
from test_soundness import nix_values

from nixedit.resolve.library import in_nix

WRITTEN = Path(in_nix.__file__).parent / "written.nix"
# What each gives, and what it gives where a part is not known.
EXAMPLES: dict[str, object] = {
    "lib.const 1 2": 1,
    "(lib.fix (self: { a = 1; b = self.a; })).b": 1,
    'lib.throwIf false "no" 1': 1,
    'lib.warnIf false "no" 1': 1,
    "lib.last [ 1 2 3 ]": 3,
    "lib.init [ 1 2 3 ]": [1, 2],
    "lib.take 2 [ 1 2 3 ]": [1, 2],
    "lib.take 4 [ 1 2 3 ]": [1, 2, 3],
    "lib.drop 2 [ 1 2 3 ]": [3],
    "lib.drop 4 [ 1 2 3 ]": [],
    "lib.reverseList [ 1 2 3 ]": [3, 2, 1],
    "lib.range 2 4": [2, 3, 4],
    "lib.range 2 1": [],
    "lib.imap0 (index: value: index + value) [ 1 2 ]": [1, 3],
    "lib.imap1 (index: value: index + value) [ 1 2 ]": [2, 4],
    "lib.zipListsWith (a: b: a + b) [ 1 2 3 ] [ 10 20 ]": [11, 22],
    "lib.zipLists [ 1 ] [ 2 ]": [{"fst": 1, "snd": 2}],
    'lib.foldr (a: b: a + b) "" [ "x" "y" ]': "xy",
    "lib.unique [ 1 2 1 3 2 ]": [1, 2, 3],
    "lib.remove 1 [ 1 2 1 ]": [2],
    "lib.subtractLists [ 1 ] [ 1 2 3 ]": [2, 3],
    "lib.intersectLists [ 1 3 ] [ 3 2 1 ]": [3, 1],
    "lib.findFirst (value: value > 1) 0 [ 1 2 3 ]": 2,
    "lib.findFirst (value: value > 9) 0 [ 1 2 3 ]": 0,
    "lib.count (value: value > 1) [ 1 2 3 ]": 2,
    "lib.partition (value: value > 1) [ 1 2 3 ]": {"right": [2, 3], "wrong": [1]},
    'lib.groupBy (value: if value > 1 then "more" else "one") [ 1 2 3 ]': {"one": [1], "more": [2, 3]},
    "lib.cartesianProduct { a = [ 1 2 ]; b = [ 3 4 ]; }": [
        {"a": 1, "b": 3},
        {"a": 1, "b": 4},
        {"a": 2, "b": 3},
        {"a": 2, "b": 4},
    ],
    'lib.optionalString true "x"': "x",
    'lib.concatStrings [ "a" "b" ]': "ab",
    'lib.concatMapStrings (x: x + "!") [ "a" "b" ]': "a!b!",
    'lib.concatMapStringsSep "," (x: x + "!") [ "a" "b" ]': "a!,b!",
    "lib.attrsToList { b = 2; a = 1; }": [{"name": "a", "value": 1}, {"name": "b", "value": 2}],
    'lib.attrVals [ "b" "a" ] { a = 1; b = 2; }': [2, 1],
    'lib.catAttrs "a" [ { a = 1; } { } { a = 2; } ]': [1, 2],
    'lib.getAttrs [ "a" ] { a = 1; b = 2; }': {"a": 1},
    "lib.intersectAttrs { a = 1; c = 1; } { a = 2; b = 2; }": {"a": 2},
    'lib.attrByPath [ "a" "b" ] 0 { a.b = 1; }': 1,
    'lib.attrByPath [ "a" "c" ] 0 { a.b = 1; }': 0,
    'lib.hasAttrByPath [ "a" "b" ] { a.b = 1; }': True,
    'lib.hasAttrByPath [ "a" "b" "c" ] { a.b = 1; }': False,
    'lib.getAttrFromPath [ "a" "b" ] { a.b = 1; }': 1,
    'lib.setAttrByPath [ "a" "b" ] 1': {"a": {"b": 1}},
    'lib.foldlAttrs (made: name: value: made + name + value) "" { b = "2"; a = "1"; }': "a1b2",
    "lib.foldAttrs (a: b: [ a ] ++ b) [ ] [ { a = 1; } { a = 2; b = 3; } ]": {"a": [1, 2], "b": [3]},
    "lib.zipAttrsWith (name: values: values) [ { a = 1; } { a = 2; b = 3; } ]": {"a": [1, 2], "b": [3]},
    "lib.zipAttrs [ { a = 1; } { a = 2; } ]": {"a": [1, 2]},
    'lib.mapAttrsRecursive (path: value: path ++ [ value ]) { a.b = "c"; }': {"a": {"b": ["a", "b", "c"]}},
    "lib.mapAttrsRecursiveCond (set: !(set ? stop)) (path: value: 1) { a.stop = 2; b.c = 3; }": {
        "a": 1,
        "b": {"c": 1},
    },
    "lib.collect (value: value ? a) { x.a = 1; y.z.a = 2; }": [{"a": 1}, {"a": 2}],
    'lib.filterAttrsRecursive (name: value: name != "no") { a.no = 1; a.b = 2; no = 3; }': {"a": {"b": 2}},
    'lib.genAttrs\' [ 1 ] (value: { name = "a"; inherit value; })': {"a": 1},
    'lib.recursiveUpdateUntil (path: a: b: path == [ "a" ]) { a.b = 1; c.d = 1; } { a.c = 2; c.e = 2; }': {
        "a": {"c": 2},
        "c": {"d": 1, "e": 2},
    },
    "lib.sort (a: b: a > b) [ 2 3 1 ]": [3, 2, 1],
    'builtins.sort builtins.lessThan [ "b" "a" "c" ]': ["a", "b", "c"],
    "map (x: x.b) (lib.sortOn (x: x.a) [ { a = 2; b = 1; } { a = 1; b = 2; } { a = 2; b = 3; } ])": [2, 1, 3],
    "builtins.sort (a: b: a < b) [ 1 (lib.unknown 1) ]": UNKNOWN,
    'builtins.match "^pve-.*" "pve-1"': [],
    'builtins.match "pve" "pve-1"': None,
    'builtins.match "(.*)\\\\.nix" "a.b.nix"': ["a.b"],
    'builtins.match "(a*)(a+)b?" "aaa"': ["aa", "a"],
    'builtins.match "[a-z_0-9]+@(home|work)" "ada@home" != null': True,
    'builtins.match "(ab)?c" "c" != null': True,
    'builtins.match "x$" "x"': [],
    'builtins.match "(home|work)" "home"': [UNKNOWN],
    'builtins.match "[[:alpha:]]+" "home"': UNKNOWN,
    'builtins.match "a*?" "a"': UNKNOWN,
    'builtins.match "a{2}" "aa"': UNKNOWN,
    'builtins.match "(?i)a" "A"': UNKNOWN,
    "builtins.length (lib.unique [ 1 (lib.unknown 1) ])": UNKNOWN,
    'lib.attrByPath [ "a" ] 0 (lib.unknown 1)': UNKNOWN,
    "with lib; with { }; unique [ 1 1 ]": [1],
}


@pytest.mark.parametrize("code", EXAMPLES)
def test_what_is_known_of_it(code: str, tmp_path: Path) -> None:
    (tmp_path / "flake.nix").write_text(f"{{ lib }}: {code}")
    assert to_python(evaluated_with_library(evaluator_of(tmp_path), "flake.nix")) == EXAMPLES[code]


def test_nix_says_the_same(tmp_path: Path) -> None:
    if shutil.which("nix-instantiate") is None:
        pytest.skip("Nix is not installed")
    known = {code: value for code, value in EXAMPLES.items() if value not in (UNKNOWN, [UNKNOWN])}
    names = [f"example{number}.nix" for number in range(len(known))]
    for name, code in zip(names, known, strict=True):
        (tmp_path / name).write_text(f"{{ lib }}: {code}")
    assert nix_values(tmp_path, names, WRITTEN) == list(known.values())
