"""`nixedit migrate`: its options, exit codes and what it prints."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest
from fleets_support import FLEETS, FleetCopy, copy_fleet
from migration_runs import FLAKE, GIT, OLD, contents, git, migrate, migrated, write

REPORT_KEYS = {"recipe", "flake", "hosts", "steps", "refusals", "notes", "findings", "written"}
HOST_KEYS = {"name", "status", "steps", "refusal", "proposal"}
STEP_KEYS = {"what", "file", "line", "why"}
REFUSAL_KEYS = {"message", "file", "line", "column", "hint"}


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    """One host, no old overlay, outside of version control."""
    return write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": "{ }\n"})


# -- --diff ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FLEETS)
def test_git_applies_the_diff_and_gets_what_the_run_writes(
    name: str, fleet_copy: FleetCopy, tmp_path: Path
) -> None:
    folder = fleet_copy(name)
    patch = migrate(folder, "--diff")
    assert (patch.code, patch.err) == (0, "")
    migrated(folder)
    other = tmp_path / "other"
    other.mkdir()
    assert contents(applied(copy_fleet(name, other), patch.out)) == contents(folder)


def applied(folder: Path, patch: str) -> Path:
    """The folder with a patch that git applied."""
    git(folder, "init", "-q")
    command = ["git", "-C", str(folder), "apply", "-"]
    data = patch.encode("utf-8", "surrogateescape")
    done = subprocess.run(command, input=data, env=GIT, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode() + patch
    return folder


def test_the_diff_is_a_patch_whatever_the_files_are_called_and_hold(tmp_path: Path) -> None:
    files = {
        "flake.nix": FLAKE.replace("./argon.nix", '(./. + "/my hosts/g r\\"ün.nix")'),
        'my hosts/g r"ün.nix': "{\n  imports = [ ../old/llama-cpp-variants.nix ]; # \udcff\n}",
        "old/llama-cpp-variants.nix": "{ } # \udce9\r\n",
    }
    folder, other = write(tmp_path / "a", files), write(tmp_path / "b", files)
    patch = migrate(folder, "--diff")
    assert patch.code == 0, patch
    migrated(folder)
    assert contents(applied(other, patch.out)) == contents(folder)


def test_the_diff_writes_nothing_and_needs_no_permission(fleet: Path) -> None:
    write(fleet, {"old/llama-cpp-variants.nix": OLD})
    before = contents(fleet)
    assert migrate(fleet, "--diff").code == 0
    assert contents(fleet) == before


def test_without_anything_to_do_the_diff_is_empty(fleet: Path) -> None:
    migrated(fleet)
    assert migrate(fleet, "--diff").out == ""


# -- --check --------------------------------------------------------------------------------------


def test_check_is_1_then_0_and_writes_nothing(fleet: Path) -> None:
    before = contents(fleet)
    run = migrate(fleet, "--check")
    assert (run.code, run.err, contents(fleet)) == (1, "", before)
    assert run.out == (
        f"To do in {fleet}:\n"
        "  argon  to migrate\n"
        "           flake.nix:10: a module with the overlays added (the first: NixOS applies its overlays last)\n"
        "  all hosts\n"
        "           flake.nix:2: input `llama-cpp` added, its nixpkgs follows `nixpkgs` (the overlays come from it)\n"
        "           overlays/llama-cpp.nix: overlay written (what the hosts' overlays import)\n"
    )
    migrated(fleet)
    assert migrate(fleet, "--check").code == 0


def test_check_of_a_fleet_that_must_be_refused_is_2(fleet: Path) -> None:
    write(fleet, {"flake.nix": FLAKE.replace("nixpkgs.lib.nixosSystem {", "mkHost {")})
    assert migrate(fleet, "--check").code == 2


def test_check_and_diff_exclude_each_other(fleet: Path) -> None:
    run = migrate(fleet, "--check", "--diff")
    assert run.code == 2
    assert "not allowed with argument" in run.err


# -- what is printed ------------------------------------------------------------------------------


def test_the_summary_says_what_changed_and_what_comes_next(fleet: Path) -> None:
    run = migrate(fleet)
    assert (run.code, run.err) == (0, "")
    assert run.out == (
        f"Done in {fleet}:\n"
        "  argon  migrated\n"
        "           flake.nix:10: a module with the overlays added (the first: NixOS applies its overlays last)\n"
        "  all hosts\n"
        "           flake.nix:2: input `llama-cpp` added, its nixpkgs follows `nixpkgs` (the overlays come from it)\n"
        "           overlays/llama-cpp.nix: overlay written (what the hosts' overlays import)\n"
        "\n"
        "Next:\n"
        f"  nix flake lock {fleet}\n"
        f"  nixos-rebuild build --flake '{fleet}#argon'\n"
    )


def test_hosts_that_are_left_out_are_named(fleet: Path) -> None:
    both = FLAKE.replace(
        "      };\n    };\n}\n",
        "        boron = nixpkgs.lib.nixosSystem { modules = [ ]; };\n      };\n    };\n}\n",
    )
    write(fleet, {"flake.nix": both})
    run = migrated(fleet, "--exclude-host", "argon")
    assert "  argon  left out\n  boron  migrated\n" in run.out
    run = migrated(fleet)
    assert "  argon  migrated\n" in run.out
    assert "  boron  unchanged\n" in run.out


def test_quiet_prints_nothing_but_errors(fleet: Path) -> None:
    assert migrate(fleet, "-q", "--check").out == ""
    run = migrate(fleet, "--quiet")
    assert (run.code, run.out, run.err) == (0, "", "")
    write(fleet, {"flake.nix": "{ outputs = 1; }\n"})
    assert "no function that is written here" in migrate(fleet, "-q").err


def test_show_diff_prints_the_patch_of_what_was_written(fleet: Path) -> None:
    patch = migrate(fleet, "--diff").out
    assert patch in migrate(fleet, "--show-diff").out


def test_the_flake_may_be_named_by_its_file(fleet: Path) -> None:
    assert migrate(fleet / "flake.nix").code == 0
    assert migrate(fleet, "--check").code == 0


def test_here_is_the_default(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(fleet)
    run = migrate(".")
    assert run.out.startswith("Done in .:\n")
    assert "\n  nix flake lock\n  nixos-rebuild build --flake '.#argon'\n" in run.out


def test_the_overlay_file_goes_where_a_person_says(fleet: Path) -> None:
    migrated(fleet, "--overlay-file", "nix/llama.nix")
    assert "(import ./nix/llama.nix { inherit inputs; })" in (fleet / "flake.nix").read_text()
    assert (fleet / "nix" / "llama.nix").read_bytes().startswith(b"# Written by nixedit migrate")
    assert migrate(fleet, "--check", "--overlay-file", "nix/llama.nix").code == 0


def test_an_unknown_recipe_is_one_line(fleet: Path) -> None:
    run = migrate(fleet, "--recipe", "x")
    assert (run.code, run.err) == (
        2,
        "nixedit: no recipe `x`\nthere are: llama-cpp, neovim-nightly, rust-overlay\n",
    )


# -- --json ---------------------------------------------------------------------------------------


def test_json_is_one_object_with_these_keys(fleet: Path) -> None:
    run = migrate(fleet, "--json", "--check")
    assert (run.code, run.err) == (1, "")
    report = json.loads(run.out)
    assert set(report) == REPORT_KEYS
    assert report["written"] is False
    (host,) = report["hosts"]
    assert set(host) == HOST_KEYS
    assert (host["name"], host["status"], host["refusal"]) == ("argon", "migrate", None)
    assert all(set(step) == STEP_KEYS and step["why"] for step in (*host["steps"], *report["steps"]))
    assert [step["file"] for step in report["steps"]] == ["flake.nix", "overlays/llama-cpp.nix"]


def test_json_says_that_it_was_written(fleet: Path) -> None:
    run = migrate(fleet, "--json")
    assert (run.code, run.err) == (0, "")
    assert json.loads(run.out)["written"] is True
    again = json.loads(migrate(fleet, "--json").out)
    assert (again["written"], again["hosts"][0]["status"], again["steps"]) == (False, "unchanged", [])


def test_json_has_the_diff_where_it_is_asked_for(fleet: Path) -> None:
    patch = migrate(fleet, "--diff").out
    report = json.loads(migrate(fleet, "--diff", "--json").out)
    assert set(report) == {*REPORT_KEYS, "diff"}
    assert (report["diff"], report["written"]) == (patch, False)


def test_json_of_a_refusal_has_its_place_and_the_error_stays_on_stderr(fleet: Path) -> None:
    write(fleet, {"flake.nix": FLAKE.replace("nixpkgs.lib.nixosSystem {", "mkHost {")})
    run = migrate(fleet, "--json")
    assert run.code == 2
    assert "`mkHost` is not defined here" in run.err
    (host,) = json.loads(run.out)["hosts"]
    assert host["status"] == "refused"
    refusal = host["refusal"]
    assert set(refusal) == REFUSAL_KEYS
    assert refusal["message"] == "host `argon`: `mkHost` is not defined here"
    assert (refusal["file"], refusal["line"], refusal["column"]) == ("flake.nix", 8, 17)


@pytest.mark.parametrize(
    ("flake", "words", "message"),
    [
        ("{ a = ; }\n", [], "flake.nix"),
        ("{ outputs = 1; }\n", [], "flake.nix"),
        (FLAKE, ["--host", "x"], "flake.nix"),
        (FLAKE, ["--follows", "x"], None),
        (FLAKE, ["--recipe", "x"], None),
        (FLAKE.replace("inputs.nixpkgs.url", "inputs = f; x"), [], "flake.nix"),
    ],
)
def test_json_is_valid_whatever_goes_wrong(fleet: Path, flake: str, words: list[str], message: str) -> None:
    write(fleet, {"flake.nix": flake})
    run = migrate(fleet, "--json", *words)
    assert run.code == 2
    assert run.err
    report = json.loads(run.out)
    assert set(report) == REPORT_KEYS
    (refusal,) = report["refusals"]
    assert set(refusal) == REFUSAL_KEYS
    assert refusal["file"] == message
    assert refusal["message"] in run.err


def test_json_without_a_flake_is_valid_too(tmp_path: Path) -> None:
    run = migrate(tmp_path / "nowhere", "--json")
    report = json.loads(run.out)
    assert (run.code, report["hosts"], report["written"]) == (2, [], False)
    assert report["refusals"][0]["message"] == "no such folder"


# -- as a program ---------------------------------------------------------------------------------


def test_it_runs_as_a_program_and_stops_quietly_when_nobody_reads(fleet: Path) -> None:
    command = f"'{sys.executable}' -m nixedit migrate '{fleet}' --diff | head -n 1; echo ${{PIPESTATUS[0]}}"
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[0] == "diff --git a/flake.nix b/flake.nix"
    assert done.stdout.splitlines()[1] in ("0", "141")
    assert done.stderr == ""


def test_the_diff_is_the_same_bytes_in_any_locale(fleet: Path) -> None:
    write(fleet, {"flake.nix": "# für alle: ❄ \udcff\n" + FLAKE})
    expected = migrate(fleet, "--diff").out.encode("utf-8", "surrogateescape")
    done = subprocess.run(
        [sys.executable, "-m", "nixedit", "migrate", str(fleet), "--diff"],
        env={"PATH": GIT["PATH"], "LC_ALL": "C", "PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"},
        capture_output=True,
        check=True,
    )
    assert done.stdout == expected
    assert done.stderr == b""


def test_hosts_that_a_framework_may_make_beside_others_are_told_of(tmp_path: Path) -> None:
    flake = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.ez-configs.url = "github:ehllie/ez-configs";

  outputs =
    inputs:
    inputs.flake-parts.lib.mkFlake { inherit inputs; } {
      imports = [ inputs.ez-configs.flakeModule ];
      flake.nixosConfigurations.argon = inputs.nixpkgs.lib.nixosSystem { modules = [ ]; };
    };
}
"""
    run = migrate(write(tmp_path / "fleet", {"flake.nix": flake}))
    assert run.code == 0, run
    assert "  note: hosts that ez-configs makes were not looked at: by hand, in a module that " in run.out


@pytest.mark.parametrize(
    "hive",
    [
        'colmena = { meta.nixpkgs = import nixpkgs { system = "x86_64-linux"; }; boron = { }; };',
        "colmenaHive = inputs.colmena.lib.makeHive { meta.nixpkgs = nixpkgs; boron = { }; };",
    ],
    ids=["an output", "made by a function"],
)
def test_the_hosts_of_a_hive_beside_others_are_told_of(hive: str, tmp_path: Path) -> None:
    folder = write(
        tmp_path / "fleet", {"flake.nix": FLAKE.replace("{\n      nixos", f"{{\n      {hive}\n      nixos")}
    )
    for words in ((), ("--check",)):
        run = migrate(folder, "--allow-no-vcs", *words)
        assert run.code == 0, run
        assert (
            "  note: hosts that colmena makes were not looked at: by hand, in the hive's `defaults`, a module: "
            "{ nixpkgs.overlays = [ inputs.llama-cpp.overlays.default "
            '(import "${inputs.self}/overlays/llama-cpp.nix" { inherit inputs; }) ]; }\n'
        ) in run.out
    assert hive in (folder / "flake.nix").read_text()


def test_what_is_to_be_done_by_hand_names_the_file_that_is_written(tmp_path: Path) -> None:
    taken = 'overlays = map (name: import (./overlays + "/${name}")) (builtins.attrNames (builtins.readDir ./overlays));'
    hive = "colmena = { boron = { }; };"
    text = FLAKE.replace("{\n      nixos", f"{{\n      {taken}\n      {hive}\n      nixos")
    folder = write(tmp_path / "fleet", {"flake.nix": text, "overlays/one.nix": "final: prev: { }\n"})
    run = migrate(folder, "--allow-no-vcs")
    assert run.code == 0, run
    assert (folder / "nix" / "llama-cpp-overlay.nix").exists()
    assert '(import "${inputs.self}/nix/llama-cpp-overlay.nix" { inherit inputs; }) ]; }\n' in run.out
    assert "./overlays/llama-cpp.nix" not in run.out
