"""Links within a flake: a file is the same by whatever path, and Nix counts its paths from where it is."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import OLD, committed, git, migrate, migrated, write

FLAKE = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs, ... }@inputs:
    {
      nixosConfigurations.argon = HOST;
    };
}
"""
CALL = """\
nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          ./argon.nix
          { nixpkgs.overlays = [ (import ./PATH) ]; }
        ];
      }"""
HOST = """\
inputs:
inputs.nixpkgs.lib.nixosSystem {
  system = "x86_64-linux";
  modules = [ ./argon.nix ];
}
"""
# Where the old overlay is, the link to it, and the path that the flake names it by.
SPELLED = {
    "through a linked folder": ("a/overlays", ("ov", "a/overlays"), "ov/llama-cpp-variants.nix"),
    "through a link to a link": ("a/overlays", ("ov", "b/../ov2"), "ov/llama-cpp-variants.nix"),
    "through a link within a folder": (
        "a/overlays",
        ("x/ov", "../a/overlays"),
        "x/ov/llama-cpp-variants.nix",
    ),
    "by a link of another name": ("overlays", ("old.nix", "overlays/llama-cpp-variants.nix"), "old.nix"),
    "in a linked folder of the usual name": ("nix", ("overlays", "nix"), "overlays/llama-cpp-variants.nix"),
}


def linked(folder: Path, *links: tuple[str, str]) -> Path:
    for name, target in links:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).symlink_to(target)
    return folder


@pytest.mark.parametrize("git", [False, True], ids=["a folder", "a repository"])
@pytest.mark.parametrize("name", SPELLED)
def test_an_old_overlay_goes_with_every_path_to_it(
    name: str, git: bool, evaluator: Evaluator, tmp_path: Path
) -> None:
    place, link, path = SPELLED[name]
    files = {
        "flake.nix": FLAKE.replace("HOST", CALL).replace("PATH", path),
        "argon.nix": "{ }\n",
        "b/x.nix": "{ }\n",
        f"{place}/llama-cpp-variants.nix": OLD,
    }
    folder = linked(write(tmp_path / "fleet", files), link, ("ov2", "a/overlays"))
    if git:
        committed(folder)
    (before,) = evaluator.hosts(folder).values()
    assert before.overlays == (("llama-cpp-cuda",),)
    migrated(folder)
    assert not (folder / place / "llama-cpp-variants.nix").exists()
    assert path not in (folder / "flake.nix").read_text()
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert len(after.overlays) == 2
    assert "llama-cpp-cuda-native" in after.packages


def test_a_link_that_leads_nowhere_then_is_named(tmp_path: Path) -> None:
    files = {"flake.nix": FLAKE.replace("HOST", CALL).replace("PATH", "old.nix"), "argon.nix": "{ }\n"}
    folder = write(tmp_path / "fleet", {**files, "overlays/llama-cpp-variants.nix": OLD})
    run = migrated(linked(folder, ("old.nix", "overlays/llama-cpp-variants.nix")))
    assert (
        "note: old.nix is a link to overlays/llama-cpp-variants.nix, which is gone: delete it by hand"
        in run.out
    )


@pytest.mark.parametrize("git", [False, True], ids=["a folder", "a repository"])
def test_paths_are_counted_from_where_a_file_is(git: bool, evaluator: Evaluator, tmp_path: Path) -> None:
    files = {
        "flake.nix": FLAKE.replace("HOST", "import ./hosts/host.nix inputs"),
        "a/b/real/host.nix": HOST,
        "a/b/real/argon.nix": "{ }\n",
    }
    folder = linked(write(tmp_path / "fleet", files), ("hosts", "a/b/real"))
    if git:
        committed(folder)
    run = migrated(folder)
    assert "a/b/real/host.nix:4: a module with the overlays added" in run.out
    assert "(import ../../../overlays/llama-cpp.nix" in (folder / "hosts" / "host.nix").read_text()
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert "llama-cpp-cuda-native" in after.packages


def test_a_host_that_two_paths_lead_to_is_edited_once(evaluator: Evaluator, tmp_path: Path) -> None:
    hosts = "import ./hosts/host.nix inputs;\n      nixosConfigurations.xenon = import ./real/host.nix inputs"
    files = {
        "flake.nix": FLAKE.replace("HOST", hosts),
        "real/host.nix": HOST,
        "real/argon.nix": "{ }\n",
    }
    folder = linked(write(tmp_path / "fleet", files), ("hosts", "real"))
    migrated(folder)
    assert (folder / "real" / "host.nix").read_text().count("../overlays/llama-cpp.nix") == 1
    for host in evaluator.hosts(folder).values():
        assert host.error is None
        assert len(host.overlays) == 2


def test_a_linked_folder_of_overlays_gets_the_new_one(evaluator: Evaluator, tmp_path: Path) -> None:
    files = {
        "flake.nix": FLAKE.replace("HOST", CALL.replace("(import ./PATH)", "")),
        "argon.nix": "{ }\n",
        "nix/overlays/mine.nix": "final: prev: { }\n",
    }
    folder = linked(write(tmp_path / "fleet", files), ("overlays", "nix/overlays"))
    migrated(folder)
    assert (folder / "nix" / "overlays" / "llama-cpp.nix").is_file()
    (after,) = evaluator.hosts(folder).values()
    assert len(after.overlays) == 2
    again = migrate(folder, "--allow-no-vcs", "--check")
    assert (again.code, again.err) == (0, "")


def test_a_module_behind_a_link_stands_in_the_way_of_its_host(tmp_path: Path) -> None:
    forced = "{ lib, ... }:\n{\n  nixpkgs.overlays = lib.mkForce [ ];\n}\n"
    files = {
        "flake.nix": FLAKE.replace("HOST", CALL.replace("./argon.nix", "./hosts/argon.nix")).replace(
            "(import ./PATH)", ""
        ),
        "real/argon.nix": "{ imports = [ ../forced.nix ]; }\n",
        "forced.nix": forced,
    }
    folder = linked(write(tmp_path / "fleet", files), ("hosts", "real"))
    run = migrate(folder, "--allow-no-vcs")
    assert run.code == 2
    assert f"{folder}/forced.nix:3:22: host `argon`: `mkForce` on `nixpkgs.overlays`" in run.err


BY_LINK = FLAKE.replace("HOST", CALL).replace("PATH", "overlays/llama-cpp-variants.nix")
OLD_LINK = ("overlays/llama-cpp-variants.nix", "../common/x.nix")


def named_by_link(folder: Path, files: dict[str, str], flake: str = BY_LINK) -> Path:
    given = {"flake.nix": flake, "argon.nix": "{ }\n", "common/x.nix": OLD, **files}
    return linked(write(folder / "fleet", given), OLD_LINK)


def test_a_link_of_the_usual_name_goes_and_what_nothing_else_leads_to(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = named_by_link(tmp_path, {})
    (before,) = evaluator.hosts(folder).values()
    assert before.overlays == (("llama-cpp-cuda",),)
    patch = migrate(folder, "--diff").out
    assert "deleted file mode 120000\n--- a/overlays/llama-cpp-variants.nix\n" in patch
    assert "-../common/x.nix\n" in patch
    run = migrated(folder)
    assert "overlays/llama-cpp-variants.nix: old overlay deleted (the new one takes its place)\n" in run.out
    assert "common/x.nix: deleted too (only overlays/llama-cpp-variants.nix led to it)\n" in run.out
    assert not (folder / "overlays/llama-cpp-variants.nix").is_symlink()
    assert not (folder / "common/x.nix").exists()
    assert "in a way of its own" not in run.out
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert len(after.overlays) == 2
    again = migrate(folder, "--check")
    assert (again.code, again.err) == (0, "")


MORE = "final: prev: {\n  llama-cpp-cuda = prev.llama-cpp;\n  hello-again = prev.hello;\n}\n"
# What the file that the link leads to is needed for beside: other files, and how many overlays the host has.
APART = {
    "another file names it": ({"lib/y.nix": "import ../common/x.nix\n"}, BY_LINK, 2),
    "the host names it too": (
        {},
        BY_LINK.replace("variants.nix)", "variants.nix) (import ./common/x.nix)"),
        3,
    ),
    "it makes other packages": ({"common/x.nix": MORE}, BY_LINK, 2),
}


@pytest.mark.parametrize("name", APART)
def test_what_the_link_leads_to_stays_where_it_is_something_else_too(
    name: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    files, flake, count = APART[name]
    folder = named_by_link(tmp_path, files, flake)
    content = (folder / "common/x.nix").read_text()
    run = migrated(folder)
    assert "note: overlays/llama-cpp-variants.nix was a link to common/x.nix, which stays\n" in run.out
    assert not (folder / "overlays/llama-cpp-variants.nix").is_symlink()
    assert "llama-cpp-variants" not in (folder / "flake.nix").read_text()
    assert (folder / "common/x.nix").read_text() == content
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert len(after.overlays) == count
    assert after.packages["llama-cpp-cuda"].origin == "llama.cpp"
    assert migrate(folder, "--check").code == 0


def test_what_only_a_linked_overlay_defines_must_not_be_in_use(tmp_path: Path) -> None:
    argon = "{ pkgs, ... }:\n{\n  environment.systemPackages = [ pkgs.hello-again ];\n}\n"
    folder = named_by_link(tmp_path, {"common/x.nix": MORE, "argon.nix": argon})
    run = migrate(folder, "--allow-no-vcs")
    assert run.code == 2
    reason = "`hello-again` is used here, and only `overlays/llama-cpp-variants.nix` defines it"
    assert f"argon.nix:3:39: {reason}" in run.err
    assert (folder / "overlays/llama-cpp-variants.nix").is_symlink()


def test_in_a_repository_the_link_comes_back_with_git(evaluator: Evaluator, tmp_path: Path) -> None:
    folder = committed(named_by_link(tmp_path, {}))
    run = migrate(folder)
    assert run.code == 0, run
    assert not (folder / "overlays/llama-cpp-variants.nix").is_symlink()
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    git(folder, "checkout", "--", ".")
    assert (folder / "overlays/llama-cpp-variants.nix").readlink() == Path("../common/x.nix")
