"""`--host` and `--exclude-host` where one helper makes several hosts, and what is done for some of them alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import contents, migrate, migrated, write

FLAKE = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs, ... }@inputs:
    let
      mkHost =
        name: modules:
        nixpkgs.lib.nixosSystem {
          specialArgs = { inherit inputs; };
          modules = MODULES;
        };
    in
    {
      nixosConfigurations = {
        argon = mkHost "argon" [
          ./argon.nix
        ];
        boron = mkHost "boron" [
          ./boron.nix
        ];
        carbon = nixpkgs.lib.nixosSystem {
          modules = [
            ./carbon.nix
          ];
        };
      };
    };
}
"""
NAMES = ("argon", "boron", "carbon")
FILES = {
    **{
        f"{name}.nix": f'{{ networking.hostName = "{name}"; nixpkgs.hostPlatform = "x86_64-linux"; }}\n'
        for name in NAMES
    },
    "base.nix": "{ }\n",
}
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


def fleet(folder: Path, modules: str = "modules") -> Path:
    return write(folder / "fleet", {"flake.nix": FLAKE.replace("MODULES", modules), **FILES})


def text(*names: str, modules: str = "modules") -> str:
    """The flake with the overlays in the own lists of some hosts."""
    after = FLAKE.replace("MODULES", modules).replace("\n\n", f"\n{INPUT}\n", 1)
    for name in names:
        line = f"          ./{name}.nix\n"
        assert line in after
        after = after.replace(line, MODULE + line)
    return after


def assert_have(folder: Path, evaluator: Evaluator, *names: str) -> None:
    """Some hosts have both overlays, once, and the others have none."""
    for name, host in evaluator.hosts(folder).items():
        assert host.error is None
        ours = [overlay[0] for overlay in host.overlays if overlay[0] == "llama-cpp"]
        assert len(ours) == (2 if name in names else 0), name


def assert_nothing_to_do(folder: Path, *words: str) -> None:
    before = contents(folder)
    assert migrate(folder, *words, "--check").code == 0
    assert migrate(folder, *words).code == 0
    assert contents(folder) == before


# -- a selection that is possible -----------------------------------------------------------------

OWN = ("modules", "modules ++ [ ./base.nix ]")


@pytest.mark.parametrize("modules", OWN)
@pytest.mark.parametrize(
    "words", [("--host", "argon"), ("--exclude-host", "boron", "--exclude-host", "carbon")]
)
def test_one_host_of_a_helper_gets_them_where_its_modules_begin_with_a_list_of_its_own(
    modules: str, words: tuple[str, ...], evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = fleet(tmp_path, modules)
    assert_have(folder, evaluator)
    run = migrated(folder, *words)
    assert "  argon   migrated\n" in run.out
    assert "  boron   left out\n  carbon  left out\n" in run.out
    assert (folder / "flake.nix").read_text() == text("argon", modules=modules)
    assert_have(folder, evaluator, "argon")
    assert_nothing_to_do(folder, *words)


@pytest.mark.parametrize("modules", OWN)
def test_the_other_hosts_of_the_helper_may_follow(modules: str, evaluator: Evaluator, tmp_path: Path) -> None:
    folder = fleet(tmp_path, modules)
    migrated(folder, "--host", "argon")
    run = migrated(folder, "--exclude-host", "carbon")
    assert "  argon   unchanged\n  boron   migrated\n" in run.out
    assert (folder / "flake.nix").read_text() == text("argon", "boron", modules=modules)
    assert_have(folder, evaluator, "argon", "boron")
    assert_nothing_to_do(folder, "--exclude-host", "carbon")
    migrated(folder)
    assert_have(folder, evaluator, *NAMES)
    assert_nothing_to_do(folder)
    for name in NAMES:
        assert_nothing_to_do(folder, "--host", name)


@pytest.mark.parametrize("modules", [*OWN, "[ ./base.nix ] ++ modules", "[ ./base.nix ]"])
def test_all_hosts_of_a_helper_get_them_in_it_once(
    modules: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = fleet(tmp_path, modules)
    if modules == "[ ./base.nix ]":
        write(folder, {"base.nix": '{ nixpkgs.hostPlatform = "x86_64-linux"; }\n'})
    migrated(folder, "--exclude-host", "carbon")
    assert (folder / "flake.nix").read_text().count("overlays.default") == 1
    assert_have(folder, evaluator, "argon", "boron")
    assert_nothing_to_do(folder, "--exclude-host", "carbon")
    assert_nothing_to_do(folder, "--host", "argon")


def test_a_host_with_a_call_of_its_own_is_chosen_beside_a_helper(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = fleet(tmp_path, "[ ./base.nix ] ++ modules")
    migrated(folder, "--host", "carbon")
    after = (folder / "flake.nix").read_text().splitlines()
    assert (
        after[: len(after) // 2] == text(modules="[ ./base.nix ] ++ modules").splitlines()[: len(after) // 2]
    )
    assert_have(folder, evaluator, "carbon")
    assert_nothing_to_do(folder, "--host", "carbon")


def test_one_host_of_a_helper_names_the_shared_module(evaluator: Evaluator, tmp_path: Path) -> None:
    folder = fleet(tmp_path)
    migrated(folder, "--host", "boron", "--layout", "module")
    path = "./modules/llama-cpp-overlays.nix"
    after = text().replace("          ./boron.nix\n", f"          {path}\n          ./boron.nix\n")
    assert (folder / "flake.nix").read_text() == after
    assert_have(folder, evaluator, "boron")
    assert_nothing_to_do(folder, "--host", "boron", "--layout", "module")


# -- and one that is not --------------------------------------------------------------------------


@pytest.mark.parametrize("modules", ["[ ./base.nix ] ++ modules", "[ ./base.nix ]"])
@pytest.mark.parametrize(
    ("words", "one", "other"),
    [
        (("--host", "argon"), "argon", "boron"),
        (("--host", "boron", "--host", "carbon"), "boron", "argon"),
        (("--exclude-host", "argon"), "boron", "argon"),
    ],
)
def test_one_host_of_a_helper_without_a_place_of_its_own_is_refused(
    modules: str, words: tuple[str, ...], one: str, other: str, tmp_path: Path
) -> None:
    folder = fleet(tmp_path, modules)
    before = contents(folder)
    run = migrate(folder, "--allow-no-vcs", *words)
    assert (run.code, run.out) == (2, "")
    assert run.err.splitlines()[0] == (
        f"{folder}/flake.nix:9:9: host `{one}`: this call makes {other} too, which is left out"
    )
    assert "^ choose all of them\n" in run.err
    assert contents(folder) == before


def test_the_rest_of_a_helper_s_hosts_without_a_place_of_their_own_is_refused(tmp_path: Path) -> None:
    modules = "[ ./base.nix ] ++ modules"
    folder = fleet(tmp_path, modules)
    write(folder, {"flake.nix": text("argon", modules=modules), "overlays/llama-cpp.nix": ""})
    (folder / "overlays" / "llama-cpp.nix").unlink()
    migrated(folder, "--host", "argon")
    before = contents(folder)
    run = migrate(folder, "--allow-no-vcs")
    assert (run.code, run.out) == (2, "")
    assert "host `boron`: some of the hosts that share this call have the overlays already\n" in run.err
    assert contents(folder) == before


def test_a_list_that_two_hosts_have_in_common_is_no_list_of_one(tmp_path: Path) -> None:
    shared = FLAKE.replace("MODULES", "modules").replace("[\n          ./argon.nix\n        ]", "common")
    shared = shared.replace("[\n          ./boron.nix\n        ]", "common")
    shared = shared.replace("    let\n", "    let\n      common = [ ./argon.nix ];\n", 1)
    folder = write(tmp_path / "fleet", {"flake.nix": shared, **FILES})
    run = migrate(folder, "--allow-no-vcs", "--host", "argon")
    assert run.code == 2
    assert "host `argon`: this call makes boron too, which is left out\n" in run.err


# -- lists of overlays that only some hosts of a helper have ---------------------------------------

MINE = "{ nixpkgs.overlays = [ (final: prev: { mine = prev.hello; }) ]; }"


@pytest.mark.parametrize("name", ["argon", "boron"])
def test_overlays_of_one_host_of_a_helper_are_not_those_of_the_others(
    name: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    flake = FLAKE.replace("MODULES", "modules").replace(
        f"./{name}.nix\n", f"./{name}.nix\n          {MINE}\n"
    )
    folder = write(tmp_path / "fleet", {"flake.nix": flake, **FILES})
    migrated(folder)
    assert_have(folder, evaluator, *NAMES)
    hosts = evaluator.hosts(folder)
    assert [("mine",) in host.overlays for host in hosts.values()] == [one == name for one in NAMES]
    assert_nothing_to_do(folder)


def test_overlays_of_a_chosen_host_of_a_helper_get_the_new_ones(evaluator: Evaluator, tmp_path: Path) -> None:
    flake = FLAKE.replace("MODULES", "modules").replace("./argon.nix\n", f"./argon.nix\n          {MINE}\n")
    folder = write(tmp_path / "fleet", {"flake.nix": flake, **FILES})
    migrated(folder, "--host", "argon")
    assert (
        "              (final: prev: { mine = prev.hello; })\n"
        "              inputs.llama-cpp.overlays.default\n"
        "              (import ./overlays/llama-cpp.nix { inherit inputs; })\n"
    ) in (folder / "flake.nix").read_text()
    assert_have(folder, evaluator, "argon")
    assert_nothing_to_do(folder, "--host", "argon")


# A call of its own, whose modules are those that a host of the helper is given.
BESIDE = """\
        xenon = nixpkgs.lib.nixosSystem {
          modules = common;
        };
"""


@pytest.mark.parametrize("first", [True, False], ids=["before it", "behind it"])
@pytest.mark.parametrize("words", [(), ("--layout", "module")], ids=["inline", "module"])
def test_a_list_that_a_helper_s_host_has_in_common_with_another_call_gives_nothing_twice(
    words: tuple[str, ...], first: bool, evaluator: Evaluator, tmp_path: Path
) -> None:
    flake = FLAKE.replace("MODULES", "modules").replace("[\n          ./argon.nix\n        ]", "common")
    flake = flake.replace("    let\n", f"    let\n      common = [ ./argon.nix {MINE} ];\n", 1)
    place = "        argon = mkHost" if first else "        carbon ="
    folder = write(tmp_path / "fleet", {"flake.nix": flake.replace(place, BESIDE + place), **FILES})
    migrated(folder, *words)
    assert_have(folder, evaluator, *NAMES, "xenon")
    assert_nothing_to_do(folder, *words)


def test_the_missing_overlay_is_added_in_each_list_of_a_helper_s_hosts(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    half = "{ nixpkgs.overlays = [ inputs.llama-cpp.overlays.default ]; }"
    flake = text()
    for name in ("argon", "boron"):
        flake = flake.replace(f"./{name}.nix\n", f"./{name}.nix\n          {half}\n")
    folder = write(tmp_path / "fleet", {"flake.nix": flake, **FILES})
    migrated(folder)
    assert (folder / "flake.nix").read_text().count(
        "(import ./overlays/llama-cpp.nix { inherit inputs; })"
    ) == 3
    assert_have(folder, evaluator, *NAMES)
    assert_nothing_to_do(folder)
