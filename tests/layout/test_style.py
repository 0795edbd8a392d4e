"""Whose layout a file has, told from its text: what a formatter leaves alone does not speak against it."""

from __future__ import annotations

import shutil
import subprocess

import pytest

import nixedit
from nixedit.layout.style import style_of

# Each is as its formatter would have it.
FILES = {
    "a set that only inherits, on one line": (
        "nixfmt",
        """\
{ inputs, ... }:
{
  specialArgs = { inherit inputs; };
  modules = [
    ./a.nix
    ./b.nix
  ];
}
""",
    ),
    "a body on the head's line, and what would fit on one": (
        "nixfmt",
        """\
{ config, ... }: {
  programs.a = {
    enable = true;
    extensions = [
      "b"
    ];
  };
}
""",
    ),
    "a body on the head's line": (
        "nixfmt-classic",
        """\
{ config, ... }: {
  programs.a = {
    enable = true;
    extensions = [ "b" "c" ];
  };
}
""",
    ),
}


@pytest.mark.parametrize("name", FILES)
def test_the_formatter_is_known_by_what_it_does(name: str) -> None:
    formatter, text = FILES[name]
    assert style_of(nixedit.loads(text).snapshot).formatter == formatter


@pytest.mark.parametrize("name", FILES)
def test_the_formatter_leaves_the_file_as_it_is(name: str) -> None:
    formatter, text = FILES[name]
    if shutil.which(formatter) is None:
        pytest.skip(f"{formatter} is not installed")
    done = subprocess.run([formatter], input=text, capture_output=True, check=True, text=True)
    assert done.stdout == text
