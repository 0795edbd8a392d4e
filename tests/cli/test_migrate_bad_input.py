"""`nixedit migrate` over what is no fleet: one line with place and reason, and every file as it was."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from migration_runs import FLAKE, OLD, Run, contents, migrate, write

from nixedit import files

IS_ROOT = os.geteuid() == 0
WITH_OLD = FLAKE.replace("./argon.nix", "./argon.nix ./old/llama-cpp-variants.nix")


@pytest.fixture
def fleet(tmp_path: Path) -> Path:
    return write(
        tmp_path / "fleet", {"flake.nix": WITH_OLD, "argon.nix": "{ }\n", "old/llama-cpp-variants.nix": OLD}
    )


def refused(folder: Path, *words: str) -> str:
    """What a run that must fail says; it leaves every file as it was."""
    before = contents(folder) if folder.is_dir() else {}
    run = migrate(folder, "--allow-no-vcs", *words)
    assert (run.code, run.out) == (2, ""), run
    assert (contents(folder) if folder.is_dir() else {}) == before
    assert_is_for_people(run)
    return run.err


def assert_is_for_people(run: Run) -> None:
    assert "Traceback" not in run.err
    assert "a defect in nixedit" not in run.err


# -- no flake -------------------------------------------------------------------------------------


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert refused(tmp_path / "nowhere") == f"{tmp_path}/nowhere: no such folder\n"
    assert refused(tmp_path / "nowhere" / "flake.nix") == f"{tmp_path}/nowhere: no such folder\n"


def test_a_folder_without_a_flake(tmp_path: Path) -> None:
    assert refused(tmp_path) == f"{tmp_path}: no flake.nix here: name the folder of a flake\n"


def test_a_file_in_place_of_the_folder(fleet: Path) -> None:
    assert refused(fleet / "argon.nix") == f"{fleet}/argon.nix: not a folder, and no flake.nix\n"


@pytest.mark.parametrize("kind", ["folder", "broken link", "pipe", "loop"])
def test_a_flake_nix_that_is_no_file(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "flake.nix"
    if kind == "folder":
        path.mkdir()
    elif kind == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("nowhere.nix" if kind == "broken link" else "flake.nix")
    what = {"folder": "a folder", "pipe": "no regular file"}.get(kind, "a link that leads nowhere")
    assert refused(tmp_path) == f"{path}: flake.nix is {what}\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "1:1: the file has no expression"),
        ("{ a = ; }\n", "1:7: "),
        ("{\n  outputs = _: {\n", "3:1: "),
        ("[ ]\n", "1:1: the file's value is no written set but a list"),
        ("{ }\n", "the flake has no `outputs`"),
        ("{ outputs = 1; }\n", "1:13: `outputs` is no function that is written here"),
        ("import ./x.nix\n", "1:1: the file's value is no written set but a call"),
        ("{ outputs = _: { }; }\n", "1:16: the flake has no `nixosConfigurations` that are written here"),
    ],
)
def test_a_flake_that_is_none(fleet: Path, text: str, message: str) -> None:
    write(fleet, {"flake.nix": text})
    said = refused(fleet)
    assert said.startswith(f"{fleet}/flake.nix:"), said
    assert message.partition(": ")[0] in said


def test_a_syntax_error_is_shown(fleet: Path) -> None:
    write(fleet, {"flake.nix": FLAKE.replace("[ ./argon.nix ];", "[ ./argon.nix ]")})
    said = refused(fleet)
    assert said.startswith(f"{fleet}/flake.nix:")
    assert said.count("\n") == 3
    assert "^" in said.splitlines()[2]


@pytest.mark.parametrize(
    "data", [b"\x7fELF\0\0\1", b"\0", b"\xff\xfe{\0}\0", b"\0GITCRYPT\0\x8a\x01", b"\x80abc \xff"]
)
def test_a_flake_nix_that_is_no_text(fleet: Path, data: bytes) -> None:
    (fleet / "flake.nix").write_bytes(data)
    said = refused(fleet)
    assert said.startswith(f"{fleet}/flake.nix:1:")
    assert said.isprintable() or all(char.isprintable() or char == "\n" for char in said)


# -- other bad files ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"\0GITCRYPT\0\x8a\x01",
        b"",
        b"{ a = ; llama-cpp.override }\n",
        b"\xff\xfe\0",
        b"{ a = 1; a = 2; }\n",
        b'{ a = "\xe9"; } # \xff\n',
    ],
)
def test_bad_files_that_need_no_edit_do_not_matter(fleet: Path, data: bytes) -> None:
    (fleet / "secrets.nix").write_bytes(data)
    assert migrate(fleet, "--allow-no-vcs").code == 0
    assert (fleet / "secrets.nix").read_bytes() == data


def test_a_file_that_must_be_edited_and_has_a_syntax_error_is_shown(fleet: Path) -> None:
    imports = {"argon.nix": "{ imports = [ ./more.nix ]; }\n"}
    write(fleet, {**imports, "more.nix": "{\n  imports = [ ./old/llama-cpp-variants.nix ];\n  a = ;\n}\n"})
    said = refused(fleet)
    assert said.startswith(f"{fleet}/more.nix:3:7: ")


def test_a_pipe_is_not_read(fleet: Path) -> None:
    os.mkfifo(fleet / "pipe.nix")
    (fleet / "link-to-pipe.nix").symlink_to("pipe.nix")
    assert migrate(fleet, "--allow-no-vcs").code == 0


def test_links_that_lead_nowhere_or_in_circles_do_not_matter(fleet: Path) -> None:
    (fleet / "gone.nix").symlink_to("nowhere.nix")
    (fleet / ".#argon.nix").symlink_to("ada@host.123")
    (fleet / "circle.nix").symlink_to("circle.nix")
    (fleet / "up").symlink_to("..")
    assert migrate(fleet, "--allow-no-vcs").code == 0


def test_a_folder_named_like_a_file_is_a_folder(fleet: Path) -> None:
    write(fleet, {"argon.nix": "{ imports = [ ./hosts.nix/more.nix ]; }\n"})
    write(fleet, {"hosts.nix/more.nix": "{ imports = [ ../old/llama-cpp-variants.nix ]; }\n"})
    assert migrate(fleet, "--allow-no-vcs").code == 0
    assert (fleet / "hosts.nix" / "more.nix").read_text() == "{ imports = [ ]; }\n"


# -- links ----------------------------------------------------------------------------------------


def test_a_flake_nix_that_is_a_link_out_of_the_folder(fleet: Path, tmp_path: Path) -> None:
    (fleet / "flake.nix").rename(tmp_path / "flake.nix")
    (fleet / "flake.nix").symlink_to("../flake.nix")
    assert refused(fleet) == f"{fleet}/flake.nix: the file lies outside of the folder that is edited\n"
    assert (tmp_path / "flake.nix").read_text() == WITH_OLD


def test_a_flake_nix_that_is_a_link_within_the_folder_is_edited_through_it(fleet: Path) -> None:
    (fleet / "flake.nix").rename(fleet / "real.nix")
    (fleet / "flake.nix").symlink_to("real.nix")
    assert migrate(fleet, "--allow-no-vcs").code == 0
    assert (fleet / "flake.nix").is_symlink()
    assert b"inputs.llama-cpp.url" in (fleet / "real.nix").read_bytes()
    assert migrate(fleet, "--check").code == 0


def test_a_file_with_two_names_is_edited_once(fleet: Path) -> None:
    write(fleet, {"argon.nix": "{ imports = [ ./a.nix ./z.nix ]; }\n"})
    write(fleet, {"more.nix": "{ imports = [ ./old/llama-cpp-variants.nix ]; }\n"})
    (fleet / "a.nix").symlink_to("more.nix")
    (fleet / "z.nix").symlink_to("more.nix")
    assert migrate(fleet, "--allow-no-vcs").code == 0
    assert (fleet / "z.nix").is_symlink()
    assert (fleet / "more.nix").read_text() == "{ imports = [ ]; }\n"


def test_a_file_outside_that_a_link_leads_to_is_left_alone(fleet: Path, tmp_path: Path) -> None:
    text = "{ imports = [ ./old/llama-cpp-variants.nix ]; }\n"
    write(tmp_path, {"outside.nix": text})
    (fleet / "link.nix").symlink_to(tmp_path / "outside.nix")
    run = migrate(fleet, "--allow-no-vcs")
    assert run.code == 0, run
    assert "  note: link.nix leads out of the flake and was not looked at\n" in run.out
    assert (tmp_path / "outside.nix").read_text() == text


@pytest.mark.parametrize("path", ["../x.nix", "/nowhere/x.nix", "a/../../x.nix"])
def test_an_overlay_file_outside_of_the_flake(fleet: Path, path: str) -> None:
    assert refused(fleet, "--overlay-file", path) == (
        f"{os.path.normpath(fleet / path)}: the file lies outside of the folder that is edited\n"
    )


def test_an_overlay_file_behind_a_link_that_leads_out(fleet: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (fleet / "overlays").symlink_to("../elsewhere")
    assert "outside of the folder that is edited" in refused(fleet)
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_an_overlay_file_whose_folder_is_a_file(fleet: Path) -> None:
    write(fleet, {"overlays": "a file"})
    assert refused(fleet) == f"{fleet}/overlays/llama-cpp.nix: not a directory\n"


def test_an_overlay_file_that_is_a_folder(fleet: Path) -> None:
    (fleet / "overlays" / "llama-cpp.nix").mkdir(parents=True)
    assert refused(fleet).startswith(f"{fleet}/overlays/llama-cpp.nix: ")


def test_an_overlay_file_that_is_a_broken_link(fleet: Path) -> None:
    (fleet / "overlays").mkdir()
    (fleet / "overlays" / "llama-cpp.nix").symlink_to("nowhere")
    assert refused(fleet).startswith(f"{fleet}/overlays/llama-cpp.nix: ")


# -- permissions ----------------------------------------------------------------------------------


@contextlib.contextmanager
def nobody(folder: Path) -> Iterator[None]:
    """Runs as a person who may not read everything, also where the tests run as root."""
    if not IS_ROOT:
        yield
        return
    for path in (folder, *folder.rglob("*")):
        os.chown(path, 65534, 65534, follow_symlinks=False)
    for above in folder.parents:
        if above != above.parent and above.stat().st_uid == 0:
            above.chmod(above.stat().st_mode | 0o755)
    os.setegid(65534)
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
        os.setegid(0)


@pytest.fixture
def private_temporary(tmp_path: Path) -> Iterator[None]:
    """Takes the openings of the folders above the temporary one back."""
    before = {above: above.stat().st_mode for above in tmp_path.parents}
    yield
    for above, mode in before.items():
        if above.stat().st_mode != mode:
            above.chmod(mode & 0o7777)


@pytest.mark.usefixtures("private_temporary")
def test_an_unreadable_flake(fleet: Path) -> None:
    with nobody(fleet):
        (fleet / "flake.nix").chmod(0)
        run = migrate(fleet, "--allow-no-vcs")
        (fleet / "flake.nix").chmod(0o644)
    assert (run.code, run.out, run.err) == (2, "", f"{fleet}/flake.nix: permission denied\n")


@pytest.mark.usefixtures("private_temporary")
def test_an_unreadable_folder_of_the_flake(fleet: Path) -> None:
    with nobody(fleet):
        fleet.chmod(0)
        run = migrate(fleet, "--allow-no-vcs")
        fleet.chmod(0o755)
    assert (run.code, run.out, run.err) == (2, "", f"{fleet}/flake.nix: permission denied\n")


@pytest.mark.usefixtures("private_temporary")
@pytest.mark.parametrize("name", ["secret.nix", "secrets"])
def test_an_unreadable_file_may_need_the_old_overlay_which_stays(fleet: Path, name: str) -> None:
    write(fleet, {"secret.nix": "{ }\n", "secrets/x.nix": "{ }\n"})
    with nobody(fleet):
        (fleet / name).chmod(0)
        run = migrate(fleet, "--allow-no-vcs")
        (fleet / name).chmod(0o755)
    assert run.code == 0, run
    note = f"note: old/llama-cpp-variants.nix stays: {name} cannot be read, and may refer to it\n"
    assert note in run.out
    assert (fleet / "old/llama-cpp-variants.nix").exists()
    assert "llama-cpp-variants" not in (fleet / "flake.nix").read_text()


@pytest.mark.usefixtures("private_temporary")
def test_an_unreadable_file_is_noted_where_nothing_is_deleted(tmp_path: Path) -> None:
    fleet = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": "{ }\n", "secret.nix": "{ }\n"})
    with nobody(fleet):
        (fleet / "secret.nix").chmod(0)
        run = migrate(fleet)
        (fleet / "secret.nix").chmod(0o755)
    assert run.code == 0, run
    assert "  note: secret.nix cannot be read and was not looked at\n" in run.out


def test_a_read_only_file(fleet: Path) -> None:
    (fleet / "flake.nix").chmod(0o444)
    assert refused(fleet) == f"{fleet}/flake.nix: the file is read-only\n"


@pytest.mark.usefixtures("private_temporary")
def test_a_read_only_folder(fleet: Path) -> None:
    before = contents(fleet)
    with nobody(fleet):
        fleet.chmod(0o555)
        run = migrate(fleet, "--allow-no-vcs")
        fleet.chmod(0o755)
    assert (run.code, contents(fleet)) == (2, before)
    assert run.err == f"{fleet}: permission denied\n"


# -- while it writes ------------------------------------------------------------------------------


def leftovers(folder: Path) -> list[str]:
    return [path.name for path in folder.rglob("*") if path.name.startswith(".nixedit")]


@pytest.mark.parametrize(
    ("function", "count"),
    [("fsync", 0), ("fsync", 1), ("mkdir", 0), ("replace", 0), ("replace", 1), ("unlink", 0)],
)
def test_a_disk_that_is_full_at_any_moment(
    fleet: Path, monkeypatch: pytest.MonkeyPatch, function: str, count: int
) -> None:
    real, calls = getattr(os, function), iter(range(100))

    def full(*words, **named):
        if next(calls) == count:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return real(*words, **named)

    monkeypatch.setattr(files.os, function, full)
    before = contents(fleet)
    run = migrate(fleet, "--allow-no-vcs")
    assert (run.code, contents(fleet), leftovers(fleet)) == (2, before, []), run
    assert not (fleet / "overlays").exists()
    assert run.err.endswith(": no space left on device\n")
    assert run.err.startswith(f"{fleet}/")
    assert_is_for_people(run)


def test_a_file_system_without_hard_links_is_written_all_the_same(
    fleet: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def link(*words: str) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(files.os, "link", link)
    assert migrate(fleet, "--allow-no-vcs").code == 0
    assert leftovers(fleet) == []


@pytest.mark.skipif(not IS_ROOT, reason="mounts a small file system, which root may")
def test_a_disk_that_is_really_full(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("no permission to mount")
    try:
        fleet = write(
            disk / "fleet", {"flake.nix": WITH_OLD, "argon.nix": "{ }\n", "old/llama-cpp-variants.nix": OLD}
        )
        with contextlib.suppress(OSError), open(disk / "filler", "wb", buffering=0) as filler:
            while filler.write(b"x" * 512):
                pass
        before = contents(fleet)
        run = migrate(fleet, "--allow-no-vcs")
        assert (run.code, contents(fleet), leftovers(fleet)) == (2, before, [])
        assert run.err.endswith(": no space left on device\n")
        assert run.err.startswith(str(fleet))
    finally:
        subprocess.run(["umount", str(disk)], check=True)


@pytest.mark.parametrize("name", ["flake.nix", "old/llama-cpp-variants.nix"])
@pytest.mark.parametrize("how", ["changed", "gone"])
def test_a_file_that_changes_while_it_runs(
    fleet: Path, monkeypatch: pytest.MonkeyPatch, name: str, how: str
) -> None:
    from nixedit.cli import migrate as command

    def change(self) -> bool:
        if how == "gone":
            (fleet / name).unlink()
        else:
            write(fleet, {name: "mine"})
        return True

    monkeypatch.setattr(command._Run, "_confirmed", change)  # noqa: SLF001  # the moment before it writes
    before = contents(fleet)
    run = migrate(fleet, "--allow-no-vcs")
    what = "is gone" if how == "gone" else "was changed"
    assert run.code == 2
    assert run.err == (
        f"{fleet}/{name}: the file {what} on disk meanwhile\n"
        "nothing was written; run it again to work on the file as it is now\n"
    )
    after = contents(fleet)
    assert {key: data for key, data in after.items() if key != name} == {
        key: data for key, data in before.items() if key != name
    }
    assert after.get(name) == (None if how == "gone" else b"mine")


def test_an_overlay_file_that_appears_while_it_runs(fleet: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from nixedit.cli import migrate as command

    def create(self) -> bool:
        write(fleet, {"overlays/llama-cpp.nix": "mine"})
        return True

    monkeypatch.setattr(command._Run, "_confirmed", create)  # noqa: SLF001  # the moment before it writes
    before = contents(fleet)
    run = migrate(fleet, "--allow-no-vcs")
    assert run.err.startswith(f"{fleet}/overlays/llama-cpp.nix: the file was created on disk meanwhile\n")
    assert contents(fleet) == {**before, "overlays/llama-cpp.nix": b"mine"}


# -- size and depth -------------------------------------------------------------------------------


def test_size_and_depth_are_no_reason_to_refuse(fleet: Path) -> None:
    write(
        fleet,
        {"flake.nix": WITH_OLD.replace('"x86_64-linux"', "(" * 10_000 + '"x86_64-linux"' + ")" * 10_000)},
    )
    lines = "".join(f"  a{number} = [ {number} ];\n" for number in range(200_000))
    write(fleet, {"argon.nix": "{ imports = [ ./large.nix ]; }\n"})
    write(fleet, {"large.nix": f"{{\n  imports = [ ./old/llama-cpp-variants.nix ];\n{lines}}}\n"})
    run = migrate(fleet, "--allow-no-vcs")
    assert run.code == 0, run.err[:500]
    assert (fleet / "large.nix").read_text().startswith("{\n  imports = [ ];\n  a0 = [ 0 ];\n")


# -- as a program ---------------------------------------------------------------------------------


def test_no_traceback_reaches_a_user(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "nixedit", "migrate", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"{tmp_path}: no flake.nix here: name the folder of a flake\n"
