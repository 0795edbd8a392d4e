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


# RFC 166 leaves on one line: a set of one `inherit`, a list that more arguments follow.
NIXFMT = """\
{ lib, config }:
{
  ports = { inherit (config) push; };
  nodes = lib.genAttrs [ "argon" "xenon" ] (name: {
    inherit name;
  });
  users = [ "ada" ];
}
"""


def test_what_nixfmt_leaves_on_one_line_is_no_word_against_it() -> None:
    document = nixedit.loads(NIXFMT)
    assert style_of(document.snapshot).formatter == "nixfmt"
    document.attrs["users"].append("bob")
    document.attrs["more"] = {"a": 1}
    assert '  users = [\n    "ada"\n    "bob"\n  ];\n' in document.text
    if shutil.which("nixfmt") is None:
        pytest.skip("there is no nixfmt")
    for text in (NIXFMT, document.text):
        assert (
            subprocess.run(["nixfmt", "-"], input=text, capture_output=True, text=True, check=True).stdout
            == text
        )


def test_a_list_of_several_that_nothing_follows_is_not_nixfmts() -> None:
    document = nixedit.loads(NIXFMT.replace('[ "ada" ]', '[ "ada" "bob" ]'))
    assert style_of(document.snapshot).formatter != "nixfmt"
