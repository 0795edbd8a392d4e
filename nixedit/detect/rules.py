"""Rules of detection, read from a hardware.toml: what a finding means, and which variant that asks for."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping, Sequence
from os import PathLike, fspath
from pathlib import Path
from typing import Any

from msgspec import Struct

from nixedit.attrpath import parse
from nixedit.errors import NixEditError

STRONG, WEAK = "strong", "weak"
_TESTS = ("equals", "contains", "packages", "written", "defined")


class Meaning(Struct, frozen=True):
    """What a finding means.

    Attributes:
        capability: what the host has, or has not.
        holds: whether it has it.
    """

    capability: str
    holds: bool


class OptionRule(Struct, frozen=True):
    """A rule of an option's value.

    Attributes:
        option: the path of the option; `*` as its last name is every option below.
        test: how the value is looked at: `equals`, `contains`, `packages`, `written` or `defined`.
        wanted: what for.
        means: what it means.
        strength: `strong` or `weak`.
        yields_to: an option; the finding counts as weak once the fleet sets that one itself.
    """

    option: tuple[str, ...]
    test: str
    wanted: Any
    means: tuple[Meaning, ...]
    strength: str
    yields_to: tuple[str, ...]


class ModuleRule(Struct, frozen=True):
    """A rule of a module that an input brings.

    Attributes:
        name: a pattern of its name in the input's outputs; empty for none.
        path: a pattern of its path in the input; empty for none.
        means: what it means.
        strength: `strong` or `weak`.
        yields_to: as that of an option's rule.
    """

    name: str
    path: str
    means: tuple[Meaning, ...]
    strength: str
    yields_to: tuple[str, ...]


class ReportRule(Struct, frozen=True):
    """A rule of what stands in a report of nixos-facter.

    Attributes:
        at: the path in the report; of lists every element is looked at.
        equals: the value.
        means: what it means.
    """

    at: tuple[str, ...]
    equals: Any
    means: tuple[Meaning, ...]


class Processor(Struct, frozen=True):
    """What a compiler calls some processors.

    Attributes:
        vendor: the vendor's name of itself.
        family: the family.
        models: the models, as pairs of the first and the last.
        name: the microarchitecture.
    """

    vendor: str
    family: int
    models: tuple[tuple[int, int], ...]
    name: str


class VariantRule(Struct, frozen=True):
    """When a variant is proposed.

    Attributes:
        variant: the variant.
        needs: the capabilities that the host must have.
        unless: those that it must not have.
        platforms: the platforms that it can be built for; empty for all.
        why: the reason, in a few words.
    """

    variant: str
    needs: tuple[str, ...]
    unless: tuple[str, ...]
    platforms: tuple[str, ...]
    why: str


class DoubtRule(Struct, frozen=True):
    """What a person is told of a host.

    Attributes:
        when: the capabilities that it has.
        unless: those that it has not.
        variants: patterns of the variants for which it matters.
        say: what.
    """

    when: tuple[str, ...]
    unless: tuple[str, ...]
    variants: tuple[str, ...]
    say: str


class Rules(Struct, frozen=True):
    """All rules.

    Attributes:
        options: those of options.
        modules: those of modules that inputs bring.
        report_options: the options that name a report.
        reports: those of reports.
        processors: where the processors stand in a report.
        names: what compilers call processors.
        recipe: the set of a host's own file that names its variant.
        meta: what the words of a host's own file mean: `gpu` and `cpu`.
        variants: when which variant is proposed.
        native: patterns of the variants that are for the processor of whoever builds them.
        native_suffix: what their names end with.
        portable: the variant that runs everywhere.
        doubts: what a person should know.
    """

    options: tuple[OptionRule, ...]
    modules: tuple[ModuleRule, ...]
    report_options: tuple[tuple[str, ...], ...]
    reports: tuple[ReportRule, ...]
    processors: tuple[str, ...]
    names: tuple[Processor, ...]
    recipe: str
    meta: Mapping[str, Mapping[str, tuple[Meaning, ...]]]
    variants: tuple[VariantRule, ...]
    native: tuple[str, ...]
    native_suffix: str
    portable: str
    doubts: tuple[DoubtRule, ...]

    def systems_of(self, variant: str) -> frozenset[str] | None:
        """The systems that a variant is built for, also one for a kind of CPU; None where none is named.

        Args:
            variant: the variant: `fast`, or `fast-native`.
        """
        named = [rule for rule in self.variants if f"{variant}-".startswith(f"{rule.variant}-")]
        longest = max((len(rule.variant) for rule in named), default=0)
        systems = {system for rule in named if len(rule.variant) == longest for system in rule.platforms}
        return frozenset(systems) or None

    @property
    def microarchitectures(self) -> list[str]:
        """The processors that have a name."""
        return list(dict.fromkeys(item.name for item in self.names))


def load_rules(path: str | PathLike[str]) -> Rules:
    """The rules of a TOML file.

    Raises:
        NixEditError: it is no file of rules.
        OSError: it cannot be read.
    """
    text = Path(path).read_text("utf-8")
    try:
        return _rules(tomllib.loads(text))
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        what = f"there is no {error}" if isinstance(error, KeyError) else str(error)
        raise NixEditError(f"these are no rules of detection: {what}", path=fspath(path)) from None


def _rules(data: Mapping[str, Any]) -> Rules:
    reports, meta, native = data["reports"], data["meta"], data["native"]
    return Rules(
        options=tuple(_option(item) for item in data["options"]),
        modules=tuple(_module(item) for item in data["modules"]),
        report_options=tuple(parse(option) for option in reports["options"]),
        reports=tuple(
            ReportRule(tuple(item["at"].split(".")), item["equals"], _meanings(item["means"]))
            for item in reports["rules"]
        ),
        processors=tuple(reports["processors"].split(".")),
        names=tuple(_processor(item) for item in data["processors"]),
        recipe=meta["recipe"],
        meta={kind: {name: _meanings(m) for name, m in meta[kind].items()} for kind in ("gpu", "cpu")},
        variants=tuple(_variant(item) for item in data["variants"]),
        native=tuple(native["variants"]),
        native_suffix=native["suffix"],
        portable=native["portable"],
        doubts=tuple(_doubt(item) for item in data["doubts"]),
    )


def _option(item: Mapping[str, Any]) -> OptionRule:
    tests = [name for name in _TESTS if name in item]
    if len(tests) != 1:
        raise ValueError(f"`{item['option']}` needs one of {', '.join(_TESTS)}")
    path = parse(item["option"].removesuffix(".*"))
    return OptionRule(
        option=(*path, "*") if item["option"].endswith(".*") else path,
        test=tests[0],
        wanted=item[tests[0]],
        means=_meanings(item["means"]),
        strength=_strength(item),
        yields_to=_yields_to(item),
    )


def _module(item: Mapping[str, Any]) -> ModuleRule:
    name, path = item.get("name", ""), item.get("path", "")
    return ModuleRule(name, path, _meanings(item["means"]), _strength(item), _yields_to(item))


def _strength(item: Mapping[str, Any]) -> str:
    strength: str = item["strength"]
    if strength not in (STRONG, WEAK):
        raise ValueError(f"`{strength}` is neither `{STRONG}` nor `{WEAK}`")
    return strength


def _yields_to(item: Mapping[str, Any]) -> tuple[str, ...]:
    return parse(item["yields_to"]) if "yields_to" in item else ()


def _processor(item: Mapping[str, Any]) -> Processor:
    models = tuple((first, last) for first, last in item["models"])
    return Processor(item["vendor"], item["family"], models, item["name"])


def _variant(item: Mapping[str, Any]) -> VariantRule:
    return VariantRule(
        item["variant"],
        tuple(item["needs"]),
        tuple(item.get("unless", ())),
        tuple(item.get("platforms", ())),
        item["why"],
    )


def _doubt(item: Mapping[str, Any]) -> DoubtRule:
    variants = tuple(item.get("variants", ("*",)))
    return DoubtRule(tuple(item["when"]), tuple(item.get("unless", ())), variants, item["say"])


def _meanings(words: Sequence[str]) -> tuple[Meaning, ...]:
    return tuple(_each(words))


def _each(words: Sequence[str]) -> Iterator[Meaning]:
    for word in words:
        yield Meaning(word.removeprefix("!"), not word.startswith("!"))
