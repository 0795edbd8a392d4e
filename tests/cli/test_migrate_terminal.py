"""`nixedit migrate` in a terminal: the plan, the question, the progress line."""

from __future__ import annotations

import io
import os
import pty
import select
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from migration_runs import FLAKE, contents, migrate, write
from msgspec import Struct

from nixedit.cli import progress as lines

QUESTION = "Go ahead? [y]es, [n]o, show the [d]iff, choose [v]ariants: "


class Terminal(Struct):
    """A program whose streams are a terminal."""

    process: subprocess.Popen[bytes]
    master: int
    seen: str = ""

    def until(self, text: str, seconds: float = 20) -> str:
        """Read until a text appears; everything read since the last call."""
        start, end = len(self.seen), time.monotonic() + seconds
        while text not in self.seen[start:]:
            assert time.monotonic() < end, self.seen
            if not self._read(0.1) and self.process.poll() is not None:
                raise AssertionError(self.seen)
        return self.seen[start:]

    def say(self, text: str) -> None:
        os.write(self.master, text.encode())

    def end(self) -> int:
        """Read to the end; the exit code."""
        while self._read(0.1) or self.process.poll() is None:
            pass
        return self.process.wait(20)

    def _read(self, seconds: float) -> bool:
        ready, _, _ = select.select([self.master], [], [], seconds)
        try:
            data = os.read(self.master, 65536) if ready else b""
        except OSError:  # the other end is closed
            return False
        self.seen += data.decode().replace("\r\n", "\n")
        return bool(data)


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    return write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": "{ }\n"})


@pytest.fixture
def terminals() -> Iterator[list[Terminal]]:
    opened: list[Terminal] = []
    yield opened
    for terminal in opened:
        if terminal.process.poll() is None:
            terminal.process.kill()
            terminal.process.wait()
        os.close(terminal.master)


@pytest.fixture
def start(terminals: list[Terminal]):
    def start(*words: str, **environment: str) -> Terminal:
        master, slave = pty.openpty()
        process = subprocess.Popen(
            [sys.executable, "-m", "nixedit", *words],
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm", "NO_COLOR": "1", **environment},
        )
        os.close(slave)
        terminals.append(Terminal(process, master))
        return terminals[-1]

    return start


def test_yes_writes_what_the_plan_showed(fleet, start):
    terminal = start("migrate", str(fleet))
    shown = terminal.until(QUESTION)
    assert shown == (
        f"In {fleet}:\n"
        "  argon  to migrate\n"
        "           flake.nix:10: a module with the overlays added (the first: NixOS applies its overlays last)\n"
        "  all hosts\n"
        "           flake.nix:2: input `llama-cpp` added, its nixpkgs follows `nixpkgs` (the overlays come from it)\n"
        "           overlays/llama-cpp.nix: overlay written (what the hosts' overlays import)\n"
        f"\n{QUESTION}"
    )
    assert migrate(fleet, "--check").code == 1
    terminal.say("y\n")
    assert terminal.end() == 0
    assert f"\nDone in {fleet}:\n  argon  migrated\n" in terminal.seen
    assert migrate(fleet, "--check").code == 0


@pytest.mark.parametrize("answer", ["n\n", "No\n", "\n", "\x04"])
def test_anything_but_yes_writes_nothing(fleet, start, answer):
    before = contents(fleet)
    terminal = start("migrate", str(fleet))
    terminal.until(QUESTION)
    terminal.say(answer)
    assert terminal.end() == 2
    assert terminal.seen.endswith("\nNothing was written.\n")
    assert contents(fleet) == before


def test_the_diff_is_shown_and_the_question_comes_again(fleet, start):
    before = contents(fleet)
    terminal = start("migrate", str(fleet))
    terminal.until(QUESTION)
    terminal.say("what?\n")
    terminal.until(QUESTION)
    terminal.say("d\n")
    shown = terminal.until(QUESTION)
    assert migrate(fleet, "--diff").out in shown
    terminal.say("n\n")
    assert terminal.end() == 2
    assert contents(fleet) == before


def test_with_json_the_question_is_on_stderr(fleet, start, tmp_path):
    terminal = start("migrate", str(fleet), "--json")
    assert "{" not in terminal.until(QUESTION)
    terminal.say("y\n")
    assert terminal.end() == 0
    assert '"written": true' in terminal.seen


def test_a_terminal_that_shows_colours_gets_them(fleet, start):
    terminal = start("migrate", str(fleet), "--diff", NO_COLOR="")
    assert terminal.end() == 0
    assert "\x1b[32m+  inputs.llama-cpp.url = " in terminal.seen
    assert "\x1b[1m+++ b/flake.nix\x1b[0m" in terminal.seen


def test_an_interrupted_question_writes_nothing(fleet, start):
    before = contents(fleet)
    terminal = start("migrate", str(fleet))
    terminal.until(QUESTION)
    terminal.process.send_signal(signal.SIGINT)
    assert terminal.end() == 130
    assert terminal.seen.endswith("nixedit: interrupted\n")
    assert "Traceback" not in terminal.seen
    assert contents(fleet) == before


@pytest.mark.parametrize("words", [["--yes"], ["--yes", "--json"], ["-y", "-q"]])
def test_there_is_no_question_where_a_person_has_answered_it(fleet, start, words):
    terminal = start("migrate", str(fleet), *words)
    assert terminal.end() == 0
    assert "Go ahead" not in terminal.seen
    assert migrate(fleet, "--check").code == 0


def test_there_is_no_question_where_nothing_is_written(fleet, start):
    assert start("migrate", str(fleet), "--check").end() == 1
    assert start("migrate", str(fleet), "--diff").end() == 0
    terminal = start("migrate", str(fleet), "--host", "x")
    assert terminal.end() == 2
    assert "Go ahead" not in terminal.seen


def test_what_is_not_a_terminal_goes_on(fleet):
    command = [sys.executable, "-m", "nixedit", "migrate", str(fleet)]
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=True)
    assert "Go ahead" not in done.stdout
    assert migrate(fleet, "--check").code == 0


# -- variants -------------------------------------------------------------------------------------

NVIDIA = '{ pkgs, ... }:\n{\n  services.xserver.videoDrivers = [ "nvidia" ];\n}\n'


def test_variants_are_asked_for_with_what_the_hardware_says(fleet, start):
    write(fleet, {"argon.nix": NVIDIA})
    terminal = start("migrate", str(fleet))
    terminal.until(QUESTION)
    terminal.say("v\n")
    shown = terminal.until("argon [cuda]: ")
    assert 'argon: cuda because argon.nix:3 services.xserver.videoDrivers = [ "nvidia" ]' in shown
    terminal.say("cude\n")
    assert "no such variant; did you mean cuda?" in terminal.until("argon [cuda]: ")
    terminal.say("\n")
    assert "argon.nix:1: `environment.systemPackages` with pkgs.llama-cpp-cuda" in terminal.until(QUESTION)
    terminal.say("y\n")
    assert terminal.end() == 0
    assert "environment.systemPackages = [ pkgs.llama-cpp-cuda ];" in (fleet / "argon.nix").read_text()


def test_no_variant_is_an_answer_too(fleet, start):
    write(fleet, {"argon.nix": NVIDIA})
    terminal = start("migrate", str(fleet), "--variant", "argon=vulkan")
    terminal.until(QUESTION)
    terminal.say("v\n")
    terminal.until("argon [vulkan]: ")
    terminal.say("-\n")
    assert "argon.nix" not in terminal.until(QUESTION)
    terminal.say("y\n")
    assert terminal.end() == 0
    assert (fleet / "argon.nix").read_text() == NVIDIA


@pytest.mark.parametrize("answer", ["y", "n"])
def test_a_build_for_the_wrong_cpu_is_asked_about(fleet, start, answer):
    write(fleet, {"deploy.sh": "#!/bin/sh\nnixos-rebuild switch --flake .#argon --target-host root@argon\n"})
    terminal = start("migrate", str(fleet), "--variant", "argon=cpu")
    shown = terminal.until("[y]es, [n]o: ")
    assert (
        "argon: `cpu` is for the CPU of the machine that builds it, and nixos-rebuild builds it on another "
        "machine (deploy.sh:2). Is it built on argon all the same?"
    ) in shown
    terminal.say(f"{answer}\n")
    if answer == "y":
        terminal.until(QUESTION)
        terminal.say("y\n")
    assert terminal.end() == (0 if answer == "y" else 2)
    assert ("llama-cpp-cpu" in (fleet / "argon.nix").read_text()) == (answer == "y")


# -- progress -------------------------------------------------------------------------------------


def test_the_line_counts_and_is_taken_away(monkeypatch):
    class Stream(io.StringIO):
        def isatty(self) -> bool:
            return True

    times = iter([0.0, 0.1, 0.6, 0.7])
    monkeypatch.setattr(lines, "monotonic", lambda: next(times))
    monkeypatch.setattr("sys.stderr", stream := Stream())
    progress = lines.Reading()
    for count in (100, 200, 300):
        progress(count)
    progress.clear()
    assert stream.getvalue() == "\rreading Nix files: 200\rreading Nix files: 300\r\x1b[K"


def test_no_line_is_written_where_nobody_watches(monkeypatch):
    monkeypatch.setattr(lines, "monotonic", iter([0.0, 9.0]).__next__)
    monkeypatch.setattr("sys.stderr", stream := io.StringIO())
    progress = lines.Reading()
    progress(100)
    progress.clear()
    assert stream.getvalue() == ""
