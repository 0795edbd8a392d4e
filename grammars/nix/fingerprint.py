"""Owns src/grammar.sha256: what the generated files were made from, and what they were then."""

import hashlib
from pathlib import Path

HERE = Path(__file__).resolve().parent

# The one version of the tree-sitter command line that may generate what is committed.
CLI_VERSION = "0.26.11"

RECORD = HERE / "src" / "grammar.sha256"
INPUTS = ("grammar.js", "tree-sitter.json")
OUTPUTS = (
    "src/grammar.json",
    "src/node-types.json",
    "src/parser.c",
    "src/tree_sitter/alloc.h",
    "src/tree_sitter/array.h",
    "src/tree_sitter/parser.h",
)


def digest(name: str) -> str:
    """Return the SHA-256 of one file of the grammar; `missing` if there is none."""
    path = HERE / name
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "missing"


def fingerprint() -> str:
    """Return what RECORD has to say of the files as they are, in the format of sha256sum."""
    lines = [f"# tree-sitter-cli {CLI_VERSION}"]
    lines += [f"{digest(name)}  {name}" for name in (*INPUTS, *OUTPUTS)]
    return "\n".join(lines) + "\n"


def stale() -> list[str]:
    """Return the names whose line differs from the record; empty when all is current."""
    recorded = RECORD.read_text(encoding="utf-8").splitlines() if RECORD.exists() else []
    return [line.split()[-1] for line in fingerprint().splitlines() if line not in recorded]


def require_current() -> None:
    """Raise SystemExit if a generated file does not belong to the grammar beside it."""
    names = stale()
    if names:
        raise SystemExit(
            f"grammars/nix: {', '.join(names)} changed since the parser was generated; "
            "run `python grammars/nix/generate.py` and commit what it writes"
        )
