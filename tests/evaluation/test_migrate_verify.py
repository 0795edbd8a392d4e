"""`--verify` and `--lock` with the real Nix: hosts evaluated before and after, files put back, flake.lock made."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from evaluator import STUBS, Evaluator
from migration_runs import GIT, contents, write

RECIPE = f"""\
[recipe]
name = "bars"
version = 1
summary = "a bar of one's own"

[input]
name = "waybar"
url = "path:{STUBS}/waybar"
follows = ["nixpkgs"]

[[overlays]]
output = "overlays.default"

[[overlays]]
file = "overlays/bar.nix"

[[files]]
path = "overlays/bar.nix"
template = "bar.nix"

[variants]
own = "my-bar"
"""
FLEET = f"""\
{{
  inputs.nixpkgs.url = "path:{STUBS}/nixpkgs";

  outputs =
    {{ self, nixpkgs, ... }}@inputs:
    let
      host = module: nixpkgs.lib.nixosSystem {{ system = "x86_64-linux"; modules = [ module ]; }};
    in
    {{
      nixosConfigurations.argon = nixpkgs.lib.nixosSystem {{
        system = "x86_64-linux";
        modules = [ ./argon.nix ];
      }};
      nixosConfigurations.xenon = host ./xenon.nix;
    }};
}}
"""
PLAIN = "{ pkgs, ... }: { environment.systemPackages = [ pkgs.hello ]; }\n"
BROKEN = '{ pkgs, ... }: { networking.hostName = if pkgs ? my-bar then throw "no bars here" else "argon"; }\n'
# What another host builds changes with the files that are there.
COUNTING = (
    "{ networking.hostName = toString (builtins.length (builtins.attrNames (builtins.readDir ./.))); }\n"
)


@pytest.fixture
def run(evaluator: Evaluator, tmp_path: Path):
    recipe = write(
        tmp_path / "recipe",
        {"recipe.toml": RECIPE, "bar.nix": "{ inputs }:\nfinal: prev: { my-bar = prev.waybar; }\n"},
    )

    def run(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
        for command in (["init", "-q"], ["add", "-A"], ["commit", "-qm", "all"]):
            subprocess.run(["git", "-C", str(folder), *command], check=True, env=GIT)
        command = [sys.executable, "-m", "nixedit", "migrate", str(folder), "--yes", "--recipe", str(recipe)]
        env = {**os.environ, **evaluator.environment()}
        return subprocess.run([*command, *words], capture_output=True, text=True, check=False, env=env)

    return run


def fleet(tmp_path: Path, **modules: str) -> Path:
    files = {"flake.nix": FLEET, "argon.nix": PLAIN, "xenon.nix": PLAIN}
    return write(tmp_path / "fleet", {**files, **{f"{name}.nix": text for name, text in modules.items()}})


def test_hosts_that_evaluate_before_and_after_stay_migrated(run, tmp_path: Path) -> None:
    folder = fleet(tmp_path)
    done = run(folder, "--verify", "--lock")
    assert done.returncode == 0, done.stderr
    assert (folder / "overlays" / "bar.nix").is_file()
    lock = json.loads((folder / "flake.lock").read_text())
    assert set(lock["nodes"]["root"]["inputs"]) == {"nixpkgs", "waybar"}


def test_a_host_that_breaks_has_every_file_put_back(run, tmp_path: Path) -> None:
    folder = fleet(tmp_path, argon=BROKEN)
    before = contents(folder)
    done = run(folder, "--verify")
    assert done.returncode == 2
    assert "argon" in done.stderr
    assert "no bars here" in done.stderr
    after = contents(folder)
    assert {name: text for name, text in after.items() if not name.startswith(".git/")} == before


def test_a_host_that_was_not_chosen_and_changed_is_named(run, tmp_path: Path) -> None:
    folder = fleet(tmp_path, xenon=COUNTING)
    done = run(folder, "--verify", "--host", "argon")
    assert done.returncode == 0, done.stderr
    assert "xenon" in done.stdout
