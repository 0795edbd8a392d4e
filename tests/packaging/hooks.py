"""The pre-commit hooks, run by `pre-commit try-repo` in a scratch repository (`nox -s hooks`).

pre-commit clones this checkout, builds and installs it; that takes a while and the package index, so the
file is not named test_* and the suite does not collect it.
"""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FLEET = ROOT / "nixedit" / "demo" / "fleet"


def git(folder: Path, *words: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *words], cwd=folder, check=True, capture_output=True)


def try_hooks(folder: Path, *hook: str) -> tuple[int, str]:
    """Exit code and output of the hooks over all files of the repository."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    done = subprocess.run(
        ["pre-commit", "try-repo", str(ROOT), *hook, "--all-files", "--verbose", "--color", "never"],
        cwd=folder,
        env={**environment, "PRE_COMMIT_HOME": str(folder.parent / "pre-commit")},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    """The example fleet in a git repository of its own."""
    folder = tmp_path / "fleet"
    shutil.copytree(FLEET, folder)
    git(folder, "init", "--quiet")
    git(folder, "add", "--all")
    git(folder, "commit", "--quiet", "--message", "The fleet")
    return folder


def test_the_hooks_report_a_broken_file_and_a_fleet_that_is_not_migrated(repository):
    (repository / "broken.nix").write_text("{ a = 1; a = 2; }\n")
    (repository / "notes.txt").write_text("{ this is no Nix\n")
    git(repository, "add", "--all")
    code, output = try_hooks(repository)
    assert code == 1, output
    check, rest = output.split("nixedit migrate --check", 1)
    migrate, inputs = rest.split("nixedit input check", 1)
    assert "Passed" in inputs.splitlines()[0]
    assert "Failed" in check.split("nixedit check", 1)[1].splitlines()[0]
    assert "broken.nix:1:10: " in check
    assert "notes.txt" not in check
    assert "Failed" in migrate.splitlines()[0]
    assert "exit code: 1" in migrate


def test_the_check_hook_passes_what_nix_takes(repository):
    code, output = try_hooks(repository, "nixedit-check")
    assert code == 0, output
    assert "Passed" in output


def test_the_inputs_hook_reports_and_mends(repository):
    lone = repository / "lone"
    lone.mkdir()
    (lone / "flake.nix").write_text("{ inputs.aa.url = github:a/a; outputs = { self }: { }; }\n")
    git(repository, "add", "--all")
    code, output = try_hooks(repository, "nixedit-inputs")
    assert code == 1, output
    assert "lone/flake.nix:1:19: github:a/a has no quotes [unquoted-url]" in output
    assert "[missing-formal]" in output
    assert "[unused-input]" in output
