"""The inputs of a flake as a table for people, and what stands in the lock more than once."""

from __future__ import annotations

import re
from collections.abc import Sequence

from nixedit.attrpath import join
from nixedit.flake.inputs import Input, Inputs
from nixedit.flake.lock import Lock
from nixedit.flake.lock_tree import duplicates, shortest_paths
from nixedit.flake.source import url_of

_HEAD = ("INPUT", "REFERENCE", "REV", "AGE", "ITS INPUTS FOLLOW")
_DAY = 86_400
_COMMIT = re.compile(r"\b([0-9a-f]{7})[0-9a-f]{33}\b")
# From this many days on, in these units of so many days.
_UNITS = ((730, 365, "years"), (60, 30, "months"), (14, 7, "weeks"), (0, 1, "days"))


def table(inputs: Inputs, lock: Lock | None, now: float) -> str:
    """The inputs in the order of their names, one line each.

    Args:
        inputs: the inputs.
        lock: the lock; None where there is none.
        now: the time that an age is counted to, in seconds since 1970.
    """
    rows = [_HEAD, *(_row(inputs[name], lock, now) for name in sorted(inputs))]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_HEAD))]
    lines = ["  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True)) for row in rows]
    return "\n".join(line.rstrip() for line in lines)


def _row(found: Input, lock: Lock | None, now: float) -> tuple[str, ...]:
    node = None if lock is None else lock.resolve((found.name,))
    changed = None if node is None else node.last_modified
    return (
        join((found.name,)),
        shortened(reference_of(found)),
        "" if node is None or node.rev is None else node.rev[:7],
        "" if changed is None else age((now - changed) // _DAY),
        _follows(found),
    )


def _follows(found: Input) -> str:
    """What its inputs follow; the name alone for one that follows the input of its own name."""
    said = [
        join(path) if path == (target,) else f"{join(path)} -> {target or 'nothing'}"
        for path, target in sorted(found.overrides.items())
    ]
    return ", ".join(said)


def reference_of(found: Input) -> str:
    """What an input is, in a few words: its url, what it follows, or that it is not written here."""
    if found.url is not None and "type" not in found.attributes:
        text = found.url
    elif found.attributes:
        text = url_of({**found.attributes, **({"url": found.url} if found.url else {})})
    elif found.follows is not None:
        return f"follows {found.follows}" if found.follows else "follows nothing"
    else:
        return "(computed)" if found.url_span is not None else "(from the registry)"
    return text if found.flake else f"{text} (no flake)"


def shortened(reference: str) -> str:
    """A reference with the names of commits cut to what people read of them."""
    return _COMMIT.sub(r"\1…", reference)


def age(days: float) -> str:
    """An age in words: `12 days`, `5 months`."""
    count = max(0, int(days))
    for least, unit, name in _UNITS:
        if count >= least:
            return f"{count // unit} {name if count // unit != 1 else name[:-1]}"
    raise AssertionError(count)


def repeated(lock: Lock) -> Sequence[str]:
    """A line for every source that is locked more than once, with the paths of what has it."""
    paths = shortest_paths(lock)
    return [
        f"{len(nodes)} x {source}: {', '.join(sorted(join(paths[node.key]) for node in nodes))}"
        for source, nodes in duplicates(lock).items()
    ]
