"""Which nixpkgs the new input follows where a flake has several, and which packages come from it then."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import contents, migrate, migrated, write

HEAD = """\
{
INPUTS
  outputs =
    { self, ... }@inputs:
    {
"""
HOST = """\
      nixosConfigurations.NAME = inputs.MAKER.lib.nixosSystem {
        modules = [ ./host.nix ];
      };
"""
STABLE, UNSTABLE = "github:NixOS/nixpkgs/nixos-25.05", "github:NixOS/nixpkgs/nixos-unstable"
MODULE = '{ networking.hostName = "host"; nixpkgs.hostPlatform = "x86_64-linux"; }\n'
# What each release of the stub calls itself.
RELEASES = {STABLE: "25.05", UNSTABLE: "25.11"}


def fleet(folder: Path, inputs: dict[str, str], **makers: str) -> Path:
    declared = "".join(f'  inputs.{name}.url = "{url}";\n' for name, url in inputs.items())
    hosts = "".join(HOST.replace("NAME", name).replace("MAKER", maker) for name, maker in makers.items())
    flake = HEAD.replace("INPUTS\n", f"{declared}\n") + hosts + "    };\n}\n"
    return write(folder / "fleet", {"flake.nix": flake, "host.nix": MODULE})


def follows(folder: Path) -> str:
    (line,) = [line for line in (folder / "flake.nix").read_text().splitlines() if "follows" in line]
    before, _, name = line.strip().partition(" = ")
    assert before == "inputs.llama-cpp.inputs.nixpkgs.follows"
    return name.strip('";')


def releases(folder: Path, evaluator: Evaluator) -> dict[str, tuple[str | None, str | None]]:
    """The releases that each host's default package and its CUDA package are built with."""
    hosts = evaluator.hosts(folder).items()
    assert {host.error for _, host in hosts} == {None}
    return {
        name: tuple(
            host.packages[package].nixpkgs_release for package in ("llama-cpp-vulkan", "llama-cpp-cuda")
        )
        for name, host in hosts
    }


def assert_is_fixed(folder: Path, *words: str) -> None:
    before = contents(folder)
    assert migrate(folder, *words, "--check").code == 0
    assert contents(folder) == before


BOTH = {"nixpkgs": STABLE, "unstable": UNSTABLE}
# The options, what is followed then, and the release that the packages of llama.cpp's own flake come with.
CHOICES = {
    "without a word": ((), "nixpkgs", "25.05"),
    "nixpkgs": (("--follows", "nixpkgs"), "nixpkgs", "25.05"),
    "the other one": (("--follows", "unstable"), "unstable", "25.11"),
}


@pytest.mark.parametrize("name", CHOICES)
def test_every_host_has_packages_of_its_own_nixpkgs_whatever_is_followed(
    name: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    words, followed, release = CHOICES[name]
    folder = fleet(tmp_path, BOTH, argon="nixpkgs", boron="unstable")
    run = migrated(folder, *words)
    assert follows(folder) == followed
    note = (
        "  note: boron is built from `unstable`, and the new input's nixpkgs follows `nixpkgs`: --follows INPUT "
        "says otherwise\n"
    )
    assert (note in run.out) is (not words)
    assert releases(folder, evaluator) == {"argon": ("25.05", release), "boron": ("25.11", release)}
    assert_is_fixed(folder, *words)


@pytest.mark.parametrize("maker", ["nixpkgs", "unstable"])
def test_the_nixpkgs_that_builds_all_chosen_hosts_is_followed(
    maker: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = fleet(tmp_path, BOTH, argon=maker, boron=maker)
    run = migrated(folder)
    assert "note:" not in run.out
    assert follows(folder) == maker
    release = RELEASES[BOTH[maker]]
    assert set(releases(folder, evaluator).values()) == {(release, release)}
    assert_is_fixed(folder)


def test_where_no_input_is_called_nixpkgs_the_one_that_builds_the_hosts_is_followed(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = fleet(tmp_path, {"stable": STABLE, "unstable": UNSTABLE}, argon="unstable")
    migrated(folder)
    assert follows(folder) == "unstable"
    assert releases(folder, evaluator) == {"argon": ("25.11", "25.11")}
    assert_is_fixed(folder)


# The inputs, none of which is a nixpkgs that builds a chosen host and has that name.
SEVERAL = {
    "no input of the usual name": {"stable": STABLE, "unstable": UNSTABLE},
    "one of the usual name that builds none": {"nixpkgs": STABLE, "stable": STABLE, "unstable": UNSTABLE},
}


@pytest.mark.parametrize("name", SEVERAL)
def test_several_that_build_the_chosen_hosts_are_a_question(
    name: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = fleet(tmp_path, SEVERAL[name], argon="stable", boron="unstable")
    before = contents(folder)
    run = migrate(folder, "--allow-no-vcs")
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith(
        f"{folder}/flake.nix: which input should `llama-cpp` follow for nixpkgs: stable, unstable?\n"
        "say it with --follows INPUT\n"
    )
    assert contents(folder) == before
    for answer in ("stable", "unstable"):
        copy = fleet(tmp_path / answer, SEVERAL[name], argon="stable", boron="unstable")
        migrated(copy, "--follows", answer)
        assert follows(copy) == answer
        release = RELEASES[SEVERAL[name][answer]]
        assert releases(copy, evaluator) == {"argon": ("25.05", release), "boron": ("25.11", release)}
        assert_is_fixed(copy, "--follows", answer)


def test_only_the_chosen_hosts_are_asked_about(evaluator: Evaluator, tmp_path: Path) -> None:
    folder = fleet(tmp_path, {"stable": STABLE, "unstable": UNSTABLE}, argon="stable", boron="unstable")
    migrated(folder, "--host", "boron")
    assert follows(folder) == "unstable"
    hosts = evaluator.hosts(folder)
    assert [host.error for host in hosts.values()] == [None, None]
    assert len(hosts["boron"].overlays) == 2
    assert hosts["argon"].overlays == ()


MAC = """\
      darwinConfigurations.mac = inputs.nix-darwin.lib.darwinSystem {
        system = "aarch64-darwin";
        modules = [
          { networking.hostName = "mac"; }
        ];
      };
"""
DARWIN = "github:nix-darwin/nix-darwin"


def with_mac(folder: Path, inputs: dict[str, str], nixpkgs: str, **makers: str) -> Path:
    """A fleet with a Mac, whose nix-darwin follows an input for nixpkgs."""
    fleet(folder, {**inputs, "nix-darwin": DARWIN}, **makers)
    flake = folder / "fleet" / "flake.nix"
    follow = f'  inputs.nix-darwin.inputs.nixpkgs.follows = "{nixpkgs}";\n'
    text = flake.read_text().replace(f'"{DARWIN}";\n', f'"{DARWIN}";\n{follow}')
    flake.write_text(text.replace("    };\n}\n", f"{MAC}    }};\n}}\n"))
    return folder / "fleet"


# The inputs, what nix-darwin follows, who makes the other host, what is followed then, and whether a note is.
MACS = {
    "alone": ({"unstable": UNSTABLE, "stable": STABLE}, "unstable", {}, "unstable"),
    "alone, beside a nixpkgs": (
        {"nixpkgs": STABLE, "nixpkgs-darwin": UNSTABLE},
        "nixpkgs-darwin",
        {},
        "nixpkgs-darwin",
    ),
    "with the same nixpkgs": ({"unstable": UNSTABLE}, "unstable", {"argon": "unstable"}, "unstable"),
    "with another nixpkgs": (
        {"nixpkgs": STABLE, "nixpkgs-darwin": UNSTABLE},
        "nixpkgs-darwin",
        {"argon": "nixpkgs"},
        "nixpkgs",
    ),
}


@pytest.mark.parametrize("name", MACS)
def test_a_mac_is_built_from_what_nix_darwin_follows(name: str, evaluator: Evaluator, tmp_path: Path) -> None:
    inputs, nixpkgs, makers, followed = MACS[name]
    folder = with_mac(tmp_path, inputs, nixpkgs, **makers)
    run = migrated(folder, "--include", "darwin")
    assert (
        f'  inputs.llama-cpp.inputs.nixpkgs.follows = "{followed}";\n' in (folder / "flake.nix").read_text()
    )
    note = f"  note: darwinConfigurations.mac is built from `{nixpkgs}`, and the new input's nixpkgs follows"
    assert (note in run.out) is (followed != nixpkgs)
    (mac,) = evaluator.hosts(folder, "darwinConfigurations").values()
    assert mac.error is None
    assert mac.packages["llama-cpp"].nixpkgs_release == RELEASES[inputs[nixpkgs]]
    assert_is_fixed(folder, "--include", "darwin")


def test_a_mac_and_a_host_of_other_nixpkgs_are_a_question(tmp_path: Path) -> None:
    folder = with_mac(tmp_path, {"stable": STABLE, "unstable": UNSTABLE}, "unstable", argon="stable")
    run = migrate(folder, "--include", "darwin")
    assert run.code == 2
    assert "which input should `llama-cpp` follow for nixpkgs: stable, unstable?\n" in run.err


HOME = """\
      homeConfigurations.ada = inputs.home-manager.lib.homeManagerConfiguration {
        pkgs = PACKAGES;
        modules = [ ];
      };
"""
MANAGER = (
    '  inputs.home-manager.url = "github:nix-community/home-manager";\n'
    '  inputs.home-manager.inputs.nixpkgs.follows = "stable";\n'
)


@pytest.mark.parametrize(
    "packages",
    ["inputs.unstable.legacyPackages.x86_64-linux", 'import inputs.unstable { system = "x86_64-linux"; }'],
)
def test_a_home_is_built_from_the_nixpkgs_that_it_is_given(
    packages: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = fleet(tmp_path, {"stable": STABLE, "unstable": UNSTABLE})
    text = (folder / "flake.nix").read_text().replace("\n\n", f"\n{MANAGER}\n", 1)
    home = HOME.replace("PACKAGES", packages)
    write(folder, {"flake.nix": text.replace("    };\n}\n", f"{home}    }};\n}}\n")})
    migrated(folder, "--include", "home")
    assert '  inputs.llama-cpp.inputs.nixpkgs.follows = "unstable";\n' in (folder / "flake.nix").read_text()
    (ada,) = evaluator.hosts(folder, "homeConfigurations").values()
    assert ada.error is None
    assert ada.packages["llama-cpp-vulkan"].nixpkgs_release == "25.11"
    assert_is_fixed(folder, "--include", "home")


def test_what_an_input_follows_that_is_there_stays_and_is_said(evaluator: Evaluator, tmp_path: Path) -> None:
    folder = fleet(tmp_path, BOTH, argon="nixpkgs")
    migrated(folder)
    before = contents(folder)
    note = (
        "  note: --follows unstable: the input `llama-cpp` is there already, and its nixpkgs stays as it is: "
        "nixedit input follow llama-cpp.nixpkgs unstable changes it\n"
    )
    run = migrate(folder, "--follows", "unstable", "--check")
    assert run.code == 0
    assert note in run.out
    assert contents(folder) == before
    assert note not in migrate(folder, "--follows", "nixpkgs", "--check").out
