"""The committed parser belongs to the committed grammar."""

import importlib.util
import os
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GRAMMAR = ROOT / "grammars" / "nix"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """Return a copy of what a build reads of the grammar."""
    target = tmp_path / "grammars" / "nix"
    shutil.copytree(GRAMMAR / "src", target / "src")
    for name in ("grammar.js", "tree-sitter.json", "fingerprint.py"):
        shutil.copy(GRAMMAR / name, target / name)
    shutil.copy(ROOT / "setup.py", tmp_path / "setup.py")
    return target


def stale(grammar: Path) -> list[str]:
    """Return the files that the recorded fingerprint does not know."""
    found = runpy.run_path(str(grammar / "fingerprint.py"))["stale"]()
    assert isinstance(found, list)
    return found


def test_nothing_is_stale() -> None:
    assert stale(GRAMMAR) == []


@pytest.mark.parametrize("name", ["grammar.js", "tree-sitter.json", "src/parser.c", "src/node-types.json"])
def test_a_change_without_a_new_parser_is_noticed(copy: Path, name: str) -> None:
    with (copy / name).open("a", encoding="utf-8") as file:
        file.write("\n")
    assert stale(copy) == [name]


def test_another_cli_is_noticed(copy: Path) -> None:
    script = copy / "fingerprint.py"
    text = script.read_text(encoding="utf-8")
    version = runpy.run_path(str(script))["CLI_VERSION"]
    script.write_text(text.replace(f'"{version}"', '"0.0.0"'), encoding="utf-8")
    assert stale(copy) == ["0.0.0"]


def test_a_missing_file_is_noticed(copy: Path) -> None:
    (copy / "src" / "grammar.json").unlink()
    assert stale(copy) == ["src/grammar.json"]


def test_a_stale_parser_fails_the_build(copy: Path) -> None:
    if importlib.util.find_spec("setuptools") is None:
        pytest.skip("no setuptools here")
    with (copy / "grammar.js").open("a", encoding="utf-8") as file:
        file.write("// changed\n")
    build = subprocess.run(
        [sys.executable, "setup.py", "build_ext"],
        cwd=copy.parents[1],
        check=False,
        capture_output=True,
        text=True,
    )
    assert build.returncode != 0
    assert "grammar.js changed since the parser was generated" in build.stderr
    assert "run `python grammars/nix/generate.py`" in build.stderr


def test_the_cli_gives_what_is_committed() -> None:
    if not shutil.which(os.environ.get("TREE_SITTER", "tree-sitter")):
        pytest.skip("no tree-sitter command line here")
    check = subprocess.run(
        [sys.executable, str(GRAMMAR / "generate.py"), "--check"], check=False, capture_output=True, text=True
    )
    assert check.returncode == 0, check.stderr
