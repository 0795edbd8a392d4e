"""Packages that a fleet overrides by nixpkgs' arguments: renamed where that is safe, refused elsewhere."""

from __future__ import annotations

from pathlib import Path

from evaluator import Evaluator
from migration_runs import FLAKE, contents, migrate, migrated, write

MODULE = """\
{ pkgs, ... }:
{
  environment.systemPackages = [
    # the card in the desktop
    (pkgs.llama-cpp.override { cudaSupport = true; })
    pkgs.hello
  ];
}
"""


def test_a_module_of_a_migrated_host_gets_upstreams_argument(evaluator: Evaluator, tmp_path: Path) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": MODULE})
    (before,) = evaluator.hosts(folder).values()
    assert before.error is None
    migrated(folder)
    renamed = MODULE.replace("cudaSupport = true", "useCuda = true")
    assert (folder / "argon.nix").read_text() == renamed
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert len(after.system_packages) == len(before.system_packages)


def test_other_arguments_and_places_are_refused(tmp_path: Path) -> None:
    cases = {
        "an argument that upstream lacks": MODULE.replace("cudaSupport", "rpcSupport = true; cudaSupport"),
        "a set that is computed": MODULE.replace(
            "{ cudaSupport = true; }", "({ cudaSupport = true; } // { })"
        ),
        "another package set": MODULE.replace("pkgs.llama-cpp", "final.llama-cpp").replace(
            "{ pkgs, ... }:", "{ pkgs, final, ... }:"
        ),
        "an inherited argument": MODULE.replace("{ cudaSupport = true; }", "{ inherit (pkgs) cudaSupport; }"),
    }
    for number, (what, module) in enumerate(cases.items()):
        folder = write(tmp_path / str(number), {"flake.nix": FLAKE, "argon.nix": module})
        before = contents(folder)
        run = migrate(folder)
        assert run.code == 2, what
        assert "upstream's `llama-cpp` has no argument `cudaSupport`" in run.err, what
        assert contents(folder) == before, what


def test_a_file_that_is_no_module_of_a_host_is_refused(tmp_path: Path) -> None:
    files = {"flake.nix": FLAKE, "argon.nix": "{ }\n", "home.nix": MODULE}
    folder = write(tmp_path / "fleet", files)
    run = migrate(folder)
    assert run.code == 2
    assert "home.nix:5:32" in run.err


def test_nothing_is_renamed_while_a_host_is_left_out(tmp_path: Path) -> None:
    two = FLAKE.replace(
        "      };\n    };\n",
        "        xenon = nixpkgs.lib.nixosSystem { modules = [ ./argon.nix ]; };\n      };\n    };\n",
    )
    folder = write(tmp_path / "fleet", {"flake.nix": two, "argon.nix": MODULE})
    assert migrate(folder, "--host", "argon").code == 2
    assert migrate(folder).code == 0
