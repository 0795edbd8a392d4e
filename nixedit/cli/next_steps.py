"""What a person does after a migration: the commands that go on with it, and those that undo it."""

from __future__ import annotations

import shlex
from pathlib import Path

# What builds one of the configurations that an output has.
_BUILDERS = {
    "nixosConfigurations": "nixos-rebuild",
    "darwinConfigurations": "darwin-rebuild",
    "homeConfigurations": "home-manager",
}


def next_steps(folder: Path, output: str, host: str, unknown: list[str], *, locked: bool = False) -> str:
    """What a person does after a migration.

    Args:
        folder: the flake's folder.
        output: the output that one of its hosts is in.
        host: that host's name there.
        unknown: new files that git does not know.
        locked: whether flake.lock is up to date.
    """
    here = str(folder) == "."
    lines = ["", "Next:"]
    if unknown:
        lines.append(
            f"  {_git(folder)} add {shlex.join(unknown)}   # a flake does not see what git does not know"
        )
    if not locked:
        lines.append(f"  nix flake lock{'' if here else ' ' + shlex.quote(str(folder))}")
    lines.append(f"  {_BUILDERS[output]} build --flake {shlex.quote(f'{folder}#{host}')}")
    return "\n".join(lines)


def undo_steps(folder: Path, edited: list[str], created: list[str], *, added: bool) -> str:
    """The commands that undo a migration, and nothing else that was changed in the folder.

    Args:
        folder: the flake's folder.
        edited: the files that were edited or deleted.
        created: the new files.
        added: whether git knows the new files.
    """
    lines = ["Undo:"]
    if edited:
        lines.append(f"  {_git(folder)} restore -- {shlex.join(edited)}")
    if created and added:
        lines.append(f"  {_git(folder)} rm -qf -- {shlex.join(created)}")
    elif created:
        lines.append(f"  rm -- {shlex.join(str(folder / name) for name in created)}")
    return "\n".join(lines)


def _git(folder: Path) -> str:
    """Git, in the flake's folder."""
    return "git" if str(folder) == "." else f"git -C {shlex.quote(str(folder))}"
