"""A fleet's own choices in nixedit.toml: read by every run, checked, and below what is said on the command line."""

from __future__ import annotations

from pathlib import Path

import pytest
from migration_runs import FLAKE, contents, migrate, migrated, write

MODULE = "{ pkgs, ... }:\n{\n  environment.systemPackages = [ pkgs.llama-cpp ];\n}\n"


def fleet(folder: Path, settings: str) -> Path:
    return write(folder / "fleet", {"flake.nix": FLAKE, "argon.nix": MODULE, "nixedit.toml": settings})


def test_a_host_gets_the_variant_that_the_file_says(tmp_path: Path) -> None:
    folder = fleet(tmp_path, '[migrate.hosts]\nargon = "cuda-native"\n')
    migrated(folder)
    assert "[ pkgs.llama-cpp-cuda-native ]" in (folder / "argon.nix").read_text()
    assert migrate(folder, "--check").code == 0


def test_the_command_line_has_the_last_word(tmp_path: Path) -> None:
    folder = fleet(tmp_path, '[migrate.hosts]\nargon = "cuda-native"\n')
    migrated(folder, "--variant", "argon=vulkan")
    assert "[ pkgs.llama-cpp-vulkan ]" in (folder / "argon.nix").read_text()


def test_other_recipes_have_tables_of_their_own(tmp_path: Path) -> None:
    folder = fleet(tmp_path, '[migrate.other.hosts]\nargon = "nightly"\n')
    migrated(folder)
    assert (folder / "argon.nix").read_text() == MODULE


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ("[migrate\n", "nixedit.toml:1:9: this is no TOML: expected ']' at the end of a table"),
        ("[migrate.host]\nargon = 'cuda'\n", "nixedit.toml:1:2: `host` is no key of [migrate]"),
        (
            "[migrate.hosts]\nargon = 1\n",
            "nixedit.toml:2:9: `argon` must be the name of a variant, and this is a number",
        ),
        ("migrate = 1\n", "nixedit.toml:1:11: `migrate` must be a table, and this is a number"),
        ("[migrate.hosts]\nargom = 'cuda'\n", "the flake has no host `argom` (did you mean `argon`?)"),
        ("[migrate.hosts]\nargon = 'cude'\n", "the recipe has no variant `cude` (did you mean `cuda`?)"),
        (
            "[migrate.services.argon]\nmodul = '/m'\n",
            "nixedit.toml:2:1: `modul` is no key of [migrate.services.argon]",
        ),
        (
            "[migrate.services.argon]\nport = 70000\n",
            "nixedit.toml:2:8: `port` must be 65535 or less",
        ),
        (
            "[detect]\nmeta = 'meta.nix'\n",
            'nixedit.toml:2:8: `meta` must be a path as in meta = "machines/meta/{host}.nix": it has no `{host}`',
        ),
        ("[detect]\nmata = 'x'\n", "nixedit.toml:2:1: `mata` is no key of [detect]"),
        (
            "[migrate.services.other]\nport = 7\n",
            "the flake has no host `other` (there are: argon)",
        ),
    ],
)
def test_what_the_file_cannot_mean_is_an_error(settings: str, message: str, tmp_path: Path) -> None:
    folder = fleet(tmp_path, settings)
    before = contents(folder)
    run = migrate(folder)
    assert run.code == 2, run
    assert message in run.err
    assert contents(folder) == before
