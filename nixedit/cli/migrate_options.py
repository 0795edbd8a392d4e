"""The options of `nixedit migrate`."""

from __future__ import annotations

import re
from argparse import ArgumentParser, ArgumentTypeError

from nixedit.cli.arguments import command_parser

_DESCRIPTION = """
    Move a NixOS fleet to the packages of an upstream flake, as a recipe says. `nixedit recipe list`
    names the recipes; --recipe takes one of your own too. Every one does this, or a part of it:

      1. flake.nix gets the input, which follows your nixpkgs;
      2. an overlay file is written, with a package for each variant;
      3. the overlays go into the nixpkgs.overlays of every host, wherever it is made;
      4. old hand-written overlays go, with every reference to them.

    Everything else in your files stays as it is, byte for byte. What cannot be done safely is refused
    with its place and the reason, and then nothing is written.
"""
_EPILOG = """
    examples:
      nixedit migrate --diff                 show the patch, write nothing
      nixedit migrate                        show the plan, ask, write
      nixedit migrate ~/fleet --host carbon  one host of another flake
      nixedit migrate --check                for hooks: exit 1 if there is something to do

    exit codes: 0 done or nothing to do, 1 --check found something to do, 2 it could not be done.
"""

_PORTS = 65_536


def parser_of() -> ArgumentParser:
    """The parser of the words after `migrate`."""
    parser = command_parser("migrate", _DESCRIPTION, _EPILOG)
    hosts = parser.add_argument_group("which hosts")
    variants = parser.add_argument_group("what hosts and users get")
    written = parser.add_argument_group("what is written")
    running = parser.add_argument_group("how it goes on")
    parser.add_argument(
        "flake", nargs="?", default=".", metavar="FLAKE", help="the flake's folder (default: here)"
    )
    written.add_argument(
        "--recipe", metavar="NAME|FILE", help="what to do: a built-in recipe, or a recipe.toml of yours"
    )
    hosts.add_argument(
        "--host",
        action="append",
        default=[],
        metavar="NAME",
        help="migrate this host only; repeat it for more",
    )
    hosts.add_argument(
        "--exclude-host",
        action="append",
        default=[],
        metavar="NAME",
        help="leave this host out; repeat it for more",
    )
    hosts.add_argument(
        "--include",
        action="append",
        default=[],
        choices=("darwin", "home"),
        help="take in darwinConfigurations, or homeConfigurations, too; repeat it for both",
    )
    variants.add_argument(
        "--variant",
        action="append",
        default=[],
        type=_choice,
        metavar="HOST=NAME",
        help="the variant that a host gets in environment.systemPackages; repeat it for more hosts",
    )
    variants.add_argument(
        "--home-variant",
        action="append",
        default=[],
        type=_choice,
        metavar="USER[@HOST]=NAME",
        help="the variant that a user gets in home.packages; repeat it for more users",
    )
    variants.add_argument(
        "--service",
        action="append",
        default=[],
        type=_service,
        metavar="HOST[=MODEL]",
        help="have a host's service run its variant, and serve the model at a path; repeat it for more hosts",
    )
    variants.add_argument(
        "--listen",
        type=_listen,
        default=(None, None),
        metavar="[ADDRESS:]PORT",
        help="with --service: where the services listen (default: the module's own)",
    )
    variants.add_argument(
        "--cache",
        action="store_true",
        help="have hosts use the binary caches that the recipe knows for their variants",
    )
    variants.add_argument(
        "--detect",
        action="store_true",
        help="propose a variant for each host that has none, by what the fleet says of its hardware",
    )
    variants.add_argument(
        "--allow-native",
        action="store_true",
        help="builds for the builder's CPU are meant, though the fleet builds hosts on other machines",
    )
    variants.add_argument(
        "--fix", action="store_true", help="set home-manager.useGlobalPkgs where a user's variant needs it"
    )
    written.add_argument("--follows", metavar="INPUT", help="the input that the new one's nixpkgs follows")
    written.add_argument("--rev", type=_rev, help="hold the new input at a commit or tag")
    written.add_argument(
        "--prepare",
        action="store_true",
        help="add the input and the overlay file, and touch no host: for those that you do by hand",
    )
    written.add_argument(
        "--overlay-file", metavar="PATH", help="where the overlay file goes, relative to the flake"
    )
    written.add_argument(
        "--remove",
        action="append",
        default=[],
        metavar="PATH[:NAME]",
        help="an old overlay that goes with every reference to it, beside those that the recipe knows: "
        "a file, or its line or what it is bound to in one of other things",
    )
    written.add_argument(
        "--layout",
        choices=("inline", "module"),
        default="inline",
        help="the overlays in every host (inline), or once in a module that every host names",
    )
    only = running.add_mutually_exclusive_group()
    only.add_argument("--diff", action="store_true", help="print the patch and write nothing")
    only.add_argument(
        "--check", action="store_true", help="write nothing; exit 1 if there is something to do"
    )
    running.add_argument("--show-diff", action="store_true", help="print the patch too after writing")
    running.add_argument("-y", "--yes", action="store_true", help="do not ask")
    running.add_argument("--json", action="store_true", help="print the plan as JSON")
    running.add_argument("-q", "--quiet", action="store_true", help="print errors only")
    hosts.add_argument(
        "--keep-going",
        action="store_true",
        help="migrate the others where some hosts must be refused (exit 3)",
    )
    running.add_argument(
        "--verify",
        action="store_true",
        help="evaluate every host with Nix before and after; put all back if one broke",
    )
    running.add_argument(
        "--jobs", type=_count, metavar="N", help="with --verify: how many hosts are evaluated at a time"
    )
    running.add_argument("--lock", action="store_true", help="run `nix flake lock` afterwards")
    running.add_argument("--report", metavar="FILE", help="write the report as JSON to a file too")
    running.add_argument("--no-git", action="store_true", help="do not `git add` the new file")
    running.add_argument(
        "--allow-dirty", action="store_true", help="edit files that have uncommitted changes"
    )
    running.add_argument(
        "--allow-no-vcs", action="store_true", help="delete files outside of version control"
    )
    return parser


def _choice(text: str) -> tuple[str, str]:
    name, equals, variant = text.rpartition("=")
    if not (name and equals and variant):
        raise ArgumentTypeError(f"not of the form NAME=VARIANT: {text!r}")
    return name, variant


def _rev(text: str) -> str:
    if not re.fullmatch(r"[\w.+-]+", text):
        raise ArgumentTypeError(f"neither a commit nor a tag: {text!r}")
    return text


def _service(text: str) -> tuple[str, str | None]:
    name, equals, model = text.partition("=")
    if not name or (equals and not model.startswith("/")):
        raise ArgumentTypeError(f"not of the form HOST or HOST=/path/to/model: {text!r}")
    return name, model or None


def _listen(text: str) -> tuple[str | None, int]:
    address, _, port = text.rpartition(":")
    if not port.isdecimal() or not 0 < int(port) < _PORTS:
        raise ArgumentTypeError(f"not of the form PORT or ADDRESS:PORT: {text!r}")
    return address.strip("[]") or None, int(port)


def _count(text: str) -> int:
    if not text.isdecimal() or not int(text):
        raise ArgumentTypeError(f"not a number above 0: {text!r}")
    return int(text)
