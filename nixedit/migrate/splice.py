"""The recipe's overlays in every host: in the list that the host has, or in a module of their own."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define, frozen
from tree_sitter import Node

from nixedit.attrpath import parse
from nixedit.flake.systems import NixosSystem
from nixedit.grammar import F, K
from nixedit.layout.code import Code, expr
from nixedit.layout.style import Style, style_of
from nixedit.migrate.names import InputsName, InputsNames
from nixedit.migrate.recipe import Overlay, Recipe
from nixedit.migrate.report import HostReport, Step
from nixedit.migrate.tree import relative, resolve
from nixedit.operations import ops
from nixedit.syntax.layers import Undecided, core, lookup
from nixedit.syntax.nodes import elements, field, selection, static_path, unwrapped
from nixedit.syntax.scope import Scope
from nixedit.syntax.snapshot import Snapshot, span_of
from nixedit.text import decode, encode

OVERLAYS = ("nixpkgs", "overlays")
FORCING = ("mkForce", "mkOverride", "mkVMOverride", "mkImageMediaOverride")
_YIELDING = ("mkDefault", "mkOptionDefault")
_WRAPPING = ("mkIf", "mkBefore", "mkAfter", "mkOrder", "mkMerge")


@frozen
class Names:
    """What the recipe's things are called in this fleet.

    Attributes:
        input: the input's name.
        files: where each file of the recipe stands, by the path that the recipe gives it.
    """

    input: str
    files: dict[str, str]


@define
class Splicer:
    """Plans the overlays of hosts.

    Attributes:
        recipe: what is applied.
        names: what it is called here.
        inputs: finds the name of the inputs.
        file: the file that is edited, relative to the flake.
    """

    recipe: Recipe
    names: Names
    inputs: InputsNames
    file: str
    needs_universal: str | None = None

    def plan(self, host: NixosSystem, report: HostReport) -> list[ops.Operation]:
        """The operations that give one host the overlays that it does not have yet.

        Raises:
            RefusedError: it cannot be done safely.
        """
        self._refuse_fixed_packages(host)
        settings = self._settings(host)
        present = [item for value in settings for item in self._present(host, value)]
        missing = [overlay for overlay in self.recipe.overlays if overlay not in present]
        if not missing:
            return []
        if present:
            return self._complete(host, settings, missing, report)
        for value in settings:
            operation = self._into(host, value, missing, report)
            if operation is not None:
                return operation
        return self._module(host, missing, report)

    # -- what is there ------------------------------------------------------------------------

    def _settings(self, host: NixosSystem) -> list[Node]:
        """The values that the host's inline modules give `nixpkgs.overlays`."""
        found = []
        for module in host.inline_modules:
            value = host.option(module, OVERLAYS)
            if value is not None:
                self._refuse_forced(host, value)
                found.append(value)
            elif (node := host.is_computed(module, OVERLAYS[:1])) is not None:
                raise host.refusal("`nixpkgs` is a computed value here, which may set overlays", node)
        return found

    def _refuse_forced(self, host: NixosSystem, value: Node) -> None:
        function = priority(host.document.snapshot, value)
        if function is not None:
            reason, hint = unlike_others(function)
            raise host.refusal(reason, value, hint)

    def _refuse_fixed_packages(self, host: NixosSystem) -> None:
        snapshot = host.document.snapshot
        try:
            given = lookup(snapshot, host.argument, ("specialArgs",))
            if given is None:
                return
            entry = given.entry
            node = None if entry is None else entry.value or entry.attr
            layers = given.layers if node is None else Scope.of(snapshot).set_of(node)
            found = lookup(snapshot, layers, ("pkgs",))
        except Undecided:
            return
        if found is not None:
            raise host.refusal(
                "`specialArgs.pkgs` makes NixOS ignore `nixpkgs.overlays`",
                found.entry.binding if found.entry is not None else node,
                "add the overlays where that package set is made",
            )

    def _present(self, host: NixosSystem, value: Node) -> list[Overlay]:
        """Those of the recipe's overlays that a written value applies already."""
        snapshot = host.document.snapshot
        found = []
        stack = [value]
        while stack:
            node = core(stack.pop())
            if node.kind_id == K.LIST:
                for element in elements(node):
                    overlay = self.identify(snapshot, element)
                    if overlay is not None:
                        found.append(overlay)
            elif node.kind_id == K.BINARY:
                stack += [field(node, F.LEFT), field(node, F.RIGHT)]
            elif node.kind_id == K.APPLY:
                stack.append(field(node, F.ARGUMENT))
        return found

    def identify(self, snapshot: Snapshot, element: Node) -> Overlay | None:
        """Which of the recipe's overlays an element of a list is, or None."""
        node = unwrapped(element)
        if node.kind_id == K.SELECT:
            names = selection(node, snapshot.source.data)
            for overlay in self.recipe.overlays:
                if overlay.output is not None:
                    wanted = (self.names.input, *parse(overlay.output))
                    if names[-len(wanted) :] == wanted:
                        return overlay
        path = _imported(snapshot, node)
        for overlay in self.recipe.overlays:
            if (
                path is not None
                and overlay.file
                and resolve(self.file, path) == self.names.files[overlay.file]
            ):
                return overlay
        return None

    # -- what is added ------------------------------------------------------------------------

    def _into(
        self, host: NixosSystem, value: Node, missing: Sequence[Overlay], report: HostReport
    ) -> list[ops.Operation] | None:
        """Overlays added to a value that is set already; None where a module of its own is better."""
        name = self.inputs.at(value)
        if name is None or called(host.document.snapshot, value) in _WRAPPING:
            return None
        style = style_of(host.document.snapshot)
        codes = [self._code(overlay, name, style) for overlay in missing]
        last = _last_operand(value)
        source = host.document.source
        if last.kind_id == K.LIST:
            operations: list[ops.Operation] = [
                ops.InsertElement(last, len(elements(last)) - 1, code) for code in codes
            ]
        elif value.parent is not None and source.begins_line(value.parent.start_byte):
            operations = [_extended(last, codes, style, source.indent(value.parent.start_byte))]
        else:
            return None
        self._note(host, report, value, "overlays added to `nixpkgs.overlays`", name)
        return operations

    def _complete(
        self, host: NixosSystem, settings: Sequence[Node], missing: Sequence[Overlay], report: HostReport
    ) -> list[ops.Operation]:
        """The missing one of two overlays beside the other, so that their order is the recipe's."""
        snapshot = host.document.snapshot
        for value in settings:
            listed = core(value)
            if listed.kind_id != K.LIST:
                continue
            for index, element in enumerate(elements(listed)):
                overlay = self.identify(snapshot, element)
                if overlay is None:
                    continue
                name = self.inputs.at(value)
                if name is None:
                    continue
                style = style_of(snapshot)
                before = [item for item in missing if self._rank(item) < self._rank(overlay)]
                after = [item for item in missing if self._rank(item) > self._rank(overlay)]
                self._note(host, report, element, "the missing overlay added", name)
                return [
                    *(ops.InsertElement(listed, index - 1, self._code(item, name, style)) for item in before),
                    *(ops.InsertElement(listed, index, self._code(item, name, style)) for item in after),
                ]
        raise host.refusal("only some of the overlays are applied", settings[0], "add the other one by hand")

    def _rank(self, overlay: Overlay) -> int:
        return self.recipe.overlays.index(overlay)

    def _module(
        self, host: NixosSystem, missing: Sequence[Overlay], report: HostReport
    ) -> list[ops.Operation]:
        """A module of their own, the first: NixOS merges the first module's overlays last."""
        value = host.modules_value
        name = self.inputs.at(value)
        if name is None:
            raise host.refusal("no name for the flake's inputs is free here", value)
        style = style_of(host.document.snapshot)
        unit = decode(style.unit)
        lines = [f"{unit * 2}{self._code(overlay, name, style)}\n" for overlay in missing]
        module = expr("{\n" + f"{unit}nixpkgs.overlays = [\n" + "".join(lines) + f"{unit}];\n}}")
        lists = host.module_lists
        first = _leftmost(value)
        self._note(host, report, lists[0] if lists else value, "a module with the overlays added", name)
        if first.kind_id == K.LIST:
            return [ops.InsertElement(first, -1, module)]
        indent = decode(host.document.source.indent(value.start_byte))
        text = module.text.replace("\n", f"\n{indent}{unit}")
        newline = decode(style.newline)
        head = f"[\n{indent}{unit}{text}\n{indent}] ++ ".replace("\n", newline)
        if value.kind_id in _LOOSER_THAN_CONCAT:
            return [ops.Surround(value, encode(head + "("), b")", K.BINARY)]
        return [ops.Surround(value, encode(head), b"", K.BINARY)]

    def _code(self, overlay: Overlay, name: InputsName, style: Style) -> Code:
        if overlay.output is not None:
            return expr(name.select(self.names.input, overlay.output))
        path = relative(self.file, self.names.files[overlay.file or ""])
        return expr(f"(import {path} {name.as_argument(style)})")

    def _note(self, host: NixosSystem, report: HostReport, node: Node, what: str, name: InputsName) -> None:
        if name.added:
            self.needs_universal = name.code
        line = host.document.source.position(span_of(node).start)[0]
        report.steps.append(Step(what, self.file, line))


_LOOSER_THAN_CONCAT = frozenset({K.FUNCTION, K.ASSERT, K.WITH, K.LET, K.IF, K.BINARY, K.UNARY, K.HAS_ATTR})


def _last_operand(node: Node) -> Node:
    """The last operand of a chain of `++`."""
    inner = core(node)
    while inner.kind_id == K.BINARY and field(inner, F.OPERATOR).type == "++":
        inner = core(field(inner, F.RIGHT))
    return inner


def _extended(node: Node, codes: Sequence[Code], style: Style, indent: bytes) -> ops.Operation:
    """An operand and ` ++ [ … ]` behind it, with a line for each element."""
    newline = decode(style.newline)
    outer, unit = decode(indent), decode(style.unit)
    lines = "".join(f"{newline}{outer}{unit}{code.text}" for code in codes)
    tail = encode(f" ++ [{lines}{newline}{outer}]")
    if node.kind_id in _LOOSER_THAN_CONCAT:
        return ops.Surround(node, b"(", b")" + tail, K.BINARY)
    return ops.Surround(node, b"", tail, K.BINARY)


def _leftmost(node: Node) -> Node:
    """The first operand of a chain of `++`."""
    inner = core(node)
    while inner.kind_id == K.BINARY and field(inner, F.OPERATOR).type == "++":
        inner = core(field(inner, F.LEFT))
    return inner


def priority(snapshot: Snapshot, value: Node) -> str | None:
    """The function that gives a value of an option a priority of its own, `mkForce` or `mkDefault`, if one does."""
    stack = [value]
    while stack:
        node = core(stack.pop())
        name = called(snapshot, node)
        if name in FORCING or name in _YIELDING:
            return name
        if name in _WRAPPING:
            inner = core(field(node, F.ARGUMENT))
            stack += elements(inner) if name == "mkMerge" and inner.kind_id == K.LIST else [inner]
    return None


def unlike_others(function: str) -> tuple[str, str]:
    """Why such a priority stands in the way, and what a person can do."""
    if function in FORCING:
        reason = f"`{function}` on `nixpkgs.overlays` would drop every other overlay"
        return reason, "take it away, or add the overlays within it by hand"
    return f"`{function}` on `nixpkgs.overlays` gives way to any other overlay", "take it away, then run this again"


def called(snapshot: Snapshot, value: Node) -> str | None:
    """The last name of the function that a value is a call of, `mkIf` of `lib.mkIf c [ ]`."""
    node = core(value)
    if node.kind_id != K.APPLY:
        return None
    while node.kind_id == K.APPLY:
        node = core(field(node, F.FUNCTION))
    if node.kind_id == K.SELECT:
        return static_path(field(node, F.ATTRPATH), snapshot.source.data)[-1]
    return decode(snapshot.text(node))


def _imported(snapshot: Snapshot, node: Node) -> str | None:
    """The path literal that an expression imports, with or without arguments; None for anything else."""
    while node.kind_id == K.APPLY:
        function, argument = unwrapped(field(node, F.FUNCTION)), unwrapped(field(node, F.ARGUMENT))
        if argument.kind_id == K.PATH and decode(snapshot.text(function)) in ("import", "builtins.import"):
            return decode(snapshot.text(argument))
        node = function
    return None
