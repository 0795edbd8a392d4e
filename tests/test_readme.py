"""The README keeps its word: its diff is the demo's, its Python runs, its commands and hooks exist."""

import doctest
import re
from pathlib import Path

import pytest
from fleets_support import copy_fleet

from nixedit.cli.main import COMMANDS, main

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
DEMO = re.compile(r"(<!-- demo: (\S+), hunks (\d)-(\d) -->\n```diff\n)(.*?)(```\n)", re.DOTALL)


def text() -> str:
    return README.read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", text(), re.DOTALL | re.MULTILINE)


def hunks(output: str, name: str) -> list[str]:
    """The hunks of one file in what the demo printed."""
    patch = output.split(f"\n+++ b/{name}\n", 1)[1]
    lines = re.match(r"(?:[-+ @\\].*\n)*", patch)
    assert lines is not None
    return re.split(r"^(?=@@ )", lines[0], flags=re.MULTILINE)[1:]


def test_the_diff_is_what_the_demo_prints(capsys, request):
    assert main(["demo"]) == 0
    shown = DEMO.search(text())
    assert shown is not None
    opening, name, first, last, diff, closing = shown.groups()
    real = "".join(hunks(capsys.readouterr().out, name)[int(first) - 1 : int(last)])
    if request.config.getoption("--update-golden"):
        README.write_text(text().replace(shown[0], opening + real + closing), encoding="utf-8")
        return
    assert diff == real


def test_the_python_runs_as_shown(tmp_path, monkeypatch):
    copy_fleet("plan-nixfmt", tmp_path).rename(tmp_path / "fleet")
    monkeypatch.chdir(tmp_path)
    session = "\n".join(blocks("pycon"))
    example = doctest.DocTestParser().get_doctest(session, {}, "README.md", "README.md", 0)
    said: list[str] = []
    doctest.DocTestRunner(verbose=False).run(example, out=said.append)
    assert said == []
    assert example.examples


@pytest.mark.parametrize("command", COMMANDS)
def test_every_option_shown_exists(command, capsys):
    (overview,) = [block for block in blocks("text") if block.startswith("nixedit ")]
    usage = re.search(rf"^nixedit {command}\b.*(?:\n +.*)*", overview, re.MULTILINE)
    assert usage is not None
    with pytest.raises(SystemExit):
        main([command, "--help"])
    shown = set(re.findall(r"-[-\w]+", usage[0]))
    offered = set(re.findall(r"(?<![\w-])--?[a-z][-\w]*", capsys.readouterr().out))
    assert shown - offered == set()


def test_every_hook_shown_exists():
    (config,) = blocks("yaml")
    offered = re.findall(r"^- id: (\S+)$", (ROOT / ".pre-commit-hooks.yaml").read_text(), re.MULTILINE)
    assert re.findall(r"- id: (\S+)", config) == offered


def test_every_file_linked_to_exists():
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text())
    assert [link for link in links if not (ROOT / link).exists()] == []
