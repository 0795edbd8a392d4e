"""`nixedit input unpin`: lets go inputs that are held at a commit."""

from __future__ import annotations

from nixedit.cli.input.chosen import chosen_ids
from nixedit.cli.input.opened import OpenFlake
from nixedit.cli.input.options import editing_parser
from nixedit.cli.input.run import edit_flakes
from nixedit.flake.reference import Reference

_DESCRIPTION = """
    Let go inputs that are held at a commit. The branch or tag stays, or comes back if `nixedit input pin`
    had to put it aside; --ref takes that out too.
"""
_EXAMPLES = """
examples:
  nixedit input unpin nixpkgs
"""


def main(argv: list[str]) -> int:
    """Run `nixedit input unpin` with these words; the exit code."""
    parser = editing_parser("unpin", _DESCRIPTION, _EXAMPLES)
    parser.add_argument("ids", nargs="*", metavar="ID", help="the inputs (asked for if left out)")
    parser.add_argument("--ref", action="store_true", help="take the branch or tag out too")
    arguments = parser.parse_intermixed_args(argv)

    def edit(flake: OpenFlake) -> None:
        inputs = flake.inputs
        for name in chosen_ids(flake, arguments.ids, "unpin", among=pinned(flake)):
            if inputs.unpin(name, ref=arguments.ref):
                flake.notes.append(f"input `{name}` unpinned")

    return edit_flakes(arguments, edit)


def pinned(flake: OpenFlake) -> list[str]:
    """The inputs that name a commit."""
    return [
        name
        for name, found in flake.inputs.items()
        if "rev" in found.attributes or (found.url is not None and Reference.of(found.url).rev is not None)
    ]
