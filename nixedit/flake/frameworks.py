"""Frameworks that make hosts without a `nixosSystem` call of the flake, and where each takes overlays."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

from nixedit.flake.inputs import Input


class Slot(Struct, frozen=True):
    """Where a framework takes overlays for all of its hosts.

    Attributes:
        path: the attribute of what it is given: a list of overlays, of modules, or a module.
        kind: `overlays`, `modules` or `module`: what stands there.
        function: the framework's function whose last argument has it, or which the framework itself is;
            None for an option of flake-parts.
        output: the flake's output that is the argument instead.
    """

    path: tuple[str, ...]
    kind: str
    function: str | None = None
    output: str | None = None


class Framework(Struct, frozen=True):
    """A framework.

    Attributes:
        name: what people call it.
        repositories: the repositories of the input that it is, each with its owner if many have that name.
        hint: what a person does to give all of its hosts overlays; `{}` stands for the list of them, and
            what is to be written comes last.
        slot: where they can be written, if there is such a place.
        inputs: what the flake's inputs are called where the hint says.
    """

    name: str
    repositories: tuple[str, ...]
    hint: str
    slot: Slot | None = None
    inputs: str = "inputs"


_BETWEEN = re.compile(r"\.git\b|[/:?#]+")
_SETTING = "nixpkgs.overlays = {};"
_IN_EVERY_HOST = "by hand, in a module that every host imports and that gets `inputs`"
_EVERY_HOST = f"{_IN_EVERY_HOST}: {_SETTING}"
_WITH_FLAKE = f"by hand, in a module that every host imports and that gets `flake`: {_SETTING}"
_COLMENA = Framework(
    "colmena",
    ("colmena",),
    "by hand, in the hive's `defaults`, a module: {{ nixpkgs.overlays = {}; }}",
    # src/nix/hive/eval.nix: every node has the module `defaults`.
    Slot(("defaults",), "module", output="colmena"),
)
FRAMEWORKS = (
    Framework(
        "snowfall-lib",
        ("snowfallorg/lib", "snowfall-lib"),
        "by hand, in what its `mkFlake` is given: overlays = {};",
        # snowfall-lib/flake/default.nix: they go to the channel that all hosts take their packages from.
        Slot(("overlays",), "overlays", function="mkFlake"),
    ),
    Framework(
        "flake-utils-plus",
        ("flake-utils-plus",),
        "by hand, in what its `mkFlake` is given: sharedOverlays = {};",
        # lib/mkFlake.nix: they go to every channel, before the channel's own.
        Slot(("sharedOverlays",), "overlays", function="mkFlake"),
    ),
    Framework(
        "digga",
        ("digga",),
        "by hand, in what its `mkFlake` is given: sharedOverlays = {};",
        # It gives its arguments to flake-utils-plus.
        Slot(("sharedOverlays",), "overlays", function="mkFlake"),
    ),
    Framework(
        "flakelight",
        ("flakelight",),
        "by hand, in the module that it is given: withOverlays = {};",
        # builtinModules/propagationModule.nix: every host gets them, and so do the flake's packages.
        Slot(("withOverlays",), "overlays", function="mkFlake"),
    ),
    Framework(
        "lite-config",
        ("lite-config",),
        "by hand: lite-config.nixpkgs.overlays = {};",
        # flake-module.nix: every host has the one package set that is made with them.
        Slot(("lite-config", "nixpkgs", "overlays"), "overlays"),
    ),
    Framework(
        "easy-hosts",
        ("easy-hosts",),
        "by hand: easy-hosts.shared.modules = [ {{ nixpkgs.overlays = {}; }} ];",
        # flake-module.nix: every host of every class has them.
        Slot(("easy-hosts", "shared", "modules"), "modules"),
    ),
    Framework(
        "ez-configs",
        ("ez-configs",),
        f"{_IN_EVERY_HOST} (ezConfigs.globalArgs = {{{{ inherit inputs; }}}} does that): {_SETTING}",
    ),
    Framework(
        "nixos-unified",
        ("nixos-unified",),
        _WITH_FLAKE,
        inputs="flake.inputs",
    ),
    Framework("nixos-flake", ("nixos-flake",), _WITH_FLAKE, inputs="flake.inputs"),
    _COLMENA,
    Framework("blueprint", ("blueprint",), _EVERY_HOST),
    Framework("clan", ("clan-core",), _EVERY_HOST),
    Framework("hive", ("divnix/hive",), _EVERY_HOST),
    Framework("std", ("divnix/std",), _EVERY_HOST),
    Framework("den", ("den",), _EVERY_HOST),
)
# flake-file writes flake.nix anew from an option of flake-parts (flake-file, modules/options).
FLAKE_FILE = Framework("flake-file", ("flake-file",), "", Slot(("flake-file", "inputs"), "inputs"))
# Outputs that a framework's own program reads, without an input that says so.
BY_OUTPUT = {"colmena": _COLMENA, "colmenaHive": _COLMENA}


def framework_of(inputs: Iterable[Input]) -> Framework | None:
    """The framework that one of some inputs is, or None."""
    references = [_reference(found) for found in inputs]
    for framework in FRAMEWORKS:
        if any(f"/{name}/" in reference for name in framework.repositories for reference in references):
            return framework
    return None


def _reference(found: Input) -> str:
    """The pieces of an input's reference, each between slashes."""
    attributes = found.attributes
    text = found.url or f"{attributes.get('owner')}/{attributes.get('repo')}"
    return f"/{_BETWEEN.sub('/', text.lower())}/"
