"""A migration held against the real Nix: every host evaluated before and after, and put back if one broke."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from nixedit.attrpath import quote
from nixedit.errors import RefusedError
from nixedit.files import Change, write_all
from nixedit.migrate.report import Report
from nixedit.nix import Evaluated, attribute_names, evaluate

# What stands for all of a host, by the output that has it.
_WHOLE = {
    "nixosConfigurations": "config.system.build.toplevel.drvPath",
    "darwinConfigurations": "config.system.build.toplevel.drvPath",
    "homeConfigurations": "activationPackage.drvPath",
}
_NIXOS = "nixosConfigurations"


class Verification(Struct, frozen=True):
    """What Nix says of the hosts before a migration.

    Attributes:
        folder: the flake.
        hosts: the attribute of each host's system, by the host's name in the report.
        before: what each evaluated to.
        jobs: how many are evaluated at a time.
    """

    folder: Path
    hosts: Mapping[str, str]
    before: Mapping[str, Evaluated]
    jobs: int

    @classmethod
    def begin(cls, folder: Path, report: Report, jobs: int, progress: Callable[[int], None]) -> Verification:
        """Evaluate all hosts as they are now.

        Raises:
            NixEditError: there is no Nix.
        """
        hosts = {host.name: _attribute(host.output, host.name) for host in report.hosts if host.named}
        if not all(host.named for host in report.hosts):  # Nix knows the names of the others
            hosts |= {name: _attribute(_NIXOS, name) for name in attribute_names(folder, _NIXOS)}
        return cls(folder, hosts, evaluate(folder, list(hosts.values()), jobs, progress), jobs)

    def finish(
        self,
        report: Report,
        changes: Mapping[str, tuple[bytes | None, bytes | None]],
        progress: Callable[[int], None],
    ) -> None:
        """Evaluate all hosts again, and note what changed.

        Args:
            report: gets notes on hosts that were not chosen and changed.
            changes: what was written, by file: the bytes before and after.
            progress: called with the number of hosts that are done.

        Raises:
            RefusedError: a host that evaluated before does not any more; all files are as they were.
        """
        after = evaluate(self.folder, list(self.hosts.values()), self.jobs, progress)
        broken = [
            name
            for name, attribute in self.hosts.items()
            if self.before[attribute].value is not None and after[attribute].value is None
        ]
        if broken:
            self._put_back(changes)
            error = after[self.hosts[broken[0]]].error
            names = ", ".join(f"`{name}`" for name in broken)
            raise RefusedError(
                f"{names} evaluated before and does not any more: all files are as they were",
                path=str(self.folder),
                hint=error,
            )
        self._note(report, after)

    def _put_back(self, changes: Mapping[str, tuple[bytes | None, bytes | None]]) -> None:
        write_all(
            [Change(str(self.folder / name), after, before) for name, (before, after) in changes.items()]
        )

    def _note(self, report: Report, after: Mapping[str, Evaluated]) -> None:
        unnamed = [host for host in report.hosts if not host.named]
        status = {host.name: host.status for host in report.hosts if host.named}
        for name, attribute in self.hosts.items():
            before, now = self.before[attribute], after[attribute]
            if before.value is None:
                report.notes.append(f"{name} did not evaluate before: {_first_line(before.error)}")
            elif status.get(name, "") != "migrate" and before.value != now.value and not unnamed:
                report.notes.append(f"{name} was not chosen, and its system changed")
        fine = [name for name, attribute in self.hosts.items() if after[attribute].value is not None]
        report.notes.append(f"verified by Nix: {len(fine)} of {len(self.hosts)} hosts evaluate")


def _attribute(output: str, name: str) -> str:
    """The attribute of the flake that stands for all of a host."""
    return f"{output}.{quote(name.removeprefix(f'{output}.'))}.{_WHOLE[output]}"


def _first_line(error: str) -> str:
    lines: Sequence[str] = [line for line in error.splitlines() if line.strip()]
    return next((line.strip() for line in lines if "error:" in line), lines[-1] if lines else "")
