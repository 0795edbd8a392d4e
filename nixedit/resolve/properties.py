"""Functions that say when or how strongly a definition counts: `mkIf`, `mkMerge`, `mkForce` and their kin.

Source: NixOS manual, "Option Definitions"; nixpkgs, lib/modules.nix.
"""

from __future__ import annotations

from nixedit.resolve.values import Call

USUAL = 100
# The numbers of nixpkgs' lib/modules.nix: the lowest one wins.
PRIORITIES = {
    "mkVMOverride": 10,
    "mkForce": 50,
    "mkImageMediaOverride": 60,
    "mkDefault": 1000,
    "mkOptionDefault": 1500,
}
ORDERED = ("mkBefore", "mkAfter", "mkOrder")


def is_property(value: Call) -> bool:
    """Whether a call says when or how strongly what it is given counts: `mkIf`, `mkForce` and their kin."""
    name = value.function.names[-1]
    wanted = 2 if name in ("mkIf", "mkOverride", "mkOrder") else 1
    known = name in ("mkIf", "mkMerge", "mkOverride", *ORDERED) or name in PRIORITIES
    return known and len(value.arguments) == wanted
