"""The old overlays of a fleet: which go, which must stay, and what goes with them."""

from __future__ import annotations

import os
from collections.abc import Sequence

from nixedit.errors import NixEditError, RefusedError
from nixedit.grammar import F
from nixedit.migrate.homes import USE_GLOBAL
from nixedit.migrate.legacy import (
    Reference,
    Removal,
    Remover,
    legacy_files,
)
from nixedit.migrate.obstacles import Obstacles
from nixedit.migrate.overlay_names import computed_names, defined_names, uses_of_names
from nixedit.migrate.report import Report, Step
from nixedit.migrate.served import Served
from nixedit.resolve.fleet import Fleet
from nixedit.syntax.nodes import field
from nixedit.syntax.snapshot import span_of
from nixedit.workspaces import Workspace


class Cleanup:
    """Plans what becomes of the old overlays.

    Args:
        fleet: the evaluated flake.
        obstacles: knows the files, the recipe that says which they are, and what is replaced.
        served: tells which hosts a place serves.

    Attributes:
        is_all_read: whether any file may be read, by rules that are not known.
    """

    def __init__(self, fleet: Fleet, obstacles: Obstacles, served: Served) -> None:
        self.fleet, self.obstacles = fleet, obstacles
        self.tree, self.recipe = obstacles.tree, obstacles.recipe
        self.owners, self.served = served.owners, served
        self.is_all_read = False
        self.flake = "flake.nix"

    def plan(self, report: Report) -> list[Removal]:
        """What is removed; what stands in the way is added to the report's refusals."""
        left_out = [host.name for host in report.hosts if host.status in ("left out", "refused")]
        removals = []
        for file in legacy_files(self.recipe, self.tree):
            if not self._is_own(file):
                note = f"{file} stays: it has the name of the old overlay, and nothing of the flake reads it"
                report.notes.append(note)
                continue
            try:
                removals.append(self._removal(file, left_out))
            except NixEditError as error:
                report.refusals.append(error)
        return removals

    def _is_own(self, file: str) -> bool:
        """Whether a file is an old overlay of this flake: in its usual place, named by a person, or read."""
        places = map(self.tree.place, (*self.recipe.legacy, *self.recipe.removed))
        return file in places or self.is_read(file)

    def is_read(self, file: str) -> bool:
        """Whether anything of the flake may read a file; frameworks read by rules of their own."""
        return self.is_all_read or self.served.reach.is_read(file)

    def _removal(self, file: str, left_out: Sequence[str]) -> Removal:
        def keeps(reference: Reference) -> str | None:
            return self._keeps(reference, file)

        remover = Remover(
            self.tree, self.fleet, self.owners.outputs, self.flake, keeps=keeps, is_read=self.is_read
        )
        removal = remover.plan(file)
        self._check_others(removal)
        for place, error in removal.undecided:
            if self.served.may_apply(removal, place):
                raise error
            self._check_staying(removal, place)
        self._check_folder(file, left_out)
        self._check_left_out(removal)
        removal.unreadable = list(self.tree.unreadable)
        if not removal.stays or (removal.references and not removal.kept):
            self._check_names(file)
        return removal

    def _keeps(self, reference: Reference, file: str) -> str | None:
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
        raise self.tree.refusal(
            reference.file,
            reference.node,
            f"`{file}` is used here, and hosts that are left out may need it: {names}",
            _together(include),
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

    def _check_left_out(self, removal: Removal) -> None:
        """A host that is left out must not lose what it applies by no place of its own."""
        losing = self.served.losing(removal)
        if losing:
            raise RefusedError(
                f"hosts that are left out have this overlay with others, as a whole: {', '.join(losing)}",
                path=str(self.tree.workspace.root / removal.file),
                hint=_together(self.served.to_include(losing)),
            )
        homes = self.served.losing_homes(removal)
        if homes:
            raise RefusedError(
                f"this is an overlay of `{homes[0]}` too, who has packages of its own without the new ones",
                path=str(self.tree.workspace.root / removal.file),
                hint=f"set {'.'.join(USE_GLOBAL)}, or let the home name the overlay in a module of its own",
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
        for name, snapshot, node, used in uses_of_names(
            self.tree, lost, (file, *legacy_files(self.recipe, self.tree))
        ):
            if self.obstacles.replaced.has(name, node) or not self.is_read(name):
                continue
            raise RefusedError(
                f"`{used}` is used here, and only `{file}` defines it",
                path=str(self.tree.workspace.root / name),
                source=snapshot.source,
                span=span_of(node),
                hint="choose one of " + ", ".join(self.recipe.plain_variants.values()),
            )


def _together(include: str | None) -> str:
    """What to do where hosts that are left out share something with those that are migrated."""
    together = "migrate all hosts together"
    return together if include is None else f"say {include} to {together}"


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
        report.steps.append(
            Step(
                f"reference to {removal.file} taken out",
                reference.file,
                reference.line,
                "the old overlay goes",
            )
        )
    for file, line, name in removal.bindings:
        report.steps.append(Step(f"`{name}` taken out", file, line, "nothing else uses it"))
    for reason in dict.fromkeys(reason for _, reason in removal.kept):
        places = ", ".join(f"{kept.file}:{kept.line}" for kept, why in removal.kept if why == reason)
        report.notes.append(f"{removal.file} stays: {reason} ({places})")
    for place, error in removal.undecided:
        report.notes.append(f"{removal.file} stays: {error.message} ({place.file}:{place.line})")
    for name in removal.unreadable:
        report.notes.append(f"{removal.file} stays: {name} cannot be read, and may refer to it")
    if not removal.stays:
        report.steps.append(Step("old overlay deleted", removal.file, why="the new one takes its place"))
        for link in removal.links:
            report.notes.append(f"{link} is a link to {removal.file}, which is gone: delete it by hand")
    for file, line in removal.mentions:
        report.notes.append(f"a comment in {file}:{line} names {removal.file}; it stays as it is")
