"""An overlay file of an earlier run: brought up to date, merged with a person's changes, or left alone."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

import pytest
from evaluator import Evaluator
from fleets_support import FleetCopy
from migration_runs import Run, committed, contents, git, migrate, migrated
from recipe_contents import overlay

from nixedit.migrate.recipe import load_recipe

PLACE = "overlays/llama-cpp.nix"
# What each version writes: a change of the template is a new version, with the old one kept in `earlier`.
WRITTEN = {
    1: "024768ab4e614180bfa921d0867d0161f4f1663e4ddebdcc11058a17806e7255",
    2: "73c1eb5fe1ab5fcdf65133dceda0434e6a545fb5b45cbf059dc12ba879044a52",
}


def old_fleet(fleet_copy: FleetCopy, *changes: tuple[str, str], newline: str = "\n") -> Path:
    """A fleet that version 1 migrated, with changes of a person to the overlay file."""
    folder = fleet_copy("plan-nixfmt")
    migrated(folder)
    text = overlay(version=1).decode()
    for before, after in changes:
        assert text.count(before) == 1
        text = text.replace(before, after)
    (folder / PLACE).write_bytes(text.replace("\n", newline).encode())
    return folder


def run_only_touches_the_overlay(folder: Path) -> Run:
    before = contents(folder)
    run = migrate(folder)
    assert {name for name, data in contents(folder).items() if data != before[name]} <= {PLACE}
    return run


def test_every_version_s_text_is_kept() -> None:
    recipe = load_recipe("llama-cpp")
    assert set(WRITTEN) == set(range(1, recipe.version + 1))
    for version, digest in WRITTEN.items():
        assert sha256(overlay(version=version)).hexdigest() == digest


def test_an_old_overlay_is_brought_up_to_date(fleet_copy: FleetCopy) -> None:
    folder = old_fleet(fleet_copy)
    assert migrate(folder, "--check").code == 1
    run = run_only_touches_the_overlay(folder)
    assert (run.code, run.err) == (0, "")
    assert f"{PLACE}: overlay brought from version 1 to 2" in run.out
    assert (folder / PLACE).read_bytes() == overlay()
    assert migrate(folder).out == "Nothing to do: every chosen host is migrated already.\n"


def test_the_old_overlay_of_an_input_of_another_name_is_known_too(fleet_copy: FleetCopy) -> None:
    folder = old_fleet(fleet_copy)
    flake = folder / "flake.nix"
    flake.write_text(
        flake.read_text().replace("llama-cpp = {", "llama = {").replace("inputs.llama-cpp", "inputs.llama")
    )
    (folder / PLACE).write_bytes(overlay("llama", 1))
    migrated(folder)
    assert (folder / PLACE).read_bytes() == overlay("llama")


def test_line_ends_stay(fleet_copy: FleetCopy) -> None:
    folder = old_fleet(fleet_copy, newline="\r\n")
    migrated(folder)
    assert (folder / PLACE).read_bytes() == overlay().replace(b"\n", b"\r\n")
    assert migrate(folder, "--check").code == 0


OWN = (
    (
        "  cpu = only { useBlas = true; };",
        "  cpu = only { useBlas = true; };\n  rpc = only { useRpc = true; };",
    ),
    (
        "  llama-cpp-rocm-native = native rocm;\n",
        "  llama-cpp-rocm-native = native rocm;\n\n  # Mine.\n  llama-cpp-rpc = rpc;\n",
    ),
)


def test_changes_that_meet_those_of_the_recipe_leave_the_file_alone(fleet_copy: FleetCopy) -> None:
    folder = old_fleet(fleet_copy, *OWN)
    before = contents(folder)
    run = migrate(folder)
    assert (run.code, run.err, contents(folder)) == (0, "", before)
    assert run.out == (
        "Nothing to do: every chosen host is migrated already.\n"
        f"  note: {PLACE} has changes of your own and stays as it is: they cannot be merged with version 2; "
        f"to get it, move {PLACE} away, run this again, and carry your changes over\n"
    )
    assert migrate(folder, "--check").code == 0


def test_changes_that_meet_none_of_the_recipe_s_are_kept(fleet_copy: FleetCopy, evaluator: Evaluator) -> None:
    folder = old_fleet(fleet_copy, ("        useMpi = false;\n", "        useMpi = true;\n"))
    run = run_only_touches_the_overlay(folder)
    assert f"{PLACE}: overlay version 2 merged with changes of your own" in run.out
    assert (folder / PLACE).read_bytes() == overlay().replace(b"useMpi = false;", b"useMpi = true;")
    host = evaluator.hosts(folder)["carbon"]
    assert host.packages["llama-cpp-cpu-znver4"].overridden["useMpi"] is True
    second = migrate(folder)
    assert (second.code, second.err) == (0, "")
    assert second.out == (
        "Nothing to do: every chosen host is migrated already.\n"
        f"  note: {PLACE} has changes of your own and stays as it is\n"
    )


@pytest.mark.parametrize(
    ("head", "note"),
    [
        ("llama-cpp 3.", f"{PLACE} was written by a newer version of this recipe and stays as it is"),
        ("llama-cpp 0.", f"{PLACE} has changes of your own and stays as it is"),
        ("llama-cpp 1. Mine.", f"{PLACE} has changes of your own and stays as it is"),
    ],
)
def test_a_file_of_no_known_version_stays(fleet_copy: FleetCopy, head: str, note: str) -> None:
    folder = old_fleet(fleet_copy, ("llama-cpp 1.", head))
    before = contents(folder)
    run = migrate(folder)
    assert (run.code, run.err, contents(folder)) == (0, "", before)
    assert run.out == f"Nothing to do: every chosen host is migrated already.\n  note: {note}\n"


def test_the_module_of_an_earlier_version_is_brought_up_to_date_with_new_hosts(fleet_copy: FleetCopy) -> None:
    folder = fleet_copy("plan-nixfmt")
    migrated(folder, "--layout", "module", "--host", "carbon")
    module = folder / "modules" / "llama-cpp-overlays.nix"
    now = module.read_bytes()
    module.write_bytes(now.replace(b"llama-cpp 2.", b"llama-cpp 1."))
    (folder / PLACE).write_bytes(overlay(version=1))
    migrated(folder, "--layout", "module")
    assert module.read_bytes() == now
    assert (folder / PLACE).read_bytes() == overlay()


def test_an_overlay_with_uncommitted_changes_is_not_replaced(fleet_copy: FleetCopy) -> None:
    folder = committed(old_fleet(fleet_copy))
    text = (folder / PLACE).read_text()
    (folder / PLACE).write_text(text.replace("useMpi = false;", "useMpi = true;"))
    before = contents(folder)
    run = migrate(folder)
    assert (run.code, contents(folder)) == (2, before)
    assert f"uncommitted changes in {PLACE}" in run.err
    git(folder, "checkout", PLACE)
    assert migrate(folder).code == 0


def test_without_git_a_changed_file_stays(fleet_copy: FleetCopy, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = old_fleet(fleet_copy, ("        useMpi = false;\n", "        useMpi = true;\n"))
    before = contents(folder)
    monkeypatch.setenv("PATH", "/nowhere")
    run = migrate(folder)
    assert (run.code, run.err, contents(folder)) == (0, "", before)
    assert "they cannot be merged with version 2" in run.out
