"""Data that a flake reads from its own files: folders, TOML and JSON."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from nixedit.resolve.values import (
    Call,
    Later,
    ListValue,
    Literal,
    Native,
    Origin,
    Part,
    PathValue,
    SetValue,
    Unknown,
    Value,
    now,
)

if TYPE_CHECKING:
    from nixedit.resolve.evaluate import Evaluator


def of_python(value: Any, origin: Origin | None) -> Value:
    """A value of TOML or JSON."""
    if isinstance(value, dict):
        return SetValue(origin, {name: now(of_python(inner, None)) for name, inner in value.items()})
    if isinstance(value, list):
        return ListValue(origin, [Part([now(of_python(inner, None)) for inner in value], None)])
    if value is None or isinstance(value, str | int | float | bool):
        return Literal(origin, value)
    return Unknown(origin)


def read_file(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`builtins.readFile`."""
    path = given[0].get()
    content = (
        evaluator.files.read(path.path) if isinstance(path, PathValue) and path.path is not None else None
    )
    if content is None:
        return Unknown(made.origin, "a file is read here")
    try:
        return Literal(made.origin, content.decode())
    except UnicodeDecodeError:
        return Unknown(made.origin)


def from_toml(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`builtins.fromTOML`."""
    import tomllib

    text = given[0].get()
    try:
        if isinstance(text, Literal):
            return of_python(tomllib.loads(text.value), made.origin)
    except (TypeError, ValueError):
        pass
    return Unknown(made.origin)


def from_json(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`builtins.fromJSON`."""
    import json

    text = given[0].get()
    try:
        if isinstance(text, Literal):
            return of_python(json.loads(text.value), made.origin)
    except (TypeError, ValueError):
        pass
    return Unknown(made.origin)


def import_json(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`lib.importJSON`."""
    return from_json(evaluator, made, [now(read_file(evaluator, made, given))])


def import_toml(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`lib.importTOML`."""
    return from_toml(evaluator, made, [now(read_file(evaluator, made, given))])


def below(evaluator: Evaluator, folder: str) -> Iterator[str]:
    """All regular files of a folder and those within it, in the order of their names."""
    for name, kind in sorted(evaluator.files.listing(folder).items()):
        path = posixpath.normpath(posixpath.join(folder, name))
        if kind == "directory":
            yield from below(evaluator, path)
        else:
            yield path


def files_below(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`lib.filesystem.listFilesRecursive`."""
    path = given[0].get()
    if not isinstance(path, PathValue) or path.path is None:
        return Unknown(made.origin, "a computed folder is read here")
    found = [now(PathValue(None, name)) for name in below(evaluator, path.path)]
    return ListValue(made.origin, [Part(found, None)])


def file_filter(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`lib.fileset.fileFilter predicate folder`: the list of the files that it is true for."""
    path = given[1].get()
    if not isinstance(path, PathValue) or path.path is None or made.origin is None:
        return Unknown(made.origin, "a computed folder is read here")
    found = []
    for name in below(evaluator, path.path):
        kept = evaluator.apply(given[0].get(), now(_file(posixpath.basename(name))), made.origin)
        if not isinstance(kept, Literal):
            return Unknown(made.origin, "a computed condition filters here")
        if kept.value is True:
            found.append(now(PathValue(None, name)))
    return ListValue(made.origin, [Part(found, None)])


def _file(name: str) -> SetValue:
    """What `fileFilter` gives its predicate: `name`, `type` and `hasExt`."""

    def has_extension(argument: Later) -> Value:
        extension = argument.get()
        if isinstance(extension, Literal):
            return Literal(None, name.endswith(f".{extension.value}"))
        return Unknown(None)

    attributes: dict[str, Value] = {
        "name": Literal(None, name),
        "type": Literal(None, "regular"),
        "hasExt": Native(None, has_extension),
    }
    return SetValue(None, {key: now(value) for key, value in attributes.items()})


def import_tree(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """What the flake import-tree makes of a folder: a module that imports its files, but those with `/_`."""
    path = given[0].get()
    if not isinstance(path, PathValue) or path.path is None:
        return Unknown(made.origin, "a computed folder is imported here")
    names = [name for name in below(evaluator, path.path) if name.endswith(".nix") and "/_" not in f"/{name}"]
    imports = ListValue(None, [Part([now(PathValue(None, name)) for name in names], None)])
    return SetValue(made.origin, {"imports": now(imports)})
