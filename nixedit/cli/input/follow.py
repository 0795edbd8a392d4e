"""`nixedit input follow`: lets an input of an input follow one of the flake's own."""

from __future__ import annotations

from nixedit.attrpath import join
from nixedit.cli.input.opened import OpenFlake
from nixedit.cli.input.options import editing_parser
from nixedit.cli.input.paths import input_path
from nixedit.cli.input.run import edit_flakes
from nixedit.errors import NixEditError

_DESCRIPTION = """
    Let the input B of the input A follow TARGET, an input of this flake, in the spelling that A has.
    What it follows already is replaced in place.
"""
_EXAMPLES = """
examples:
  nixedit input follow home-manager.nixpkgs nixpkgs
  nixedit input follow a.b.nixpkgs nixpkgs        the nixpkgs of b, which is an input of a
  nixedit input follow a.b a/c                    another input of a
  nixedit input follow a.darwin ''                none at all
"""


def main(argv: list[str]) -> int:
    """Run `nixedit input follow` with these words; the exit code."""
    parser = editing_parser("follow", _DESCRIPTION, _EXAMPLES)
    parser.add_argument("path", metavar="A.B", help="the input of an input")
    parser.add_argument("target", metavar="TARGET", help="what it follows; '' for no input at all")
    arguments = parser.parse_intermixed_args(argv)
    return edit_flakes(arguments, lambda flake: follow_by_hand(flake, arguments.path, arguments.target))


def follow_by_hand(flake: OpenFlake, word: str, target: str) -> None:
    """Let one input of an input follow another.

    Args:
        flake: the flake.
        word: which one, `home-manager.nixpkgs`.
        target: what it follows.

    Raises:
        NixEditError: the word names no input of an input.
        MissingAttrError: there is no such input, or no such target.
    """
    inputs = flake.inputs
    path = input_path(inputs, word)
    if len(path) < 2:
        raise NixEditError(
            f"`{word}` is no input of an input", hint="write it as A.B: nixedit input follow A.B TARGET"
        )
    inputs.require([path[0]])
    inputs.require_target(target)
    if inputs.follow(path, target):
        flake.notes.append(f"`{join(path)}` follows " + (f"`{target}`" if target else "no input"))
