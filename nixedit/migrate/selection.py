"""The variants that hosts and users choose, put among their packages."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress

from msgspec import Struct
from tree_sitter import Node

from nixedit.attrpath import quote
from nixedit.flake.module_list import USERS, ModuleList
from nixedit.flake.written_modules import Path, WrittenModule
from nixedit.grammar import SETS, F
from nixedit.layout.code import Code, expr
from nixedit.migrate.packages import Listed, listed, mentioned, package_code
from nixedit.migrate.placing import NoPlaceError, Placed, Placer, refusal
from nixedit.migrate.recipe import Recipe
from nixedit.syntax.nodes import attrs, bindings, field, static_path, unwrapped


class Package(Struct, frozen=True):
    """Writes a package of the module's package set.

    Attributes:
        name: the package's attribute path.
    """

    name: str

    @property
    def shown(self) -> str:
        """The package as a module with `pkgs` names it."""
        return f"pkgs.{self.name}"

    @property
    def with_pkgs(self) -> Code | None:
        """Its code where the module gets `pkgs` as an argument."""
        return expr(self.shown)

    def at(self, module: WrittenModule, place: Node) -> Code | None:
        """Its code at a place; None where the package set has no name there."""
        return package_code(module, place, self.name)


class Selector:
    """Puts the chosen packages where they belong.

    Args:
        recipe: knows the variants.
        placer: finds the places.
        old: names of packages that an old overlay defines.
    """

    def __init__(self, recipe: Recipe, placer: Placer, old: Collection[str] = ()) -> None:
        self.recipe, self.placer = recipe, placer
        self.family = {*recipe.variants.values(), *map(quote, old)}
        self.replaced = placer.replaced

    def select(
        self,
        configuration: ModuleList,
        package: str,
        same: Collection[str],
        path: Path,
        notes: list[str],
    ) -> Placed:
        """Make a package the one of its family that a configuration has.

        An element that names another package of the family is replaced, in a module that nobody else uses;
        else the package is added.

        Args:
            configuration: the configuration.
            package: the package.
            same: the keys of the configurations that choose it too.
            path: the option that it goes into.
            notes: gets what a person should know.

        Raises:
            RefusedError: there is no place for it.
        """
        own = {
            module.place
            for each, keys, option in _around(configuration, same, path)
            for module in self.placer.own(each, keys, option)
        }
        every = self._listed(configuration, path)
        found = list({(item.module.file, item.element.start_byte): item for item in every}.values())
        there = [item for item in found if item.name == package and item.plain]
        free = [
            item for item in found if item not in there and item.module.place in own and item.can_be(package)
        ]
        rest = [item for item in found if item not in there]
        if there:
            placed = Placed()
        elif free:
            rest.remove(free[0])
            placed = self._replace(configuration, free[0], package)
        else:
            placed = self._added(configuration, Package(package), same, path)
        remarks = [
            f"`{configuration.key}` has {item.name} too, by {item.place}: both bring the same programs"
            for item in rest
        ]
        remarks += [
            f"`{configuration.key}` has {package} only where `{item.condition}` holds, by {item.place}"
            for item in (there or free)[:1]
            if item.condition is not None
        ]
        remarks += [
            f"`{configuration.key}` has {package} only where it has {item.module.file}, which is not known "
            "without Nix"
            for item in (there or free)[:1]
            if item.module.conditional
        ]
        remarks += self._other_uses(configuration, path)
        notes += [remark for remark in dict.fromkeys(remarks) if remark not in notes]
        return placed

    def _other_uses(self, configuration: ModuleList, path: Path) -> Iterator[str]:
        """What is said of packages of the family that get into an option in other ways."""
        for each, _, option in _around(configuration, (), path):
            for module in each.modules:
                for node, name in mentioned(module, option, self.family):
                    line = module.origin.snapshot.source.position(node.start_byte)[0]
                    yield f"{module.file}:{line} has a use for {name} that is left as it is"

    def _listed(self, configuration: ModuleList, path: Path) -> list[Listed]:
        """The packages of the family that a configuration's modules list; a user's host may list them too."""
        return [
            item
            for each, _, option in _around(configuration, (), path)
            for module in each.modules
            for item in listed(module, option, self.family)
        ]

    def present(self, configuration: ModuleList, path: Path) -> set[str]:
        """The packages of the family that a configuration's own lists have."""
        return {item.name for item in self._listed(configuration, path)}

    def _added(
        self, configuration: ModuleList, package: Package, same: Collection[str], path: Path
    ) -> Placed:
        """A package added; for a user by the host's own modules, where the user has none that can take it."""
        first, *others = _around(configuration, same, path)
        try:
            return self.placer.append(*first, package)
        except NoPlaceError:
            for other in others:
                with suppress(NoPlaceError):
                    return self.placer.append(*other, package)
            raise

    def _replace(self, configuration: ModuleList, item: Listed, package: str) -> Placed:
        if not item.plain and not self._is_known(item):
            raise refusal(
                configuration,
                f"`{item.name}` is built with changes of its own here",
                item.module,
                item.element,
                "take them out, or leave this host's variant to be chosen by hand",
            )
        placed = Placed()
        what = f"{item.name} replaced by {package}"
        operation, *renamed = item.replaced(package)
        placed.add(item.module, operation, item.element, what)
        placed.operations += [(item.module.file, other) for other in renamed]
        if not self.replaced.add(item.module.file, item.element):  # for another host that has the module too
            placed.operations.clear()
        return placed

    def _is_known(self, item: Listed) -> bool:
        """Whether a package is changed by nothing but arguments that say what the variants say."""
        argument = None if item.arguments is None else unwrapped(item.arguments)
        if argument is None or argument.kind_id not in SETS:
            return False
        known = {*self.recipe.arguments, *self.recipe.arguments.values()}
        data = item.module.origin.snapshot.source.data
        for binding in bindings(argument):
            path = binding.child_by_field_id(F.ATTRPATH)
            if path is None or len(attrs(path)) != 1 or static_path(path, data)[0] not in known:
                return False
            if item.module.origin.snapshot.text(field(binding, F.EXPRESSION)) not in (b"true", b"false"):
                return False
        return True


def _around(
    configuration: ModuleList, same: Collection[str], path: Path
) -> Iterator[tuple[ModuleList, Collection[str], Path]]:
    """A configuration, and for a user the host around it, who chooses the same there, and the option."""
    yield configuration, same, path
    host, user = configuration.around, configuration.name
    if host is not None:
        hosts = {key.removeprefix(f"{user}@") for key in same if key.startswith(f"{user}@")}
        yield host, hosts, (*USERS, user, *path)


def same_choice(choices: Mapping[str, str]) -> dict[str, set[str]]:
    """For each configuration, all that choose what it chooses."""
    return {
        key: {other for other, chosen in choices.items() if chosen == choice}
        for key, choice in choices.items()
    }
