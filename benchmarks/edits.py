"""Ten thousand edits in one block, and one edit of a large file, beside tree-sitter's own parse.

Every check is on: the edits go through `Document.edit()` as anybody's do. The base of the many edits is
one fresh parse of the file; that of the single edit is tree-sitter's incremental parse of the same change.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable

from generated import flat, options, packages
from measure import Result, command_line, compared, cpu, report

import nixedit
from nixedit.grammar import parse

SHAPES = {"flat set": flat, "sets in a set": packages, "dotted options": options}


def many(size: int, count: int, rounds: int) -> list[Result]:
    """`count` edits in one block: values set, names added, names deleted."""
    results = []
    for shape, generate in SHAPES.items():
        text, paths = generate(size)
        data = text.encode()
        values = [paths[number * len(paths) // count] for number in range(count)]
        names = [_beside(path, number) for number, path in enumerate(values)]
        for what, wanted in (("values set", values), ("new names", names), ("names deleted", values)):
            ratios = []
            for _ in range(rounds):
                base = min(cpu(lambda data=data: parse(data)) for _ in range(3))
                work = _delete(data, wanted) if what == "names deleted" else _edit(data, wanted)
                ratios.append(cpu(work) / base)
            detail = f"{count} edits of {len(data):,} bytes, {shape}"
            results.append(compared(f"{what} in one block / one fresh parse", ratios, 5, detail))
    return results


def _beside(path: str, number: int) -> str:
    """A name that is not bound yet, in the same set."""
    first, dot, _ = path.partition(".")
    return f"{first}{dot}extra-{number}"


def _edit(data: bytes, wanted: list[str]) -> Callable[[], None]:
    doc = nixedit.loads(data)

    def work() -> None:
        attrs = doc.attrs
        with doc.edit():
            for number, path in enumerate(wanted):
                attrs[path] = 100_000 + number

    return work


def _delete(data: bytes, wanted: list[str]) -> Callable[[], None]:
    doc = nixedit.loads(data)

    def work() -> None:
        attrs = doc.attrs
        with doc.edit():
            for path in dict.fromkeys(wanted):
                del attrs[path]

    return work


def single(size: int, rounds: int) -> list[Result]:
    """One value set, and one name added, in the middle of a large file."""
    results = []
    for shape, generate in SHAPES.items():
        text, paths = generate(size)
        data = text.encode()
        middle = paths[len(paths) // 2]
        new = _beside(middle, 0)
        for what, path in (("one value set", middle), ("one new name", new)):
            ratios = []
            for _ in range(rounds):
                doc = nixedit.loads(data)

                def work(doc: nixedit.Document = doc, path: str = path) -> None:
                    doc.attrs[path] = 99

                taken = cpu(work)
                ratios.append(taken / min(_incremental(data, doc.data) for _ in range(3)))
            results.append(
                compared(f"{what} / the same incremental parse", ratios, 4, f"{len(data):,} bytes, {shape}")
            )
    return results


def _incremental(before: bytes, after: bytes) -> float:
    """What tree-sitter itself takes for a change of one place."""
    start = next(at for at in range(len(before)) if before[at] != after[at])
    tail = next(at for at in range(1, len(before)) if before[-at] != after[-at]) - 1
    tail = min(tail, len(before) - start, len(after) - start)
    tree = parse(before)
    ends = (start, len(before) - tail, len(after) - tail)

    def work() -> None:
        tree.edit(*ends, (0, 0), (0, 0), (0, 0))
        parse(after, tree)

    return cpu(work)


def measure(
    size: int = 1_000_000, large: int = 2_800_000, count: int = 10_000, rounds: int = 7
) -> list[Result]:
    """All ratios of this script."""
    return many(size, count, rounds) + single(large, rounds)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", type=int, default=1_000_000, help="bytes of the file with many edits")
    parser.add_argument("--large", type=int, default=2_800_000, help="bytes of the file with one edit")
    parser.add_argument("--count", type=int, default=10_000, help="edits in the block")
    parser.add_argument("--rounds", type=int, default=7)
    given = parser.parse_args()
    report(measure(given.size, given.large, given.count, given.rounds), command_line())


if __name__ == "__main__":
    main()
