"""Binary caches that have what a variant is built from, added to what a host trusts."""

from __future__ import annotations

from collections.abc import Collection

from nixedit.attrpath import escape
from nixedit.containers import AttrSet, ListExpr
from nixedit.flake.module_list import ModuleList
from nixedit.flake.written_modules import Path
from nixedit.grammar import K
from nixedit.migrate.placing import Constant, Placed, Placer, elements_of
from nixedit.migrate.recipe import Cache
from nixedit.resolve.values import ListValue, Literal
from nixedit.text import decode

_SETTINGS = ("nix", "settings")
_URLS, _KEYS = "substituters", "trusted-public-keys"


class CachePlacer:
    """Adds caches to hosts.

    Args:
        placer: finds the places.
    """

    def __init__(self, placer: Placer) -> None:
        self.placer = placer

    def place(self, configuration: ModuleList, cache: Cache, same: Collection[str]) -> list[Placed]:
        """Have a host use a cache and trust its key; nothing where it does already.

        Args:
            configuration: the host.
            cache: the cache.
            same: the keys of all hosts that get it.

        Raises:
            RefusedError: there is no place for it.
        """
        found = []
        for name, text in ((_URLS, cache.url), (_KEYS, cache.key)):
            if not _has(configuration, name, text):
                path = self._list(configuration, same, name)
                code = Constant(f'"{escape(text)}"')
                found.append(self.placer.append(configuration, same, path, code))
        return found

    def _list(self, configuration: ModuleList, same: Collection[str], name: str) -> Path:
        """The option that the host lists caches in: the one that its own modules set already."""
        usual, extra = (*_SETTINGS, name), (*_SETTINGS, f"extra-{name}")
        for module in self.placer.own(configuration, same, usual):
            for path in (usual, extra):
                if module.definition(path) is not None:
                    return path
        return usual


def add_to_flake(attrs: AttrSet, cache: Cache) -> list[str]:
    """Add a cache to a flake's `nixConfig`, where that lists caches already.

    Args:
        attrs: the flake's own set; edits are recorded.
        cache: the cache.

    Returns:
        the options that got something.
    """
    found = []
    for name, text in ((_URLS, cache.url), (_KEYS, cache.key)):
        for option in (name, f"extra-{name}"):
            listed = attrs.get(("nixConfig", option))
            if not isinstance(listed, ListExpr):
                continue
            if text not in [element.to_python() for element in listed if element.kind == "string_expression"]:
                listed.append(text)
                found.append(f"nixConfig.{option}")
            break
    return found


def _has(configuration: ModuleList, name: str, text: str) -> bool:
    """Whether a host lists a text in an option of Nix, as far as that is known."""
    for option in (name, f"extra-{name}"):
        for value in configuration.values((*_SETTINGS, option)):
            if not isinstance(value, ListValue):
                continue
            for element in value.elements():
                if isinstance(element, Literal) and _same(str(element.value), text):
                    return True
        for module, written in configuration.definitions((*_SETTINGS, option)):
            for node in elements_of(module, written):  # where a function is called, its value is not known
                if node.kind_id == K.STRING and _same(decode(module.origin.snapshot.text(node))[1:-1], text):
                    return True
    return False


def _same(found: str, wanted: str) -> bool:
    return found.rstrip("/") == wanted.rstrip("/")
