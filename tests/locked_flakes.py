"""A small flake with its lock, for the commands that read both."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FLAKE = """\
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager = {
      url = "github:nix-community/home-manager";
      inputs.nixpkgs.follows = "nixpkgs";
    };
    zig.url = "github:mitchellh/zig-overlay";
    font = {
      url = "github:o/font";
      flake = false;
    };
  };
  outputs = { self, nixpkgs, home-manager, zig, font }: { inherit nixpkgs home-manager zig font; };
}
"""
REV = "0123456789abcdef0123456789abcdef01234567"


def node(owner: str, repo: str, inputs: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    """A node of a lock, changed on the first of June 2024."""
    ref = {"ref": more.pop("ref")} if "ref" in more else {}
    reference = {"type": "github", "owner": owner, "repo": repo}
    locked = {**reference, "rev": REV, "lastModified": 1717200000, "narHash": "sha256-" + "A" * 43 + "="}
    return {"inputs": inputs or {}, "locked": locked, "original": {**reference, **ref}, **more}


LOCK: dict[str, Any] = {
    "nodes": {
        "nixpkgs": node("NixOS", "nixpkgs", ref="nixos-unstable"),
        "nixpkgs_2": node("NixOS", "nixpkgs"),
        "home-manager": node("nix-community", "home-manager", {"nixpkgs": ["nixpkgs"]}),
        "systems": node("nix-systems", "default"),
        "utils": node("numtide", "flake-utils", {"systems": "systems"}),
        "zig": node("mitchellh", "zig-overlay", {"nixpkgs": "nixpkgs_2", "flake-utils": "utils", "none": []}),
        "font": node("o", "font", flake=False),
        "root": {
            "inputs": {"nixpkgs": "nixpkgs", "home-manager": "home-manager", "zig": "zig", "font": "font"}
        },
    },
    "root": "root",
    "version": 7,
}


def write_flake(folder: Path, flake: str = FLAKE, lock: dict[str, Any] | None = LOCK) -> Path:
    """Write a flake; the path of its flake.nix."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "flake.nix").write_text(flake)
    if lock is not None:
        (folder / "flake.lock").write_text(json.dumps(lock, indent=2))
    return folder / "flake.nix"
