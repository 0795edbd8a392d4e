"""What `nixedit migrate` refuses: the message with its place and hint, exit code 2, and not a byte written.

The table is `refusals.toml`; `pytest --update-golden` does not touch it. What Nix says of its fleets, before and after a
person did what the hint says, is asked in `tests/evaluation/test_migrate_refused.py`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path

import pytest
from migration_runs import committed, contents, git, migrate, write
from refused_fleets import REFUSALS

_LAST_LINES = re.compile(
    r"nixedit: \d+ reasons? not to migrate FLEET; nothing was written\n"
    r"(What is to be written by hand needs .*: --prepare adds that, and touches no host\.\n)?\Z"
)

every_case = pytest.mark.parametrize("name", REFUSALS)


def fleet(name: str, folder: Path) -> Path:
    return REFUSALS[name].written(folder)


def words(name: str) -> Sequence[str]:
    return REFUSALS[name].words


@every_case
def test_it_says_why_and_where(name: str, tmp_path: Path) -> None:
    folder = fleet(name, tmp_path / "fleet")
    run = migrate(folder, "--allow-no-vcs", *words(name))
    assert (run.code, run.out) == (2, "")
    said = run.err.replace(str(folder), "FLEET")
    assert _LAST_LINES.sub("", said) == REFUSALS[name].says


@every_case
def test_nothing_is_written(name: str, tmp_path: Path) -> None:
    folder = committed(fleet(name, tmp_path / "fleet"))
    before = contents(folder)
    for mode in ([], ["--yes", "--allow-dirty"], ["--check"], ["--diff"], ["--json"]):
        assert migrate(folder, *mode, *words(name)).code == 2
        assert contents(folder) == before
        assert git(folder, "status", "--porcelain") == ""


@every_case
def test_json_has_the_same_reasons(name: str, tmp_path: Path) -> None:
    folder = fleet(name, tmp_path / "fleet")
    run = migrate(folder, "--allow-no-vcs", "--json", *words(name))
    report = json.loads(run.out)
    assert report["written"] is False
    refusals = [*report["refusals"], *(host["refusal"] for host in report["hosts"] if host["refusal"])]
    assert refusals
    for refusal in refusals:
        place = [str(part) for part in (refusal["line"], refusal["column"]) if part is not None]
        assert ":".join([*place, f" {refusal['message']}"]) in run.err
        assert refusal["hint"] is None or refusal["hint"] in run.err


# -- what the lines need that are to be written by hand ---------------------------------------------


@every_case
def test_who_is_to_write_lines_hears_what_they_need(name: str, tmp_path: Path) -> None:
    folder = fleet(name, tmp_path / "fleet")
    report = json.loads(migrate(folder, "--json", *words(name)).out)
    refusals = [*report["refusals"], *(host["refusal"] for host in report["hosts"] if host["refusal"])]
    lines = re.compile(r"overlays\.default|overlays/llama-cpp\.nix")
    has_lines = any(refusal["hint"] and lines.search(refusal["hint"]) for refusal in refusals)
    run = migrate(folder, "--allow-no-vcs", *words(name))
    assert ("--prepare adds that" in run.err) == (has_lines and not REFUSALS[name].prepared)


# -- several reasons, hosts left out ----------------------------------------------------------------


def test_all_reasons_are_given_at_once(tmp_path: Path) -> None:
    folder = fleet("llama-cpp.override with inherited arguments", tmp_path / "fleet")
    flake = (folder / "flake.nix").read_text()
    write(folder, {"flake.nix": flake.replace("nixpkgs.lib.nixosSystem", "inputs.other.mkHost")})
    run = migrate(folder)
    assert f"nixedit: 2 reasons not to migrate {folder}; nothing was written\n" in run.err
    assert "is made by `other.mkHost`" in run.err
    assert "has no argument `cudaSupport`" in run.err


def test_a_host_that_must_be_refused_may_be_left_out(tmp_path: Path) -> None:
    folder = fleet("a host made by an unknown name", tmp_path / "fleet")
    flake = (folder / "flake.nix").read_text()
    boron = "        boron = nixpkgs.lib.nixosSystem { modules = [ ]; };\n"
    write(folder, {"flake.nix": flake.replace("        argon = ", boron + "        argon = ")})
    assert migrate(folder).code == 2
    run = migrate(folder, "--exclude-host", "argon")
    assert run.code == 0, run
    assert "argon = mkHost { };" in (folder / "flake.nix").read_text()
    assert migrate(folder, "--host", "boron", "--check").code == 0


def test_with_follows_several_candidates_are_no_question(tmp_path: Path) -> None:
    folder = fleet("no input named nixpkgs", tmp_path / "fleet")
    assert migrate(folder, "--follows", "b").code == 0
    assert 'inputs.llama-cpp.inputs.nixpkgs.follows = "b";' in (folder / "flake.nix").read_text()
