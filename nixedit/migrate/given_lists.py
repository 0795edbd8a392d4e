"""Lists of modules that a helper is given for hosts, where they are written: at each call, say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tree_sitter import Node

from nixedit.flake.systems import NixosSystem
from nixedit.grammar import F, K
from nixedit.migrate.names import InputsNames
from nixedit.resolve.values import Origin
from nixedit.syntax.nodes import field, holder

_Place = tuple[str, int]


class GivenLists:
    """Chooses lists.

    Args:
        hosts: the hosts that want one.
        users: which hosts of the flake, by their keys, evaluate each list, by file and position.
        inputs: finds the name of the inputs.
    """

    def __init__(
        self, hosts: Sequence[NixosSystem], users: Mapping[_Place, set[str]], inputs: InputsNames
    ) -> None:
        self.hosts, self.inputs = hosts, inputs
        found: dict[_Place, dict[NixosSystem, Origin]] = {}
        twice: set[_Place] = set()
        for host in hosts:
            for part in host.module_parts:
                if part.origin is None or not part.known or not _is_bound(part.origin.node):
                    continue
                place = (part.origin.file, part.origin.node.start_byte)
                if host in found.setdefault(place, {}):
                    twice.add(place)
                found[place][host] = part.origin
        self.lists = {
            place: origins
            for place, origins in found.items()
            if place not in twice and users[place] == {host.key for host in origins}
        }

    def covering(self) -> list[dict[NixosSystem, Origin]] | None:
        """Lists of which every host has exactly one, and that can name the inputs; None if there are none.

        Returns:
            each list, under the arguments that it has for each of its hosts.
        """
        chosen: list[dict[NixosSystem, Origin]] = []
        covered: set[NixosSystem] = set()
        for host in self.hosts:
            if host in covered:
                continue
            for origins in self.lists.values():
                alone = covered.isdisjoint(origins)
                if host in origins and alone and self.inputs.at(list(origins.values())) is not None:
                    chosen.append(origins)
                    covered |= set(origins)
                    break
            else:
                return None
        return chosen


def _is_bound(node: Node) -> bool:
    """Whether a list, alone or joined with others, is the value of an attribute: nothing else has it."""
    if node.kind_id != K.LIST:
        return False
    above = node.parent
    while above is not None and (
        above.kind_id in (K.PARENTHESIZED, K.LET, K.WITH)
        or (above.kind_id == K.BINARY and field(above, F.OPERATOR).type == "++")
    ):
        above = above.parent
    return above is not None and above.kind_id == K.BINDING and holder(above).kind_id == K.ATTRSET
