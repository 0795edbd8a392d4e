"""`nixedit check`: what Nix would reject before it evaluates anything, in any number of files."""

from __future__ import annotations

import sys
from argparse import Namespace
from collections.abc import Iterator

from msgspec import Struct, field

from nixedit.cli.arguments import command_parser
from nixedit.cli.console import is_coloured, paint_excerpt
from nixedit.cli.failures import FAILED, os_message, os_reason, say
from nixedit.cli.files import STDIN, nix_files
from nixedit.diagnostics import Diagnostic, diagnose
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import Source

CLEAN, FOUND = 0, 1

_DESCRIPTION = """
    Report what Nix would reject before it evaluates anything: syntax errors, attributes and
    arguments defined twice, dynamic attributes where none may stand, and the like.
    Changes nothing.
"""
_EXAMPLES = """
    examples:
      nixedit check                     every .nix file below this folder
      nixedit check flake.nix hosts     one file and a folder
      nixedit check - < flake.nix       standard input

    exit codes: 0 nothing found, 1 something found, 2 a file could not be read
"""


class Tally(Struct):
    """What a run has seen so far."""

    files: int = 0
    findings: list[tuple[str, Diagnostic]] = field(default_factory=list)
    failures: list[OSError] = field(default_factory=list)

    @property
    def code(self) -> int:
        """The exit code."""
        if self.failures:
            return FAILED
        return FOUND if self.findings else CLEAN

    def sentence(self) -> str:
        """The last line of a run, for a person."""
        files = _count(self.files, "file")
        if not self.findings:
            return f"{files} checked, nothing found"
        places = len({path for path, _ in self.findings})
        return f"{_count(len(self.findings), 'finding')} in {places} of {files}"


def main(argv: list[str]) -> int:
    """Run `nixedit check` with these words; the exit code."""
    args = _arguments(argv)
    tally = Tally()
    for path, source in _sources(args.paths or ["."], tally):
        tally.files += 1
        for finding in diagnose(Snapshot.of(source)):
            tally.findings.append((path, finding))
            if not args.json:
                _show(finding.render(path, source))
    for error in tally.failures:
        say(os_message(error))
    if args.json:
        print(_as_json(tally))
    elif not args.quiet:
        print(tally.sentence())
    return tally.code


def _arguments(argv: list[str]) -> Namespace:
    parser = command_parser("check", _DESCRIPTION, _EXAMPLES)
    parser.add_argument(
        "paths",
        nargs="*",
        metavar="PATH",
        help="a file, a folder (every .nix file below it; links to folders are not followed), "
        "or - for standard input; this folder if none is given",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON object instead of text")
    parser.add_argument("-q", "--quiet", action="store_true", help="print what was found and nothing else")
    return parser.parse_args(argv)


def _sources(paths: list[str], tally: Tally) -> Iterator[tuple[str, Source]]:
    for path in nix_files(paths, tally.failures.append):
        try:
            data = _read(path)
        except OSError as error:
            error.filename = error.filename or path
            tally.failures.append(error)
        else:
            yield ("<stdin>" if path == STDIN else path), Source(data)


def _read(path: str) -> bytes:
    if path == STDIN:
        return sys.stdin.buffer.read()
    with open(path, "rb") as file:
        return file.read()


def _show(rendered: str) -> None:
    print(paint_excerpt(rendered) if is_coloured(sys.stdout) else rendered)


def _as_json(tally: Tally) -> str:
    import json

    findings = [
        {
            "path": path,
            "line": finding.line,
            "column": finding.column,
            "start": finding.span.start,
            "end": finding.span.end,
            "kind": finding.kind,
            "message": finding.message,
            "hint": finding.hint,
        }
        for path, finding in tally.findings
    ]
    failures = [{"path": str(error.filename), "message": os_reason(error)} for error in tally.failures]
    return json.dumps({"files": tally.files, "findings": findings, "failures": failures}, indent=2)


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
