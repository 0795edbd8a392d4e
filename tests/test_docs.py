"""The pages of docs keep their word: what they show of a command is what it prints."""

from __future__ import annotations

import doctest
import io
import re
import shlex
import shutil
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path

import pytest
from fleets_support import DEMO
from migration_runs import committed, git

from nixedit.cli.main import main

DOCS = Path(__file__).parents[1] / "docs"
# A page begins with the demo's fleet, committed to git, or with files of its own.
FLEET = "<!-- fleet: demo -->"
FILE = re.compile(r"<!-- file: (\S+) -->\n```\w*\n(.*?)^```$", re.DOTALL | re.MULTILINE)
CONSOLE = re.compile(r"(?<=^```console\n)(.*?)(?=^```$)", re.DOTALL | re.MULTILINE)
PAGES = sorted(page for page in DOCS.glob("*.md") if "```console" in page.read_text(encoding="utf-8"))


class _Terminal(io.TextIOWrapper):
    """Standard output or error, as bytes and as text."""

    def __init__(self, both: io.BytesIO) -> None:
        super().__init__(both, encoding="utf-8", write_through=True)


def printed(command: str) -> str:
    """What a command line prints, errors included, in order."""
    both = io.BytesIO()
    stream = _Terminal(both)
    program, *words = shlex.split(command)
    if program == "git":
        return git(Path(), *words)
    assert program == "nixedit"
    with redirect_stdout(stream), redirect_stderr(stream):
        main(words)
    stream.flush()
    text = both.getvalue().decode()
    stream.detach()
    return text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_the_commands_of_a_page_print_what_it_shows(page, tmp_path, monkeypatch, request):
    text = page.read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    if FLEET in text:
        shutil.copytree(DEMO, tmp_path, dirs_exist_ok=True)
        committed(tmp_path)
    for name, content in FILE.findall(text):
        (tmp_path / name).write_text(content, encoding="utf-8")

    def replayed(block: re.Match[str]) -> str:
        commands = re.findall(r"^\$ (.*)$", block[1], re.MULTILINE)
        return "".join(f"$ {command}\n{printed(command)}" for command in commands)

    real = CONSOLE.sub(replayed, text)
    if request.config.getoption("--update-golden"):
        page.write_text(real, encoding="utf-8")
        return
    assert text == real


SESSION = re.compile(r"(?<=^```pycon\n)(.*?)(?=^```$)", re.DOTALL | re.MULTILINE)


@pytest.mark.parametrize(
    "page", [page for page in sorted(DOCS.glob("*.md")) if "```pycon" in page.read_text()]
)
def test_the_python_of_a_page_runs_as_shown(page, tmp_path, monkeypatch):
    text = page.read_text(encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    for name, content in FILE.findall(text):
        (tmp_path / name).write_text(content, encoding="utf-8")
    session = "\n".join(SESSION.findall(text))
    example = doctest.DocTestParser().get_doctest(session, {}, page.name, page.name, 0)
    said: list[str] = []
    doctest.DocTestRunner(verbose=False).run(example, out=said.append)
    assert said == []
    assert example.examples


@pytest.mark.parametrize("page", sorted(DOCS.glob("*.md")), ids=lambda page: page.name)
def test_every_file_linked_to_exists(page):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", page.read_text(encoding="utf-8"))
    assert [link for link in links if not (DOCS / link).exists()] == []
