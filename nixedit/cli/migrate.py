"""`nixedit migrate`: plan, show, ask, write, and say how to go on."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

from msgspec.structs import replace

from nixedit.cli.console import is_coloured, paint_diff, paint_excerpt
from nixedit.cli.failures import os_reason, say
from nixedit.cli.migrate_options import parser_of
from nixedit.cli.progress import Counting, Reading
from nixedit.errors import ConflictError, NixEditError, RefusedError
from nixedit.git import add, changed_files, forget, has_repository
from nixedit.migrate.options import Options, ServiceChoice, Wanted
from nixedit.migrate.plan import Planned, plan_migration
from nixedit.migrate.recipe import Recipe, default_recipe, load_recipe
from nixedit.migrate.report import Report
from nixedit.migrate.settings import load_settings
from nixedit.migrate.tree import fleet_folder
from nixedit.workspaces import Workspace

if TYPE_CHECKING:
    from nixedit.migrate.verify import Verification

_ALL_MIGRATED = "every chosen host is migrated already"
# What --prepare does nothing for.
_OF_HOSTS = ("host", "exclude_host", "variant", "home_variant", "service", "detect", "cache", "remove")


def main(argv: list[str]) -> int:
    """Run `nixedit migrate`.

    Args:
        argv: the words after `migrate`.

    Returns:
        The exit code.

    Raises:
        NixEditError, OSError: it could not be done; nothing was written.
    """
    arguments = parser_of().parse_args(argv)
    try:
        return _migrate(arguments)
    except (NixEditError, OSError) as error:
        if arguments.json and not isinstance(error, BrokenPipeError):
            name = arguments.recipe or default_recipe()
            failed = Report(name, arguments.flake, refusals=[_as_refusal(error)])
            _print_json({**failed.to_json(), "written": False})
        raise


def _migrate(arguments: Namespace) -> int:
    folder = fleet_folder(arguments.flake)
    recipe = load_recipe(arguments.recipe)
    for name in _OF_HOSTS if arguments.prepare else ():
        if getattr(arguments, name):
            raise NixEditError(
                f"--prepare touches no host, so it does not go with --{name.replace('_', '-')}"
            )
    options = Options(
        hosts=tuple(arguments.host),
        exclude=tuple(arguments.exclude_host),
        follows=arguments.follows,
        overlay_file=arguments.overlay_file,
        rev=arguments.rev,
        remove=tuple(arguments.remove),
        include=tuple(arguments.include),
        keep_going=arguments.keep_going,
        prepare=arguments.prepare,
        layout=arguments.layout,
        wanted=_wanted(arguments, folder, recipe),
    )

    def plan(wanted: Wanted) -> Planned:
        progress = Reading()
        ask = _asker(arguments) if _is_asked(arguments) else None
        try:
            return plan_migration(Workspace(folder), recipe, replace(options, wanted=wanted), progress, ask)
        finally:
            progress.clear()

    return _Run(arguments, folder, plan, options.wanted, recipe).run()


def _is_asked(arguments: Namespace) -> bool:
    """Whether there is a person to ask, who did not answer already."""
    writes = not arguments.diff and not arguments.check and not arguments.yes
    return writes and all(stream.isatty() for stream in (sys.stdin, sys.stdout))


def _asker(arguments: Namespace) -> Callable[[str], bool]:
    from nixedit.cli.questions import yes_or_no

    return partial(yes_or_no, stream=_stream(arguments))


def _stream(arguments: Namespace) -> TextIO:
    return sys.stderr if arguments.json else sys.stdout


def _wanted(arguments: Namespace, folder: Path, recipe: Recipe) -> Wanted:
    """What is chosen for hosts and users, on the command line and else in nixedit.toml."""
    settings = load_settings(folder, None if recipe.default else recipe.name)
    services = {name: ServiceChoice(model, *arguments.listen) for name, model in arguments.service}
    return Wanted(
        {**settings.hosts, **dict(arguments.variant)},
        {**settings.homes, **dict(arguments.home_variant)},
        {**settings.services, **services},
        cache=arguments.cache,
        detect=arguments.detect,
        meta=settings.meta,
        native=arguments.allow_native,
        fix=arguments.fix,
    )


def _as_refusal(error: NixEditError | OSError) -> NixEditError:
    if isinstance(error, NixEditError):
        return error
    path = error.filename if isinstance(error.filename, str) else None
    return NixEditError(os_reason(error), path=path)


def _save_json(report: Mapping[str, Any], path: str) -> None:
    import json

    Path(path).write_text(json.dumps(report, indent=2) + "\n", "utf-8")


def _print_json(report: Mapping[str, Any]) -> None:
    import json

    print(json.dumps(report, indent=2))


class _Run:
    """What happens after the planning."""

    def __init__(
        self,
        arguments: Namespace,
        folder: Path,
        plan: Callable[[Wanted], Planned],
        wanted: Wanted,
        recipe: Recipe,
    ) -> None:
        self.arguments, self.folder, self.recipe = arguments, folder, recipe
        self.plan, self.wanted = plan, wanted
        self.tracked = has_repository(folder)
        self._take(plan(wanted))

    def _take(self, planned: Planned) -> None:
        """Go on with a plan."""
        self.workspace, self.report = planned.workspace, planned.report
        self.changes = self.workspace.changes
        shown = self.arguments.diff or self.arguments.show_diff
        self.patch = self.workspace.diff() if shown else ""

    def run(self) -> int:
        arguments = self.arguments
        if self.report.refusals or (self.report.refused and not arguments.keep_going):
            return self._refuse()
        if self.report.refused:
            self._say_refused()
            if not any(host.status in ("migrate", "unchanged") for host in self.report.hosts):
                self._say_unprepared()
                return self._answer(2)
        if not self.changes:
            if not arguments.diff:
                lines = [f"  {line}" for line in self.report.proposed()]
                lines += [f"  note: {note}" for note in self.report.notes]
                done = "the flake has what hosts need" if arguments.prepare else _ALL_MIGRATED
                self._print("\n".join([f"Nothing to do: {done}.", *lines]))
            self._show_findings()
            return self._answer(self._done)
        if arguments.diff:
            if not arguments.json:
                self._print_diff(self.patch)
            return self._answer(0)
        if arguments.check:
            self._print(f"To do in {self.folder}:\n{self.report.to_text(done=False)}")
            self._show_findings()
            return self._answer(1)
        self._check_version_control()
        if not self._confirmed():
            say("Nothing was written.")
            return self._answer(2)
        self._write()
        return self._answer(self._done, written=True)

    @property
    def _done(self) -> int:
        """The exit code of a run that did all it could: 3 where hosts were refused."""
        return 3 if self.report.refused else 0

    # -- showing ------------------------------------------------------------------------------

    def _print(self, text: str) -> None:
        if not self.arguments.quiet and not self.arguments.json:
            print(text)

    def _show_findings(self) -> None:
        """With `--check`, what a person may want to look at."""
        if self.arguments.check and self.report.findings:
            shown = (error.render() for error in self.report.findings)
            coloured = is_coloured(sys.stdout)
            self._print("\n".join(["\nWorth a look:", *map(paint_excerpt if coloured else str, shown)]))

    def _print_diff(self, patch: str, stream: TextIO | None = None) -> None:
        out = stream or sys.stdout
        if is_coloured(out):
            out.write(paint_diff(patch))
            return
        out.flush()
        out.buffer.write(patch.encode("utf-8", "surrogateescape"))
        out.buffer.flush()

    def _answer(self, code: int, *, written: bool = False) -> int:
        """The exit code; with `--json`, the report is printed first."""
        arguments = self.arguments
        if arguments.json or arguments.report is not None:
            report = {**self.report.to_json(), "written": written}
            if arguments.diff or arguments.show_diff:
                report["diff"] = self.patch
            if arguments.json:
                _print_json(report)
            if arguments.report is not None:
                _save_json(report, arguments.report)
        return code

    def _refuse(self) -> int:
        self._say_refused()
        count = len(self.report.refused)
        reasons = "1 reason" if count == 1 else f"{count} reasons"
        say(f"nixedit: {reasons} not to migrate {self.folder}; nothing was written")
        self._say_unprepared()
        return self._answer(2)

    def _say_unprepared(self) -> None:
        """What the lines need that a person is to write by hand."""
        if self.report.unprepared:
            what = " and ".join(self.report.unprepared)
            say(f"What is to be written by hand needs {what}: --prepare adds that, and touches no host.")

    def _say_refused(self) -> None:
        for error in self.report.refused:
            say(error.render())

    def _confirmed(self) -> bool:
        """Whether a person at a terminal agrees; elsewhere nobody is asked."""
        if not _is_asked(self.arguments):
            return True
        from nixedit.cli.questions import asked

        stream = _stream(self.arguments)
        question = "Go ahead? [y]es, [n]o, show the [d]iff, choose [v]ariants: "
        while True:
            print(f"In {self.folder}:\n{self.report.to_text(done=False)}\n", file=stream)
            while (answer := asked(question, stream)) in ("d", "diff"):
                self._print_diff(self.workspace.diff(), stream)
            if answer in ("y", "yes"):
                return True
            if answer in ("v", "variants"):
                self._choose(stream)
            elif answer in ("n", "no", "", None):
                return False

    def _choose(self, stream: TextIO) -> None:
        """Ask which variant each host gets, and plan that."""
        from nixedit.cli.questions import choose_variants

        proposed = self.plan(replace(self.wanted, detect=True)).report
        chosen = choose_variants(proposed, self.recipe.variants, self.wanted.hosts, stream)
        wanted = replace(self.wanted, hosts=chosen, detect=False)
        planned = self.plan(wanted)
        if planned.report.refused:
            for error in planned.report.refused:
                say(error.render())
            return
        self.wanted = wanted
        self._take(planned)

    # -- writing ------------------------------------------------------------------------------

    def _check_version_control(self) -> None:
        """Nothing that is not committed may be lost, unless the person says so."""
        arguments = self.arguments
        gone = [name for name, (_, after) in self.changes.items() if after is None]
        if not self.tracked and gone and not arguments.allow_no_vcs:
            raise NixEditError(
                f"not under version control, and {', '.join(gone)} would be deleted: "
                "--allow-no-vcs says that this is meant",
                path=str(self.folder),
            )
        if self.tracked and not arguments.allow_dirty:
            dirty = changed_files(self.folder, self._edited)
            if dirty:
                raise ConflictError(
                    f"uncommitted changes in {', '.join(dirty)}: commit them first, or say --allow-dirty",
                    path=str(self.folder),
                )

    @property
    def _edited(self) -> list[str]:
        """The files that are edited or deleted."""
        return [name for name, (before, _) in self.changes.items() if before is not None]

    def _write(self) -> None:
        created = sorted(self.workspace.created)
        verification = self._evaluated_before() if self.arguments.verify else None
        from nixedit.cli.next_steps import next_steps, undo_steps

        self.workspace.save()
        added = self.tracked and not self.arguments.no_git and self._add(created)
        if verification is not None:
            self._verify(verification, created if added else [])
        self._print(f"Done in {self.folder}:\n{self.report.to_text(done=True)}")
        if self.arguments.show_diff and not self.arguments.json:
            print()
            self._print_diff(self.patch)
        if self.arguments.lock:
            from nixedit.nix import lock

            lock(self.folder)
            self._print("flake.lock is up to date.")
        unknown = created if self.tracked and not added else []
        self._print(next_steps(self.folder, *self._first_host, unknown, locked=self.arguments.lock))
        if self.tracked and not self.arguments.allow_dirty:
            self._print(undo_steps(self.folder, self._edited, created, added=added))

    def _add(self, created: list[str]) -> bool:
        """Tell git of new files; whether it took them."""
        problem = add(self.folder, created)
        if problem is not None:
            hint = "A flake in git sees added files only."
            import shlex

            say(f"nixedit: git add {shlex.join(created)}: {problem}\n{hint}")
        return problem is None

    def _evaluated_before(self) -> Verification:
        from nixedit.migrate.verify import Verification
        from nixedit.nix import default_jobs

        with Counting("evaluating hosts before", len(self.report.hosts)) as progress:
            return Verification.begin(
                self.folder, self.report, self.arguments.jobs or default_jobs(), progress
            )

    def _verify(self, verification: Verification, added: list[str]) -> None:
        """Evaluate all hosts again; where one broke, everything is as it was."""
        try:
            with Counting("evaluating hosts after", len(self.report.hosts)) as progress:
                verification.finish(self.report, self.changes, progress)
        except RefusedError:
            forget(self.folder, added)
            raise

    @property
    def _first_host(self) -> tuple[str, str]:
        """The output and the name of a host that was migrated."""
        migrated = (host for host in self.report.hosts if host.named and host.status == "migrate")
        found = next(((host.output, host.name) for host in migrated), ("nixosConfigurations", "HOST"))
        return found[0], found[1].removeprefix(f"{found[0]}.")
