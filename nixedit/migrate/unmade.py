"""Why hosts cannot be edited that no `nixosSystem` call of the flake makes, and what to do by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nixedit.errors import RefusedError
from nixedit.flake.flake import Flake
from nixedit.flake.frameworks import BY_OUTPUT, Framework, framework_of
from nixedit.flake.systems import NIXOS, NixosSystem, Unsupported
from nixedit.migrate.by_hand import LIST, MODULE, ByHand
from nixedit.resolve.fleet import Fleet
from nixedit.resolve.values import SetValue
from nixedit.syntax.snapshot import span_of

if TYPE_CHECKING:
    from nixedit.flake.slots import Written

_FOR_HOST = "by hand, a module for it"
_FOR_EVERY_HOST = "by hand, a module for every host"
# Source: nixpkgs, nixos/lib/eval-config.nix: every system can be made anew with modules more.
_EXTENDED = ", given to what makes {} or to {} `extendModules`"


class Unmade:
    """Tells what makes the hosts of a flake.

    Args:
        flake: the flake.
        fleet: its evaluated outputs.
    """

    def __init__(self, flake: Flake, fleet: Fleet) -> None:
        self.flake, self.fleet = flake, fleet

    def shared(self, found: Sequence[object]) -> Written | None:
        """What the framework is given that makes the hosts, if that can hold overlays for all of them.

        Args:
            found: the hosts that were found, and what was found instead of hosts.
        """
        makers = [host.maker for host in found if isinstance(host, Unsupported) and host.maker is not None]
        framework = self.framework(makers) if found else self._of_outputs()
        if framework is None:
            return None
        from nixedit.flake.slots import find_slot

        return find_slot(self.fleet, framework)

    def explained(self, host: Unsupported, by_hand: ByHand) -> RefusedError:
        """Why a host cannot be edited: what makes it, if that is known, and what to do by hand."""
        error = host.error
        framework = None if host.maker is None else self.framework([host.maker])
        if framework is not None:
            whose = "the hosts are" if host.name is None else f"host `{host.name}` is"
            error.message = f"{whose} made by {framework.name}, not by a call of `nixosSystem`"
            error.hint = _hint(framework, by_hand)
        if not error.hint:
            lines = by_hand.anywhere() if host.origin is None else by_hand.at([host.origin])
            error.hint = lines.hint(_what(host), MODULE)
        return error

    def no_hosts(self, by_hand: ByHand, others: Sequence[NixosSystem]) -> RefusedError:
        """Why a flake without hosts cannot be edited: a framework may make them where they are not seen.

        Args:
            by_hand: how a person writes the recipe's overlays here.
            others: its hosts of kinds that were not asked for.
        """
        framework = self._of_outputs()
        reason = "the flake has no `nixosConfigurations` that are written here"
        hint = by_hand.anywhere().hint(_FOR_EVERY_HOST, MODULE)
        kinds = sorted({str(other.kind.option) for other in others})
        if framework is not None:
            reason = f"the hosts are made by {framework.name}, not by a call of `nixosSystem`"
            hint = _hint(framework, by_hand)
        elif kinds:
            words = " ".join(f"--include {kind}" for kind in kinds)
            hint = f"{words} takes in {', '.join(other.key for other in others)}"
        elif self.fleet.foreign:
            makers = ", ".join(f"`{name}`" for name in dict.fromkeys(self.fleet.foreign))
            reason = f"{reason}; modules of {makers} may make them"
        document = self.flake.document
        return RefusedError(
            reason,
            path=document.path,
            source=document.source,
            span=span_of(self.flake.outputs.body),
            hint=hint,
        )

    def beside(self, by_hand: ByHand) -> list[str]:
        """What is said where hosts of the flake's own stand beside those that a framework makes."""
        framework = self._of_outputs()
        if framework is None:
            return []
        return [f"hosts that {framework.name} makes were not looked at: {_hint(framework, by_hand)}"]

    def _of_outputs(self) -> Framework | None:
        """The framework that makes hosts where none are seen: by modules of its own, or from an output."""
        outputs = self.fleet.outputs
        found = self.framework(self.fleet.foreign)
        for name in BY_OUTPUT:
            if isinstance(outputs, SetValue) and outputs.has(name):
                found = found or BY_OUTPUT[name]
        return found

    def framework(self, names: Sequence[str]) -> Framework | None:
        """The framework that one of some inputs is, or whose modules make an output `self.<its name>`."""
        inputs = self.flake.inputs
        found = framework_of([inputs[name] for name in names if name in inputs])
        modules = framework_of([inputs[name] for name in self.fleet.foreign if name in inputs])
        if found is None and modules is not None and f"self.{modules.name}" in names:
            return modules
        return found


def _what(host: Unsupported) -> str:
    """What a host gets that nobody knows how it is made, or all of them."""
    what, words = (_FOR_EVERY_HOST, ("them", "their")) if host.name is None else (_FOR_HOST, ("it", "its"))
    return what + _EXTENDED.format(*words) if host.kind == NIXOS else what


def _hint(framework: Framework, by_hand: ByHand) -> str:
    """What a person does to give all hosts of a framework the overlays."""
    return framework.hint.format(by_hand.anywhere(framework.inputs).form(LIST))
