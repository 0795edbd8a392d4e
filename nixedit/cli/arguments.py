"""How every command declares its arguments: one look for all help texts, paragraphs kept as written."""

from __future__ import annotations

from argparse import ArgumentParser, RawDescriptionHelpFormatter
from functools import partial

# Each argument is tried on a formatter when it is added: one that does not measure the terminal.
_UNMEASURED = partial(RawDescriptionHelpFormatter, width=80)


class _Parser(ArgumentParser):
    """A parser whose texts may be indented as docstrings are; they are laid out when they are asked for."""

    def format_usage(self) -> str:
        self.formatter_class = RawDescriptionHelpFormatter
        return super().format_usage()

    def format_help(self) -> str:
        from inspect import cleandoc

        self.formatter_class = RawDescriptionHelpFormatter
        self.description = cleandoc(self.description or "")
        self.epilog = cleandoc(self.epilog or "") or None
        return super().format_help()


def command_parser(name: str, description: str, epilog: str = "") -> ArgumentParser:
    """The parser of `nixedit <name>`.

    Args:
        name: the command.
        description: what it does, shown above the options; indentation as in a docstring.
        epilog: what stands below them: examples.
    """
    return _Parser(
        prog=f"nixedit {name}",
        description=description,
        epilog=epilog,
        formatter_class=_UNMEASURED,
        allow_abbrev=False,
    )
