"""Why hosts cannot be edited that no `nixosSystem` call of the flake makes, and what to do by hand."""

from __future__ import annotations

from collections.abc import Sequence

from nixedit.errors import RefusedError
from nixedit.flake.flake import Flake
from nixedit.flake.frameworks import BY_OUTPUT, Framework, framework_of
from nixedit.flake.slots import Written, find_slot
from nixedit.flake.systems import NixosSystem, Unsupported
from nixedit.migrate.recipe import Recipe, module_of
from nixedit.resolve.fleet import Fleet
from nixedit.resolve.values import SetValue
from nixedit.syntax.snapshot import span_of


class Unmade:
    """Tells what makes the hosts of a flake.

    Args:
        flake: the flake.
        fleet: its evaluated outputs.
        recipe: what the hosts are to get.
    """

    def __init__(self, flake: Flake, fleet: Fleet, recipe: Recipe) -> None:
        self.flake, self.fleet, self.recipe = flake, fleet, recipe

    def shared(self, found: Sequence[object]) -> Written | None:
        """What the framework is given that makes the hosts, if that can hold overlays for all of them.

        Args:
            found: the hosts that were found, and what was found instead of hosts.
        """
        makers = [host.maker for host in found if isinstance(host, Unsupported) and host.maker is not None]
        framework = self.framework(makers) if found else self._of_outputs()
        return None if framework is None else find_slot(self.fleet, framework)

    def explained(self, host: Unsupported) -> RefusedError:
        """Why a host cannot be edited: what makes it, if that is known, and what to do by hand."""
        error = host.error
        framework = None if host.maker is None else self.framework([host.maker])
        if framework is not None:
            whose = "the hosts are" if host.name is None else f"host `{host.name}` is"
            error.message = f"{whose} made by {framework.name}, not by a call of `nixosSystem`"
            error.hint = framework.hint.format(f"[ {self.recipe.by_hand()} ]")
        error.hint = error.hint or f"by hand, a module for it: {module_of(self.recipe.by_hand())}"
        return error

    def no_hosts(self, others: Sequence[NixosSystem]) -> RefusedError:
        """Why a flake without hosts cannot be edited: a framework may make them where they are not seen.

        Args:
            others: its hosts of kinds that were not asked for.
        """
        framework = self._of_outputs()
        reason = "the flake has no `nixosConfigurations` that are written here"
        hint = f"by hand, a module for every host: {module_of(self.recipe.by_hand())}"
        kinds = sorted({str(other.kind.option) for other in others})
        if framework is not None:
            reason = f"the hosts are made by {framework.name}, not by a call of `nixosSystem`"
            hint = framework.hint.format(f"[ {self.recipe.by_hand()} ]")
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

    def beside(self) -> list[str]:
        """What is said where hosts of the flake's own stand beside those that a framework makes."""
        framework = self._of_outputs()
        if framework is None:
            return []
        hint = framework.hint.format(f"[ {self.recipe.by_hand()} ]")
        return [f"hosts that {framework.name} makes were not looked at: {hint}"]

    def _of_outputs(self) -> Framework | None:
        """The framework that makes hosts where none are seen: by modules of its own, or from an output."""
        outputs = self.fleet.outputs
        found = self.framework(self.fleet.foreign)
        for name in BY_OUTPUT:
            if isinstance(outputs, SetValue) and outputs.has(name):
                found = found or BY_OUTPUT[name]
        return found

    def framework(self, names: Sequence[str]) -> Framework | None:
        """The framework that one of some inputs is, or None."""
        inputs = self.flake.inputs
        return framework_of([inputs[name] for name in names if name in inputs])
