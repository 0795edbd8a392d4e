"""How large locked sources are, as far as they are in the Nix store of this machine; nothing is fetched."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import os
import subprocess
from collections.abc import Iterable, Mapping

from nixedit.errors import NixEditError
from nixedit.flake.lock import LockNode
from nixedit.nix import require_nix

# Nix's own alphabet (libutil/hash.cc): no e, o, t, u.
_ALPHABET = "0123456789abcdfghijklmnpqrsvwxyz"
_NAME = "source"


def store_path(nar_hash: str, store: str = "/nix/store") -> str | None:
    """Where Nix keeps a source; None for a hash that is no SHA-256.

    Nix manual, "Store path specification": the path of a fixed output that is hashed as an archive.

    Args:
        nar_hash: as in a lock, `sha256-` and the hash in base 64.
        store: the store's folder.
    """
    kind, _, encoded = nar_hash.partition("-")
    try:
        digest = base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return None
    if kind != "sha256" or len(digest) != 32:
        return None
    fingerprint = f"source:sha256:{digest.hex()}:{store}:{_NAME}"
    whole = hashlib.sha256(fingerprint.encode()).digest()
    folded = bytearray(20)
    for index, byte in enumerate(whole):
        folded[index % 20] ^= byte
    number = int.from_bytes(folded, "little")
    letters = [_ALPHABET[number >> 5 * index & 31] for index in range(31, -1, -1)]
    return f"{store}/{''.join(letters)}-{_NAME}"


def sizes(nodes: Iterable[LockNode]) -> Mapping[str, int]:
    """The size of each source that is in the store, in bytes, by the key of its node."""
    store = os.environ.get("NIX_STORE_DIR", "/nix/store")
    paths = {
        node.key: path
        for node in nodes
        if isinstance(node.locked.get("narHash"), str)
        and (path := store_path(node.locked["narHash"], store)) is not None
        and os.path.exists(path)
    }
    known = _asked(sorted(set(paths.values())))
    return {key: known[path] for key, path in paths.items() if path in known}


def _asked(paths: list[str]) -> dict[str, int]:
    """What Nix's database says of paths that are there."""
    if not paths:
        return {}
    try:
        words = [require_nix(), "--extra-experimental-features", "nix-command", "path-info", "--json", *paths]
        done = subprocess.run(words, capture_output=True, check=False)  # noqa: S603  # no shell
        found = json.loads(done.stdout)
    except (NixEditError, OSError, ValueError):
        return {}
    # Nix before 2.19 gives a list, later ones an object by path.
    items = found.items() if isinstance(found, dict) else ((item.get("path"), item) for item in found)
    return {path: item["narSize"] for path, item in items if item and isinstance(item.get("narSize"), int)}
