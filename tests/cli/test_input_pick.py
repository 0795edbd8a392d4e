"""`nixedit input` without an id, in a terminal: the list to pick from."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest

from cli.test_migrate_terminal import Terminal

pytest.importorskip("questionary")

FLAKE = """\
{
  inputs = {
    a.url = "github:a/a";
    b.url = "github:b/b";
    # b.url = "path:./b";
    c.url = "github:c/c";
  };
  outputs = _: { };
}
"""
DOWN, ENTER, INTERRUPT = "\x1b[B", "\r", "\x03"


@pytest.fixture
def start(tmp_path: Path):
    """Starts `nixedit input` in a terminal, in a folder with a flake."""
    (tmp_path / "flake.nix").write_text(FLAKE)
    started: list[Terminal] = []

    def begin(*words: str) -> Terminal:
        master, slave = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "nixedit", "input", *words],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            cwd=tmp_path,
            env={**os.environ, "TERM": "xterm", "NO_COLOR": "1", "PROMPT_TOOLKIT_NO_CPR": "1"},
        )
        os.close(slave)
        started.append(Terminal(process, master))
        return started[-1]

    yield begin
    for terminal in started:
        terminal.process.kill()
        terminal.process.wait()
        os.close(terminal.master)


def test_several_are_picked_from_a_list(start, tmp_path):
    terminal = start("remove")
    assert "Which inputs to remove?" in terminal.until("github:c/c")
    terminal.say(" " + DOWN + DOWN + " " + ENTER)
    assert terminal.end() == 0
    assert (tmp_path / "flake.nix").read_text() == FLAKE.replace('    a.url = "github:a/a";\n', "").replace(
        '    c.url = "github:c/c";\n', ""
    )


def test_one_is_picked_where_there_can_be_only_one(start, tmp_path):
    terminal = start("change", "github:x/x")
    assert "Which input to change?" in terminal.until("github:c/c")
    terminal.say(DOWN + ENTER)
    assert terminal.end() == 0
    assert (tmp_path / "flake.nix").read_text() == FLAKE.replace("github:b/b", "github:x/x")


def test_only_what_can_be_toggled_is_listed(start, tmp_path):
    terminal = start("toggle")
    terminal.until("github:b/b")
    assert "github:a/a" not in terminal.seen
    terminal.say(" " + ENTER)
    assert terminal.end() == 0
    assert '    b.url = "path:./b";\n' in (tmp_path / "flake.nix").read_text()


def test_who_picks_none_changes_nothing(start, tmp_path):
    terminal = start("remove")
    terminal.until("github:c/c")
    terminal.say(ENTER)
    assert terminal.end() == 2
    assert "flake.nix: nothing was picked" in terminal.seen
    assert (tmp_path / "flake.nix").read_text() == FLAKE


def test_an_interruption_is_one(start, tmp_path):
    terminal = start("remove")
    terminal.until("github:c/c")
    terminal.say(INTERRUPT)
    assert terminal.end() == 130
    assert (tmp_path / "flake.nix").read_text() == FLAKE
