"""recipe.toml: what it may say, where it says something else, and what comes of it."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
from recipe_base import OVERLAY, RECIPE, write_recipe

from nixedit.errors import NixEditError
from nixedit.migrate.recipe import load_recipe
from nixedit.migrate.recipes.checking import check_recipe, overlay_names
from nixedit.migrate.recipes.format import problems
from nixedit.migrate.recipes.loading import BUILT_IN, built_in, default_name
from nixedit.migrate.recipes.template import Template

FAULTS = tomllib.loads(Path(__file__).with_name("recipe_faults.toml").read_text())["fault"]


@pytest.mark.parametrize("fault", FAULTS, ids=[fault["name"] for fault in FAULTS])
def test_what_is_wrong_is_said_with_its_place(tmp_path: Path, fault: dict[str, Any]) -> None:
    before, after = fault["change"]
    text = OVERLAY if "in" in fault else RECIPE
    assert text.count(before) >= 1
    changed = text.replace(before, after, 1)
    recipe, overlay = (RECIPE, changed) if "in" in fault else (changed, OVERLAY)
    file = write_recipe(tmp_path / "mine", recipe, overlay)
    found = check_recipe(file)
    said = "".join(f"{error.render()}\n" for error in found.errors)
    assert said.replace(f"{file.parent}/", "") == fault["says"]
    if not found.name:
        with pytest.raises(NixEditError) as error:
            load_recipe(str(file))
        assert error.value.render() == found.errors[0].render()


def test_a_recipe_with_every_part_is_right(tmp_path: Path) -> None:
    found = check_recipe(write_recipe(tmp_path / "mine"))
    assert (found.name, found.errors, found.notes) == ("mine", (), ())


def test_what_it_says_is_what_is_read(tmp_path: Path) -> None:
    recipe = load_recipe(str(write_recipe(tmp_path / "mine")))
    assert recipe.variants == {
        "default": "mine",
        "fast": "mine-fast",
        "fast-zen": "mine-fast-zen",
        "fast-core": "mine-fast-core",
    }
    (file,) = recipe.files
    assert (file.path, file.otherwise) == ("overlays/mine.nix", "nix/mine.nix")
    assert (recipe.module.path, recipe.module.otherwise) == (
        "modules/mine-overlays.nix",
        "nix/mine-overlays.nix",
    )
    assert (recipe.places.system, recipe.places.home) == ("environment.systemPackages", "home.packages")
    assert (recipe.service, recipe.caches, recipe.legacy) == (None, (), ())
    assert (recipe.package, recipe.arguments) == (None, {})


def test_a_file_s_placeholders_are_replaced_and_its_version_stands_on_top(tmp_path: Path) -> None:
    recipe = load_recipe(str(write_recipe(tmp_path / "mine")))
    written = recipe.file_content(recipe.files[0], "theirs")
    assert written is not None
    assert written.decode() == (
        "# Written by nixedit migrate, recipe mine 2.\n"
        "#\n"
        "# From theirs.\n"
        "{ inputs }:\n"
        "final: prev:\n"
        "let\n"
        "  cpus = {\n"
        '    zen = "AVX AVX2";\n'
        '    core = "AVX";\n'
        "  };\n"
        "in\n"
        "{\n"
        "  mine = inputs.theirs.packages.x86_64-linux.mine;\n"
        "  mine-fast = prev.mine;\n"
        "  mine-fast-zen = prev.mine;\n"
        "  mine-fast-core = cpus.core;\n"
        "}\n"
    )
    old = recipe.file_content(recipe.files[0], "theirs", 1)
    assert old is not None
    assert old.startswith(b"# Written by nixedit migrate, recipe mine 1.\n#\n")
    assert b"cpus = { };" in old
    assert recipe.file_content(recipe.files[0], "theirs", 7) is None


def test_a_name_that_is_no_identifier_is_quoted() -> None:
    assert Template(b"inputs.@input@.x", {"input": None}).content("in") == b'inputs."in".x'


def test_only_the_input_and_the_overlays_are_needed(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(
        """\
recipe = { name = "small", version = 1, summary = "an overlay" }
input = { name = "small", url = "github:owner/small" }
overlays = [{ output = "overlays.default" }]
"""
    )
    found = check_recipe(tmp_path / "small.toml")
    assert (found.name, found.errors, found.notes) == ("small", (), ())
    recipe = load_recipe(str(tmp_path / "small.toml"))
    assert (recipe.files, recipe.variants, recipe.input.follows) == ((), {}, ())


def test_a_package_may_come_from_the_input_s_overlay(tmp_path: Path) -> None:
    recipe = RECIPE.replace("[[files]]", '[[overlays]]\noutput = "overlays.default"\n\n[[files]]')
    overlay = OVERLAY.replace("mine-fast = prev.mine;", "mine-fsat = prev.mine;")
    found = check_recipe(write_recipe(tmp_path / "mine", recipe, overlay))
    assert found.errors == ()
    assert found.notes == (
        "no file of the recipe defines `mine-fast`, the package of `fast`: it must come from `overlays.default`",
    )


@pytest.mark.parametrize("link", [True, False])
def test_a_template_does_not_lead_out_of_the_recipe_s_folder(tmp_path: Path, *, link: bool) -> None:
    file = write_recipe(tmp_path / "mine")
    (tmp_path / "secret").write_text(OVERLAY)
    (file.parent / "overlay.nix").unlink()
    target = tmp_path / "secret" if link else file.parent / "old.nix"
    (file.parent / "overlay.nix").symlink_to(target)
    said = [error.message for error in check_recipe(file).errors]
    assert said == (["`overlay.nix` leads out of the recipe's folder"] if link else [])


@pytest.mark.parametrize(
    ("body", "names"),
    [
        ("{ a = 1; b.c = 2; }", {"a", "b"}),
        (
            '{ a = 1; } // builtins.listToAttrs (map (n: { name = "x-${n}"; value = n; }) [ "p" "q" ])',
            {"a", "x-p", "x-q"},
        ),
        ("{ a = 1; } // prev.more", None),
        ("{ ${prev.name} = 1; }", None),
        ("prev", None),
    ],
)
def test_the_names_that_an_overlay_defines(body: str, names: set[str] | None) -> None:
    assert overlay_names(f"{{ inputs }}:\nfinal: prev: {body}\n".encode()) == names


# -- the page about it ----------------------------------------------------------------------------

PAGE = (Path(__file__).parents[2] / "docs" / "recipes.md").read_text()


def shown(name: str) -> dict[str, Any]:
    """The data of an example in the page."""
    (text,) = re.findall(rf"<!-- recipe: {name} -->\n```toml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    return tomllib.loads(text)


def test_the_small_recipe_of_the_page_is_the_one_that_ships() -> None:
    assert shown("small") == tomllib.loads((BUILT_IN / "rust-overlay" / "recipe.toml").read_text())


def test_the_cpus_of_the_page_are_right() -> None:
    data = {**shown("small"), "variants": {"vulkan": "llama-cpp-vulkan"}, **shown("cpus")}
    assert list(problems(data)) == []


def test_the_page_tells_of_every_key() -> None:
    data = tomllib.loads((BUILT_IN / "llama-cpp" / "recipe.toml").read_text())
    named = {"files", "overlays"} | set(data)
    for part in (data["recipe"], data["input"], *data["overlays"], *data["files"], data["module"]):
        named |= set(part)
    named |= {
        *data["files"][0]["earlier"][0],
        *data["places"],
        *data["override"],
        *data["service"],
        *data["cpus"]["x86_64"],
    }
    named |= {"option", "attributes", "alone", "sources", "flags", "has"}
    named |= {*data["service"]["forms"][0], *data["caches"][0]}
    assert {key for key in named if key not in re.findall(r"[\w-]+", PAGE)} == set()


# -- those that ship ------------------------------------------------------------------------------


@pytest.mark.parametrize("name", built_in())
def test_a_recipe_that_ships_is_right_and_called_as_its_folder(name: str) -> None:
    found = check_recipe(BUILT_IN / name / "recipe.toml")
    assert (found.name, found.errors, found.notes) == (name, (), ())


def test_one_of_them_is_the_default() -> None:
    said = [tomllib.loads((BUILT_IN / name / "recipe.toml").read_text())["recipe"] for name in built_in()]
    assert [recipe["name"] for recipe in said if recipe.get("default")] == [default_name()]
    assert load_recipe().name == default_name()


def test_the_llama_cpp_overlay_defines_exactly_the_packages_of_its_variants() -> None:
    recipe = load_recipe("llama-cpp")
    assert overlay_names(recipe.file_content(recipe.files[0], "llama-cpp") or b"") == set(
        recipe.variants.values()
    )


def test_the_engine_knows_nothing_of_a_recipe() -> None:
    root = BUILT_IN.parents[1]
    words = ("llama", "ggml", "cuda", "vulkan", "rocm", "neovim", "rust-")
    for path in root.rglob("*.py"):
        text = path.read_text().lower()
        assert [word for word in words if word in text] == [], path
