"""Reports of nixos-facter: GPUs, processors, and what cannot be read."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from detection import configuration_of, fleet, module, rules

from nixedit.detect.reports import processor_of
from nixedit.detect.survey import evidence_of

REPORT = {
    "version": 2,
    "system": "x86_64-linux",
    "hardware": {
        "cpu": [{"vendor_name": "AuthenticAMD", "family": 25, "model": 97}] * 2,
        "graphics_card": [{"vendor": {"hex": "1002"}}, {"vendor": {"hex": "10de"}, "driver": "nouveau"}],
    },
}
NAMED = module("facter.reportPath = ./facter.json;")


def test_a_report_says_what_was_found(tmp_path: Path) -> None:
    folder = fleet(tmp_path, {"boron.nix": NAMED, "facter.json": json.dumps(REPORT)})
    found = [f"{one.capability}: {one}" for one in evidence_of(configuration_of(folder), rules())]
    assert found == [
        'nvidia-gpu: boron.nix:3 facter.json has hardware.graphics_card.vendor.hex = "10de"',
        'amd-gpu: boron.nix:3 facter.json has hardware.graphics_card.vendor.hex = "1002"',
        'cpu-amd: boron.nix:3 facter.json has hardware.cpu.vendor_name = "AuthenticAMD"',
    ]


@pytest.mark.parametrize("content", ["", "{", "[]", "3", '{"hardware": {"graphics_card": "none", "cpu": 7}}'])
def test_what_is_no_report_says_nothing(tmp_path: Path, content: str) -> None:
    folder = fleet(tmp_path, {"boron.nix": NAMED, "facter.json": content})
    assert evidence_of(configuration_of(folder), rules()) == []
    assert processor_of(configuration_of(folder), rules()) is None


@pytest.mark.parametrize(
    ("processors", "expected"),
    [
        ([("AuthenticAMD", 25, 97)], "znver4"),
        ([("AuthenticAMD", 25, 33)], "znver3"),
        ([("GenuineIntel", 6, 140)], "tigerlake"),
        ([("GenuineIntel", 6, 154)] * 12, "alderlake"),
        ([("GenuineIntel", 6, 250)], None),
        ([("AuthenticAMD", 25, 97), ("AuthenticAMD", 25, 33)], None),
        ([("AuthenticAMD", 25, "97")], None),
        ([], None),
    ],
)
def test_a_processor_has_its_compilers_name(
    tmp_path: Path, processors: list[tuple[str, int, int]], expected: str | None
) -> None:
    cpu = [{"vendor_name": vendor, "family": family, "model": model} for vendor, family, model in processors]
    report = json.dumps({"hardware": {"cpu": cpu}})
    folder = fleet(tmp_path, {"boron.nix": NAMED, "facter.json": report})
    assert processor_of(configuration_of(folder), rules()) == expected


def test_a_report_that_may_be_another_hosts_names_no_processor(tmp_path: Path) -> None:
    body = module("config = lib.mkIf config.mine { facter.reportPath = ./facter.json; };")
    folder = fleet(tmp_path, {"boron.nix": body, "facter.json": json.dumps(REPORT)})
    assert processor_of(configuration_of(folder), rules()) is None
    assert not any(one.sure for one in evidence_of(configuration_of(folder), rules()))
