"""Parse, set one value, text: nixedit beside nix-manipulator, on the files that both can handle.

Needs `pip install nix-manipulator`. Per file, the first name that is bound to a literal is set to a
string: in the set that the file is, or in the one that its function hands to `mkDerivation` or the like.
A file counts where both tools come back with text that holds the new value and no syntax error; how many
files each of them fails on is told.
"""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import replace
from importlib.util import find_spec
from pathlib import Path
from types import FrameType

from generated import flat, package
from load import nix_files
from measure import Result, command_line, compared, cpu, report

import nixedit
from nixedit import grammar
from nixedit.containers import wrap

WHAT = "nix-manipulator / nixedit: parse, set one value, text"
# What an edit could reach that costs nothing beyond the parse it begins with.
BOUND = "nix-manipulator / one parse of the same text"
TARGET = 10
SECONDS = 10  # of CPU time; what takes longer counts as a failure
# Made files, where no places are named: bytes, and how many of them.
MADE = ((700, 200), (10_000, 20), (100_000, 3), (1_000_000, 1))
LITERALS = {"string_expression", "integer_expression", "float_expression", "path_expression"}


def own_set(doc: nixedit.Document) -> nixedit.AttrSet | None:
    """The set that the file is, or that it calls a function with."""
    node = doc.root
    while node.kind in {"function_expression", "apply_expression"}:
        node = node.children[-1]
    found = wrap(doc, node.node)
    return found if isinstance(found, nixedit.AttrSet) else None


def settable(text: str) -> str | None:
    """The first name in it that is bound to a literal, or None."""
    try:
        attrs = own_set(nixedit.loads(text))
        for name in attrs or ():
            value = attrs[name] if attrs is not None else None
            if isinstance(value, nixedit.Node) and value.kind in LITERALS and name.isidentifier():
                return name
    except nixedit.NixEditError:
        return None
    return None


def ours(text: str, name: str) -> str:
    """The text with the value set, by nixedit."""
    doc = nixedit.loads(text)
    attrs = own_set(doc)
    assert attrs is not None
    attrs[name] = "changed"
    return doc.text


def theirs(text: str, name: str) -> str:
    """The text with the value set, by nix-manipulator: as its `set` command does it."""
    from nix_manipulator.expressions import AttributeSet, FunctionDefinition
    from nix_manipulator.parser import parse

    source = parse(text)
    target = source.value[0]
    while isinstance(target, FunctionDefinition):
        target = target.output
    if not isinstance(target, AttributeSet):
        target = target.argument
    target[name] = parse('"changed"').value[0]
    return str(source.rebuild())


def _parse(text: str, _name: str) -> object:
    return grammar.parse(text.encode())


def _stop(_signal: int, _frame: FrameType | None) -> None:
    raise TimeoutError("took too long")


def works(tool: Callable[[str, str], str], text: str, name: str) -> bool:
    """Whether a tool comes back in time with Nix in which the value is set."""
    signal.setitimer(signal.ITIMER_VIRTUAL, SECONDS)
    try:
        doc = nixedit.loads(tool(text, name))
        attrs = own_set(doc)
        return attrs is not None and bool(attrs[name].to_python() == "changed")
    except Exception:  # noqa: BLE001 - whatever it fails with, it fails
        return False
    finally:
        signal.setitimer(signal.ITIMER_VIRTUAL, 0)


def _measure_made(made: tuple[int, int], rounds: int) -> list[Result]:
    """The ratio on so many made files of so many bytes each."""
    size, count = made
    with tempfile.TemporaryDirectory(prefix="nixedit-bench-") as folder:
        for number in range(count):
            text = package(number) if size < 1_000 else flat(size)[0].replace("rank-", "rank_")
            (Path(folder) / f"{number}.nix").write_text(text, encoding="utf-8")
        results = measure([Path(folder)], rounds, count)
    return [replace(result, what=f"{result.what}, files of about {size:,} bytes") for result in results]


def measure(places: Sequence[Path] = (), rounds: int = 3, most: int = 300) -> list[Result]:
    """The ratio over all files that both handle; none where nix-manipulator is not installed."""
    if find_spec("nix_manipulator") is None:
        return [Result(WHAT, None, None, TARGET, at_least=True, detail="pip install nix-manipulator")]
    if not places:
        return [result for made in MADE for result in _measure_made(made, rounds)]
    signal.signal(signal.SIGVTALRM, _stop)
    sys.setrecursionlimit(10_000)
    files = [path for place in places for path in (nix_files(place) if place.is_dir() else [str(place)])]
    named = []
    for path in files:
        text = Path(path).read_bytes().decode("utf-8", "replace")
        name = settable(text)
        if name is not None:
            named.append((text, name))
    chosen = named[:: max(1, len(named) // most)]
    good = [item for item in chosen if works(ours, *item)]
    both = [item for item in good if works(theirs, *item)]
    detail = (
        f"{len(both)} of {len(chosen)} files; nixedit fails on {len(chosen) - len(good)}, "
        f"nix-manipulator on {len(good) - len(both)} more"
    )
    if not both:
        return [Result(WHAT, None, None, TARGET, at_least=True, detail=detail)]

    def run(tool: Callable[[str, str], object]) -> Callable[[], object]:
        return lambda: [tool(*item) for item in both]

    times = [(cpu(run(theirs)), cpu(run(ours)), cpu(run(_parse))) for _ in range(rounds)]
    return [
        compared(WHAT, [theirs / ours for theirs, ours, _ in times], TARGET, detail, at_least=True),
        compared(BOUND, [theirs / parse for theirs, _, parse in times], TARGET, detail, at_least=True),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "places", type=Path, nargs="*", help="files or checkouts; without any, files are made"
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--most", type=int, default=300, help="about how many files to take, evenly spread")
    given = parser.parse_args()
    report(measure(given.places, given.rounds, given.most), command_line())


if __name__ == "__main__":
    main()
