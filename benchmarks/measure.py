"""CPU time, ratios and their table: what the benchmarks share."""

from __future__ import annotations

import gc
import os
import platform
import resource
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Result:
    """One measured ratio beside its target.

    Attributes:
        what: what was measured.
        ratio: the median over the rounds.
        spread: the smallest and the largest ratio of a round.
        target: the bound.
        at_least: whether the bound is a lower one, for what is faster than something else.
        detail: the sizes, or why there is no ratio.
    """

    what: str
    ratio: float | None
    spread: tuple[float, float] | None
    target: float
    at_least: bool = False
    detail: str = ""

    @property
    def missed(self) -> bool:
        """Whether the target is missed."""
        if self.ratio is None:
            return False
        return self.ratio < self.target if self.at_least else self.ratio > self.target

    @property
    def row(self) -> str:
        """The result as a line of the table."""
        ratio = "not measured" if self.ratio is None else f"{self.ratio:.2f}"
        spread = "" if self.spread is None else f" ({self.spread[0]:.2f} to {self.spread[1]:.2f})"
        bound = f"{'at least' if self.at_least else 'at most'} {self.target:g}"
        return (
            f"| {self.what} | {ratio}{spread} | {bound}{', missed' if self.missed else ''} | {self.detail} |"
        )


def cpu(work: Callable[[], object]) -> float:
    """The seconds of CPU time that a piece of work takes, in processes that it starts and waits for too.

    Garbage of earlier work is collected before.
    """
    gc.collect()
    start = _spent()
    work()
    return _spent() - start


def _spent() -> float:
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def elapsed(work: Callable[[], object]) -> float:
    """The seconds of wall time that a piece of work takes, other processes' work included."""
    gc.collect()
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def compared(
    what: str, rounds: Sequence[float], target: float, detail: str = "", *, at_least: bool = False
) -> Result:
    """The result of some rounds, each a ratio of two times taken one right after the other."""
    return Result(what, statistics.median(rounds), (min(rounds), max(rounds)), target, at_least, detail)


def machine() -> str:
    """The facts of the machine that matter, in a line."""
    return (
        f"{platform.python_implementation()} {platform.python_version()}, {platform.system()} "
        f"{platform.machine()}, {os.cpu_count()} cores"
    )


def report(results: Sequence[Result], command: str) -> None:
    """Print the table and how to repeat it."""
    print("| what | ratio: median (range of rounds) | target | on |")
    print("|---|---|---|---|")
    for result in results:
        print(result.row)
    print(f"\n{machine()}")
    print(f"again: {command}")


def command_line() -> str:
    """The command that is running, as one would type it."""
    return " ".join(["python", *sys.argv])
