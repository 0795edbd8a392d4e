"""A migration planned on a workspace: every document edited in memory, nothing written."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from contextlib import ExitStack, suppress
from functools import partial
from typing import TYPE_CHECKING

from msgspec import Struct
from msgspec.structs import replace

from nixedit.document import Document
from nixedit.errors import NixEditError
from nixedit.flake.flake import Flake
from nixedit.flake.systems import KINDS, NixosSystem, Unsupported, find_systems
from nixedit.migrate.applied import Finder
from nixedit.migrate.by_hand import MODULE, ByHand
from nixedit.migrate.cleanup import Cleanup, Outcome
from nixedit.migrate.conflicts import OVERLAYS, READ_ONLY
from nixedit.migrate.extra_sets import ExtraSet, ExtraSets, into_extra_set
from nixedit.migrate.findings import findings, flags_of
from nixedit.migrate.generated import refusals_of, refusals_within
from nixedit.migrate.host_names import key_found, report_of, with_keys
from nixedit.migrate.known import Known, PlanAgain
from nixedit.migrate.left_alone import left_alone
from nixedit.migrate.names import InputsNames
from nixedit.migrate.naming import names_in
from nixedit.migrate.new_files import write_files
from nixedit.migrate.new_input import InputPlanner
from nixedit.migrate.obstacles import Obstacles
from nixedit.migrate.old_overlays import OldOverlays
from nixedit.migrate.options import Options
from nixedit.migrate.other_overlays import old_ways
from nixedit.migrate.owners import Owners
from nixedit.migrate.passing import Passing
from nixedit.migrate.recipe import Recipe
from nixedit.migrate.recipe_names import Names
from nixedit.migrate.report import HostReport, Report, Step
from nixedit.migrate.served import Served
from nixedit.migrate.splice import Spliced, Splicer
from nixedit.migrate.taken_out import carry_out
from nixedit.migrate.templates import leave_out_templates
from nixedit.migrate.told import with_told
from nixedit.migrate.tree import LISTING, Tree, no_progress
from nixedit.migrate.unmade import Unmade
from nixedit.operations import ops
from nixedit.syntax.scope import Scope
from nixedit.workspaces import Workspace

if TYPE_CHECKING:
    from nixedit.flake.slots import Written
    from nixedit.migrate.advice import Ask
    from nixedit.migrate.choices import Chosen

_FLAKE = "flake.nix"


class Planned(Struct):
    """A planned migration.

    Attributes:
        workspace: holds the edited documents, the new and the deleted files.
        report: what would change and why.
    """

    workspace: Workspace
    report: Report


def plan_migration(
    workspace: Workspace,
    recipe: Recipe,
    options: Options,
    progress: Callable[[int], None] = no_progress,
    ask: Ask | None = None,
) -> Planned:
    """Plan a migration of the flake in a workspace's root.

    Args:
        workspace: the flake's folder; its documents are edited in memory.
        recipe: what to do.
        options: for which hosts, and how.
        progress: called with the number of files read so far.
        ask: asks a person a question of yes or no; None where there is nobody to ask.

    Returns:
        the plan; where its report has refusals, the workspace is untouched.

    Raises:
        NixEditError: the flake cannot be read as a flake, or a chosen host does not exist.
        OSError: flake.nix cannot be read.
    """
    named = [workspace.name(path) for path in options.remove]
    tree = Tree(workspace, progress, _words(recipe, named))
    recipe, gone = with_told(recipe, tree, named)
    known, ask = Known(), ask and functools.cache(ask)  # nobody is asked anything twice
    while True:
        planner = _Planner(tree, replace(recipe, kept=known.kept), options, ask, known)
        planner.report.notes += gone
        try:
            return planner.plan()
        except PlanAgain as again:
            known = known.with_more(again.known)


def _words(recipe: Recipe, named: Sequence[str]) -> set[bytes]:
    """What files are searched for in nearly every migration."""
    names = [path.rpartition("/")[2] for path in (*recipe.legacy, *named)]
    names += [recipe.input.name, *([] if recipe.package is None else [recipe.package])]
    return {*LISTING, *OVERLAYS, *READ_ONLY, *flags_of(recipe), *(name.encode() for name in names)}


class _Refused(Exception):
    """Ends the planning: nothing is edited."""


class _Planner:
    def __init__(self, tree: Tree, recipe: Recipe, options: Options, ask: Ask | None, known: Known) -> None:
        self.ask, self.known = ask, known
        self.workspace = workspace = tree.workspace
        self.recipe, self.options, self.tree = recipe, options, tree
        self.flake = Flake(workspace, _FLAKE)
        self.document = self.flake.document
        self.outputs = self.flake.outputs
        self.report = Report(recipe.name, str(workspace.root))
        self.fleet = self.flake.evaluated()
        self.unmade = Unmade(self.flake, self.fleet)
        self.found: list[NixosSystem | Unsupported] = []
        self.others: list[NixosSystem] = []
        self.outputs_known: set[str] = set()
        for kind in KINDS:
            hosts = list(find_systems(self.fleet, workspace, kind))
            if hosts and all(isinstance(host, NixosSystem) for host in hosts):
                self.outputs_known.add(kind.output)
            if kind.option is None or kind.option in options.include:
                self.found += hosts
            else:
                self.others += [host for host in hosts if isinstance(host, NixosSystem)]
        self.input = InputPlanner(self.flake, self.fleet, recipe, options, self.report, self._edited)
        self.shared = self.unmade.shared(self.found)
        self.templates = leave_out_templates(tree, self.fleet, self._systems)
        old = OldOverlays(tree, recipe, known.staying)
        self.obstacles = Obstacles(tree, recipe, self._systems, old, everywhere=self._is_everywhere())
        self.shared_reports: list[HostReport] = []
        self.module_lines: str | None = None
        self.blocks = ExitStack()
        self.open: list[Document] = []

    def plan(self) -> Planned:
        names, known = names_in(self.input, self.tree, self._systems, self.options)
        self.by_hand = ByHand(self.recipe, names, InputsNames(self.fleet, self.outputs))
        with suppress(_Refused), self.blocks:
            hosts = self._hosts()
            if not known:
                raise _Refused
            outcome = Outcome()
            if self.options.prepare:
                hosts = self._systems
            else:
                hosts, outcome = self._migrate(hosts, names)
            at_source = self.input.plan(names.input, hosts)
            self._files(names)
            self.report.refusals += refusals_of(self.open, self.document if at_source else None)
            self.report.refusals += refusals_within(self.tree, self.open)
            if self._is_refused():
                raise _Refused
            for removal in outcome.removals:
                for name, operation in removal.all_operations:
                    self._edited(name).record(operation)
                carry_out(removal, self.workspace, self.report)
        self._note_what_is_not_looked_at()
        if self._is_refused():
            self.workspace.forget()
            if known and any(self.by_hand.is_in(error.hint) for error in self.report.refused):
                self.report.unprepared = self._unprepared(names)
        return Planned(self.workspace, self.report)

    def _migrate(self, hosts: list[NixosSystem], names: Names) -> tuple[list[NixosSystem], Outcome]:
        """What is done for hosts; those that nothing stands in the way of, and what goes of old overlays."""
        chosen = self._choices(hosts)
        free = self._free(self._accepted(hosts), names)
        outcome = self._clean_up(free)
        self._splice(free, names, outcome.sets)
        self._check_splice(free)
        finder = Finder(self.recipe, names)
        self.report.findings += findings(self.tree, self.recipe, finder, self._systems)
        self._choose(chosen, hosts)
        self._overrides(free)
        return free, outcome

    def _clean_up(self, hosts: Sequence[NixosSystem]) -> Outcome:
        """What goes of the old overlays; it depends on them which hosts can be migrated, and how."""
        cleanup = Cleanup(self.fleet, self.obstacles, self._served(hosts))
        cleanup.is_all_read = self.unmade.framework(self.fleet.foreign) is not None
        outcome = cleanup.plan(self.report)
        if outcome.staying:
            raise PlanAgain(Known(staying=outcome.staying))
        self.report.notes += [note for note in self.known.staying.values() if note is not None]
        refused: dict[str, NixEditError] = {}
        for blocked in outcome.blocked:
            if self.options.keep_going and blocked.hosts < {host.key for host in hosts}:
                refused.update(dict.fromkeys(blocked.hosts, blocked.error))
            else:
                self.report.refusals.append(blocked.error)
        if refused and not self.report.refusals:
            raise PlanAgain(Known(refused))
        return outcome

    def _check_splice(self, hosts: Sequence[NixosSystem]) -> None:
        """Where some hosts were refused just now, the old overlays of the others were judged without that."""
        refused = {host.key: report.refusal for host in hosts if (report := self._report_of(host)).refusal}
        if self.options.keep_going and 0 < len(refused) < len(hosts):
            raise PlanAgain(Known({key: error for key, error in refused.items() if error is not None}))

    def _unprepared(self, names: Names) -> list[str]:
        """What the lines that a person is to write need, and the flake does not have."""
        missing = [] if names.input in self.flake.inputs else [f"the input `{names.input}`"]
        return missing + [file for file in names.files.values() if file not in self.tree.names]

    def _is_everywhere(self) -> bool:
        """Whether all packages that the flake makes are made with the overlays, not those of hosts alone."""
        return self.shared is not None and self.shared.slot.kind == "overlays" and not self._systems

    def _is_refused(self) -> bool:
        """Whether nothing is to be written."""
        if self.options.prepare or not self.options.keep_going:
            return bool(self.report.refused)
        possible = any(host.status in ("migrate", "unchanged") for host in self.report.hosts)
        return bool(self.report.refusals) or not possible

    def _note_what_is_not_looked_at(self) -> None:
        going = {old.file for old in self.obstacles.old.linked if not old.is_apart}
        for file, packages in old_ways(self.recipe, self.tree):
            if file in going:
                continue
            self.report.notes.append(
                f"{file} is an overlay that makes {', '.join(packages)} in a way of its own: "
                f"--remove {file} takes it out, with every reference to it"
            )
        if self._systems and self.shared is None:
            self.report.notes += self.unmade.beside(self.by_hand)
        if self.options.layout == "inline" and self.report.repeated > 2:
            places = f"{self.report.repeated} places get the same lines"
            self.report.notes.append(f"{places}; --layout module writes them once")
        edited = [name for name, document in self.workspace.documents.items() if document.changed]
        self.report.notes += left_alone(self.tree, self.templates, edited)

    def _edited(self, name: str) -> Document:
        """A document whose edits are gathered until the plan is whole."""
        document = self.workspace[name]
        if not any(document is other for other in self.open):
            self.blocks.enter_context(document.edit())
            self.open.append(document)
        return document

    # -- hosts --------------------------------------------------------------------------------

    def _hosts(self) -> list[NixosSystem]:
        """The hosts that are chosen and can be edited; all hosts are reported."""
        chosen = []
        found = self.found if self.shared is None else self._without_shared(self.shared)
        self.options = with_keys(self.options, self.found, self.document.path)
        for host in found:
            report = report_of(host)
            self.report.hosts.append(report)
            refusal = self.known.refused.get(key_found(host) or "")
            if not self._is_chosen(key_found(host)):
                report.status = "left out"
            elif refusal is not None:
                report.status, report.refusal = "refused", refusal
            elif isinstance(host, Unsupported):
                report.status, report.refusal = "refused", self.unmade.explained(host, self.by_hand)
            else:
                chosen.append(host)
        if not found and self.shared is None and not self.options.prepare:
            self.report.refusals.append(self.unmade.no_hosts(self.by_hand, self.others))
        return chosen

    def _without_shared(self, shared: Written) -> list[NixosSystem | Unsupported]:
        """The hosts but for those that a framework makes, which are reported here."""
        name = shared.framework.name
        if self.options.hosts or self.options.exclude:
            raise NixEditError(
                f"{name} gives its overlays to all of its hosts: they can only be migrated together",
                path=self.document.path,
            )
        reports = [HostReport(host) for host in shared.hosts]
        self.shared_reports = reports or [HostReport(f"every host of {name}", named=False)]
        for report in self.shared_reports:
            report.status = "left out" if self.options.prepare else report.status
        self.report.hosts += self.shared_reports
        return [host for host in self.found if isinstance(host, NixosSystem) or host.maker is None]

    def _is_chosen(self, name: str | None) -> bool:
        if self.options.prepare:
            return False
        if self.options.hosts and name not in self.options.hosts:
            return False
        return name not in self.options.exclude

    def _report_of(self, host: NixosSystem) -> HostReport:
        name = report_of(host).name
        return next(report for report in self.report.hosts if report.name == name)

    # -- overlays -----------------------------------------------------------------------------

    def _splice(self, hosts: Sequence[NixosSystem], names: Names, sets: Sequence[ExtraSet]) -> None:
        """The overlays of all hosts, call by call: one call can make several hosts."""
        systems, inputs = self._systems, self.by_hand.inputs
        last = self.obstacles.before(hosts)
        passing = Passing(self.tree, inputs)
        splicer = Splicer(Finder(self.recipe, names), self.by_hand, passing, systems, last)
        splicer.refused = {report.name for report in self.report.hosts if report.status == "refused"}
        chosen = {host.key for host in hosts}
        calls: dict[tuple[str, int], list[NixosSystem]] = {}
        for host in systems:
            calls.setdefault(host.call_place, []).append(host)
        universal: str | None = None
        for group in calls.values():
            if any(host.key in chosen for host in group):
                universal = self._splice_call(splicer, group, chosen) or universal
        for extra in sets if hosts else ():
            concerned = [host for host in hosts if host.key in extra.hosts] or hosts
            reports = [self._report_of(host) for host in concerned]
            into = partial(into_extra_set, splicer, extra, concerned[0])
            universal = self._spliced(into, reports) or universal
        if self.shared is not None:
            from nixedit.migrate.shared import Shared

            universal = self._spliced(Shared(splicer, self.shared).plan, self.shared_reports) or universal
        self.module_lines = splicer.module_lines() if splicer.names_module else None
        if universal is not None:
            self._bind_universal(universal)
        if hosts and all(self._report_of(host).status == "refused" for host in hosts):
            told = {(host.refusal.path, host.refusal.line) for host in self.report.hosts if host.refusal}
            self.report.refusals = [
                error for error in self.report.refusals if (error.path, error.line) not in told
            ]

    def _splice_call(self, splicer: Splicer, group: Sequence[NixosSystem], chosen: set[str]) -> str | None:
        reports = [self._report_of(host) for host in splicer.lacking(group, chosen)]
        lines = self.by_hand.at([host.origin for host in group])
        hint = lines.hint("by hand, the first of its modules", MODULE)
        return self._spliced(lambda: splicer.plan(group, chosen), reports, hint)

    def _spliced(
        self, plan: Callable[[], Spliced], reports: Sequence[HostReport], hint: str | None = None
    ) -> str | None:
        """What is done for some hosts, or why nothing can be; the name that `outputs` must get."""
        try:
            spliced = plan()
        except NixEditError as error:
            error.hint = error.hint or hint
            for report in reports:
                report.status, report.refusal = "refused", error
            return None
        for report in reports:
            report.steps += spliced.steps
            report.status = "migrate" if spliced.steps else report.status
        for file, operation in spliced.operations:
            self._edited(file).record(operation)
        return spliced.universal

    @property
    def _systems(self) -> list[NixosSystem]:
        """All hosts that can be edited, of every kind."""
        return [*(host for host in self.found if isinstance(host, NixosSystem)), *self.others]

    def _free(self, hosts: Sequence[NixosSystem], names: Names) -> list[NixosSystem]:
        """The hosts that nothing elsewhere stands in the way of."""
        finder = Finder(self.recipe, names)
        known = {_FLAKE} if self.shared is None else {_FLAKE, *self.shared.files}
        for host in self._systems:
            known |= {item.part.origin.file for item in finder.of(host) if item.part.origin is not None}
        free = list(hosts)
        extra = ExtraSets(self.tree, self.fleet, self._systems)
        for conflict in self.obstacles.conflicts(self.by_hand, known, extra.has):
            refusals = {host.key: conflict.of(host, self.obstacles.reach) for host in free}
            if self.shared is not None or all(refusals.values()):
                self.report.refusals.append(conflict.error)
                continue
            for host in free:
                if refusals[host.key] is not None:
                    report = self._report_of(host)
                    report.status, report.refusal = "refused", refusals[host.key]
            free = [host for host in free if refusals[host.key] is None]
        return free

    def _choices(self, hosts: Sequence[NixosSystem]) -> Chosen | None:
        """The variants that are chosen; what they replace, nothing else needs to care for."""
        if not self.options.wanted:
            return None
        from nixedit.detect.metadata import DEFAULT
        from nixedit.migrate.advice import Advice
        from nixedit.migrate.choices import Choices

        old = self.obstacles.old.names
        wanted = self.options.wanted
        if self.shared is not None and (wanted.hosts or wanted.services):
            raise NixEditError(
                f"{self.shared.framework.name} makes the hosts, so their modules are not known here: "
                "set the variants by hand",
                path=self.document.path,
            )
        advice = Advice(self.flake, self._systems, self.recipe, wanted.meta or DEFAULT, self.ask)
        choices = Choices(self.recipe, wanted, self._systems, old, advice)
        chosen = choices.plan([host.key for host in hosts])
        self.obstacles.replaced = choices.selector.replaced
        for report in self.report.hosts:
            report.proposal = chosen.proposals.get(report.name, report.proposal)
        for key, error in chosen.refusals.items():
            report = next(report for report in self.report.hosts if report.name == key)
            report.status, report.refusal = "refused", error
        return chosen

    def _accepted(self, hosts: Sequence[NixosSystem]) -> list[NixosSystem]:
        """The hosts that are not refused so far."""
        return [host for host in hosts if self._report_of(host).status != "refused"]

    def _choose(self, chosen: Chosen | None, hosts: Sequence[NixosSystem]) -> None:
        """The variants of the migrated hosts; where some were refused since, planned without them."""
        accepted = self._accepted(hosts)
        if len(accepted) < len(hosts):
            chosen = self._choices(accepted)
        if chosen is None:
            return
        from nixedit.migrate.caches import add_to_flake

        self.report.notes += chosen.notes
        for report in self.report.hosts:
            for item in chosen.placed.get(report.name, ()) if report.status != "refused" else ():
                report.steps += item.steps
                report.status = "migrate" if item.steps else report.status
                for file, operation in item.operations:
                    self._edited(file).record(operation)
        for cache in chosen.caches:
            for option in add_to_flake(self._edited(_FLAKE).attrs, cache):
                self.report.steps.append(
                    Step(
                        f"{cache.url} added to `{option}`", _FLAKE, why="it has builds of the chosen variants"
                    )
                )

    def _overrides(self, hosts: Sequence[NixosSystem]) -> None:
        """Arguments of nixpkgs' package that upstream's takes otherwise, where the package is overridden."""
        migrated = {host.key for host in hosts if self._report_of(host).status != "refused"}
        for override in self.obstacles.overrides(migrated):
            if not self.obstacles.is_for(override, migrated):
                self.report.refusals.append(override.refusal(self.tree, self.recipe))
                continue
            for operation in override.adapted(self.recipe):
                self._edited(override.file).record(operation)
            self.report.steps += override.steps(self.recipe)
        edited = [host for host in hosts if self._report_of(host).status == "migrate"]
        self.report.notes += [*self.obstacles.notes(edited), *self.obstacles.used(edited)]
        self.report.notes += self.obstacles.written([host for host in hosts if host.key in migrated])

    def _served(self, hosts: Sequence[NixosSystem]) -> Served:
        """Which hosts a place serves, and which of them are migrated."""
        chosen = {host.key for host in hosts if self._report_of(host).status != "refused"}
        include = {
            kind.output: f"--include {kind.option}"
            for kind in KINDS
            if kind.option is not None and kind.option not in self.options.include
        }
        return Served(self._systems, chosen, self.obstacles.reach, self._owners(), include)

    def _owners(self) -> Owners:
        """Whom the places of flake.nix serve, before anything is edited."""
        known = () if self.shared is not None else self.outputs_known
        return Owners(Scope.of(self.document.snapshot), self.outputs, self._systems, known, _FLAKE)

    def _bind_universal(self, name: str) -> None:
        head = self.outputs.function
        self._edited(_FLAKE).record(ops.BindUniversal(head, name))
        line = self.document.source.position(head.start_byte)[0]
        self.report.steps.append(
            Step(f"the argument of `outputs` named `{name}`", _FLAKE, line, "the overlays need the inputs")
        )

    # -- files --------------------------------------------------------------------------------

    def _files(self, names: Names) -> None:
        possible = any(host.status in ("migrate", "unchanged") for host in self.report.hosts)
        if possible or self.options.prepare:
            write_files(self.workspace, self.recipe, names, self.report, self.module_lines)
