"""Automatic follow in a flake.nix: what it declares is read, what the plan says is written, in one commit."""

from __future__ import annotations

from collections.abc import Iterator

from nixedit.attrpath import parse
from nixedit.containers import AttrSet
from nixedit.document import Document
from nixedit.errors import NixEditError
from nixedit.flake.declared import add_input
from nixedit.flake.follow_plan import Declared, Plan
from nixedit.flake.inputs import Input, Inputs
from nixedit.flake.lock import InputPath
from nixedit.flake.outputs import Outputs

_SELF = "self"


def declared_in(document: Document) -> dict[str, Declared]:
    """The inputs of a flake.nix, also those that only the formals of `outputs` name.

    Nix manual, "nix flake", "Flake inputs": a formal that is no declared input is one from the registry.

    Raises:
        NotStaticError: `inputs` is computed.
    """
    inputs = Inputs(document)
    found = {name: _declared(inputs, inputs[name]) for name in inputs}
    for name in _formals(document):
        if name != _SELF and name not in found:
            found[name] = Declared(written=False)
    return found


def _formals(document: Document) -> list[str]:
    try:
        formals = Outputs(document).formals
    except NixEditError:
        return []
    return [] if formals is None else formals.names


def _declared(inputs: Inputs, found: Input) -> Declared:
    overrides: dict[InputPath, InputPath | None] = dict.fromkeys(_own_references(inputs, found.name))
    overrides.update((path, path_of(target)) for path, target in found.overrides.items())
    attributes = dict(found.attributes) if "type" in found.attributes else {}
    if attributes and found.url is not None:
        attributes["url"] = found.url
    return Declared(
        None if attributes else found.url,
        attributes,
        None if found.follows is None or found.url is not None else path_of(found.follows),
        overrides,
        found.flake,
    )


def path_of(target: str) -> InputPath:
    """What a follows names, as a path: `a/b`; the empty one is no input."""
    return tuple(target.split("/")) if target else ()


def _own_references(inputs: Inputs, name: str) -> Iterator[InputPath]:
    """The inputs of an input that are given a reference of their own."""
    attrs = inputs.attrs
    if attrs is None:
        return
    stack: list[tuple[InputPath, AttrSet]] = []
    top = attrs[(name,)]
    if isinstance(top, AttrSet):
        stack.append(((), top))
    while stack:
        path, value = stack.pop()
        inner = value.get(("inputs",)) if ("inputs",) in value else None
        if not isinstance(inner, AttrSet):
            continue
        for key in inner:
            below = inner[key]
            deeper = (*path, parse(key)[0])
            if isinstance(below, AttrSet):
                stack.append((deeper, below))
                if ("url",) not in below and ("type",) not in below:
                    continue
            yield deeper


def write(document: Document, plan: Plan) -> None:
    """Write a plan into the flake.nix that it was made for.

    Raises:
        NixEditError: an input is written in a way that cannot be edited.
    """
    new = {promotion.name for promotion in plan.promotions}
    inputs = Inputs(document)
    with document.together():
        for follow in plan.removals:
            inputs.unfollow(follow.path)
        for follow in plan.additions:
            if follow.path[0] not in new:
                inputs.follow(follow.path, "/".join(follow.target))
        for promotion in plan.promotions:
            follows = {
                follow.path[1:]: "/".join(follow.target)
                for follow in plan.additions
                if follow.path[0] == promotion.name
            }
            add_input(document, promotion.name, promotion.url, follows, flake=promotion.flake)
