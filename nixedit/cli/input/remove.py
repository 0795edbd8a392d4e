"""`nixedit input remove`: takes inputs out, with everything that leads to them; or one follows."""

from __future__ import annotations

from argparse import Namespace

from nixedit.cli.input.chosen import chosen_ids
from nixedit.cli.input.opened import OpenFlake
from nixedit.cli.input.options import editing_parser
from nixedit.cli.input.paths import input_path
from nixedit.cli.input.run import edit_flakes
from nixedit.errors import MissingAttrError, RefusedError
from nixedit.flake.declared import remove_input

_DESCRIPTION = """
    Remove inputs: all that is written about them, their formals in `outputs`, and what other inputs follow
    of them. Where `outputs` still uses a name, the place is reported. `a.b` removes only what the
    input b of a follows.
"""
_EXAMPLES = """
examples:
  nixedit input remove disko               an input
  nixedit input remove a b --strict        two, and only if nothing uses them any more
  nixedit input remove home-manager.nixpkgs   what home-manager's nixpkgs follows
"""


def main(argv: list[str]) -> int:
    """Run `nixedit input remove` with these words; the exit code."""
    parser = editing_parser("remove", _DESCRIPTION, _EXAMPLES)
    parser.add_argument("ids", nargs="*", metavar="ID", help="an input, or A.B for what an input follows")
    parser.add_argument("--strict", action="store_true", help="fail if `outputs` still uses one of them")
    arguments = parser.parse_intermixed_args(argv)
    return edit_flakes(arguments, lambda flake: _remove(flake, arguments))


def _remove(flake: OpenFlake, arguments: Namespace) -> None:
    inputs = flake.inputs
    paths = [path for word in arguments.ids if len(path := input_path(inputs, word)) > 1]
    for path in paths:
        shown = ".".join(path)
        if not inputs.unfollow(path):
            raise MissingAttrError(f"`{shown}` follows nothing", path=flake.document.path)
        flake.notes.append(f"`{shown}` follows nothing any more")
    words = [path[0] for word in arguments.ids if len(path := input_path(inputs, word)) == 1]
    if paths and not words:
        return
    gone: set[str] = set()
    for name in chosen_ids(flake, words, "remove"):
        if name not in gone:
            gone.update(_remove_one(flake, name, strict=arguments.strict))


def _remove_one(flake: OpenFlake, name: str, *, strict: bool) -> tuple[str, ...]:
    removed = remove_input(flake.document, name)
    flake.notes.append(f"input `{name}` removed")
    flake.notes += [f"input `{other}` removed, which followed it" for other in removed.names[1:]]
    for use in removed.uses:
        error = RefusedError(
            f"`outputs` still uses `{name}`",
            path=flake.document.path,
            source=flake.document.source,
            span=use,
            hint="take that out too",
        )
        if strict:
            raise error
        flake.warnings.append(error)
    return removed.names
