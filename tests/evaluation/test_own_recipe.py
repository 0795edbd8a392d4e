"""`--recipe FILE`: a recipe of a person's own, with templates beside it; and what it cannot do to a fleet."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from fleets_support import FleetCopy
from migration_runs import contents, migrate, migrated

RECIPE = """\
[recipe]
name = "bars"
version = 1
summary = "a bar of one's own"

[input]
name = "waybar"
url = "github:Alexays/Waybar/master"
follows = ["nixpkgs"]

[[overlays]]
output = "overlays.default"

[[overlays]]
file = "overlays/bar.nix"

[[overlays]]
file = "overlays/more/bars.nix"

[[files]]
path = "overlays/bar.nix"
template = "bar.nix"
placeholders = { package = "text:waybar" }

[[files]]
path = "overlays/more/bars.nix"
template = "templates/bars.nix"
placeholders = { input = "input" }

[variants]
own = "my-bar"
other = "other-bar"
"""
BAR = """\
{ inputs }:
final: prev: {
  my-bar = prev.@package@.overrideAttrs { pname = "my-bar"; };
}
"""
BARS = """\
{ inputs }:
final: prev: {
  other-bar = prev.my-bar.overrideAttrs (old: {
    pname = "other-bar";
    made = builtins.isFunction inputs.@input@.overlays.default;
  });
}
"""
ORDER = (("waybar",), ("my-bar",), ("other-bar",))


@pytest.fixture
def recipe(tmp_path: Path) -> Path:
    """A recipe with three overlays, two of them files."""
    folder = tmp_path / "recipe"
    (folder / "templates").mkdir(parents=True)
    (folder / "recipe.toml").write_text(RECIPE)
    (folder / "bar.nix").write_text(BAR)
    (folder / "templates" / "bars.nix").write_text(BARS)
    return folder


@pytest.mark.parametrize("named", ["", "recipe.toml"])
def test_it_does_what_it_says(evaluator: Evaluator, fleet_copy: FleetCopy, recipe: Path, named: str) -> None:
    folder = fleet_copy("one-liner")
    migrated(folder, "--recipe", str(recipe / named))
    (host,) = evaluator.hosts(folder).values()
    assert host.error is None
    assert host.overlays[-3:] == ORDER
    package = evaluator.flake(
        folder, f"nixosConfigurations.{host.name}.pkgs.other-bar", "p: { inherit (p) pname version made; }"
    )
    assert package == {"pname": "other-bar", "version": "25.05-master", "made": True}
    assert migrate(folder, "--recipe", str(recipe), "--check").code == 0


def test_overlays_that_a_host_has_already_are_completed_in_the_recipe_s_order(
    evaluator: Evaluator, fleet_copy: FleetCopy, recipe: Path
) -> None:
    folder = fleet_copy("plan-nixfmt")  # carbon applies Waybar's own overlay
    migrated(folder, "--recipe", str(recipe))
    for host in evaluator.hosts(folder).values():
        at = host.overlays.index(ORDER[0])
        assert host.overlays[at : at + 3] == ORDER
        assert all(host.overlays.count(names) == 1 for names in ORDER)


def test_every_file_that_is_there_already_and_is_not_its_own_stops_it(
    fleet_copy: FleetCopy, recipe: Path
) -> None:
    folder = fleet_copy("one-liner")
    (folder / "overlays").mkdir()
    (folder / "overlays" / "bar.nix").write_text("{ }\n")
    before = contents(folder)
    run = migrate(folder, "--recipe", str(recipe))
    assert (run.code, contents(folder)) == (2, before)
    assert run.err.startswith(
        f"{folder}/overlays/bar.nix: there is a file of this name already, and this tool did not write it\n"
    )


@pytest.mark.parametrize("link", ["overlays", "overlays/more"])
def test_no_link_leads_it_out_of_the_fleet(
    fleet_copy: FleetCopy, recipe: Path, tmp_path: Path, link: str
) -> None:
    folder = fleet_copy("one-liner")
    outside = tmp_path / "outside"
    outside.mkdir()
    (folder / link).parent.mkdir(exist_ok=True)
    (folder / link).symlink_to(outside)
    run = migrate(folder, "--recipe", str(recipe))
    assert run.code == 2
    assert "the file lies outside of the folder that is edited" in run.err
    assert list(outside.iterdir()) == []


def test_one_place_is_not_enough_for_two_files(fleet_copy: FleetCopy, recipe: Path) -> None:
    run = migrate(fleet_copy("one-liner"), "--recipe", str(recipe), "--overlay-file", "x.nix")
    assert (run.code, run.err) == (
        2,
        "nixedit: --overlay-file: the recipe bars writes not one file, but 2\n",
    )


def test_what_is_wrong_with_it_is_said_before_the_fleet_is_read(fleet_copy: FleetCopy, recipe: Path) -> None:
    file = recipe / "recipe.toml"
    file.write_text(RECIPE.replace("follows =", "folows ="))
    folder = fleet_copy("one-liner")
    before = contents(folder)
    run = migrate(folder, "--recipe", str(file))
    assert (run.code, contents(folder)) == (2, before)
    assert run.err == (
        f"{file}:9:1: `folows` is no key of [input]\n"
        '    9 | folows = ["nixpkgs"]\n'
        "      | ^^^^^^ did you mean `follows`?\n"
    )


def test_a_recipe_that_is_not_there(fleet_copy: FleetCopy) -> None:
    run = migrate(fleet_copy("one-liner"), "--recipe", "./nowhere.toml")
    assert (run.code, run.err) == (2, "nowhere.toml: no such recipe\n")


def test_nothing_in_it_becomes_nix_that_is_not_in_a_template(
    evaluator: Evaluator, fleet_copy: FleetCopy, recipe: Path
) -> None:
    url = 'github:Alexays/Waybar/master?a=";evil=${throw'
    small = RECIPE[: RECIPE.index("[[overlays]]")].replace(
        "github:Alexays/Waybar/master", url.replace('"', '\\"')
    )
    (recipe / "recipe.toml").write_text(small + '[[overlays]]\noutput = "overlays.default"\n')
    folder = fleet_copy("one-liner")
    migrated(folder, "--recipe", str(recipe))
    inputs = evaluator.expression(f"(import {folder / 'flake.nix'}).inputs")
    assert inputs["waybar"]["url"] == url
