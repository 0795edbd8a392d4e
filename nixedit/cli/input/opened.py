"""A flake that a command was given: read from its folder, or from standard input."""

from __future__ import annotations

import os
import sys
from argparse import Namespace
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from nixedit.cli.files import STDIN
from nixedit.document import Document
from nixedit.errors import NixEditError
from nixedit.flake.generated import refuse_generated
from nixedit.flake.inputs import Inputs
from nixedit.git import repository_of


class OpenFlake(Struct):
    """A flake that is edited.

    Attributes:
        name: as the person named it; `-` for standard input.
        document: its flake.nix.
        notes: what was done, a sentence each.
        warnings: what a person should look at.
        details: what `--json` says beyond that, by name.
    """

    name: str
    document: Document
    notes: list[str] = field(default_factory=list)
    warnings: list[NixEditError] = field(default_factory=list)
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def inputs(self) -> Inputs:
        """Its inputs."""
        return Inputs(self.document)

    @property
    def is_stdin(self) -> bool:
        """Whether it came from standard input."""
        return self.name == STDIN

    @property
    def file(self) -> Path:
        """Its flake.nix."""
        return Path(os.fspath(self.document.path or "flake.nix"))

    @property
    def patch_name(self) -> str:
        """What a patch calls the file: relative to its repository, as `git apply` wants it, or to here."""
        if self.is_stdin:
            return "flake.nix"
        full = self.file.absolute()
        repository = repository_of(full.parent.resolve())
        for base in (repository, Path.cwd()):
            if base is not None:
                for path in (full, full.resolve()):
                    if path.is_relative_to(base):
                        return path.relative_to(base).as_posix()
        return full.name


def opened(name: str, arguments: Namespace, *, generated: bool = False) -> OpenFlake:
    """Read a flake.

    Args:
        name: a folder, a flake.nix in one, or `-`.
        arguments: what the command was given.
        generated: whether the file may say that it is generated: it is only read.

    Raises:
        NixEditError: it is no flake, or says that it is generated.
        OSError: it cannot be read.
    """
    if name == STDIN:
        document = Document(sys.stdin.buffer.read(), "<stdin>")
    else:
        path = flake_file(name)
        document = Document(path.read_bytes(), os.path.normpath(path))
    if not generated and not arguments.force:
        refuse_generated(document)
    return OpenFlake(name, document)


def flake_file(name: str) -> Path:
    """The flake.nix that a path means.

    Raises:
        NixEditError: there is none.
    """
    path = Path(name)
    if not path.exists():
        raise NixEditError("no such file or folder", path=path)
    if not path.is_dir():
        return path
    if not (path / "flake.nix").is_file():
        raise NixEditError("no flake.nix here: name the folder of a flake", path=path)
    return path / "flake.nix"
