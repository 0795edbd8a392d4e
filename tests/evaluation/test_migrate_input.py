"""The new input held at a revision."""

from __future__ import annotations

from pathlib import Path

from migration_runs import FLAKE, migrate, migrated, write

REV = "1" * 40


def test_the_new_input_is_held_at_a_revision(tmp_path: Path) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": "{ }\n"})
    run = migrated(folder, "--rev", REV)
    assert f'url = "github:ggml-org/llama.cpp/{REV}";' in (folder / "flake.nix").read_text()
    assert f"flake.nix: input `llama-cpp` added, pinned to {REV}, its nixpkgs follows `nixpkgs`" in run.out
    assert migrate(folder, "--rev", REV, "--check").code == 0


def test_an_input_that_is_there_is_moved_to_another_revision(tmp_path: Path) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": "{ }\n"})
    migrated(folder, "--rev", REV)
    run = migrated(folder, "--rev", "b6123")
    assert "input `llama-cpp` pinned to b6123" in run.out
    assert 'url = "github:ggml-org/llama.cpp/b6123";' in (folder / "flake.nix").read_text()


def test_a_revision_that_cannot_be_one_is_an_error(tmp_path: Path) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": "{ }\n"})
    run = migrate(folder, "--rev", 'b"')
    assert run.code == 2
    assert "neither a commit nor a tag" in run.err
