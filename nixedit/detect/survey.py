"""A survey of a host: what its modules, the modules of inputs and its reports say of its hardware."""

from __future__ import annotations

from collections.abc import Iterator
from fnmatch import fnmatchcase

from nixedit.detect.evidence import Evidence, doubts_of, made
from nixedit.detect.findings import matches
from nixedit.detect.platforms import package_sets
from nixedit.detect.reports import report_evidence
from nixedit.detect.rules import STRONG, WEAK, OptionRule, Rules
from nixedit.flake.configuration import Configuration, Setting
from nixedit.flake.origins import foreign_name, foreign_path
from nixedit.resolve.properties import USUAL
from nixedit.resolve.values import Literal, Origin

Path = tuple[str, ...]


def evidence_of(configuration: Configuration, rules: Rules) -> list[Evidence]:
    """What the modules of a host say of it, each thing at one place once.

    Args:
        configuration: the host's configuration.
        rules: what is looked for.
    """
    found: dict[tuple[str, bool, str, int], Evidence] = {}
    for one in _all(configuration, rules):
        key = (one.capability, one.holds, one.path, one.line)
        other = found.get(key)
        if other is None or _rank(one) > _rank(other):
            found[key] = one
    return list(found.values())


def _all(configuration: Configuration, rules: Rules) -> Iterator[Evidence]:
    for rule in rules.options:
        yield from _of_option(configuration, rule)
    yield from _of_modules(configuration, rules)
    yield from report_evidence(configuration, rules)


def _rank(evidence: Evidence) -> tuple[bool, bool]:
    return evidence.sure, evidence.strength == STRONG


# -- options ------------------------------------------------------------------------------------------


def _of_option(configuration: Configuration, rule: OptionRule) -> Iterator[Evidence]:
    for path, setting in _settings(configuration, rule.option):
        finding = matches(rule, setting.definition)
        place = setting.definition.place
        if finding is not None and place is not None:
            place = _nearer(place, finding.place)
            strength = _strength(configuration, rule.strength, rule.yields_to)
            doubts = (*doubts_of(setting), *finding.doubts)
            yield from made(rule.means, place, f"{'.'.join(path)} = {finding.shown}", strength, doubts)


def _nearer(place: Origin, other: Origin | None) -> Origin:
    """A place within another one, as that of an element in a list; else the other one."""
    if other is None or other.file != place.file:
        return place
    within = place.span.start <= other.span.start and other.span.end <= place.span.end
    return other if within else place


def _settings(configuration: Configuration, option: Path) -> Iterator[tuple[Path, Setting]]:
    """The settings of an option, or of all options below one, also where the package set is made."""
    if option[-1] == "*":
        for path, setting in configuration.below(option[:-1]):
            # What is computed as a whole may be empty.
            if len(path) >= len(option) or isinstance(setting.value, Literal):
                yield path, setting
        return
    for setting in (*configuration.settings(option), *package_sets(configuration, option)):
        yield option, setting


def _strength(configuration: Configuration, strength: str, yields_to: tuple[str, ...]) -> str:
    """The strength of a finding: weak where the fleet settles elsewhere what it would bring."""
    if not yields_to:
        return strength
    return WEAK if _is_settled(configuration, yields_to) else strength


def _is_settled(configuration: Configuration, option: tuple[str, ...]) -> bool:
    """Whether the fleet surely sets an option at the usual priority or a stronger one."""
    found = configuration.settings(option)
    return any(one.sure and (one.definition.priority or 0) <= USUAL for one in found)


# -- modules ------------------------------------------------------------------------------------------


def _of_modules(configuration: Configuration, rules: Rules) -> Iterator[Evidence]:
    for module in configuration.modules:
        name, path = foreign_name(module.named), foreign_path(configuration.host.fleet, module.named)
        if not name and not path:
            continue
        rule = next(
            (
                rule
                for rule in rules.modules
                if (name and rule.name and fnmatchcase(name.partition(".")[2], rule.name))
                or (path and rule.path and fnmatchcase(path.partition("/")[2].rstrip("/"), rule.path))
            ),
            None,
        )
        place = module.named.origin
        if rule is not None and place is not None:
            strength = _strength(configuration, rule.strength, rule.yields_to)
            doubts = () if module.sure else ("it may not be imported",)
            yield from made(rule.means, place, f"imports {name or path}", strength, doubts)
