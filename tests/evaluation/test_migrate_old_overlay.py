"""The old overlay as an attribute: of a set in a `let`, of a folder's default.nix. It goes with all its uses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import OLD, contents, migrate, migrated, write

HEAD = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs, ... }@inputs:
"""
BODY = """\
    {
OUTPUTS      nixosConfigurations.argon = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          ./argon.nix
          { nixpkgs.overlays = USES; }
        ];
      };
    };
}
"""
NAMED = "final: prev: { ours = 1; }"
SETS = "      overlays = {\n        llama = import ./overlays/llama-cpp-variants.nix;\n        named = FUNCTION;\n      };\n"
LET = "    let\n" + SETS.replace("FUNCTION", NAMED) + "    in\n"
FOLDER = f"{{ inputs, ... }}:\n{{\n  llama = import ./llama-cpp-variants.nix;\n  named = {NAMED};\n}}\n"


def flake(uses: str, *, let: str = "", outputs: str = "") -> str:
    return HEAD + let + BODY.replace("OUTPUTS", outputs).replace("USES", uses)


OF_FOLDER = "      overlays = import ./overlays { inherit inputs; };\n"
IMPORTED = "    let\n      overlays = import ./overlays { inherit inputs; };\n    in\n"
# What flake.nix is, and overlays/default.nix.
SHAPES = {
    "a set in a let, by its names": (flake("[ overlays.llama overlays.named ]", let=LET), None),
    "a set in a let, as a whole": (flake("builtins.attrValues overlays", let=LET), None),
    "a folder's default.nix, by its names": (
        flake("[ self.overlays.llama self.overlays.named ]", outputs=OF_FOLDER),
        FOLDER,
    ),
    "an output, by a name of `with`": (
        flake("with self.overlays; [ llama named ]", outputs=OF_FOLDER),
        FOLDER,
    ),
    "an output, by a name for the whole set": (
        flake("[ own.llama own.named ]", let="    let own = self.overlays; in\n", outputs=OF_FOLDER),
        FOLDER,
    ),
    "an output, whose set is inherited": (
        flake(
            "[ overlays.llama overlays.named ]",
            let="    let inherit (self) overlays; in\n",
            outputs=OF_FOLDER,
        ),
        FOLDER,
    ),
    "a folder's default.nix, as a whole": (
        flake("builtins.attrValues self.overlays", outputs=OF_FOLDER),
        FOLDER,
    ),
    "a folder's default.nix in a let, by its names": (
        flake("[ overlays.llama overlays.named ]", let=IMPORTED),
        FOLDER,
    ),
    "a folder's default.nix that uses its own names": (
        flake("overlays.both", let=IMPORTED),
        FOLDER.replace("\n{", "\nrec {").replace("\n}", "\n  both = [ llama named ];\n}"),
    ),
    "a folder's default.nix in a let, as a whole": (
        flake("builtins.attrValues overlays", let=IMPORTED),
        FOLDER,
    ),
}
# Where not all uses are known.
UNKNOWN = {
    "a folder in a let that is passed on": (flake("inputs.nixpkgs.lib.f overlays", let=IMPORTED), FOLDER),
    "a set in a let that is passed on": (flake("inputs.nixpkgs.lib.f overlays", let=LET), None),
    "a folder that another file names too": (
        flake("[ self.overlays.named ] ++ [ (import ./overlays { }).llama ]", outputs=OF_FOLDER),
        FOLDER,
    ),
}


def fleet(shape: tuple[str, str | None], folder: Path, *, written: bool = False) -> Path:
    text, default = shape
    files = {"flake.nix": text, "argon.nix": "{ }\n", "overlays/llama-cpp-variants.nix": OLD}
    files |= {} if default is None else {"overlays/default.nix": default}
    if written:
        del files["overlays/llama-cpp-variants.nix"]
        for path in ("import ./overlays/llama-cpp-variants.nix", "import ./llama-cpp-variants.nix"):
            files = {name: text.replace(path, OLD.strip()) for name, text in files.items()}
    return write(folder, files)


# Where a name may mean the output, or something else.
UNSURE = {
    "an output that is inherited": flake(
        "[ llama named ]",
        let="    let inherit (self.overlays) llama named; in\n",
        outputs=OF_FOLDER,
    ),
    "a name of an outer `with`": flake(
        "with self.overlays; with inputs.nixpkgs; [ llama named ]", outputs=OF_FOLDER
    ),
}


@pytest.mark.parametrize("written", [False, True], ids=["a file", "no file"])
@pytest.mark.parametrize("name", SHAPES)
def test_it_goes_with_its_attribute_and_all_uses(
    name: str, written: bool, evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = fleet(SHAPES[name], tmp_path / "fleet", written=written)
    (before,) = evaluator.hosts(folder).values()
    assert before.error is None
    migrated(folder)
    assert not (folder / "overlays" / "llama-cpp-variants.nix").exists()
    texts = b"".join(contents(folder).values()).decode()
    assert "llama-cpp-variants" not in texts
    assert "overlays.llama " not in texts
    assert "own.llama" not in texts
    assert OLD.strip() not in texts
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert after.packages["llama-cpp"].origin == "llama.cpp"
    assert [names for names in after.overlays if "ours" in names] == [("ours",)]
    assert len(after.overlays) == 3


@pytest.mark.parametrize("name", UNKNOWN)
def test_it_is_refused_where_a_use_is_not_known(name: str, tmp_path: Path) -> None:
    folder = fleet(UNKNOWN[name], tmp_path / "fleet")
    before = contents(folder)
    run = migrate(folder, "--allow-no-vcs")
    assert run.code == 2
    assert "is bound to `" in run.err
    assert "whose uses cannot be told for sure" in run.err
    assert contents(folder) == before


@pytest.mark.parametrize("name", UNSURE)
def test_it_is_refused_where_a_name_may_mean_it(name: str, evaluator: Evaluator, tmp_path: Path) -> None:
    folder = fleet((UNSURE[name], FOLDER), tmp_path / "fleet")
    (host,) = evaluator.hosts(folder).values()
    assert host.error is None
    before = contents(folder)
    run = migrate(folder, "--allow-no-vcs")
    assert run.code == 2
    assert "this may be the flake's `overlays.llama`" in run.err
    assert contents(folder) == before


@pytest.mark.parametrize("name", UNKNOWN)
def test_without_a_file_it_stays_then_and_is_refused_where_a_person_names_it(
    name: str, tmp_path: Path
) -> None:
    folder = fleet(UNKNOWN[name], tmp_path / "fleet", written=True)
    before = contents(folder)
    (called,) = re.findall(r"--remove (\S+) takes it out", migrate(folder, "--check").out)
    refused = migrate(folder, "--allow-no-vcs", "--remove", called)
    assert refused.code == 2
    assert "whose uses cannot be told for sure" in refused.err
    assert contents(folder) == before
    migrated(folder)
    assert OLD.strip().encode() in b"".join(contents(folder).values())
