"""What a person chose for hosts and users, checked against the fleet, and what that comes to."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial

from msgspec import Struct
from msgspec import field as attribute
from tree_sitter import Node

from nixedit.attrpath import parse
from nixedit.detect.proposals import LOW, Proposal
from nixedit.errors import NixEditError, RefusedError, did_you_mean
from nixedit.flake.module_list import ModuleList
from nixedit.flake.systems import HOME, NixosSystem
from nixedit.flake.written_modules import WrittenModule
from nixedit.grammar import F
from nixedit.migrate.advice import Advice
from nixedit.migrate.caches import CachePlacer
from nixedit.migrate.homes import USE_GLOBAL
from nixedit.migrate.host_names import key_of
from nixedit.migrate.options import ServiceChoice, Wanted
from nixedit.migrate.placing import Constant, Placed, Placer
from nixedit.migrate.reach import modules_of
from nixedit.migrate.recipe import Cache, Recipe
from nixedit.migrate.selection import Selector, same_choice
from nixedit.migrate.service import ServicePlacer
from nixedit.resolve.properties import FORCING, YIELDING
from nixedit.syntax.calls import called
from nixedit.syntax.layers import core
from nixedit.syntax.nodes import field


class Chosen(Struct):
    """What the choices come to.

    Attributes:
        placed: what is done, by the key of the host that it is done for.
        refusals: what cannot be done, by the key of the host.
        notes: what a person should know.
        caches: the binary caches that hosts use.
        proposals: what the hardware of hosts asks for, by their keys.
    """

    placed: dict[str, list[Placed]] = attribute(default_factory=dict)
    refusals: dict[str, RefusedError] = attribute(default_factory=dict)
    notes: list[str] = attribute(default_factory=list)
    caches: list[Cache] = attribute(default_factory=list)
    proposals: dict[str, Proposal] = attribute(default_factory=dict)


class Choices:
    """The choices for a fleet.

    Args:
        recipe: knows the variants.
        wanted: the choices.
        systems: all hosts of the flake, of every kind.
        old: names of packages that an old overlay defines.
        advice: what the fleet says of its hosts.
    """

    def __init__(
        self,
        recipe: Recipe,
        wanted: Wanted,
        systems: Sequence[NixosSystem],
        old: Iterable[str],
        advice: Advice,
    ) -> None:
        self.recipe, self.wanted, self.advice = recipe, wanted, advice
        self.system, self.home = parse(recipe.places.system), parse(recipe.places.home)
        self.systems = {system.key: system for system in systems}
        self.hosts = {key: ModuleList.of(system) for key, system in self.systems.items()}
        self.homes = {home.key: (key, home) for key, found in self.hosts.items() for home in found.homes()}
        self.standalone = {system.name: system.key for system in systems if system.kind == HOME}
        every = [*self.hosts.values(), *(home for _, home in self.homes.values())]
        self.placer = Placer(every)
        self.selector = Selector(recipe, self.placer, list(old))
        self.chosen = Chosen()

    def plan(self, migrated: Iterable[str]) -> Chosen:
        """What is done for the hosts that are migrated.

        Args:
            migrated: their keys.

        Raises:
            NixEditError: a choice names no host, user or variant that there is.
        """
        migrated = set(migrated)
        variants = {self._host(name): variant for name, variant in self.wanted.hosts.items()}
        packages = {name: self._package(variant) for name, variant in variants.items()}
        homes: dict[str, str] = {}
        for name, variant in self.wanted.homes.items():
            homes.update(dict.fromkeys(self._users(name, migrated), self._package(variant)))
        services = {self._host(name): choice for name, choice in self.wanted.services.items()}
        for key in (*packages, *services):
            if key not in migrated:
                self.chosen.notes.append(f"`{key}` is not migrated, so what was chosen for it waits")
        variants = {key: variant for key, variant in variants.items() if key in migrated}
        if self.wanted.detect:
            variants |= self._proposed(migrated - set(variants))
        packages = {key: self._package(variant) for key, variant in variants.items()}
        self._remark({*variants.values(), *self.wanted.homes.values()})
        self._check_builds(variants, homes)
        self._systems(packages)
        self._users_of(homes)
        for key, choice in services.items():
            if key in migrated:
                self._service(key, packages.get(key), choice)
        if self.wanted.cache:
            self._caches(migrated, packages, homes)
        self._remark_on_others()
        return self.chosen

    def _remark_on_others(self) -> None:
        """Which hosts may have the modules that get something for other hosts, as far as can be known."""
        kinds = {
            self.systems[key].kind
            for key, found in self.chosen.placed.items()
            if any(placed.operations for placed in found)
        }
        for key, system in self.systems.items():
            if key in self.chosen.placed or system.kind not in kinds:
                continue
            unknown = modules_of(system).unknown
            if unknown is not None:
                place = "" if unknown.origin is None else f" ({unknown.origin.file}:{unknown.origin.line})"
                self.chosen.notes.append(
                    f"whether `{key}` has modules of other hosts, and gets what they get, "
                    f"is not known without Nix{place}"
                )

    def _proposed(self, keys: Collection[str]) -> dict[str, str]:
        """The variants that the hardware of hosts asks for, where it says so and nobody chose one."""
        found = {}
        for key in self.hosts:
            proposal = (
                self.advice.proposal(key) if key in keys and key not in self.standalone.values() else None
            )
            if proposal is None:
                continue
            self.chosen.proposals[key] = proposal
            chosen = self.selector.present(self.hosts[key], self.system) - {self.recipe.package}
            if chosen:
                self.chosen.notes.append(f"`{key}` keeps {', '.join(sorted(chosen))}, which is there")
            elif proposal.confidence == LOW:
                self.chosen.notes.append(f"nothing says what `{key}` needs: --variant {key}=NAME does")
            else:
                found[key] = proposal.variant
        return found

    def _check_builds(self, variants: Mapping[str, str], homes: Mapping[str, str]) -> None:
        """Variants run on the system of their host, and builds for the builder's CPU on that CPU."""
        names = {package: variant for variant, package in self.recipe.variants.items()}
        wanted = [*variants.items()]
        wanted += [
            (self.homes[key][0], names[package]) for key, package in homes.items() if key in self.homes
        ]
        for key, variant in dict.fromkeys(wanted):
            try:
                self.advice.check_system(key, variant)
                if not self.wanted.native:
                    self.advice.check_builder(key, variant)
            except RefusedError as error:
                self.chosen.refusals.setdefault(key, error)

    def _remark(self, variants: Collection[str]) -> None:
        """What a person should know of the variants that are chosen."""
        for variant in sorted(variants):
            remark = next((one for one in self.recipe.remarks if one.serves([variant])), None)
            if remark is not None:
                self.chosen.notes.append(f"{variant} {remark.text}")

    def _systems(self, packages: Mapping[str, str]) -> None:
        same = same_choice(packages)
        for key, package in packages.items():
            self._do(key, partial(self._select, self.hosts[key], package, same[key], self.system))

    def _users_of(self, packages: Mapping[str, str]) -> None:
        same = same_choice(packages)
        sharing = {self.homes[key][0] for key in packages if key in self.homes}
        for key, package in packages.items():
            host, home = self.homes.get(key) or (key, self.hosts[key])
            if key in self.homes:
                self._do(host, partial(self._share_packages, self.hosts[host], sharing))
            self._do(host, partial(self._select, home, package, same[key], self.home))

    def _service(self, key: str, package: str | None, choice: ServiceChoice) -> None:
        service = self.recipe.service
        if service is None:
            raise NixEditError(f"the recipe {self.recipe.name} has no service")
        package = package or next(iter(self.selector.present(self.hosts[key], self.system)), None)
        if package is None:
            raise NixEditError(f"the service of `{key}` needs a variant: --variant {key}=NAME")
        placer = ServicePlacer(service, self.placer, self.chosen.notes)
        self._do_all(key, partial(placer.place, self.hosts[key], package, choice, self.advice.vintage(key)))

    def _caches(self, migrated: set[str], packages: Mapping[str, str], homes: Mapping[str, str]) -> None:
        """The caches of the variants that hosts and their users have, or get."""
        names = {package: variant for variant, package in self.recipe.variants.items()}
        has: dict[str, set[str]] = {}
        for key in self.hosts:
            if key in migrated:
                has[key] = self.selector.present(self.hosts[key], self.system)
        for key, package in packages.items():
            has[key] = {package}
        for key, package in homes.items():
            has[self.homes[key][0] if key in self.homes else key].add(package)
        variants = {key: {names[one] for one in found if one in names} for key, found in has.items()}
        for cache in self.recipe.caches:
            served = {key for key, found in variants.items() if cache.serves(found)}
            placer = CachePlacer(self.placer)
            for key in variants:
                if key in served:
                    self._do_all(key, partial(placer.place, self.hosts[key], cache, served))
            if served:
                self.chosen.caches.append(cache)
            else:
                self.chosen.notes.append(f"{cache.url} has nothing for the variants of these hosts")

    def _do(self, host: str, place: Callable[[], Placed]) -> None:
        """One thing for a host, unless it is refused already."""
        self._do_all(host, lambda: [place()])

    def _do_all(self, host: str, place: Callable[[], Sequence[Placed]]) -> None:
        if host in self.chosen.refusals:
            return
        try:
            placed = place()
        except RefusedError as error:
            self.chosen.refusals[host] = error
        else:
            self.chosen.placed.setdefault(host, []).extend(placed)

    def _select(
        self, configuration: ModuleList, package: str, same: set[str], path: tuple[str, ...]
    ) -> Placed:
        return self.selector.select(configuration, package, same, path, self.chosen.notes)

    # -- names --------------------------------------------------------------------------------

    def _package(self, variant: str) -> str:
        found = self.recipe.variants.get(variant)
        if found is None:
            raise NixEditError(
                f"the recipe has no variant `{variant}` ({did_you_mean(variant, self.recipe.variants)})"
            )
        return found

    def _host(self, name: str) -> str:
        return key_of(name, {key: system.name for key, system in self.systems.items()})

    def _users(self, name: str, migrated: set[str]) -> list[str]:
        """The homes that `user` or `user@host` means, on migrated hosts or of their own."""
        of_hosts = {
            key: host for key, (host, _) in self.homes.items() if name in (key, key.rpartition("@")[0])
        }
        alone = {
            key: key for other, key in self.standalone.items() if name in (other, other.partition("@")[0])
        }
        if not of_hosts and not alone:
            known = [*self.homes, *self.standalone]
            raise NixEditError(f"no host has a home of `{name}` ({did_you_mean(name, known)})")
        return [key for key, host in {**of_hosts, **alone}.items() if host in migrated]

    # -- home-manager -------------------------------------------------------------------------

    def _share_packages(self, configuration: ModuleList, same: set[str]) -> Placed:
        """See to it that the users of a host have its package set."""
        if any(_is_true(module, value) for module, value in configuration.definitions(USE_GLOBAL)):
            return Placed()
        line = ".".join(USE_GLOBAL)
        if not self.wanted.fix:
            raise RefusedError(
                f"host `{configuration.key}`: its users do not see the overlays, `{line}` is not set",
                path=configuration.fleet.shown(configuration.fleet.flake),
                hint=f"say --fix to have it set, or by hand: {line} = true;",
            )
        return self.placer.define(configuration, same, USE_GLOBAL, Constant("true"))


def _is_true(module: WrittenModule, value: Node) -> bool:
    """Whether a definition of a module is `true`, perhaps with a priority of its own."""
    snapshot = module.origin.snapshot
    while called(snapshot, value) in (*FORCING, *YIELDING):
        value = field(core(value), F.ARGUMENT)
    return not module.conditional and snapshot.text(core(value)) == b"true"
