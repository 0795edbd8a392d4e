"""`nixedit input list`: the inputs of flakes as a table, as JSON, as a tree or as a picture."""

from __future__ import annotations

import time
from argparse import Namespace
from importlib import import_module
from typing import Any

from nixedit.attrpath import join
from nixedit.cli.arguments import command_parser
from nixedit.cli.failures import FAILED, os_message, say
from nixedit.cli.input.automatic import read_lock
from nixedit.cli.input.opened import OpenFlake, opened
from nixedit.cli.input.options import add_flakes
from nixedit.cli.input.run import distinct, error_as_json
from nixedit.cli.input.table import reference_of, repeated, table
from nixedit.errors import NixEditError
from nixedit.flake.follow_edit import declared_in
from nixedit.flake.follow_plan import Plan, plan
from nixedit.flake.inputs import Input
from nixedit.flake.lock import Lock
from nixedit.flake.lock_tree import duplicates, shortest_paths

FORMATS = ("dot", "mermaid", "svg")

_DESCRIPTION = """
    Show the inputs of a flake: what they are, at which commit they are locked and how old that is, and
    what their own inputs follow. Changes nothing.
"""
_EXAMPLES = """
examples:
  nixedit input list
  nixedit input list --tree               the inputs of inputs too, as flake.lock has them
  nixedit input list --graph svg > inputs.svg
  nixedit input list --json | jq '.flakes[].inputs[].id'
"""


def main(argv: list[str]) -> int:
    """Run `nixedit input list` with these words; the exit code."""
    parser = command_parser("input list", _DESCRIPTION, _EXAMPLES)
    add_flakes(parser)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--json", action="store_true", help="print one JSON object")
    how.add_argument("--tree", action="store_true", help="print the tree of all inputs in flake.lock")
    how.add_argument(
        "--graph",
        choices=FORMATS,
        help="print a picture of them, with those marked that `nixedit input follow` would remove",
    )
    parser.add_argument("--lock-file", metavar="PATH", help="the lock, where it is not beside flake.nix")
    parser.add_argument("-q", "--quiet", action="store_true", help="print the names only")
    arguments = parser.parse_args(argv)
    names = distinct(arguments.flake or ["."])
    if arguments.graph and len(names) > 1:
        parser.error("a picture is of one flake: name one --flake")
    failures: list[NixEditError | OSError] = []
    shown: list[Any] = []
    for name in names:
        try:
            shown.append(_shown(opened(name, arguments, generated=True), arguments))
        except (NixEditError, OSError) as error:
            failures.append(error)
            say(os_message(error) if isinstance(error, OSError) else error.render())
    _print(shown, failures, arguments, titled=len(names) > 1)
    return FAILED if failures else 0


def _print(
    shown: list[Any], failures: list[NixEditError | OSError], arguments: Namespace, *, titled: bool
) -> None:
    if arguments.json:
        import json

        print(
            json.dumps({"flakes": shown, "failures": [error_as_json(error) for error in failures]}, indent=2)
        )
        return
    for number, (title, text) in enumerate(shown):
        if titled and not arguments.quiet:
            print(("\n" if number else "") + title)
        print(text)


def _shown(flake: OpenFlake, arguments: Namespace) -> Any:
    title = "<stdin>" if flake.is_stdin else str(flake.file)
    if arguments.json:
        return _as_json(flake, title, _lock(flake, arguments))
    if arguments.quiet:
        return title, "\n".join(join((name,)) for name in sorted(flake.inputs))
    if not arguments.tree and not arguments.graph:
        return title, _table(flake, _lock(flake, arguments))
    lock = read_lock(flake, arguments.lock_file)
    missing = plan(declared_in(flake.document), lock)
    return title, _tree(title, lock, missing) if arguments.tree else _graph(
        title, lock, missing, arguments.graph
    )


def _lock(flake: OpenFlake, arguments: Namespace) -> Lock | None:
    """The lock, where there is one."""
    if arguments.lock_file is None and (flake.is_stdin or not (flake.file.parent / "flake.lock").exists()):
        return None
    return read_lock(flake, arguments.lock_file)


def _table(flake: OpenFlake, lock: Lock | None) -> str:
    if not list(flake.inputs):
        return "no inputs"
    lines = [table(flake.inputs, lock, time.time())]
    if lock is None:
        return "\n".join([*lines, "", "There is no flake.lock: `nix flake lock` makes one."])
    twice = repeated(lock)
    if twice:
        lines += ["", "Locked more than once:", *(f"  {line}" for line in twice)]
    gone = plan(declared_in(flake.document), lock).gone
    if gone:
        count = len(lock.nodes) - 1
        lines += ["", f"`nixedit input follow` would remove {len(gone)} of the {count} locked inputs."]
    return "\n".join(lines)


def _tree(title: str, lock: Lock, missing: Plan) -> str:
    from nixedit.cli.input.tree import tree

    return tree(lock, title, {follow.path: follow.target for follow in missing.additions})


def _graph(lock: Lock, missing: Plan, form: str) -> str:
    from nixedit.flake.pictures.graph import picture

    drawn = picture(lock, {node.key for node in missing.gone})
    text: str = import_module(f"nixedit.flake.pictures.{form}").draw(drawn)
    return text.removesuffix("\n")


# -- JSON -------------------------------------------------------------------------------------


def _as_json(flake: OpenFlake, title: str, lock: Lock | None) -> dict[str, Any]:
    found = [_input_as_json(flake, flake.inputs[name], lock) for name in sorted(flake.inputs)]
    return {"path": title, "inputs": found, "duplicates": {} if lock is None else _duplicates_as_json(lock)}


def _input_as_json(flake: OpenFlake, found: Input, lock: Lock | None) -> dict[str, Any]:
    node = None if lock is None else lock.resolve((found.name,))
    position = flake.document.source.position
    return {
        "id": found.name,
        "url": reference_of(found).removesuffix(" (no flake)") if found.attributes else found.url,
        "flake": found.flake,
        "follows": found.follows,
        "overrides": {join(path): target for path, target in sorted(found.overrides.items())},
        "pieces": [
            {"start": piece.start, "end": piece.end, "line": position(piece.start)[0]}
            for piece in found.pieces
        ],
        "rev": None if node is None else node.rev,
        "lastModified": None if node is None else node.last_modified,
    }


def _duplicates_as_json(lock: Lock) -> dict[str, list[str]]:
    paths = shortest_paths(lock)
    return {
        source: sorted(join(paths[node.key]) for node in nodes) for source, nodes in duplicates(lock).items()
    }
