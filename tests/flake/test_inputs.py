"""The inputs of a flake, read in every spelling."""

from __future__ import annotations

from pathlib import Path

import pytest

from nixedit.errors import MissingAttrError
from nixedit.flake import Flake, Inputs
from nixedit.workspaces import Workspace

INPUTS = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs";
  inputs = {
    "home.manager" = {
      url = "github:nix-community/home-manager";
      inputs.nixpkgs.follows = "nixpkgs";
      inputs."a.b" = {
        follows = "c";
      };
    };
    literal.url = github:a/literal;
    by-parts = { type = "github"; owner = "a"; repo = "b"; ref = "main"; };
    alias.follows = "nixpkgs/x";
    source = { url = "path:./source"; flake = false; };
    computed.url = "github:a/${"b"}";
    nothing = { };
  };

  outputs = _: { };
}
"""


@pytest.fixture
def inputs(tmp_path: Path) -> Inputs:
    (tmp_path / "flake.nix").write_text(INPUTS)
    return Flake(Workspace(tmp_path)).inputs


def test_names_are_plain_and_in_the_order_they_are_written(inputs: Inputs) -> None:
    assert list(inputs) == [
        "nixpkgs",
        "home.manager",
        "literal",
        "by-parts",
        "alias",
        "source",
        "computed",
        "nothing",
    ]
    assert len(inputs) == 8
    assert "home.manager" in inputs
    assert "home" not in inputs


def test_urls(inputs: Inputs) -> None:
    assert {name: item.url for name, item in inputs.items() if item.url} == {
        "nixpkgs": "github:NixOS/nixpkgs",
        "home.manager": "github:nix-community/home-manager",
        "literal": "github:a/literal",
        "source": "path:./source",
    }


def test_the_rest(inputs: Inputs) -> None:
    assert inputs["home.manager"].overrides == {("nixpkgs",): "nixpkgs", ("a.b",): "c"}
    assert inputs["by-parts"].attributes == {"type": "github", "owner": "a", "repo": "b", "ref": "main"}
    assert inputs["alias"].follows == "nixpkgs/x"
    assert [name for name, item in inputs.items() if not item.flake] == ["source"]
    assert {name: item.line for name, item in inputs.items()}["source"] == 14
    assert inputs.span("nixpkgs").start == INPUTS.index("inputs.nixpkgs")


def test_a_missing_input_is_a_key_error(inputs: Inputs) -> None:
    with pytest.raises(MissingAttrError, match="no input `x`"):
        inputs["x"]
    with pytest.raises(KeyError):
        inputs.span("x")
    assert inputs.get("x") is None


def test_a_flake_without_inputs_has_none(tmp_path: Path) -> None:
    (tmp_path / "flake.nix").write_text("{ outputs = _: { }; }\n")
    inputs = Flake(Workspace(tmp_path)).inputs
    assert (dict(inputs), inputs.attrs) == ({}, None)
