"""Flake references as URLs and as the attributes that flake.lock has: written, read, compared."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, unquote, urlencode

from nixedit.flake.lock import LockNode
from nixedit.flake.reference import FORGES, is_rev

_HOSTS = {"github": "github.com", "gitlab": "gitlab.com", "sourcehut": "git.sr.ht"}
_ARCHIVES = (".zip", ".tar", ".tgz", ".tar.gz", ".tar.xz", ".tar.bz2", ".tar.zst")
# What only says how something is fetched or what came of it, not what it is.
_RESULTS = frozenset({"narHash", "lastModified", "revCount", "lastModifiedDate", "__final", "parent"})


def url_of(attributes: Mapping[str, Any]) -> str:
    """The URL-like reference that Nix would write for attributes; "" if there are none.

    Args:
        attributes: those of `original` or `locked` in a lock; what a fetch found out is left out.
    """
    known = {key: value for key, value in attributes.items() if key not in _RESULTS}
    kind = str(known.pop("type", ""))
    if kind in FORGES:
        owner, repo = quote(str(known.pop("owner", ""))), str(known.pop("repo", ""))
        branch = known.pop("ref", None), known.pop("rev", None)
        return _with_query("/".join([f"{kind}:{_escaped(owner)}", repo, *_steps(*branch)]), known)
    if kind == "indirect":
        parts = [str(known.pop("id", "")), *_steps(known.pop("ref", None), known.pop("rev", None))]
        return _with_query("/".join(parts), known)
    if kind == "path":
        return _with_query(f"path:{known.pop('path', '')}", known)
    url = str(known.pop("url", ""))
    if kind in ("git", "hg"):
        return _with_query(url if url.startswith(f"{kind}:") else f"{kind}+{url}", known)
    if kind in ("tarball", "file"):
        plain = _is_archive(url) == (kind == "tarball") or kind == "tarball"
        known = {key: value for key, value in known.items() if key not in ("rev", "ref")}
        return _with_query(url if plain else f"{kind}+{url}", known)
    return _with_query(url, known)


def _escaped(owner: str) -> str:
    return owner.replace("/", "%2F")


def _steps(*values: Any) -> list[str]:
    return [quote(str(value)) for value in values if value]


def _with_query(url: str, rest: Mapping[str, Any]) -> str:
    pairs = [(key, _flag(value)) for key, value in sorted(rest.items()) if value not in (None, False)]
    if not pairs:
        return url
    return url + ("&" if "?" in url else "?") + urlencode(pairs, quote_via=quote, safe="/:")


def _flag(value: Any) -> str:
    return "1" if value is True else str(value)


def attributes_of(url: str, *, flake: bool = True) -> dict[str, Any] | None:
    """The attributes of a URL-like reference, as Nix stores them in `original`; None where it is no such.

    Args:
        url: the reference.
        flake: whether the input is a flake: an address without a known ending is an archive then,
            and one file otherwise.
    """
    head, _, query = url.partition("?")
    options: dict[str, Any] = dict(parse_qsl(query.partition("#")[0], keep_blank_values=True))
    options = {key: _option(key, value) for key, value in options.items()}
    scheme, colon, rest = head.partition(":")
    if scheme in FORGES:
        return _forge(scheme, rest, options)
    if scheme == "flake" or not colon:
        return _plain(rest if colon else head, options, indirect=scheme == "flake")
    if scheme == "path":
        return {"type": "path", "path": unquote(rest), **options}
    transport, _, inner = scheme.partition("+")
    if transport in ("git", "hg"):
        return {"type": transport, "url": f"{inner or transport}:{rest}", **options}
    if transport in ("tarball", "file") and inner:
        return {"type": transport, "url": _readdressed(f"{inner}:{rest}", options), **_dir(options)}
    if scheme in ("http", "https", "file"):
        kind = "tarball" if flake or _is_archive(head) else "file"
        return {"type": kind, "url": _readdressed(head, options), **_dir(options)}
    return None


def _option(key: str, value: str) -> Any:
    if key in ("submodules", "shallow", "allRefs", "lfs", "exportIgnore"):
        return value == "1"
    return int(value) if key in ("lastModified", "revCount") and value.isdigit() else value


def _dir(options: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in options.items() if key in ("dir", "narHash")}


def _readdressed(url: str, options: Mapping[str, Any]) -> str:
    """An address with those options that are the server's business."""
    own = {key: value for key, value in options.items() if key not in ("dir", "narHash")}
    return _with_query(url, own)


def _forge(kind: str, rest: str, options: Mapping[str, Any]) -> dict[str, Any] | None:
    owner, _, tail = rest.partition("/")
    repo, _, at = tail.partition("/")
    if not owner or not repo:
        return None
    found = {"type": kind, "owner": unquote(owner), "repo": unquote(repo), **options}
    if at:
        found["rev" if is_rev(at) else "ref"] = unquote(at)
    return found


def _plain(head: str, options: Mapping[str, Any], *, indirect: bool) -> dict[str, Any] | None:
    if head.startswith((".", "/")) and not indirect:
        return {"type": "path", "path": head, **options}
    first, *rest = head.split("/")
    if not first or len(rest) > 2:
        return None
    found = {"type": "indirect", "id": first, **options}
    for part in rest:
        found["rev" if is_rev(part) else "ref"] = part
    return found


def _is_archive(url: str) -> bool:
    return url.partition("?")[0].endswith(_ARCHIVES)


def identity(attributes: Mapping[str, Any]) -> str:
    """What a reference names, whatever its branch, revision or folder: `github:nixos/nixpkgs`.

    Owners and repositories are compared without case, as the forges do; a git address of a forge is that
    forge's repository, and so is an archive that the forge makes of it.
    """
    kind = attributes.get("type")
    if kind in FORGES:
        host = str(attributes.get("host") or _HOSTS[str(kind)])
        return _repository(host, f"{attributes.get('owner', '')}/{attributes.get('repo', '')}")
    if kind in ("git", "hg", "tarball", "file"):
        return _addressed(str(attributes.get("url", "")))
    return url_of({key: value for key, value in attributes.items() if key not in ("ref", "rev", "dir")})


def identity_of(node: LockNode) -> str:
    """The identity of a node of the lock; an indirect reference is what the registry made of it."""
    indirect = node.original.get("type") == "indirect" and node.locked
    return identity(node.locked if indirect else node.original)


def _repository(host: str, name: str) -> str:
    forge = next((kind for kind, known in _HOSTS.items() if known == host), None)
    plain = name.lower().removesuffix(".git")
    return f"{forge}:{plain}" if forge else f"{host}/{plain}"


def _addressed(url: str) -> str:
    address = url.partition("?")[0]
    host, _, path = address.partition("://")[2].rpartition("@")[2].partition("/")
    host = host.partition(":")[0].lower()
    if host in _HOSTS.values():
        owner, repo = [*path.split("/"), "", ""][:2]
        return _repository(host, f"{owner}/{repo}")
    if host == "api.github.com" and path.startswith("repos/"):
        return "github:" + "/".join(path.lower().split("/")[1:3])
    if host == "channels.nixos.org":
        return "github:nixos/nixpkgs"  # what it publishes
    if host == "flakehub.com" and path.startswith("f/"):
        return "github:" + "/".join(path.lower().split("/")[1:3])
    return address


def is_same(url: str, original: Mapping[str, Any], *, flake: bool = True) -> bool | None:
    """Whether a reference in flake.nix is the one that the lock was made from; None where that is not known.

    Args:
        url: the reference.
        original: the attributes of `original` in the lock.
        flake: whether the input is a flake.
    """
    own = attributes_of(url, flake=flake)
    if own is None:
        return None
    return _compared(own) == _compared(original)


def _compared(attributes: Mapping[str, Any]) -> dict[str, Any]:
    said = {key: value for key, value in attributes.items() if value not in (None, False)}
    return {key: value for key, value in said.items() if key not in _RESULTS}
