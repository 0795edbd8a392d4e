"""Runs the compiled grammar under AddressSanitizer and UBSan over mutated Nix.

`python grammars/nix/sanitize.py` builds the extension with both sanitizers into a temporary folder,
starts this file again inside that build, and parses what a seeded generator makes of the corpus and the
snippets. It exits with an error at the first finding. It needs gcc and its libasan. The tree-sitter
runtime comes in py-tree-sitter's wheel and is not instrumented: what is checked is parser.c, scanner.c
and the glue.
"""

import argparse
import ctypes
import importlib.util
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tree_sitter import Language, Parser, Tree

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
SANITIZERS = "address,undefined"
SEED = 20_26
ROUNDS = 20_000

# What the scanner or the lexer looks at twice.
TOKENS = (
    b'"', b"''", b"'", b"${", b"$", b"}", b"{", b"\\", b"/", b"//", b"./", b"~/", b"<a", b">", b":", b"x:y",
    b"#", b"/*", b"*/", b"\n", b"\r", b"\t", b"\x0c", b"\0", b"\xff", b"\xc3", b"\xe2\x82\xac", b"if",
    b"inherit", b"or", b"a.b/c", b"1.5e", b"...", b"|>", b"<|", b"a" * 300,
)  # fmt: skip


def seeds() -> list[bytes]:
    """Return the sources that mutants are made from: corpus files and the table, markup and all."""
    files = [*sorted((HERE / "test" / "corpus").glob("*.txt")), ROOT / "tests" / "grammar" / "snippets.tsv"]
    lines = [line for file in files for line in file.read_bytes().splitlines()]
    return [cell for line in lines for cell in line.split(b"\t") if cell]


def mutate(chance: random.Random, source: bytes, others: list[bytes]) -> tuple[int, int, bytes]:
    """Return an edit: where it starts and ends, and what it puts there."""
    start = chance.randint(0, len(source))
    end = min(len(source), start + chance.choice((0, 0, 1, 3, 20)))
    text = b"".join(chance.choice(TOKENS) for _ in range(chance.randint(0, 3)))
    return start, end, text if chance.random() < 0.8 else chance.choice(others)


def mutants(chance: random.Random, sources: list[bytes], parse: Parser) -> Iterator[Tree]:
    """Yield trees of mutants, each parsed afresh and after an edit of a tree before it."""
    for _ in range(ROUNDS):
        source = b" ".join(chance.choice(sources) for _ in range(chance.choice((1, 1, 2, 8))))
        tree = parse.parse(source)
        for _ in range(chance.randint(1, 3)):
            start, end, text = mutate(chance, source, sources)
            source = source[:start] + text + source[end:]
            tree.edit(start, end, start + len(text), (0, start), (0, end), (0, start + len(text)))
            tree = parse.parse(source, tree)
            yield tree
        yield parse.parse(source)


def load(folder: Path) -> Language:
    """Load the grammar that stands in `folder`, not the installed one."""
    [library] = folder.rglob("_nix*.so")
    spec = importlib.util.spec_from_file_location("nixedit._nix", library)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return Language(module.language())


def run(folder: Path) -> int:
    """Parse the mutants with the instrumented build; the sanitizers end the process if they find anything."""
    if not hasattr(ctypes.CDLL(None), "__asan_init"):
        raise SystemExit("the sanitizer's runtime is not loaded")
    parser = Parser(load(folder))
    verdicts = [tree.root_node.has_error for tree in mutants(random.Random(SEED), seeds(), parser)]
    print(f"{len(verdicts)} parses, {sum(verdicts)} of them with errors: nothing found")
    return 0


def build(folder: Path) -> None:
    """Build the instrumented extension."""
    command = [
        sys.executable,
        "setup.py",
        "-q",
        "build_ext",
        "--build-lib",
        str(folder),
        "--build-temp",
        str(folder),
    ]
    subprocess.run(command, cwd=ROOT, env={**os.environ, "NIXEDIT_SANITIZE": SANITIZERS}, check=True)


def sanitized_environment() -> dict[str, str]:
    """Return the environment in which an uninstrumented Python can load the build."""
    answer = subprocess.run(
        ["gcc", "-print-file-name=libasan.so"], check=True, capture_output=True, text=True
    )
    return {
        **os.environ,
        "LD_PRELOAD": answer.stdout.strip(),
        # Python itself leaks on purpose.
        "ASAN_OPTIONS": "detect_leaks=0",
        "UBSAN_OPTIONS": "print_stacktrace=1",
        "PYTHONMALLOC": "malloc",
    }


def main() -> int:
    """Build and run; return what the run in the build returns."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    inside = parser.parse_args().run
    if inside is not None:
        return run(inside)
    with tempfile.TemporaryDirectory() as name:
        build(Path(name))
        command = [sys.executable, str(Path(__file__).resolve()), "--run", name]
        return subprocess.run(command, env=sanitized_environment(), check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
