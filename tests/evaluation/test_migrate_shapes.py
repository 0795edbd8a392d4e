"""One host in many shapes, migrated: Nix finds both overlays last, each once, and the rest unchanged."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import contents, migrate, migrated, write
from overlay_order import OURS, named

MODULE = """\
{ pkgs, ... }:
{
  networking.hostName = "argon";
  environment.systemPackages = [ pkgs.hello ];
}
"""
FLAKE = """\
{{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    {head}
    let
      named = name: final: prev: {{ ${{name}} = 1; }};
{let}    in
    {{
      nixosConfigurations.{name} = nixpkgs.lib.nixosSystem {{
        system = "x86_64-linux";
{arguments}        modules = {modules};
      }};
    }};
}}
"""
SELF = "{ self, nixpkgs, ... }@inputs:"


def flake(modules: str, *, let: str = "", head: str = SELF, arguments: str = "", name: str = "argon") -> str:
    return FLAKE.format(
        modules=modules,
        head=head,
        name=name,
        let="".join(f"      {line}\n" for line in let.splitlines()),
        arguments="".join(f"        {line}\n" for line in arguments.splitlines()),
    )


def call(code: str, let: str) -> str:
    """A flake whose host is made by some code."""
    written = 'nixpkgs.lib.nixosSystem {\n        system = "x86_64-linux";\n        modules = [ ];\n      };'
    return flake("[ ]", let=let).replace(written, f"{code};")


BASE = 'base = { modules = [ ./argon.nix { nixpkgs.overlays = [ (named "b") ]; } ]; };'
PARTS = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.flake-parts.url = "github:hercules-ci/flake-parts";
  inputs.flake-parts.inputs.nixpkgs-lib.follows = "nixpkgs";

  outputs =
    inputs:
    inputs.flake-parts.lib.mkFlake { inherit inputs; } {
      systems = [ "x86_64-linux" ];
      imports = [
        (
          { lib, config, ... }:
          {
            options.configurations.nixos = lib.mkOption {
              type = lib.types.lazyAttrsOf lib.types.deferredModule;
              default = { };
            };
            config.flake.nixosConfigurations = lib.mapAttrs (
              _: module:
              inputs.nixpkgs.lib.nixosSystem {
                system = "x86_64-linux";
                modules = [ module ];
              }
            ) config.configurations.nixos;
          }
        )
        { configurations.nixos.argon = ./argon.nix; }
      ];
    };
}
"""
PARTS_FUNCTIONS = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.flake-parts.url = "github:hercules-ci/flake-parts";
  inputs.flake-parts.inputs.nixpkgs-lib.follows = "nixpkgs";

  outputs =
    inputs:
    inputs.flake-parts.lib.mkFlake { inherit inputs; } {
      systems = [ "x86_64-linux" ];
      imports = [
        (
          { inputs, ... }:
          {
            flake.lib.mkHost =
              name:
              inputs.nixpkgs.lib.nixosSystem {
                system = "x86_64-linux";
                modules = [ (./. + "/${name}.nix") ];
              };
          }
        )
        (
          { lib, config, ... }:
          {
            flake.nixosConfigurations = lib.concatMapAttrs (name: _: { ${name} = config.flake.lib.mkHost name; }) {
              argon = "a host";
            };
          }
        )
      ];
    };
}
"""


# What the flake is, and the overlays of its host afterwards: `+` stands for upstream's and ours.
SHAPES = {
    "a list of modules": (flake("[ ./argon.nix ]"), "+"),
    "a module before other modules": (
        flake("""[
          ./argon.nix
          { nixpkgs.overlays = [ (named "b") ]; }
        ]"""),
        "b +",
    ),
    "an overlay in a list that others follow": (
        flake("""[
          { nixpkgs.overlays = [ (named "a") ]; }
          { nixpkgs.overlays = [ (named "b") ]; }
        ]"""),
        "b a +",
    ),
    "a list and more": (
        flake("[ ./argon.nix ] ++ more", let='more = [ { nixpkgs.overlays = [ (named "b") ]; } ];'),
        "b +",
    ),
    "more and a list": (
        flake("more ++ [ ./argon.nix ]", let='more = [ { nixpkgs.overlays = [ (named "b") ]; } ];'),
        "b +",
    ),
    "a list by name": (
        flake("more", let='more = [ ./argon.nix { nixpkgs.overlays = [ (named "b") ]; } ];'),
        "b +",
    ),
    "a computed list": (flake("map import [ ./argon.nix ]"), "+"),
    "a chosen list": (flake("if true then [ ./argon.nix ] else [ ]"), "+"),
    "a list in with": (flake("with builtins; [ ./argon.nix ]"), "+"),
    "a list in let": (flake("let x = ./argon.nix; in [ x ]"), "+"),
    "an inherited list": (
        flake("[ ]", let='modules = [ ./argon.nix { nixpkgs.overlays = [ (named "b") ]; } ];').replace(
            "modules = [ ];", "inherit modules;"
        ),
        "b +",
    ),
    "a list inherited from a set": (
        flake("[ ]", let='host.modules = [ ./argon.nix { nixpkgs.overlays = [ (named "b") ]; } ];').replace(
            "modules = [ ];", "inherit (host) modules;"
        ),
        "b +",
    ),
    "a function that makes hosts": (
        flake(
            "[ ]",
            let='mkHost = modules: nixpkgs.lib.nixosSystem { inherit modules; system = "x86_64-linux"; };',
        ).replace(
            'nixpkgs.lib.nixosSystem {\n        system = "x86_64-linux";\n        modules = [ ];\n      };',
            "mkHost [ ./argon.nix ];",
        ),
        "+",
    ),
    "an empty list": (flake("[ ]"), "+"),
    "overlays by name": (
        flake("[ { nixpkgs.overlays = overlays; } ]", let='overlays = [ (named "b") ];'),
        "b +",
    ),
    "overlays by name, on lines": (
        flake(
            """[
          {
            nixpkgs.overlays = overlays;
          }
        ]""",
            let='overlays = [ (named "b") ];',
        ),
        "b +",
    ),
    "overlays and more": (
        flake('[ { nixpkgs.overlays = [ (named "a") ] ++ more; } ]', let='more = [ (named "b") ];'),
        "a b +",
    ),
    "more and overlays": (
        flake('[ { nixpkgs.overlays = more ++ [ (named "a") ]; } ]', let='more = [ (named "b") ];'),
        "b a +",
    ),
    "overlays and what is computed, on lines": (
        flake(
            """[
          {
            nixpkgs.overlays = with builtins; [ (named "a") ] ++ map named [ "b" ];
          }
        ]"""
        ),
        "a b +",
    ),
    "mkIf": (flake('[ ({ lib, ... }: { nixpkgs.overlays = lib.mkIf true [ (named "b") ]; }) ]'), "b +"),
    "mkBefore": (flake('[ ({ lib, ... }: { nixpkgs.overlays = lib.mkBefore [ (named "b") ]; }) ]'), "b +"),
    "overlays within nixpkgs": (
        flake('[ { nixpkgs = { config = { }; overlays = [ (named "b") ]; }; } ]'),
        "b +",
    ),
    "overlays that are inherited": (
        flake("[ ./argon.nix { nixpkgs = { inherit overlays; }; } ]", let='overlays = [ (named "b") ];'),
        "b +",
    ),
    "overlays that are inherited from a set": (
        flake(
            "[ { config.nixpkgs = { inherit (own) overlays; }; } ./argon.nix ]",
            let='own = { overlays = [ (named "b") ]; };',
        ),
        "b +",
    ),
    "overlays within config": (flake('[ { config.nixpkgs.overlays = [ (named "b") ]; } ]'), "b +"),
    "overlays chosen by the host": (
        flake(
            "[ ({ config, ... }: { nixpkgs.overlays = [ (named config.networking.hostName) ]; }) ./argon.nix]"
        ),
        "argon +",
    ),
    "an argument named inputs": (
        flake("inputs.self.modules", head="inputs@{ self, nixpkgs, ... }:").replace(
            "nixosConfigurations", "modules = [ ./argon.nix ];\n      nixosConfigurations"
        ),
        "+",
    ),
    "inputs: as the head": (flake("[ ./argon.nix ]", head="inputs:", let="inherit (inputs) nixpkgs;"), "+"),
    "another name for the inputs": (flake("[ ./argon.nix ]", head="{ nixpkgs, ... }@flakes:"), "+"),
    "no name for the inputs but self": (flake("[ ./argon.nix ]", head="{ self, nixpkgs, ... }:"), "+"),
    "no name for the inputs at all": (flake("[ ./argon.nix ]", head="{ nixpkgs, ... }:"), "+"),
    "closed formals without self": (flake("[ ./argon.nix ]", head="{ self, nixpkgs }:"), "+"),
    "a module that shadows inputs": (
        flake(
            "[ ({ inputs, ... }: { nixpkgs.overlays = [ (named inputs.name) ]; }) ]",
            arguments='specialArgs.inputs.name = "b";',
        ),
        "b +",
    ),
    "a let around the modules that shadows inputs": (flake("let inputs = { }; in [ ./argon.nix ]"), "+"),
    "a let around more modules that shadows inputs": (
        flake("let inputs = { }; in more", let="more = [ ./argon.nix ];"),
        "+",
    ),
    "a let around the overlays that shadows inputs": (
        flake('[ { nixpkgs.overlays = let inputs = { }; in [ (named "b") ]; } ]'),
        "b +",
    ),
    "a let that shadows inputs": (flake("[ ./argon.nix ]", let="inputs = { };"), "+"),
    "a computed host name": (flake("[ ./argon.nix ]", let='host = "argon";', name="${host}"), "+"),
    "a rec argument": (flake("[ ./argon.nix ]").replace("nixosSystem {", "nixosSystem rec {"), "+"),
    "a package set from outside": (
        flake(
            "[ ./argon.nix ]",
            arguments='pkgs = import nixpkgs { system = "x86_64-linux"; overlays = [ (named "b") ]; };',
        ),
        "b +",
    ),
    "a function taken out of its library": (
        flake("[ ./argon.nix ]", let="inherit (nixpkgs) lib;").replace(
            "nixpkgs.lib.nixosSystem", "lib.nixosSystem"
        ),
        "+",
    ),
    "upstream's overlay there already": (
        flake("[ { nixpkgs.overlays = [ inputs.llama-cpp.overlays.default ]; } ]").replace(
            "  outputs",
            '  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";\n'
            '  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";\n\n  outputs',
            1,
        ),
        "+",
    ),
    "the input there already under another name": (
        flake("[ ./argon.nix ]").replace(
            "  outputs",
            '  inputs.llama.url = "github:ggml-org/llama.cpp/b4000";\n'
            '  inputs.llama.inputs.nixpkgs.follows = "nixpkgs";\n\n  outputs',
            1,
        ),
        "+",
    ),
    "a wrapper that adds to its argument": (
        call(
            'nixosSystem { system = "x86_64-linux"; modules = [ ./argon.nix ]; }',
            let="nixosSystem = args: nixpkgs.lib.nixosSystem "
            "(args // { specialArgs = { inherit inputs self nixpkgs named; folder = ./.; }; });",
        ),
        "+",
    ),
    "an argument that adds to another": (
        call('nixpkgs.lib.nixosSystem (base // { system = "x86_64-linux"; })', let=BASE),
        "b +",
    ),
    "an argument that another adds to": (
        call('nixpkgs.lib.nixosSystem ({ system = "x86_64-linux"; } // base)', let=BASE),
        "b +",
    ),
    "an argument that adds to another, by name": (
        call(
            "nixpkgs.lib.nixosSystem args",
            let=f'{BASE}\nargs = base // {{ system = "x86_64-linux"; }};',
        ),
        "b +",
    ),
    "an argument without modules that another adds to": (
        call(
            "nixpkgs.lib.nixosSystem ({ specialArgs = { inherit inputs self nixpkgs named; folder = ./.; }; "
            "modules = [ ./argon.nix ]; } // base)",
            let='base.system = "x86_64-linux";',
        ),
        "+",
    ),
    "an argument that adds to what a function gives": (
        call(
            'nixpkgs.lib.nixosSystem (base "b" // { system = "x86_64-linux"; })',
            let="base = n: { modules = [ ./argon.nix { nixpkgs.overlays = [ (named n) ]; } ]; };",
        ),
        "b +",
    ),
    "a set of arguments that are mapped": (
        call(
            "(builtins.mapAttrs (_: nixpkgs.lib.nixosSystem) { inherit argon; }).argon",
            let='argon = { system = "x86_64-linux"; modules = [ ./argon.nix ]; };',
        ),
        "+",
    ),
    "a list inherited within rec": (
        call(
            'nixpkgs.lib.nixosSystem rec { system = "x86_64-linux"; inherit modules; }',
            let="modules = [ ./argon.nix ];",
        ),
        "+",
    ),
    "the sources of llama.cpp there already, as no flake": (
        flake("[ ./argon.nix ]").replace(
            "  outputs",
            '  inputs.llama-src = { url = "github:ggml-org/llama.cpp"; flake = false; };\n\n  outputs',
            1,
        ),
        "+",
    ),
    "a host of an option that modules of flake-parts declare and define": (PARTS, "+"),
    "a host by functions of flake-parts": (PARTS_FUNCTIONS, "+"),
}


def fleet(name: str, folder: Path) -> Path:
    return write(folder / "fleet", {"flake.nix": SHAPES[name][0], "argon.nix": MODULE})


every_shape = pytest.mark.parametrize("name", SHAPES)


@every_shape
def test_both_overlays_come_last_and_once(name: str, evaluator: Evaluator, tmp_path: Path) -> None:
    folder = fleet(name, tmp_path)
    (before,) = evaluator.hosts(folder).values()
    assert (before.error is None) is (name != "upstream's overlay there already")
    migrated(folder)
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None, after.error + (folder / "flake.nix").read_text()
    assert named(after.overlays) == SHAPES[name][1]
    assert after.overlays[-1] == OURS
    assert after.packages["llama-cpp-cuda-native"].is_native
    if before.error is not None:  # nixpkgs' own variants over upstream's package: what the migration cures
        return
    assert [names for names in before.overlays if names[0] != "llama-cpp"] == list(after.overlays[:-2])
    assert (after.toplevel, after.system_packages) == (before.toplevel, before.system_packages)


@every_shape
def test_a_second_run_finds_nothing_to_do(name: str, tmp_path: Path) -> None:
    folder = fleet(name, tmp_path)
    migrated(folder)
    before = contents(folder)
    run = migrate(folder)
    assert (run.code, run.out) == (0, "Nothing to do: every chosen host is migrated already.\n"), run
    assert contents(folder) == before


@every_shape
@pytest.mark.skipif(shutil.which("nixfmt") is None, reason="nixfmt is not on the PATH")
def test_what_nixfmt_laid_out_stays_so(name: str, tmp_path: Path) -> None:
    folder = fleet(name, tmp_path)
    subprocess.run(["nixfmt", str(folder / "flake.nix")], check=True)
    migrated(folder)
    ours = (folder / "flake.nix").read_text()
    subprocess.run(["nixfmt", str(folder / "flake.nix")], check=True)
    assert ours == (folder / "flake.nix").read_text()
