"""The recipes that ship beside llama.cpp's, on an example fleet: what Nix evaluates before and after."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import EvaluationError, Evaluator
from fleets_support import FLEETS, FleetCopy
from migration_runs import contents, migrate, migrated

from nixedit.migrate.recipe import load_recipe
from nixedit.migrate.recipes.loading import built_in

OTHERS = [name for name in built_in() if name != "llama-cpp"]
# The names that an overlay of each defines, and what of the input's own goes into flake.nix.
DEFINES = {"neovim-nightly": ("neovim",), "rust-overlay": ("rust-bin",)}
INPUTS = {
    "neovim-nightly": {"url": "github:nix-community/neovim-nightly-overlay"},
    "rust-overlay": {"url": "github:oxalica/rust-overlay", "inputs": {"nixpkgs": {"follows": "nixpkgs"}}},
}

every_recipe = pytest.mark.parametrize("recipe", OTHERS)


def package(evaluator: Evaluator, folder: Path, host: str, path: str) -> dict[str, str]:
    """A package of a host, by its attribute path."""
    attribute = f"nixosConfigurations.{host}.pkgs.{path}"
    return evaluator.flake(folder, attribute, "p: { inherit (p) pname version drvPath; }")


def test_the_tables_know_every_recipe() -> None:
    assert list(DEFINES) == list(INPUTS) == OTHERS


@every_recipe
@pytest.mark.parametrize("fleet", FLEETS)
def test_every_host_gets_the_overlay_once_and_keeps_the_others_in_their_order(
    evaluator: Evaluator, fleet_copy: FleetCopy, fleet: str, recipe: str
) -> None:
    folder = fleet_copy(fleet)
    before = evaluator.hosts(folder)
    migrated(folder, "--recipe", recipe)
    after = evaluator.hosts(folder)
    assert set(after) == set(before)
    for name, host in after.items():
        assert host.error is None
        assert host.overlays.count(DEFINES[recipe]) == 1
        kept = tuple(names for names in host.overlays if names != DEFINES[recipe])
        assert kept == before[name].overlays


@every_recipe
def test_a_fleet_gets_the_input_and_nothing_else(
    evaluator: Evaluator, fleet_copy: FleetCopy, recipe: str
) -> None:
    folder = fleet_copy("plan-nixfmt")
    before = contents(folder)
    run = migrated(folder, "--recipe", recipe)
    after = contents(folder)
    assert {name for name in after if after[name] != before.get(name)} == {"flake.nix"}
    assert set(after) == set(before)
    inputs = evaluator.expression(f"(import {folder / 'flake.nix'}).inputs")
    assert inputs[load_recipe(recipe).input.name] == INPUTS[recipe]
    follows = ", its nixpkgs follows `nixpkgs`" if "inputs" in INPUTS[recipe] else ""
    assert (
        f": input `{load_recipe(recipe).input.name}` added{follows} (the overlays come from it)\n" in run.out
    )


@every_recipe
def test_every_variant_s_package_is_there_afterwards_and_as_the_input_makes_it(
    evaluator: Evaluator, fleet_copy: FleetCopy, recipe: str
) -> None:
    folder = fleet_copy("plan-nixfmt")
    variants = load_recipe(recipe).variants
    for path in variants.values():
        try:
            assert package(evaluator, folder, "carbon", path)["version"] != "nightly"
        except EvaluationError:
            assert recipe == "rust-overlay"
    migrated(folder, "--recipe", recipe)
    found = {name: package(evaluator, folder, "carbon", path) for name, path in variants.items()}
    if recipe == "neovim-nightly":
        assert (found["default"]["pname"], found["default"]["version"]) == ("neovim", "nightly")
    else:
        assert {name: facts["pname"] for name, facts in found.items()} == {
            "stable": "rust-stable-default",
            "stable-minimal": "rust-stable-minimal",
            "beta": "rust-beta-default",
            "beta-minimal": "rust-beta-minimal",
        }


@every_recipe
@pytest.mark.parametrize("fleet", FLEETS)
def test_a_second_run_changes_nothing(fleet_copy: FleetCopy, fleet: str, recipe: str) -> None:
    folder = fleet_copy(fleet)
    migrated(folder, "--recipe", recipe)
    before = contents(folder)
    run = migrate(folder, "--recipe", recipe)
    assert (run.code, run.err) == (0, "")
    assert run.out == "Nothing to do: every chosen host is migrated already.\n"
    assert contents(folder) == before


def test_recipes_do_not_disturb_each_other(evaluator: Evaluator, fleet_copy: FleetCopy) -> None:
    folder = fleet_copy("plan-nixfmt")
    for recipe in ["llama-cpp", *OTHERS]:
        migrated(folder, "--recipe", recipe)
    for host in evaluator.hosts(folder).values():
        assert host.overlays[-2:] == tuple(DEFINES[recipe] for recipe in OTHERS)
        assert host.overlays[-4] == ("llama-cpp", "llamaPackages")
    for recipe in ["llama-cpp", *OTHERS]:
        assert migrate(folder, "--recipe", recipe, "--check").code == 0


@every_recipe
def test_one_module_for_all_hosts(evaluator: Evaluator, fleet_copy: FleetCopy, recipe: str) -> None:
    folder = fleet_copy("plan-nixfmt")
    migrated(folder, "--recipe", recipe, "--layout", "module")
    name = load_recipe(recipe).input.name
    assert (folder / "modules" / f"{recipe}-overlays.nix").read_text() == (
        f"# Written by nixedit migrate, recipe {recipe} 1.\n"
        "#\n"
        f"# The overlays of {recipe}, for every host that has this among its modules.\n"
        "{ inputs, ... }:\n"
        "{\n"
        "  nixpkgs.overlays = [\n"
        f"    inputs.{name}.overlays.default\n"
        "  ];\n"
        "}\n"
    )
    for host in evaluator.hosts(folder).values():
        assert host.overlays[-1] == DEFINES[recipe]


@every_recipe
def test_there_is_no_overlay_file_to_put_elsewhere(fleet_copy: FleetCopy, recipe: str) -> None:
    run = migrate(fleet_copy("plan-nixfmt"), "--recipe", recipe, "--overlay-file", "x.nix")
    assert (run.code, run.err) == (
        2,
        f"nixedit: --overlay-file: the recipe {recipe} writes not one file, but none\n",
    )


def test_a_host_s_choice_may_be_a_package_within_a_set(evaluator: Evaluator, fleet_copy: FleetCopy) -> None:
    folder = fleet_copy("plan-nixfmt")
    module = folder / "machines" / "carbon.nix"
    before = module.read_text()
    for variant, code in (
        ("stable", "rust-bin.stable.latest.default"),
        ("beta", "rust-bin.beta.latest.default"),
    ):
        run = migrated(folder, "--recipe", "rust-overlay", "--variant", f"carbon={variant}")
        added = [line.strip() for line in module.read_text().splitlines() if line not in before.splitlines()]
        assert added == [code], run
        names = evaluator.hosts(folder)["carbon"].system_packages
        assert [name for name in names if name.startswith("rust-")] == [f"rust-{variant}-default-1"]
    module.write_text(module.read_text().replace("    rust-bin.beta", "    pkgs.rust-bin.beta"))
    migrated(folder, "--recipe", "rust-overlay", "--variant", "carbon=stable-minimal")
    assert "    pkgs.rust-bin.stable.latest.minimal\n" in module.read_text()
