"""Many files read at once, in several processes: what is of interest comes back, of the rest the names.

Each process looks for the words itself, so that most of what is read need not be handed over.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from functools import partial

# From so many files on, starting processes costs less than it saves (benchmarks/fleet.py measures it).
MANY = 2_000
_MOST = 8
# So many pieces of work for each process: what is slow to read in one of them does not hold up the end.
_PIECES = 4


def workers(files: int) -> int:
    """In how many processes so many files are best read; 1 for none but this one.

    Only Linux starts a process by copying this one, which costs little; a copy of several threads may hang.
    """
    if files < MANY or sys.platform != "linux" or threading.active_count() > 1:
        return 1
    return min(len(os.sched_getaffinity(0)), _MOST)


def read_many(
    folder: str, names: Sequence[str], words: Sequence[bytes], count: int, progress: Callable[[int], None]
) -> tuple[dict[str, bytes], set[str]]:
    """Read files in some processes.

    Args:
        folder: where the names start.
        names: the files.
        words: what makes a file interesting.
        count: how many processes.
        progress: called with the number of files read so far.

    Returns:
        the contents of the files that have one of the words or a NUL byte, and the names of those that have
        neither. What could not be read is in none of the two; nothing is where no process could be started.
    """
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    contents: dict[str, bytes] = {}
    dull: set[str] = set()
    size = -(-len(names) // (count * _PIECES))
    chunks = [names[at : at + size] for at in range(0, len(names), size)]
    try:
        with ProcessPoolExecutor(count, get_context("fork")) as pool:
            for found, rest in pool.map(partial(sift, folder, words), chunks):
                contents.update(found)
                dull.update(rest)
                progress(len(contents) + len(dull))
    except (OSError, BrokenProcessPool):  # too little memory, or too many processes: one can read them too
        return {}, set()
    return contents, dull


def sift(
    folder: str, words: Sequence[bytes], names: Sequence[str]
) -> tuple[list[tuple[str, bytes]], list[str]]:
    """What one process does: read some files, and tell those that have a word or a NUL byte from the others.

    Args:
        folder: where the names start.
        words: what makes a file interesting.
        names: the files; those that cannot be read are in neither result.
    """
    contents, dull = [], []
    for name, content in _contents(folder, names):
        if any(word in content for word in words) or b"\0" in content:
            contents.append((name, content))
        else:
            dull.append(name)
    return contents, dull


def _contents(folder: str, names: Sequence[str]) -> Iterator[tuple[str, bytes]]:
    for name in names:
        try:
            with open(os.path.join(folder, name), "rb") as file:
                yield name, file.read()
        except OSError:
            continue
