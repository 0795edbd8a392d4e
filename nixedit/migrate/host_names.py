"""What a person calls a host: its key, or its own name where no other host has that."""

from __future__ import annotations

from collections.abc import Mapping
from os import PathLike

from nixedit.errors import NixEditError, did_you_mean


def key_of(name: str, known: Mapping[str, str], path: str | PathLike[str] | None = None) -> str:
    """The key of the host that a person means: `darwinConfigurations.mac` is `mac` too.

    Args:
        name: what the person said.
        known: the own names of all hosts, by their keys.
        path: the file that an error names.

    Raises:
        NixEditError: there is no such host, or there are several.
    """
    if name in known:
        return name
    same = [key for key, own in known.items() if own == name]
    if len(same) == 1:
        return same[0]
    hint = f"there are: {', '.join(same)}" if same else did_you_mean(name, known)
    raise NixEditError(f"the flake has no host `{name}` ({hint})", path=path)
