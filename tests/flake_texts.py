"""Flakes written from plain dicts, in every spelling of inputs and every layout: what people write by hand.

It shares nothing with the code under test but the meaning: a leaf is an attribute path and a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from msgspec import Struct

Tree = dict[str, Any]
Path = tuple[str, ...]


class Layout(Struct, frozen=True):
    """How a flake is laid out.

    Attributes:
        unit: one level of indentation; None for all on one line.
        newline: the line end.
        equals: what stands around `=`.
        blank: what stands inside of braces on one line, and behind a binding there.
        commented: whether every input has a comment above and one behind.
        last: what the file ends with.
    """

    unit: str | None
    newline: str = "\n"
    equals: str = " = "
    blank: str = " "
    commented: bool = False
    last: str = "\n"


LAYOUTS = {
    "two blanks": Layout("  "),
    "four blanks": Layout("    "),
    "tabs": Layout("\t"),
    "CRLF": Layout("  ", newline="\r\n", last="\r\n"),
    "comments": Layout("  ", commented=True),
    "no final newline": Layout("  ", last=""),
    "one line": Layout(None),
    "tight": Layout(None, equals="=", blank=""),
}


def leaves(tree: Mapping[str, Any], above: Path = ()) -> Iterator[tuple[Path, str | bool]]:
    """The paths of a tree that have values."""
    for name, value in tree.items():
        if isinstance(value, Mapping) and value:
            yield from leaves(value, (*above, name))
        else:
            yield (*above, name), value


def flat(name: str, value: Tree) -> Tree:
    """`aa.url = …; aa.inputs.nn.follows = …;`"""
    return {".".join((name, *map(quoted, path))): leaf for path, leaf in leaves(value)}


def sets(name: str, value: Tree) -> Tree:
    """`aa = { url = …; inputs.nn.follows = …; };`"""
    return {name: {".".join(map(quoted, path)): leaf for path, leaf in leaves(value)}}


def inner(name: str, value: Tree) -> Tree:
    """`aa = { url = …; inputs = { nn.follows = …; }; };`"""
    rest = {quoted(key): leaf for key, leaf in value.items() if key != "inputs"}
    below = {".".join(map(quoted, path)): leaf for path, leaf in leaves(value.get("inputs", {}))}
    return {name: {**rest, "inputs": below} if below else rest}


def deep(name: str, value: Tree) -> Tree:
    """`aa = { url = …; inputs = { nn = { follows = …; }; }; };`"""
    return {name: value}


def follows_first(name: str, value: Tree) -> Tree:
    """`aa.inputs.nn.follows = …; aa.url = …;`"""
    return dict(reversed(flat(name, value).items()))


def half(name: str, value: Tree) -> Tree:
    """`aa.url = …; aa.inputs = { nn.follows = …; };`"""
    rest = {f"{name}.{quoted(key)}": leaf for key, leaf in value.items() if key != "inputs"}
    below = {".".join(map(quoted, path)): leaf for path, leaf in leaves(value.get("inputs", {}))}
    return {**rest, f"{name}.inputs": below} if below else rest


SPELLINGS: dict[str, Callable[[str, Tree], Tree]] = {
    "flat": flat,
    "sets": sets,
    "inner blocks": inner,
    "deep": deep,
    "follows first": follows_first,
    "flat with a block": half,
}


def quoted(name: str) -> str:
    """A name as it stands in an attribute path."""
    return name if name.replace("-", "a").replace("_", "a").isalnum() else f'"{name}"'


def block(spelled: list[Tree]) -> Tree:
    """All in one block."""
    return {"inputs": {key: value for part in spelled for key, value in part.items()}}


def top(spelled: list[Tree]) -> Tree:
    """All at the top of the flake."""
    return {f"inputs.{key}": value for part in spelled for key, value in part.items()}


def split(spelled: list[Tree]) -> Tree:
    """The first in a block, the others beside it."""
    return {**block(spelled[:2]), **top(spelled[2:])}


CONTAINERS = {"block": block, "top": top, "split": split}


def flake_text(inputs: Tree, spelling: str, container: str, layout: Layout, outputs: str) -> str:
    """A flake.

    Args:
        inputs: its inputs, as Nix would evaluate them.
        spelling: a key of `SPELLINGS`.
        container: a key of `CONTAINERS`.
        layout: how it is laid out.
        outputs: the code of `outputs`.
    """
    spelled = [SPELLINGS[spelling](quoted(name), value) for name, value in inputs.items()]
    tree = {"description": "d", **CONTAINERS[container](spelled), "outputs": Code(outputs)}
    return _set(tree, layout, 0) + layout.last


class Code(Struct, frozen=True):
    """Code that is written as it is."""

    text: str


def _set(tree: Tree, layout: Layout, depth: int) -> str:
    bindings = [f"{key}{layout.equals}{_value(value, layout, depth + 1)};" for key, value in tree.items()]
    if layout.unit is None:
        return "{" + layout.blank + layout.blank.join(bindings) + layout.blank + "}"
    if not bindings:
        return "{ }"
    indent = layout.unit * (depth + 1)
    lines = []
    for key, binding in zip(tree, bindings, strict=True):
        if layout.commented and (depth or key.startswith("inputs.")):
            lines.append(f"{indent}# about {key}")
            binding += f" # behind {key}"  # noqa: PLW2901  # its comment
        lines.append(indent + binding)
    return layout.newline.join(["{", *lines, layout.unit * depth + "}"])


def _value(value: Any, layout: Layout, depth: int) -> str:
    if isinstance(value, Code):
        return value.text
    if isinstance(value, Mapping):
        return _set(dict(value), layout, depth)
    return str(value).lower() if isinstance(value, bool) else f'"{value}"'
