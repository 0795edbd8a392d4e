"""Lists joined by `++`: what is put in front of them or behind them leaves nothing for the formatter to do."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import migrated, write

FORMATTERS = {"nixfmt": ("nixfmt", "-"), "alejandra": ("alejandra", "-q")}
FLAKE = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs, ... }@inputs:
    let
      shared = [ ./argon.nix ];
      further = [ { networking.hostName = "argon"; } ];
      given = [ (final: prev: { ours = 1; }) ];
      packages = pkgs: [ pkgs.hello ];
    in
    {
      nixosConfigurations.argon = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = MODULES;
      };
    };
}
"""
ARGON = """\
{ pkgs, lib, ... }:
let
  tools = [ pkgs.hello ];
  others = [ ];
in
{
  services.openssh.enable = true;
  environment.systemPackages = PACKAGES;
}
"""
MODULES = {
    "a name": "shared",
    "a name and a list": 'shared ++ [ { networking.hostName = "argon"; } { time.timeZone = "UTC"; } ]',
    "names": "shared ++ further",
    "more names, on lines": 'shared\n ++ further ++ [ { time.timeZone = "UTC"; } { i18n.defaultLocale = "C"; } ]',
    "overlays by a name": "shared ++ [ { nixpkgs.overlays = given; } ]",
    "overlays that are joined": "shared ++ [ { nixpkgs.overlays = given ++ given; } ]",
    "overlays by a call": "shared ++ [ { nixpkgs.overlays = nixpkgs.lib.unique given; } ]",
}
PACKAGES = {
    "a name": "tools",
    "names": "tools ++ others",
    "names and lists, on lines": "[ pkgs.hello pkgs.git ] ++ tools\n ++ others",
    "what is flattened": "lib.flatten [ tools others ]",
    "a condition": "lib.optionals true [ pkgs.hello pkgs.git ] ++ tools",
}


def formatted(formatter: str, text: str) -> str:
    words = FORMATTERS[formatter]
    return subprocess.run(words, input=text, capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("formatter", FORMATTERS)
@pytest.mark.parametrize(
    ("modules", "packages"),
    [
        *((modules, "a name") for modules in MODULES),
        *(("a name", packages) for packages in PACKAGES),
    ],
)
def test_what_a_formatter_laid_out_stays_so(
    modules: str, packages: str, formatter: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    if shutil.which(FORMATTERS[formatter][0]) is None:
        pytest.skip(f"there is no {formatter}")
    files = {
        "flake.nix": formatted(formatter, FLAKE.replace("MODULES", MODULES[modules])),
        "argon.nix": formatted(formatter, ARGON.replace("PACKAGES", PACKAGES[packages])),
    }
    folder = write(tmp_path / "fleet", files)
    before = evaluator.hosts(folder)["argon"]
    assert before.error is None
    migrated(folder, "--variant", "argon=vulkan")
    for name, was in files.items():
        text = (folder / name).read_text()
        if (name, formatter, modules) == ("flake.nix", "nixfmt", "more names, on lines"):
            # A list in front of them would have nixfmt move every line to the left: no line is changed.
            assert set(was.split("\n")) - set(text.split("\n")) <= {"          shared"}
        else:
            assert text == formatted(formatter, text)
    after = evaluator.hosts(folder)["argon"]
    assert after.error is None
    assert len(after.overlays) == len(before.overlays) + 2
    vulkan = after.packages["llama-cpp-vulkan"]
    assert len(after.system_packages) == len(before.system_packages) + 1
    assert vulkan.origin == "llama.cpp"


def test_a_chain_by_hand_gets_a_line_as_it_has_them(tmp_path: Path) -> None:
    flake = FLAKE.replace("MODULES", "\n          shared\n          ++ further").replace(
        "[ ./argon.nix ]", "[./argon.nix]"
    )
    folder = write(tmp_path / "fleet", {"flake.nix": flake, "argon.nix": "{ }\n"})
    migrated(folder)
    assert "\n          ]\n          ++ shared\n          ++ further;\n" in (folder / "flake.nix").read_text()
