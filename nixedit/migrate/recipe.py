"""A recipe: what a migration brings into a fleet and what it takes out, as data."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase

from msgspec import Struct, field

from nixedit.migrate.recipes.template import Template
from nixedit.migrate.vintage import Service


class NewInput(Struct, frozen=True):
    """The flake input that the recipe adds.

    Attributes:
        name: its name.
        url: its flake reference.
        also: other references to the same flake.
        follows: its inputs that follow the package set of the hosts.
    """

    name: str
    url: str
    also: tuple[str, ...]
    follows: tuple[str, ...]

    def is_same(self, url: str) -> bool:
        """Whether a flake reference means this flake, in whatever form, of whatever revision or branch."""
        known = (self.url, *self.also)
        if url in known:
            return True
        if not any(re.split("[/:]", each)[-1] in url.lower() for each in known):
            return False  # as most: no need to take it apart
        from nixedit.flake.source import attributes_of, identity

        given, *named = (attributes_of(each) for each in (url, *known))
        same = (identity(each) for each in named if each is not None)
        return given is not None and identity(given) in same


class NewFile(Struct, frozen=True):
    """A file that the recipe writes.

    Attributes:
        path: where, relative to the flake.
        otherwise: where if the folder of `path` is imported as a whole.
        template: its content, below the header.
        earlier: what earlier versions of the recipe wrote, by version.
    """

    path: str
    otherwise: str
    template: Template
    earlier: Mapping[int, Template] = field(default_factory=dict)


class NewModule(Struct, frozen=True):
    """A module that applies the overlays, for `--layout module`.

    Attributes:
        path: where, relative to the flake.
        otherwise: where if the folder of `path` is imported as a whole.
    """

    path: str
    otherwise: str


class Overlay(Struct, frozen=True):
    """One overlay that every host gets: an output of the input, or a file of the recipe."""

    output: str | None
    file: str | None


class ForVariants(Struct, frozen=True):
    """Something that is for some variants.

    Attributes:
        variants: they, as shell patterns: `fast-*`.
    """

    variants: tuple[str, ...]

    def serves(self, variants: Iterable[str]) -> bool:
        """Whether it is for one of some variants."""
        return any(fnmatchcase(variant, pattern) for variant in variants for pattern in self.variants)


class Cache(ForVariants, frozen=True):
    """A binary cache.

    Attributes:
        url: its address.
        key: the public key that signs what it has.
    """

    url: str
    key: str


class Remark(ForVariants, frozen=True):
    """What a person should know who chooses a variant.

    Attributes:
        text: the end of a sentence that begins with the variant.
    """

    text: str


class Platform(Struct, frozen=True):
    """The kinds of CPU of one platform.

    Attributes:
        flags: all the words that describe one, where the recipe lists them.
        has: the words of each, by its name.
        option: how a person who builds for one says a flag, with `@flag@` for it; None if that is not told.
    """

    flags: tuple[str, ...]
    has: Mapping[str, tuple[str, ...]]
    option: str | None = None


class Cpus(Struct, frozen=True):
    """The kinds of CPU that packages are built for.

    Attributes:
        variants: the variants that come in one more for each of them.
        also: kinds that belong to no platform.
        platforms: the others, by platform: `x86_64`.
    """

    variants: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
    platforms: Mapping[str, Platform] = field(default_factory=dict)

    @property
    def names(self) -> list[str]:
        """All of them."""
        return [*self.also, *(name for platform in self.platforms.values() for name in platform.has)]


class Places(Struct, frozen=True):
    """Where the choice of a variant is written.

    Attributes:
        system: the option of a NixOS system that lists packages.
        home: the option of Home Manager that does.
    """

    system: str = "environment.systemPackages"
    home: str = "home.packages"


class Recipe(Struct, frozen=True):
    """A migration.

    Attributes:
        name: its name.
        version: the version of what it writes.
        summary: one line for people.
        input: the input it adds.
        overlays: the overlays that each host gets, in order.
        files: the files it writes.
        module: the module that applies the overlays where a person wants one.
        legacy: the files it removes: these paths, or any of the same name.
        plain_variants: package names by variant, without those for one kind of CPU.
        cpus: the kinds of CPU.
        places: where the choice of a variant is written.
        package: the package whose arguments are others than those of nixpkgs' package of that name, or None.
        arguments: what they are called, by nixpkgs' names.
        attributes: what `overrideAttrs` sets and no argument is.
        takes: all that the input's package takes; empty where that is not said.
        joined: arguments that nixpkgs' package takes as lists and the input's as one text, with what is
            between the elements.
        alone: arguments of the input's package that each have a package of their own.
        default: whether it runs where none is named.
        service: the service of NixOS that runs a variant, or None.
        caches: binary caches of some variants.
        remarks: what a person should know of some variants; of several for one variant, the first counts.
        removed: old overlays that a person has it remove too: files by their paths in the flake, others by
            that, a colon, and their line or what they are bound to.
        kept: files that have the name of an old overlay and must stay, by their paths in the flake.
    """

    name: str
    version: int
    summary: str
    input: NewInput
    overlays: tuple[Overlay, ...]
    files: tuple[NewFile, ...]
    module: NewModule
    legacy: tuple[str, ...]
    plain_variants: Mapping[str, str]
    cpus: Cpus
    places: Places
    package: str | None
    arguments: Mapping[str, str]
    default: bool = False
    service: Service | None = None
    caches: tuple[Cache, ...] = ()
    remarks: tuple[Remark, ...] = ()
    removed: tuple[str, ...] = ()
    kept: tuple[str, ...] = ()
    attributes: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    joined: Mapping[str, str] = {}
    alone: tuple[str, ...] = ()

    @property
    def variants(self) -> dict[str, str]:
        """Package names by variant: `fast-zen` is that of `fast`, and `-zen`."""
        plain = dict(self.plain_variants)
        for variant in self.cpus.variants:
            for cpu in self.cpus.names:
                plain[f"{variant}-{cpu}"] = f"{self.plain_variants[variant]}-{cpu}"
        return plain

    def removes(self, file: str) -> bool:
        """Whether it removes a file of the flake: one of its own list, or of the same name as one of them."""
        base = file.rpartition("/")[2]
        if file in self.kept:
            return False
        return file in self.removed or any(base == path.rpartition("/")[2] for path in self.legacy)

    @property
    def header(self) -> bytes:
        """What the first line of a file that this recipe wrote begins with."""
        return f"# Written by nixedit migrate, recipe {self.name} ".encode()

    def wrote(self, content: bytes) -> bool:
        """Whether a file of some content is this recipe's own: its first line says so."""
        return content.startswith(self.header)

    def head(self, version: int | None = None) -> bytes:
        """The first line of the files that a version of the recipe wrote; of this version if None."""
        return self.header + f"{self.version if version is None else version}.\n".encode()

    def file_content(self, file: NewFile, name: str, version: int | None = None) -> bytes | None:
        """What the recipe writes into a file, or what an earlier version of it wrote.

        Args:
            file: the file.
            name: what the recipe's input is called in the fleet.
            version: the version; this one if None.

        Returns:
            the content; None where nothing is known of that version.
        """
        template = file.template if version in (None, self.version) else file.earlier.get(version or 0)
        if template is None:
            return None
        text = template.content(name)
        return self.head(version) + (b"#\n" if text.startswith(b"#") else b"\n") + text

    def module_content(self, head: str, overlays: str, version: int | None = None) -> bytes:
        """The module that applies overlays.

        Args:
            head: its formals.
            overlays: the lines of their list.
            version: the version of the recipe; this one if None.
        """
        text = (
            "#\n"
            f"# The overlays of {self.name}, for every host that has this among its modules.\n"
            f"{head}:\n"
            "{\n"
            "  nixpkgs.overlays = [\n"
            f"{overlays}"
            "  ];\n"
            "}\n"
        )
        return self.head(version) + text.encode()


def load_recipe(name: str | None = None) -> Recipe:
    """A recipe by what a person calls it.

    Args:
        name: the name of a built-in one, or the path of a recipe.toml or its folder; None for the default.

    Raises:
        NixEditError: there is none, or something is wrong with it.
        OSError: it cannot be read.
    """
    from nixedit.migrate.recipes.loading import file_of, read_recipe

    read = read_recipe(file_of(name or default_recipe()))
    if read.recipe is None:
        raise read.errors[0]
    return read.recipe


def default_recipe() -> str:
    """The name of the built-in recipe that is meant where none is named."""
    from nixedit.migrate.recipes.loading import default_name

    return default_name()
