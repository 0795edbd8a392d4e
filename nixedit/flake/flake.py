"""`Flake`: one flake of a workspace."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike
from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from nixedit.document import Document
from nixedit.flake.inputs import Inputs
from nixedit.flake.outputs import Outputs
from nixedit.flake.systems import NIXOS, Kind, NixosSystem, Unsupported, find_systems
from nixedit.layout.style import style_of
from nixedit.resolve.fleet import Fleet
from nixedit.workspaces import Workspace

if TYPE_CHECKING:
    from nixedit.flake.declared import Removed
    from nixedit.flake.lock import InputPath, Lock


class Flake:
    """A flake, by its flake.nix.

    Args:
        workspace: the folder that is edited.
        path: its flake.nix, relative to the workspace.

    Raises:
        OSError: the file cannot be read.
    """

    def __init__(self, workspace: Workspace, path: str | PathLike[str] = "flake.nix") -> None:
        self.workspace = workspace
        self.name = workspace.name(path)
        self.document: Document = workspace[self.name]
        if workspace.house is None:
            workspace.house = style_of(self.document.snapshot)

    @property
    def folder(self) -> PurePosixPath:
        """The flake's folder, relative to the workspace."""
        return PurePosixPath(self.name).parent

    @property
    def inputs(self) -> Inputs:
        """Its inputs."""
        return Inputs(self.document)

    @property
    def lock(self) -> Lock | None:
        """Its flake.lock as it is on disk; None where there is none.

        Raises:
            OSError: it cannot be read.
            ParseError: Nix would not read it.
        """
        path = self.workspace.root / self.folder / "flake.lock"
        from nixedit.flake.lock import Lock  # most of what is done with a flake asks for none

        return Lock.load(path) if path.exists() else None

    @property
    def outputs(self) -> Outputs:
        """Its outputs function.

        Raises:
            NixEditError: it has none that is written in flake.nix.
        """
        return Outputs(self.document)

    def add_input(
        self,
        name: str,
        url: str,
        follows: Mapping[str, str] | Mapping[InputPath, str] | None = None,
        *,
        flake: bool = True,
    ) -> None:
        """Declare an input, as `inputs.add`, and name it in the formals of `outputs` where they are closed.

        Raises:
            AttrExistsError: there is one of that name.
            NotStaticError: `inputs` is computed.
            RefusedError: the formals are closed, and the name can be none.
        """
        from nixedit.flake.declared import add_input

        add_input(self.document, name, url, follows, flake=flake)

    def remove_input(self, name: str) -> Removed:
        """Remove an input, as `inputs.remove`, and its formal in `outputs`.

        Returns:
            what went, and where `outputs` still uses it.

        Raises:
            KeyError: there is none of that name.
        """
        from nixedit.flake.declared import remove_input

        return remove_input(self.document, name)

    def evaluated(self) -> Fleet:
        """The flake's outputs, evaluated as far as they are known without Nix.

        Raises:
            NotStaticError: its inputs are computed.
        """
        return Fleet(self.workspace, self.name, list(self.inputs))

    def hosts(self, kinds: Sequence[Kind] = (NIXOS,)) -> list[NixosSystem | Unsupported]:
        """The hosts of some kinds, also those whose systems cannot be edited."""
        fleet = self.evaluated()
        return [host for kind in kinds for host in find_systems(fleet, self.workspace, kind)]

    def nixos_systems(self) -> list[NixosSystem]:
        """The hosts whose `nixosSystem` calls stand in the flake's files, wherever that is."""
        return [host for host in self.hosts() if isinstance(host, NixosSystem)]
