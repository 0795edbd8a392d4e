"""`nixedit input change`: gives an input another reference."""

from __future__ import annotations

from nixedit.cli.input.chosen import chosen_ids
from nixedit.cli.input.opened import OpenFlake
from nixedit.cli.input.options import editing_parser
from nixedit.cli.input.run import edit_flakes

_DESCRIPTION = """
    Give an input another url. Only what stands between the quotes changes; a reference that is written as
    attributes (`type`, `owner`, `repo` …) is changed attribute by attribute.
"""
_EXAMPLES = """
examples:
  nixedit input change nixpkgs github:NixOS/nixpkgs/nixos-unstable
"""


def main(argv: list[str]) -> int:
    """Run `nixedit input change` with these words; the exit code."""
    parser = editing_parser("change", _DESCRIPTION, _EXAMPLES)
    parser.add_argument("id", nargs="?", metavar="ID", help="the input (asked for if left out)")
    parser.add_argument("url", metavar="URL", help="its new flake reference")
    arguments = parser.parse_intermixed_args(argv)

    def edit(flake: OpenFlake) -> None:
        given = [] if arguments.id is None else [arguments.id]
        (name,) = chosen_ids(flake, given, "change", several=False)
        if flake.inputs.change(name, arguments.url):
            flake.notes.append(f"input `{name}` changed: {arguments.url}")

    return edit_flakes(arguments, edit)
