"""Functions that no file of the flake defines: of nixpkgs' library, of flake-utils, and those of files."""

from __future__ import annotations

from pathlib import Path

import pytest
from plain_values import UNKNOWN, evaluated_with_library, evaluator_of, to_python
from test_soundness import write_files

# What is known of each, in words of our own; `library.nix` has the definitions that random programs use.
EXAMPLES: list[tuple[str, object]] = [
    # files
    ("lib.filesystem.listFilesRecursive ./folder", ["path:folder/default.nix"]),
    (
        "lib.filesystem.listFilesRecursive ./data",
        [
            f"path:data/{name}"
            for name in ("a.json", "b.toml", "inner/b", "inner/default.nix", "link", "text")
        ],
    ),
    ("lib.filesystem.listFilesRecursive ./nothing", UNKNOWN),
    ('lib.path.append ./data "inner/b"', "path:data/inner/b"),
    ('lib.path.append ./. "./data/"', "path:data"),
    ('lib.path.append ./data "../data"', UNKNOWN),
    ('lib.path.append ./data "/inner"', UNKNOWN),
    ("lib.path.append ./data lib.unknown", UNKNOWN),
    ("lib.fileset.toList ./data/inner", ["path:data/inner/b", "path:data/inner/default.nix"]),
    ("lib.fileset.toList ./data/text", ["path:data/text"]),
    (
        'lib.fileset.toList (lib.fileset.fileFilter (f: f.hasExt "nix") ./data)',
        ["path:data/inner/default.nix"],
    ),
    ('lib.fileset.toList (lib.fileset.fileFilter (f: f.type == "symlink") ./data)', ["path:data/link"]),
    ("lib.fileset.toList (lib.fileset.fileFilter (f: f.other) ./data)", UNKNOWN),
    ("lib.fileset.toList (lib.fileset.unions [ ./data ])", UNKNOWN),
    (
        'builtins.filter (lib.hasSuffix ".nix") (lib.filesystem.listFilesRecursive ./data)',
        ["path:data/inner/default.nix"],
    ),
    (
        "builtins.filter (f: f != ./data/inner/b) (lib.filesystem.listFilesRecursive ./data/inner)",
        ["path:data/inner/default.nix"],
    ),
    # A path in the store keeps the file's name, and nothing in front of it.
    ('lib.hasSuffix "/default.nix" ./folder/default.nix', UNKNOWN),
    ("lib.importJSON ./data/a.json", {"a": "from json", "d": "x"}),
    ("lib.importTOML ./data/b.toml", {"a": "from toml", "c": "é"}),
    ("builtins.readFile ./outside", UNKNOWN),
    ("import ./outside", UNKNOWN),
    ("builtins.readDir ./out", UNKNOWN),
    ("builtins.pathExists ./out/a", UNKNOWN),
    ("import ./round", UNKNOWN),
    # what may be there
    ("lib.optionals lib.unknown [ 1 ]", UNKNOWN),
    ("lib.optional true 1", [1]),
    ("lib.optionalAttrs lib.unknown { a = 1; }", UNKNOWN),
    ("lib.toList (lib.unknown 1)", UNKNOWN),
    ("lib.flatten [ 1 (lib.unknown 1) ]", UNKNOWN),
    ("builtins.head [ 1 lib.unknown ]", 1),
    ("builtins.head ([ 1 ] ++ lib.unknown)", 1),
    ("builtins.head (lib.unknown ++ [ 1 ])", UNKNOWN),
    ("builtins.attrNames (lib.unknown // { a = 1; })", UNKNOWN),
    ("builtins.filter (x: lib.unknown x) [ 1 ]", UNKNOWN),
    ("lib.filterAttrs (n: v: v == 1) { a = 1; b = 2; }", {"a": 1}),
    ("lib.unknown 1 2", "nixpkgs.lib.unknown ..."),
    # the library, extended
    ("(lib.extend (final: prev: { one = 1; two = final.one + 1; })).two", 2),
    ("(lib.extend (final: prev: { one = 1; })).two", "nixpkgs.lib.two"),
    ("(lib.extend (final: prev: lib.unknown)).two", UNKNOWN),
    ("(lib.extend (final: prev: builtins)).two", "nixpkgs.lib.two"),
    ("(lib.extend (final: prev: builtins // { one = 1; })).one", 1),
    ("lib.nixosSystem != null", True),
    ("(lib // { one = 1; }).one", 1),
    ("(lib // { ${lib.unknown} = 1; }).two", UNKNOWN),
    ("(lib // { toList = x: x; }).toList 1", 1),
    ("lib.makeOverridable (x: { inherit (x) a; }) { a = 1; } ? override", True),
    # a set of one's own that can be extended
    (
        "((lib.makeExtensible (final: { one = 1; two = final.one + 1; })).extend (_: prev: { one = 5; })).two",
        6,
    ),
    # what is put behind a path with a slash at its end is below it, in a string
    ('toString ./data + "/" + "a.json"', "text:data/a.json"),
    ('builtins.pathExists ("${toString ./data}/" + "inner/b")', True),
    ('lib.hasSuffix "/" "${toString ./data}/"', UNKNOWN),
    # a copy in the store can be looked at, but what it has is elsewhere
    ('builtins.pathExists "${./data}/inner/b"', True),
    ('builtins.pathExists "${./data}/inner/c"', False),
    ('builtins.attrNames (builtins.readDir "${./data}/inner")', ["b", "default.nix"]),
    ('import "${./folder}/default.nix"', UNKNOWN),
    ('builtins.pathExists "${./data}/../data/inner"', UNKNOWN),
    ('builtins.pathExists "${./data}x"', UNKNOWN),
    ('builtins.pathExists "${./data}/${"inner"}/b"', True),
    ('"${./data}"', UNKNOWN),
    # wherever a nixpkgs comes from
    ('import (lib.unknown 1 + "/nixos/lib/eval-config.nix")', ".lib.nixosSystem"),
    ('import (lib.unknown 1 + "/nixos/lib/other.nix")', UNKNOWN),
    # flake-utils: only what does not depend on the system is known
    (
        "lib.eachDefaultSystem (system: { a = system; })",
        {"a": UNKNOWN},
    ),
    ("lib.eachSystem [ ] (system: { a = 1; })", UNKNOWN),
    ('lib.eachSystem [ "x" ] (system: { a = 1; })', {"a": UNKNOWN}),
    ('lib.eachDefaultSystem (system: if system == "x86_64-linux" then { a = 1; } else { })', UNKNOWN),
    ("lib.eachDefaultSystemPassThrough (system: { a = 1; b = system; })", {"a": 1, "b": UNKNOWN}),
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    above = tmp_path_factory.mktemp("library")
    (above / "secret").mkdir()
    (above / "secret" / "a").write_text("1")
    made = above / "flake"
    made.mkdir()
    write_files(made)
    (made / "outside").symlink_to("../secret/a")
    (made / "out").symlink_to("../secret")
    (made / "round").symlink_to("round")
    return made


@pytest.mark.parametrize(("code", "expected"), EXAMPLES, ids=[code for code, _ in EXAMPLES])
def test_what_is_known_of_a_function(folder: Path, code: str, expected: object) -> None:
    (folder / "flake.nix").write_text(f"{{ lib }}: {code}")
    assert to_python(evaluated_with_library(evaluator_of(folder), "flake.nix")) == expected


def test_what_git_keeps_is_no_part_of_a_flake(folder: Path) -> None:
    (folder / "data" / ".git").mkdir(exist_ok=True)
    (folder / "flake.nix").write_text('{ lib }: (builtins.readDir ./data) ? ".git"')
    assert to_python(evaluated_with_library(evaluator_of(folder), "flake.nix")) is False
