"""A recipe: what a migration brings into a fleet and what it takes out, as data."""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import Any

from attrs import frozen

from nixedit.errors import NixEditError
from nixedit.migrate.vintage import Form, Service

_BUILT_IN = Path(__file__).parent / "recipes"


@frozen
class NewInput:
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
        """Whether a flake reference means this flake, whatever its revision, branch or parameters."""
        return any(_base(url) == _base(known) for known in (self.url, *self.also))


@frozen
class NewFile:
    """A file that the recipe writes.

    Attributes:
        path: where, relative to the flake.
        otherwise: where if the folder of `path` is imported as a whole.
        template: its content.
        input: what stands in the template for the input.
    """

    path: str
    otherwise: str
    template: bytes
    input: str

    def content(self, name: str) -> bytes:
        """The content for an input of that name."""
        return self.template.replace(self.input.encode(), f"inputs.{name}".encode())


@frozen
class NewModule:
    """A module that applies the overlays, for `--layout module`.

    Attributes:
        path: where, relative to the flake.
        otherwise: where if the folder of `path` is imported as a whole.
    """

    path: str
    otherwise: str


@frozen
class Overlay:
    """One overlay that every host gets: an output of the input, or a file of the recipe."""

    output: str | None
    file: str | None


@frozen
class Cache:
    """A binary cache.

    Attributes:
        url: its address.
        key: the public key that signs what it has.
        variants: the variants that it is for, as shell patterns: `cuda*`.
    """

    url: str
    key: str
    variants: tuple[str, ...]

    def serves(self, variants: Iterable[str]) -> bool:
        """Whether it is for one of some variants."""
        return any(fnmatchcase(variant, pattern) for variant in variants for pattern in self.variants)


@frozen
class Recipe:
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
        variants: package names by variant.
        package: the package whose arguments are others than those of nixpkgs' package of that name.
        arguments: what they are called, by nixpkgs' names.
        service: the service of NixOS that runs a variant, or None.
        caches: binary caches of some variants.
    """

    name: str
    version: int
    summary: str
    input: NewInput
    overlays: tuple[Overlay, ...]
    files: tuple[NewFile, ...]
    module: NewModule
    legacy: tuple[str, ...]
    variants: Mapping[str, str]
    package: str
    arguments: Mapping[str, str]
    service: Service | None
    caches: tuple[Cache, ...]

    @property
    def legacy_names(self) -> frozenset[str]:
        """The base names of the files it removes."""
        return frozenset(PurePosixPath(path).name for path in self.legacy)

    @property
    def header(self) -> bytes:
        """What the first line of a file that this recipe wrote begins with."""
        return f"# Written by nixedit migrate, recipe {self.name} ".encode()

    def module_content(self, overlays: str) -> bytes:
        """The module that applies overlays, given as the lines of their list."""
        return (
            f"# Written by nixedit migrate, recipe {self.name} {self.version}.\n"
            "#\n"
            f"# The overlays of {self.name}, for every host that has this among its modules.\n"
            "{ inputs }:\n"
            "{\n"
            "  nixpkgs.overlays = [\n"
            f"{overlays}"
            "  ];\n"
            "}\n"
        ).encode()


def load_recipe(name: str) -> Recipe:
    """A built-in recipe by its name.

    Raises:
        NixEditError: there is none.
    """
    folder = _BUILT_IN / name
    if "/" in name or not (folder / "recipe.toml").is_file():
        known = ", ".join(sorted(path.parent.name for path in _BUILT_IN.glob("*/recipe.toml")))
        raise NixEditError(f"no recipe `{name}` (there is: {known})")
    data = tomllib.loads((folder / "recipe.toml").read_text("utf-8"))
    return _recipe(data, folder)


def _recipe(data: Mapping[str, Any], folder: Path) -> Recipe:
    given = data["input"]
    files = tuple(
        NewFile(item["path"], item["otherwise"], (folder / item["template"]).read_bytes(), item["input"])
        for item in data["files"]
    )
    return Recipe(
        name=data["recipe"]["name"],
        version=data["recipe"]["version"],
        summary=data["recipe"]["summary"],
        input=NewInput(given["name"], given["url"], tuple(given["also"]), tuple(given["follows"])),
        overlays=tuple(Overlay(item.get("output"), item.get("file")) for item in data["overlays"]),
        files=files,
        module=NewModule(data["module"]["path"], data["module"]["otherwise"]),
        legacy=tuple(data["legacy"]["files"]),
        variants=data["variants"],
        package=data["override"]["package"],
        arguments=data["override"]["arguments"],
        service=_service(data.get("service")),
        caches=tuple(
            Cache(item["url"], item["key"], tuple(item["variants"])) for item in data.get("caches", ())
        ),
    )


def _service(data: Mapping[str, Any] | None) -> Service | None:
    if data is None:
        return None
    forms = (Form(form["release"], form["date"], form["options"]) for form in data["forms"])
    return Service(data["option"], tuple(forms))


def _base(url: str) -> str:
    """A reference without its parameters, branch, revision and case: `github:owner/repo`."""
    base = url.partition("?")[0].partition("#")[0].removesuffix("/").removesuffix(".git").lower()
    scheme, _, rest = base.partition(":")
    if scheme in ("github", "gitlab", "sourcehut"):
        return f"{scheme}:{'/'.join(rest.split('/')[:2])}"
    return base
