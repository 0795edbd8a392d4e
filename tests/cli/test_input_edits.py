"""`nixedit input add`, `remove`, `change`, `follow`, `pin`, `unpin`, `toggle`: what they do, say and answer."""

from __future__ import annotations

import io
import json
import subprocess
from pathlib import Path

import pytest

from nixedit.cli.main import main

REV = "0123456789abcdef0123456789abcdef01234567"
FLAKE = """\
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable"; # the usual
    home-manager = {
      url = "github:nix-community/home-manager";
      inputs.nixpkgs.follows = "nixpkgs";
    };
    dots.url = "github:ada/dots";
    # dots.url = "path:/home/ada/dots";
  };

  outputs =
    {
      self,
      nixpkgs,
      home-manager,
      dots,
    }:
    {
      lib = home-manager.lib;
    };
}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in, with a flake."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flake.nix").write_text(FLAKE)
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    """The exit code of `nixedit input` and what it printed."""
    try:
        code = main(["input", *words])
    except SystemExit as stop:
        code = int(stop.code or 0)
    output, errors = capsys.readouterr()
    return code, output, errors


def lines(text: str, *numbers: int) -> list[str]:
    return [text.splitlines()[number - 1] for number in numbers]


# -- what each command does -------------------------------------------------------------------


ALTERNATE = '    # dots.url = "path:/home/ada/dots";\n'
DISKO = """\
    disko = {
      url = "github:nix-community/disko";
      inputs.nixpkgs.follows = "nixpkgs";
    };
"""

EDITS = {
    "add": (
        ["add", "github:nix-community/disko", "--follows", "nixpkgs=nixpkgs"],
        "input `disko` added: github:nix-community/disko",
        ALTERNATE,
        f"{ALTERNATE}{DISKO}",
    ),
    "add with a name": (
        ["add", "hardware", "github:NixOS/nixos-hardware"],
        "input `hardware` added: github:NixOS/nixos-hardware",
        ALTERNATE,
        f'{ALTERNATE}    hardware.url = "github:NixOS/nixos-hardware";\n',
    ),
    "add with options": (
        ["add", "git+https://x.org/a/b.git", "--ref", "main", "--dir", "sub", "--shallow"],
        "input `b` added: git+https://x.org/a/b.git?ref=main&dir=sub&shallow=1",
        ALTERNATE,
        f'{ALTERNATE}    b.url = "git+https://x.org/a/b.git?ref=main&dir=sub&shallow=1";\n',
    ),
    "change": (
        ["change", "home-manager", "github:nix-community/home-manager/release-25.05"],
        "input `home-manager` changed: github:nix-community/home-manager/release-25.05",
        '"github:nix-community/home-manager"',
        '"github:nix-community/home-manager/release-25.05"',
    ),
    "follow": (
        ["follow", "home-manager.utils", "dots/utils"],
        "`home-manager.utils` follows `dots/utils`",
        '      inputs.nixpkgs.follows = "nixpkgs";\n',
        '      inputs.nixpkgs.follows = "nixpkgs";\n      inputs.utils.follows = "dots/utils";\n',
    ),
    "follow nothing": (
        ["follow", "home-manager/nixpkgs", ""],
        "`home-manager.nixpkgs` follows no input",
        'follows = "nixpkgs"',
        'follows = ""',
    ),
    "remove a follows": (
        ["remove", "home-manager.nixpkgs"],
        "`home-manager.nixpkgs` follows nothing any more",
        '      inputs.nixpkgs.follows = "nixpkgs";\n',
        "",
    ),
    "pin": (
        ["pin", "nixpkgs", REV],
        f"input `nixpkgs` pinned to {REV}",
        '    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable"; # the usual\n',
        "    # nixpkgs pinned from github:NixOS/nixpkgs/nixos-unstable\n"
        f'    nixpkgs.url = "github:NixOS/nixpkgs/{REV}"; # the usual\n',
    ),
    "toggle": (
        ["toggle", "dots"],
        "input `dots` is path:/home/ada/dots now",
        '    dots.url = "github:ada/dots";\n    # dots.url = "path:/home/ada/dots";\n',
        '    # dots.url = "github:ada/dots";\n    dots.url = "path:/home/ada/dots";\n',
    ),
}


def expected(name: str) -> str:
    """The flake after one of the edits above."""
    _, _, old, new = EDITS[name]
    assert FLAKE.count(old) == 1
    after = FLAKE.replace(old, new)
    if name.startswith("add"):
        formal = EDITS[name][1].split("`")[1]
        after = after.replace("      dots,\n", f"      dots,\n      {formal},\n")
    return after


@pytest.mark.parametrize("name", EDITS)
def test_it_edits_the_flake_here_and_says_so(name, folder, capsys):
    words, note, _, _ = EDITS[name]
    assert run(capsys, *words) == (0, f"flake.nix: {note}\n", "")
    assert (folder / "flake.nix").read_text() == expected(name)


# The others do something else the second time, or cannot be done then.
SETTLING = [name for name in EDITS if name not in ("toggle", "remove a follows")]


@pytest.mark.parametrize("name", SETTLING)
def test_the_same_again_is_nothing_to_do(name, folder, capsys):
    words, *_ = EDITS[name]
    run(capsys, *words)
    assert run(capsys, *words) == (0, "flake.nix: nothing to do\n", "")
    assert (folder / "flake.nix").read_text() == expected(name)


@pytest.mark.parametrize("name", EDITS)
def test_check_only_answers(name, folder, capsys):
    words, note, _, _ = EDITS[name]
    assert run(capsys, *words, "--check") == (1, f"flake.nix: {note}\n", "")
    assert (folder / "flake.nix").read_text() == FLAKE


@pytest.mark.parametrize("name", EDITS)
def test_a_diff_is_what_git_applies(name, folder, capsys):
    subprocess.run(["git", "init", "-q", "."], check=True)
    (folder / "sub").mkdir()
    (folder / "flake.nix").rename(folder / "sub" / "flake.nix")
    code, patch, errors = run(capsys, *EDITS[name][0], "--diff", "--flake", "sub")
    assert (code, errors) == (0, "")
    assert (folder / "sub" / "flake.nix").read_text() == FLAKE
    subprocess.run(["git", "apply"], input=patch, text=True, check=True)
    assert (folder / "sub" / "flake.nix").read_text() == expected(name)


@pytest.mark.parametrize("name", EDITS)
def test_standard_input_goes_to_standard_output(name, folder, capsysbinary, monkeypatch):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(FLAKE.encode())))
    assert main(["input", *EDITS[name][0], "--flake", "-"]) == 0
    assert capsysbinary.readouterr() == (expected(name).encode(), b"")
    assert (folder / "flake.nix").read_text() == FLAKE


def test_quiet_says_nothing(folder, capsys):
    assert run(capsys, "toggle", "dots", "-q") == (0, "", "")
    assert (folder / "flake.nix").read_text() == expected("toggle")


def test_json_tells_all(folder, capsys):
    code, output, errors = run(capsys, "remove", "home-manager", "--json", "--diff")
    assert code == 0
    found = json.loads(output)
    (flake,) = found["flakes"]
    assert flake.pop("diff").startswith("diff --git a/flake.nix b/flake.nix\n")
    assert found == {
        "flakes": [
            {
                "path": "flake.nix",
                "changed": True,
                "notes": ["input `home-manager` removed"],
                "warnings": [
                    {
                        "path": "flake.nix",
                        "line": 20,
                        "column": 13,
                        "message": "`outputs` still uses `home-manager`",
                        "hint": "take that out too",
                    }
                ],
            }
        ],
        "failures": [],
        "written": False,
    }
    assert errors.startswith("warning: flake.nix:20:13: `outputs` still uses `home-manager`\n")


# -- add --------------------------------------------------------------------------------------


def test_add_says_that_another_input_has_the_name_and_update_changes_it(folder, capsys):
    words = ["add", "dots", "github:eve/dots", "--follows", "nixpkgs=nixpkgs"]
    assert run(capsys, *words) == (
        2,
        "",
        "flake.nix:8:5: there is an input `dots` already, with the url github:ada/dots\n"
        '    8 |     dots.url = "github:ada/dots";\n'
        "      |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ --update changes it in place; another ID adds a second one\n",
    )
    assert (folder / "flake.nix").read_text() == FLAKE
    assert run(capsys, *words, "--update") == (
        0,
        "flake.nix: input `dots` changed: github:eve/dots\nflake.nix: `dots.nixpkgs` follows `nixpkgs`\n",
        "",
    )
    text = (folder / "flake.nix").read_text()
    assert (
        f'    dots.url = "github:eve/dots";\n{ALTERNATE}    dots.inputs.nixpkgs.follows = "nixpkgs";\n'
        in text
    )
    assert run(capsys, *words) == (0, "flake.nix: nothing to do\n", "")


@pytest.mark.parametrize(
    ("written", "url", "what"),
    [
        ('a = { type = "github"; owner = "o"; repo = "r"; };', "github:o/r/main", "with other attributes"),
        ('a.follows = "b/a";', "github:o/r", "which follows `b/a`"),
        ('a = { url = "github:o/r"; inputs.b.follows = "b"; };', "github:o/r", "with other settings"),
    ],
)
def test_add_says_what_is_there_already(written, url, what, folder, capsys):
    (folder / "flake.nix").write_text(f'{{ inputs = {{ {written} b.url = "github:b/b"; }}; }}\n')
    code, output, errors = run(capsys, "add", "a", url, "--follows", "b=")
    assert (code, output) == (2, "")
    assert errors.startswith(f"flake.nix:1:14: there is an input `a` already, {what}\n")


def test_add_takes_the_same_reference_as_attributes_for_the_same(folder, capsys):
    text = '{ inputs.a = { type = "github"; owner = "o"; repo = "r"; ref = "main"; }; }\n'
    (folder / "flake.nix").write_text(text)
    assert run(capsys, "add", "a", "github:o/r/main") == (0, "flake.nix: nothing to do\n", "")
    assert run(capsys, "add", "a", "github:o/s", "--no-flake", "--update") == (
        0,
        "flake.nix: input `a` changed: github:o/s\nflake.nix: input `a` is no flake\n",
        "",
    )
    assert (folder / "flake.nix").read_text() == (
        '{ inputs.a = { type = "github"; owner = "o"; repo = "s"; flake = false; }; }\n'
    )


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["path:../x"], "nixedit: path:../x does not say a name\ngive one: nixedit input add ID URL\n"),
        (
            ["path:../x", "--shallow"],
            "nixedit: --shallow is for git+… urls only, and this is path:../x\n",
        ),
        (["github:a/b", "--follows", "x"], "nixedit: --follows: 'x' is not of the form A=B\n"),
        (
            ["github:a/b", "--follows", "x=nixpgks"],
            "flake.nix: no input `nixpgks`\ndid you mean `nixpkgs`?\n",
        ),
        (
            ["lib-1.5", "github:a/b"],
            "flake.nix:13:5: `outputs` names its arguments, and `lib-1.5` can be none of them\n"
            "   13 |     {\n"
            "      |     ^ give the input another name, or let `outputs` take others: `...`\n",
        ),
    ],
)
def test_what_add_cannot_do(words, message, folder, capsys):
    assert run(capsys, "add", *words) == (2, "", message)
    assert (folder / "flake.nix").read_text() == FLAKE


# -- the others -------------------------------------------------------------------------------


def test_remove_reports_what_still_uses_it(folder, capsys):
    place = (
        "flake.nix:20:13: `outputs` still uses `home-manager`\n"
        "   20 |       lib = home-manager.lib;\n"
        "      |             ^^^^^^^^^^^^ take that out too\n"
    )
    assert run(capsys, "remove", "home-manager", "--strict") == (2, "", place)
    assert (folder / "flake.nix").read_text() == FLAKE
    assert run(capsys, "remove", "home-manager", "dots") == (
        0,
        "flake.nix: input `home-manager` removed\nflake.nix: input `dots` removed\n",
        f"warning: {place}",
    )
    text = (folder / "flake.nix").read_text()
    assert text.startswith(
        '{\n  inputs = {\n    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable"; # the usual\n  };\n'
    )
    assert "      self,\n      nixpkgs,\n    }:\n" in text


def test_remove_takes_what_only_follows_it_along(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "flake.nix").write_text(
        '{ inputs = { a.url = "path:./a"; b.follows = "a/b"; c.inputs.d.follows = "b"; }; outputs = _: { }; }\n'
    )
    assert run(capsys, "remove", "a") == (
        0,
        "flake.nix: input `a` removed\nflake.nix: input `b` removed, which followed it\n",
        "",
    )
    assert (tmp_path / "flake.nix").read_text() == "{ inputs = { c = { }; }; outputs = _: { }; }\n"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["remove", "home-mangr"], "flake.nix: no input `home-mangr`\ndid you mean `home-manager`?\n"),
        (
            ["remove"],
            "flake.nix: which input to remove? Name it\nthere are: dots, home-manager, nixpkgs\n",
        ),
        (["remove", "home-manager.x"], "flake.nix: `home-manager.x` follows nothing\n"),
        (
            ["remove", "a."],
            "flake.nix: not an attribute path: 'a.' (expected a name or a string at character 3; "
            "names with other characters are quoted, or the key is a tuple of names)\n",
        ),
        (["follow", "home-manager.x", "nixpgks"], "flake.nix: no input `nixpgks`\ndid you mean `nixpkgs`?\n"),
        (["follow", "x.y", "nixpkgs"], "flake.nix: no input `x`\nthere are: dots, home-manager, nixpkgs\n"),
        (["toggle"], "flake.nix: which input to toggle? Name it\nthere are: dots\n"),
        (["unpin"], "flake.nix: which input to unpin? Name it\nthe flake has none that fits\n"),
        (["pin", "nixpkgs"], "flake.lock: there is no flake.lock\ngive the commit: pin ID REV\n"),
        (
            ["pin", "nixpkgs", "123"],
            "nixedit: not the whole name of a commit, 40 hexadecimal digits: 123\n",
        ),
        (
            ["toggle", "nixpkgs"],
            "flake.nix:3:5: the url of `nixpkgs` has no alternate\n"
            '    3 |     nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable"; # the usual\n'
            "      |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ "
            "write one above or below it: the same binding with another url, behind a #\n",
        ),
    ],
)
def test_what_cannot_be_done_is_said(words, message, folder, capsys):
    assert run(capsys, *words) == (2, "", message)
    assert (folder / "flake.nix").read_text() == FLAKE


def test_an_unknown_subcommand_is_answered_with_the_nearest(capsys):
    assert run(capsys, "ad") == (2, "", "nixedit: no command `input ad`; did you mean `add`?\n")


@pytest.mark.parametrize("words", [[], ["--help"], ["help"]])
def test_help_names_every_subcommand(words, capsys):
    from nixedit.cli.input import SUBCOMMANDS

    code, output, _ = run(capsys, *words)
    assert code == 0
    assert all(f"  {name} " in output for name in SUBCOMMANDS)


@pytest.mark.parametrize("name", ["add", "remove", "change", "follow", "pin", "unpin", "toggle"])
def test_each_subcommand_explains_itself(name, capsys):
    code, output, _ = run(capsys, "help", name)
    assert code == 0
    assert output.startswith(f"usage: nixedit input {name} ")
    assert "exit codes: 0 done" in output


# -- the lock ---------------------------------------------------------------------------------


def lock_of(url_ref: str) -> str:
    """A flake.lock that has nixpkgs from a branch."""
    original = {"type": "github", "owner": "NixOS", "repo": "nixpkgs", "ref": url_ref}
    locked = {**original, "rev": REV, "narHash": "sha256-x", "lastModified": 1}
    nodes = {"root": {"inputs": {"nixpkgs": "n"}}, "n": {"locked": locked, "original": original}}
    return json.dumps({"nodes": nodes, "root": "root", "version": 7})


def test_pin_takes_the_commit_of_the_lock(folder, capsys):
    (folder / "flake.lock").write_text(lock_of("nixos-unstable"))
    assert run(capsys, "pin", "nixpkgs") == (0, f"flake.nix: input `nixpkgs` pinned to {REV}\n", "")
    assert (folder / "flake.nix").read_text() == expected("pin")
    assert run(capsys, "pin", "nixpkgs") == (0, "flake.nix: nothing to do\n", "")
    assert run(capsys, "unpin", "nixpkgs") == (0, "flake.nix: input `nixpkgs` unpinned\n", "")
    assert (folder / "flake.nix").read_text() == FLAKE


def test_pin_takes_no_commit_of_another_branch(folder, capsys):
    (folder / "flake.lock").write_text(lock_of("nixos-24.05"))
    assert run(capsys, "pin", "nixpkgs") == (
        2,
        "",
        "flake.nix:3:5: flake.lock has `nixpkgs` from another reference than flake.nix\n"
        '    3 |     nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable"; # the usual\n'
        "      |     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ "
        "run `nix flake lock` first, or give the commit\n",
    )


def test_lock_runs_nix_and_its_failure_is_the_command_s(folder, capsys, monkeypatch):
    nix = folder / "nix"
    nix.write_text('#!/bin/sh\necho "$@" >> asked\nexit "$(cat code)"\n')
    nix.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    (folder / "code").write_text("0")
    code, output, errors = run(capsys, "toggle", "dots", "--lock")
    assert (code, errors) == (0, "")
    assert output.endswith("flake.nix: flake.lock is up to date\n")
    assert (folder / "asked").read_text().endswith(f"flake lock path:{folder}\n")
    (folder / "code").write_text("1")
    code, output, errors = run(capsys, "toggle", "dots", "--lock")
    assert code == 2
    assert "`nix flake lock` failed" in errors
    assert (folder / "flake.nix").read_text() == FLAKE  # what was written stays


# -- many flakes ------------------------------------------------------------------------------


@pytest.fixture
def many(folder: Path) -> Path:
    """Two flakes that have the input and one that has not."""
    for name in "abc":
        (folder / name).mkdir()
        (folder / name / "flake.nix").write_text(FLAKE if name != "b" else "{ outputs = _: { }; }\n")
    return folder


ALL = ["--flake", "a", "--flake", "b", "--flake", "c/flake.nix", "--flake", "c"]


def test_many_flakes_at_once(many, capsys):
    code, output, errors = run(capsys, "add", "x", "github:x/x", *ALL)
    assert (code, errors) == (0, "")
    assert output.splitlines() == [
        f"{name}/flake.nix: input `x` added: github:x/x" for name in ("a", "b", "c")
    ]


def test_where_one_fails_nothing_is_written(many, capsys):
    code, output, errors = run(capsys, "toggle", "dots", *ALL, "--flake", "nowhere")
    assert (code, output) == (2, "")
    assert errors == "b/flake.nix: no input `dots`\nit has none\nnowhere: no such file or folder\n"
    assert (many / "a" / "flake.nix").read_text() == FLAKE


def test_keep_going_writes_the_others(many, capsys):
    code, output, errors = run(capsys, "toggle", "dots", *ALL, "--keep-going")
    assert (code, errors) == (3, "b/flake.nix: no input `dots`\nit has none\n")
    assert len(output.splitlines()) == 2
    assert (many / "c" / "flake.nix").read_text() == expected("toggle")


# -- files that are not for editing -----------------------------------------------------------


@pytest.mark.parametrize(
    "header",
    [
        "# DO-NOT-EDIT. This file was auto-generated using github:vic/flake-file.\n",
        "# made by a program\n# do not edit\n",
        "/* @generated by x */\n",
    ],
)
def test_a_generated_flake_is_left_alone_unless_forced(header, folder, capsys):
    (folder / "flake.nix").write_text(header + FLAKE)
    code, output, errors = run(capsys, "toggle", "dots")
    assert (code, output) == (2, "")
    assert "the file says that it is generated\n" in errors
    assert errors.endswith("edit what it is generated from; --force edits it all the same\n")
    assert (folder / "flake.nix").read_text() == header + FLAKE
    assert run(capsys, "toggle", "dots", "--force")[0] == 0
    assert (folder / "flake.nix").read_text() == header + expected("toggle")


@pytest.mark.parametrize("text", ["{ a = ; }", "[ ]", "{ inputs = import ./i.nix; outputs = _: { }; }"])
def test_what_is_no_flake_that_can_be_edited_is_said_with_its_place(text, folder, capsys):
    (folder / "flake.nix").write_text(text)
    code, output, errors = run(capsys, "add", "x", "github:x/x")
    assert (code, output) == (2, "")
    assert errors.startswith("flake.nix:1:")
    assert (folder / "flake.nix").read_text() == text


def test_standard_input_has_nothing_to_lock(monkeypatch, capsys):
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"{ outputs = _: { }; }")))
    assert main(["input", "add", "github:o/zz", "--flake", "-", "--lock"]) == 2
    shown = capsys.readouterr()
    assert (shown.out, shown.err) == ("", "nixedit: --lock: there is no flake.lock beside standard input\n")
