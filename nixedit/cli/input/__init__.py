"""`nixedit input`: the inputs of flakes; each subcommand is a module of this package, imported on use."""

from __future__ import annotations

from nixedit.cli.arguments import command_parser
from nixedit.cli.failures import FAILED, say

# A subcommand's name is its module's; `main(argv) -> int` runs it.
SUBCOMMANDS = {
    "list": "show the inputs: as a table, as JSON, as a tree, as a picture",
    "add": "declare an input, in the style of its neighbours",
    "remove": "take inputs out, with everything that leads to them",
    "change": "give an input another url",
    "follow": "let inputs of inputs follow the flake's own: one by name, or all that flake.lock shows",
    "dedupe": "say what follows would save, and write them",
    "check": "report what is wrong with the inputs, and mend what can be mended",
    "pin": "hold an input at a commit",
    "unpin": "let go an input that is held at a commit",
    "toggle": "swap the url of an input with the one in the comment beside it",
}

_DESCRIPTION = """
    Show, check and edit the inputs of flakes, in whatever spelling they are written; nothing else in the
    file changes.
"""


def main(argv: list[str]) -> int:
    """Run `nixedit input`.

    Args:
        argv: the words after `input`.

    Returns:
        The exit code.
    """
    first = argv[0] if argv else "--help"
    if first in SUBCOMMANDS:
        from importlib import import_module

        code: int = import_module(f"nixedit.cli.input.{first}").main(argv[1:])
        return code
    if first not in ("--help", "-h", "help"):
        say(_unknown(first))
        return FAILED
    if argv[1:] and argv[1] in SUBCOMMANDS:
        return main([argv[1], "--help"])
    parser = command_parser("input", _DESCRIPTION, _epilog())
    parser.usage = "nixedit input COMMAND [ARGUMENT...]"
    parser.parse_args(["--help"])
    return 0


def _epilog() -> str:
    width = max(map(len, SUBCOMMANDS))
    lines = [f"  {name:{width}}  {summary}" for name, summary in SUBCOMMANDS.items()]
    return "\n".join(["commands:", *lines, "", "`nixedit input COMMAND --help` tells about one of them."])


def _unknown(word: str) -> str:
    from difflib import get_close_matches

    close = get_close_matches(word, SUBCOMMANDS, n=1)
    hint = f"did you mean `{close[0]}`?" if close else "`nixedit input --help` lists the commands"
    return f"nixedit: no command `input {word}`; {hint}"
