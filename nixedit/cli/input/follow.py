"""`nixedit input follow`: lets an input of an input follow one of the flake's own."""

from __future__ import annotations

from nixedit.attrpath import join
from nixedit.cli.input.automatic import add_wishes, follow_automatically
from nixedit.cli.input.opened import OpenFlake
from nixedit.cli.input.options import editing_parser
from nixedit.cli.input.paths import input_path
from nixedit.cli.input.run import edit_flakes
from nixedit.errors import NixEditError

_DESCRIPTION = """
    Let the input B of the input A follow TARGET, an input of this flake, in the spelling that A has.
    What it follows already is replaced in place. Without TARGET, it follows the input of its own name.

    Without A.B, do that for every input of an input that is called like one of the flake's own, as
    flake.lock has them, and remove the follows whose input is gone: one run is enough. What flake.nix or
    the input's own flake has decided stays, and nothing is made to depend on itself. Needs no network.
"""
_EXAMPLES = """
examples:
  nixedit input follow                            all that flake.lock says is missing
  nixedit input follow --ignore crane.flake-utils --ignore systems
  nixedit input follow --transitive 3             new inputs for what three inputs share
  nixedit input follow home-manager.nixpkgs nixpkgs
  nixedit input follow a.b.nixpkgs nixpkgs        the nixpkgs of b, which is an input of a
  nixedit input follow a.b a/c                    another input of a
  nixedit input follow a.darwin ''                none at all
"""


def main(argv: list[str]) -> int:
    """Run `nixedit input follow` with these words; the exit code."""
    parser = editing_parser("follow", _DESCRIPTION, _EXAMPLES)
    parser.add_argument("path", nargs="?", metavar="A.B", help="the input of an input; all if none is given")
    parser.add_argument("target", nargs="?", metavar="TARGET", help="what it follows; '' for no input at all")
    add_wishes(parser)
    arguments = parser.parse_intermixed_args(argv)

    def edit(flake: OpenFlake) -> None:
        if arguments.path is None:
            follow_automatically(flake, arguments)
        else:
            follow_by_hand(flake, arguments.path, arguments.target)

    return edit_flakes(arguments, edit)


def follow_by_hand(flake: OpenFlake, word: str, target: str | None = None) -> None:
    """Let one input of an input follow another.

    Args:
        flake: the flake.
        word: which one, `home-manager.nixpkgs`.
        target: what it follows; None for the input that is called like it.

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
    target = path[-1] if target is None else target
    inputs.require_target(target)
    if inputs.follow(path, target):
        flake.notes.append(f"`{join(path)}` follows " + (f"`{target}`" if target else "no input"))
