"""The variant that each host and user chooses: put into the module and the spelling that are there."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import contents, migrate, migrated, write

FLAKE = """\
{
  inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
    home-manager = {
      url = "github:nix-community/home-manager";
      inputs.nixpkgs.follows = "nixpkgs";
    };
  };

  outputs =
    { self, nixpkgs, ... }@inputs:
    {
      nixosConfigurations = {
        argon = nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = [ ./argon.nix ];
        };
      };
    };
}
"""

# A module, and the line that it has for the variant `cuda` afterwards in the place of another one, or
# beside all that it had.
SPELLINGS = {
    "with pkgs": (
        "{ pkgs, ... }:\n{\n  environment.systemPackages = with pkgs; [\n    hello\n    vim # mine\n  ];\n}\n",
        "    vim # mine\n+    llama-cpp-cuda\n",
    ),
    "pkgs.x": (
        "{ pkgs, ... }:\n{\n  environment.systemPackages = [ pkgs.hello ];\n}\n",
        "-  environment.systemPackages = [ pkgs.hello ];\n"
        "+  environment.systemPackages = [\n+    pkgs.hello\n+    pkgs.llama-cpp-cuda\n+  ];\n",
    ),
    "pkgs.x within with": (
        "{ pkgs, lib, ... }:\n{\n  environment.systemPackages = with lib; [\n    pkgs.hello\n  ];\n}\n",
        "    pkgs.hello\n+    pkgs.llama-cpp-cuda\n",
    ),
    "joined lists": (
        "{ pkgs, lib, ... }:\n{\n  environment.systemPackages =\n    with pkgs;\n    [\n      hello\n    ]\n"
        "    ++ lib.optionals true [\n      vim\n    ];\n}\n",
        "      hello\n+      llama-cpp-cuda\n",
    ),
    "an older package in its place": (
        "{ pkgs, ... }:\n{\n  environment.systemPackages = with pkgs; [\n    llama-cpp # slow\n    vim\n  ];\n}\n",
        "-    llama-cpp # slow\n+    llama-cpp-cuda # slow\n",
    ),
    "an older variant under a condition": (
        "{ pkgs, lib, ... }:\n{\n  environment.systemPackages = lib.mkIf true [\n    pkgs.llama-cpp-vulkan\n  ];\n}\n",
        "-    pkgs.llama-cpp-vulkan\n+    pkgs.llama-cpp-cuda\n",
    ),
    "a package with arguments": (
        "{ pkgs, ... }:\n{\n  environment.systemPackages = [\n"
        "    (pkgs.llama-cpp.override { cudaSupport = true; })\n    pkgs.vim\n  ];\n}\n",
        "-    (pkgs.llama-cpp.override { cudaSupport = true; })\n+    pkgs.llama-cpp-cuda\n",
    ),
    "an older package among inherited ones": (
        "{ pkgs, ... }:\n{\n  environment.systemPackages = builtins.attrValues {\n    inherit (pkgs)\n      hello\n"
        "      llama-cpp # slow\n      ;\n  };\n}\n",
        "-      llama-cpp # slow\n+      llama-cpp-cuda # slow\n",
    ),
    "an older package with two sets around": (
        "{ pkgs, lib, ... }:\nwith pkgs;\nwith lib;\n{\n  environment.systemPackages = [ llama-cpp ];\n}\n",
        "-  environment.systemPackages = [ llama-cpp ];\n+  environment.systemPackages = [ llama-cpp-cuda ];\n",
    ),
    "an older package in quotes": (
        '{ pkgs, ... }:\n{\n  environment.systemPackages = [ pkgs."llama-cpp" ];\n}\n',
        "+  environment.systemPackages = [ pkgs.llama-cpp-cuda ];\n",
    ),
    "no list": (
        '{ pkgs, ... }:\n{\n  networking.hostName = "argon";\n  services.openssh.enable = true;\n}\n',
        '   networking.hostName = "argon";\n   services.openssh.enable = true;\n'
        "+  environment.systemPackages = [ pkgs.llama-cpp-cuda ];\n",
    ),
    "a sibling": (
        '{ pkgs, ... }:\n{\n  environment.variables.EDITOR = "vim";\n  networking.hostName = "argon";\n}\n',
        '   environment.variables.EDITOR = "vim";\n'
        "+  environment.systemPackages = [ pkgs.llama-cpp-cuda ];\n",
    ),
    "no pkgs among the arguments": (
        '{ config, ... }:\n{\n  networking.hostName = "argon";\n}\n',
        '-{ config, ... }:\n+{ config, pkgs, ... }:\n {\n   networking.hostName = "argon";\n'
        "+  environment.systemPackages = [ pkgs.llama-cpp-cuda ];\n",
    ),
    "no arguments": (
        '# The cupboard.\n{\n  networking.hostName = "argon";\n}\n',
        ' # The cupboard.\n+{ pkgs, ... }:\n {\n   networking.hostName = "argon";\n'
        "+  environment.systemPackages = [ pkgs.llama-cpp-cuda ];\n",
    ),
    "config": (
        "{ lib, ... }:\n{\n  options.argon.on = lib.mkOption { default = true; };\n"
        '  config = {\n    networking.hostName = "argon";\n  };\n}\n',
        '     networking.hostName = "argon";\n'
        "+    environment.systemPackages = [ pkgs.llama-cpp-cuda ];\n",
    ),
    "merged sets": (
        '{ lib, ... }:\n{\n  config = lib.mkMerge [\n    {\n      networking.hostName = "argon";\n    }\n'
        '    (lib.mkIf false { networking.domain = "x"; })\n  ];\n}\n',
        '       networking.hostName = "argon";\n+      environment.systemPackages = [ pkgs.llama-cpp-cuda ];\n',
    ),
    "an older package in merged sets": (
        "{ lib, pkgs, ... }:\n{\n  config = lib.mkMerge [\n    {\n      environment.systemPackages = [\n"
        "        pkgs.llama-cpp\n      ];\n    }\n  ];\n}\n",
        "-        pkgs.llama-cpp\n+        pkgs.llama-cpp-cuda\n",
    ),
    "let": (
        "{ pkgs, ... }:\nlet\n  editors = [ pkgs.vim ];\nin\n{\n"
        "  environment.systemPackages = editors ++ [ pkgs.hello ];\n}\n",
        "+    pkgs.hello\n+    pkgs.llama-cpp-cuda\n",
    ),
    "a computed list": (
        "{ pkgs, lib, ... }:\n{\n  environment.systemPackages = lib.attrValues { inherit (pkgs) hello; };\n}\n",
        "+  environment.systemPackages = lib.attrValues { inherit (pkgs) hello; } ++ [ pkgs.llama-cpp-cuda ];\n",
    ),
    "a computed list on a long line": (
        "{ pkgs, lib, ... }:\n{\n  environment.systemPackages = "
        'lib.filter (package: package.name != "vim") (lib.attrValues { inherit (pkgs) hello; });\n}\n',
        "(lib.attrValues { inherit (pkgs) hello; }) ++ [\n+    pkgs.llama-cpp-cuda\n+  ];\n",
    ),
    "computed within a with": (
        "{ pkgs, ... }:\n{\n  environment.systemPackages = with builtins; attrValues { inherit (pkgs) vim; };\n}\n",
        "(with builtins; attrValues { inherit (pkgs) vim; }) ++ [\n+    pkgs.llama-cpp-cuda\n+  ];\n",
    ),
    "a choice between lists": (
        "{ pkgs, ... }:\n{\n  environment.systemPackages = if true then [ pkgs.vim ] else [ ];\n}\n",
        "(if true then [ pkgs.vim ] else [ ]) ++ [ pkgs.llama-cpp-cuda ];\n",
    ),
    "an older package by a name": (
        "{ pkgs, ... }:\nlet\n  llama = pkgs.llama-cpp.override { cudaSupport = true; };\nin\n{\n"
        "  environment.systemPackages = [\n    pkgs.vim\n    llama\n  ];\n}\n",
        "-  llama = pkgs.llama-cpp.override { cudaSupport = true; };\n+  llama = pkgs.llama-cpp-cuda;\n in",
    ),
    "an older package in a list with a name": (
        "{ pkgs, ... }:\nlet\n  models = with pkgs; [\n    llama-cpp # slow\n    vim\n  ];\nin\n{\n"
        "  environment.systemPackages = models ++ [ pkgs.hello ];\n}\n",
        "-    llama-cpp # slow\n+    llama-cpp-cuda # slow\n",
    ),
    "an older package in a set with a name": (
        "{ pkgs, ... }:\nlet\n  tools = {\n    llama = pkgs.llama-cpp;\n    editor = pkgs.vim;\n  };\nin\n{\n"
        "  environment.systemPackages = [\n    tools.editor\n    tools.llama\n  ];\n}\n",
        "-    llama = pkgs.llama-cpp;\n+    llama = pkgs.llama-cpp-cuda;\n",
    ),
    "an older package by an inherited name": (
        "{ pkgs, ... }:\nlet\n  inherit (pkgs) llama-cpp vim;\nin\n{\n"
        "  environment.systemPackages = [\n    vim\n    llama-cpp\n  ];\n}\n",
        "-  inherit (pkgs) llama-cpp vim;\n+  inherit (pkgs) llama-cpp-cuda vim;\n in\n {\n"
        "   environment.systemPackages = [\n     vim\n-    llama-cpp\n+    llama-cpp-cuda\n",
    ),
    "an older package among inherited ones in a list with a name": (
        "{ pkgs, ... }:\nlet\n  tools = builtins.attrValues { inherit (pkgs) llama-cpp vim; };\nin\n{\n"
        "  environment.systemPackages = tools;\n}\n",
        "+  tools = builtins.attrValues { inherit (pkgs) llama-cpp-cuda vim; };\n",
    ),
    "an older package that is optional": (
        "{ pkgs, lib, ... }:\n{\n  environment.systemPackages = [ pkgs.vim ] ++ lib.optional true pkgs.llama-cpp;\n}\n",
        "-  environment.systemPackages = [ pkgs.vim ] ++ lib.optional true pkgs.llama-cpp;\n"
        "+  environment.systemPackages = [ pkgs.vim ] ++ lib.optional true pkgs.llama-cpp-cuda;\n",
    ),
    "an older package among values": (
        "{ pkgs, lib, ... }:\n{\n  environment.systemPackages = lib.attrValues {\n    llama = pkgs.llama-cpp;\n"
        "    inherit (pkgs) vim;\n  };\n}\n",
        "-    llama = pkgs.llama-cpp;\n+    llama = pkgs.llama-cpp-cuda;\n",
    ),
    "ordered": (
        "{ pkgs, lib, ... }:\n{\n  environment.systemPackages = lib.mkBefore [\n    pkgs.vim\n  ];\n}\n",
        "     pkgs.vim\n+    pkgs.llama-cpp-cuda\n",
    ),
    "merged lists": (
        "{ pkgs, lib, ... }:\n{\n  environment.systemPackages = lib.mkMerge [\n    (lib.mkIf false [ pkgs.vim ])\n"
        "    [\n      pkgs.hello\n    ]\n  ];\n}\n",
        "       pkgs.hello\n+      pkgs.llama-cpp-cuda\n",
    ),
    "an argument without a name": (
        '_: {\n  networking.hostName = "argon";\n}\n',
        '-_: {\n+{ pkgs, ... }: {\n   networking.hostName = "argon";\n'
        "+  environment.systemPackages = [ pkgs.llama-cpp-cuda ];\n",
    ),
    "an argument with a name": (
        'args: {\n  networking.hostName = args.lib.id "argon";\n}\n',
        "-args: {\n+{ pkgs, ... }@args: {\n",
    ),
    "with lib around": (
        '{ lib, ... }:\nwith lib;\n{\n  networking.hostName = id "argon";\n}\n',
        "-{ lib, ... }:\n+{ lib, pkgs, ... }:\n with lib;\n",
    ),
    "a module in a module": (
        "{ pkgs, ... }:\n{\n  imports = [\n    {\n      environment.systemPackages = [\n        pkgs.vim\n"
        "      ];\n    }\n  ];\n}\n",
        "         pkgs.vim\n+        pkgs.llama-cpp-cuda\n",
    ),
    "forced": (
        "{ pkgs, lib, ... }:\n{\n  environment.systemPackages = lib.mkForce (\n    with pkgs;\n    [\n      vim\n    ]\n  );\n}\n",
        "       vim\n+      llama-cpp-cuda\n",
    ),
}  # fmt: skip


def fleet(folder: Path, files: dict[str, str], flake: str = FLAKE) -> Path:
    return write(folder / "fleet", {"flake.nix": flake, **files})


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_a_variant_goes_where_the_host_lists_its_packages(
    spelling: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    module, change = SPELLINGS[spelling]
    folder = fleet(tmp_path, {"argon.nix": module})
    (before,) = evaluator.hosts(folder).values()
    assert before.error is None
    run = migrated(folder, "--variant", "argon=cuda", "--show-diff")
    assert change in run.out, run.out
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert [name for name in after.system_packages if "llama-cpp" in name] == ["llama-cpp-cuda-0.0.0"]
    others = {name for name in before.system_packages if not name.startswith("llama-cpp")}
    assert others == {name for name in after.system_packages if "llama-cpp" not in name}
    again = migrate(folder, "--variant", "argon=cuda", "--check")
    assert again.code == 0, again
    assert " too, by " not in run.out + again.out


# Modules whose older package is not simply replaced, and what is said of it.
REMARKS = {
    "a name with two uses": (
        "{ pkgs, ... }:\nlet\n  llama = pkgs.llama-cpp;\nin\n{\n  environment.systemPackages = [ llama ];\n"
        "  environment.etc.llama.source = llama;\n}\n",
        "note: `argon` has llama-cpp too, by argon.nix:3: both bring the same programs",
    ),
    "part of another package": (
        "{ pkgs, ... }:\n{\n  environment.systemPackages = [\n"
        '    (pkgs.buildEnv {\n      name = "tools";\n      paths = [ pkgs.llama-cpp ];\n    })\n  ];\n}\n',
        "note: argon.nix:6 has a use for llama-cpp that is left as it is",
    ),
    "an argument of a function with a name": (
        "{ pkgs, ... }:\nlet\n  small = package: package;\n  llama = small pkgs.llama-cpp;\nin\n{\n"
        "  environment.systemPackages = [ llama ];\n}\n",
        "note: argon.nix:4 has a use for llama-cpp that is left as it is",
    ),
    "a name that is taken": (
        "{ pkgs, ... }:\nlet\n  inherit (pkgs) llama-cpp;\n  llama-cpp-cuda = pkgs.vim;\nin\n{\n"
        "  environment.systemPackages = [\n    llama-cpp\n    llama-cpp-cuda\n  ];\n}\n",
        "note: `argon` has llama-cpp too, by argon.nix:3: both bring the same programs",
    ),
    "a condition": (
        "{ pkgs, lib, config, ... }:\n{\n"
        "  environment.systemPackages = lib.mkIf config.networking.enableIPv6 [ pkgs.llama-cpp ];\n}\n",
        "note: `argon` has llama-cpp-cuda only where `config.networking.enableIPv6` holds, by argon.nix:3",
    ),
    "a choice": (
        "{ pkgs, lib, config, ... }:\n{\n"
        "  environment.systemPackages = if config.x then [ pkgs.llama-cpp ] else [ pkgs.vim ];\n}\n",
        "note: `argon` has llama-cpp-cuda only where `config.x` holds, by argon.nix:3",
    ),
}


@pytest.mark.parametrize("case", REMARKS)
def test_what_is_not_simply_replaced_is_said(case: str, tmp_path: Path) -> None:
    module, remark = REMARKS[case]
    folder = fleet(tmp_path, {"argon.nix": module})
    run = migrated(folder, "--variant", "argon=cuda")
    assert remark in run.out, run.out
    again = migrate(folder, "--variant", "argon=cuda", "--check")
    assert again.code == 0, again
    assert remark in again.out


TWO = FLAKE.replace(
    """          modules = [ ./argon.nix ];
        };
""",
    """          modules = [
            ./argon.nix
            ./common.nix
          ];
        };
        krypton = nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = [
            ./krypton.nix
            ./common.nix
          ];
        };
""",
)
PLAIN = '{ pkgs, ... }:\n{\n  networking.hostName = "x";\n}\n'
COMMON = "{ pkgs, ... }:\n{\n  environment.systemPackages = [\n    pkgs.vim\n    pkgs.llama-cpp\n  ];\n}\n"


def packages(evaluator: Evaluator, folder: Path) -> dict[str, list[str]]:
    """The packages of each host, without versions."""
    return {
        name: sorted(package.removesuffix("-0.0.0") for package in host.system_packages)
        for name, host in evaluator.hosts(folder).items()
    }


def test_a_module_that_several_hosts_have_is_left_alone(evaluator: Evaluator, tmp_path: Path) -> None:
    files = {"argon.nix": PLAIN, "krypton.nix": PLAIN, "common.nix": COMMON}
    folder = fleet(tmp_path, files, TWO)
    run = migrated(folder, "--variant", "argon=cuda", "--variant", "krypton=vulkan")
    assert (folder / "common.nix").read_text() == COMMON
    assert "note: `argon` has llama-cpp too, by common.nix:5: both bring the same programs" in run.out
    found = packages(evaluator, folder)
    assert "llama-cpp-cuda" in found["argon"]
    assert "llama-cpp-vulkan" in found["krypton"]
    assert "llama-cpp-vulkan" not in found["argon"]


PERHAPS = (
    "{ config, lib, ... }:\n{\n  imports = lib.optional (builtins.pathExists (toString ./. + builtins.storeDir)) ./llama.nix;\n"
    '  networking.hostName = "x";\n}\n'
)


def test_a_module_that_is_perhaps_imported_gets_nothing_new(evaluator: Evaluator, tmp_path: Path) -> None:
    llama = "{ pkgs, ... }:\n{\n  environment.systemPackages = [ pkgs.vim ];\n}\n"
    files = {"argon.nix": PERHAPS, "llama.nix": llama}
    folder = fleet(tmp_path, files)
    migrated(folder, "--variant", "argon=cuda")
    assert (folder / "llama.nix").read_text() == llama
    assert "llama-cpp-cuda" in packages(evaluator, folder)["argon"]


def test_a_package_in_a_module_that_is_perhaps_imported_stays_with_a_word(tmp_path: Path) -> None:
    llama = "{ pkgs, ... }:\n{\n  environment.systemPackages = [ pkgs.llama-cpp ];\n}\n"
    folder = fleet(tmp_path, {"argon.nix": PERHAPS, "llama.nix": llama})
    run = migrated(folder, "--variant", "argon=cuda")
    assert "note: `argon` has llama-cpp too, by llama.nix:3: both bring the same programs" in run.out
    assert "pkgs.llama-cpp-cuda" in (folder / "argon.nix").read_text()
    there = fleet(tmp_path / "there", {"argon.nix": PERHAPS, "llama.nix": llama.replace("-cpp", "-cpp-cuda")})
    run = migrated(there, "--variant", "argon=cuda")
    note = "note: `argon` has llama-cpp-cuda only where it has llama.nix, which is not known without Nix"
    assert note in run.out, run.out


def test_a_host_that_may_have_the_module_too_is_named(tmp_path: Path) -> None:
    computed = TWO.replace("./krypton.nix", "(inputs.helper.pick [ ./argon.nix ])")
    folder = fleet(tmp_path, {"argon.nix": PLAIN, "common.nix": COMMON}, computed)
    run = migrated(folder, "--variant", "argon=cuda", "--host", "argon")
    remark = "note: whether `krypton` has modules of other hosts, and gets what they get, is not known"
    assert remark in run.out, run.out


def test_a_module_whose_hosts_all_choose_the_same_is_edited_once(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    files = {"argon.nix": PLAIN, "krypton.nix": PLAIN, "common.nix": COMMON}
    folder = fleet(tmp_path, files, TWO)
    migrated(folder, "--variant", "argon=cuda", "--variant", "krypton=cuda")
    assert (folder / "common.nix").read_text() == COMMON.replace("pkgs.llama-cpp\n", "pkgs.llama-cpp-cuda\n")
    found = packages(evaluator, folder)
    assert found["argon"] == found["krypton"]
    assert "llama-cpp-cuda" in found["argon"]


def test_a_list_that_belongs_to_something_else_is_left_alone(evaluator: Evaluator, tmp_path: Path) -> None:
    module = PLAIN.replace("  networking", "  imports = [ ./chromecast.nix ];\n\n  networking")
    chromecast = COMMON.replace("    pkgs.llama-cpp\n", "")
    folder = fleet(tmp_path, {"argon.nix": module, "chromecast.nix": chromecast})
    migrated(folder, "--variant", "argon=vulkan")
    assert (folder / "chromecast.nix").read_text() == chromecast
    assert "llama-cpp-vulkan" in packages(evaluator, folder)["argon"]


def test_a_file_that_shows_no_layout_follows_the_flakes(tmp_path: Path) -> None:
    alejandra = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs = {nixpkgs, ...} @ inputs: {
    nixosConfigurations.argon = nixpkgs.lib.nixosSystem {
      system = "x86_64-linux";
      modules = [./argon.nix];
    };
  };
}
"""
    folder = fleet(tmp_path, {"argon.nix": '{\n  networking.hostName = "x";\n}\n'}, alejandra)
    migrated(folder, "--variant", "argon=vulkan")
    assert (folder / "argon.nix").read_text() == (
        '{pkgs, ...}: {\n  networking.hostName = "x";\n  environment.systemPackages = [pkgs.llama-cpp-vulkan];\n}\n'
    )


def test_generated_files_stay(evaluator: Evaluator, tmp_path: Path) -> None:
    generated = (
        "# Do not modify this file!  It was generated by a program.\n"
        "{ pkgs, ... }:\n{\n  environment.systemPackages = [ pkgs.hello ];\n}\n"
    )
    flake = FLAKE.replace("[ ./argon.nix ]", "[ ./hardware.nix ./argon.nix ]")
    folder = fleet(tmp_path, {"argon.nix": PLAIN, "hardware.nix": generated}, flake)
    migrated(folder, "--variant", "argon=vulkan")
    assert (folder / "hardware.nix").read_text() == generated
    assert "llama-cpp-vulkan" in packages(evaluator, folder)["argon"]


def test_a_package_of_the_old_overlay_is_replaced_with_the_overlay(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    flake = FLAKE.replace(
        "[ ./argon.nix ]",
        "[ { nixpkgs.overlays = [ (import ./nixos/pkgs/llama-cpp-variants.nix) ]; } ./argon.nix ]",
    )
    old = 'final: prev: {\n  llama-cpp-tigerlake = prev.llama-cpp.overrideAttrs { pname = "x"; };\n}\n'
    module = COMMON.replace("llama-cpp", "llama-cpp-tigerlake")
    files = {"argon.nix": module, "nixos/pkgs/llama-cpp-variants.nix": old}
    folder = fleet(tmp_path, files, flake)
    before = contents(folder)
    refused = migrate(folder, "--allow-no-vcs")
    assert refused.code == 2
    assert (
        "`llama-cpp-tigerlake` is used here, and only `nixos/pkgs/llama-cpp-variants.nix` defines it"
        in refused.err
    )
    assert contents(folder) == before
    migrated(folder, "--variant", "argon=cpu")
    assert not (folder / "nixos/pkgs/llama-cpp-variants.nix").exists()
    assert (folder / "argon.nix").read_text() == module.replace("llama-cpp-tigerlake", "llama-cpp-cpu")
    assert evaluator.hosts(folder)["argon"].packages["llama-cpp-cpu"].is_native


HOME = FLAKE.replace(
    "[ ./argon.nix ]",
    """[
            ./argon.nix
            inputs.home-manager.nixosModules.home-manager
            {
              home-manager.useGlobalPkgs = true;
              home-manager.users.ada = import ./home/ada.nix;
              home-manager.users.bob.imports = [ ./home/bob.nix ];
            }
          ]""",
)
ADA = "{ pkgs, ... }:\n{\n  home.packages = with pkgs; [\n    fd\n    jq\n  ];\n}\n"
BOB = "{\n  programs.git.enable = true;\n}\n"


def test_users_get_variants_too(evaluator: Evaluator, tmp_path: Path) -> None:
    files = {"argon.nix": PLAIN, "home/ada.nix": ADA, "home/bob.nix": BOB}
    folder = fleet(tmp_path, files, HOME)
    migrated(folder, "--home-variant", "ada=vulkan", "--home-variant", "bob@argon=cpu")
    assert (folder / "home/ada.nix").read_text() == ADA.replace("    jq\n", "    jq\n    llama-cpp-vulkan\n")
    assert (folder / "home/bob.nix").read_text() == (
        "{ pkgs, ... }:\n{\n  programs.git.enable = true;\n  home.packages = [ pkgs.llama-cpp-cpu ];\n}\n"
    )
    homes = evaluator.hosts(folder)["argon"].home_packages
    assert "llama-cpp-vulkan-0.0.0" in homes["ada"]
    assert [name for name in homes["bob"] if "llama-cpp" in name] == ["llama-cpp-blas-native-0.0.0"]
    assert migrate(folder, "--home-variant", "ada=vulkan", "--check").code == 0


USERS = """\
{ %s... }:
{
  imports = [ inputs.home-manager.nixosModules.home-manager ];
  home-manager.useGlobalPkgs = true;
%s}
"""

# What a host's module has for its user, with its arguments, and a line of the diff.
WRITTEN_USERS = {
    "a set": (
        "inputs, pkgs, ",
        "  home-manager.users.ada = {\n    home.packages = [\n      pkgs.vim\n    ];\n  };\n",
        "       pkgs.vim\n+      pkgs.llama-cpp-cuda\n",
    ),
    "a set without packages": (
        "inputs, ",
        "  home-manager.users.ada = {\n    home.language = 1;\n  };\n",
        "     home.language = 1;\n+    home.packages = [ pkgs.llama-cpp-cuda ];\n",
    ),
    "a function": (
        "inputs, pkgs, ",
        "  home-manager.users.ada = { lib, ... }: {\n    home.language = lib.id 1;\n  };\n",
        "+    home.packages = [ pkgs.llama-cpp-cuda ];\n",
    ),
    "merged sets": (
        "inputs, pkgs, lib, ",
        "  home-manager.users.ada = lib.mkMerge [\n    {\n      home.packages = [\n        pkgs.vim\n      ];\n"
        "    }\n    (lib.mkIf false { home.language = 1; })\n  ];\n",
        "         pkgs.vim\n+        pkgs.llama-cpp-cuda\n",
    ),
    "bindings": (
        "inputs, pkgs, ",
        "  home-manager.users.ada.home.language = 1;\n  home-manager.users.bob.home.language = 2;\n",
        "+  home-manager.users.ada.home.packages = [ pkgs.llama-cpp-cuda ];\n",
    ),
    "a binding that has the packages": (
        "inputs, pkgs, ",
        "  home-manager.users.ada.home.packages = with pkgs; [\n    llama-cpp\n  ];\n",
        "-    llama-cpp\n+    llama-cpp-cuda\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("written", WRITTEN_USERS)
def test_a_user_may_be_written_in_the_hosts_own_module(
    written: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    arguments, users, change = WRITTEN_USERS[written]
    flake = FLAKE.replace("modules =", "specialArgs = { inherit inputs; };\n          modules =")
    folder = fleet(tmp_path, {"argon.nix": USERS % (arguments, users)}, flake)
    run = migrated(folder, "--home-variant", "ada=cuda", "--show-diff")
    assert change in run.out, run.out
    (host,) = evaluator.hosts(folder).values()
    assert host.error is None
    found = {name: [one for one in has if "llama" in one] for name, has in host.home_packages.items()}
    assert found == {name: ["llama-cpp-cuda-0.0.0"] if name == "ada" else [] for name in found}
    assert not host.system_packages
    assert migrate(folder, "--home-variant", "ada=cuda", "--check").code == 0


COMMON_HOME = "{ pkgs, ... }:\n{\n  home.packages = [ pkgs.vim ];\n}\n"
# How a host has its user's module where that cannot take a package for this host alone.
TAKEN_USERS = {
    "under a condition": 'lib.mkIf (config.networking.hostName != "y") { home.packages = [ pkgs.vim ]; }',
    "called with the host's packages": "import ./common.nix { inherit pkgs; }",
}


@pytest.mark.parametrize("taken", TAKEN_USERS)
def test_what_a_users_modules_cannot_take_the_hosts_own_define(
    taken: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    flake = FLAKE.replace("modules =", "specialArgs = { inherit inputs; };\n          modules =").replace(
        "[ ./argon.nix ]", "[\n            ./argon.nix\n            ./users.nix\n          ]"
    )
    users = f"  home-manager.users.ada = {TAKEN_USERS[taken]};\n"
    files = {
        "argon.nix": PLAIN,
        "users.nix": USERS % ("inputs, config, lib, pkgs, ", users),
        "common.nix": COMMON_HOME,
    }
    folder = fleet(tmp_path, files, flake)
    (before,) = evaluator.hosts(folder).values()
    assert before.error is None
    migrated(folder, "--home-variant", "ada=cuda")
    line = "  home-manager.users.ada.home.packages = [ pkgs.llama-cpp-cuda ];\n"
    assert (folder / "argon.nix").read_text() == PLAIN.replace("}\n", f"{line}}}\n")
    (host,) = evaluator.hosts(folder).values()
    assert host.error is None
    assert {"llama-cpp-cuda-0.0.0", *before.home_packages["ada"]} == set(host.home_packages["ada"])
    again = migrate(folder, "--home-variant", "ada=cuda", "--check")
    assert again.code == 0, again


def test_a_users_file_may_depend_on_the_hosts_name(evaluator: Evaluator, tmp_path: Path) -> None:
    flake = FLAKE.replace("modules =", "specialArgs = { inherit inputs; };\n          modules =")
    users = '  networking.hostName = "argon";\n'
    users += '  home-manager.users.ada = import (./home + "/${config.networking.hostName}.nix");\n'
    files = {"argon.nix": USERS % ("inputs, config, ", users), "home/argon.nix": BOB, "home/krypton.nix": BOB}
    folder = fleet(tmp_path, files, flake)
    migrated(folder, "--home-variant", "ada=cuda")
    assert "llama-cpp-cuda" in (folder / "home/argon.nix").read_text()
    assert (folder / "home/krypton.nix").read_text() == BOB
    (host,) = evaluator.hosts(folder).values()
    assert "llama-cpp-cuda-0.0.0" in host.home_packages["ada"]


def test_two_users_of_one_module_get_the_same(evaluator: Evaluator, tmp_path: Path) -> None:
    flake = FLAKE.replace("modules =", "specialArgs = { inherit inputs; };\n          modules =")
    users = WRITTEN_USERS["bindings"][1]
    folder = fleet(tmp_path, {"argon.nix": USERS % ("inputs, ", users)}, flake)
    words = ("--home-variant", "ada=cuda", "--home-variant", "bob=cuda")
    migrated(folder, *words)
    (host,) = evaluator.hosts(folder).values()
    assert host.home_packages == {"ada": ("llama-cpp-cuda-0.0.0",), "bob": ("llama-cpp-cuda-0.0.0",)}
    assert migrate(folder, *words, "--check").code == 0


def test_a_set_that_another_user_joins_to_theirs_is_left_alone(tmp_path: Path) -> None:
    flake = FLAKE.replace("modules =", "specialArgs = { inherit inputs; };\n          modules =")
    users = "  home-manager.users = { inherit ada; bob = ada // { programs.x = 1; }; };\n"
    module = (USERS % ("inputs, pkgs, ", users)).replace(
        "{\n  imports", "let\n  ada = { home.packages = [ pkgs.vim ]; };\nin\n{\n  imports", 1
    )
    folder = fleet(tmp_path, {"argon.nix": module}, flake)
    run = migrate(folder, "--home-variant", "ada=cuda")
    assert run.code == 2
    assert "`ada@argon` has no module of its own for `home.packages`" in run.err
    assert (folder / "argon.nix").read_text() == module


def test_a_set_in_a_list_of_modules_becomes_a_function(evaluator: Evaluator, tmp_path: Path) -> None:
    flake = FLAKE.replace("./argon.nix", '{ networking.hostName = "x"; }')
    folder = fleet(tmp_path, {}, flake)
    run = migrated(folder, "--variant", "argon=cuda", "--show-diff")
    assert "({ pkgs, ... }: {" in run.out, run.out
    assert packages(evaluator, folder) == {"argon": ["llama-cpp-cuda"]}
    assert migrate(folder, "--variant", "argon=cuda", "--check").code == 0


def test_users_without_the_hosts_packages_are_refused_or_mended(evaluator: Evaluator, tmp_path: Path) -> None:
    flake = HOME.replace("              home-manager.useGlobalPkgs = true;\n", "")
    files = {"argon.nix": PLAIN, "home/ada.nix": ADA, "home/bob.nix": BOB}
    folder = fleet(tmp_path, files, flake)
    before = contents(folder)
    refused = migrate(folder, "--home-variant", "ada=cuda")
    assert refused.code == 2
    assert "its users do not see the overlays, `home-manager.useGlobalPkgs` is not set" in refused.err
    assert "say --fix to have it set, or by hand: home-manager.useGlobalPkgs = true;" in refused.err
    assert contents(folder) == before
    migrated(folder, "--home-variant", "ada=cuda", "--fix")
    homes = evaluator.hosts(folder)["argon"].home_packages
    assert "llama-cpp-cuda-0.0.0" in homes["ada"]


def test_a_home_of_its_own_gets_a_variant(evaluator: Evaluator, tmp_path: Path) -> None:
    flake = FLAKE.replace(
        "      };\n    };\n}\n",
        """      };
      homeConfigurations."ada@argon" = inputs.home-manager.lib.homeManagerConfiguration {
        pkgs = nixpkgs.legacyPackages.x86_64-linux;
        modules = [ ./home/ada.nix ];
      };
    };
}
""",
    )
    folder = fleet(tmp_path, {"argon.nix": PLAIN, "home/ada.nix": ADA}, flake)
    migrated(folder, "--include", "home", "--home-variant", "ada=cuda")
    home = evaluator.flake(
        folder, "homeConfigurations", 'c: map (p: p.name) c."ada@argon".config.home.packages'
    )
    assert "llama-cpp-cuda-0.0.0" in home


REFUSED = {
    "changes of its own": (
        "{ pkgs, ... }:\n{\n  environment.systemPackages = [\n"
        "    (pkgs.llama-cpp.overrideAttrs { patches = [ ./fix.patch ]; })\n  ];\n}\n",
        "argon.nix:4:5: `argon`: `llama-cpp` is built with changes of its own here",
    ),
    "another pkgs in the set": (
        '{ pkgs, ... }:\nrec {\n  environment = rec {\n    pkgs = 1;\n    variables.A = "b";\n  };\n}\n',
        "`argon` has no module of its own for `environment.systemPackages`",
    ),
    "another package set": (
        "{ config, ... }:\nlet\n  pkgs = import <nixpkgs> { };\nin\n{\n"
        "  environment.systemPackages = [ pkgs.hello ];\n}\n",
        "argon.nix:6:32: `argon`: `environment.systemPackages` is set here, and nothing can be added to that",
    ),
    "a definition that gives way": (
        "{ pkgs, lib, ... }:\n{\n  environment.systemPackages = lib.mkDefault [ pkgs.vim ];\n}\n",
        "argon.nix:3:32: `argon`: `environment.systemPackages` is set by `mkDefault`, and nothing can be added",
    ),
    "a condition around all": (
        "{ pkgs, lib, ... }:\n{\n  config = lib.mkIf true {\n    environment.systemPackages = [ pkgs.vim ];\n"
        "  };\n}\n",
        "argon.nix:4:34: `argon`: `environment.systemPackages` is set under a condition, and nothing can be",
    ),
    "a computed set": (
        '{ pkgs, ... }:\n{\n  networking.hostName = "x";\n} // import ./more.nix\n',
        "`argon` has no module of its own for `environment.systemPackages`",
    ),
}


@pytest.mark.parametrize("reason", REFUSED)
def test_what_cannot_be_placed_is_refused(reason: str, tmp_path: Path) -> None:
    module, message = REFUSED[reason]
    folder = fleet(tmp_path, {"argon.nix": module, "more.nix": "{ }\n"})
    before = contents(folder)
    run = migrate(folder, "--variant", "argon=cuda")
    assert run.code == 2, run
    assert message in run.err
    assert contents(folder) == before


def test_a_module_that_is_spread_over_the_flakes_own_set_gets_no_function(tmp_path: Path) -> None:
    flake = FLAKE.replace("./argon.nix", "self.nixosModules.argon").replace(
        "      nixosConfigurations",
        '      nixosModules.argon.networking.hostName = "x";\n      nixosConfigurations',
    )
    folder = fleet(tmp_path, {}, flake)
    run = migrate(folder, "--variant", "argon=cuda")
    assert run.code == 2
    assert "`argon` has no module of its own for `environment.systemPackages`" in run.err
    assert (folder / "flake.nix").read_text() == flake


def test_a_host_may_be_called_by_its_own_name_alone(tmp_path: Path) -> None:
    home = (
        '      homeConfigurations."ada@argon" = inputs.home-manager.lib.homeManagerConfiguration {\n'
        "        pkgs = nixpkgs.legacyPackages.x86_64-linux;\n        modules = [ ./ada.nix ];\n      };\n"
    )
    flake = FLAKE.replace("    };\n}\n", f"{home}    }};\n}}\n")
    folder = fleet(tmp_path, {"argon.nix": PLAIN, "ada.nix": BOB}, flake)
    run = migrate(folder, "--include", "home", "--exclude-host", "ada@argon", "--check")
    assert run.code == 1, run
    assert "homeConfigurations.ada@argon  left out" in run.out
    run = migrate(folder, "--include", "home", "--host", "ada@xenon")
    assert "the flake has no host `ada@xenon`" in run.err


def test_unknown_names_are_errors_with_the_nearest_one(tmp_path: Path) -> None:
    folder = fleet(tmp_path, {"argon.nix": PLAIN})
    for words, message in (
        (("--variant", "argom=cuda"), "the flake has no host `argom` (did you mean `argon`?)"),
        (("--variant", "argon=cude"), "the recipe has no variant `cude` (did you mean `cuda`?)"),
        (("--home-variant", "ada=cuda"), "no host has a home of `ada` (there are: none)"),
        (("--variant", "argon"), "not of the form NAME=VARIANT: 'argon'"),
    ):
        run = migrate(folder, *words)
        assert run.code == 2
        assert message in run.err


@pytest.mark.parametrize(
    ("variant", "remark"),
    [
        ("cpu", "cpu is for the CPU of the machine that builds it"),
        ("cuda-native", "cuda-native is for the CPU of the machine that builds it"),
        ("cpu-portable", "cpu-portable has code for many kinds of CPU and chooses when it starts"),
        ("vulkan-znver4", "vulkan-znver4 needs a CPU of that kind"),
        ("cuda", ""),
    ],
)
def test_what_a_choice_costs_is_said_in_a_line(variant: str, remark: str, tmp_path: Path) -> None:
    folder = fleet(tmp_path, {"argon.nix": PLAIN})
    notes = migrate(folder, "--variant", f"argon={variant}", "--check").out.splitlines()
    notes = [line for line in notes if line.startswith(f"  note: {variant} ")]
    assert [line.startswith(f"  note: {remark}") for line in notes] == ([True] if remark else [])
