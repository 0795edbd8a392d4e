"""What hosts are called: by their keys, and by a person, who may say their own names."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from os import PathLike

from msgspec.structs import replace

from nixedit.errors import NixEditError, did_you_mean
from nixedit.flake.systems import NixosSystem, Unsupported
from nixedit.migrate.options import Options
from nixedit.migrate.report import HostReport


def key_of(name: str, known: Mapping[str, str], path: str | PathLike[str] | None = None) -> str:
    """The key of the host that a person means: `darwinConfigurations.mac` is `mac` too.

    Args:
        name: what the person said.
        known: the own names of all hosts, by their keys.
        path: the file that an error names.

    Raises:
        NixEditError: there is no such host, or there are several.
    """
    if name in known:
        return name
    same = [key for key, own in known.items() if own == name]
    if len(same) == 1:
        return same[0]
    hint = f"there are: {', '.join(same)}" if same else did_you_mean(name, known)
    raise NixEditError(f"the flake has no host `{name}` ({hint})", path=path)


def with_keys(
    options: Options, found: Sequence[NixosSystem | Unsupported], path: str | PathLike[str] | None
) -> Options:
    """The options with the keys of the hosts that are named.

    Args:
        options: what a person chose.
        found: the hosts.
        path: the file that an error names.

    Raises:
        NixEditError: a named host does not exist, or there are several.
    """
    known = {
        key: host.name or key
        for host in found
        if (key := key_found(host)) is not None and report_of(host).named
    }

    def keys(names: Sequence[str]) -> tuple[str, ...]:
        return tuple(key_of(name, known, path) for name in names)

    return replace(options, hosts=keys(options.hosts), exclude=keys(options.exclude))


def report_of(host: NixosSystem | Unsupported) -> HostReport:
    """A report on a host, with nothing in it yet."""
    if isinstance(host, Unsupported):
        return HostReport(host.name or "other hosts", named=host.name is not None)
    name = host.key if host.named else f"{host.key} (a computed name)"
    return HostReport(name, named=host.named, output=host.kind.output)


def key_found(host: NixosSystem | Unsupported) -> str | None:
    """The key of a host; None where its name is not known."""
    return host.name if isinstance(host, Unsupported) else host.key
