"""Inputs that `keep-sorted` keeps in order: a new one goes to its place, or is refused."""

from __future__ import annotations

import pytest

import nixedit
from nixedit.errors import NixEditError
from nixedit.flake.inputs import Inputs

SETS = """\
{
  inputs = {
    # keep-sorted start block=yes
    disko = {
      url = "github:nix-community/disko";
    };
    nixpkgs = {
      url = "github:NixOS/nixpkgs";
    };
    # keep-sorted end
  };
  outputs = _: { };
}
"""
FLAT = """\
{
  inputs = {
    # keep-sorted start
    disko.url = "github:nix-community/disko";
    nixpkgs.url = "github:NixOS/nixpkgs";
    # keep-sorted end
  };
  outputs = _: { };
}
"""


def added(text: str, name: str, follows: dict[str, str] | None = None) -> str:
    document = nixedit.loads(text)
    Inputs(document).add(name, "github:x/y", follows)
    return document.source.data.decode()


@pytest.mark.parametrize("text", [SETS, FLAT])
@pytest.mark.parametrize("name", ["agenix", "llama-cpp", "waybar"])
def test_a_new_input_stands_at_its_place(text: str, name: str) -> None:
    names = list(Inputs(nixedit.loads(added(text, name))))
    assert names == sorted([name, "disko", "nixpkgs"])
    assert added(text, name).index("keep-sorted start") < added(text, name).index(f"    {name}")
    assert added(text, name).index(f"    {name}") < added(text, name).index("keep-sorted end")


def test_lines_that_are_sorted_alone_are_lines_of_their_own() -> None:
    assert (
        '    disko.url = "github:nix-community/disko";\n'
        '    llama-cpp.inputs.nixpkgs.follows = "nixpkgs";\n'
        '    llama-cpp.url = "github:x/y";\n'
        '    nixpkgs.url = "github:NixOS/nixpkgs";\n'
    ) in added(FLAT, "llama-cpp", {"nixpkgs": "nixpkgs"})


def test_inputs_outside_of_the_region_are_no_reason() -> None:
    text = FLAT.replace("    # keep-sorted end\n", '    # keep-sorted end\n    zen.url = "github:z/z";\n')
    assert list(Inputs(nixedit.loads(added(text, "llama-cpp"))))[-1] == "llama-cpp"


def test_other_rules_are_refused() -> None:
    text = FLAT.replace("keep-sorted start", "keep-sorted start by_regex=url")
    with pytest.raises(NixEditError, match="the inputs are kept sorted here, by rules that are not known"):
        added(text, "llama-cpp")
