"""New files do not go where the flake imports whatever it finds."""

from __future__ import annotations

from pathlib import Path

from migration_runs import contents, migrate, write

# Every .nix file of the folder is a module of flake-parts, as import-tree has it.
TREE = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.flake-parts.url = "github:hercules-ci/flake-parts";
  inputs.import-tree.url = "github:vic/import-tree";

  outputs =
    inputs:
    inputs.flake-parts.lib.mkFlake { inherit inputs; } {
      imports = inputs.import-tree.IMPORTS;
    };
}
"""
HOST = """\
{ inputs, ... }:
{
  flake.nixosConfigurations.argon = inputs.nixpkgs.lib.nixosSystem { modules = [ { } ]; };
}
"""


def test_a_flake_whose_every_file_is_a_module_gets_a_name_that_import_tree_leaves_out(tmp_path: Path) -> None:
    flake = TREE.replace("inputs.import-tree.IMPORTS", "[ (inputs.import-tree ./.) ]")
    folder = write(tmp_path / "fleet", {"flake.nix": flake, "hosts/argon.nix": HOST})
    run = migrate(folder)
    assert run.code == 0
    assert "the flake would import a new overlays/llama-cpp.nix too, so the file is" in run.out
    assert (folder / "overlays" / "_llama-cpp.nix").is_file()
    again = migrate(folder)
    assert again.code == 0
    assert "note" not in again.out


# Every file but flake.nix, as a rule of the flake's own has it.
FILES = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.flake-parts.url = "github:hercules-ci/flake-parts";

  outputs =
    inputs:
    let
      inherit (inputs.nixpkgs.lib) fileset hasPrefix;
      isModule = file: file.hasExt "nix" && file.name != "flake.nix"RULE;
    in
    inputs.flake-parts.lib.mkFlake { inherit inputs; } {
      imports = fileset.toList (fileset.fileFilter isModule ./.);
    };
}
"""


def test_a_rule_of_the_flake_that_leaves_some_names_out_is_followed(tmp_path: Path) -> None:
    flake = FILES.replace("RULE", ' && !hasPrefix "_" file.name')
    folder = write(tmp_path / "fleet", {"flake.nix": flake, "hosts/argon.nix": HOST})
    assert migrate(folder).code == 0
    assert (folder / "overlays" / "_llama-cpp.nix").is_file()


def test_a_flake_whose_rule_takes_any_name_is_refused(tmp_path: Path) -> None:
    flake = FILES.replace("RULE", "")
    folder = write(tmp_path / "fleet", {"flake.nix": flake, "hosts/argon.nix": HOST})
    before = contents(folder)
    run = migrate(folder)
    assert run.code == 2
    assert "the flake imports whatever file it finds, a new overlays/llama-cpp.nix too" in run.err
    assert "--overlay-file PATH" in run.err
    assert contents(folder) == before


def test_a_place_that_a_person_names_is_taken(tmp_path: Path) -> None:
    flake = TREE.replace("inputs.import-tree.IMPORTS", "[ (inputs.import-tree ./.) ]")
    folder = write(tmp_path / "fleet", {"flake.nix": flake, "hosts/argon.nix": HOST})
    assert migrate(folder, "--overlay-file", "_overlays/llama-cpp.nix").code == 0
    assert (folder / "_overlays" / "llama-cpp.nix").is_file()


def test_a_folder_beside_the_imported_one_is_fine(tmp_path: Path) -> None:
    flake = TREE.replace("inputs.import-tree.IMPORTS", "[ (inputs.import-tree ./hosts) ]")
    folder = write(tmp_path / "fleet", {"flake.nix": flake, "hosts/argon.nix": HOST})
    assert migrate(folder).code == 0
    assert (folder / "overlays" / "llama-cpp.nix").is_file()


def test_folders_that_are_hosts_are_told_from_a_new_one(tmp_path: Path) -> None:
    flake = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { nixpkgs, ... }@inputs:
    let
      inherit (builtins) attrNames filter pathExists readDir;
      hosts = filter (name: pathExists (./. + "/${name}/default.nix")) (attrNames (readDir ./.));
    in
    {
      nixosConfigurations = nixpkgs.lib.genAttrs hosts (
        name: nixpkgs.lib.nixosSystem { modules = [ (./. + "/${name}") ]; }
      );
    };
}
"""
    folder = write(tmp_path / "fleet", {"flake.nix": flake, "argon/default.nix": "{ }\n"})
    assert migrate(folder).code == 0
    assert (folder / "overlays" / "llama-cpp.nix").is_file()
