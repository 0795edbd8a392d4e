"""The old overlays of a fleet: which go, which must stay, and what goes with them."""

from __future__ import annotations

import os
from collections.abc import Collection, Sequence

from nixedit.errors import NixEditError, RefusedError
from nixedit.flake.systems import NixosSystem
from nixedit.grammar import F, K
from nixedit.migrate.applied import may_apply
from nixedit.migrate.legacy import (
    Reference,
    Removal,
    Remover,
    computed_names,
    defined_names,
    legacy_files,
    uses_of_names,
)
from nixedit.migrate.obstacles import Obstacles
from nixedit.migrate.owners import Owners
from nixedit.migrate.reach import Reach
from nixedit.migrate.report import Report, Step
from nixedit.migrate.splice import list_users
from nixedit.operations import ops
from nixedit.resolve.fleet import Fleet
from nixedit.syntax.nodes import field
from nixedit.syntax.snapshot import span_of
from nixedit.workspaces import Workspace


class Served:
    """Tells which hosts a place serves.

    Args:
        systems: all hosts that are known, of every kind.
        chosen: the keys of those that are migrated.
        reach: tells which files they read.
    """

    def __init__(self, systems: Sequence[NixosSystem], chosen: Collection[str], reach: Reach) -> None:
        self.systems, self.reach = systems, reach
        self.chosen = set(chosen)
        self._users = list_users(systems)
        self._reached: dict[str, set[str]] = {}

    def by(self, reference: Reference) -> set[str]:
        """The keys of the hosts that a reference serves: those whose call, list or module it stands in."""
        found = {
            host.key
            for host in self.systems
            if host.file == reference.file
            and host.origin.node.start_byte <= reference.node.start_byte
            and reference.node.end_byte <= host.origin.node.end_byte
        }
        node = reference.node.parent
        while node is not None and not found:
            if node.kind_id == K.LIST:
                found |= self._users.get((reference.file, node.start_byte), set())
            node = node.parent
        if not found:
            found = {host.key for host in self.systems if reference.file in self._files_of(host)}
        return found or {host.key for host in self.systems}

    def may_apply(self, removal: Removal, place: Reference) -> bool:
        """Whether a host that is migrated may have an old overlay by a place that stays."""
        span = span_of(place.node)
        gone = {
            (file, operation.item.start_byte)
            for file, operation in removal.all_operations
            if isinstance(operation, ops.RemoveItem)
        }
        return any(
            host.key in self.chosen
            and self.reach.may_read(host, place.file, span)
            and (
                self.reach.modules(host).unknown is not None
                or may_apply(host, removal.file, place.file, span, gone)
            )
            for host in self.systems
        )

    def may_read(self, place: Reference) -> bool:
        """Whether a host that is migrated may evaluate a place."""
        span = span_of(place.node)
        return any(
            host.key in self.chosen and self.reach.may_read(host, place.file, span) for host in self.systems
        )

    def _files_of(self, host: NixosSystem) -> set[str]:
        if host.key not in self._reached:
            self._reached[host.key] = set(self.reach.modules(host).files) - {host.file}
        return self._reached[host.key]


class Cleanup:
    """Plans what becomes of the old overlays.

    Args:
        fleet: the evaluated flake.
        obstacles: knows the files, the recipe that says which they are, and what is replaced.
        owners: tells whom the places of flake.nix serve.
        served: tells which hosts a place serves.
    """

    def __init__(self, fleet: Fleet, obstacles: Obstacles, owners: Owners, served: Served) -> None:
        self.fleet, self.obstacles = fleet, obstacles
        self.tree, self.recipe = obstacles.tree, obstacles.recipe
        self.owners, self.served = owners, served
        self.flake = "flake.nix"

    def plan(self, report: Report) -> list[Removal]:
        """What is removed; what stands in the way is added to the report's refusals."""
        left_out = [host.name for host in report.hosts if host.status in ("left out", "refused")]
        removals = []
        for file in legacy_files(self.recipe, self.tree):
            try:
                removals.append(self._removal(file, left_out))
            except NixEditError as error:
                report.refusals.append(error)
        return removals

    def _removal(self, file: str, left_out: Sequence[str]) -> Removal:
        def keeps(reference: Reference) -> bool:
            return bool(left_out) and self._keeps(reference, file, left_out)

        removal = Remover(self.tree, self.fleet, self.owners.outputs, self.flake, keeps).plan(file)
        self._check_others(removal)
        for place, error in removal.undecided:
            if self.served.may_apply(removal, place):
                raise error
            self._check_staying(removal, place)
        self._check_folder(file, left_out)
        removal.unreadable = list(self.tree.unreadable)
        if not removal.stays:
            self._check_names(file)
        return removal

    def _keeps(self, reference: Reference, file: str, left_out: Sequence[str]) -> bool:
        """Whether a reference stays because only hosts that are left out need it."""
        served = self.served.by(reference)
        if not served & self.served.chosen:
            return True
        if served <= self.served.chosen:
            return False
        raise self.tree.refusal(
            reference.file,
            reference.node,
            f"`{file}` is used here, and hosts that are left out may need it: {', '.join(left_out)}",
            "migrate all hosts together",
        )

    def _check_others(self, removal: Removal) -> None:
        """What is no NixOS host gets no new overlays, so it must not lose the old one."""
        owners = self.owners
        hint = "take it out by hand, then run this again"
        for reference in removal.references:
            if reference.file == self.flake:
                other = owners.of(reference.node).other
                if other is not None:
                    reason = f"this uses `{removal.file}` too, and is no NixOS host"
                    raise self.tree.refusal(self.flake, field(other, F.ATTRPATH), reason, hint)
            elif owners.other_hosts:
                reason = f"`{removal.file}` is used here, and `{owners.other_hosts[0]}` may need it"
                raise self.tree.refusal(reference.file, reference.node, reason, hint)

    def _check_staying(self, removal: Removal, place: Reference) -> None:
        """What a migrated host evaluates must evaluate with upstream's package too."""
        error = self.obstacles.staying(removal.file)
        if error is not None and self.served.may_read(place):
            raise RefusedError(
                f"{error.message}; this file stays for {place.file}:{place.line}",
                path=error.path,
                source=error.source,
                span=error.span,
                hint=f"{error.hint}; or take that out by hand, then run this again",
            )

    def _check_folder(self, file: str, left_out: Sequence[str]) -> None:
        """Code that reads a folder's listing uses every file in it."""
        folder = file.rpartition("/")[0]
        if not folder or not self.tree.is_imported_as_whole(folder):
            return
        path = str(self.tree.workspace.root / file)
        if left_out:
            names = ", ".join(left_out)
            raise RefusedError(
                f"its folder is imported as a whole, and hosts that are left out may need it: {names}",
                path=path,
                hint="migrate all hosts together",
            )
        if len(os.listdir(self.tree.workspace.root / folder)) == 1:
            raise RefusedError(
                f"`{folder}/` is imported as a whole, and without this file it would not be there",
                path=path,
                hint="take out what imports it, then run this again",
            )

    def _check_names(self, file: str) -> None:
        """A package that only the old overlay defines must not be in use."""
        computed = computed_names(self.tree.snapshot(file))
        if computed is not None:
            raise self.tree.refusal(
                file,
                computed,
                "the names that this old overlay defines are computed",
                "make sure that nothing needs them, and delete it by hand",
            )
        lost = set(defined_names(self.tree.snapshot(file))) - set(self.recipe.variants.values())
        for name, snapshot, node in uses_of_names(
            self.tree, lost, (file, *legacy_files(self.recipe, self.tree))
        ):
            if self.obstacles.replaced.has(name, node):
                continue
            text = snapshot.text(node).decode()
            raise RefusedError(
                f"`{text}` is used here, and only `{file}` defines it",
                path=str(self.tree.workspace.root / name),
                source=snapshot.source,
                span=span_of(node),
                hint="choose one of " + ", ".join(self.recipe.plain_variants.values()),
            )


def carry_out(removal: Removal, workspace: Workspace, report: Report) -> None:
    """Delete an old overlay that nothing needs any more, and report all that goes.

    Args:
        removal: what was planned.
        workspace: where the file is deleted; the edits are the caller's.
        report: gets the steps.
    """
    if not removal.stays:
        workspace.delete(removal.file)
    for reference in removal.references:
        report.steps.append(Step(f"reference to {removal.file} taken out", reference.file, reference.line))
    for file, line, name in removal.bindings:
        report.steps.append(Step(f"`{name}` taken out", file, line))
    if removal.kept:
        places = ", ".join(f"{kept.file}:{kept.line}" for kept in removal.kept)
        report.notes.append(f"{removal.file} stays: hosts that are left out use it ({places})")
    for place, error in removal.undecided:
        report.notes.append(f"{removal.file} stays: {error.message} ({place.file}:{place.line})")
    for name in removal.unreadable:
        report.notes.append(f"{removal.file} stays: {name} cannot be read, and may refer to it")
    if not removal.stays:
        report.steps.append(Step("old overlay deleted", removal.file))
        for link in removal.links:
            report.notes.append(f"{link} is a link to {removal.file}, which is gone: delete it by hand")
    for file, line in removal.mentions:
        report.notes.append(f"a comment in {file}:{line} names {removal.file}; it stays as it is")
