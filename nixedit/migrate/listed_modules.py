"""The modules that hosts have in written lists: which list they stand in, and who else has it."""

from __future__ import annotations

from collections.abc import Sequence

from nixedit.flake.systems import NixosSystem
from nixedit.grammar import K
from nixedit.resolve.values import FunctionValue, Origin, SetValue
from nixedit.syntax.layers import layers_of
from nixedit.syntax.nodes import elements


def is_first(host: NixosSystem, module: Origin) -> bool:
    """Whether a module is the first in a host's list: NixOS applies its overlays after all others.

    Args:
        host: the host.
        module: the module.
    """
    part = next(iter(host.module_parts), None)
    if part is None or part.origin is None or not part.known or part.origin.file != module.file:
        return False
    written = elements(part.origin.node) if part.origin.node.kind_id == K.LIST else []
    return bool(written) and written[0] == module.node


def list_users(hosts: Sequence[NixosSystem]) -> dict[tuple[str, int], set[str]]:
    """Which hosts, by their keys, evaluate each written list of modules, by file and position.

    Args:
        hosts: the hosts.
    """
    users: dict[tuple[str, int], set[str]] = {}
    for host in hosts:
        for part in host.module_parts:
            if part.origin is not None:
                users.setdefault((part.origin.file, part.origin.node.start_byte), set()).add(host.key)
    return users


def written_modules(host: NixosSystem) -> list[tuple[tuple[str, int], Origin]]:
    """The modules that are written in lists, `{ … }` or `{ … }: { … }`, with the list of each.

    Args:
        host: the host whose modules they are.
    """
    found = []
    for part in host.module_parts:
        if part.origin is None or not part.known:
            continue
        place = (part.origin.file, part.origin.node.start_byte)
        written = elements(part.origin.node) if part.origin.node.kind_id == K.LIST else []
        for node, element in zip(written, part.elements, strict=False):
            value = element.get()
            if isinstance(value, SetValue | FunctionValue) and layers_of(node, functions=True):
                found.append((place, part.origin.at(node)))
    return found
