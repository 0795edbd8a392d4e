"""A recipe read from its folder: recipe.toml, and the templates beside it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from msgspec import Struct, field

from nixedit.attrpath import join, parse
from nixedit.errors import NixEditError, did_you_mean
from nixedit.files import is_inside
from nixedit.migrate.recipe import (
    Cache,
    Cpus,
    NewFile,
    NewInput,
    NewModule,
    Overlay,
    Places,
    Platform,
    Recipe,
    Remark,
)
from nixedit.migrate.recipes.template import INPUT, Template
from nixedit.migrate.toml.reading import TomlFile
from nixedit.migrate.toml.schema import Path as KeyPath
from nixedit.migrate.toml.schema import Problem
from nixedit.migrate.vintage import Form, Service
from nixedit.text import Source

BUILT_IN = Path(__file__).parent
FILE = "recipe.toml"


class Read(Struct, frozen=True):
    """What became of a recipe.toml.

    Attributes:
        recipe: the recipe; None where something is wrong.
        errors: all that is wrong, in the order of the file.
    """

    recipe: Recipe | None
    errors: tuple[NixEditError, ...] = ()


def built_in() -> list[str]:
    """The names of the recipes that ship."""
    return sorted(path.parent.name for path in BUILT_IN.glob(f"*/{FILE}"))


def file_of(name: str) -> Path:
    """The file of a recipe that is named on the command line.

    Args:
        name: a built-in one's name, or the path of a recipe.toml or its folder.

    Raises:
        NixEditError: there is none.
    """
    if name in built_in():
        return BUILT_IN / name / FILE
    path = Path(name)
    path = path / FILE if path.is_dir() else path
    if path.is_file():
        return path
    if "/" in name or name.endswith(".toml"):
        raise NixEditError("no such recipe", path=path)
    raise NixEditError(f"no recipe `{name}`", hint=did_you_mean(name, built_in()))


@cache
def _shipped(file: Path) -> TomlFile:
    return TomlFile.read(file)


def read_recipe(file: Path) -> Read:
    """Read a recipe.

    Args:
        file: its recipe.toml, under whatever name.

    Raises:
        OSError: the file cannot be read.
    """
    ships = file.parent.parent == BUILT_IN
    try:
        toml = _shipped(file) if ships else TomlFile.read(file)
    except NixEditError as error:
        return Read(None, (error,))
    reading = _Reading(toml)
    errors = [] if ships else [toml.error(one) for one in _problems(toml.data)]
    recipe = None if errors else reading.recipe()
    errors += reading.errors
    errors.sort(key=lambda error: (error.path != str(file), error.line or 0, error.column or 0))
    return Read(None if errors else recipe, tuple(errors))


def _problems(data: Mapping[str, Any]) -> Iterator[Problem]:
    from nixedit.migrate.recipes.format import problems  # those that ship are checked by the tests

    return problems(data)


class _Reading(Struct):
    """A recipe in the making; what is wrong with its templates is gathered."""

    toml: TomlFile
    errors: list[NixEditError] = field(default_factory=list)

    def recipe(self) -> Recipe:
        """The recipe; without meaning where `errors` has any."""
        data = self.toml.data
        name, version = data["recipe"]["name"], data["recipe"]["version"]
        given, override = data["input"], data.get("override", {})
        module = data.get("module", {"path": f"modules/{name}-overlays.nix"})
        files = tuple(self._file(item, ("files", index)) for index, item in enumerate(data.get("files", ())))
        return Recipe(
            name=name,
            version=version,
            summary=data["recipe"]["summary"],
            input=NewInput(
                given["name"], given["url"], tuple(given.get("also", ())), tuple(given.get("follows", ()))
            ),
            overlays=tuple(Overlay(item.get("output"), item.get("file")) for item in data["overlays"]),
            files=files,
            module=NewModule(module["path"], module.get("otherwise", _otherwise(module["path"]))),
            legacy=tuple(data.get("legacy", {}).get("files", ())),
            plain_variants={
                variant: join(parse(package)) for variant, package in data.get("variants", {}).items()
            },
            cpus=_cpus(data.get("cpus", {"variants": ()})),
            places=Places(**data.get("places", {})),
            package=override.get("package"),
            arguments=override.get("arguments", {}),
            attributes=tuple(override.get("attributes", ())),
            takes=tuple(override.get("takes", ())),
            joined=override.get("joined", {}),
            alone=tuple(override.get("alone", ())),
            default=data["recipe"].get("default", False),
            service=_service(data.get("service")),
            remarks=tuple(Remark(tuple(item["variants"]), item["text"]) for item in data.get("remarks", ())),
            caches=tuple(
                Cache(tuple(item["variants"]), item["url"], item["key"]) for item in data.get("caches", ())
            ),
        )

    def _file(self, item: Mapping[str, Any], path: KeyPath) -> NewFile:
        earlier = {
            old["version"]: self._template(old, (*path, "earlier", index))
            for index, old in enumerate(item.get("earlier", ()))
        }
        otherwise = item.get("otherwise", _otherwise(item["path"]))
        return NewFile(item["path"], otherwise, self._template(item, path), earlier)

    def _template(self, item: Mapping[str, Any], path: KeyPath) -> Template:
        file = self.toml.path.parent / item["template"]
        values = {name: self._value(source) for name, source in item.get("placeholders", {}).items()}
        key = (*path, "template")
        if not is_inside(file, self.toml.path.parent):
            self._problem(Problem(key, f"`{item['template']}` leads out of the recipe's folder"))
            return Template(b"", values)
        try:
            template = Template(file.read_bytes(), values)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            self._problem(Problem(key, f"`{item['template']}` cannot be read: {reason}"))
            return Template(b"", values)
        self.errors += self._undeclared(template, file)
        for name in template.unused():
            message = f"`{item['template']}` has no placeholder `@{name}@`"
            self._problem(Problem((*path, "placeholders", name), message, at_key=True))
        return template

    def _undeclared(self, template: Template, file: Path) -> Iterator[NixEditError]:
        for name, span in template.undeclared():
            message = f"the placeholder `@{name}@` is not declared"
            hint = did_you_mean(name, template.values)
            yield NixEditError(message, path=file, source=Source(template.text), span=span, hint=hint)

    def _value(self, source: str) -> str | Mapping[str, str] | None:
        """What a placeholder stands for: see `Template.values`."""
        if source == "input":
            return INPUT
        if source.startswith("text:"):
            return source.removeprefix("text:")
        platform = self.toml.data["cpus"][source.split(".")[1]]
        if source.endswith(".flags"):
            return " ".join(platform["flags"])
        return {name: " ".join(has) for name, has in platform["has"].items()}

    def _problem(self, problem: Problem) -> None:
        self.errors.append(self.toml.error(problem))


def _otherwise(path: str) -> str:
    """Where a file goes whose folder is imported as a whole, if the recipe does not say it."""
    return f"nix/{path.rpartition('/')[2]}"


def _cpus(data: Mapping[str, Any]) -> Cpus:
    platforms = {
        name: Platform(
            tuple(inner.get("flags", ())),
            {cpu: tuple(has) for cpu, has in inner["has"].items()},
            inner.get("option"),
        )
        for name, inner in data.items()
        if isinstance(inner, dict)
    }
    return Cpus(tuple(data["variants"]), tuple(data.get("also", ())), platforms)


def _service(data: Mapping[str, Any] | None) -> Service | None:
    if data is None:
        return None
    forms = (Form(form["release"], form["date"], form["options"]) for form in data["forms"])
    return Service(data["option"], tuple(forms))


def default_name() -> str:
    """The built-in recipe that is meant where none is named."""
    for name in built_in():
        if _shipped(BUILT_IN / name / FILE).data["recipe"].get("default"):
            return name
    raise AssertionError("no recipe says `default`")
