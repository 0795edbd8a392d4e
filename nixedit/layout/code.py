"""Pieces of Nix code as values: what a user hands over to be written into a file."""

from __future__ import annotations

from os import PathLike, fspath

from msgspec import Struct

from nixedit.attrpath import escape
from nixedit.errors import InvalidEditError


class Code(Struct, frozen=True):
    """A piece of Nix code, to be written as it is (a `str` would be written as a Nix string)."""

    text: str

    def __str__(self) -> str:
        return self.text


def expr(text: str) -> Code:
    """Nix code for one expression, as it is to be written.

    Args:
        text: the code; its own indentation is replaced by that of the place it is written to.

    It is parsed when it is written: what is not exactly one expression raises `InvalidEditError` then.

    >>> str(expr("pkgs.hello"))
    'pkgs.hello'
    """
    return Code(text)


def path(location: str | PathLike[str]) -> Code:
    """Nix code for a path: `./hosts/common.nix` as it is, other characters by a string.

    Args:
        location: a path that begins with `./`, `../`, `/` or `~/`.

    Raises:
        InvalidEditError: the path begins otherwise, so that Nix would not read it as a path.

    >>> str(path("./a.nix"))
    './a.nix'
    >>> str(path("./my file.nix"))
    './. + "/my file.nix"'
    """
    text = fspath(location)
    if not text.startswith(("./", "../", "/", "~/")):
        raise InvalidEditError(
            f"not a Nix path: {text!r}", hint="write ./ in front of a path beside the file"
        )
    allowed = set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-/")
    if set(text.removeprefix("~")) <= allowed and "//" not in text and not text.endswith("/"):
        return Code(text)
    root = {"./": "./.", "..": "./..", "~/": "~/."}.get(text[:2], "/.")
    rest = text[2:] if text.startswith(("./", "..", "~/")) else text
    return Code(f'{root} + "/{escape(rest.lstrip("/"))}"')
