"""One edit made in each of the flakes that were named: shown or written together, failures collected."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from collections.abc import Callable
from typing import Any

from msgspec import Struct, field

from nixedit.cli.console import is_coloured, paint_diff
from nixedit.cli.failures import FAILED, os_message, os_reason, say
from nixedit.cli.files import STDIN
from nixedit.cli.input.opened import OpenFlake, opened
from nixedit.errors import NixEditError
from nixedit.files import Change, write_all
from nixedit.patch import unified_diff

DONE, WOULD_CHANGE, DONE_IN_PART = 0, 1, 3

# What a command does to one flake: it edits the document, and notes in words what it did.
Edit = Callable[[OpenFlake], None]


class _Run(Struct):
    arguments: Namespace
    flakes: list[OpenFlake] = field(default_factory=list)
    failures: list[NixEditError | OSError] = field(default_factory=list)
    written: bool = False

    @property
    def changed(self) -> list[OpenFlake]:
        return [flake for flake in self.flakes if flake.document.changed]

    @property
    def code(self) -> int:
        if self.failures:
            partly = self.arguments.keep_going and self.flakes
            return DONE_IN_PART if partly else FAILED
        return WOULD_CHANGE if self.arguments.check and self.changed else DONE


def edit_flakes(arguments: Namespace, edit: Edit) -> int:
    """Make an edit in every flake that was named.

    Where one fails, nothing is written, unless `--keep-going` asks for that; all failures are shown.

    Args:
        arguments: what `editing_parser` gives.
        edit: what is done to each.

    Returns:
        The exit code.
    """
    names = distinct(arguments.flake or ["."])
    if arguments.lock and STDIN in names:
        raise NixEditError("--lock: there is no flake.lock beside standard input")
    run = _Run(arguments)
    for name in names:
        try:
            run.flakes.append(_edited(name, arguments, edit))
        except (NixEditError, OSError) as error:
            run.failures.append(error)
    if not run.failures or (arguments.keep_going and run.flakes):
        _write(run)
    _show(run)
    return run.code


def _edited(name: str, arguments: Namespace, edit: Edit) -> OpenFlake:
    """A flake, with the edit made; an error says which flake it is of."""
    flake = opened(name, arguments)
    try:
        with flake.document.edit():
            edit(flake)
    except NixEditError as error:
        if error.path is None:
            error.path = os.fspath(flake.file)
        raise
    return flake


def distinct(names: list[str]) -> list[str]:
    """The flakes that were named, without those that mean the same file again."""
    found: dict[str, str] = {}
    for name in names:
        path = os.path.join(name, "flake.nix") if os.path.isdir(name) else name
        found.setdefault(os.path.realpath(path), name)
    return list(found.values())


def _write(run: _Run) -> None:
    arguments = run.arguments
    if arguments.diff or arguments.check:
        return
    changes = [
        Change(os.fspath(flake.file), flake.document.loaded, flake.document.data)
        for flake in run.changed
        if not flake.is_stdin
    ]
    try:
        write_all(changes)
    except (NixEditError, OSError) as error:
        run.failures.append(error)
        return
    run.written = True
    if arguments.lock:
        _lock(run)


def _lock(run: _Run) -> None:
    """Bring the lock files up to date; a failure is the command's, and what was written stays."""
    from nixedit.nix import lock

    for flake in run.flakes:
        try:
            lock(flake.file.parent)
        except (NixEditError, OSError) as error:
            run.failures.append(error)
        else:
            flake.notes.append("flake.lock is up to date")


# -- showing ----------------------------------------------------------------------------------


def _show(run: _Run) -> None:
    arguments = run.arguments
    for error in run.failures:
        say(os_message(error) if isinstance(error, OSError) else error.render())
    for flake in run.flakes:
        for warning in flake.warnings:
            say(f"warning: {warning.render()}")
    if arguments.json:
        _print_json(run)
        return
    for flake in run.flakes:
        if arguments.diff:
            print_patch(patch(flake))
        elif flake.is_stdin and not arguments.check and run.written:
            _print_bytes(flake.document.data)
        elif not arguments.quiet and (run.written or arguments.check):
            _print_notes(flake)


def _print_notes(flake: OpenFlake) -> None:
    place = "<stdin>" if flake.is_stdin else os.fspath(flake.file)
    for note in flake.notes or ["nothing to do"]:
        print(f"{place}: {note}")


def patch(flake: OpenFlake) -> str:
    """What was changed in a flake, as a patch."""
    return unified_diff(flake.patch_name, flake.document.loaded, flake.document.data)


def print_patch(text: str) -> None:
    """Print a patch, byte for byte; in colours on a terminal."""
    if is_coloured(sys.stdout):
        sys.stdout.write(paint_diff(text))
    else:
        _print_bytes(text.encode("utf-8", "surrogateescape"))


def _print_bytes(data: bytes) -> None:
    sys.stdout.flush()
    sys.stdout.buffer.write(data)
    sys.stdout.buffer.flush()


def _print_json(run: _Run) -> None:
    import json

    flakes = [_flake_as_json(run, flake) for flake in run.flakes]
    failures = [error_as_json(error) for error in run.failures]
    print(json.dumps({"flakes": flakes, "failures": failures, "written": run.written}, indent=2))


def _flake_as_json(run: _Run, flake: OpenFlake) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "path": "<stdin>" if flake.is_stdin else os.fspath(flake.file),
        "changed": flake.document.changed,
        "notes": flake.notes,
        "warnings": [error_as_json(warning) for warning in flake.warnings],
        **flake.details,
    }
    if run.arguments.diff:
        shown["diff"] = patch(flake)
    if flake.is_stdin:
        shown["text"] = flake.document.text
    return shown


def error_as_json(error: NixEditError | OSError) -> dict[str, Any]:
    """An error as JSON shows it."""
    if isinstance(error, OSError):
        path = error.filename if isinstance(error.filename, str) else None
        return {"path": path, "line": None, "column": None, "message": os_reason(error), "hint": None}
    return {
        "path": error.path,
        "line": error.line,
        "column": error.column,
        "message": error.message,
        "hint": error.hint,
    }
