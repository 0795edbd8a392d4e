"""`nixedit input add`: declares an input, and names it in `outputs` where that is needed."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Mapping

from nixedit.attrpath import join, parse
from nixedit.cli.input.opened import OpenFlake
from nixedit.cli.input.options import editing_parser
from nixedit.cli.input.run import edit_flakes
from nixedit.errors import AttrExistsError, NixEditError, NotStaticError
from nixedit.flake.declared import add_input
from nixedit.flake.inputs.model import Input
from nixedit.flake.lock import InputPath
from nixedit.flake.reference import Reference
from nixedit.flake.source import is_same

_DESCRIPTION = """
    Declare an input behind the last one, in the spelling and at the place that the others suggest.
    Where `outputs` takes no other arguments than those it names, it gets the new one too.
    An input that is there already, with the same url and follows, is left as it is.
"""
_EXAMPLES = """
examples:
  nixedit input add github:nix-community/disko --follows nixpkgs=nixpkgs
  nixedit input add hardware github:NixOS/nixos-hardware
  nixedit input add dots git+https://example.org/dots --ref main --shallow --no-flake
"""


def main(argv: list[str]) -> int:
    """Run `nixedit input add` with these words; the exit code."""
    arguments = _arguments(argv)
    name, url = _wanted(arguments)
    follows = dict(map(_follows, arguments.follows))

    def edit(flake: OpenFlake) -> None:
        inputs = flake.inputs
        for target in follows.values():
            inputs.require_target(target)
        if name in inputs:
            _update(flake, inputs[name], url, follows, arguments)
            return
        add_input(flake.document, name, url, follows, flake=not arguments.no_flake)
        flake.notes.append(f"input `{name}` added: {url}")

    return edit_flakes(arguments, edit)


def _arguments(argv: list[str]) -> Namespace:
    parser = editing_parser("add", _DESCRIPTION, _EXAMPLES)
    parser.add_argument("id", nargs="?", metavar="ID", help="its name (default: that of the repository)")
    parser.add_argument("url", metavar="URL", help="its flake reference")
    parser.add_argument(
        "--follows",
        action="append",
        default=[],
        metavar="A=B",
        help="let its input A follow B of this flake; repeat it for more",
    )
    parser.add_argument("--no-flake", action="store_true", help="the source is no flake")
    parser.add_argument("--ref", metavar="NAME", help="the branch or tag")
    parser.add_argument("--rev", metavar="COMMIT", help="the commit")
    parser.add_argument("--dir", metavar="FOLDER", help="the folder of the flake in its repository")
    parser.add_argument("--shallow", action="store_true", help="fetch no history (git+… only)")
    parser.add_argument(
        "--update", action="store_true", help="give an input that is there already this url and these follows"
    )
    return parser.parse_intermixed_args(argv)


def _wanted(arguments: Namespace) -> tuple[str, str]:
    """The name and the whole url.

    Raises:
        NixEditError: an option has no place in this url, or the url does not say the name.
    """
    reference = Reference.of(arguments.url)
    try:
        if arguments.ref is not None:
            reference = reference.with_ref(arguments.ref)
        if arguments.rev is not None:
            reference = reference.with_rev(arguments.rev)
    except NotStaticError as error:
        raise NixEditError(error.message) from None
    if arguments.dir is not None:
        reference = reference.with_parameter("dir", arguments.dir)
    if arguments.shallow:
        if reference.kind != "git":
            raise NixEditError(f"--shallow is for git+… urls only, and this is {arguments.url}")
        reference = reference.with_parameter("shallow", "1")
    name = arguments.id or reference.name
    if name is None:
        raise NixEditError(f"{arguments.url} does not say a name", hint="give one: nixedit input add ID URL")
    return name, str(reference)


def _follows(text: str) -> tuple[InputPath, str]:
    inner, equals, target = text.partition("=")
    if not inner or not equals:
        raise NixEditError(f"--follows: {text!r} is not of the form A=B")
    return parse(inner), target


def _update(
    flake: OpenFlake, found: Input, url: str, follows: Mapping[InputPath, str], arguments: Namespace
) -> None:
    """Bring an input that is there already to what was asked for, if that was asked for too."""
    differs = {path: target for path, target in follows.items() if found.overrides.get(path) != target}
    other_url, other_kind = not _is_at(found, url), arguments.no_flake and found.flake
    if not (other_url or other_kind or differs):
        return
    if not arguments.update:
        what = _what(found) if other_url else "with other settings"
        raise AttrExistsError(
            f"there is an input `{found.name}` already, {what}",
            path=flake.document.path,
            source=flake.document.source,
            span=found.pieces[0],
            hint="--update changes it in place; another ID adds a second one",
        )
    inputs = flake.inputs
    if other_url and inputs.change(found.name, url):
        flake.notes.append(f"input `{found.name}` changed: {url}")
    if other_kind and inputs.attrs is not None:
        inputs.attrs[found.name, "flake"] = False
        flake.notes.append(f"input `{found.name}` is no flake")
    for path, target in differs.items():
        inputs.follow((found.name, *path), target)
        flake.notes.append(f"`{join((found.name, *path))}` follows `{target}`")


def _is_at(found: Input, url: str) -> bool:
    """Whether an input has a url, or the attributes that mean the same."""
    if "type" in found.attributes:
        return is_same(url, found.attributes, flake=found.flake) is True
    return found.url == url


def _what(found: Input) -> str:
    """What an input is instead."""
    if "type" in found.attributes:
        return "with other attributes"
    return f"with the url {found.url}" if found.url is not None else f"which follows `{found.follows}`"
