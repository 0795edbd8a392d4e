"""The files of rules: what is wrong in one is said, and the recipe's own is whole."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from detection import HARDWARE, rules

from nixedit.detect.rules import load_rules
from nixedit.errors import NixEditError
from nixedit.migrate.recipe import load_recipe


def test_the_recipes_variants_are_those_that_are_proposed() -> None:
    known = load_recipe("llama-cpp").variants
    assert {rule.variant for rule in rules().variants} <= set(known)
    assert rules().portable in known


def test_every_capability_that_is_asked_for_can_be_found() -> None:
    found = rules()
    sources = [*found.options, *found.modules, *found.reports]
    meant = {meaning.capability for rule in sources for meaning in rule.means}
    for words in found.meta.values():
        meant |= {meaning.capability for meanings in words.values() for meaning in meanings}
    asked = {name for rule in found.variants for name in (*rule.needs, *rule.unless)}
    asked |= {name for rule in found.doubts for name in (*rule.when, *rule.unless)}
    assert asked <= meant


def test_the_last_variant_needs_nothing() -> None:
    (*others, last) = rules().variants
    assert not last.needs
    assert not last.platforms
    assert all(rule.needs or rule.platforms for rule in others)


def test_every_pattern_is_one() -> None:
    for rule in rules().options:
        if rule.test == "written":
            re.compile(rule.wanted)


@pytest.mark.parametrize(
    ("before", "after", "message"),
    [
        ('contains = ["nvidia"]\n', "", "`services.xserver.videoDrivers` needs one of equals, contains, packages, written, defined"),
        ('strength = "strong"', 'strength = "big"', "`big` is neither `strong` nor `weak`"),
        ('recipe = "llama-cpp"', "", "there is no 'recipe'"),
        ("[[options]]", "[[options]", "Expected ']]' at the end of an array declaration"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(tmp_path: Path, before: str, after: str, message: str) -> None:
    path = tmp_path / "hardware.toml"
    path.write_text(HARDWARE.read_text().replace(before, after, 1))
    with pytest.raises(NixEditError) as caught:
        load_rules(path)
    assert str(caught.value).startswith(f"{path}: these are no rules of detection: {message}")
