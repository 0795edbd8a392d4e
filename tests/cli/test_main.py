"""`nixedit`: dispatch, help, version, exit codes."""

import importlib
import os
import subprocess
import sys
from importlib.metadata import version

import pytest

from nixedit.__about__ import __version__
from nixedit.cli.main import COMMANDS, main

HEAVY = ("argparse", "attrs", "importlib.metadata", "json", "tree_sitter", "tempfile", "nixedit._nix")


def run(*words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "nixedit", *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


def test_the_version_is_the_installed_one(capsys):
    assert main(["--version"]) == 0
    assert capsys.readouterr().out == f"nixedit {version('nixedit')}\n"
    assert __version__ == version("nixedit")


def test_the_version_loads_nothing_heavy():
    program = (
        "import sys; before = set(sys.modules); from nixedit.cli.main import main; main(['--version'])\n"
        f"print([name for name in {HEAVY!r} if name in set(sys.modules) - before])"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout == f"nixedit {__version__}\n[]\n"


@pytest.mark.parametrize("words", [[], ["--help"], ["-h"], ["help"]])
def test_help_names_every_command_and_exit_code(words, capsys):
    assert main(words) == 0
    shown = capsys.readouterr().out
    assert all(f"  {name} " in shown for name in COMMANDS)
    assert all(f"\n  {code}  " in shown for code in range(4))


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_explains_itself(name, capsys):
    with pytest.raises(SystemExit) as stop:
        main(["help", name])
    assert stop.value.code == 0
    assert capsys.readouterr().out.startswith(f"usage: nixedit {name}")


@pytest.mark.parametrize(
    ("word", "answer"),
    [
        ("chekc", "nixedit: no command `chekc`; did you mean `check`?\n"),
        ("--versoin", "nixedit: no option `--versoin`; did you mean `--version`?\n"),
        ("qqq", "nixedit: no command `qqq`; `nixedit --help` lists the commands\n"),
    ],
)
def test_an_unknown_word_is_answered_with_the_nearest(word, answer, capsys):
    assert main([word]) == 2
    assert capsys.readouterr() == ("", answer)


def test_a_usage_error_is_exit_code_2(capsys):
    with pytest.raises(SystemExit) as stop:
        main(["check", "--jsno"])
    assert stop.value.code == 2
    assert "unrecognized arguments: --jsno" in capsys.readouterr().err


def test_it_runs_as_a_module_and_as_a_program():
    assert run("--version").stdout == f"nixedit {__version__}\n"
    program = os.path.join(os.path.dirname(sys.executable), "nixedit")
    assert subprocess.check_output([program, "--version"], text=True) == f"nixedit {__version__}\n"


@pytest.fixture
def failing(monkeypatch):
    """Makes `nixedit check` fail with an exception."""

    def fail_with(error):
        def raise_it(words):
            raise error

        monkeypatch.setattr(importlib.import_module("nixedit.cli.check"), "main", raise_it)

    return fail_with


def test_a_defect_shows_no_traceback(failing, capsys, monkeypatch):
    monkeypatch.delenv("NIXEDIT_TRACEBACK", raising=False)
    failing(KeyError("surprise"))
    assert main(["check"]) == 2
    assert capsys.readouterr().err == (
        "nixedit: a defect in nixedit itself: KeyError: 'surprise'\n"
        "Please report it, with what NIXEDIT_TRACEBACK=1 prints.\n"
    )


@pytest.mark.parametrize("asked", ["option", "environment"])
def test_a_traceback_is_there_for_who_asks(asked, failing, capsys, monkeypatch):
    if asked == "environment":
        monkeypatch.setenv("NIXEDIT_TRACEBACK", "1")
    failing(KeyError("surprise"))
    assert main(["--debug", "check"] if asked == "option" else ["check"]) == 2
    assert capsys.readouterr().err.startswith("Traceback (most recent call last):\n")


def test_an_interruption_is_exit_code_130(failing, capsys):
    failing(KeyboardInterrupt())
    assert main(["check"]) == 130
    assert capsys.readouterr().err == "nixedit: interrupted\n"
