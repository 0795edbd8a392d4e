"""What a failed run says: one line (an excerpt where there is one) on stderr, and the exit code."""

from __future__ import annotations

import contextlib
import os
import sys

from nixedit.cli.console import is_coloured, paint_excerpt
from nixedit.errors import NixEditError

FAILED = 2
INTERRUPTED = 130
# What a shell reports of a program that wrote into a pipe that nobody reads.
PIPE_CLOSED = 141

_PLEASE = "Please report it, with what NIXEDIT_TRACEBACK=1 prints."


def report(error: BaseException, *, debug: bool = False) -> int:
    """Tell a person what went wrong.

    Args:
        error: what ended the run.
        debug: also print the traceback, as `NIXEDIT_TRACEBACK=1` in the environment does.

    Returns:
        The exit code.
    """
    if debug or os.environ.get("NIXEDIT_TRACEBACK"):
        import traceback

        traceback.print_exception(error)
    if not isinstance(error, BrokenPipeError):
        say(_message(error))
    _finish_stdout()
    if isinstance(error, BrokenPipeError):
        return PIPE_CLOSED
    return INTERRUPTED if isinstance(error, KeyboardInterrupt) else FAILED


def say(message: str) -> None:
    """Print a message on stderr, as an error is shown: its first line bold, its carets red."""
    with contextlib.suppress(OSError):
        print(paint_excerpt(message) if is_coloured(sys.stderr) else message, file=sys.stderr, flush=True)


def os_reason(error: OSError) -> str:
    """What the operating system says is wrong, as the end of a sentence: `permission denied`."""
    reason = error.strerror or str(error)
    return reason[:1].lower() + reason[1:] if reason[1:2].islower() else reason


def os_message(error: OSError) -> str:
    """The path and what is wrong with it: `flake.nix: permission denied`."""
    paths = [os.fsdecode(path) for path in (error.filename, error.filename2) if isinstance(path, str | bytes)]
    return f"{' -> '.join(paths) or 'nixedit'}: {os_reason(error)}"


def _message(error: BaseException) -> str:
    if isinstance(error, NixEditError):
        return error.render() if error.path else f"nixedit: {error.render()}"
    if isinstance(error, OSError):
        return os_message(error)
    if isinstance(error, KeyboardInterrupt):
        return "nixedit: interrupted"
    if isinstance(error, MemoryError):
        return "nixedit: out of memory"
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return f"nixedit: a defect in nixedit itself: {what}\n{_PLEASE}"


def _finish_stdout() -> None:
    """Write out what is left; where nobody reads it any more, let Python's own flush at exit go nowhere."""
    try:
        sys.stdout.flush()
    except (OSError, ValueError):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
