"""Generates the parser from grammar.js with the pinned tree-sitter command line.

`python grammars/nix/generate.py` writes src/ and records its fingerprint; `--check` writes nothing
and exits 1 if the committed files are not what the grammar gives. The CLI is looked for in
$TREE_SITTER, then on PATH.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from fingerprint import CLI_VERSION, HERE, INPUTS, OUTPUTS, RECORD, fingerprint, stale


def find_cli() -> str:
    """Return the path of the pinned CLI; SystemExit with how to install it if it is not there."""
    cli = shutil.which(os.environ.get("TREE_SITTER", "tree-sitter"))
    install = f"cargo install --locked tree-sitter-cli@{CLI_VERSION}"
    if cli is None:
        raise SystemExit(f"no tree-sitter on PATH and none in $TREE_SITTER: {install}")
    found = subprocess.run([cli, "--version"], check=True, capture_output=True, text=True).stdout
    if found.split()[1:2] != [CLI_VERSION]:
        raise SystemExit(f"{cli} is {found.strip()}, the grammar is pinned: {install}")
    return cli


def generate_in(folder: Path) -> None:
    """Run the CLI on the grammar in `folder`."""
    subprocess.run([find_cli(), "generate", "--abi", "15"], cwd=folder, check=True)


def differing() -> list[str]:
    """Return the generated files that a fresh run, in a folder of its own, gives otherwise."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        for source in INPUTS:
            shutil.copy(HERE / source, folder / source)
        generate_in(folder)
        return [
            output for output in OUTPUTS if (folder / output).read_bytes() != (HERE / output).read_bytes()
        ]


def main() -> int:
    """Return 0, or 1 if `--check` found something stale."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="write nothing, only compare")
    if parser.parse_args().check:
        names = stale() + differing()
        for name in names:
            print(f"{name} is not what grammar.js gives", file=sys.stderr)
        return 1 if names else 0
    generate_in(HERE)
    RECORD.write_text(fingerprint(), encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
