"""A proposal for a host: the variant that its hardware asks for, why, what else would do, and doubts."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any

from msgspec import Struct, to_builtins

from nixedit.detect.capabilities import Weight, capabilities_of, contradictions
from nixedit.detect.deployments import Deployment
from nixedit.detect.evidence import Evidence
from nixedit.detect.metadata import Metadata
from nixedit.detect.platforms import Platform, platform_of
from nixedit.detect.reports import processor_of
from nixedit.detect.rules import Rules, VariantRule
from nixedit.detect.survey import evidence_of
from nixedit.flake.configuration import Configuration
from nixedit.flake.systems import NixosSystem

HIGH, MEDIUM, LOW = "high", "medium", "low"
# More than that of one kind are counted, not shown.
_SHOWN = 3
_CONFIDENCE: dict[int, str] = {Weight.STRONG: HIGH, Weight.WEAK: MEDIUM, Weight.POSSIBLE: LOW}


class Alternative(Struct, frozen=True):
    """Another variant that would do.

    Attributes:
        variant: the variant.
        why: when, or why.
    """

    variant: str
    why: str


class Proposal(Struct, frozen=True):
    """What is proposed for a host.

    Attributes:
        host: its name, as `NixosSystem.key` has it.
        variant: the variant.
        why: the reason, in a few words.
        confidence: `high`, `medium` or `low`.
        evidence: what the choice rests on.
        others: what else is said of the host.
        alternatives: other variants that would do.
        doubts: what a person should know before.
        platform: what it is built for; None where that is not known.
        processor: its microarchitecture; None where that is not known.
        is_native: whether the variant is for the processor of whoever builds it.
        deployments: what builds this host elsewhere: a native variant then needs a person's word.
    """

    host: str
    variant: str
    why: str
    confidence: str
    evidence: tuple[Evidence, ...]
    others: tuple[Evidence, ...]
    alternatives: tuple[Alternative, ...]
    doubts: tuple[str, ...]
    platform: Platform | None
    processor: str | None
    is_native: bool
    deployments: tuple[Deployment, ...]

    @property
    def needs_confirmation(self) -> bool:
        """Whether a binary for one processor may be sent to another."""
        return self.is_native and bool(self.deployments)

    def __str__(self) -> str:
        reason = str(self.evidence[0]) if self.evidence else self.why
        return f"{self.host}: {self.variant} because {reason}"

    def to_text(self) -> str:
        """The proposal for people, some lines."""
        lines = [str(self)]
        lines += [f"  and {one}" for one in _some([str(one) for one in self.evidence[1:]])]
        lines += [f"  ({self.why})"] if self.evidence else []
        lines.append(f"  confidence: {self.confidence}")
        lines += [f"  or {other.variant}: {other.why}" for other in self.alternatives]
        lines += [f"  but {doubt}" for doubt in self.doubts]
        return "\n".join(lines)

    def to_json(self) -> dict[str, Any]:
        """The proposal for programs; places are `path` and 1-based `line`."""
        return {**to_builtins(self), "needs_confirmation": self.needs_confirmation}


def propose(
    host: NixosSystem,
    rules: Rules,
    variants: Collection[str],
    metadata: Metadata | None = None,
    deployments: Sequence[Deployment] = (),
) -> Proposal:
    """What a fleet says of a host, and the variant that asks for.

    Args:
        host: the host.
        rules: what is looked for and what it means.
        variants: the variants that there are.
        metadata: what the host's own file says.
        deployments: what builds hosts elsewhere, as `find_deployments` has it.

    Returns:
        The proposal. Where nothing is known it is the variant that needs nothing, of low confidence.
    """
    return _Choice(host.configuration, rules, variants, metadata, deployments).proposal()


class _Choice:
    """The choice of a host's variant."""

    def __init__(
        self,
        configuration: Configuration,
        rules: Rules,
        variants: Collection[str],
        metadata: Metadata | None,
        deployments: Sequence[Deployment],
    ) -> None:
        host = self.host = configuration.host
        self.rules, self.metadata = rules, metadata
        self.variants = variants
        self.configuration = configuration
        own = () if metadata is None else metadata.evidence
        self.evidence = [*own, *evidence_of(self.configuration, rules)]
        self.held = capabilities_of(self.evidence)
        self.platform = platform_of(self.configuration)
        self.deployments = [one for one in deployments if one.concerns(host)]
        scanned = processor_of(self.configuration, rules)
        self.processor = (metadata.processor if metadata is not None else None) or scanned

    def proposal(self) -> Proposal:
        fitting = [rule for rule in self.rules.variants if self._weight(rule) >= Weight.WEAK]
        portable = VariantRule(self.rules.portable, (), (), (), "nothing else fits it")
        chosen = fitting[0] if fitting else portable
        variant, why = chosen.variant, chosen.why
        evidence = tuple(self._behind(chosen))
        confidence = _CONFIDENCE[self._weight(chosen)] if chosen.needs else HIGH if chosen.platforms else LOW
        own = self.metadata
        if own is not None and own.variant is not None and own.variant_evidence is not None:
            variant, why, confidence = own.variant, "its own file says so", HIGH
            evidence = (own.variant_evidence,)
        is_native = any(fnmatchcase(variant, pattern) for pattern in self.rules.native)
        return Proposal(
            host=self.host.key,
            variant=variant,
            why=why,
            confidence=confidence,
            evidence=evidence,
            others=tuple(one for one in self.evidence if one not in evidence),
            alternatives=tuple(self._alternatives(variant)),
            doubts=tuple(self._doubts(variant, is_native=is_native)),
            platform=self.platform,
            processor=self.processor,
            is_native=is_native,
            deployments=tuple(self.deployments),
        )

    def _weight(self, rule: VariantRule) -> int:
        """How much speaks for a rule: its weakest need; 0 where it does not fit."""
        if rule.variant not in self.variants or any(
            self.held.get(name, 0) >= Weight.WEAK for name in rule.unless
        ):
            return 0
        if rule.platforms and not self._fits(rule):
            return 0
        return min((self.held.get(name, 0) for name in rule.needs), default=Weight.WEAK)

    def _fits(self, rule: VariantRule) -> bool:
        """Whether a rule's platforms are those of the host; what needs nothing else must know that."""
        if self.platform is None:
            return bool(rule.needs)
        return self.platform.system in rule.platforms

    def _behind(self, rule: VariantRule) -> Iterator[Evidence]:
        """The evidence that a rule rests on, the best first."""
        found = [one for one in self.evidence if one.holds and one.capability in rule.needs and one.sure]
        seen: set[tuple[str, int]] = set()
        for one in sorted(found, key=lambda one: one.strength != "strong"):
            if (one.path, one.line) not in seen:
                seen.add((one.path, one.line))
                yield one

    def _alternatives(self, chosen: str) -> Iterator[Alternative]:
        found: dict[str, str] = {}
        native = f"{chosen}{self.rules.native_suffix}"
        if native in self.variants:
            found[native] = "also for the processor of the machine that builds it"
        if self.processor is not None and f"{chosen}-{self.processor}" in self.variants:
            found[f"{chosen}-{self.processor}"] = f"also for its processor, {self.processor}"
        for rule in self.rules.variants:
            weight = self._weight(rule)
            if weight == Weight.POSSIBLE:
                unsure = [one for one in self.evidence if one.capability in rule.needs and not one.sure]
                found.setdefault(rule.variant, f"if this holds: {unsure[0]}" if unsure else rule.why)
            elif weight and rule.needs:
                found.setdefault(rule.variant, rule.why)
            elif weight:
                found.setdefault(rule.variant, "without its GPU")
        if self.rules.portable in self.variants:
            found.setdefault(self.rules.portable, "runs everywhere, without a GPU")
        yield from (Alternative(variant, why) for variant, why in found.items() if variant != chosen)

    def _doubts(self, chosen: str, *, is_native: bool) -> Iterator[str]:
        held = {name for name, weight in self.held.items() if weight >= Weight.WEAK}
        for rule in self.rules.doubts:
            matters = any(fnmatchcase(chosen, pattern) for pattern in rule.variants)
            if matters and held.issuperset(rule.when) and held.isdisjoint(rule.unless):
                yield rule.say
        for one, other in contradictions(self.evidence):
            yield f"{one} and {other} contradict each other"
        if self.platform is None:
            yield "its platform is not known"
        elif not self._is_built_for(chosen, self.platform.system):
            yield f"`{chosen}` is not built for {self.platform.system}"
        yield from self._unread()
        if is_native and self.deployments:
            shown = _some([str(one) for one in self.deployments])
            yield f"`{chosen}` is for the processor that builds it, and {', '.join(shown)}"

    def _is_built_for(self, variant: str, system: str) -> bool:
        rules = [rule for rule in self.rules.variants if rule.variant == variant and rule.platforms]
        return not rules or any(system in rule.platforms for rule in rules)

    def _unread(self) -> Iterator[str]:
        """Modules of the fleet's own that may set what is looked for, and of which that is not known."""
        configuration = self.configuration
        places = {module: module.named.origin for module in configuration.modules if module.is_unknown}
        for option in dict.fromkeys(rule.option for rule in self.rules.options):
            for one in configuration.vague(tuple(name for name in option if name != "*")):
                places.setdefault(one.module, one.place)
        if places:
            place = next((place for place in places.values() if place is not None), None)
            where = f", the first at {place.file}:{place.line}" if place is not None else ""
            number = "a module sets" if len(places) == 1 else f"{len(places)} modules set"
            yield f"what {number} is computed, and not all of it known{where}"


def _some(items: Sequence[str]) -> list[str]:
    """The first few of some items, and how many more there are."""
    rest = len(items) - _SHOWN
    return [*items[:_SHOWN], *([f"{rest} more"] if rest > 0 else [])]
