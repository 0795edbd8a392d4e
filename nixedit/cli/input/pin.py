"""`nixedit input pin`: holds an input at a commit, that of flake.lock if none is given."""

from __future__ import annotations

from nixedit.cli.input.chosen import chosen_ids
from nixedit.cli.input.opened import OpenFlake
from nixedit.cli.input.options import editing_parser
from nixedit.cli.input.run import edit_flakes
from nixedit.errors import NixEditError, RefusedError
from nixedit.flake.lock import Lock, LockNode
from nixedit.flake.reference import Reference, is_rev
from nixedit.flake.source import attributes_of, identity, is_same

_DESCRIPTION = """
    Hold an input at a commit: at REV, or at the one that flake.lock has. `nixedit input unpin` undoes that
    exactly: a branch that has no room in the url beside the commit is kept in a comment above it.
"""
_EXAMPLES = """
examples:
  nixedit input pin nixpkgs                at the commit of flake.lock
  nixedit input pin nixpkgs 5f5f0a6…       at another one
"""


def main(argv: list[str]) -> int:
    """Run `nixedit input pin` with these words; the exit code."""
    parser = editing_parser("pin", _DESCRIPTION, _EXAMPLES)
    parser.add_argument("id", nargs="?", metavar="ID", help="the input (asked for if left out)")
    parser.add_argument("rev", nargs="?", metavar="REV", help="the commit (default: that of flake.lock)")
    arguments = parser.parse_intermixed_args(argv)
    if arguments.rev is not None and not is_rev(arguments.rev):
        raise NixEditError(f"not the whole name of a commit, 40 hexadecimal digits: {arguments.rev}")

    def edit(flake: OpenFlake) -> None:
        given = [] if arguments.id is None else [arguments.id]
        (name,) = chosen_ids(flake, given, "pin", several=False)
        rev = arguments.rev or locked_rev(flake, name)
        if flake.inputs.pin(name, rev):
            flake.notes.append(f"input `{name}` pinned to {rev}")

    return edit_flakes(arguments, edit)


def locked_rev(flake: OpenFlake, name: str) -> str:
    """The commit that flake.lock has for an input.

    Raises:
        NixEditError: there is none.
        RefusedError: the lock was made from another reference than the one that the input has now.
        OSError: flake.lock cannot be read.
    """
    if flake.is_stdin:
        raise NixEditError("there is no flake.lock beside standard input", hint="give the commit: pin ID REV")
    try:
        lock = Lock.load(flake.file.parent / "flake.lock")
    except FileNotFoundError as error:
        raise NixEditError(
            "there is no flake.lock", path=str(error.filename), hint="give the commit: pin ID REV"
        ) from None
    node = lock.node((name,))
    if node.rev is None:
        raise NixEditError(f"flake.lock has no commit for `{name}`", path=lock.path)
    if not _is_of(flake, name, node):
        raise RefusedError(
            f"flake.lock has `{name}` from another reference than flake.nix",
            path=flake.document.path,
            source=flake.document.source,
            span=flake.inputs.span(name),
            hint="run `nix flake lock` first, or give the commit",
        )
    return node.rev


def _is_of(flake: OpenFlake, name: str, node: LockNode) -> bool:
    """Whether a node of the lock is of an input as it is written now; what is not known is believed."""
    found = flake.inputs[name]
    own = found.attributes if "type" in found.attributes else None
    if own is None and found.url is not None:
        if Reference.of(found.url).rev is None:
            return is_same(found.url, node.original, flake=found.flake) is not False
        own = attributes_of(found.url, flake=found.flake)
    return own is None or identity(own) == identity(node.original)
