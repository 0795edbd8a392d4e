"""What a word of the command line names: an input, or an input of an input, `home-manager.nixpkgs`."""

from __future__ import annotations

from collections.abc import Collection

from nixedit.attrpath import parse
from nixedit.errors import NixEditError, NotStaticError
from nixedit.flake.lock import InputPath


def input_path(inputs: Collection[str], word: str) -> InputPath:
    """The names that a word means.

    A word that is an input's name as it stands is that input, dots and all; else it is an attribute path,
    in which names with dots are quoted, or one with slashes, as Nix writes them.

    Args:
        inputs: the names of the flake's inputs.
        word: the word.

    Raises:
        NixEditError: it is no path.
    """
    if word in inputs:
        return (word,)
    try:
        return tuple(name for part in word.split("/") for name in parse(part))
    except NotStaticError as error:
        raise NixEditError(error.message) from None
