"""`nixedit input follow` without a path, and `dedupe`: from flake.lock to flake.nix."""

import io
import json
import sys

import pytest
from locked_flakes import FLAKE, LOCK, node, write_flake

from nixedit.cli.main import main

FOLLOWED = FLAKE.replace('zig-overlay";\n', 'zig-overlay";\n    zig.inputs.nixpkgs.follows = "nixpkgs";\n')


@pytest.fixture
def flake(tmp_path, monkeypatch):
    """The small flake, in the working folder."""
    monkeypatch.chdir(tmp_path)
    return write_flake(tmp_path)


def test_what_is_missing_is_written(flake, capsys):
    assert main(["input", "follow"]) == 0
    assert capsys.readouterr() == ("flake.nix: `zig.nixpkgs` follows `nixpkgs`\n", "")
    assert flake.read_text() == FOLLOWED
    assert main(["input", "follow"]) == 0
    assert capsys.readouterr().out == "flake.nix: nothing to do\n"


def test_check_and_diff_write_nothing(flake, capsys):
    assert main(["input", "follow", "--check"]) == 1
    assert main(["input", "follow", "--diff"]) == 0
    assert '+    zig.inputs.nixpkgs.follows = "nixpkgs";' in capsys.readouterr().out
    assert flake.read_text() == FLAKE


@pytest.mark.parametrize("ignored", ["zig.nixpkgs", "nixpkgs", '"zig"."nixpkgs"'])
def test_what_is_ignored_stays(flake, capsys, ignored):
    assert main(["input", "follow", "--ignore", ignored, "--check"]) == 0


def test_an_alias_is_another_name(flake, capsys):
    assert main(["input", "follow", "--alias", "font=flake-utils", "--ignore", "nixpkgs"]) == 0
    assert capsys.readouterr().out == "flake.nix: `zig.flake-utils` stays as it is: `font` is no flake\n"


def test_what_is_shared_becomes_an_input_with_its_formal(tmp_path, capsys):
    lock = json.loads(json.dumps(LOCK))
    lock["nodes"]["utils_2"] = node("numtide", "flake-utils", {"systems": "systems_2"})
    lock["nodes"]["systems_2"] = node("nix-systems", "default")
    lock["nodes"]["home-manager"]["inputs"]["flake-utils"] = "utils_2"
    path = write_flake(tmp_path, lock=lock)
    assert main(["input", "follow", "--transitive", "--flake", str(tmp_path)]) == 0
    assert (
        "new input `flake-utils` (github:numtide/flake-utils), shared by `home-manager`, `zig`"
        in capsys.readouterr().out
    )
    text = path.read_text()
    assert '    flake-utils.url = "github:numtide/flake-utils";\n' in text
    assert '      inputs.flake-utils.follows = "flake-utils";\n' in text
    assert '    zig.inputs.flake-utils.follows = "flake-utils";\n' in text
    assert "{ self, nixpkgs, home-manager, zig, font, flake-utils }:" in text
    assert main(["input", "follow", "--transitive", "--check", "--flake", str(tmp_path)]) == 0


def test_a_stale_follows_goes(tmp_path, capsys):
    text = FLAKE.replace(
        'inputs.nixpkgs.follows = "nixpkgs";',
        'inputs.nixpkgs.follows = "nixpkgs";\n      inputs.utils.follows = "zig";',
    )
    path = write_flake(tmp_path, text)
    assert main(["input", "follow", "--flake", str(tmp_path)]) == 0
    assert (
        "`home-manager.utils` follows nothing any more: `home-manager` has no input `utils`"
        in capsys.readouterr().out
    )
    assert path.read_text() == FOLLOWED


def test_json_says_what_the_plan_is(flake, capsys):
    assert main(["input", "follow", "--check", "--json"]) == 1
    (only,) = json.loads(capsys.readouterr().out)["flakes"]
    assert only["additions"] == [{"path": "zig.nixpkgs", "target": "nixpkgs", "reason": None}]
    assert (only["removals"], only["promotions"], only["skipped"], only["unknown"]) == ([], [], [], [])


def test_standard_input_needs_the_lock_named(flake, capsys, monkeypatch):
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(FLAKE.encode())))
    assert main(["input", "follow", "--flake", "-"]) == 2
    assert capsys.readouterr().err == "<stdin>: which lock? Name it: --lock-file PATH\n"


def test_no_lock_and_a_broken_one_are_failures(tmp_path, capsys):
    write_flake(tmp_path, lock=None)
    assert main(["input", "follow", "--flake", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"{tmp_path}/flake.lock: there is no lock\n`nix flake lock` makes one\n"
    (tmp_path / "flake.lock").write_text("{ ")
    assert main(["input", "follow", "--flake", str(tmp_path)]) == 2
    assert capsys.readouterr().err.startswith(f"{tmp_path}/flake.lock:1:3: the lock is no JSON: ")


@pytest.mark.parametrize(
    "words", [["--transitive", "1"], ["--depth", "0"], ["--alias", "x"], ["--ignore", "a b"]]
)
def test_options_that_make_no_sense_are_refused(flake, capsys, words):
    with pytest.raises(SystemExit) as caught:
        main(["input", "follow", *words])
    assert caught.value.code == 2


def test_one_path_without_a_target_follows_its_namesake(flake, capsys):
    assert main(["input", "follow", "zig.nixpkgs"]) == 0
    assert flake.read_text() == FOLLOWED


def test_dedupe_says_what_is_saved_and_does_it(flake, capsys):
    assert main(["input", "dedupe", "--check"]) == 1
    assert capsys.readouterr().out == (
        "flake.nix: `zig.nixpkgs` follows `nixpkgs`\n"
        "flake.nix: 1 of 7 locked inputs go: 1 x github:nixos/nixpkgs\n"
        "flake.nix: their size is not known: none of them is in this machine's store\n"
    )
    assert main(["input", "dedupe", "--json"]) == 0
    (only,) = json.loads(capsys.readouterr().out)["flakes"]
    assert only["saved"] == {
        "inputs": 1,
        "of": 7,
        "sources": {"github:nixos/nixpkgs": 1},
        "bytes": None,
        "bytesKnown": 0,
        "unknown": 1,
    }
    assert flake.read_text() == FOLLOWED
    assert main(["input", "dedupe", "--check"]) == 0
    assert capsys.readouterr().out == "flake.nix: nothing to do\n"
