"""Hosts that a framework makes: the overlays go where it takes them for all, and Nix finds them on every host."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import contents, migrate, migrated, write

INPUTS = """\
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
"""
PARTS = """\
  inputs.flake-parts.url = "github:hercules-ci/flake-parts";
  inputs.flake-parts.inputs.nixpkgs-lib.follows = "nixpkgs";
"""
SNOWFALL = """\
  inputs.snowfall-lib.url = "github:snowfallorg/lib";
  inputs.snowfall-lib.inputs.nixpkgs.follows = "nixpkgs";
"""
PLUS = """\
  inputs.utils.url = "github:gytis-ivaskevicius/flake-utils-plus";
"""
DIGGA = """\
  inputs.digga.url = "github:divnix/digga";
"""
LIGHT = """\
  inputs.flakelight.url = "github:nix-community/flakelight";
"""
NAMED = "(final: prev: { ours = 1; })"
MODULE = "{ pkgs, ... }:\n{\n  environment.systemPackages = [ pkgs.hello ];\n}\n"
AT_SYSTEMS = {
    "systems/x86_64-linux/argon/default.nix": MODULE,
    "systems/x86_64-linux/xenon/default.nix": MODULE,
}
AT_HOSTS = {"hosts/argon/default.nix": MODULE, "hosts/xenon/default.nix": MODULE}


def flake(outputs: str, *inputs: str) -> str:
    body = "".join(f"    {line}\n" if line else "\n" for line in outputs.splitlines())
    return "{\n" + "".join((INPUTS, *inputs)) + f"\n  outputs =\n{body}  ;\n}}\n".replace("\n  ;", ";")


HOSTS_OF_PLUS = """\
  hosts.argon.modules = [ ./hosts/argon ];
  hosts.xenon.modules = [ ./hosts/xenon ];
"""
HOSTS_OF_DIGGA = """\
  nixos = {
    hostDefaults.channelName = "nixpkgs";
    hosts.argon.modules = [ ./hosts/argon ];
    hosts.xenon.modules = [ ./hosts/xenon ];
  };
"""
HOSTS_OF_LIGHT = """\
  nixosConfigurations = {
    argon = {
      system = "x86_64-linux";
      modules = [ ./hosts/argon ];
    };
    xenon = {
      system = "x86_64-linux";
      modules = [ ./hosts/xenon ];
    };
  };
"""
# What flake.nix is, and the files beside it.
FRAMEWORKS = {
    "digga, without overlays": (
        flake(
            f"{{ self, digga, ... }}@inputs:\ndigga.lib.mkFlake {{\n  inherit self inputs;\n{HOSTS_OF_DIGGA}}}",
            DIGGA,
        ),
        AT_HOSTS,
    ),
    "digga, with overlays": (
        flake(
            "inputs@{ self, digga, ... }:\ndigga.lib.mkFlake {\n  inherit self inputs;\n"
            f"  channels.nixpkgs.overlays = [ ];\n  sharedOverlays = [\n    {NAMED}\n  ];\n{HOSTS_OF_DIGGA}}}",
            DIGGA,
        ),
        AT_HOSTS,
    ),
    "snowfall-lib, without overlays": (
        flake("inputs:\ninputs.snowfall-lib.mkFlake {\n  inherit inputs;\n  src = ./.;\n}", SNOWFALL),
        AT_SYSTEMS,
    ),
    "snowfall-lib, with overlays": (
        flake(
            "inputs:\ninputs.snowfall-lib.mkFlake {\n  inherit inputs;\n  src = ./.;\n"
            f"  overlays = with inputs; [\n    {NAMED}\n  ];\n}}",
            SNOWFALL,
        ),
        AT_SYSTEMS,
    ),
    "snowfall-lib, by its library": (
        flake(
            "inputs:\nlet\n  lib = inputs.snowfall-lib.mkLib {\n    inherit inputs;\n    src = ./.;\n  };\nin\n"
            f"lib.mkFlake {{\n  channels-config.allowUnfree = true;\n  overlays = [ {NAMED} ];\n}}",
            SNOWFALL,
        ),
        AT_SYSTEMS,
    ),
    "snowfall-lib, with outputs of its own beside": (
        flake(
            "inputs@{ self, ... }:\ninputs.snowfall-lib.mkFlake {\n  inherit inputs;\n  src = ./.;\n}\n"
            "// {\n  templates = { };\n}",
            SNOWFALL,
        ),
        AT_SYSTEMS,
    ),
    "flakelight, without overlays": (
        flake(f"inputs:\ninputs.flakelight ./. {{\n  inherit inputs;\n{HOSTS_OF_LIGHT}}}", LIGHT),
        AT_HOSTS,
    ),
    "flakelight, with overlays, by its function": (
        flake(
            "{ flakelight, ... }@inputs:\nflakelight.lib.mkFlake ./. {\n  inherit inputs;\n"
            f"  withOverlays = [\n    {NAMED}\n  ];\n{HOSTS_OF_LIGHT}}}",
            LIGHT,
        ),
        AT_HOSTS,
    ),
    "flake-utils-plus, without overlays": (
        flake(
            f"inputs@{{ self, utils, ... }}:\nutils.lib.mkFlake {{\n  inherit self inputs;\n\n{HOSTS_OF_PLUS}}}",
            PLUS,
        ),
        AT_HOSTS,
    ),
    "flake-utils-plus, with overlays": (
        flake(
            "{ self, utils, ... }@inputs:\nutils.lib.mkFlake {\n  inherit self inputs;\n"
            f"  sharedOverlays = [\n    {NAMED}\n  ];\n\n{HOSTS_OF_PLUS}}}",
            PLUS,
        ),
        AT_HOSTS,
    ),
    "flake-utils-plus, without a name for the inputs": (
        flake(
            "{ self, nixpkgs, utils }:\nutils.lib.mkFlake {\n  inherit self;\n"
            f"  inputs = {{ inherit self nixpkgs utils; }};\n\n{HOSTS_OF_PLUS}}}",
            PLUS,
        ),
        AT_HOSTS,
    ),
    "lite-config, without overlays": (
        flake(
            "inputs:\ninputs.flake-parts.lib.mkFlake { inherit inputs; } {\n"
            '  systems = [ "x86_64-linux" ];\n'
            "  imports = [ inputs.lite-config.flakeModule ];\n"
            "  lite-config = {\n    hostModuleDir = ./hosts;\n"
            '    hosts.argon.system = "x86_64-linux";\n    hosts.xenon.system = "x86_64-linux";\n  };\n}',
            PARTS,
            '  inputs.lite-config.url = "github:yelite/lite-config";\n',
        ),
        AT_HOSTS,
    ),
    "lite-config, with overlays in another file": (
        flake(
            "inputs:\ninputs.flake-parts.lib.mkFlake { inherit inputs; } {\n"
            '  systems = [ "x86_64-linux" ];\n'
            "  imports = [ inputs.lite-config.flakeModule ./lite.nix ];\n}",
            PARTS,
            '  inputs.lite-config.url = "github:yelite/lite-config";\n',
        ),
        {
            **AT_HOSTS,
            "lite.nix": "{ inputs, ... }:\n{\n  lite-config = {\n    hostModuleDir = ./hosts;\n"
            '    hosts.argon.system = "x86_64-linux";\n    hosts.xenon.system = "x86_64-linux";\n'
            f"    nixpkgs.overlays = [ {NAMED} ];\n  }};\n}}\n",
        },
    ),
    "easy-hosts, without shared modules": (
        flake(
            "inputs:\ninputs.flake-parts.lib.mkFlake { inherit inputs; } {\n"
            '  systems = [ "x86_64-linux" ];\n'
            "  imports = [ inputs.easy-hosts.flakeModule ];\n"
            "  easy-hosts.hosts = {\n    argon.path = ./hosts/argon;\n    xenon.path = ./hosts/xenon;\n  };\n}",
            PARTS,
            '  inputs.easy-hosts.url = "github:tgirlcloud/easy-hosts";\n',
        ),
        AT_HOSTS,
    ),
    "easy-hosts, with shared modules": (
        flake(
            "inputs:\ninputs.flake-parts.lib.mkFlake { inherit inputs; } {\n"
            '  systems = [ "x86_64-linux" ];\n'
            "  imports = [ inputs.easy-hosts.flakeModule ];\n"
            "  easy-hosts = {\n    shared.modules = [ ./shared.nix ];\n"
            "    hosts.argon.path = ./hosts/argon;\n    hosts.xenon.path = ./hosts/xenon;\n  };\n}",
            PARTS,
            '  inputs.easy-hosts.url = "github:tgirlcloud/easy-hosts";\n',
        ),
        {**AT_HOSTS, "shared.nix": f"{{ nixpkgs.overlays = [ {NAMED} ]; }}\n"},
    ),
}
HIVE = """\
{ self, nixpkgs, ... }@inputs:
{
  colmena = {
    meta = {
      nixpkgs = nixpkgs.legacyPackages.x86_64-linux // { inherit (nixpkgs) lib; system = "x86_64-linux"; };
      specialArgs = { inherit inputs; };
    };
DEFAULTS    argon = ./hosts/argon;
    xenon.imports = [ ./hosts/xenon ];
  };
  nixosConfigurations = (inputs.colmena.lib.makeHive self.colmena).nodes;
}"""
COLMENA = '  inputs.colmena.url = "github:zhaofengli/colmena";\n'
for what, defaults in {
    "no defaults": "",
    "defaults that are a set": '    defaults.networking.domain = "example.org";\n',
    "defaults that are a function": "    defaults =\n      { pkgs, ... }:\n      {\n        x = 1;\n      };\n",
    "defaults with overlays": f"    defaults.nixpkgs.overlays = [ {NAMED} ];\n",
}.items():
    FRAMEWORKS[f"colmena, with {what}"] = (flake(HIVE.replace("DEFAULTS", defaults), COLMENA), AT_HOSTS)


def fleet(name: str, folder: Path) -> Path:
    text, files = FRAMEWORKS[name]
    return write(folder, {"flake.nix": text, **files})


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_every_host_has_every_variant(name: str, evaluator: Evaluator, tmp_path: Path) -> None:
    folder = fleet(name, tmp_path / "fleet")
    before = evaluator.hosts(folder)
    assert {host: facts.error for host, facts in before.items()} == {"argon": None, "xenon": None}
    migrated(folder)
    for host, facts in evaluator.hosts(folder).items():
        assert facts.error is None
        assert "llama-cpp-cuda-native" in facts.packages
        assert facts.packages["llama-cpp"].origin == "llama.cpp"
        ours = [names for names in facts.overlays if "llama-cpp" in names]
        assert len(ours) == 2, "each overlay once"
        others = [names for names in facts.overlays if "llama-cpp" not in names]
        assert others == list(before[host].overlays)


@pytest.mark.parametrize("name", FRAMEWORKS)
def test_a_second_run_has_nothing_to_do(name: str, tmp_path: Path) -> None:
    folder = fleet(name, tmp_path / "fleet")
    migrated(folder)
    once = contents(folder)
    assert migrate(folder, "--check").code == 0
    migrated(folder)
    assert contents(folder) == once


def test_the_overlays_go_into_the_list_that_is_there(tmp_path: Path) -> None:
    folder = fleet("snowfall-lib, with overlays", tmp_path / "fleet")
    migrated(folder)
    assert (
        "      overlays = with inputs; [\n"
        f"        {NAMED}\n"
        "        inputs.llama-cpp.overlays.default\n"
        "        (import ./overlays/llama-cpp.nix { inherit inputs; })\n"
        "      ];\n"
    ) in (folder / "flake.nix").read_text()


def test_hosts_that_are_known_are_named(tmp_path: Path) -> None:
    run = migrate(fleet("flake-utils-plus, with overlays", tmp_path / "fleet"), "--check")
    assert "  argon  to migrate\n" in run.out
    assert "overlays added to `sharedOverlays` of flake-utils-plus" in run.out
    run = migrate(fleet("easy-hosts, with shared modules", tmp_path / "other"), "--check")
    assert "  every host of easy-hosts  to migrate\n" in run.out


def test_one_host_cannot_be_chosen(tmp_path: Path) -> None:
    folder = fleet("flake-utils-plus, with overlays", tmp_path / "fleet")
    before = contents(folder)
    for words in (("--host", "argon"), ("--exclude-host", "argon")):
        run = migrate(folder, *words)
        assert run.code == 2
        assert "flake-utils-plus gives its overlays to all of its hosts: they can only be migrated" in run.err
    assert contents(folder) == before


def test_a_set_that_is_not_written_in_the_flake_is_refused(tmp_path: Path) -> None:
    text = flake("inputs:\ninputs.snowfall-lib.mkFlake inputs.nixpkgs.given", SNOWFALL)
    run = migrate(write(tmp_path / "fleet", {"flake.nix": text, **AT_SYSTEMS}))
    assert run.code == 2
    assert "the hosts are made by snowfall-lib, not by a call of `nixosSystem`" in run.err


def test_a_list_that_may_be_elsewhere_is_refused(tmp_path: Path) -> None:
    text, files = FRAMEWORKS["snowfall-lib, with overlays"]
    text = text.replace("mkFlake {", "mkFlake ({").replace(
        "      ];\n    }", "      ];\n    } // inputs.nixpkgs.given)"
    )
    folder = write(tmp_path / "fleet", {"flake.nix": text, **files})
    before = contents(folder)
    run = migrate(folder)
    assert run.code == 2
    assert "the hosts of snowfall-lib: `overlays` may be set here" in run.err
    assert contents(folder) == before


def test_one_overlay_that_is_no_list_is_refused(tmp_path: Path) -> None:
    text, files = FRAMEWORKS["flakelight, with overlays, by its function"]
    text = (
        text.replace("[\n", "").replace("      ];\n", "      ;\n").replace(f"{NAMED}\n      ;", f"{NAMED};")
    )
    run = migrate(write(tmp_path / "fleet", {"flake.nix": text, **files}))
    assert run.code == 2
    assert "the hosts of flakelight: this is one overlay, not a list of them" in run.err


def test_variants_of_its_hosts_are_for_a_person_to_set(tmp_path: Path) -> None:
    folder = fleet("easy-hosts, without shared modules", tmp_path)
    run = migrate(folder, "--variant", "argon=cuda")
    assert run.code == 2
    message = "easy-hosts makes the hosts, so their modules are not known here: set the variants by hand"
    assert message in run.err


def test_arguments_are_renamed_where_all_packages_have_the_overlays(tmp_path: Path) -> None:
    folder = fleet("snowfall-lib, with overlays", tmp_path / "fleet")
    package = "{ pkgs }:\npkgs.llama-cpp.override { cudaSupport = true; }\n"
    changed = "{ pkgs }:\npkgs.llama-cpp.overrideAttrs { doCheck = false; }\n"
    write(folder, {"packages/one/default.nix": package, "packages/two/default.nix": changed})
    run = migrated(folder)
    text = (folder / "packages/one/default.nix").read_text()
    assert text == package.replace("cudaSupport", "useCuda")
    assert "packages/two/default.nix:2: this changes upstream's `llama-cpp` now" in run.out


def test_arguments_are_not_renamed_where_hosts_alone_have_the_overlays(tmp_path: Path) -> None:
    folder = fleet("easy-hosts, with shared modules", tmp_path / "fleet")
    package = "{ pkgs }:\npkgs.llama-cpp.override { cudaSupport = true; }\n"
    write(folder, {"packages/one/default.nix": package})
    run = migrate(folder)
    assert run.code == 2
    assert "upstream's `llama-cpp` has no argument `cudaSupport`, which is nixpkgs' own" in run.err
