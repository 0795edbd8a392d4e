"""Measures the grammar against Nix: does it accept and reject the same files?

`python grammars/nix/conformance.py PATH...` parses every .nix file below the paths with the grammar and
with `nix-instantiate --parse`, prints the counts, and exits 1 if the verdicts differ anywhere. What
the parser of Nix refuses but no grammar can see (see `beyond_grammar`) is counted apart. Another Nix can
be named with `--nix`, for example `--nix "nix-instantiate --extra-experimental-features pipe-operators"`.
"""

import argparse
import os
import shlex
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tree_sitter import Language, Parser, Tree

from nixedit import _nix

LANGUAGE = Language(_nix.language())
BLANKS = b" \t\r\n"

# What Nix says of a file that its grammar rejects. Its complaints of undefined variables come after a
# successful parse.
SYNTAX_ERRORS = ("syntax error", "has a trailing slash")
NUMBER_ERRORS = ("invalid integer", "invalid float")
# These end the parse where they stand: a syntax error further on goes unsaid.
EARLY_ERRORS = ("already defined", "duplicate formal", "dynamic attributes not allowed")

BATCH = 40


def find_files(paths: Iterable[Path]) -> Iterator[Path]:
    """Yield the Nix files among and below the paths, links left alone."""
    for path in paths:
        found = sorted(path.rglob("*.nix")) if path.is_dir() else [path]
        yield from (each for each in found if each.is_file() and not each.is_symlink())


def ask_nix(command: list[str], files: list[Path]) -> str | None:
    """Return what Nix says of the files it will not parse; None if it parses all of them."""
    environment = {**os.environ, "NO_COLOR": "1", "LC_ALL": "C"}
    answer = subprocess.run(
        [*command, "--parse", *map(str, files)],
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env=environment,
    )
    return answer.stderr.decode("utf-8", "replace") if answer.returncode else None


def complaints(command: list[str], files: list[Path]) -> dict[Path, str]:
    """Return what Nix says of each file that it does not parse."""
    batches = [files[i : i + BATCH] for i in range(0, len(files), BATCH)]

    def ask(batch: list[Path]) -> dict[Path, str]:
        if ask_nix(command, batch) is None:
            return {}
        singly = ((path, ask_nix(command, [path])) for path in batch)
        return {path: said for path, said in singly if said is not None}

    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        return {path: said for found in pool.map(ask, batches) for path, said in found.items()}


def is_syntax_error(complaint: str) -> bool:
    """Tell a syntax error from what Nix finds after it has parsed a file."""
    return any(phrase in complaint for phrase in SYNTAX_ERRORS)


def beyond_grammar(source: bytes, complaint: str) -> bool:
    """Tell what no grammar sees: a BOM, NUL, a number out of range, a file without an expression."""
    if source.startswith(b"\xef\xbb\xbf") or b"\0" in source:
        return True
    if not complaint:
        return False
    root = Parser(LANGUAGE).parse(source).root_node
    empty = not root.has_error and root.child_by_field_name("expression") is None
    return empty or any(phrase in complaint for phrase in NUMBER_ERRORS)


def reproduces(source: bytes, tree: Tree) -> bool:
    """Check that leaves in order, with nothing but blanks between them, are the whole file."""
    cursor = tree.walk()
    position = 0
    while True:
        if not cursor.goto_first_child():
            leaf = cursor.node
            if leaf is not None and leaf.start_byte < leaf.end_byte:
                if leaf.start_byte < position or source[position : leaf.start_byte].strip(BLANKS):
                    return False
                position = leaf.end_byte
            while not cursor.goto_next_sibling():
                if not cursor.goto_parent():
                    return not source[position:].strip(BLANKS)


def judge(path: Path, complaint: str | None) -> str:
    """Return the class that one file falls into, and print a line for what must not be."""
    source = path.read_bytes()
    tree = Parser(LANGUAGE).parse(source)
    accepted = not tree.root_node.has_error
    if beyond_grammar(source, complaint or ""):
        return "beyond the grammar"
    if not accepted and complaint and any(phrase in complaint for phrase in EARLY_ERRORS):
        return "nix stopped earlier"
    nix_accepted = complaint is None or not is_syntax_error(complaint)
    if nix_accepted != accepted:
        print(f"{path}: nix: {summary(complaint)}; we: {'accepted' if accepted else 'rejected'}")
        return "MISMATCH"
    if accepted and not reproduces(source, tree):
        print(f"{path}: the leaves do not reproduce the file")
        return "NOT LOSSLESS"
    return "both accept" if accepted else "both reject"


def summary(complaint: str | None) -> str:
    """Return the line that says what is wrong, without the warnings before it."""
    lines = (complaint or "accepted").splitlines() or ["no word"]
    return next((line for line in lines if "error:" in line), lines[-1]).strip()


def main() -> int:
    """Print the counts of each path; return 1 on a mismatch."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH")
    parser.add_argument("--nix", default="nix-instantiate", help="the command that takes --parse FILE...")
    options = parser.parse_args()
    failed = False
    for path in options.paths:
        files = list(find_files([path]))
        said = complaints(shlex.split(options.nix), files)
        counts = Counter(judge(file, said.get(file)) for file in files)
        print(
            f"{path}: {len(files)} files: " + ", ".join(f"{kind} {n}" for kind, n in sorted(counts.items()))
        )
        failed = failed or counts["MISMATCH"] + counts["NOT LOSSLESS"] > 0
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
