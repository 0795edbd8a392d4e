"""The old overlays of a fleet: which go, which must stay, and what goes with them."""

from __future__ import annotations

import os
from collections.abc import Collection, Iterator, Sequence

from msgspec import Struct
from msgspec import field as attribute
from tree_sitter import Node

from nixedit.errors import NixEditError, RefusedError
from nixedit.grammar import F
from nixedit.migrate.extra_sets import ExtraSet, ExtraSets
from nixedit.migrate.homes import USE_GLOBAL
from nixedit.migrate.legacy import Reference, Removal, Remover
from nixedit.migrate.obstacles import Obstacles
from nixedit.migrate.old_overlay import Key, OldOverlay
from nixedit.migrate.overlay_names import uses_of_names
from nixedit.migrate.override_calls import is_changed
from nixedit.migrate.report import Report
from nixedit.migrate.served import Served
from nixedit.resolve.fleet import Fleet
from nixedit.syntax.nodes import field
from nixedit.syntax.snapshot import Snapshot, span_of


class Blocked(Exception):
    """Why an old overlay cannot go as long as some hosts are migrated."""

    def __init__(self, error: NixEditError, hosts: Collection[str]) -> None:
        self.error, self.hosts = error, frozenset(hosts)


class _Stays(Exception):
    """An old overlay that stays where it is, for all hosts, and why."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


class Outcome(Struct):
    """What becomes of the old overlays.

    Attributes:
        removals: what goes.
        staying: what stays for all hosts, migrated ones too, with what is said of it.
        blocked: what stands in the way of hosts.
        sets: the package sets beside those of hosts that lose an old overlay.
    """

    removals: list[Removal] = attribute(default_factory=list)
    staying: dict[Key, str | None] = attribute(default_factory=dict)
    blocked: list[Blocked] = attribute(default_factory=list)
    sets: list[ExtraSet] = attribute(default_factory=list)


class Cleanup:
    """Plans what becomes of the old overlays.

    Args:
        fleet: the evaluated flake.
        obstacles: knows the files, the recipe that says what is old, and what is replaced.
        served: tells which hosts a place serves.

    Attributes:
        is_all_read: whether any file may be read, by rules that are not known.
    """

    def __init__(self, fleet: Fleet, obstacles: Obstacles, served: Served) -> None:
        self.fleet, self.obstacles = fleet, obstacles
        self.tree, self.recipe = obstacles.tree, obstacles.recipe
        self.owners, self.served = served.owners, served
        self.is_all_read = False
        self.extra = ExtraSets(self.tree, fleet, served.migrated)
        self.flake = "flake.nix"

    def plan(self, report: Report) -> Outcome:
        """What goes, what stays, and what stands in the way; notes are added to the report."""
        left_out = [host.name for host in report.hosts if host.status in ("left out", "refused")]
        outcome = Outcome()
        for old in self.obstacles.old.all:
            if not self._is_own(old):
                why = "it has the name of the old overlay, and nothing of the flake reads it"
                report.notes.append(f"{old.place} stays: {why}")
                continue
            try:
                removal = self._removal(old, left_out)
            except _Stays as stays:
                outcome.staying[old.key] = f"{old.shown} stays: {stays.reason}"
            except Blocked as blocked:
                self._add(outcome, old, None, [blocked])
            else:
                self._add(outcome, old, removal, list(self._needed(removal)))
        return outcome

    def _add(
        self, outcome: Outcome, old: OldOverlay, removal: Removal | None, blocked: Sequence[Blocked]
    ) -> None:
        """What becomes of one; one that is old by its content alone stays if anything speaks against it."""
        if self.obstacles.old.is_sure(old):
            goes = removal is not None and not removal.stays and self.served.applying(old)
            if blocked or not goes:
                outcome.staying[old.key] = None
                return
        outcome.blocked += blocked
        if removal is not None:
            outcome.removals.append(removal)
            known = {extra.place for extra in outcome.sets}
            outcome.sets += [extra for extra in self._sets(removal) if extra.place not in known]

    def _sets(self, removal: Removal) -> Iterator[ExtraSet]:
        for sets in self.extra.losing(removal):
            origin = sets[0].origin
            yield ExtraSet(sets, frozenset(self.served.may_read(origin.file, origin.node)))

    def _is_own(self, old: OldOverlay) -> bool:
        """Whether an old overlay is this flake's: in its usual place, named by a person, or read."""
        places = map(self.tree.place, (*self.recipe.legacy, *self.recipe.removed))
        return old.node is not None or old.place in places or self.is_read(old.file)

    def is_read(self, file: str) -> bool:
        """Whether anything of the flake may read a file; frameworks read by rules of their own."""
        return self.is_all_read or self.served.reach.is_read(file)

    def _removal(self, old: OldOverlay, left_out: Sequence[str]) -> Removal:
        def keeps(reference: Reference) -> str | None:
            return self._keeps(reference, old)

        remover = Remover(
            self.tree, self.fleet, self.owners.outputs, self.flake, keeps=keeps, is_read=self.is_read
        )
        removal = remover.plan(old)
        self._check_others(removal)
        for place, error in removal.undecided:
            hosts = self.served.may_apply(removal, place)
            if hosts:
                raise Blocked(error, hosts)
            self._check_staying(removal, place)
        if old.node is None:
            self._check_folder(old.place, left_out)
        self._check_left_out(removal)
        removal.unreadable = list(self.tree.unreadable)
        return removal

    def _keeps(self, reference: Reference, old: OldOverlay) -> str | None:
        """Why a reference stays, because only what gets no new overlays needs it; None where it goes."""
        home = self.served.home_at(reference)
        if home is not None:
            return f"`{home}` has packages of its own, which get no new overlays"
        served = self.served.by(reference)
        others = self.served.others(served)
        include = self.served.to_include(others)
        if others and not served & self.served.chosen:
            reason = "hosts that are left out use it"
            return reason if include is None else f"{reason}, and {include} takes them in"
        if not others:
            return None
        names = ", ".join(others)
        error = self.tree.refusal(
            reference.file,
            reference.node,
            f"`{old.shown}` is used here, and hosts that are left out may need it: {names}",
            _together(include),
        )
        place = f"{reference.file}:{reference.line}"
        raise self._shared(
            old, f"hosts that are left out use it too: {names} ({place})", error, served & self.served.chosen
        )

    def _shared(
        self, old: OldOverlay, reason: str, error: NixEditError, hosts: Collection[str]
    ) -> _Stays | Blocked:
        """What becomes of an overlay that migrated hosts share with others.

        It stays for all of them if the migrated ones can have the recipe's overlays after it.
        """
        fits = self.obstacles.staying(old) is None and self.served.can_come_after(old)
        return _Stays(reason) if fits else Blocked(error, hosts)

    def _check_others(self, removal: Removal) -> None:
        """What is no NixOS host gets no new overlays, so it must not lose the old one."""
        owners, shown = self.owners, removal.old.shown
        hint = "take it out by hand, then run this again"
        for reference in removal.references:
            if reference.file == self.flake:
                other = owners.of(reference.node).other
                if other is not None:
                    reason = f"this uses `{shown}` too, and is no NixOS host"
                    error = self.tree.refusal(self.flake, field(other, F.ATTRPATH), reason, hint)
                    raise Blocked(error, self.served.chosen)
            elif owners.other_hosts:
                reason = f"`{shown}` is used here, and `{owners.other_hosts[0]}` may need it"
                error = self.tree.refusal(reference.file, reference.node, reason, hint)
                raise Blocked(error, self.served.chosen)

    def _check_staying(self, removal: Removal, place: Reference) -> None:
        """What a migrated host evaluates must evaluate with upstream's package too."""
        error = self.obstacles.staying(removal.old)
        hosts = self.served.may_read(place.file, place.node)
        if error is not None and hosts:
            raise Blocked(
                RefusedError(
                    f"{error.message}; this file stays for {place.file}:{place.line}",
                    path=error.path,
                    source=error.source,
                    span=error.span,
                    hint=f"{error.hint}; or take that out by hand, then run this again",
                ),
                hosts,
            )

    def _check_folder(self, file: str, left_out: Sequence[str]) -> None:
        """Code that reads a folder's listing uses every file in it."""
        folder = file.rpartition("/")[0]
        if not folder or not self.tree.is_imported_as_whole(folder):
            return
        path = str(self.tree.workspace.root / file)
        if left_out:
            names = ", ".join(left_out)
            error = RefusedError(
                f"its folder is imported as a whole, and hosts that are left out may need it: {names}",
                path=path,
                hint="migrate all hosts together",
            )
            raise Blocked(error, self.served.chosen)
        if len(os.listdir(self.tree.workspace.root / folder)) == 1:
            error = RefusedError(
                f"`{folder}/` is imported as a whole, and without this file it would not be there",
                path=path,
                hint="take out what imports it, then run this again",
            )
            raise Blocked(error, self.served.chosen)

    def _check_left_out(self, removal: Removal) -> None:
        """A host that is left out must not lose what it applies by no place of its own."""
        path = str(self.tree.workspace.root / removal.old.file)
        losing = self.served.losing(removal)
        if losing:
            reason = f"hosts that are left out have this overlay with others, as a whole: {', '.join(losing)}"
            error = RefusedError(reason, path=path, hint=_together(self.served.to_include(losing)))
            what = f"hosts that are left out have it with others, as a whole: {', '.join(losing)}"
            raise self._shared(removal.old, what, error, self.served.chosen)
        homes = self.served.losing_homes(removal)
        if homes:
            reason = (
                f"this is an overlay of `{homes[0]}` too, who has packages of its own without the new ones"
            )
            hint = f"set {'.'.join(USE_GLOBAL)}, or let the home name the overlay in a module of its own"
            error = RefusedError(reason, path=path, hint=hint)
            what = f"`{homes[0]}` has it too, and packages of its own, which get no new overlays"
            raise self._shared(removal.old, what, error, self.served.chosen)

    # -- the packages that it defines ---------------------------------------------------------

    def _needed(self, removal: Removal) -> Iterator[Blocked]:
        """Why hosts that lose an old overlay would miss what it defines, at each place."""
        old = removal.old
        if removal.stays and not removal.references:
            return
        computed = old.computed
        if computed is not None:
            error = self.tree.refusal(
                old.file,
                computed,
                "the names that this old overlay defines are computed",
                "make sure that nothing needs them, and delete it by hand",
            )
            yield Blocked(error, self.served.chosen)
            return
        for name, snapshot, node, used in self._uses(old.names):
            found = self._why(removal, name, snapshot, node, used)
            if found is None:
                continue
            hosts = self.served.may_read(name, node)
            if hosts or not removal.kept:
                yield Blocked(self.tree.refusal(name, node, *found), hosts or self.served.chosen)

    def _why(
        self, removal: Removal, file: str, snapshot: Snapshot, node: Node, text: str
    ) -> tuple[str, str] | None:
        """Why a place would miss a package of an old overlay, and what to do; None where it would not."""
        old = removal.old
        choose = "choose one of " + ", ".join(self.recipe.plain_variants.values())
        if text not in self.recipe.variants.values():
            return f"`{text}` is used here, and only `{old.shown}` defines it", choose
        if is_changed(snapshot, node):
            reason = f"an overlay changes `{text}` here, which only `{old.shown}` defines before the recipe's"
            return reason, choose
        if self.extra.missing_at(removal, file, node, {extra.place for extra in self._sets(removal)}):
            reason = f"`{text}` is taken here from packages that lose `{old.shown}` and get no other overlay"
            return reason, "take it from the packages of the host, `pkgs` in its modules"
        return None

    def _uses(self, names: Collection[str]) -> Iterator[tuple[str, Snapshot, Node, str]]:
        """Where the flake uses packages of some names, outside of the old overlays, and which."""
        for name, snapshot, node, used in uses_of_names(self.tree, names, ()):
            within = any(old.has(name, span_of(node)) for old in self.obstacles.old.all)
            if not within and not self.obstacles.replaced.has(name, node) and self.is_read(name):
                yield name, snapshot, node, used


def _together(include: str | None) -> str:
    """What to do where hosts that are left out share something with those that are migrated."""
    together = "migrate all hosts together"
    return together if include is None else f"say {include} to {together}"
