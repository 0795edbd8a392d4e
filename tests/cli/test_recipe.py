"""`nixedit recipe`: the recipes that there are, whether one is right, and one to begin with."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from recipe_base import RECIPE, write_recipe

from nixedit.cli.main import main
from nixedit.migrate.recipe import load_recipe
from nixedit.migrate.recipes.loading import BUILT_IN, built_in


def test_list_names_every_recipe_what_it_does_and_its_variants(capsys) -> None:
    assert main(["recipe", "list"]) == 0
    said = capsys.readouterr().out
    for name in built_in():
        recipe = load_recipe(name)
        assert f"{name}: {recipe.summary}\n  input: {recipe.input.url}\n" in said
    assert "  variants: default, cpu, vulkan, vulkan-native, cuda, cuda-native, rocm, rocm-native\n" in said
    assert "  cpu, vulkan, cuda, rocm: also for one kind of CPU, as in cpu-portable:\n    portable\n" in said
    assert "\n    x86_64: x86-64-v2, x86-64-v3, " in said
    assert "  variants: stable, stable-minimal, beta, beta-minimal\n" in said


def test_list_of_one_recipe_has_the_package_of_every_variant(capsys) -> None:
    assert main(["recipe", "list", "rust-overlay"]) == 0
    assert capsys.readouterr().out == (
        "rust-overlay: Rust's toolchains as their makers release them, any version\n"
        "  input: github:oxalica/rust-overlay\n"
        "  variants:\n"
        "    stable          rust-bin.stable.latest.default\n"
        "    stable-minimal  rust-bin.stable.latest.minimal\n"
        "    beta            rust-bin.beta.latest.default\n"
        "    beta-minimal    rust-bin.beta.latest.minimal\n"
    )
    assert main(["recipe", "list", "llama-cpp"]) == 0
    said = capsys.readouterr().out.split()
    assert {word for pair in load_recipe("llama-cpp").variants.items() for word in pair} <= set(said)


def test_list_for_programs(capsys) -> None:
    assert main(["recipe", "list", "--json"]) == 0
    recipes = json.loads(capsys.readouterr().out)["recipes"]
    assert [recipe["name"] for recipe in recipes] == built_in()
    assert recipes[0]["variants"] == load_recipe(recipes[0]["name"]).variants


@pytest.mark.parametrize("command", ["list", "check"])
def test_an_unknown_recipe_is_one_line(capsys, command: str) -> None:
    assert main(["recipe", command, "lama-cpp"]) == 2
    assert capsys.readouterr().err == "nixedit: no recipe `lama-cpp`\ndid you mean `llama-cpp`?\n"
    assert main(["recipe", command, "./nowhere"]) == 2
    assert capsys.readouterr().err == "nowhere: no such recipe\n"


@pytest.mark.parametrize("as_folder", [True, False])
def test_check_of_a_right_recipe(capsys, tmp_path: Path, *, as_folder: bool) -> None:
    file = write_recipe(tmp_path / "mine")
    assert main(["recipe", "check", str(file.parent if as_folder else file)]) == 0
    assert capsys.readouterr().out == f"{file}: the recipe mine is right\n"
    assert main(["recipe", "check", "-q", str(file)]) == 0
    assert capsys.readouterr().out == ""


def test_check_says_all_that_is_wrong(capsys, tmp_path: Path) -> None:
    text = RECIPE.replace("version = 2", 'version = "2"').replace("url =", "ulr =")
    file = write_recipe(tmp_path / "mine", text)
    assert main(["recipe", "check", str(file), "llama-cpp"]) == 1
    assert capsys.readouterr().out == (
        f"{file}:3:11: `version` must be a whole number, and this is a text\n"
        '    3 | version = "2"\n'
        "      |           ^^^\n"
        f"{file}:6:2: [input] has no `url`\n"
        "    6 | [input]\n"
        "      |  ^^^^^\n"
        f"{file}:8:1: `ulr` is no key of [input]\n"
        '    8 | ulr = "github:owner/mine"\n'
        "      | ^^^ did you mean `url`?\n"
        f"{BUILT_IN / 'llama-cpp' / 'recipe.toml'}: the recipe llama-cpp is right\n"
    )
    assert main(["recipe", "check", "--json", str(file)]) == 1
    found = json.loads(capsys.readouterr().out)["findings"]
    assert [(item["line"], item["column"], item["hint"]) for item in found] == [
        (3, 11, None),
        (6, 2, None),
        (8, 1, "did you mean `url`?"),
    ]


def test_check_notes_what_may_be_right(capsys, tmp_path: Path) -> None:
    file = write_recipe(
        tmp_path / "mine", RECIPE.replace("[[files]]", '[[overlays]]\noutput = "overlays.more"\n\n[[files]]')
    )
    file.write_text(file.read_text().replace('fast = "mine-fast"', 'fast = "mine-fast"\nother = "theirs"'))
    assert main(["recipe", "check", str(file)]) == 0
    assert capsys.readouterr().out == (
        f"{file}: note: no file of the recipe defines `theirs`, the package of `other`: "
        "it must come from `overlays.more`\n"
        f"{file}: the recipe mine is right\n"
    )


def test_new_writes_a_recipe_that_is_right(capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["recipe", "new", "mine"]) == 0
    assert capsys.readouterr().out == (
        "mine/recipe.toml written\n"
        "mine/overlay.nix written\n"
        "\n"
        "Next: say what it is in recipe.toml, then `nixedit recipe check mine`.\n"
    )
    assert main(["recipe", "check", "mine"]) == 0
    assert capsys.readouterr().out == "mine/recipe.toml: the recipe mine is right\n"
    recipe = load_recipe("./mine")
    assert (recipe.name, recipe.variants) == ("mine", {"default": "mine", "debug": "mine-debug"})
    assert b"`inputs.mine.overlays.default`" in (recipe.file_content(recipe.files[0], "mine") or b"")
    commented = (tmp_path / "mine" / "recipe.toml").read_text()
    (tmp_path / "mine" / "recipe.toml").write_text(
        "\n".join(
            line.removeprefix("# ") if re.match(r"# (\[|\w+ = )", line) else line
            for line in commented.split("\n")
        )
    )
    assert main(["recipe", "check", "mine"]) == 0  # what is commented out is right too
    assert load_recipe("./mine").arguments == {"enableFoo": "withFoo"}


def test_what_new_writes_is_laid_out_as_nixfmt_would(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    if shutil.which("nixfmt") is None:
        pytest.skip("nixfmt is not on the PATH")
    monkeypatch.chdir(tmp_path)
    assert main(["recipe", "new", "mine"]) == 0
    recipe = load_recipe("./mine")
    (tmp_path / "x.nix").write_bytes(recipe.file_content(recipe.files[0], "mine") or b"")
    subprocess.run(["nixfmt", "--check", "x.nix"], check=True)


@pytest.mark.parametrize(
    ("name", "says"),
    [
        ("there", "there: there is something of that name already\n"),
        ("a b", "nixedit: `a b` is no name for a package: letters, digits, `_` and `-`\n"),
        ("in", "nixedit: `in` is no name for a package: letters, digits, `_` and `-`\n"),
    ],
)
def test_new_writes_over_nothing(
    capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").mkdir()
    assert main(["recipe", "new", name]) == 2
    assert capsys.readouterr().err == says
    assert list(tmp_path.rglob("*")) == [tmp_path / "there"]


def test_a_command_is_needed(capsys) -> None:
    with pytest.raises(SystemExit) as stop:
        main(["recipe"])
    assert stop.value.code == 2
    assert "list | check | new" in capsys.readouterr().err
