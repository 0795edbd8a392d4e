"""An old overlay taken out: the file deleted, and all that goes and stays reported."""

from __future__ import annotations

from collections.abc import Iterator

from nixedit.migrate.legacy import Removal
from nixedit.migrate.report import Report, Step
from nixedit.workspaces import Workspace

_GONE = ("old overlay taken out", "the new one takes its place")


def carry_out(removal: Removal, workspace: Workspace, report: Report) -> None:
    """Delete an old overlay that nothing needs any more, and report all that goes.

    Args:
        removal: what was planned.
        workspace: where a file is deleted; the edits are the caller's.
        report: gets the steps.
    """
    old, shown = removal.old, removal.old.shown
    for reference in removal.references:
        own = reference.node == old.node
        what, why = _GONE if own else (f"reference to {shown} taken out", "the old overlay goes")
        report.steps.append(Step(what, reference.file, reference.line, why))
    for file, line, name in removal.bindings:
        own = file == old.file and ".".join(old.bound).endswith(name)
        report.steps.append(
            Step(f"`{name}` taken out", file, line, _GONE[1] if own else "nothing else uses it")
        )
    report.notes += _reasons_to_stay(removal)
    if old.node is None and not removal.stays:
        _delete(removal, workspace, report)
    for file, line in removal.mentions:
        report.notes.append(f"a comment in {file}:{line} names {old.place}; it stays as it is")


def _reasons_to_stay(removal: Removal) -> Iterator[str]:
    """Notes on what keeps an old overlay."""
    shown = removal.old.shown
    for reason in dict.fromkeys(reason for _, reason in removal.kept):
        places = ", ".join(f"{kept.file}:{kept.line}" for kept, why in removal.kept if why == reason)
        yield f"{shown} stays: {reason} ({places})"
    for place, error in removal.undecided:
        yield f"{shown} stays: {error.message} ({place.file}:{place.line})"
    for name in removal.unreadable:
        yield f"{shown} stays: {name} cannot be read, and may refer to it"


def _delete(removal: Removal, workspace: Workspace, report: Report) -> None:
    """Delete the file of an old overlay; what a link leads to only if that is nothing else."""
    old = removal.old
    workspace.delete(old.place)
    report.steps.append(Step("old overlay deleted", old.place, why=_GONE[1]))
    for link in removal.links:
        report.notes.append(f"{link} is a link to {old.file}, which is gone: delete it by hand")
    if old.link is not None and old.is_apart:
        report.notes.append(f"{old.link} was a link to {old.file}, which stays")
    elif old.link is not None:
        workspace.delete(old.file)
        report.steps.append(Step("deleted too", old.file, why=f"only {old.link} led to it"))
