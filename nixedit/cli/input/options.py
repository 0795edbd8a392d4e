"""The options that all commands of `nixedit input` share that edit flakes."""

from __future__ import annotations

from argparse import ArgumentParser

from nixedit.cli.arguments import command_parser

_EXIT_CODES = """
exit codes: 0 done or nothing to do, 1 --check found something to do, 2 it could not be done and
nothing was written (or written, and --lock failed), 3 done for some flakes (--keep-going)
"""


def editing_parser(name: str, description: str, examples: str) -> ArgumentParser:
    """The parser of `nixedit input <name>`, with the options that every editing command has.

    Args:
        name: the command.
        description: what it does.
        examples: command lines, with what they do.
    """
    parser = command_parser(f"input {name}", description, f"{examples.strip()}\n\n{_EXIT_CODES.strip()}")
    add_flakes(parser)
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--diff", action="store_true", help="print the patch and write nothing")
    only.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 if there is something to do"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    parser.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    parser.add_argument(
        "--keep-going", action="store_true", help="write the others where some flakes fail (exit 3)"
    )
    parser.add_argument("--force", action="store_true", help="edit also a file that says it is generated")
    parser.add_argument("--lock", action="store_true", help="run `nix flake lock` afterwards")
    return parser


def add_flakes(parser: ArgumentParser) -> None:
    """Give a parser the option that names flakes."""
    parser.add_argument(
        "--flake",
        action="append",
        default=[],
        metavar="PATH",
        help="a flake's folder or its flake.nix, or - for standard input to standard output; repeat it for "
        "more (default: here)",
    )
