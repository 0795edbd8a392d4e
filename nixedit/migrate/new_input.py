"""The recipe's input in a flake: what it is called there, what it follows, where it is held."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from msgspec import Struct

from nixedit.document import Document
from nixedit.errors import NixEditError, RefusedError
from nixedit.flake.flake import Flake
from nixedit.flake.generated import generated_header
from nixedit.flake.inputs import Input
from nixedit.flake.reference import Reference
from nixedit.flake.systems import NIXOS, NixosSystem
from nixedit.migrate.generated import declared, source_of_inputs
from nixedit.migrate.options import Options
from nixedit.migrate.recipe import Recipe
from nixedit.migrate.report import Report, Step
from nixedit.resolve.fleet import Fleet
from nixedit.resolve.values import Call, External, SetValue

# What the input that hosts are built from is usually called.
USUAL = "nixpkgs"
# What a reference to nixpkgs has among its pieces: its repository, one of its channels.
_NIXPKGS = re.compile(r"(?:^|[/:])(?:nixpkgs(?:-unstable|-weekly)?(?:\.git)?|nixexprs\.tar\.\w+)(?:$|[/?#])")


class InputPlanner(Struct, frozen=True):
    """Plans the input.

    Attributes:
        flake: the flake.
        fleet: its outputs.
        recipe: says which input.
        options: what a person chose.
        report: gets the steps and refusals.
        edited: opens flake.nix for edits.
    """

    flake: Flake
    fleet: Fleet
    recipe: Recipe
    options: Options
    report: Report
    edited: Callable[[str], Document]

    def name(self) -> str | None:
        """The input's name here: that of an input with the same reference, else the recipe's.

        None where another input has that name, or one that is taken for no flake, which the report says.
        """
        wanted, inputs = self.recipe.input, self.flake.inputs
        name = next((name for name, found in inputs.items() if found.flake and self._is_wanted(found)), None)
        if name is not None or wanted.name not in inputs:
            return name or wanted.name
        reason = f"there is an input `{wanted.name}` already, and it is not {wanted.url}"
        hint = "give it another name, then run this again"
        if self._is_wanted(inputs[wanted.name]):
            reason = f"the input `{wanted.name}` has `flake = false`, so it brings no overlays"
            hint = "take `flake = false` out, or give this input another name, then run this again"
        self.report.refusals.append(
            RefusedError(
                reason,
                path=self.flake.document.path,
                source=self.flake.document.source,
                span=inputs.span(wanted.name),
                hint=hint,
            )
        )
        return None

    def _is_wanted(self, found: Input) -> bool:
        """Whether an input has the reference of the recipe's."""
        url = found.url
        if url is None and found.attributes.get("type") == "github":
            url = f"github:{found.attributes.get('owner')}/{found.attributes.get('repo')}"
        return url is not None and self.recipe.input.is_same(url)

    def plan(self, name: str, hosts: Sequence[NixosSystem]) -> bool:
        """Add the input where it is missing, hold it where it is wanted, and name it in `outputs`.

        Args:
            name: what it is called here.
            hosts: the hosts that are migrated.

        Returns:
            whether it was declared as well where a generated flake.nix has it from.
        """
        inputs, file = self.flake.inputs, self.flake.name
        at_source = False
        if name in inputs:
            self._pin(name)
            self._note_follows(name)
        elif self.options.prepare or any(host.status == "migrate" for host in self.report.hosts):
            at_source = self._add(name, hosts)
        else:
            return False
        formals = self.flake.outputs.formals
        if formals is not None and not formals.ellipsis and name not in formals.names:
            self.edited(file)
            formals.add(name)
            step = Step(
                f"formal `{name}` added to `outputs`", file, formals.line, "it takes no other arguments"
            )
            self.report.steps.insert(1, step)
        return at_source

    def _pin(self, name: str) -> None:
        """Hold an input that is there at the revision that is wanted."""
        inputs, rev = self.flake.inputs, self.options.rev
        if rev is None:
            return
        line = inputs[name].line
        self.edited(self.flake.name)
        if inputs.pin(name, rev):
            self.report.steps.insert(
                0, Step(f"input `{name}` pinned to {rev}", self.flake.name, line, "as --rev says")
            )

    def _note_follows(self, name: str) -> None:
        """Say that what an input follows that is there is not changed, though another was asked for."""
        target = self.options.follows
        for inner in self.recipe.input.follows:
            if target is not None and self.flake.inputs[name].overrides.get((inner,)) != target:
                self.report.notes.append(
                    f"--follows {target}: the input `{name}` is there already, and its {inner} stays as it "
                    f"is: nixedit input follow {name}.{inner} {target} changes it"
                )

    def _add(self, name: str, hosts: Sequence[NixosSystem]) -> bool:
        follows = {}
        rev = self.options.rev
        what = f"input `{name}` added" if rev is None else f"input `{name}` added, pinned to {rev}"
        if self.recipe.input.follows:
            target = self._followed(hosts)
            if target is None:
                return False
            follows = dict.fromkeys(self.recipe.input.follows, target)
            what += f", its {' and '.join(follows)} follows `{target}`"
        url = self.options.url or self.recipe.input.url
        if rev is not None:
            url = str(Reference.of(url).with_rev(rev))
        known = list(self.flake.inputs)
        line = self.flake.inputs[known[-1]].line if known else None
        self.edited(self.flake.name)
        at_source = self._declare_at_source(name, url, follows)
        self.flake.inputs.add(name, url, follows)
        self.report.steps.insert(0, Step(what, self.flake.name, line, "the overlays come from it"))
        return at_source

    def _declare_at_source(self, name: str, url: str, follows: Mapping[str, str]) -> bool:
        """Declare the input where a generated flake.nix has it from: what writes it anew keeps it."""
        document = self.flake.document
        head = generated_header(document.snapshot)
        text = b"" if head is None else document.source.slice(head)
        target = next(iter(follows.values()), "")
        found = source_of_inputs(self.fleet, text, target)
        if found is None or found.origin.file == self.flake.name:
            return False
        self.edited(found.origin.file).record(declared(found, name, url, tuple(follows), target))
        step = Step(
            f"input `{name}` declared for flake-file",
            found.origin.file,
            found.origin.line,
            "flake.nix is made of it",
        )
        self.report.steps.append(step)
        self.report.notes.append("flake.nix is generated: `nix run .#write-flake` writes it anew")
        return True

    def _followed(self, hosts: Sequence[NixosSystem]) -> str | None:
        """The input that the new one's nixpkgs follows: the one that the hosts are built from."""
        inputs = self.flake.inputs
        if self.options.follows is not None:
            if self.options.follows not in inputs:
                known = ", ".join(inputs)
                raise NixEditError(
                    f"--follows: the flake has no input `{self.options.follows}` (there are: {known})"
                )
            return self.options.follows
        makers: dict[str, list[str]] = {}
        for host in hosts:
            built_from = self._built_from(host)
            if built_from is not None and built_from in inputs:
                makers.setdefault(built_from, []).append(host.key)
        candidates = self._candidates(makers)
        if len(candidates) == 1:
            self._note_others(candidates[0], makers)
            return candidates[0]
        choice = ", ".join(candidates or inputs)
        self.report.refusals.append(
            RefusedError(
                f"which input should `{self.recipe.input.name}` follow for nixpkgs: {choice}?",
                path=self.flake.document.path,
                hint="say it with --follows INPUT",
            )
        )
        return None

    def _built_from(self, host: NixosSystem) -> str | None:
        """The input that a host has its packages from; None where that is not said here.

        What makes a Mac or a home is no nixpkgs, but may follow one; a home is given its packages.
        """
        inputs, maker = self.flake.inputs, host.package_set
        if host.kind == NIXOS:
            return maker
        given = host.argument.get("pkgs") if isinstance(host.argument, SetValue) else None
        if isinstance(given, Call | External):
            return (given if isinstance(given, External) else given.function).names[0]
        return inputs[maker].overrides.get((USUAL,)) if maker in inputs else None

    def _candidates(self, makers: Mapping[str, Sequence[str]]) -> Sequence[str]:
        """The inputs that may be followed: one is, of several a person chooses.

        Args:
            makers: the inputs that hosts are built from, each with the hosts.
        """
        inputs = self.flake.inputs
        if USUAL in inputs and makers.keys() <= {USUAL}:
            return [USUAL]
        built_from = self._package_sets(sorted(makers))
        if USUAL in inputs:
            return [USUAL] if USUAL in built_from or not built_from else built_from
        # A flake that builds hosts from what it is given is no nixpkgs itself.
        return built_from or self._package_sets(inputs) or sorted(makers)

    def _note_others(self, followed: str, makers: Mapping[str, Sequence[str]]) -> None:
        """Say of which hosts' package sets the new input's nixpkgs is none."""
        if makers.keys() <= {followed}:
            return
        built_from = self._package_sets(sorted(makers))
        self.report.notes += [
            f"{', '.join(makers[name])} is built from `{name}`, and the new input's nixpkgs follows "
            f"`{followed}`: --follows INPUT says otherwise"
            for name in sorted(makers)
            if name != followed and (name in built_from or USUAL not in self.flake.inputs)
        ]

    def _package_sets(self, names: Iterable[str]) -> list[str]:
        """Those inputs of some names that are nixpkgs: by their reference, or as other inputs take them."""
        inputs = self.flake.inputs
        followed = {
            target
            for found in inputs.values()
            for path, target in found.overrides.items()
            if path[-1] == USUAL
        }
        return [name for name in names if name in followed or _is_nixpkgs(inputs[name])]


def _is_nixpkgs(found: Input) -> bool:
    """Whether an input is nixpkgs, or a fork that has its name, and no other flake that builds hosts."""
    names = (found.url, found.follows, found.attributes.get("repo"), found.attributes.get("id"))
    return any(name is not None and _NIXPKGS.search(name.lower()) is not None for name in names)
