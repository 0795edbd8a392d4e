"""A fleet that was migrated before, wholly or in part: what is there is found, wherever it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import FLAKE, contents, migrate, migrated, write
from overlay_order import named

UPSTREAM = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.llama-cpp.url = "URL";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs =
    { self, nixpkgs, ... }@inputs:
    let
      host =
        name:
        nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          specialArgs = { inherit inputs; };
          modules = [ ./common.nix ];
        };
    in
    {
      nixosConfigurations.argon = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        specialArgs = { inherit inputs; };
        modules = [ ./common.nix ];
      };
      nixosConfigurations.xenon = host "xenon";
    };
}
"""
COMMON = "{ inputs, ... }:\n{\n  nixpkgs.overlays = [\n    inputs.llama-cpp.overlays.default\n  ];\n}\n"


def applied(evaluator: Evaluator, folder: Path) -> dict[str, int]:
    """How many overlays define variants, by host."""
    found = {}
    for host, facts in evaluator.hosts(folder).items():
        assert facts.error is None, facts.error
        found[host] = sum("llama-cpp-cuda-native" in names for names in facts.overlays)
    return found


@pytest.mark.parametrize("words", [(), ("--layout", "module")])
def test_an_overlay_file_at_another_place_is_found_again(
    evaluator: Evaluator, tmp_path: Path, words: tuple[str, ...]
) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": "{ }\n"})
    migrated(folder, "--overlay-file", "nix/llama.nix", *words)
    before = contents(folder)
    for again in ((), words, ("--overlay-file", "nix/llama.nix")):
        run = migrated(folder, *again)
        assert "Nothing to do" in run.out
        assert contents(folder) == before
    assert applied(evaluator, folder) == {"argon": 1}
    refused = migrate(folder, "--allow-no-vcs", "--overlay-file", "other.nix")
    assert refused.code == 2
    assert "nix/llama.nix: --overlay-file: the recipe's overlay stands here already" in refused.err


def test_an_overlay_file_that_was_moved_away_is_written_again(evaluator: Evaluator, tmp_path: Path) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": "{ }\n"})
    migrated(folder)
    before = contents(folder)
    (folder / "overlays" / "llama-cpp.nix").unlink()
    migrated(folder)
    assert contents(folder) == before
    assert applied(evaluator, folder) == {"argon": 1}


def test_a_list_that_two_calls_share_is_completed_once(evaluator: Evaluator, tmp_path: Path) -> None:
    flake = UPSTREAM.replace("URL", "github:ggml-org/llama.cpp")
    folder = write(tmp_path / "fleet", {"flake.nix": flake, "common.nix": COMMON})
    migrated(folder)
    assert (folder / "common.nix").read_text().count("(import ./overlays/llama-cpp.nix") == 1
    assert applied(evaluator, folder) == {"argon": 1, "xenon": 1}
    assert "Nothing to do" in migrated(folder).out


def test_a_list_that_a_host_left_out_shares_is_not_completed(tmp_path: Path) -> None:
    flake = UPSTREAM.replace("URL", "github:ggml-org/llama.cpp")
    folder = write(tmp_path / "fleet", {"flake.nix": flake, "common.nix": COMMON})
    before = contents(folder)
    run = migrate(folder, "--allow-no-vcs", "--host", "argon")
    assert run.code == 2
    assert "this list serves xenon too, which is left out" in run.err
    assert contents(folder) == before


def test_what_is_to_be_pasted_is_right_for_its_file(tmp_path: Path) -> None:
    flake = UPSTREAM.replace("URL", "github:ggml-org/llama.cpp").replace("llama-cpp", "llama")
    forced = "{ lib, ... }: { nixpkgs.overlays = lib.mkForce [ ]; }\n"
    folder = write(
        tmp_path / "fleet",
        {
            "flake.nix": flake.replace("./common.nix", "./hosts/one/default.nix"),
            "hosts/one/default.nix": forced,
        },
    )
    run = migrate(folder, "--allow-no-vcs")
    assert run.code == 2
    lines = "inputs.llama.overlays.default (import ../../overlays/llama-cpp.nix { inherit inputs; })"
    need = "where `inputs` are the flake's (specialArgs = { inherit inputs; } hands them to modules)"
    assert f"add the overlays within it by hand, {need}: {lines}\n" in run.err


@pytest.mark.parametrize(
    "url",
    [
        "github:ggml-org/llama.cpp/b6729",
        "github:GGML-org/llama.cpp?ref=master",
        "github:ggerganov/llama.cpp",
        "git+https://github.com/ggml-org/llama.cpp.git?ref=master",
        "git+ssh://git@github.com/ggml-org/llama.cpp",
        "https://github.com/ggml-org/llama.cpp/archive/master.tar.gz",
        "https://github.com/ggml-org/llama.cpp/archive/refs/heads/master.tar.gz",
        "https://api.github.com/repos/ggml-org/llama.cpp/tarball/master",
    ],
)
def test_an_input_of_any_form_is_the_same(tmp_path: Path, url: str) -> None:
    flake = UPSTREAM.replace("URL", url)
    folder = write(tmp_path / "fleet", {"flake.nix": flake, "common.nix": COMMON})
    migrated(folder)
    assert (folder / "flake.nix").read_text() == flake


@pytest.mark.parametrize(
    "url", ["github:somebody/llama.cpp", "https://example.org/ggml-org/llama.cpp.tar.gz"]
)
def test_an_input_of_that_name_may_be_something_else(tmp_path: Path, url: str) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": UPSTREAM.replace("URL", url), "common.nix": COMMON})
    assert migrate(folder, "--allow-no-vcs").code == 2


NAMED = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs, ... }@inputs:
    let
      overlays = [ (final: prev: { ours = 1; }) ];
      host = module: nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [ module ];
      };
    in
    {
      nixosConfigurations = {
        argon = nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = [ { nixpkgs.overlays = overlays; } ];
        };
        neon = nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = [ ({ lib, ... }: { nixpkgs = { inherit overlays; }; }) MORE ];
        };
        xenon = host { };
      };
    };
}
"""
LISTED = "overlays = [\n        (final: prev: { ours = 1; })\n        inputs.llama-cpp.overlays.default\n"


def names(evaluator: Evaluator, folder: Path) -> dict[str, str]:
    return {host: named(facts.overlays) for host, facts in evaluator.hosts(folder).items()}


def test_a_list_that_a_let_names_is_added_to_once_for_all_that_name_it(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": NAMED.replace("MORE ", "")})
    migrated(folder)
    text = (folder / "flake.nix").read_text()
    assert LISTED in text
    assert text.count("overlays.default") == 2  # xenon has a module of its own
    assert names(evaluator, folder) == {"argon": "ours +", "neon": "ours +", "xenon": "+"}
    assert migrate(folder, "--check").code == 0


def test_a_list_that_a_host_left_out_names_too_is_not_added_to(evaluator: Evaluator, tmp_path: Path) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": NAMED.replace("MORE ", "")})
    migrated(folder, "--host", "argon")
    assert LISTED not in (folder / "flake.nix").read_text()
    assert names(evaluator, folder) == {"argon": "ours +", "neon": "ours", "xenon": ""}
    migrated(folder)  # and not afterwards either, which would give it to argon twice
    assert LISTED not in (folder / "flake.nix").read_text()
    assert names(evaluator, folder) == {"argon": "ours +", "neon": "ours +", "xenon": "+"}


def test_a_list_that_one_host_has_twice_is_not_added_to(evaluator: Evaluator, tmp_path: Path) -> None:
    again = NAMED.replace("MORE ", "{ nixpkgs.overlays = overlays; } ")
    folder = write(tmp_path / "fleet", {"flake.nix": again})
    migrated(folder)
    assert LISTED not in (folder / "flake.nix").read_text()
    assert names(evaluator, folder) == {"argon": "ours +", "neon": "ours ours +", "xenon": "+"}
