"""A host's own file of metadata: what it says, where it stands, and what is refused with its place."""

from __future__ import annotations

from pathlib import Path

import pytest
from detection import VARIANTS, fleet, host_of, rules

from nixedit.detect.metadata import DEFAULT, Metadata, meta_fault, read_metadata
from nixedit.errors import NixEditError

FILE = "machines/meta/boron.nix"


def read(folder: Path, content: str, file: str = FILE, meta: str = DEFAULT) -> Metadata | None:
    fleet(folder, {"boron.nix": "{ }", file: content})
    return read_metadata(host_of(folder), rules(), VARIANTS, meta)


def says(found: Metadata | None) -> tuple[str | None, str | None, set[str]]:
    assert found is not None
    names = {("" if one.holds else "!") + one.capability for one in found.evidence}
    return found.variant, found.processor, names


NO_GPU = {"!nvidia", "!nvidia-gpu", "!amd-gpu", "!intel-gpu", "!cuda", "!rocm"}


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('{ llama-cpp.variant = "cuda-native"; }', ("cuda-native", None, set())),
        ('{ llama-cpp = { variant = "cuda"; }; }', ("cuda", None, set())),
        ('{ gpu = "nvidia"; cpu = "znver4"; }', (None, "znver4", {"nvidia"})),
        ('{ gpu = [ "amd" "intel" ]; cpu = "amd"; }', (None, None, {"amd-gpu", "intel-gpu", "cpu-amd"})),
        ('{ gpu = "rocm"; }', (None, None, {"amd-gpu", "rocm"})),
        ('{ gpu = "none"; }', (None, None, NO_GPU)),
        ('let card = "nvidia"; in { gpu = card; owner = "ada"; }', (None, None, {"nvidia"})),
        ('{ gpu = "amd"; } // import ../shared.nix', (None, None, {"nvidia"})),
        ("{ }", (None, None, set())),
        ('{ owner = "ada"; room = 12; }', (None, None, set())),
    ],
)
def test_what_it_says(
    tmp_path: Path, content: str, expected: tuple[str | None, str | None, set[str]]
) -> None:
    (tmp_path / "machines").mkdir()
    (tmp_path / "machines/shared.nix").write_text('{ gpu = "nvidia"; }')
    assert says(read(tmp_path, content)) == expected


def test_a_host_need_not_have_one(tmp_path: Path) -> None:
    assert read(tmp_path, "{ }", file="machines/meta/carbon.nix") is None


@pytest.mark.parametrize(
    ("content", "message", "hint"),
    [
        ('{ llama-cpp.variant = "cude"; }', f"{FILE}:1:23: there is no variant `cude`", "did you mean `cuda`?"),
        ('{ gpu = "radeon"; }', f"{FILE}:1:9: there is no gpu `radeon`", "there are: nvidia, amd, rocm, intel, none"),
        ('{ cpu = "znver44"; }', f"{FILE}:1:9: there is no cpu `znver44`", "did you mean `znver4`?"),
        ("{ gpu = 3; }", f"{FILE}:1:9: `gpu` is not known: it is no string", "write one of: nvidia, amd, rocm, intel, none"),
        ('{ llama-cpp.varient = "cuda"; }', f"{FILE}:1:23: `llama-cpp` has no `varient`", "did you mean `variant`?"),
        ("{ lib }: { }", f"{FILE}:1:1: it is no set that can be read without Nix: it is something else",
         'write a plain set: { llama-cpp.variant = "…"; }'),
        ('builtins.getEnv "X"', f"{FILE}:1:1: it is no set that can be read without Nix: it is something else",
         'write a plain set: { llama-cpp.variant = "…"; }'),
        ('{ ${builtins.getEnv "X"} = 1; }', f"{FILE}:1:1: it is no set that can be read without Nix: a part of it is computed",
         'write a plain set: { llama-cpp.variant = "…"; }'),
        ('{ gpu = if builtins.currentTime > 1 then "amd" else "nvidia"; }',
         f"{FILE}:1:9: `gpu` is not known: it depends on a condition", "write one of: nvidia, amd, rocm, intel, none"),
        ("{ gpu = ", f"{FILE}: it is no set that can be read without Nix: {FILE} cannot be read",
         'write a plain set: { llama-cpp.variant = "…"; }'),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused_with_its_place(
    tmp_path: Path, content: str, message: str, hint: str
) -> None:
    with pytest.raises(NixEditError) as caught:
        read(tmp_path, content)
    assert str(caught.value) == f"{tmp_path}/{message}"
    assert caught.value.hint == hint


def test_an_error_shows_where_it_is(tmp_path: Path) -> None:
    with pytest.raises(NixEditError) as caught:
        read(tmp_path, '{ llama-cpp.variant = "cude"; }')
    assert caught.value.render().splitlines()[1:] == [
        '    1 | { llama-cpp.variant = "cude"; }',
        "      |                       ^^^^^^ did you mean `cuda`?",
    ]


@pytest.mark.parametrize(
    ("meta", "file", "content"),
    [
        ("hosts/{host}/meta.nix", "hosts/boron/meta.nix", '{ gpu = "nvidia"; }'),
        ("meta.nix#{host}", "meta.nix", '{ boron.gpu = "nvidia"; carbon.gpu = "amd"; }'),
        ("meta.nix#hosts.{host}.hardware", "meta.nix", '{ hosts.boron.hardware = { gpu = "nvidia"; }; }'),
    ],
)
def test_it_stands_where_a_fleet_wants_it(tmp_path: Path, meta: str, file: str, content: str) -> None:
    assert says(read(tmp_path, content, file, meta)) == (
        None,
        None,
        {"nvidia"},
    )


def test_one_file_for_all_may_leave_a_host_out(tmp_path: Path) -> None:
    assert read(tmp_path, '{ carbon.gpu = "amd"; }', "meta.nix", "meta.nix#{host}") is None


@pytest.mark.parametrize(
    ("meta", "fault"),
    [
        ("machines/meta/{host}.nix", None),
        ("meta.nix#{host}", None),
        ("meta.nix", "it has no `{host}` in it"),
        ("../{host}.nix", "it leads out of the flake"),
        ("/etc/{host}.nix", "it leads out of the flake"),
    ],
)
def test_where_metadata_stand_is_a_path_in_the_flake(meta: str, fault: str | None) -> None:
    assert meta_fault(meta) == fault
