"""`nixedit input check`: findings as text and JSON, what is mended, exit codes."""

import io
import json
import shutil
import subprocess
import sys

import pytest
from evaluator import EvaluationError
from locked_flakes import FLAKE, LOCK, write_flake

from nixedit.cli.main import main
from nixedit.flake.input_check import KINDS

BROKEN = """\
{
  inputs = {
    nixpkgs.url = github:NixOS/nixpkgs;
    aa.url = "github:a/a";
    aa.inputs.nixpkgs.follows = "nixpkg";
    bb.follows = "cc";
    cc.follows = "bb";
    dd.url = "github:a/d";
    "e.e".url = "github:a/e";
  };
  outputs = { self, nixpkgs, aa, bb, cc }: { x = [ aa bb cc nixpkgs ]; };
}
"""


def write(folder, text):
    return write_flake(folder, text, lock=None)


def findings(folder, capsys, *words):
    main(["input", "check", "--json", "--flake", str(folder), *words])
    (only,) = json.loads(capsys.readouterr().out)["flakes"]
    return [(found["line"], found["kind"], found["message"], found["fixable"]) for found in only["findings"]]


def test_a_flake_that_is_all_right_is_exit_code_0(tmp_path, capsys):
    write_flake(tmp_path)
    assert main(["input", "check", "--flake", str(tmp_path)]) == 0
    assert capsys.readouterr() == ("1 flake checked, nothing found\n", "")
    assert main(["input", "check", "--flake", str(tmp_path), "-q"]) == 0
    assert capsys.readouterr() == ("", "")


def test_every_finding_has_its_place_and_an_excerpt(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write(tmp_path, BROKEN)
    assert main(["input", "check"]) == 1
    assert (
        capsys.readouterr().out
        == """\
flake.nix:3:19: github:NixOS/nixpkgs has no quotes [unquoted-url]
    3 |     nixpkgs.url = github:NixOS/nixpkgs;
      |                   ^^^^^^^^^^^^^^^^^^^^ write it as a string
flake.nix:5:5: `aa.nixpkgs` follows `nixpkg`, which is no input [follows-nowhere]
    5 |     aa.inputs.nixpkgs.follows = "nixpkg";
      |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ did you mean `nixpkgs`?
flake.nix:6:5: `bb` follows itself [follows-nowhere]
    6 |     bb.follows = "cc";
      |     ^^^^^^^^^^^^^^^^^^ give one of them a url
flake.nix:7:5: `cc` follows itself [follows-nowhere]
    7 |     cc.follows = "bb";
      |     ^^^^^^^^^^^^^^^^^^ give one of them a url
flake.nix:8:5: no file of the flake uses the input `dd` [unused-input]
    8 |     dd.url = "github:a/d";
      |     ^^^^^^^^^^^^^^^^^^^^^^ `nixedit input remove dd` takes it out
flake.nix:9:5: no file of the flake uses the input `"e.e"` [unused-input]
    9 |     "e.e".url = "github:a/e";
      |     ^^^^^^^^^^^^^^^^^^^^^^^^^ `nixedit input remove "e.e"` takes it out
flake.nix:11:13: `outputs` takes no `dd`, which Nix calls it with [missing-formal]
   11 |   outputs = { self, nixpkgs, aa, bb, cc }: { x = [ aa bb cc nixpkgs ]; };
      |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ add it, or `...`
flake.nix:11:13: `outputs` takes no `e.e`, which Nix calls it with [missing-formal]
   11 |   outputs = { self, nixpkgs, aa, bb, cc }: { x = [ aa bb cc nixpkgs ]; };
      |             ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ no argument can be called so: write `...`
1 flake checked, 8 findings
"""
    )


def test_fix_mends_what_is_safe_and_reports_the_rest(tmp_path, capsys):
    path = write(tmp_path, BROKEN)
    assert main(["input", "check", "--fix", "--flake", str(tmp_path)]) == 1
    assert capsys.readouterr().out.endswith("1 flake checked, 6 findings, 2 mended\n")
    assert path.read_text() == BROKEN.replace("github:NixOS/nixpkgs", '"github:NixOS/nixpkgs"').replace(
        "bb, cc }", "bb, cc, dd }"
    )


def test_fix_with_diff_writes_nothing(tmp_path, capsys):
    path = write(tmp_path, BROKEN)
    assert main(["input", "check", "--fix", "--diff", "--flake", str(tmp_path)]) == 1
    said = capsys.readouterr()
    assert '+    nixpkgs.url = "github:NixOS/nixpkgs";\n' in said.out
    assert "did you mean `nixpkgs`?" in said.err
    assert path.read_text() == BROKEN


def test_all_mended_is_exit_code_0(tmp_path, capsys):
    write(tmp_path, "{ inputs.a.url = github:a/a; outputs = { self, a }: a; }\n")
    assert main(["input", "check", "--fix", "--flake", str(tmp_path)]) == 0
    assert capsys.readouterr().out == "1 flake checked, nothing found, 1 mended\n"


def test_a_follows_of_what_is_no_input_any_more_is_stale(tmp_path, capsys):
    text = FLAKE.replace("font = {", 'zig.inputs.gone.follows = "nixpkgs";\n    font = {')
    path = write_flake(tmp_path, text)
    message = "`zig.gone` follows `nixpkgs` and is no input: `zig` has no input `gone`"
    assert findings(tmp_path, capsys) == [(9, "stale-follows", message, True)]
    assert main(["input", "check", "--fix", "-q", "--flake", str(tmp_path)]) == 0
    assert path.read_text() == FLAKE


def test_a_path_that_the_lock_does_not_have_is_nowhere(tmp_path, capsys):
    text = FLAKE.replace('follows = "nixpkgs"', 'follows = "zig/nope"')
    write_flake(tmp_path, text)
    assert findings(tmp_path, capsys) == [
        (6, "follows-nowhere", "`home-manager.nixpkgs` follows `zig/nope`, which is no input", False)
    ]
    write_flake(tmp_path, FLAKE.replace('follows = "nixpkgs"', 'follows = "zig/nixpkgs"'))
    assert findings(tmp_path, capsys) == []


@pytest.mark.parametrize(
    ("outputs", "missing"),
    [
        ("{ self, a }: a", []),
        ("{ self, ... }: { }", []),
        ("{ a }: a", ["self"]),
        ("{ self }: { }", ["a"]),
        ("{ self }@inputs: inputs.a", ["a"]),
        ("inputs@{ a }: a", ["self"]),
        ("inputs: inputs.a", []),
        ("import ./x.nix", []),
    ],
)
def test_closed_formals_must_take_all(tmp_path, capsys, outputs, missing):
    write(tmp_path, f'{{ inputs.a.url = "github:a/a"; outputs = {outputs}; }}\n')
    found = findings(tmp_path, capsys, "--skip", "unused-input")
    assert found == [
        (1, "missing-formal", f"`outputs` takes no `{name}`, which Nix calls it with", True)
        for name in missing
    ]


def test_what_is_defined_twice_is_found(tmp_path, capsys):
    write(tmp_path, '{ inputs.a.url = "x"; inputs.a.url = "y"; outputs = { self, a }: a; }\n')
    assert findings(tmp_path, capsys) == [(1, "duplicate", "`inputs.a.url` is already defined", False)]


def test_a_file_that_is_no_nix_has_syntax_findings_only(tmp_path, capsys):
    write(tmp_path, "{ inputs.a.url = ; }\n")
    assert [found[1] for found in findings(tmp_path, capsys)] == ["syntax"]


def test_kinds_can_be_left_out(tmp_path, capsys):
    write(tmp_path, BROKEN)
    words = [word for kind in KINDS for word in ("--skip", kind)]
    assert findings(tmp_path, capsys, *words) == []


def test_a_hook_names_files(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    write_flake(tmp_path / "x")
    assert main(["input", "check", "x/flake.nix", "x/flake.lock"]) == 0
    assert capsys.readouterr().out == "1 flake checked, nothing found\n"


def test_standard_input_is_checked_by_itself(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(
        sys,
        "stdin",
        io.TextIOWrapper(io.BytesIO(b"{ inputs.a.url = github:a/a; outputs = inputs: inputs.a; }")),
    )
    assert main(["input", "check", "--flake", "-", "-q"]) == 1
    assert capsys.readouterr().out.startswith("<stdin>:1:18: github:a/a has no quotes [unquoted-url]\n")


def test_a_computed_set_of_inputs_cannot_be_checked(tmp_path, capsys):
    write(tmp_path, "{ inputs = import ./inputs.nix; outputs = _: { }; }\n")
    assert main(["input", "check", "--flake", str(tmp_path)]) == 2
    assert "edit ./inputs.nix instead" in capsys.readouterr().err


def test_a_lock_that_nix_would_not_read_is_a_failure(tmp_path, capsys):
    write_flake(tmp_path, lock={**LOCK, "version": 4})
    assert main(["input", "check", "--flake", str(tmp_path)]) == 2
    assert "version 4 of the lock is none that Nix reads" in capsys.readouterr().err


def test_diff_without_fix_is_refused(tmp_path):
    with pytest.raises(SystemExit) as caught:
        main(["input", "check", "--diff"])
    assert caught.value.code == 2


@pytest.mark.skipif(shutil.which("nix") is None, reason="needs Nix")
@pytest.mark.parametrize(("formals", "fits"), [("{ self, a }", True), ("{ self }", False), ("{ a }", False)])
def test_nix_refuses_the_formals_that_are_reported(tmp_path, capsys, evaluator, formals, fits):
    write(tmp_path / "a", "{ outputs = _: { }; }\n")
    write(tmp_path / "b", f'{{ inputs.a.url = "path:{tmp_path}/a"; outputs = {formals}: {{ x = 1; }}; }}\n')
    assert (findings(tmp_path / "b", capsys, "--skip", "unused-input") == []) is fits
    try:
        assert evaluator.value(tmp_path / "b", "x") == 1
        assert fits
    except EvaluationError as error:
        assert not fits, error
        assert "called with unexpected argument" in str(error)


def test_the_command_needs_no_nix(tmp_path):
    write_flake(tmp_path)
    done = subprocess.run(
        [sys.executable, "-m", "nixedit", "input", "check"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": ":".join(sys.path), "PATH": "/nonexistent"},
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "1 flake checked, nothing found\n", "")
