"""The platform that a host is for."""

from __future__ import annotations

from pathlib import Path

import pytest
from detection import configuration_of, fleet, module

from nixedit.detect.platforms import Platform, platform_of


@pytest.mark.parametrize(
    ("body", "call", "expected"),
    [
        ('nixpkgs.hostPlatform = "aarch64-linux";', "", Platform("aarch64-linux", "boron.nix", 3)),
        (
            'nixpkgs.hostPlatform = { system = "aarch64-linux"; };',
            "",
            Platform("aarch64-linux", "boron.nix", 3),
        ),
        ('nixpkgs.hostPlatform = lib.mkDefault "x86_64-linux";', 'system = "aarch64-linux";',
         Platform("x86_64-linux", "boron.nix", 3)),
        ('nixpkgs.system = "aarch64-linux";', "", Platform("aarch64-linux", "boron.nix", 3)),
        ("", 'system = "aarch64-linux";', Platform("aarch64-linux", "flake.nix", 9)),
        ("", 'pkgs = import nixpkgs { system = "aarch64-linux"; };', Platform("aarch64-linux", "flake.nix", 9)),
        ("", "pkgs = nixpkgs.legacyPackages.aarch64-linux;", Platform("aarch64-linux", "flake.nix", 9)),
        ("", "", None),
        ("nixpkgs.hostPlatform = config.my.platform;", "", None),
        ('config = lib.mkIf config.arm { nixpkgs.hostPlatform = "aarch64-linux"; };', "", None),
    ],
)  # fmt: skip
def test_a_platform(tmp_path: Path, body: str, call: str, expected: Platform | None) -> None:
    fleet(tmp_path, {"boron.nix": module(body)})
    flake = (tmp_path / "flake.nix").read_text()
    (tmp_path / "flake.nix").write_text(flake.replace('system = "x86_64-linux";', call))
    assert platform_of(configuration_of(tmp_path)) == expected
