"""Flake references as text: which repository, branch and commit a url names, changed piece by piece.

Nix manual, "nix flake", "Flake references" and "Types": forges (`github:owner/repo/ref-or-rev`) take a
branch or a commit, Git and Mercurial take both as `?ref=` and `?rev=`, indirect ones `id/ref/rev`.
"""

from __future__ import annotations

import re
from urllib.parse import unquote

from msgspec import Struct
from msgspec.structs import replace

from nixedit.errors import NotStaticError

FORGES = ("github", "gitlab", "sourcehut")
_REV = re.compile(r"[0-9a-fA-F]{40}")
_INDIRECT = re.compile(r"(?:flake:)?([a-zA-Z][a-zA-Z0-9_-]*)(?:/([^?#]+))?")
_SPLIT = re.compile(r"([^?#]*)(?:\?([^#]*))?(#.*)?", re.DOTALL)


def is_rev(text: str) -> bool:
    """Whether a text is the name of a commit, in full."""
    return _REV.fullmatch(text) is not None


class Reference(Struct, frozen=True):
    """A flake reference, in the pieces that it is written in.

    Attributes:
        base: what stands in front of `?`.
        query: the parameters behind it, `name=value` each, as they are written.
        fragment: `#` and what follows, or nothing.
    """

    base: str
    query: tuple[str, ...] = ()
    fragment: str = ""

    @classmethod
    def of(cls, text: str) -> Reference:
        """Take a reference apart; `str()` gives the same text back."""
        found = _SPLIT.fullmatch(text)
        if found is None:
            raise AssertionError("every text matches")
        return cls(found[1], tuple(found[2].split("&")) if found[2] is not None else (), found[3] or "")

    def __str__(self) -> str:
        return self.base + ("?" + "&".join(self.query) if self.query else "") + self.fragment

    # -- reading ------------------------------------------------------------------------------

    @property
    def kind(self) -> str:
        """`github`, `gitlab`, `sourcehut`, `git`, `hg`, `indirect`, `path`, or `file` for anything else."""
        scheme, colon, _ = self.base.partition(":")
        if not colon or scheme == "flake":
            return "indirect" if _INDIRECT.fullmatch(self.base) else "path"
        if scheme in FORGES or scheme == "path":
            return scheme
        return scheme.partition("+")[0] if scheme.partition("+")[0] in ("git", "hg") else "file"

    def parameter(self, name: str) -> str | None:
        """The value of a parameter, without its escapes; None if there is none."""
        for item in self.query:
            key, _, value = item.partition("=")
            if key == name:
                return unquote(value)
        return None

    @property
    def _segments(self) -> list[str]:
        """The path of a forge's reference: owner, repository, and the rest as one."""
        return self.base.partition(":")[2].split("/", 2)

    @property
    def _named(self) -> tuple[str | None, str | None]:
        """The branch or tag, and the commit, that the path itself names."""
        if self.kind in FORGES and len(self._segments) > 2:
            last = self._segments[2]
            return (None, last) if is_rev(last) else (last, None)
        match = _INDIRECT.fullmatch(self.base) if self.kind == "indirect" else None
        if match is None or match[2] is None:
            return None, None
        ref, _, rev = match[2].partition("/")
        return (None, ref) if is_rev(ref) and not rev else (ref, rev or None)

    @property
    def ref(self) -> str | None:
        """The branch or tag."""
        return self._named[0] or self.parameter("ref")

    @property
    def rev(self) -> str | None:
        """The commit."""
        return self._named[1] or self.parameter("rev")

    @property
    def name(self) -> str | None:
        """What people call it: the repository's name, or the id; None where the url does not say."""
        if self.kind in FORGES:
            found = self._segments[1] if len(self._segments) > 1 else ""
        elif self.kind in ("git", "hg"):
            found = self.base.rstrip("/").rpartition("/")[2].removesuffix(".git")
        elif self.kind == "indirect":
            match = _INDIRECT.fullmatch(self.base)
            found = match[1] if match is not None else ""
        else:
            found = ""
        found = re.sub(r"[^a-zA-Z0-9_-]+", "-", unquote(found)).strip("-")
        return found if found[:1].isalpha() else None

    # -- changing -----------------------------------------------------------------------------

    @property
    def pinnable(self) -> bool:
        """Whether a commit can be named in it."""
        if self.kind in FORGES:
            return len(self._segments) > 1
        return self.kind in ("git", "hg", "indirect")

    def with_parameter(self, name: str, value: str | None) -> Reference:
        """With a parameter in place of the one that it has, or behind the others; without it if None."""
        new = [] if value is None else [f"{name}={value}"]
        places = [index for index, item in enumerate(self.query) if item.partition("=")[0] == name]
        if not places:
            return replace(self, query=(*self.query, *new))
        return replace(self, query=(*self.query[: places[0]], *new, *self.query[places[0] + 1 :]))

    def _with_path(self, *last: str | None) -> Reference:
        """With other names behind the repository, or the id; those that are None are left out."""
        names = [name for name in last if name]
        if self.kind in FORGES:
            scheme = self.base.partition(":")[0]
            return replace(self, base=f"{scheme}:{'/'.join([*self._segments[:2], *names])}")
        return replace(self, base="/".join([self.base.partition("/")[0], *names]))

    def with_rev(self, rev: str) -> Reference:
        """At a commit. The branch stays where the form has room for both.

        Raises:
            NotStaticError: it can name none.
        """
        if not self.pinnable:
            raise NotStaticError(f"a reference of this kind names no commit: {str(self)!r}")
        if self.kind in ("git", "hg"):
            return self.with_parameter("rev", rev)
        plain = self.with_parameter("rev", None)
        if self.kind == "indirect":
            return plain._with_path(self.ref, rev)  # noqa: SLF001  # of its own kind
        return plain.with_parameter("ref", None)._with_path(rev)  # noqa: SLF001  # likewise

    def with_ref(self, ref: str) -> Reference:
        """At a branch or tag; a commit that it names goes."""
        plain = self.without_rev().without_ref()
        if self.kind in FORGES or self.kind == "indirect":
            return plain._with_path(ref)  # noqa: SLF001  # of its own kind
        return plain.with_parameter("ref", ref)

    def without_rev(self) -> Reference:
        """Without the commit."""
        plain = self.with_parameter("rev", None)
        return plain._with_path(self._named[0]) if self._named[1] else plain  # noqa: SLF001  # of its kind

    def without_ref(self) -> Reference:
        """Without the branch or tag."""
        plain = self.with_parameter("ref", None)
        return plain._with_path(self._named[1]) if self._named[0] else plain  # noqa: SLF001  # of its kind
