"""Follows found in the lock: the options that `follow` and `dedupe` share, and the plan made and written."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError, Namespace
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from nixedit.attrpath import join, parse
from nixedit.cli.input.opened import OpenFlake
from nixedit.errors import NixEditError, NotStaticError
from nixedit.flake.follow_edit import declared_in, write
from nixedit.flake.follow_plan import Follow, Plan, Wishes, plan
from nixedit.flake.lock import InputPath, Lock


def add_wishes(parser: ArgumentParser) -> None:
    """Give a parser the options of automatic follow."""
    group = parser.add_argument_group("automatic follow")
    group.add_argument(
        "--ignore",
        action="append",
        default=[],
        type=_path,
        metavar="A.B",
        help="leave this input of an input alone, or with one name every one that is called so; repeatable",
    )
    group.add_argument(
        "--alias",
        action="append",
        default=[],
        type=_alias,
        metavar="NAME=OTHER",
        help="inputs called OTHER follow the flake's own NAME too (nixpkgs=nixpkgs-lib); repeatable",
    )
    group.add_argument(
        "--same-source",
        action="store_true",
        help="also let inputs of other names follow that are the very same reference",
    )
    group.add_argument(
        "--transitive",
        type=_at_least_two,
        nargs="?",
        const=2,
        metavar="N",
        help="give the flake an input of its own for what N (2) or more inputs share",
    )
    group.add_argument(
        "--depth",
        type=_positive,
        default=1,
        metavar="N",
        help="how far down follows are written; 1 is a.inputs.b; more needs Nix 2.30 or newer (default: 1)",
    )
    group.add_argument("--lock-file", metavar="PATH", help="the lock, where it is not beside flake.nix")


def wishes_of(arguments: Namespace) -> Wishes:
    """What the options ask for."""
    return Wishes(
        ignore=frozenset(arguments.ignore),
        aliases={other: name for name, other in arguments.alias},
        same_source=arguments.same_source,
        transitive=arguments.transitive,
        depth=arguments.depth,
    )


def lock_file(flake: OpenFlake, given: str | None = None) -> Path:
    """Where a flake's lock is.

    Raises:
        NixEditError: the flake came from standard input, and no lock was named.
    """
    if given is not None:
        return Path(given)
    if flake.is_stdin:
        raise NixEditError("which lock? Name it: --lock-file PATH", path=flake.document.path)
    return flake.file.parent / "flake.lock"


def read_lock(flake: OpenFlake, given: str | None = None) -> Lock:
    """The lock of a flake.

    Raises:
        NixEditError: there is none, or it cannot be read as one.
        OSError: it cannot be read.
    """
    path = lock_file(flake, given)
    try:
        return Lock.load(path)
    except FileNotFoundError:
        raise NixEditError("there is no lock", path=path, hint="`nix flake lock` makes one") from None


def follow_automatically(flake: OpenFlake, arguments: Namespace) -> Plan:
    """Find the follows that are missing or stale, and write them; the plan.

    Raises:
        NixEditError: there is no lock, or the inputs cannot be edited.
    """
    lock = read_lock(flake, arguments.lock_file)
    found = plan(declared_in(flake.document), lock, wishes_of(arguments))
    write(flake.document, found)
    flake.notes += _notes(found)
    flake.details.update(_details(found))
    return found


def _notes(found: Plan) -> list[str]:
    return [
        *(
            f"new input `{new.name}` ({new.url}), shared by {_listed(new.parents)}"
            for new in found.promotions
        ),
        *(f"`{join(one.path)}` follows `{'/'.join(one.target)}`{_because(one)}" for one in found.additions),
        *(f"`{join(one.path)}` follows nothing any more: {one.reason}" for one in found.removals),
        *(f"`{join(one.path)}` stays as it is: {one.reason}" for one in found.skipped),
        *(f"`{name}` stays as it is: the lock is older than it" for name in found.unknown),
    ]


def _because(follow: Follow) -> str:
    return f" ({follow.reason})" if follow.reason else ""


def _listed(paths: Iterable[InputPath]) -> str:
    return ", ".join(f"`{join(path)}`" for path in paths)


def _details(found: Plan) -> dict[str, Any]:
    return {
        "additions": [_as_json(follow) for follow in found.additions],
        "removals": [_as_json(follow) for follow in found.removals],
        "promotions": [
            {
                "id": new.name,
                "url": new.url,
                "flake": new.flake,
                "parents": [join(path) for path in new.parents],
            }
            for new in found.promotions
        ],
        "skipped": [_as_json(follow) for follow in found.skipped],
        "unknown": list(found.unknown),
    }


def _as_json(follow: Follow) -> dict[str, str | None]:
    return {"path": join(follow.path), "target": "/".join(follow.target), "reason": follow.reason or None}


def _path(word: str) -> InputPath:
    try:
        return tuple(parse(word))
    except NotStaticError as error:
        raise ArgumentTypeError(f"{word!r} is no path of inputs: {error.message}") from None


def _alias(word: str) -> tuple[str, str]:
    name, equals, other = word.partition("=")
    if not equals or not name or not other:
        raise ArgumentTypeError(f"{word!r} is no NAME=OTHER")
    return name, other


def _at_least_two(word: str) -> int:
    if not word.isdecimal() or int(word) < 2:
        raise ArgumentTypeError(f"{word!r} is no number from 2 on")
    return int(word)


def _positive(word: str) -> int:
    if not word.isdecimal() or int(word) < 1:
        raise ArgumentTypeError(f"{word!r} is no number from 1 on")
    return int(word)
