"""Reports of nixos-facter: what a host's own scan found, as evidence, and the name of its processor."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from msgspec import Struct

from nixedit.detect.evidence import Evidence, doubts_of, made
from nixedit.detect.findings import nix
from nixedit.detect.rules import STRONG, Rules
from nixedit.flake.configuration import Configuration
from nixedit.resolve.values import Origin, PathValue


class Report(Struct, frozen=True, eq=False):
    """A report.

    Attributes:
        path: its file, relative to the flake.
        content: what stands in it.
        place: where a module names it.
        doubts: why it may not be the host's.
    """

    path: str
    content: Any
    place: Origin
    doubts: tuple[str, ...]


def reports_of(configuration: Configuration, rules: Rules) -> Iterator[Report]:
    """The reports that a host's modules name and that can be read."""
    files = configuration.host.fleet.evaluator.files
    for option in rules.report_options:
        for setting in configuration.settings(option):
            value, place = setting.value, setting.definition.place
            if not isinstance(value, PathValue) or value.path is None or place is None:
                continue
            try:
                content = json.loads(files.read(value.path) or b"")
            except (ValueError, RecursionError):
                continue
            yield Report(value.path, content, place, tuple(doubts_of(setting)))


def report_evidence(configuration: Configuration, rules: Rules) -> Iterator[Evidence]:
    """What a host's reports say of it."""
    for report in reports_of(configuration, rules):
        for rule in rules.reports:
            if rule.equals in list(values(report.content, rule.at)):
                text = f"{report.path} has {'.'.join(rule.at)} = {nix(rule.equals)}"
                yield from made(rule.means, report.place, text, STRONG, report.doubts)


def processor_of(configuration: Configuration, rules: Rules) -> str | None:
    """The microarchitecture of a host's processors by its reports; None where it is not known."""
    names = set()
    for report in reports_of(configuration, rules):
        if report.doubts:
            return None
        names |= {_named(item, rules) for item in values(report.content, rules.processors)}
    return names.pop() if len(names) == 1 else None


def _named(item: Any, rules: Rules) -> str | None:
    if not isinstance(item, dict):
        return None
    vendor, family, model = (item.get(name) for name in ("vendor_name", "family", "model"))
    if not isinstance(model, int):
        return None
    for known in rules.names:
        fits = any(first <= model <= last for first, last in known.models)
        if fits and (known.vendor, known.family) == (vendor, family):
            return known.name
    return None


def values(content: Any, path: Sequence[str]) -> Iterator[Any]:
    """What stands at a path of JSON, in every element of the lists on the way."""
    if isinstance(content, list):
        for item in content:
            yield from values(item, path)
    elif not path:
        yield content
    elif isinstance(content, dict) and path[0] in content:
        yield from values(content[path[0]], path[1:])
