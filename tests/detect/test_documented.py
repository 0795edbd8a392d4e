"""The example of docs/detect.md says what it prints."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from detection import write

DOCUMENT = Path(__file__).parents[2] / "docs" / "detect.md"


@pytest.mark.skipif(not DOCUMENT.is_file(), reason="the documents are no part of the wheel")
def test_the_example_prints_what_is_printed_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    blocks = re.findall(r"^```(\w+)\n(.*?)^```$", DOCUMENT.read_text(), re.DOTALL | re.MULTILINE)
    files = {code.split("\n")[0][2:]: code for kind, code in blocks if kind == "nix" and code[0] == "#"}
    assert set(files) == {"flake.nix", "hosts/boron/default.nix", "justfile"}
    write(tmp_path, files)
    monkeypatch.chdir(tmp_path)
    (program,) = (code for kind, code in blocks if kind == "python")
    printed = next(code for kind, code in blocks if kind == "text")
    exec(program, {})
    assert capsys.readouterr().out == printed
