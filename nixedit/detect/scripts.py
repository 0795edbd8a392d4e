"""Commands in a fleet's scripts that build a host on another machine: lines of shell, read as words."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

_SCRIPTS = re.compile(
    r"(?i:\.?justfile|gnumakefile|makefile|taskfile\.ya?ml|mise\.toml|package\.json|nix)"
    r"|.*\.(?:just|mk|sh|bash|zsh|fish|nu|py|rb|pl|nix)|.*\.ya?ml"
)
_DOCUMENTS = re.compile(r".*\.(?:md|org|rst|adoc|txt)")
_SKIPPED = {".git", ".direnv", "result", "node_modules", ".jj"}
_LARGEST = 400_000
_DEPTH = 6
_COMMENT = re.compile(r"\s*(?:#|//|--)")
# The programs that deploy, and what of their words says that they do.
_TOOLS = (
    ("colmena", re.compile(r"\bcolmena\b[^|;&#]*?\s(?:apply|build|upload-keys|push)\b")),
    (
        "deploy-rs",
        re.compile(
            r"(?:^|[\s;&|(`\"'])deploy\s+(?:-\S+\s+)*[.\"']{1,2}#|github:serokell/deploy-rs|\bdeploy-rs\b\s+--?\s"
        ),
    ),
    ("morph", re.compile(r"\bmorph\s+(?:build|push|deploy)\b")),
    ("nixops", re.compile(r"\bnixops4?\s+(?:deploy|apply)\b")),
    ("nixos-anywhere", re.compile(r"\bnixos-anywhere\b[^|;&]*\s(?:--flake|-f|--target-host|root@)")),
    ("bento", re.compile(r"\bbento\s+(?:build|deploy)\b")),
    ("cachix deploy", re.compile(r"\bcachix\s+deploy\b")),
    ("clan", re.compile(r"\bclan\s+machines\s+(?:update|install)\b")),
    ("lollypops", re.compile(r"\blollypops\b[^|;&]*\s--?\S*\s*\S+")),
    (
        "nix copy",
        re.compile(r"\bnix(?:\s+copy\b[^|;&]*\s--to|-copy-closure\s+(?:-\S+\s+)*--to)\s+['\"]?(?:ssh|\S+@)"),
    ),
)
_REBUILD = re.compile(r"\b(?:nixos-rebuild(?:-ng)?|nh\s+os)\b[^|;&]*")
_ELSEWHERE = re.compile(r"--(target-host|build-host)(?:=|\s+)(\"[^\"]*\"|'[^']*'|\S+)")
_FLAKE_HOST = re.compile(
    r"(?:^|[\s\"'=])[\w./~:${}()-]*#[\"']?(?:nixosConfigurations\.[\"']?)?([\w-]+)[\"']?(?=[\s\"'`,;).]|$)"
)


class Command(Struct, frozen=True):
    """A command that builds a host elsewhere.

    Attributes:
        tool: the program.
        path: the file, relative to the flake.
        line: the line, 1-based.
        hosts: the hosts that it names as `.#host`.
        sure: whether it stands in a script; a document may only speak of it.
        on_target: whether the host itself builds; None where nothing is said.
    """

    tool: str
    path: str
    line: int
    hosts: tuple[str, ...]
    sure: bool
    on_target: bool | None


def commands_of(root: Path) -> Iterator[Command]:
    """The commands in the scripts and documents of a folder, its nested flakes left out.

    Args:
        root: the flake's folder.
    """
    for path in _files(root):
        name = path.relative_to(root).as_posix()
        is_document = _DOCUMENTS.fullmatch(path.name) is not None
        try:
            text = path.read_text("utf-8", "replace")
        except OSError:
            continue
        for line, code in _lines(text):
            yield from _in_line(name, line, code, sure=not is_document)


def _files(root: Path) -> Iterator[Path]:
    for folder, folders, names in os.walk(root):
        depth = len(Path(folder).relative_to(root).parts)
        nested = depth > 0 and "flake.nix" in names
        if nested or depth > _DEPTH:
            folders.clear()
            continue
        folders[:] = sorted(name for name in folders if name not in _SKIPPED)
        for name in sorted(names):
            path = Path(folder, name)
            if _is_read(path):
                yield path


def _is_read(path: Path) -> bool:
    try:
        if path.is_symlink() or not path.is_file() or path.stat().st_size > _LARGEST:
            return False
        if _SCRIPTS.fullmatch(path.name) or _DOCUMENTS.fullmatch(path.name):
            return True
        if path.suffix:
            return False
        with path.open("rb") as file:
            return file.read(2) == b"#!"
    except OSError:
        return False


def _lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that are no comments, those that a backslash joins as one."""
    number, joined = 0, ""
    for at, line in enumerate(text.splitlines(), 1):
        if not joined:
            number = at
        joined += line
        if line.endswith("\\"):
            joined = f"{joined[:-1]} "
            continue
        if not _COMMENT.match(joined):
            yield number, joined
        joined = ""
    if joined and not _COMMENT.match(joined):
        yield number, joined


def _in_line(path: str, line: int, code: str, *, sure: bool) -> Iterator[Command]:
    if "--target-host" in code or "--build-host" in code:
        for match in _REBUILD.finditer(code):
            given = {name: value.strip("\"'") for name, value in _ELSEWHERE.findall(match[0])}
            if given:
                yield Command(
                    match[0].split()[0] if not match[0].startswith("nh") else "nh",
                    path,
                    line,
                    _hosts(match[0]),
                    sure,
                    _on_target(given),
                )
    for tool, pattern in _TOOLS:
        found = pattern.search(code)
        if found is not None:
            yield Command(tool, path, line, _hosts(code[found.start() :]), sure, None)


def _on_target(given: dict[str, str]) -> bool | None:
    """Whether the machine that is told to build is the host: the same name is given for both."""
    if "build-host" not in given:
        return None
    return given["build-host"] == given.get("target-host") or None


def _hosts(code: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(_FLAKE_HOST.findall(code)))
