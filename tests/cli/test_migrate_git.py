"""`nixedit migrate` and version control: what it refuses to touch, what it adds, how it is undone."""

from __future__ import annotations

import os
import shlex
import subprocess
from pathlib import Path

import pytest
from migration_runs import FLAKE, GIT, OLD, committed, contents, git, migrate, migrated, write

OVERLAY = "overlays/llama-cpp.nix"


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fleet with an old overlay, in no repository."""
    for name in ("GIT_CONFIG_GLOBAL", "GIT_CONFIG_NOSYSTEM"):
        monkeypatch.setenv(name, GIT[name])
    flake = FLAKE.replace("./argon.nix", "./argon.nix ./old/llama-cpp-variants.nix")
    return write(
        tmp_path / "fleet", {"flake.nix": flake, "argon.nix": "{ }\n", "old/llama-cpp-variants.nix": OLD}
    )


@pytest.fixture
def repository(files: Path) -> Path:
    return committed(files)


def status(folder: Path) -> list[str]:
    return git(folder, "status", "--porcelain", "--untracked-files=all").splitlines()


def undo(run_out: str) -> list[str]:
    """The commands that the summary gives under `Undo:`."""
    assert "\nUndo:\n" in run_out
    return [line.strip() for line in run_out.split("\nUndo:\n")[1].splitlines()]


def perform(commands: list[str], folder: Path) -> None:
    for command in commands:
        subprocess.run(["bash", "-euc", command], cwd=folder, env=GIT, check=True)


# -- without a repository -------------------------------------------------------------------------


def test_nothing_is_deleted_outside_of_version_control_unless_that_is_meant(files: Path) -> None:
    before = contents(files)
    run = migrate(files)
    assert (run.code, run.out, contents(files)) == (2, "", before)
    assert run.err == (
        f"{files}: not under version control, and old/llama-cpp-variants.nix would be deleted: "
        "--allow-no-vcs says that this is meant\n"
    )
    assert migrate(files, "--yes").code == 2
    run = migrate(files, "--allow-no-vcs")
    assert run.code == 0
    assert "Undo" not in run.out


def test_a_run_that_deletes_nothing_needs_no_version_control(tmp_path: Path) -> None:
    write(tmp_path, {"flake.nix": FLAKE, "argon.nix": "{ }\n"})
    assert migrate(tmp_path).code == 0


# -- in a repository ------------------------------------------------------------------------------


def test_new_files_are_added_and_nothing_else_is_staged(repository: Path) -> None:
    run = migrate(repository)
    assert (run.code, run.err) == (0, "")
    assert status(repository) == [" M flake.nix", " D old/llama-cpp-variants.nix", f"A  {OVERLAY}"]


def test_with_no_git_nothing_is_added_and_the_next_step_says_so(repository: Path) -> None:
    run = migrate(repository, "--no-git")
    assert status(repository) == [" M flake.nix", " D old/llama-cpp-variants.nix", f"?? {OVERLAY}"]
    (line,) = [line for line in run.out.splitlines() if " add " in line]
    assert line == f"  git -C {repository} add {OVERLAY}   # a flake does not see what git does not know"
    perform([line.strip()], repository)
    assert f"A  {OVERLAY}" in status(repository)


@pytest.mark.parametrize("words", [[], ["--no-git"]])
@pytest.mark.parametrize("where", ["within", "outside"])
def test_the_undo_commands_undo(
    repository: Path, tmp_path: Path, words: list[str], where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(repository, {"argon.nix": "{ /* not committed yet */ }\n", "notes": "mine"})
    before = contents(repository)
    folder = repository if where == "within" else tmp_path
    monkeypatch.chdir(folder)
    run = migrate("." if where == "within" else repository, *words)
    assert run.code == 0, run
    perform(undo(run.out), folder)
    assert contents(repository) == before
    assert status(repository) == [" M argon.nix", "?? notes"]


def test_the_undo_commands_are_quoted(files: Path, tmp_path: Path) -> None:
    odd = files.rename(tmp_path / "it's $HOME")
    before = contents(committed(odd))
    run = migrate(odd)
    assert shlex.quote(str(odd)) in run.out
    perform(undo(run.out), tmp_path)
    assert contents(odd) == before


@pytest.mark.parametrize("name", ["flake.nix", "old/llama-cpp-variants.nix"])
@pytest.mark.parametrize("how", ["changed", "staged", "untracked", "ignored", "ignored folder"])
def test_a_file_whose_content_is_nowhere_else_is_not_touched(repository: Path, name: str, how: str) -> None:
    if how in ("changed", "staged"):
        write(repository, {name: (repository / name).read_text() + "# mine\n"})
    if how == "staged":
        git(repository, "add", name)
    if how not in ("changed", "staged"):
        git(repository, "rm", "-q", "--cached", name)
        git(repository, "commit", "-qm", "Forget it")
    if how == "ignored":
        write(repository, {".git/info/exclude": f"{name}\n"})
    if how == "ignored folder":
        write(repository, {".git/info/exclude": f"{Path(name).parts[0]}\n"})
    before = contents(repository)
    run = migrate(repository)
    assert (run.code, run.out, contents(repository)) == (2, "", before)
    assert run.err == (
        f"{repository}: uncommitted changes in {name}: commit them first, or say --allow-dirty\n"
    )
    assert migrate(repository, "--check").code == 1
    run = migrate(repository, "--allow-dirty")
    assert run.code == 0
    assert "Undo" not in run.out  # git does not have what it would take


def test_all_dirty_files_are_named(repository: Path) -> None:
    for name in ("flake.nix", "old/llama-cpp-variants.nix", "argon.nix"):
        write(repository, {name: (repository / name).read_text() + "# mine\n"})
    assert "changes in flake.nix, old/llama-cpp-variants.nix: " in migrate(repository).err


def test_other_dirty_files_do_not_matter(repository: Path) -> None:
    write(repository, {"argon.nix": "{ /* mine */ }\n", "new.txt": ""})
    assert migrate(repository).code == 0
    assert (repository / "argon.nix").read_text() == "{ /* mine */ }\n"


def test_a_flake_in_a_folder_of_a_repository(files: Path, tmp_path: Path) -> None:
    committed(tmp_path)
    write(files, {"flake.nix": (files / "flake.nix").read_text() + "# mine\n"})
    run = migrate(files)
    assert run.err == f"{files}: uncommitted changes in flake.nix: commit them first, or say --allow-dirty\n"
    git(tmp_path, "commit", "-qam", "Mine")
    run = migrate(files)
    assert run.code == 0, run
    assert f"A  fleet/{OVERLAY}" in status(tmp_path)
    perform(undo(run.out), tmp_path)
    assert status(tmp_path) == []


def test_names_that_git_would_take_for_patterns(files: Path) -> None:
    write(files, {"flake.nix": FLAKE.replace("./argon.nix", '(import (./. + "/:(top)*"))'), "[o]/x.nix": ""})
    (files / "old").rename(files / "[a-z]*")
    committed(files)
    write(files, {"[a-z]*/llama-cpp-variants.nix": OLD + "# mine\n"})
    words = ("--remove", "[a-z]*/llama-cpp-variants.nix")
    assert "uncommitted changes in [a-z]*/llama-cpp-variants.nix: " in migrate(files, *words).err
    git(files, "commit", "-qam", "Mine")
    assert migrate(files, *words).code == 0


def test_a_worktree_is_a_repository(repository: Path, tmp_path: Path) -> None:
    git(repository, "worktree", "add", "-q", str(tmp_path / "tree"))
    assert migrate(tmp_path / "tree").code == 0
    assert f"A  {OVERLAY}" in status(tmp_path / "tree")


def test_a_repository_without_a_commit(files: Path) -> None:
    git(files, "init", "-q")
    assert "uncommitted changes in flake.nix, old/llama-cpp-variants.nix" in migrate(files).err
    git(files, "add", "-A")
    assert "uncommitted changes in flake.nix, old/llama-cpp-variants.nix" in migrate(files).err


# -- git itself is the trouble --------------------------------------------------------------------


@pytest.fixture
def no_git(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "empty").mkdir()
    monkeypatch.setenv("PATH", str(tmp_path / "empty"))


def test_without_git_nothing_is_written_unless_that_is_meant(repository: Path, no_git: None) -> None:
    before = contents(repository)
    run = migrate(repository)
    assert (run.code, run.out, contents(repository)) == (2, "", before)
    assert run.err == f"{repository}: git is not on the PATH; --allow-dirty goes on without it\n"
    run = migrate(repository, "--allow-dirty")
    assert run.code == 0
    assert run.err == (
        f"nixedit: git add {OVERLAY}: git is not on the PATH\nA flake in git sees added files only.\n"
    )
    assert f"add {OVERLAY}" in run.out


def test_what_git_says_is_passed_on(files: Path) -> None:
    write(files, {".git": "gitdir: /nowhere\n"})
    run = migrate(files)
    assert (run.code, run.out) == (2, "")
    assert run.err == (
        f"{files}: git says: fatal: not a git repository: /nowhere; --allow-dirty goes on without it\n"
    )


def test_an_overlay_that_git_ignores_is_written_and_the_person_told(repository: Path) -> None:
    write(repository, {".git/info/exclude": "overlays\n"})
    run = migrate(repository)
    assert run.code == 0
    assert run.err.startswith(f"nixedit: git add {OVERLAY}: The following paths are ignored")
    assert os.path.exists(repository / OVERLAY)


def test_check_and_diff_ask_git_nothing(repository: Path, no_git: None) -> None:
    assert migrate(repository, "--check").code == 1
    assert migrate(repository, "--diff").code == 0


def test_a_second_run_needs_no_clean_files(repository: Path) -> None:
    migrated(repository)
    assert migrate(repository).code == 0
