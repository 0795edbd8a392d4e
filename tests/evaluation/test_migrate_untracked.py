"""A flake in git is what git knows: files that are not added are no hosts and no modules."""

from __future__ import annotations

from pathlib import Path

from migration_runs import committed, git, migrate, write

FLAKE = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs, ... }@inputs:
    {
      nixosConfigurations = nixpkgs.lib.genAttrs (builtins.attrNames (builtins.readDir ./hosts)) (
        name:
        nixpkgs.lib.nixosSystem {
          modules = [ ./hosts/${name} ] ++ nixpkgs.lib.optional (builtins.pathExists ./local.nix) ./local.nix;
        }
      );
    };
}
"""
FORCED = "{ lib, ... }: { nixpkgs.overlays = lib.mkForce [ ]; }\n"


def test_a_folder_that_git_does_not_know_is_no_host(tmp_path: Path) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "hosts/argon/default.nix": "{ }\n"})
    committed(folder)
    write(folder, {"hosts/xenon/default.nix": "{ }\n", "hosts/empty/.keep": "", "local.nix": FORCED})
    run = migrate(folder, "--check")
    assert run.code == 1, run
    assert "argon" in run.out
    assert "xenon" not in run.out
    git(folder, "add", "hosts/xenon")
    assert "xenon" in migrate(folder, "--check").out


def test_outside_of_git_all_files_count(tmp_path: Path) -> None:
    files = {"flake.nix": FLAKE, "hosts/argon/default.nix": "{ }\n", "local.nix": FORCED}
    run = migrate(write(tmp_path / "fleet", files))
    assert run.code == 2
    assert "`mkForce` on `nixpkgs.overlays` would drop every other overlay" in run.err
