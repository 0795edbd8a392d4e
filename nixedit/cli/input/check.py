"""`nixedit input check`: what is wrong with the inputs of flakes, told offline; mended where that is safe."""

from __future__ import annotations

import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from nixedit.cli.arguments import command_parser
from nixedit.cli.console import is_coloured, paint_excerpt
from nixedit.cli.failures import FAILED, os_message, say
from nixedit.cli.input.automatic import read_lock
from nixedit.cli.input.opened import OpenFlake, opened
from nixedit.cli.input.options import add_flakes
from nixedit.cli.input.run import distinct, error_as_json, patch, print_patch
from nixedit.errors import NixEditError
from nixedit.files import Change, write_all
from nixedit.flake.input_check import KINDS, Finding, check_inputs

CLEAN, FOUND = 0, 1

_DESCRIPTION = """
    Report what is wrong with the inputs of a flake: what Nix refuses, what has no effect, what nothing
    uses. Reads the flake's own files and its lock, nothing else; an input is called unused only if no file
    can use it.
"""
_EXAMPLES = """
examples:
  nixedit input check
  nixedit input check --fix               mend what can be mended safely, report the rest
  nixedit input check --skip unused-input

kinds:
{kinds}

exit codes: 0 nothing found, 1 something found (and not mended), 2 it could not be done
"""


class _Checked(Struct):
    """One flake that was looked at.

    Attributes:
        flake: the flake.
        findings: what is wrong with it, as it is now.
        fixed: how many findings were mended.
    """

    flake: OpenFlake
    findings: list[Finding] = field(default_factory=list)
    fixed: int = 0

    @property
    def name(self) -> str:
        return "<stdin>" if self.flake.is_stdin else str(self.flake.file)


def main(argv: list[str]) -> int:
    """Run `nixedit input check` with these words; the exit code."""
    arguments = _arguments(argv)
    checked: list[_Checked] = []
    failures: list[NixEditError | OSError] = []
    for name in distinct(arguments.flake or ["."]):
        try:
            checked.append(_check(opened(name, arguments, generated=not arguments.fix), arguments))
        except (NixEditError, OSError) as error:
            failures.append(error)
    if arguments.fix and not arguments.diff and not failures:
        try:
            _write(checked)
        except (NixEditError, OSError) as error:
            failures.append(error)
    for failure in failures:
        say(os_message(failure) if isinstance(failure, OSError) else failure.render())
    _show(checked, failures, arguments)
    if failures:
        return FAILED
    return FOUND if any(one.findings for one in checked) else CLEAN


def _arguments(argv: list[str]) -> Namespace:
    width = max(map(len, KINDS))
    kinds = "\n".join(f"  {kind:{width}}  {what}" for kind, what in KINDS.items())
    parser = command_parser("input check", _DESCRIPTION, _EXAMPLES.format(kinds=kinds))
    parser.add_argument(
        "paths", nargs="*", metavar="FLAKE", help="as --flake; pre-commit names files in this way"
    )
    add_flakes(parser)
    parser.add_argument("--fix", action="store_true", help="mend what can be mended safely")
    parser.add_argument("--diff", action="store_true", help="with --fix: print the patch and write nothing")
    parser.add_argument(
        "--skip", action="append", default=[], choices=list(KINDS), metavar="KIND", help="leave a kind out"
    )
    parser.add_argument("--lock-file", metavar="PATH", help="the lock, where it is not beside flake.nix")
    parser.add_argument(
        "--force", action="store_true", help="with --fix: also a file that says it is generated"
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    parser.add_argument("-q", "--quiet", action="store_true", help="print what was found and nothing else")
    arguments = parser.parse_args(argv)
    if arguments.diff and not arguments.fix:
        parser.error("--diff shows what --fix would do: give both")
    arguments.flake += [_flake_of(path) for path in arguments.paths]
    return arguments


def _flake_of(path: str) -> str:
    """The flake that a file of it stands for, which a hook was given."""
    name = Path(path)
    return str(name.parent) if name.name == "flake.lock" else path


def _check(flake: OpenFlake, arguments: Namespace) -> _Checked:
    one = _Checked(flake, _findings(flake, arguments))
    fixes = [finding.fix for finding in one.findings if finding.fix is not None]
    if arguments.fix and fixes:
        with flake.document.edit():
            for fix in fixes:
                fix()
        one.fixed = len(fixes)
        one.findings = _findings(flake, arguments)
    return one


def _findings(flake: OpenFlake, arguments: Namespace) -> list[Finding]:
    given = arguments.lock_file
    has_lock = given is not None or (not flake.is_stdin and (flake.file.parent / "flake.lock").exists())
    lock = read_lock(flake, given) if has_lock else None
    found = check_inputs(flake.document, lock, None if flake.is_stdin else flake.file.parent)
    return [finding for finding in found if finding.diagnostic.kind not in arguments.skip]


def _write(checked: list[_Checked]) -> None:
    changed = [one.flake for one in checked if one.flake.document.changed]
    write_all(
        [
            Change(str(flake.file), flake.document.loaded, flake.document.data)
            for flake in changed
            if not flake.is_stdin
        ]
    )


# -- showing ----------------------------------------------------------------------------------


def _show(checked: list[_Checked], failures: list[NixEditError | OSError], arguments: Namespace) -> None:
    if arguments.json:
        import json

        failed = [error_as_json(error) for error in failures]
        print(json.dumps({"flakes": [_as_json(one) for one in checked], "failures": failed}, indent=2))
        return
    to_stderr = arguments.diff or any(one.flake.is_stdin and arguments.fix for one in checked)
    for one in checked:
        if arguments.diff:
            print_patch(patch(one.flake))
        elif one.flake.is_stdin and arguments.fix:
            sys.stdout.flush()
            sys.stdout.buffer.write(one.flake.document.data)
        for finding in one.findings:
            _say_finding(one, finding, to_stderr=to_stderr)
    if not arguments.quiet and not to_stderr:
        print(_sentence(checked))


def _say_finding(one: _Checked, finding: Finding, *, to_stderr: bool) -> None:
    text = finding.diagnostic.render(one.name, one.flake.document.source)
    first, newline, rest = text.partition("\n")
    text = f"{first} [{finding.diagnostic.kind}]{newline}{rest}"
    if to_stderr:
        say(text)
    else:
        print(paint_excerpt(text) if is_coloured(sys.stdout) else text)


def _sentence(checked: list[_Checked]) -> str:
    flakes = _count(len(checked), "flake")
    fixed = sum(one.fixed for one in checked)
    found = sum(len(one.findings) for one in checked)
    said = f"{flakes} checked, {_count(found, 'finding') if found else 'nothing found'}"
    return f"{said}, {fixed} mended" if fixed else said


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"


def _as_json(one: _Checked) -> dict[str, Any]:
    findings = [
        {
            "kind": finding.diagnostic.kind,
            "message": finding.diagnostic.message,
            "hint": finding.diagnostic.hint,
            "line": finding.diagnostic.line,
            "column": finding.diagnostic.column,
            "start": finding.diagnostic.span.start,
            "end": finding.diagnostic.span.end,
            "fixable": finding.fix is not None,
        }
        for finding in one.findings
    ]
    return {"path": one.name, "findings": findings, "fixed": one.fixed}
