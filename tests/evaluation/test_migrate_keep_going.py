"""`--keep-going`: a host that is refused keeps what it has, the old overlay too, and the others are migrated."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import OLD, contents, migrate, write

FLAKE = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs, ... }@inputs:
    {
      nixosConfigurations = {
        argon = nixpkgs.lib.nixosSystem {
          modules = [
            ./argon.nix
            { nixpkgs.overlays = [ (import ./old/llama-cpp-variants.nix) ]; }
          ];
        };
        boron = nixpkgs.lib.nixosSystem {
          modules = [
            ./boron.nix
            FORCED
          ];
        };
      };
    };
}
"""
AFTER = FLAKE.replace(
    "\n\n",
    '\n  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";\n'
    '  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";\n\n',
).replace(
    "            { nixpkgs.overlays = [ (import ./old/llama-cpp-variants.nix) ]; }\n",
    """\
            {
              nixpkgs.overlays = [
                inputs.llama-cpp.overlays.default
                (import ./overlays/llama-cpp.nix { inherit inputs; })
              ];
            }
""",
)
FORCED = "{ lib, ... }:\n{\n  nixpkgs.overlays = lib.mkForce [ (import ./old/llama-cpp-variants.nix) ];\n}\n"
# What the refused host has in flake.nix, the place of the old overlay in it, and its place after the run.
REFUSED = {
    "in a file": ("./forced.nix", "forced.nix:3:22", "forced.nix:3"),
    "in its call": (
        "({ lib, ... }: { nixpkgs.overlays = lib.mkForce [ (import ./old/llama-cpp-variants.nix) ]; })",
        "flake.nix:17:49",
        "flake.nix:17",
    ),
}


def fleet(folder: Path, forced: str) -> Path:
    hosts = {
        f"{name}.nix": f'{{ networking.hostName = "{name}"; nixpkgs.hostPlatform = "x86_64-linux"; }}\n'
        for name in ("argon", "boron")
    }
    old = {"old/llama-cpp-variants.nix": OLD, "forced.nix": FORCED if forced == "./forced.nix" else "{ }\n"}
    return write(folder / "fleet", {"flake.nix": FLAKE.replace("FORCED", forced), **hosts, **old})


@pytest.mark.parametrize("name", REFUSED)
def test_the_old_overlay_stays_for_a_host_that_is_refused(
    name: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    forced, refused, stays = REFUSED[name]
    folder = fleet(tmp_path, forced)
    before = evaluator.hosts(folder)
    assert [(host.error, host.overlays) for host in before.values()] == [(None, (("llama-cpp-cuda",),))] * 2
    run = migrate(folder, "--allow-no-vcs", "--keep-going")
    assert run.code == 3
    reason = (
        f"{folder}/{refused}: host `boron`: `mkForce` on `nixpkgs.overlays` would drop every other overlay\n"
    )
    assert run.err.startswith(reason)
    assert "  argon  migrated\n" in run.out
    assert f"  boron  refused\n           {reason}" in run.out
    assert (
        f"  note: old/llama-cpp-variants.nix stays: hosts that are left out use it ({stays})\n"
    ) in run.out
    assert (folder / "flake.nix").read_text() == AFTER.replace("FORCED", forced)
    assert (folder / "old" / "llama-cpp-variants.nix").read_text() == OLD
    after = evaluator.hosts(folder)
    assert after["boron"] == before["boron"]
    assert after["argon"].error is None
    assert [overlay[0] for overlay in after["argon"].overlays] == ["llama-cpp", "llama-cpp"]
    once = contents(folder)
    again = migrate(folder, "--keep-going")
    assert again.code == 3
    assert again.out.startswith("Nothing to do: every chosen host is migrated already.\n")
    assert contents(folder) == once


@pytest.mark.parametrize("name", REFUSED)
def test_without_it_nothing_is_written_for_any_host(name: str, tmp_path: Path) -> None:
    forced, refused, _ = REFUSED[name]
    folder = fleet(tmp_path, forced)
    before = contents(folder)
    run = migrate(folder, "--allow-no-vcs")
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith(f"{folder}/{refused}: host `boron`: `mkForce` on `nixpkgs.overlays`")
    assert f"nixedit: 1 reason not to migrate {folder}; nothing was written\n" in run.err
    assert contents(folder) == before


@pytest.mark.parametrize("name", REFUSED)
def test_once_the_reason_is_gone_the_old_overlay_goes_too(
    name: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = fleet(tmp_path, REFUSED[name][0])
    migrate(folder, "--allow-no-vcs", "--keep-going")
    for file in ("flake.nix", "forced.nix"):
        text = (folder / file).read_text()
        (folder / file).write_text(text.replace("lib.mkForce ", ""))
    assert migrate(folder, "--allow-no-vcs", "--keep-going").code == 0
    assert "llama-cpp-variants" not in b"".join(contents(folder).values()).decode()
    for host in evaluator.hosts(folder).values():
        assert host.error is None
        assert [overlay[0] for overlay in host.overlays] == ["llama-cpp", "llama-cpp"]
    assert migrate(folder, "--check").code == 0
