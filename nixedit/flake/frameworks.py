"""Frameworks that make hosts without a `nixosSystem` call of the flake, and where each takes overlays."""

from __future__ import annotations

import re
from collections.abc import Iterable

from attrs import frozen

from nixedit.flake.inputs import Input


@frozen
class Framework:
    """A framework.

    Attributes:
        name: what people call it.
        repository: the repository of the input that it is, with its owner if many have that name.
        hint: what a person does to give all of its hosts overlays; `{}` stands for the list of them.
    """

    name: str
    repository: str
    hint: str


_BETWEEN = re.compile(r"\.git\b|[/:?#]+")
_EVERY_HOST = "by hand, in a module that every host imports and that gets `inputs`: nixpkgs.overlays = {};"
_COLMENA = Framework(
    "colmena",
    "colmena",
    "by hand, in the hive's `defaults`, a module: {{ nixpkgs.overlays = {}; }}",
)
FRAMEWORKS = (
    Framework("snowfall-lib", "snowfallorg/lib", "by hand, in what its `mkFlake` is given: overlays = {};"),
    Framework(
        "flake-utils-plus",
        "flake-utils-plus",
        "by hand, in what its `mkFlake` is given: sharedOverlays = {};",
    ),
    Framework("digga", "digga", "by hand, in what its `mkFlake` is given: sharedOverlays = {};"),
    Framework("lite-config", "lite-config", "by hand: lite-config.nixpkgs.overlays = {};"),
    Framework(
        "easy-hosts",
        "easy-hosts",
        "by hand: easy-hosts.shared.modules = [ {{ nixpkgs.overlays = {}; }} ];",
    ),
    Framework(
        "ez-configs",
        "ez-configs",
        f"{_EVERY_HOST} (it does with ezConfigs.globalArgs = {{{{ inherit inputs; }}}};)",
    ),
    Framework(
        "nixos-unified",
        "nixos-unified",
        f"{_EVERY_HOST} (they get it as `flake.inputs`)",
    ),
    Framework("nixos-flake", "nixos-flake", f"{_EVERY_HOST} (they get it as `flake.inputs`)"),
    _COLMENA,
    Framework("blueprint", "blueprint", _EVERY_HOST),
    Framework("clan", "clan-core", _EVERY_HOST),
    Framework("hive", "divnix/hive", _EVERY_HOST),
    Framework("std", "divnix/std", _EVERY_HOST),
    Framework("den", "den", _EVERY_HOST),
)
# Outputs that a framework's own program reads, without an input that says so.
BY_OUTPUT = {"colmena": _COLMENA, "colmenaHive": _COLMENA}


def framework_of(inputs: Iterable[Input]) -> Framework | None:
    """The framework that one of some inputs is, or None."""
    references = [_reference(found) for found in inputs]
    for framework in FRAMEWORKS:
        if any(f"/{framework.repository}/" in reference for reference in references):
            return framework
    return None


def _reference(found: Input) -> str:
    """The pieces of an input's reference, each between slashes."""
    attributes = found.attributes
    text = found.url or f"{attributes.get('owner')}/{attributes.get('repo')}"
    return f"/{_BETWEEN.sub('/', text.lower())}/"
