"""The fleets of `shapes`: what a migration changes in their files, and what Nix makes of them before and after.

`pytest --update-golden` writes every `diff` of the tables anew; read each of its lines before it is committed.
"""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import fleet_tables
import pytest
from evaluator import Evaluator, HostFacts
from migration_runs import contents, migrate, migrated, write
from msgspec import Struct
from overlay_order import OURS, named

SHAPES = Path(__file__).parent / "shapes"
FLEETS = fleet_tables.read(SHAPES)
# Each formatter's version that the tables are laid out by.
FORMATTERS = {"nixfmt": "nixfmt 1", "nixfmt-classic": "nixfmt v0.6", "alejandra": "Alejandra 4"}
# What a variant needs of its host's system is told in test_migrate.py.
EVERYWHERE = {
    "llama-cpp",
    "llama-cpp-cpu",
    "llama-cpp-cuda",
    "llama-cpp-cuda-native",
    "llama-cpp-vulkan-native",
}


class Migrated(Struct, frozen=True):
    """A fleet of the tables after its migration, and what there was before."""

    key: str
    folder: Path
    before: dict[str, bytes]
    patch: str


@pytest.fixture(scope="session")
def done() -> dict[str, Migrated]:
    """The fleets migrated so far, for all tests."""
    return {}


@pytest.fixture
def fleet(
    request: pytest.FixtureRequest, done: dict[str, Migrated], tmp_path_factory: pytest.TempPathFactory
) -> Migrated:
    key = request.param
    if key not in done:
        folder = write(tmp_path_factory.mktemp("fleet"), FLEETS[key].files)
        before = contents(folder)
        run = migrate(folder, "--diff", *FLEETS[key].words)
        assert (run.code, run.err, contents(folder)) == (0, "", before), run
        migrated(folder, *FLEETS[key].words)
        done[key] = Migrated(key, folder, before, run.out)
    return done[key]


every_fleet = pytest.mark.parametrize("fleet", FLEETS, indirect=True)


@every_fleet
def test_the_edited_files_differ_as_a_person_would_have_edited_them(
    fleet: Migrated, request: pytest.FixtureRequest
) -> None:
    patches = [f"diff --git {part}" for part in fleet.patch.split("diff --git ")[1:]]
    whole = ("\nnew file mode", "\ndeleted file mode")
    edited = "".join(patch for patch in patches if not any(words in patch for words in whole))
    if request.config.getoption("--update-golden"):
        fleet_tables.write_diff(SHAPES, fleet.key, edited)
    assert edited == fleet_tables.read(SHAPES)[fleet.key].diff


@every_fleet
def test_no_other_files_come_and_go(fleet: Migrated) -> None:
    after = contents(fleet.folder)
    assert tuple(sorted(set(after) - set(fleet.before))) == FLEETS[fleet.key].new
    assert tuple(sorted(set(fleet.before) - set(after))) == FLEETS[fleet.key].removed


@every_fleet
def test_nix_finds_every_variant_and_each_overlay_once(
    fleet: Migrated, evaluator: Evaluator, tmp_path: Path
) -> None:
    expected = FLEETS[fleet.key]
    before = evaluator.hosts(write(tmp_path / "before", expected.files))
    after = evaluator.hosts(fleet.folder)
    assert tuple(host.name for host in before.values() if host.error is not None) == expected.thrown
    assert {host.name: host.error for host in after.values() if host.error is not None} == {}
    assert {name: named(host.overlays) for name, host in after.items()} == expected.overlays
    for name, host in after.items():
        assert (name, expected.overlays[name].split().count("+")) == (name, 1)
        assert host.thrown | set(host.packages) == set(OURS)
        assert set(host.packages) >= EVERYWHERE
        assert {package.origin for package in host.packages.values()} == {"llama.cpp"}
        if before[name].error is None:
            assert_unchanged(before[name], host)


def assert_unchanged(before: HostFacts, after: HostFacts) -> None:
    """What has nothing to do with llama-cpp is as it was."""
    assert own_names(before) == own_names(after)
    assert after.system == before.system
    assert (after.system_packages, after.home_packages) == (before.system_packages, before.home_packages)
    assert after.toplevel == before.toplevel


def own_names(host: HostFacts) -> list[str]:
    """What the overlays define, in order, without the packages that the recipe brings."""
    return [name for names in host.overlays for name in names if not name.startswith("llama")]


@every_fleet
def test_a_second_run_changes_nothing(fleet: Migrated) -> None:
    words = FLEETS[fleet.key].words
    before = contents(fleet.folder)
    check = migrate(fleet.folder, "--check", *words)
    assert (check.code, check.err) == (0, ""), check
    assert "Nothing to do: every chosen host is migrated already.\n" in migrated(fleet.folder, *words).out
    assert contents(fleet.folder) == before


@pytest.mark.parametrize("fleet", [key for key in FLEETS if FLEETS[key].formatter], indirect=True)
def test_what_a_formatter_laid_out_stays_its_fixed_point(fleet: Migrated) -> None:
    formatter = FLEETS[fleet.key].formatter
    if shutil.which(formatter) is None:
        pytest.skip(f"{formatter} is not on the PATH")
    said = subprocess.run([formatter, "--version"], capture_output=True, text=True, check=True).stdout.strip()
    if not said.startswith(FORMATTERS[formatter]):
        pytest.skip(f"{formatter} is {said}, not {FORMATTERS[formatter]}")
    after = contents(fleet.folder)
    for files in (fleet.before, {name: after[name] for name in fleet.before if name in after}):
        for name, text in files.items():
            quiet = ["-q"] if formatter == "alejandra" else []
            formatted = subprocess.run(
                [formatter, *quiet], input=text, capture_output=True, check=True
            ).stdout
            assert (name, formatted.decode()) == (name, text.decode())
