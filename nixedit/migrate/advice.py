"""What a fleet says of its hosts: what they ask for, who builds them, how old their nixpkgs is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fnmatch import fnmatchcase

from nixedit.detect.deployments import Deployment
from nixedit.detect.detection import Detection
from nixedit.detect.metadata import DEFAULT
from nixedit.detect.platforms import Platform
from nixedit.detect.proposals import Proposal
from nixedit.errors import RefusedError
from nixedit.flake.flake import Flake
from nixedit.flake.lock import Lock
from nixedit.flake.systems import NixosSystem
from nixedit.migrate.hardware import hardware_rules
from nixedit.migrate.recipe import Recipe
from nixedit.migrate.vintage import Vintage

# Answers a question of yes or no.
Ask = Callable[[str], bool]


class Advice:
    """What a fleet says of its hosts.

    Args:
        flake: the flake.
        hosts: its hosts.
        recipe: has the variants, and the rules.
        meta: where a host's own file of metadata stands.
        ask: asks a person; None where there is none.
    """

    def __init__(
        self,
        flake: Flake,
        hosts: Sequence[NixosSystem],
        recipe: Recipe,
        meta: str = DEFAULT,
        ask: Ask | None = None,
    ) -> None:
        rules = hardware_rules(recipe)
        self._hosts = {host.key: host for host in hosts}
        self._flake, self._recipe, self._ask = flake, recipe, ask
        self._detection = None if rules is None else Detection(flake, hosts, rules, recipe.variants, meta)

    def proposal(self, key: str) -> Proposal | None:
        """What is proposed for a host; None where the recipe has no rules for that.

        Raises:
            NixEditError: the host's own file of metadata is not understood.
        """
        return None if self._detection is None else self._detection.propose(self._hosts[key])

    def vintage(self, key: str) -> Vintage | None:
        """How old a host's nixpkgs is; None where flake.lock does not tell.

        Raises:
            OSError: flake.lock cannot be read.
            ParseError: Nix would not read it.
        """
        lock = self._flake.workspace.root / self._flake.folder / "flake.lock"
        if not lock.is_file():
            return None
        node = Lock.load(lock).resolve((self._hosts[key].package_set,))
        if node is None or node.last_modified is None:
            return None
        return Vintage.of(node.original.get("ref"), node.last_modified)

    def check_system(self, key: str, variant: str) -> None:
        """See to it that a variant is built for the system of a host, as far as both are known.

        Raises:
            RefusedError: it is not.
        """
        platform = None if self._detection is None else self._detection.platform(self._hosts[key])
        if platform is None or self._detection is None:
            return
        architecture = platform.system.partition("-")[0]
        for name, kinds in self._recipe.cpus.platforms.items():
            if name != architecture and any(variant.endswith(f"-{kind}") for kind in kinds.has):
                raise self._not_built(key, variant, f"a build for {name}", platform)
        systems = self._detection.rules.systems_of(variant)
        if systems is not None and platform.system not in systems:
            raise self._not_built(key, variant, f"built for {', '.join(sorted(systems))}", platform)

    def _not_built(self, key: str, variant: str, what: str, platform: Platform) -> RefusedError:
        return RefusedError(
            f"host `{key}`: `{variant}` is {what}, and the host is {platform.system} "
            f"({platform.path}:{platform.line})",
            path=str(self._flake.workspace.root / platform.path),
            hint="choose another variant",
        )

    def check_builder(self, key: str, variant: str) -> None:
        """See to it that a build for the CPU of its builder runs on that CPU.

        Raises:
            RefusedError: the host is built elsewhere, and nobody says that it is meant.
        """
        deployment = self._elsewhere(key, variant)
        if deployment is None:
            return
        reason = f"`{variant}` is for the CPU of the machine that builds it, and {deployment}"
        if self._ask is not None and self._ask(f"{key}: {reason}. Is it built on {key} all the same?"):
            return
        raise RefusedError(
            f"host `{key}`: {reason}",
            path=str(self._flake.workspace.root / deployment.path),
            hint=f"choose a variant for one kind of CPU, or say --allow-native if {key} builds it itself",
        )

    def _elsewhere(self, key: str, variant: str) -> Deployment | None:
        """What builds a host on another machine, where its variant is for the builder's CPU."""
        detection, host = self._detection, self._hosts.get(key)
        if detection is None or host is None:
            return None
        if not any(fnmatchcase(variant, pattern) for pattern in detection.rules.native):
            return None
        found = [one for one in detection.deployments if one.concerns(host) and one.sure]
        return found[0] if found else None
