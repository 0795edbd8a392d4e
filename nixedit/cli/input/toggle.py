"""`nixedit input toggle`: swaps the url of an input with the one in the comment beside it."""

from __future__ import annotations

from nixedit.cli.input.chosen import chosen_ids
from nixedit.cli.input.opened import OpenFlake
from nixedit.cli.input.options import editing_parser
from nixedit.cli.input.run import edit_flakes
from nixedit.flake.inputs.alternates import alternates_of

_DESCRIPTION = """
    Swap the url of an input with its alternate: a comment on the line directly above or below it that is
    the same binding with another url. Only the comment's mark moves; twice changes nothing.
"""
_EXAMPLES = """
examples:
  nixedit input toggle nixpkgs

    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    # nixpkgs.url = "path:/home/ada/nixpkgs";
"""


def main(argv: list[str]) -> int:
    """Run `nixedit input toggle` with these words; the exit code."""
    parser = editing_parser("toggle", _DESCRIPTION, _EXAMPLES)
    parser.add_argument("ids", nargs="*", metavar="ID", help="the inputs (asked for if left out)")
    arguments = parser.parse_intermixed_args(argv)

    def edit(flake: OpenFlake) -> None:
        inputs = flake.inputs
        can = [name for name in inputs if alternates_of(flake.document, name)]
        for name in chosen_ids(flake, arguments.ids, "toggle", among=can):
            url = inputs.toggle(name)
            flake.notes.append(f"input `{name}` is {url} now")

    return edit_flakes(arguments, edit)
