"""Edited inputs stay as the formatter of the file would write them."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from evaluation.test_input_edits import FORMALS, INPUTS, OPERATIONS, edited
from flake_texts import CONTAINERS, LAYOUTS, SPELLINGS, flake_text

WRITE = {"nixfmt": ["nixfmt"], "nixfmt-classic": ["nixfmt-classic"], "alejandra": ["alejandra", "-q"]}
OUTPUTS = {
    "closed": "{ " + ", ".join(FORMALS) + " }: { x = [ 1 2 ]; }",
    "open": "{ self, ... }@inputs: { x = [ 1 2 ]; }",
}
# nixfmt-classic fills lines anew: what is around a value that grew or went may need another break.
FILLS_ANEW = {
    "nixfmt-classic": {
        "remove what others follow",
        "remove what one only follows",
        "follow nothing",
        "follow another",
        "change",
        "pin",
        "pin git",
        "pin attributes",
        "many",
    }
}


def formatted(command: list[str], folder: Path, texts: dict[str, str]) -> dict[str, str]:
    """Texts as a formatter writes them, all in one run."""
    folder.mkdir()
    files = {key: folder / f"{number}.nix" for number, key in enumerate(texts)}
    for key, file in files.items():
        file.write_text(texts[key])
    subprocess.run([*command, *map(str, files.values())], check=True, capture_output=True)
    return {key: file.read_text() for key, file in files.items()}


@pytest.mark.parametrize("formatter", WRITE)
def test_a_formatted_flake_stays_formatted(formatter, tmp_path):
    if shutil.which(formatter) is None:
        pytest.skip(f"{formatter} is not installed")
    texts = {
        f"{spelling}, {container}, {layout}, {head}": flake_text(
            INPUTS, spelling, container, LAYOUTS[layout], OUTPUTS[head]
        )
        for spelling in SPELLINGS
        for container in CONTAINERS
        for layout in ("two blanks", "comments")
        for head in OUTPUTS
    }
    before = formatted(WRITE[formatter], tmp_path / "before", texts)
    after = {
        f"{name}: {key}": edited(text, operation).text
        for name, operation in OPERATIONS.items()
        if name not in FILLS_ANEW.get(formatter, ())
        for key, text in before.items()
    }
    again = formatted(WRITE[formatter], tmp_path / "after", after)
    wrong = [key for key in after if after[key] != again[key]]
    assert not wrong, f"{len(wrong)} of {len(after)}: {wrong[:9]}\n{after[wrong[0]]}\n{again[wrong[0]]}"
