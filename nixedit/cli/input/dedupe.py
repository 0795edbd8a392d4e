"""`nixedit input dedupe`: what automatic follow takes out of the lock and the store, and then does it."""

from __future__ import annotations

from collections.abc import Iterable

from nixedit.cli.input.automatic import add_wishes, follow_automatically
from nixedit.cli.input.opened import OpenFlake
from nixedit.cli.input.options import editing_parser
from nixedit.cli.input.run import edit_flakes
from nixedit.flake.follow_plan import Plan
from nixedit.flake.lock import LockNode
from nixedit.flake.source import identity_of
from nixedit.flake.source_sizes import sizes

_DESCRIPTION = """
    Say what `nixedit input follow` saves, and do it: how many locked inputs go, of which sources, and how
    large those are, as far as they are in this machine's store. Fetches nothing.
"""
_EXAMPLES = """
examples:
  nixedit input dedupe --check            what could be saved; exit 1 if there is something
  nixedit input dedupe --transitive 3     also share what is no input of the flake yet
"""
_MEBIBYTE = 1024 * 1024


def main(argv: list[str]) -> int:
    """Run `nixedit input dedupe` with these words; the exit code."""
    parser = editing_parser("dedupe", _DESCRIPTION, _EXAMPLES)
    add_wishes(parser)
    arguments = parser.parse_args(argv)

    def edit(flake: OpenFlake) -> None:
        _tell(flake, follow_automatically(flake, arguments))

    return edit_flakes(arguments, edit)


def _tell(flake: OpenFlake, found: Plan) -> None:
    gone, count = found.gone, len(found.current.nodes) - 1
    known = sizes(gone)
    flake.details["saved"] = {
        "inputs": len(gone),
        "of": count,
        "sources": _counted(gone),
        "bytes": sum(known.values()) if len(known) == len(gone) else None,
        "bytesKnown": sum(known.values()),
        "unknown": len(gone) - len(known),
    }
    if not gone:
        return
    sources = ", ".join(f"{count} x {source}" for source, count in _counted(gone).items())
    flake.notes.append(f"{len(gone)} of {count} locked inputs go: {sources}")
    flake.notes.append(_size(known.values(), len(gone)))


def _counted(nodes: Iterable[LockNode]) -> dict[str, int]:
    """How many of each source, the most frequent first."""
    found: dict[str, int] = {}
    for node in nodes:
        name = identity_of(node)
        found[name] = found.get(name, 0) + 1
    return dict(sorted(found.items(), key=lambda item: (-item[1], item[0])))


def _size(known: Iterable[int], count: int) -> str:
    found = list(known)
    if not found:
        return "their size is not known: none of them is in this machine's store"
    text = f"their sources are {sum(found) / _MEBIBYTE:.1f} MiB"
    return text if len(found) == count else f"{text}, without {count - len(found)} that are not in the store"
