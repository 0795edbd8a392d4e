"""Detection over a whole fleet: a proposal for each of its hosts, and what builds them elsewhere."""

from __future__ import annotations

from collections.abc import Collection
from functools import cached_property
from typing import Any

from msgspec.structs import asdict

from nixedit.detect.deployments import Deployment, find_deployments
from nixedit.detect.metadata import DEFAULT, read_metadata
from nixedit.detect.platforms import Platform, platform_of
from nixedit.detect.proposals import Proposal, propose
from nixedit.detect.rules import Rules
from nixedit.flake.flake import Flake
from nixedit.flake.systems import NIXOS, NixosSystem


class Detection:
    """What a fleet says of its hosts. Each host is read once.

    Args:
        flake: the flake.
        hosts: its hosts, all those that deployments may name.
        rules: what is looked for and what it means.
        variants: the variants that there are.
        meta: where a host's own file of metadata stands, as `nixedit.detect.metadata.meta_fault` has it.
    """

    def __init__(
        self,
        flake: Flake,
        hosts: Collection[NixosSystem],
        rules: Rules,
        variants: Collection[str],
        meta: str = DEFAULT,
    ) -> None:
        self.flake, self.hosts, self.rules = flake, list(hosts), rules
        self.variants, self.meta = variants, meta

    @cached_property
    def deployments(self) -> list[Deployment]:
        """What builds hosts on other machines."""
        configurations = [host.configuration for host in self.hosts if host.kind == NIXOS]
        return find_deployments(self.flake, configurations)

    def platform(self, host: NixosSystem) -> Platform | None:
        """The platform of one of the hosts; None where it is not known."""
        return platform_of(host.configuration)

    def propose(self, host: NixosSystem) -> Proposal:
        """What is proposed for one of the hosts.

        Raises:
            NixEditError: its own file of metadata is not understood.
        """
        metadata = read_metadata(host, self.rules, self.variants, self.meta)
        return propose(host, self.rules, self.variants, metadata, self.deployments)

    def to_text(self) -> str:
        """All proposals for people, then what builds hosts elsewhere."""
        found = [self.propose(host).to_text() for host in self.hosts]
        found += [_line(deployment) for deployment in self.deployments]
        return "\n".join(found)

    def to_json(self) -> dict[str, Any]:
        """The same for programs."""
        return {
            "hosts": [self.propose(host).to_json() for host in self.hosts],
            "deployments": [asdict(deployment) for deployment in self.deployments],
        }


def _line(deployment: Deployment) -> str:
    whom = "every host, as far as is known" if deployment.hosts is None else ", ".join(deployment.hosts)
    how = " (the host itself builds)" if deployment.on_target else "" if deployment.sure else " (perhaps)"
    return f"{deployment.path}:{deployment.line} {deployment.tool} deploys {whom}{how}"
