"""What a host's configuration is, as far as its modules say so: definitions of options, and `config` itself.

A value of `config` is known only where the fleet's own modules settle it. What modules of NixOS or of an
input define is not read, nor what is computed: they are taken not to force what the fleet sets at the usual
priority.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from msgspec import Struct

from nixedit.flake.arguments import Arguments, Attributes
from nixedit.flake.declarations import Declaration, declarations
from nixedit.flake.definitions import Definition, definitions, inside
from nixedit.flake.systems import NixosSystem
from nixedit.resolve.module_tree import Module, modules_of
from nixedit.resolve.properties import USUAL
from nixedit.resolve.values import (
    Extended,
    Later,
    Literal,
    SetValue,
    Unknown,
    Value,
)

Path = tuple[str, ...]
# No option stands deeper: a set that has itself within it goes on for ever.
_DEEPEST = 10
# Options whose values are merged as sets: what `mkForce` says within them is not heard there.
# Source: nixpkgs, nixos/modules/misc/nixpkgs.nix, `mergeConfig`.
_UNTYPED = (("nixpkgs", "config"),)
# Options of NixOS whose value is the string that they are given; others make sets or lines of theirs.
_TEXTS = (("networking", "hostName"), ("networking", "domain"))


class Setting(Struct, frozen=True, eq=False):
    """A definition that counts for a host, unless one of its doubts comes true.

    Attributes:
        definition: the definition.
        rival: a definition that is not sure and would override it, or None.
    """

    definition: Definition
    rival: Definition | None = None

    @property
    def value(self) -> Value:
        """What the option is given."""
        return self.definition.value

    @property
    def sure(self) -> bool:
        """Whether the host surely has it."""
        return self.definition.sure and self.rival is None


class _Read(Value, frozen=True):
    """Modules as a value: asked for while they are being read, they are not known."""

    modules: Sequence[Module]


class _Settings(Value, frozen=True):
    """Settings as a value: those that were found while others were not known are looked for again."""

    settings: list[Setting]


class Configuration:
    """The configuration of a host.

    Args:
        host: the host.

    Attributes:
        host: as given.
        arguments: what its modules can be called with, as far as it is known.
    """

    def __init__(self, host: NixosSystem) -> None:
        self.host = host
        self.arguments = Arguments(self)
        self._read = Later(self._modules)
        self._values: dict[Path, Later] = {}
        self._settings: dict[Path, Later] = {}
        self._ranked: dict[Path, bool] = {}

    @property
    def modules(self) -> Sequence[Module]:
        """Its modules and all that they import."""
        read = self._read.get()
        return read.modules if isinstance(read, _Read) else ()

    def _modules(self) -> Value:
        host = self.host
        host.fleet.evaluator.steps = 0  # its bound is for a host: many hosts are no endless evaluation
        found = modules_of(host.fleet, host.module_parts, self.arguments)
        return _Read(None, found)

    # -- definitions --------------------------------------------------------------------------

    def settings(self, path: Path) -> list[Setting]:
        """The definitions of an option that count: those of the strongest priority, and what may be stronger.

        Vague ones are left out: `vague` has them.
        """
        later = self._settings.get(path)
        if later is None:
            later = self._settings[path] = Later(lambda: _Settings(None, self._counting(path)))
        found = later.get()
        return found.settings if isinstance(found, _Settings) else []

    def _counting(self, path: Path) -> list[Setting]:
        within = next((option for option in _UNTYPED if path[: len(option)] == option != path), None)
        if within is None:
            return list(_surviving([one for one in self._decided(path) if not one.is_vague]))
        return list(self._within(within, path[len(within) :]))

    def _within(self, option: Path, path: Path) -> Iterator[Setting]:
        """The settings in the value of an option that is a set: of two values the order decides."""
        found = [
            (decided, setting.rival)
            for setting in self.settings(option)
            for one in inside(setting.definition, path)
            if (decided := one.decided()) is not None and not one.is_vague
        ]
        for one, rival in found:
            others = [other for other, _ in found if other is not one]
            unlike = (other for other in others if not _agree([one.value, other.value]))
            yield Setting(one, rival or next(unlike, None))

    def vague(self, path: Path) -> list[Definition]:
        """Computed values among the modules that may as well define an option as not."""
        return [one for one in self._decided(path) if one.is_vague]

    def below(self, path: Path) -> Iterator[tuple[Path, Setting]]:
        """The definitions that count of all options below a path."""
        names: dict[str, None] = {}
        for definition in self._decided(path):
            if isinstance(definition.value, SetValue) and not definition.is_vague:
                names.update(dict.fromkeys(definition.value.attributes))
        for one in self.settings(path):
            if not isinstance(one.value, SetValue):
                yield path, one
        for name in names if len(path) < _DEEPEST else ():
            yield from self.below((*path, name))

    def _definitions(self, path: Path) -> Iterator[Definition]:
        for module in self.modules:
            yield from definitions(module, path)

    def _decided(self, path: Path) -> Iterator[Definition]:
        for one in self._definitions(path):
            if (decided := one.decided()) is not None:
                yield decided

    # -- `config` -----------------------------------------------------------------------------

    def value(self, path: Path) -> Value:
        """The value that `config` has at a path."""
        found = self._values.get(path)
        if found is None:
            found = self._values[path] = Later(lambda: self._value(path))
        return found.get()

    def has(self, path: Path) -> bool:
        """Whether `config` surely has something at a path."""
        if declarations(self.host.fleet.evaluator, self.modules, path):
            return True
        every = list(self._definitions(path))
        if any(one.sure for one in every):
            return True
        guarded = (one.decided() for one in every if one.guards)
        return any(one is not None and one.sure for one in guarded)

    def _value(self, path: Path) -> Value:
        if not isinstance(self._read.get(), _Read):
            return Unknown(None, "the modules are not read yet")
        if len(path) > 1:
            around = self.value(path[:-1])
            if not isinstance(around, Extended):  # within an option, whose type says what `mkIf` means there
                found = around.get(path[-1]) if isinstance(around, SetValue) else None
                return Unknown(around.origin, "it may not be there") if found is None else found
        declared = declarations(self.host.fleet.evaluator, self.modules, path)
        options = [one for one in declared if isinstance(one, Declaration)]
        if len(options) == 1 and len(declared) == 1:
            return self._option(path, options[0])
        return self._undeclared(path)

    def _undeclared(self, path: Path) -> Value:
        """The value of an option of NixOS or an input, or of a set of options: what nothing can change."""
        every = list(self._definitions(path))
        found = [] if any(isinstance(one.value, SetValue) for one in every) else self.settings(path)
        if not found:
            return Extended(None, ("config", *path), Attributes(self, path))
        if any(self._is_ranked(path[:length]) for length in range(1, len(path))):
            return Unknown(found[0].definition.place, "a set around it has a priority of its own")
        known = [one for one in found if one.sure and _priority(one) <= USUAL]
        values = {_plain(one.value) for one in known}
        if len(values) == 1 and (isinstance(next(iter(values)), bool) or path in _TEXTS):
            return known[0].value
        return Unknown(found[0].definition.place, "it is what an option makes of its definitions")

    def _is_ranked(self, path: Path) -> bool:
        """Whether a whole set is defined with a priority of its own: it may be an option, or hold some."""
        found = self._ranked.get(path)
        if found is None:
            every = self._definitions(path)
            found = self._ranked[path] = any(one.priority != USUAL for one in every if not one.is_vague)
        return found

    def _option(self, path: Path, option: Declaration) -> Value:
        """The value of an option that the fleet declares."""
        place = option.origin
        if option.is_tree:
            return Extended(place, ("config", *path), Attributes(self, path))
        found = self.settings(path)
        sure = [one for one in found if one.definition.sure]
        unsure = [one.value for one in found if not one.sure]
        if not sure:
            sealed = not any(module.is_unknown for module in self.modules) and not self.vague(path)
            if option.default is None or not sealed or not _agree([option.default, *unsure]):
                return Unknown(place, "its option may have its default")
            return option.default
        if all(_plain(one.value) is not None for one in sure):
            rivals = [one.rival.value for one in sure if one.rival is not None]
            if option.is_scalar and _agree([*(one.value for one in sure), *rivals]):
                return sure[0].value
        elif len(found) == 1 and found[0].sure:
            return sure[0].value
        return Unknown(place, "it is what an option makes of its definitions")


def _surviving(every: Sequence[Definition]) -> Iterator[Setting]:
    best = min((one.priority for one in every if one.sure and one.priority is not None), default=None)
    for one in every:
        own = one.priority
        if best is not None and own is not None and own > best:
            continue
        rivals = [
            other
            for other in every
            if not other.sure and other is not one and own is not None
            if other.priority is None or other.priority < own
        ]
        yield Setting(one, rivals[0] if rivals else None)


def _priority(setting: Setting) -> int:
    return USUAL if setting.definition.priority is None else setting.definition.priority


def _plain(value: Value) -> object:
    """The Python value of a boolean, string or number; None for all else."""
    return value.value if isinstance(value, Literal) else None


def _agree(values: Sequence[Value]) -> bool:
    """Whether values are one and the same, as far as they are more than one."""
    if len(values) < 2:
        return True
    plain = [_plain(value) for value in values]
    return None not in plain and all(type(one) is type(plain[0]) and one == plain[0] for one in plain)
