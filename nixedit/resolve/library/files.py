"""Functions that read the flake's own files: folders, text, TOML and JSON.

Sources: Nix manual, "Built-in Functions"; nixpkgs manual, `lib.filesystem`, `lib.fileset`, `lib.trivial`.
"""

from __future__ import annotations

import math
import posixpath
from collections.abc import Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from nixedit.resolve.library.calls import Rule, applied, boolean, elements, text
from nixedit.resolve.values import (
    Call,
    CopiedPath,
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

_INTEGERS = range(-(2**63), 2**63)


def of_python(value: Any, origin: Origin | None) -> Value:
    """A value of TOML or JSON; `Unknown` where Nix has no such value."""
    if isinstance(value, dict):
        return SetValue(origin, {name: _inner(inner) for name, inner in value.items()})
    if isinstance(value, list):
        return ListValue(origin, [Part([_inner(inner) for inner in value], None)])
    if isinstance(value, str):
        return Literal(origin, value) if _is_text(value) else Unknown(origin)
    if isinstance(value, bool) or value is None:
        return Literal(origin, value)
    if isinstance(value, int):
        return Literal(origin, value) if value in _INTEGERS else Unknown(origin)
    return Literal(origin, value) if isinstance(value, float) and math.isfinite(value) else Unknown(origin)


def _inner(value: Any) -> Later:
    return Later(lambda: of_python(value, None))


def _is_text(value: str) -> bool:
    """Whether Nix can hold a string: no NUL, no half of a surrogate pair."""
    return "\0" not in value and not any("\ud800" <= char <= "\udfff" for char in value)


def read_file(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`readFile path`."""
    path = _readable(given[0])
    content = None if path is None else evaluator.files.read(path)
    if content is None or b"\0" in content:
        return Unknown(made.origin, "a file is read here")
    try:
        return Literal(made.origin, content.decode())
    except UnicodeDecodeError:
        return Unknown(made.origin)


def from_toml(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`fromTOML text`."""
    import tomllib

    content = text(given[0].get())
    try:
        return Unknown(made.origin) if content is None else of_python(tomllib.loads(content), made.origin)
    except (ValueError, RecursionError):
        return Unknown(made.origin)


def from_json(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`fromJSON text`."""
    import json

    content = text(given[0].get())
    try:
        return Unknown(made.origin) if content is None else of_python(json.loads(content), made.origin)
    except (ValueError, RecursionError):
        return Unknown(made.origin)


def import_json(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`importJSON path`."""
    return from_json(evaluator, made, [now(read_file(evaluator, made, given))])


def import_toml(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`importTOML path`."""
    return from_toml(evaluator, made, [now(read_file(evaluator, made, given))])


def append(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`lib.path.append path subpath`; a subpath that is absolute or goes up is an error."""
    path, below = _path(given[0]), text(given[1].get())
    if path is None or not below or below.startswith("/") or ".." in below.split("/"):
        return Unknown(made.origin, "a computed path")
    return PathValue(made.origin, posixpath.normpath(posixpath.join(path, below)))


def read_dir(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`readDir path`."""
    path = _readable(given[0])
    listing = None if path is None else evaluator.files.listing(path)
    if path is None or listing is None:
        return Unknown(made.origin, "a computed folder is read here")
    evaluator.files.listed.add(_folder(evaluator, path))
    return SetValue(made.origin, {name: now(Literal(None, kind)) for name, kind in sorted(listing.items())})


def path_exists(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`pathExists path`."""
    path = _readable(given[0])
    kind = "unknown" if path is None else evaluator.files.kind(path)
    return Unknown(made.origin) if kind == "unknown" else Literal(made.origin, kind is not None)


def is_directory(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`lib.pathIsDirectory path`."""
    path = _readable(given[0])
    kind = "unknown" if path is None else evaluator.files.kind(path)
    known = kind not in ("unknown", "symlink")
    return Literal(made.origin, kind == "directory") if known else Unknown(made.origin)


def file_type(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`readFileType path`."""
    path = _readable(given[0])
    kind = None if path is None else evaluator.files.kind(path)
    return Literal(made.origin, kind) if kind not in (None, "unknown") else Unknown(made.origin)


def _path(given: Later) -> str | None:
    """The path in the flake that an argument is."""
    value = given.get()
    return value.path if isinstance(value, PathValue) else None


def _readable(given: Later) -> str | None:
    """The path in the flake that an argument is, or is a copy of."""
    value = given.get()
    return posixpath.normpath(value.original) if isinstance(value, CopiedPath) else _path(given)


def _folder(evaluator: Evaluator, path: str) -> str:
    """The folder that is listed where a path leads to it."""
    name = posixpath.normpath(path or ".")
    return evaluator.followed(name) or name


def below(evaluator: Evaluator, folder: str) -> Iterator[tuple[str, str]]:
    """All files of a folder and those within it, with their kinds, in the order of their names."""
    for name, kind in sorted((evaluator.files.listing(folder) or {}).items()):
        path = posixpath.normpath(posixpath.join(folder, name))
        if kind == "directory":
            yield from below(evaluator, path)
        else:
            yield path, kind


def files_below(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`lib.filesystem.listFilesRecursive folder`."""
    path = _path(given[0])
    if path is None or evaluator.files.listing(path) is None:
        return Unknown(made.origin, "a computed folder is read here")
    evaluator.files.selected.append((_folder(evaluator, path), lambda _path: True))
    return _list(made, [name for name, _ in below(evaluator, path)])


def _list(made: Call, names: Sequence[str]) -> ListValue:
    return ListValue(made.origin, [Part([now(PathValue(None, name)) for name in names], None)])


def files_of_set(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`lib.fileset.toList`, of a path and of `lib.fileset.fileFilter predicate path`."""
    value = given[0].get()
    predicate = None
    if isinstance(value, Call) and value.function.names[-2:] == ("fileset", "fileFilter"):
        predicate = value.arguments[0]
        value = value.arguments[1].get() if len(value.arguments) == 2 else value
    path = value.path if isinstance(value, PathValue) and not value.is_text else None
    if path is None or evaluator.files.kind(path) not in ("directory", "regular"):
        return Unknown(made.origin, "a computed folder is read here")

    def takes(name: str, kind: str = "regular") -> bool | None:
        if predicate is None:
            return True
        return boolean(applied(evaluator, made, predicate, now(_file(name, kind))).get())

    found = []
    every: Iterable[tuple[str, str]] = [(path, "regular")]
    if evaluator.files.kind(path) == "directory":
        evaluator.files.selected.append((_folder(evaluator, path), takes))
        every = below(evaluator, path)
    for name, kind in every:
        keep = takes(name, kind)
        if keep is None:
            return Unknown(made.origin, "a computed condition filters here")
        if keep:
            found.append(name)
    return _list(made, found)


def _file(path: str, kind: str) -> SetValue:
    """What `fileFilter` gives its predicate: `name`, `type`, `hasExt`, and more in times to come."""
    name = posixpath.basename(path)

    def has_extension(argument: Later) -> Value:
        extension = text(argument.get())
        return Unknown(None) if extension is None else Literal(None, name.endswith(f".{extension}"))

    attributes: dict[str, Value] = {
        "name": Literal(None, name),
        "type": Literal(None, kind),
        "hasExt": Native(None, has_extension),
    }
    return SetValue(None, {key: now(value) for key, value in attributes.items()}, Unknown(None))


def import_tree(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """What the flake import-tree makes of a folder: a module that imports its files, but those with `/_`."""
    listed = given[0].get()
    folders = [given[0]] if not isinstance(listed, ListValue) else elements(listed)
    names: list[str] = []
    for folder in folders or ():
        path = _path(folder)
        if path is None or evaluator.files.listing(path) is None:
            return Unknown(made.origin, "a computed folder is imported here")
        evaluator.files.selected.append((_folder(evaluator, path), _is_of_tree))
        names += [name for name, _ in below(evaluator, path) if _is_of_tree(name)]
    if folders is None:
        return Unknown(made.origin, "a computed folder is imported here")
    return SetValue(made.origin, {"imports": now(_list(made, names))})


def _is_of_tree(path: str) -> bool:
    """Whether import-tree takes a file, as long as nobody gives it another filter."""
    return path.endswith(".nix") and "/_" not in f"/{path}"


RULES: dict[str, tuple[int, Rule]] = {
    "readFile": (1, read_file),
    "fromTOML": (1, from_toml),
    "fromJSON": (1, from_json),
    "importTOML": (1, import_toml),
    "importJSON": (1, import_json),
    "readDir": (1, read_dir),
    "pathExists": (1, path_exists),
    "pathIsDirectory": (1, is_directory),
    "readFileType": (1, file_type),
    "listFilesRecursive": (1, files_below),
}
# The parts of the library whose names mean something else than elsewhere.
PARTS: dict[str, dict[str, tuple[int, Rule]]] = {
    "fileset": {"toList": (1, files_of_set)},
    "path": {"append": (2, append)},
}
