"""The command `nixedit`: finds the command that was asked for, runs it, and answers with its exit code.

Nothing is imported here that a command may not need: `nixedit --version` costs little more than Python.
"""

from __future__ import annotations

import gc
import sys
from typing import NoReturn

COMMANDS = {
    "migrate": "move a fleet to the packages of an upstream flake, as a recipe says",
    "recipe": "list the recipes, check one, or begin a new one",
    "input": "list, check and edit the inputs of flakes: add, remove, follow, pin …",
    "check": "report what Nix would reject before it evaluates anything",
    "demo": "migrate a bundled example fleet in a temporary folder and show the result",
}
# New objects after which Python looks for cycles among them.
_OBJECTS = 50_000


def main(argv: list[str] | None = None) -> int:
    """Run the command line.

    Args:
        argv: the words after `nixedit`; `sys.argv`'s if None.

    Returns:
        The exit code: 0 done, 1 something was found, 2 it could not be done, 130 interrupted.
    """
    words = sys.argv[1:] if argv is None else list(argv)
    debug = words[:1] == ["--debug"]
    try:
        code = _run(words[1:] if debug else words)
        sys.stdout.flush()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001 - no traceback reaches a user
        from nixedit.cli.failures import report

        return report(error, debug=debug)
    return code


def command() -> NoReturn:
    """What the command `nixedit` runs: `main`, in a process that ends with it."""
    code = main()
    # Ending, Python would search all that it ever made for cycles; the process gives everything back at once.
    gc.freeze()
    sys.exit(code)


def _run(words: list[str]) -> int:
    first = words[0] if words else "--help"
    if first in COMMANDS:
        return _run_command(first, words[1:])
    if first in {"--version", "-V"}:
        from nixedit.__about__ import __version__

        print(f"nixedit {__version__}")
        return 0
    if first in {"--help", "-h", "help"}:
        if words[1:] and words[1] in COMMANDS:
            return _run_command(words[1], ["--help"])
        print(usage())
        return 0
    print(_unknown(first), file=sys.stderr)
    return 2


def _run_command(name: str, words: list[str]) -> int:
    from importlib import import_module

    # A character that the terminal cannot show must not end a run.
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    before = gc.get_threshold()
    # Trees and what is known of them stay to the end of a run: to walk them every 700 objects frees nothing.
    gc.set_threshold(_OBJECTS, *before[1:])
    try:
        code: int = import_module(f"nixedit.cli.{name}").main(words)
    finally:
        gc.set_threshold(*before)
    return code


def usage() -> str:
    """What `nixedit --help` prints."""
    width = max(map(len, (*COMMANDS, "--version")))
    return "\n".join(
        [
            "usage: nixedit [--debug] COMMAND [ARGUMENT...]",
            "",
            "Edits Nix files without disturbing a byte that need not change.",
            "",
            "commands:",
            *(f"  {name:{width}}  {summary}" for name, summary in COMMANDS.items()),
            "",
            "options:",
            f"  {'--help':{width}}  this text; `nixedit COMMAND --help` tells about one command",
            f"  {'--version':{width}}  the version",
            f"  {'--debug':{width}}  a Python traceback when something fails (also: NIXEDIT_TRACEBACK=1)",
            "",
            "exit codes:",
            "  0  done, or nothing to do",
            "  1  something was found (check), or something would change (--check)",
            "  2  it could not be done; nothing was written",
            "  3  done in part, only where --keep-going asked for that",
            "",
            "New here? `nixedit demo` shows what it does and changes nothing of yours.",
        ]
    )


def _unknown(word: str) -> str:
    from difflib import get_close_matches

    kind = "option" if word.startswith("-") else "command"
    close = get_close_matches(word, [*COMMANDS, "help", "--help", "--version", "--debug"], n=1)
    hint = f"did you mean `{close[0]}`?" if close else "`nixedit --help` lists the commands"
    return f"nixedit: no {kind} `{word}`; {hint}"
