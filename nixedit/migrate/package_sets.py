"""Package sets that a flake makes itself, `import nixpkgs { … }`: whose they are, and their overlays."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from msgspec import Struct

from nixedit.flake.systems import NixosSystem
from nixedit.layout.style import style_of
from nixedit.migrate.by_hand import ARGUMENT
from nixedit.migrate.module_lists import on_lines
from nixedit.migrate.recipe import Overlay
from nixedit.migrate.report import Done
from nixedit.operations import ops
from nixedit.resolve.properties import USUAL
from nixedit.resolve.values import Call, External, Origin, SetValue, Value
from nixedit.syntax.layers import Layers, Undecided, layers_of, lookup

if TYPE_CHECKING:
    from nixedit.migrate.splice import Spliced, Splicer

# A package set is made by nixpkgs itself: `import nixpkgs`, of an input or of its path.
_MADE_BY = "import"
_READ_ONLY = "readOnlyPkgs"

_INTO_SET = Done("overlays added to the package set", "its hosts have their packages from here")


class PackageSet(Struct, frozen=True, eq=False):
    """What `import nixpkgs` is given.

    Attributes:
        origin: the set that it is given, and the arguments of the functions that it stands in.
        value: its value.
        layers: where it is written.
    """

    origin: Origin
    value: SetValue
    layers: Layers

    @property
    def place(self) -> tuple[str, int]:
        """The file, and where it stands there."""
        return self.origin.file, self.origin.node.start_byte

    @property
    def overlays(self) -> Value | None:
        """Its overlays; None where it is given none."""
        return self.value.get("overlays")


def fixed_package_set(host: NixosSystem) -> PackageSet | None:
    """The package set that a host's modules have whatever they say of overlays.

    That is `specialArgs.pkgs`, a forced `_module.args.pkgs`, or `nixpkgs.pkgs` under the read-only module.

    Source: nixpkgs, lib/modules.nix and nixos/modules/misc/nixpkgs/read-only.nix.

    Args:
        host: the host.

    Returns:
        the set; None where there is none, and where it is not made by `import nixpkgs { … }`.
    """
    given = host.special_args.get("pkgs")
    if given is not None:
        return package_set_of(given.get())
    configuration = host.configuration
    path = ("nixpkgs", "pkgs") if _is_read_only(host) else ("_module", "args", "pkgs")
    found = [
        one
        for one in configuration.settings(path)
        if path[0] == "nixpkgs" or (one.definition.priority or USUAL) < USUAL
    ]
    return package_set_of(found[0].value) if len(found) == 1 and found[0].sure else None


def _is_read_only(host: NixosSystem) -> bool:
    """Whether a host surely has nixpkgs' read-only module."""
    return any(
        module.sure and isinstance(module.named, External) and module.named.names[-1] == _READ_ONLY
        for module in host.configuration.modules
    )


def users_of(made: PackageSet, hosts: Iterable[NixosSystem]) -> set[str]:
    """The hosts, by their keys, that have packages of a set, however they get it."""
    users = set()
    for host in hosts:
        given = host.argument.get("pkgs") if isinstance(host.argument, SetValue) else None
        own = (fixed_package_set(host), None if given is None else package_set_of(given))
        if any(one is not None and one.place == made.place for one in own):
            users.add(host.key)
    return users


def package_set_of(value: Value) -> PackageSet | None:
    """The package set that a value is; None where it is none, or not made by `import nixpkgs { … }`."""
    if not isinstance(value, Call) or value.function.names[-1] != _MADE_BY or len(value.arguments) != 1:
        return None
    given = value.arguments[0].get()
    if not isinstance(given, SetValue) or given.origin is None:
        return None
    layers = layers_of(given.origin.node)
    return PackageSet(given.origin, given, layers) if layers else None


def into_package_set(
    splicer: Splicer,
    hosts: Sequence[NixosSystem],
    missing: Sequence[Overlay],
    chosen: set[str],
    result: Spliced,
) -> None:
    """The overlays where the package set is made that the hosts have whatever their modules say."""
    first = hosts[0]
    hint = splicer.by_hand.anywhere().hint("by hand, where the packages are made", ARGUMENT)
    sets = [made for host in hosts if (made := fixed_package_set(host)) is not None]
    made = sets[0]
    if len(sets) < len(hosts) or any(other.place != made.place for other in sets):
        raise first.refusal("the hosts of this call have package sets of their own", None, hint=hint)
    if made.place in splicer.done:
        return
    splicer.refuse_others(first, users_of(made, splicer.systems) - chosen, "this package set", made.origin)
    every = [one for host in splicer.systems if (one := fixed_package_set(host)) is not None]
    put_into(splicer, first, [one for one in every if one.place == made.place], missing, result, _INTO_SET)
    result.modules.add(made.place)


def put_into(  # noqa: PLR0913, PLR0917  # what is put where, for whom, and how it is called
    splicer: Splicer,
    host: NixosSystem,
    sets: Sequence[PackageSet],
    missing: Sequence[Overlay],
    result: Spliced,
    done: Done,
) -> None:
    """The overlays where a package set is made.

    Args:
        splicer: knows how they are written.
        host: a host that has packages from it.
        sets: the set, once for each call of the functions that it stands in.
        missing: the overlays.
        result: gets what is done.
        done: what that is called.

    Raises:
        RefusedError: it cannot be done safely.
    """
    made = sets[0]
    lines = splicer.by_hand.at([one.origin for one in sets])
    hint = lines.hint("by hand, where the packages are made", ARGUMENT)
    try:
        found = lookup(made.origin.snapshot, made.layers, ("overlays",))
    except Undecided as undecided:
        raise host.refusal("its `overlays` may come from here", undecided.node, made.origin, hint) from None
    entry = None if found is None else found.entry
    value = None if entry is None else entry.value
    spot = made.origin.node if value is None else value
    name = splicer.inputs_at([one.origin.at(spot) for one in sets])
    if name is None:
        raise splicer.no_inputs(host, spot, made.origin)
    style = style_of(made.origin.snapshot)
    codes = [splicer.code(overlay, name, style.tight_set, made.origin.file) for overlay in missing]
    if found is None:
        operations: list[ops.Operation] | None = [
            ops.SetAttr(made.layers, ("overlays",), on_lines(codes, style))
        ]
    elif value is None:
        attr = None if entry is None else entry.attr
        raise host.refusal("its `overlays` are inherited here", attr, made.origin, hint)
    else:
        operations = splicer.extended(made.origin, value, codes)
    if operations is None:
        raise host.refusal("its `overlays` are computed within a line", value, made.origin, hint)
    splicer.record(result, made.origin.at(spot), operations, done, name)
