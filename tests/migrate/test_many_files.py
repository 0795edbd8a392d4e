"""A flake of thousands of files is read in several processes, and nothing is told from that."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest
from migration_runs import FLAKE, OLD, migrate, write

from nixedit.migrate import bulk, tree
from nixedit.migrate.tree import Tree
from nixedit.workspaces import Workspace

FILES = {
    "flake.nix": FLAKE,
    "argon.nix": "{ lib, ... }: { nixpkgs.overlays = lib.mkAfter [ ]; }\n",
    "overlay.nix": "final: prev: { llama-cpp = prev.llama-cpp; }\n",
    "plain.nix": "{ }: { a = 1; }\n",
    "binary.nix": "\0\0",
}


@pytest.fixture
def folder(tmp_path):
    write(tmp_path, FILES)
    (tmp_path / "gone.nix").symlink_to("plain.nix")
    return tmp_path


@pytest.fixture
def in_processes(monkeypatch):
    """Two processes are asked for, and this one does what they would do."""

    def read_many(folder, names, words, count, progress):
        half = len(names) // count
        pieces = [bulk.sift(folder, words, piece) for piece in (names[:half], names[half:])]
        return {name: text for found, _ in pieces for name, text in found}, {
            name for _, rest in pieces for name in rest
        }

    monkeypatch.setattr(tree, "workers", lambda _files: 2)
    monkeypatch.setattr(tree, "read_many", read_many)


def answers(folder, words):
    read = Tree(Workspace(folder), words=words)
    return (
        read.containing(b"overlays", b"llama-cpp"),
        read.containing(b"llama-cpp"),
        read.containing(b"a = 1"),  # not among the expected words
        read.mentioning(rb"\bprev\.llama", b"llama-cpp"),
        read.binary,
        read.unreadable,
    )


def test_what_is_found_is_the_same_however_it_is_read(folder, in_processes, monkeypatch):
    words = (b"overlays", b"llama-cpp")
    several = answers(folder, words)
    monkeypatch.setattr(tree, "workers", lambda _files: 1)
    assert several == answers(folder, words)
    assert several == (
        ["argon.nix", "overlay.nix"],
        ["overlay.nix"],
        ["plain.nix"],
        ["overlay.nix"],
        ["binary.nix"],
        [],
    )


def test_what_has_an_expected_word_comes_back_and_what_cannot_be_read_is_left_out(folder):
    contents, dull = bulk.sift(str(folder), [b"llama-cpp"], ["plain.nix", "missing.nix", "overlay.nix"])
    assert contents == [("overlay.nix", FILES["overlay.nix"].encode())]
    assert dull == ["plain.nix"]


def test_without_other_processes_this_one_reads(folder, monkeypatch):
    def refused(*_arguments):
        raise OSError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(tree, "workers", lambda _files: 2)
    monkeypatch.setattr("concurrent.futures.ProcessPoolExecutor.__init__", refused)
    assert Tree(Workspace(folder), words=(b"llama-cpp",)).containing(b"llama-cpp") == ["overlay.nix"]


def test_few_files_are_read_in_one_process():
    assert bulk.workers(bulk.MANY - 1) == 1


def test_the_report_of_a_large_fleet_is_the_same(tmp_path, monkeypatch):
    many = {f"units/{number % 20}/{number}.nix": f"{{ n = {number}; }}\n" for number in range(bulk.MANY)}
    write(
        tmp_path,
        {**FILES, **many, "old/llama-cpp-variants.nix": OLD, "units/3/more.nix": "[ ../../old ]\n"},
    )
    monkeypatch.setattr(tree, "workers", lambda _files: 1)
    here = migrate(tmp_path, "--check", "--json")
    assert here.code == 1, here
    command = [sys.executable, "-m", "nixedit", "migrate", str(tmp_path), "--check", "--json"]
    there = subprocess.run(command, capture_output=True, check=False)  # one thread: it may start processes
    assert there.returncode == 1, there.stderr
    assert json.loads(there.stdout) == json.loads(here.out)
