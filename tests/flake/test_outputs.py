"""The outputs function of a flake."""

from __future__ import annotations

from pathlib import Path

import pytest

from nixedit.errors import MissingAttrError, NotStaticError
from nixedit.flake import Flake, Outputs
from nixedit.workspaces import Workspace


def outputs(folder: Path, code: str) -> Outputs:
    (folder / "flake.nix").write_text(f"{{\n  {code}\n}}\n")
    return Flake(Workspace(folder)).outputs


@pytest.mark.parametrize(
    ("head", "universal", "names", "open_"),
    [
        ("inputs:", "inputs", None, None),
        ("_:", "_", None, None),
        ("{ self, nixpkgs }:", None, ["self", "nixpkgs"], False),
        ("{ self, nixpkgs, ... }:", None, ["self", "nixpkgs"], True),
        ("{ self, ... }@inputs:", "inputs", ["self"], True),
        ("inputs@{ self }:", "inputs", ["self"], False),
        ("attrs @ { ... }:", "attrs", [], True),
    ],
)
def test_heads(
    tmp_path: Path, head: str, universal: str | None, names: list[str] | None, open_: bool | None
) -> None:
    found = outputs(tmp_path, f"outputs = {head} {{ }};")
    assert found.universal == universal
    assert (None if found.formals is None else list(found.formals.names)) == names
    assert (None if found.formals is None else found.formals.ellipsis) is open_


@pytest.mark.parametrize(
    "code",
    [
        "outputs = _: { a = 1; };",
        "outputs = (_: { a = 1; });",
        "outputs = _: let x = 1; in { a = x; };",
        "outputs = _: with builtins; assert true; { a = 1; };",
        "outputs = let x = 1; in _: { a = x; };",
    ],
)
def test_the_body_is_seen_through_what_stands_around_it(tmp_path: Path, code: str) -> None:
    assert list(outputs(tmp_path, code).attrs) == ["a"]


def test_computed_outputs_have_no_attributes(tmp_path: Path) -> None:
    found = outputs(tmp_path, "outputs = inputs: inputs.flake-parts.lib.mkFlake { } ./x.nix;")
    assert found.layers == ()
    with pytest.raises(NotStaticError, match=r"flake\.nix:2:21: the outputs are computed here"):
        _ = found.attrs


def test_outputs_that_are_no_function_are_refused_with_their_place(tmp_path: Path) -> None:
    with pytest.raises(NotStaticError) as caught:
        outputs(tmp_path, "outputs = import ./outputs.nix;")
    assert caught.value.render() == (
        f"{tmp_path}/flake.nix:2:13: `outputs` is no function that is written here\n"
        "    2 |   outputs = import ./outputs.nix;\n"
        "      |             ^^^^^^^^^^^^^^^^^^^^ edit the file that it comes from"
    )


def test_a_flake_without_outputs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(MissingAttrError, match=r"flake\.nix: the flake has no `outputs`"):
        outputs(tmp_path, "inputs = { };")


def test_a_formal_is_added_where_its_neighbours_stand(tmp_path: Path) -> None:
    (tmp_path / "flake.nix").write_text("{ outputs = { self, nixpkgs }: { }; }\n")
    flake = Flake(Workspace(tmp_path))
    assert flake.outputs.formals is not None
    flake.outputs.formals.add("llama-cpp")
    assert flake.document.text == "{ outputs = { self, nixpkgs, llama-cpp }: { }; }\n"
