"""Runs of `nixedit migrate` on folders: what it said, what it left, and whether git knows of it."""

from __future__ import annotations

import contextlib
import io
import os
import subprocess
from pathlib import Path

from msgspec import Struct

from nixedit.cli.main import main

GIT = {
    **os.environ,
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_AUTHOR_NAME": "Ada",
    "GIT_AUTHOR_EMAIL": "ada@example.org",
    "GIT_COMMITTER_NAME": "Ada",
    "GIT_COMMITTER_EMAIL": "ada@example.org",
}

FLAKE = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs, ... }@inputs:
    {
      nixosConfigurations = {
        argon = nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = [ ./argon.nix ];
        };
      };
    };
}
"""
OLD = "final: prev: {\n  llama-cpp-cuda = prev.llama-cpp.override { cudaSupport = true; };\n}\n"


class Run(Struct, frozen=True):
    """One run of the command line."""

    code: int
    out: str
    err: str

    def __str__(self) -> str:
        return f"exit code {self.code}\n{self.out}\n{self.err}"


def migrate(folder: Path | str, *words: str) -> Run:
    """`nixedit migrate FOLDER WORD...` in this process, with neither stream a terminal."""
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            code = main(["migrate", str(folder), *words])
        except SystemExit as error:  # argparse
            code = int(str(error.code))
    texts = (stream.buffer.getvalue().decode("utf-8", "surrogateescape") for stream in (out, err))
    return Run(code, *texts)


def migrated(folder: Path, *words: str) -> Run:
    """A run outside of version control that must succeed."""
    run = migrate(folder, "--allow-no-vcs", *words)
    assert run.code == 0, run
    return run


def write(folder: Path, files: dict[str, str]) -> Path:
    """Write files into a folder, those in folders of their own too."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(text.encode("utf-8", "surrogateescape"))
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    """Every file of a folder with its bytes, without git's own."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file() and ".git" not in path.relative_to(folder).parts
    }


def git(folder: Path, *words: str) -> str:
    """What git answers in a folder; it must succeed."""
    done = subprocess.run(["git", "-C", str(folder), *words], env=GIT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode("utf-8", "surrogateescape")


def committed(folder: Path) -> Path:
    """The folder as a git repository with everything in its one commit."""
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", "The fleet")
    return folder
