"""Reads the JSON of a flake.lock, and refuses with the place whatever Nix would refuse."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from nixedit.errors import ParseError
from nixedit.flake.json_places import place_of
from nixedit.flake.lock import InputPath, LockNode
from nixedit.text import Source, Span, encode

# Nix manual, "nix flake", section "Lock files": it writes 7 and reads 5 and 6.
_VERSIONS = range(5, 8)
_AGAIN = "`nix flake lock` writes it anew once it is gone"


def read(data: bytes, path: str | None) -> tuple[str, dict[str, LockNode], int]:
    """The key of the root, the nodes by key, and the version.

    Args:
        data: the file's content.
        path: what messages call it, or None.

    Raises:
        ParseError: Nix would not read it.
    """
    return _Reader(data, path).read()


class _Reader:
    """Reads one lock; every question of form is asked through `_object` and `_refuse`."""

    def __init__(self, data: bytes, path: str | None) -> None:
        self._data = data
        self._path = path
        self._text = ""

    def read(self) -> tuple[str, dict[str, LockNode], int]:
        document = self._document()
        version = document.get("version")
        if type(version) is not int or version not in _VERSIONS:
            raise self._refuse(
                f"version {json.dumps(version)} of the lock is none that Nix reads (5 to 7)", "version"
            )
        nodes = self._object(document, "nodes")
        root = document.get("root")
        if not isinstance(root, str) or root not in nodes:
            raise self._refuse("`root` names no node of the lock", "root")
        return root, {key: self._node(nodes, key) for key in nodes}, version

    def _document(self) -> Mapping[str, Any]:
        try:
            self._text = self._data.decode()
            found = json.loads(self._text)
        except UnicodeDecodeError as error:
            raise self._error("the lock is not UTF-8", Span(error.start, error.end)) from None
        except json.JSONDecodeError as error:
            at = len(encode(self._text[: error.pos]))
            raise self._error(f"the lock is no JSON: {_sentence(error.msg)}", Span(at, at)) from None
        except RecursionError:
            raise self._error("the lock is nested too deeply", Span(0, 0)) from None
        if not isinstance(found, dict):
            raise self._refuse("the lock is no JSON object")
        return found

    def _node(self, nodes: Mapping[str, Any], key: str) -> LockNode:
        node = self._object(nodes, key, "nodes")
        inputs = self._object(node, "inputs", "nodes", key, optional=True)
        return LockNode(
            key,
            {name: self._target(nodes, key, name, target) for name, target in inputs.items()},
            self._object(node, "original", "nodes", key, optional=True),
            # Version 5 kept the hash and the date beside the reference.
            {
                **self._object(node, "locked", "nodes", key, optional=True),
                **self._object(node, "info", "nodes", key, optional=True),
            },
            node.get("flake", True) is not False,
        )

    def _target(self, nodes: Mapping[str, Any], key: str, name: str, target: Any) -> str | InputPath:
        if isinstance(target, str):
            if target not in nodes:
                raise self._refuse(
                    f"the input `{name}` is the node `{target}`, which the lock does not have",
                    *("nodes", key, "inputs", name),
                )
            return target
        if isinstance(target, list) and all(isinstance(part, str) for part in target):
            return tuple(target)
        raise self._refuse(
            f"the input `{name}` is neither a node nor a path of inputs", "nodes", key, "inputs", name
        )

    def _object(
        self, holder: Mapping[str, Any], key: str, *above: str, optional: bool = False
    ) -> Mapping[str, Any]:
        found = holder.get(key, {} if optional else None)
        if not isinstance(found, dict):
            what = "is no object" if key in holder else "is missing"
            raise self._refuse(f"`{'.'.join((*above, key))}` {what}", *above, key)
        return found

    def _refuse(self, message: str, *place: str) -> ParseError:
        return self._error(message, place_of(self._text, place))

    def _error(self, message: str, span: Span) -> ParseError:
        return ParseError(message, path=self._path, source=Source(self._data), span=span, hint=_AGAIN)


def _sentence(message: str) -> str:
    """Python's words in the middle of a sentence."""
    return message[:1].lower() + message[1:]
