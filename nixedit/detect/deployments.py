"""Deployments: what builds a fleet's hosts on another machine than the host itself, with its place.

Sources: deploy-rs, README, "API"; colmena, manual, "Deployment options"; nixinate, README; NixOS options
`nix.buildMachines` and `nix.distributedBuilds`; `nixos-rebuild(8)`, --target-host and --build-host.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from nixedit.detect.scripts import commands_of
from nixedit.flake.configuration import Configuration, Setting
from nixedit.flake.flake import Flake
from nixedit.flake.places import binding, written_of
from nixedit.flake.systems import NIXOS, NixosSystem
from nixedit.resolve.fleet import Fleet
from nixedit.resolve.values import Call, Literal, Origin, SetValue, Value

# What else stands in a hive than its hosts.
_OF_HIVE = ("meta", "network", "defaults")


class Deployment(Struct, frozen=True):
    """What builds hosts elsewhere, or may.

    Attributes:
        tool: what does.
        path: the file that says so, relative to the flake.
        line: the line, 1-based.
        hosts: the hosts that it concerns; None where that is not known: it may be all.
        sure: whether it is in use as far as the fleet says; a README may only speak of it.
        on_target: whether the host itself builds, as the tool is told; None where nothing is said.
    """

    tool: str
    path: str
    line: int
    hosts: tuple[str, ...] | None
    sure: bool = True
    on_target: bool | None = None

    def concerns(self, host: NixosSystem) -> bool:
        """Whether a host may be built elsewhere by it."""
        if self.on_target:
            return False
        return self.hosts is None or (host.kind == NIXOS and host.name in self.hosts)

    def __str__(self) -> str:
        verb = "builds it" if self.sure else "may build it"
        return f"{self.tool} {verb} on another machine ({self.path}:{self.line})"


def find_deployments(flake: Flake, configurations: Sequence[Configuration]) -> list[Deployment]:
    """What builds the hosts of a flake on other machines, as far as its files say.

    Args:
        flake: the flake.
        configurations: those of its hosts.
    """
    fleet = configurations[0].host.fleet if configurations else flake.evaluated()
    names = [one.host.name for one in configurations if one.host.kind == NIXOS]
    found = [*_deploy_rs(fleet), *_colmena(fleet), *_outputs(fleet)]
    for configuration in configurations:
        found += _of_host(configuration)
    found += _scripts(flake, names)
    unique = dict.fromkeys(found)
    return _joined(list(unique))


def _joined(found: Sequence[Deployment]) -> list[Deployment]:
    """Findings at one place as one, with all of its hosts."""
    places: dict[tuple[str, str, int, bool, bool | None], Deployment] = {}
    for one in found:
        key = (one.tool, one.path, one.line, one.sure, one.on_target)
        other = places.get(key)
        hosts = one.hosts
        if other is not None and hosts is not None and other.hosts is not None:
            hosts = tuple(dict.fromkeys((*other.hosts, *hosts)))
        elif other is not None:
            hosts = None
        places[key] = Deployment(one.tool, one.path, one.line, hosts, one.sure, one.on_target)
    return list(places.values())


# -- outputs ------------------------------------------------------------------------------------------


def _output(fleet: Fleet, *names: str) -> Value | None:
    value: Value | None = fleet.outputs
    for name in names:
        value = value.get(name) if isinstance(value, SetValue) else None
    return value


def _deploy_rs(fleet: Fleet) -> Iterator[Deployment]:
    nodes = _output(fleet, "deploy", "nodes")
    if nodes is None:
        return
    if not isinstance(nodes, SetValue) or not nodes.complete:
        yield from _at("deploy-rs", nodes.origin, None)
    everywhere = _flag(_output(fleet, "deploy", "remoteBuild"))
    for name, later in (nodes.attributes if isinstance(nodes, SetValue) else {}).items():
        node = later.get()
        profile = node
        for step in ("profiles", "system"):
            profile = (profile.get(step) if isinstance(profile, SetValue) else None) or profile
        flags = [_flag(value.get("remoteBuild")) for value in (profile, node) if isinstance(value, SetValue)]
        own = next((flag for flag in flags if flag is not None), everywhere)
        activated = profile.get("path") if isinstance(profile, SetValue) else None
        hosts = (_host_in(fleet, activated) or name,)
        yield from _at("deploy-rs", _bound(nodes, name) or node.origin, hosts, on_target=own)


def _host_in(fleet: Fleet, value: Value | None) -> str | None:
    """The host that an activation is made from: `activate.nixos self.nixosConfigurations.host`."""
    if not isinstance(value, Call):
        return None
    given = value.arguments[-1].get()
    if given.origin is None:
        return None
    for host in fleet.hosts()[0]:
        other = host.value.origin
        if host.value is given or (
            other is not None
            and (other.file, other.node.id) == (given.origin.file, given.origin.node.id)
            and other.arguments is given.origin.arguments
        ):
            return host.name
    return None


def _colmena(fleet: Fleet) -> Iterator[Deployment]:
    for output in ("colmena", "colmenaHive"):
        hive = _output(fleet, output)
        if isinstance(hive, Call):  # `colmena.lib.makeHive { … }`
            hive = hive.arguments[0].get()
        if hive is None:
            continue
        if not isinstance(hive, SetValue):
            yield from _at("colmena", hive.origin, None)
            continue
        for name, later in hive.attributes.items():
            if name not in _OF_HIVE:
                place = _bound(hive, name) or hive.origin
                yield from _at("colmena", place, (name,), on_target=_of_node(later.get()))
        if not hive.complete:
            yield from _at("colmena", hive.origin, None)


def _bound(found: Value, name: str) -> Origin | None:
    """Where a set binds a name."""
    return binding(written_of(found), name)[0] if isinstance(found, SetValue) else None


def _of_node(node: Value) -> bool | None:
    """Whether a node of a hive, a module, says that it is built on its target."""
    for name in ("deployment", "buildOnTarget"):
        found = node.get(name) if isinstance(node, SetValue) else None
        if found is None:
            return None
        node = found
    return _flag(node)


def _outputs(fleet: Fleet) -> Iterator[Deployment]:
    """Outputs that only the program of a tool reads."""
    for name, tool in (("nixopsConfigurations", "nixops"), ("cachix-deploy", "cachix deploy")):
        found = _output(fleet, name)
        if found is not None:
            yield from _at(tool, found.origin, None)


# -- hosts --------------------------------------------------------------------------------------------


def _of_host(configuration: Configuration) -> Iterator[Deployment]:
    """What a host's own modules say."""
    host = configuration.host
    if host.kind != NIXOS:
        return
    for path, tool in (
        (("nix", "buildMachines"), "nix.buildMachines"),
        (("nix", "distributedBuilds"), "nix.distributedBuilds"),
        (("nix", "settings", "builders"), "nix.settings.builders"),
        (("services", "cachix-agent", "enable"), "cachix deploy"),
    ):
        for setting in configuration.settings(path):
            if _is_on(setting):
                yield from _at(tool, setting.definition.place, (host.name,), sure=setting.sure)
    for setting in configuration.settings(("_module", "args", "nixinate")):
        value = setting.value
        where = value.get("buildOn") if isinstance(value, SetValue) else None
        on_target = None if where is None else isinstance(where, Literal) and where.value == "remote"
        place = value.origin or setting.definition.place
        yield from _at("nixinate", place, (host.name,), on_target=True if where is None else on_target)
    for _, setting in configuration.below(("deployment",)):
        yield from _at("colmena", setting.definition.place, (host.name,), sure=False)
        break


def _is_on(setting: Setting) -> bool:
    """Whether a setting is anything but `false` or an empty list."""
    value = setting.value
    if isinstance(value, Literal):
        return bool(value.value)
    parts = getattr(value, "parts", None)
    return parts is None or any(part.elements or not part.known for part in parts)


# -- scripts ------------------------------------------------------------------------------------------


def _scripts(flake: Flake, names: Sequence[str]) -> Iterator[Deployment]:
    root = flake.workspace.root / flake.folder
    for command in commands_of(root):
        named = [name for name in command.hosts if name in names]
        hosts = tuple(named) if named and len(named) == len(command.hosts) else None
        yield Deployment(command.tool, command.path, command.line, hosts, command.sure, command.on_target)


def _flag(value: Value | None) -> bool | None:
    return value.value if isinstance(value, Literal) and isinstance(value.value, bool) else None


def _at(
    tool: str,
    place: Origin | None,
    hosts: tuple[str, ...] | None,
    *,
    sure: bool = True,
    on_target: bool | None = None,
) -> Iterator[Deployment]:
    file, line = ("flake.nix", 1) if place is None else (place.file, place.line)
    yield Deployment(tool, file, line, hosts, sure, on_target)
