"""`--include darwin` and `--include home`: hosts of other kinds get the overlays, and are left alone without it."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator, HostFacts
from migration_runs import OLD, contents, migrate, migrated, write

HEAD = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.nix-darwin.url = "github:nix-darwin/nix-darwin";
  inputs.nix-darwin.inputs.nixpkgs.follows = "nixpkgs";
  inputs.home-manager.url = "github:nix-community/home-manager";
  inputs.home-manager.inputs.nixpkgs.follows = "nixpkgs";

  outputs =
    { self, nixpkgs, ... }@inputs:
"""
# What flake.nix gets: the input, and a first module, at the place of `@` in what stands there before.
INPUT = """\
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
"""
MODULE = """\
{
  nixpkgs.overlays = [
    inputs.llama-cpp.overlays.default
    (import ./overlays/llama-cpp.nix { inherit inputs; })
  ];
}
"""


def with_input(text: str) -> str:
    """The flake with the new input, which stands behind the others."""
    return text.replace("\n\n  outputs", f"\n{INPUT}\n  outputs", 1)


def module(indent: int) -> str:
    """The new module as lines of their own."""
    return "".join(" " * indent + line for line in MODULE.splitlines(keepends=True))


def assert_is_fixed(folder: Path, *words: str) -> None:
    """A second run has nothing to do."""
    before = contents(folder)
    again = migrate(folder, *words)
    assert (again.code, again.err) == (0, "")
    assert "Nothing to do: every chosen host is migrated already." in again.out
    assert migrate(folder, *words, "--check").code == 0
    assert contents(folder) == before


# -- darwin ---------------------------------------------------------------------------------------

# One host of each kind by a call of its own.
APART = """\
    {
      nixosConfigurations.argon = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        specialArgs = { inherit inputs; };
        modules = [
          ./argon.nix
        ];
      };
      darwinConfigurations.mac = inputs.nix-darwin.lib.darwinSystem {
        system = "aarch64-darwin";
        specialArgs = { inherit inputs; };
        modules = [
          ./mac.nix
        ];
      };
    };
}
"""
# One call for both, and how it finds out what makes a host.
TOGETHER = """\
    let
      mkSystem =
        name:
        {
          system,
          darwin ? false,
        }:
        let
          make = MAKE;
        in
        make {
          inherit system;
          specialArgs = { inherit inputs; };
          modules = [
            (./. + "/${name}.nix")
          ];
        };
    in
    {
      nixosConfigurations.argon = mkSystem "argon" { system = "x86_64-linux"; };
      darwinConfigurations.mac = mkSystem "mac" {
        system = "aarch64-darwin";
        darwin = true;
      };
    };
}
"""
MAKERS = {
    "by an argument": "if darwin then inputs.nix-darwin.lib.darwinSystem else nixpkgs.lib.nixosSystem",
    "by the name of the platform": 'if nixpkgs.lib.hasSuffix "-darwin" system then inputs.nix-darwin.lib.darwinSystem '
    "else nixpkgs.lib.nixosSystem",
    "by a set": "{ mac = inputs.nix-darwin.lib.darwinSystem; argon = nixpkgs.lib.nixosSystem; }.${name}",
}
FILES = {
    "argon.nix": '{ pkgs, ... }:\n{ environment.systemPackages = [ pkgs.llama-cpp ]; networking.hostName = "argon"; }\n',
    "mac.nix": '{ pkgs, ... }:\n{ environment.systemPackages = [ pkgs.llama-cpp ]; networking.hostName = "mac"; }\n',
}


def darwin(folder: Path, body: str) -> Path:
    return write(folder, {"flake.nix": HEAD + body, **FILES})


def mac_of(evaluator: Evaluator, folder: Path) -> HostFacts:
    (mac,) = evaluator.hosts(folder, "darwinConfigurations").values()
    assert mac.error is None
    return mac


def assert_has_all(host: HostFacts) -> None:
    """A host has both overlays, last and once, and upstream's package as the default."""
    assert host.error is None
    assert [names[0] for names in host.overlays] == ["llama-cpp", "llama-cpp"]
    assert host.packages["llama-cpp"].origin == "llama.cpp"


def assert_is_for_a_mac(mac: HostFacts) -> None:
    """The packages of the recipe are those of an Apple chip: Metal by default, one backend in each variant."""
    assert mac.system == "aarch64-darwin"
    assert mac.packages["llama-cpp"].flag("GGML_METAL") == "TRUE"
    assert mac.packages["llama-cpp-vulkan"].flag("GGML_METAL") == "FALSE"
    assert mac.packages["llama-cpp-vulkan"].flag("GGML_VULKAN") == "TRUE"
    assert mac.packages["llama-cpp-vulkan-native"].is_native
    assert not mac.packages["llama-cpp-vulkan"].is_native
    assert "llama-cpp-cpu-apple-m1" in mac.packages
    assert {"llama-cpp-cuda", "llama-cpp-rocm", "llama-cpp-cpu-znver4"} <= mac.thrown
    assert mac.system_packages == ("llama-cpp-metalkit-0.0.0",)


def test_a_darwin_host_gets_the_overlays_where_it_is_included(evaluator: Evaluator, tmp_path: Path) -> None:
    folder = darwin(tmp_path / "fleet", APART)
    assert mac_of(evaluator, folder).packages["llama-cpp"].origin == "nixpkgs"
    run = migrated(folder, "--include", "darwin")
    assert "  argon                     migrated\n" in run.out
    assert "  darwinConfigurations.mac  migrated\n" in run.out
    text = with_input(HEAD + APART)
    for name in FILES:
        text = text.replace(f"          ./{name}\n", f"{module(10)}          ./{name}\n")
    assert (folder / "flake.nix").read_text() == text
    assert_has_all(evaluator.hosts(folder)["argon"])
    mac = mac_of(evaluator, folder)
    assert_has_all(mac)
    assert_is_for_a_mac(mac)
    assert_is_fixed(folder, "--include", "darwin")
    assert_is_fixed(folder)


def test_a_darwin_host_stays_as_it_is_where_it_is_not_included(evaluator: Evaluator, tmp_path: Path) -> None:
    folder = darwin(tmp_path / "fleet", APART)
    before = mac_of(evaluator, folder)
    run = migrated(folder)
    assert "mac" not in run.out
    assert (folder / "flake.nix").read_text() == with_input(HEAD + APART).replace(
        "          ./argon.nix\n", f"{module(10)}          ./argon.nix\n"
    )
    assert_has_all(evaluator.hosts(folder)["argon"])
    assert mac_of(evaluator, folder) == before
    assert_is_fixed(folder)


def test_a_darwin_host_may_be_included_later(evaluator: Evaluator, tmp_path: Path) -> None:
    at_once = darwin(tmp_path / "at-once", APART)
    migrated(at_once, "--include", "darwin")
    folder = darwin(tmp_path / "fleet", APART)
    migrated(folder)
    assert migrate(folder, "--include", "darwin", "--check").code == 1
    run = migrated(folder, "--include", "darwin")
    assert "  argon                     unchanged\n" in run.out
    assert run.out.endswith(f"  darwin-rebuild build --flake '{folder}#mac'\n")
    assert contents(folder) == contents(at_once)


def test_a_fleet_of_darwin_hosts_alone(evaluator: Evaluator, tmp_path: Path) -> None:
    body = APART[: APART.index("      nixosConf")] + APART[APART.index("      darwinConf") :]
    folder = darwin(tmp_path / "fleet", body)
    before = contents(folder)
    refused = migrate(folder, "--allow-no-vcs")
    assert refused.code == 2
    assert "the flake has no `nixosConfigurations` that are written here\n" in refused.err
    assert "^ --include darwin takes in darwinConfigurations.mac\n" in refused.err
    assert contents(folder) == before
    migrated(folder, "--include", "darwin")
    assert_has_all(mac_of(evaluator, folder))
    assert_is_fixed(folder, "--include", "darwin")


@pytest.mark.parametrize("name", MAKERS)
def test_one_call_for_both_kinds_is_edited_once(name: str, evaluator: Evaluator, tmp_path: Path) -> None:
    body = TOGETHER.replace("MAKE", MAKERS[name])
    folder = darwin(tmp_path / "fleet", body)
    assert mac_of(evaluator, folder).error is None
    migrated(folder, "--include", "darwin")
    line = '            (./. + "/${name}.nix")\n'
    assert (folder / "flake.nix").read_text() == with_input(HEAD + body).replace(line, module(12) + line)
    assert_has_all(evaluator.hosts(folder)["argon"])
    assert_has_all(mac_of(evaluator, folder))
    assert_is_for_a_mac(mac_of(evaluator, folder))
    assert_is_fixed(folder, "--include", "darwin")


@pytest.mark.parametrize("name", MAKERS)
def test_one_call_for_both_kinds_cannot_be_edited_for_one(name: str, tmp_path: Path) -> None:
    folder = darwin(tmp_path / "fleet", TOGETHER.replace("MAKE", MAKERS[name]))
    before = contents(folder)
    run = migrate(folder, "--allow-no-vcs")
    assert run.code == 2
    assert "host `argon`: this call makes darwinConfigurations.mac too, which is left out\n" in run.err
    assert "say --include darwin to take it in" in run.err
    assert contents(folder) == before


# -- home -----------------------------------------------------------------------------------------

HOMES = """\
    let
      system = "x86_64-linux";
    in
    {
      nixosConfigurations.argon = nixpkgs.lib.nixosSystem {
        inherit system;
        modules = [
          ./argon.nix
        ];
      };
      homeConfigurations."ada@argon" = inputs.home-manager.lib.homeManagerConfiguration {
        pkgs = PACKAGES;
        extraSpecialArgs = { inherit inputs; };
        modules = [
          ./home.nix
        ];
      };
    };
}
"""
HOME = {
    "argon.nix": FILES["argon.nix"],
    "home.nix": '{ pkgs, ... }:\n{ home.username = "ada"; home.packages = [ pkgs.llama-cpp ]; }\n',
}
PACKAGES = {
    "nixpkgs as it is": "nixpkgs.legacyPackages.${system}",
    "nixpkgs as it is, of a system by name": "inputs.nixpkgs.legacyPackages.x86_64-linux",
    "nixpkgs imported": "import nixpkgs { inherit system; }",
    "nixpkgs imported with settings": "import inputs.nixpkgs {\n          inherit system;\n          "
    "config.allowUnfree = true;\n        }",
    "nixpkgs imported with overlays": "import nixpkgs {\n          inherit system;\n          overlays = [\n"
    "            (final: prev: { ours = prev.hello; })\n          ];\n        }",
}


def homes(folder: Path, packages: str) -> Path:
    return write(folder, {"flake.nix": HEAD + HOMES.replace("PACKAGES", packages), **HOME})


def home_of(evaluator: Evaluator, folder: Path) -> HostFacts:
    (home,) = evaluator.hosts(folder, "homeConfigurations").values()
    assert home.error is None
    return home


@pytest.mark.parametrize("name", PACKAGES)
def test_a_home_gets_the_overlays_where_it_is_included(
    name: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = homes(tmp_path / "fleet", PACKAGES[name])
    before = home_of(evaluator, folder)
    assert before.system_packages == ("llama-cpp-6729",)
    run = migrated(folder, "--include", "home")
    assert "  argon                         migrated\n" in run.out
    assert "  homeConfigurations.ada@argon  migrated\n" in run.out
    assert run.out.endswith(f"  nixos-rebuild build --flake '{folder}#argon'\n")
    text = with_input(HEAD + HOMES.replace("PACKAGES", PACKAGES[name]))
    for file in HOME:
        text = text.replace(f"          ./{file}\n", f"{module(10)}          ./{file}\n")
    assert (folder / "flake.nix").read_text() == text
    home = home_of(evaluator, folder)
    assert [names[0] for names in home.overlays[-2:]] == ["llama-cpp", "llama-cpp"]
    assert home.overlays[:-2] == before.overlays
    assert home.packages["llama-cpp"].origin == "llama.cpp"
    assert home.packages["llama-cpp-cuda-native"].is_native
    assert home.system_packages == ("llama-cpp-blas-0.0.0",)
    assert_has_all(evaluator.hosts(folder)["argon"])
    assert_is_fixed(folder, "--include", "home")
    assert_is_fixed(folder)


@pytest.mark.parametrize("name", PACKAGES)
def test_a_home_stays_as_it_is_where_it_is_not_included(
    name: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = homes(tmp_path / "fleet", PACKAGES[name])
    before = home_of(evaluator, folder)
    run = migrated(folder)
    assert "ada" not in run.out
    text = with_input(HEAD + HOMES.replace("PACKAGES", PACKAGES[name]))
    assert (folder / "flake.nix").read_text() == text.replace(
        "          ./argon.nix\n", f"{module(10)}          ./argon.nix\n"
    )
    assert home_of(evaluator, folder) == before
    assert_is_fixed(folder)


def test_a_package_set_that_homes_share_gets_no_overlays_itself(evaluator: Evaluator, tmp_path: Path) -> None:
    body = HOMES.replace("PACKAGES", "packages").replace(
        "    in\n", "      packages = import nixpkgs { inherit system; };\n    in\n", 1
    )
    second = body[body.index("      homeConf") : body.index("    };\n}")].replace("ada@argon", "grace")
    body = body.replace(
        "    };\n}", f"{second}      packages.${{system}}.hello = packages.hello;\n    }};\n}}"
    )
    folder = write(tmp_path / "fleet", {"flake.nix": HEAD + body, **HOME})
    migrated(folder, "--include", "home")
    assert "      packages = import nixpkgs { inherit system; };\n" in (folder / "flake.nix").read_text()
    both = evaluator.hosts(folder, "homeConfigurations")
    assert sorted(both) == ["ada@argon", "grace"]
    for home in both.values():
        assert_has_all(home)
    assert_is_fixed(folder, "--include", "home")


def test_a_home_has_the_shared_module_by_its_path(evaluator: Evaluator, tmp_path: Path) -> None:
    folder = homes(tmp_path / "fleet", PACKAGES["nixpkgs as it is"])
    migrated(folder, "--include", "home", "--layout", "module")
    text = (folder / "flake.nix").read_text()
    path = "./modules/llama-cpp-overlays.nix"
    assert f"          {path}\n          ./home.nix\n" in text
    assert f"          (import {path} {{ inherit inputs; }})\n          ./argon.nix\n" in text
    assert_has_all(home_of(evaluator, folder))
    assert_has_all(evaluator.hosts(folder)["argon"])
    assert_is_fixed(folder, "--include", "home", "--layout", "module")


def test_both_kinds_may_be_included(evaluator: Evaluator, tmp_path: Path) -> None:
    body = HOMES.replace("PACKAGES", PACKAGES["nixpkgs as it is"])
    mac = APART[APART.index("      darwinConf") : APART.index("    };\n}")]
    folder = write(
        tmp_path / "fleet",
        {"flake.nix": HEAD + body.replace("    };\n}", f"{mac}    }};\n}}"), **HOME, **FILES},
    )
    migrated(folder, "--include", "darwin", "--include", "home")
    assert_has_all(home_of(evaluator, folder))
    assert_has_all(mac_of(evaluator, folder))
    assert_has_all(evaluator.hosts(folder)["argon"])
    assert_is_fixed(folder, "--include", "darwin", "--include", "home")


# The old overlay where a home's packages are made: in its call, or in a `let`.
OLD_USE = "(import ./overlays/llama-cpp-variants.nix)"
WITH_OLD = {
    "in the call": (f"import nixpkgs {{ inherit system; overlays = [ {OLD_USE} ]; }}", ""),
    "in a let": (
        "packages",
        f"      packages = import nixpkgs {{ inherit system; overlays = [ {OLD_USE} ]; }};\n",
    ),
}


@pytest.mark.parametrize("name", WITH_OLD)
def test_the_old_overlay_of_a_home_s_packages_goes_with_it_and_stays_without(
    name: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    packages, let = WITH_OLD[name]
    body = HOMES.replace("PACKAGES", packages).replace("    in\n", f"{let}    in\n", 1)
    old = {"overlays/llama-cpp-variants.nix": OLD}
    folder = write(tmp_path / "fleet", {"flake.nix": HEAD + body, **HOME, **old})
    before = home_of(evaluator, folder)
    assert before.overlays == (("llama-cpp-cuda",),)
    run = migrated(folder)
    assert (
        "note: overlays/llama-cpp-variants.nix stays: hosts that are left out use it, and --include"
        in run.out
    )
    assert OLD_USE in (folder / "flake.nix").read_text()
    assert home_of(evaluator, folder) == before
    assert_has_all(evaluator.hosts(folder)["argon"])
    run = migrated(folder, "--include", "home")
    assert run.out.endswith(f"  home-manager build --flake '{folder}#ada@argon'\n")
    assert "llama-cpp-variants" not in b"".join(contents(folder).values()).decode()
    assert_has_all(home_of(evaluator, folder))
    assert_is_fixed(folder, "--include", "home")
