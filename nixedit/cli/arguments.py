"""How every command declares its arguments: one look for all help texts, paragraphs kept as written."""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from inspect import cleandoc


def command_parser(name: str, description: str, epilog: str = "") -> ArgumentParser:
    """The parser of `nixedit <name>`.

    Args:
        name: the command.
        description: what it does, shown above the options; indentation as in a docstring.
        epilog: what stands below them: examples.
    """
    return ArgumentParser(
        prog=f"nixedit {name}",
        description=cleandoc(description),
        epilog=cleandoc(epilog) or None,
        formatter_class=RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
