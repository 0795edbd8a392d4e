"""`--verify`, `--lock`, `--report` and `--keep-going`: what a run does besides editing."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from nixedit.cli.main import main

FLEET = """{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs, ... }@inputs:
    {
      nixosConfigurations.argon = nixpkgs.lib.nixosSystem { modules = [ ./argon.nix ]; };
      nixosConfigurations.xenon = nixpkgs.lib.nixosSystem { modules = [ ./argon.nix ]; };
      nixosConfigurations.radon = inputs.somewhere.lib.mkHost { };
    };
}
"""

# Stands in for Nix: it says what BEFORE says of a host as long as there is no overlay, then what AFTER says.
NIX = """#!/bin/sh
echo "$@" >> "$LOG"
case "$*" in
  *"flake lock"*) echo "cannot lock" >&2; exit "$LOCK" ;;
esac
if [ -e "$FLEET/overlays/llama-cpp.nix" ]; then answer="$AFTER"; else answer="$BEFORE"; fi
case "$*" in
  *.$BROKEN.*) [ "$answer" = broken ] && { echo "error: it broke" >&2; exit 1; } ;;
esac
echo "/nix/store/$answer"
"""


@pytest.fixture
def fleet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fleet in git, and a `nix` of ours on the PATH."""
    folder = tmp_path / "fleet"
    folder.mkdir()
    (folder / "flake.nix").write_text(FLEET)
    (folder / "argon.nix").write_text("{ }\n")
    tools = tmp_path / "tools"
    tools.mkdir()
    (tools / "nix").write_text(NIX)
    (tools / "nix").chmod(0o755)
    monkeypatch.setenv("PATH", f"{tools}{os.pathsep}{os.environ['PATH']}")
    for name, value in {
        "LOG": str(tmp_path / "log"), "FLEET": str(folder), "BEFORE": "fine", "AFTER": "fine",
        "BROKEN": "xenon", "LOCK": "0",
    }.items():  # fmt: skip
        monkeypatch.setenv(name, value)
    git(folder, "init", "-q")
    git(folder, "add", "-A")
    git(folder, "-c", "user.name=a", "-c", "user.email=a@example.org", "commit", "-qm", "fleet")
    return folder


def git(folder: Path, *words: str) -> str:
    return subprocess.run(
        ["git", "-C", str(folder), *words], check=True, capture_output=True, text=True
    ).stdout


def asked(folder: Path) -> list[str]:
    return (folder.parent / "log").read_text().splitlines()


SOME = ["--exclude-host", "radon"]


def test_every_host_is_evaluated_before_and_after(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["migrate", str(fleet), *SOME, "--verify", "--jobs", "1"]) == 0
    said = [line for line in asked(fleet) if "#nixosConfigurations.argon.config" in line]
    assert len(said) == 2
    assert all("--no-write-lock-file" in line for line in said)
    assert "3 of 3 hosts evaluate" in capsys.readouterr().out


def test_a_host_that_broke_puts_everything_back(
    fleet: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTER", "broken")
    assert main(["migrate", str(fleet), *SOME, "--verify"]) == 2
    assert git(fleet, "status", "--porcelain") == ""
    said = capsys.readouterr().err
    assert "`xenon` evaluated before and does not any more: all files are as they were" in said
    assert "error: it broke" in said


def test_a_host_that_did_not_evaluate_before_may_fail_after(
    fleet: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BEFORE", "broken")
    monkeypatch.setenv("AFTER", "broken")
    assert main(["migrate", str(fleet), *SOME, "--verify"]) == 0
    assert "xenon did not evaluate before: error: it broke" in capsys.readouterr().out


def test_a_system_that_changed_without_being_chosen_is_named(
    fleet: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AFTER", "other")
    assert main(["migrate", str(fleet), "--host", "argon", "--verify"]) == 0
    assert "xenon was not chosen, and its system changed" in capsys.readouterr().out


def test_without_nix_nothing_is_written(
    fleet: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    tools = fleet.parent / "git-only"
    tools.mkdir()
    (tools / "git").symlink_to(shutil.which("git") or "git")
    monkeypatch.setenv("PATH", str(tools))
    assert main(["migrate", str(fleet), *SOME, "--verify"]) == 2
    assert "there is no `nix` on the PATH" in capsys.readouterr().err
    assert not (fleet / "overlays").exists()


def test_the_lock_file_is_brought_up_to_date_when_asked(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["migrate", str(fleet), *SOME, "--lock"]) == 0
    assert [line for line in asked(fleet) if "flake lock" in line]
    assert "nix flake lock" not in capsys.readouterr().out


def test_a_lock_that_fails_fails_the_command(
    fleet: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LOCK", "1")
    assert main(["migrate", str(fleet), *SOME, "--lock"]) == 2
    said = capsys.readouterr().err
    assert "`nix flake lock` failed" in said
    assert "cannot lock" in said


def test_the_others_are_migrated_where_one_is_refused(
    fleet: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    report = fleet.parent / "report.json"
    assert main(["migrate", str(fleet), "--keep-going", "--report", str(report)]) == 3
    assert (fleet / "overlays" / "llama-cpp.nix").exists()
    assert "host `radon`" in capsys.readouterr().err
    data = json.loads(report.read_text())
    assert {host["name"]: host["status"] for host in data["hosts"]} == {
        "argon": "migrate", "xenon": "migrate", "radon": "refused",
    }  # fmt: skip
    assert data["written"] is True
    assert main(["migrate", str(fleet), "--keep-going", "--check"]) == 3


def test_without_keep_going_one_refused_host_stops_all(fleet: Path) -> None:
    assert main(["migrate", str(fleet)]) == 2
    assert not (fleet / "overlays").exists()


def test_no_host_left_is_a_refusal(fleet: Path) -> None:
    assert main(["migrate", str(fleet), "--keep-going", "--host", "radon"]) == 2


COMPUTED = FLEET.replace("nixosConfigurations.xenon", "nixosConfigurations.${inputs.somewhere.name}").replace(
    "      nixosConfigurations.radon = inputs.somewhere.lib.mkHost { };\n", ""
)


def test_hosts_with_computed_names_are_asked_for_by_nix(fleet: Path, tmp_path: Path) -> None:
    (fleet / "flake.nix").write_text(COMPUTED)
    nix = tmp_path / "tools" / "nix"
    names = 'case "$*" in *attrNames*) echo \'["argon", "neon"]\'; exit 0 ;; esac\n'
    nix.write_text(NIX.replace('case "$*" in\n  *"flake', f'{names}case "$*" in\n  *"flake'))
    assert main(["migrate", str(fleet), "--verify", "--allow-dirty"]) == 0
    asked = (tmp_path / "log").read_text()
    assert "nixosConfigurations.neon.config.system.build.toplevel.drvPath" in asked
    assert "somewhere" not in asked.replace(str(fleet), "")


def test_a_computed_name_is_said_to_be_one(fleet: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (fleet / "flake.nix").write_text(COMPUTED)
    assert main(["migrate", str(fleet), "--check"]) == 1
    assert "  ${inputs.somewhere.name} (a computed name)  to migrate\n" in capsys.readouterr().out


def test_each_kind_of_host_has_an_attribute_of_its_own(fleet: Path, tmp_path: Path) -> None:
    mac = "      darwinConfigurations.mac = inputs.somewhere.lib.darwinSystem { modules = [ ]; };\n"
    text = COMPUTED.replace(".${inputs.somewhere.name}", ".xenon").replace("    };\n}", f"{mac}    }};\n}}")
    (fleet / "flake.nix").write_text(text)
    assert main(["migrate", str(fleet), "--verify", "--allow-dirty", "--include", "darwin"]) == 0
    assert "#darwinConfigurations.mac.config.system.build.toplevel.drvPath" in (tmp_path / "log").read_text()
