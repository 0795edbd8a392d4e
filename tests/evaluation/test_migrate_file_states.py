"""Files of a fleet in every state that a repository brings along: modes, links, what is encrypted or broken."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import OLD, committed, contents, git, migrate, migrated, write

FILES = {
    "flake.nix": """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    { self, nixpkgs, ... }@inputs:
    {
      nixosConfigurations.argon = import ./hosts/argon.nix inputs;
    };
}
""",
    "hosts/argon.nix": """\
inputs:
inputs.nixpkgs.lib.nixosSystem {
  system = "x86_64-linux";
  modules = [
    ./host.nix
  ];
}
""",
    "hosts/host.nix": "{\n  imports = [ ../used.nix ];\n}\n",
    "used.nix": "{\n  nixpkgs.overlays = [ (import ./old/llama-cpp-variants.nix) ];\n}\n",
    "old/llama-cpp-variants.nix": OLD,
}
# What the files are after a migration.
AFTER = {
    "flake.nix": FILES["flake.nix"].replace(
        "\n\n",
        '\n  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";\n'
        '  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";\n\n',
    ),
    "hosts/argon.nix": """\
inputs:
inputs.nixpkgs.lib.nixosSystem {
  system = "x86_64-linux";
  modules = [
    {
      nixpkgs.overlays = [
        inputs.llama-cpp.overlays.default
        (import ../overlays/llama-cpp.nix { inherit inputs; })
      ];
    }
    ./host.nix
  ];
}
""",
    "hosts/host.nix": FILES["hosts/host.nix"],
    "used.nix": "{\n  nixpkgs.overlays = [ ];\n}\n",
}


def fleet(folder: Path) -> Path:
    return write(folder / "fleet", FILES)


def assert_was_as_it_should_be(folder: Path, evaluator: Evaluator) -> None:
    """The fleet evaluates, with the old overlay alone."""
    (host,) = evaluator.hosts(folder).values()
    assert (host.error, host.overlays) == (None, (("llama-cpp-cuda",),))


def assert_is_migrated(folder: Path, evaluator: Evaluator) -> None:
    """The fleet evaluates, with the new overlays alone; the text of each file; nothing is left to do."""
    assert {name: (folder / name).read_text() for name in AFTER} == AFTER
    assert not (folder / "old" / "llama-cpp-variants.nix").exists()
    (host,) = evaluator.hosts(folder).values()
    assert host.error is None
    assert [overlay[0] for overlay in host.overlays] == ["llama-cpp", "llama-cpp"]
    before = contents(folder)
    again = migrate(folder)
    assert (again.code, again.err) == (0, "")
    assert again.out.startswith("Nothing to do: every chosen host is migrated already.\n")
    assert migrate(folder, "--check").code == 0
    assert contents(folder) == before


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


# -- modes ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("bits", [0o755, 0o600, 0o700, 0o640, 0o664])
@pytest.mark.parametrize("git_knows", [False, True], ids=["a folder", "a repository"])
def test_files_keep_their_modes(bits: int, git_knows: bool, evaluator: Evaluator, tmp_path: Path) -> None:
    folder = fleet(tmp_path)
    for name in AFTER:
        (folder / name).chmod(bits)
    if git_knows:
        committed(folder)
    assert_was_as_it_should_be(folder, evaluator)
    migrated(folder)
    assert {name: mode(folder / name) for name in AFTER} == dict.fromkeys(AFTER, bits)
    assert_is_migrated(folder, evaluator)
    if git_knows:
        assert git(folder, "diff", "--summary") == " delete mode 100644 old/llama-cpp-variants.nix\n"


def test_each_file_keeps_its_own_mode(evaluator: Evaluator, tmp_path: Path) -> None:
    folder = fleet(tmp_path)
    modes = {"flake.nix": 0o644, "hosts/argon.nix": 0o755, "used.nix": 0o600}
    for name, bits in modes.items():
        (folder / name).chmod(bits)
    migrated(folder)
    assert {name: mode(folder / name) for name in modes} == modes
    assert mode(folder / "overlays" / "llama-cpp.nix") == 0o666 & ~_umask()
    assert_is_migrated(folder, evaluator)


def _umask() -> int:
    umask = os.umask(0)
    os.umask(umask)
    return umask


@pytest.mark.parametrize("name", ["flake.nix", "hosts/argon.nix", "used.nix"])
def test_a_read_only_file_is_refused(name: str, evaluator: Evaluator, tmp_path: Path) -> None:
    folder = fleet(tmp_path)
    (folder / name).chmod(0o444)
    before = contents(folder)
    run = migrate(folder, "--allow-no-vcs")
    assert (run.code, run.out) == (2, "")
    assert run.err == f"{folder}/{name}: the file is read-only\n"
    assert contents(folder) == before
    assert_was_as_it_should_be(folder, evaluator)
    (folder / name).chmod(0o644)
    migrated(folder)
    assert_is_migrated(folder, evaluator)


def test_a_read_only_file_that_needs_no_edit_does_not_matter(evaluator: Evaluator, tmp_path: Path) -> None:
    folder = fleet(tmp_path)
    (folder / "hosts" / "host.nix").chmod(0o444)
    migrated(folder)
    assert mode(folder / "hosts" / "host.nix") == 0o444
    assert_is_migrated(folder, evaluator)


# -- links ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["hosts/argon.nix", "used.nix", "flake.nix"])
@pytest.mark.parametrize("git_knows", [False, True], ids=["a folder", "a repository"])
def test_a_linked_file_is_edited_through_its_link(
    name: str, git_knows: bool, evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = fleet(tmp_path)
    link = folder / name
    real = link.with_name(f"real-{link.name}")
    link.rename(real)
    real.chmod(0o755)
    link.symlink_to(real.name)
    if git_knows:
        committed(folder)
    assert_was_as_it_should_be(folder, evaluator)
    migrated(folder)
    assert link.readlink() == Path(real.name)
    assert mode(real) == 0o755
    assert_is_migrated(folder, evaluator)


def test_a_file_linked_from_another_folder_counts_its_paths_from_where_it_is(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = fleet(tmp_path)
    (folder / "a" / "b").mkdir(parents=True)
    (folder / "hosts" / "argon.nix").rename(folder / "a" / "b" / "argon.nix")
    (folder / "hosts" / "argon.nix").symlink_to("../a/b/argon.nix")
    write(folder, {"a/b/host.nix": "{\n  imports = [ ../../used.nix ];\n}\n"})
    assert_was_as_it_should_be(folder, evaluator)
    migrated(folder)
    assert (folder / "hosts" / "argon.nix").is_symlink()
    assert (folder / "a" / "b" / "argon.nix").read_text() == AFTER["hosts/argon.nix"].replace(
        "../overlays", "../../overlays"
    )
    (host,) = evaluator.hosts(folder).values()
    assert host.error is None
    assert [overlay[0] for overlay in host.overlays] == ["llama-cpp", "llama-cpp"]
    assert migrate(folder, "--check").code == 0


def test_a_host_in_a_file_outside_of_the_fleet_is_refused(tmp_path: Path) -> None:
    folder = fleet(tmp_path)
    (folder / "hosts" / "argon.nix").rename(tmp_path / "argon.nix")
    (folder / "hosts" / "argon.nix").symlink_to("../../argon.nix")
    before = contents(folder)
    run = migrate(folder, "--allow-no-vcs")
    assert run.code == 2
    assert run.err.startswith(
        f"{folder}/flake.nix:7:35: host `argon`: hosts/argon.nix is a link out of the flake\n"
    )
    assert contents(folder) == before
    assert (tmp_path / "argon.nix").read_text() == FILES["hosts/argon.nix"]


@pytest.mark.parametrize("to", ["a folder", "nowhere"])
def test_the_result_of_a_build_is_left_alone(to: str, evaluator: Evaluator, tmp_path: Path) -> None:
    folder = fleet(tmp_path)
    text = "{\n  imports = [ ./old/llama-cpp-variants.nix ];\n}\n"
    if to == "a folder":
        write(tmp_path / "store" / "result", {"etc/used.nix": text, "flake.nix": FILES["flake.nix"]})
    (folder / "result").symlink_to(tmp_path / "store" / "result")
    assert_was_as_it_should_be(folder, evaluator)
    run = migrated(folder)
    note = "  note: result leads out of the flake and was not looked at\n"
    assert (note in run.out) is (to == "a folder")
    assert (folder / "result").is_symlink()
    if to == "a folder":
        assert contents(tmp_path / "store") == {
            "result/etc/used.nix": text.encode(),
            "result/flake.nix": FILES["flake.nix"].encode(),
        }
    assert_is_migrated(folder, evaluator)


# -- what is not the fleet's own, and what is no Nix -----------------------------------------------


def test_a_submodule_is_left_alone(evaluator: Evaluator, tmp_path: Path) -> None:
    library = committed(write(tmp_path / "library", {"used.nix": FILES["used.nix"]}))
    folder = committed(fleet(tmp_path))
    git(folder, "-c", "protocol.file.allow=always", "submodule", "add", "-q", str(library), "library")
    git(folder, "commit", "-qm", "A library")
    assert_was_as_it_should_be(folder, evaluator)
    run = migrated(folder)
    assert "  note: repositories within this one (submodules) were left alone: library\n" in run.out
    assert (folder / "library" / "used.nix").read_text() == FILES["used.nix"]
    assert git(folder / "library", "status", "--porcelain") == ""
    assert_is_migrated(folder, evaluator)


# What a file beside the fleet has, and what is said of it.
BAD = {
    "encrypted by git-crypt": (
        b"\0GITCRYPT\0\x8a\x01\xff",
        "  note: hosts/secret.nix is no text (encrypted?) and was not looked at\n",
    ),
    "a program": (
        b"\x7fELF\0\0\1",
        "  note: hosts/secret.nix is no text (encrypted?) and was not looked at\n",
    ),
    "empty": (b"", ""),
    "a comment alone": (b"# nixpkgs.overlays\n", ""),
    "not finished": (b"{\n  nixpkgs.overlays = [ (import ./x.nix ;\n", ""),
    "rejected by Nix": (b"{\n  a = 1;\n  a = 2;\n}\n", ""),
    "not in UTF-8": (b'{\n  # caf\xe9\n  a = "\xff\xfe";\n}\n', ""),
    "in UTF-16": ("{ a = 1; }\n".encode("utf-16"), "  note: hosts/secret.nix is no text"),
}


@pytest.mark.parametrize("git_knows", [False, True], ids=["a folder", "a repository"])
@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_beside_the_others_is_left_alone(
    name: str, git_knows: bool, evaluator: Evaluator, tmp_path: Path
) -> None:
    data, note = BAD[name]
    folder = fleet(tmp_path)
    (folder / "hosts" / "secret.nix").write_bytes(data)
    if git_knows:
        committed(folder)
    assert_was_as_it_should_be(folder, evaluator)
    run = migrated(folder)
    assert note in run.out
    assert ("note:" in run.out) is bool(note)
    assert (folder / "hosts" / "secret.nix").read_bytes() == data
    assert_is_migrated(folder, evaluator)


def test_a_link_that_leads_nowhere_beside_the_others_is_left_alone(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = fleet(tmp_path)
    (folder / "hosts" / "secret.nix").symlink_to("nowhere.nix")
    (folder / "hosts" / ".#argon.nix").symlink_to("ada@host.123")
    assert_was_as_it_should_be(folder, evaluator)
    run = migrated(folder)
    assert "note:" not in run.out
    assert (folder / "hosts" / "secret.nix").readlink() == Path("nowhere.nix")
    assert_is_migrated(folder, evaluator)


@pytest.mark.parametrize("name", BAD)
def test_a_bad_file_that_nobody_asks_for_stands_in_nobody_s_way(
    name: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    data, _ = BAD[name]
    folder = fleet(tmp_path)
    flake = FILES["flake.nix"].replace("    {\n", "    {\n      lib.secret = import ./hosts/secret.nix;\n", 1)
    write(folder, {"flake.nix": flake})
    (folder / "hosts" / "secret.nix").write_bytes(data)
    assert_was_as_it_should_be(folder, evaluator)
    migrated(folder)
    assert (folder / "hosts" / "secret.nix").read_bytes() == data
    (host,) = evaluator.hosts(folder).values()
    assert host.error is None
    assert [overlay[0] for overlay in host.overlays] == ["llama-cpp", "llama-cpp"]
    assert migrate(folder, "--check").code == 0


def test_a_bad_file_that_must_be_edited_is_refused(tmp_path: Path) -> None:
    folder = fleet(tmp_path)
    broken = FILES["used.nix"].replace(" ];", " ]")
    write(folder, {"used.nix": broken})
    before = contents(folder)
    run = migrate(folder, "--allow-no-vcs")
    assert (run.code, run.out) == (2, "")
    assert run.err.startswith(f"{folder}/used.nix:2:63: missing `;`"), run.err
    assert contents(folder) == before
