"""The recipe's overlays in every host: in the list that the host has, or in a module of their own."""

from __future__ import annotations

from collections.abc import Sequence

from attrs import define
from attrs import field as attribute
from tree_sitter import Node

from nixedit.errors import RefusedError
from nixedit.flake.systems import NixosSystem
from nixedit.grammar import F, K
from nixedit.layout.code import Code, expr
from nixedit.layout.style import Style, style_of
from nixedit.migrate.applied import OVERLAYS, Applied, Finder, settings
from nixedit.migrate.names import InputsName, InputsNames
from nixedit.migrate.priorities import WRAPPING, called, priority_of, unlike_others
from nixedit.migrate.recipe import Overlay
from nixedit.migrate.report import Step
from nixedit.migrate.tree import relative
from nixedit.operations import ops
from nixedit.resolve.values import FunctionValue, Origin, SetValue
from nixedit.syntax.layers import Undecided, core, layers_of, lookup
from nixedit.syntax.nodes import elements, field
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import decode, encode

_LOOSER_THAN_CONCAT = frozenset({K.FUNCTION, K.ASSERT, K.WITH, K.LET, K.IF, K.BINARY, K.UNARY, K.HAS_ATTR})
_AROUND = frozenset({K.LET, K.WITH, K.ASSERT})


@define
class Spliced:
    """What is done for the hosts of one call.

    Attributes:
        operations: the operations, with the file of each.
        steps: what they are, for people.
        universal: the name that the argument of `outputs` must get first, or None.
        modules: the written modules that the overlays went into, by file and position.
    """

    operations: list[tuple[str, ops.Operation]] = attribute(factory=list)
    steps: list[Step] = attribute(factory=list)
    universal: str | None = None
    modules: set[tuple[str, int]] = attribute(factory=set)


class Splicer:
    """Plans the overlays of hosts.

    Args:
        finder: recognizes the overlays.
        inputs: finds the name of the inputs.
        users: the hosts of the whole flake that evaluate each written list, by file and position.
    """

    def __init__(self, finder: Finder, inputs: InputsNames, users: dict[tuple[str, int], set[str]]) -> None:
        self.finder, self.inputs, self.users = finder, inputs, users
        self.recipe = finder.recipe
        self.done: set[tuple[str, int]] = set()

    def plan(self, hosts: Sequence[NixosSystem], chosen: set[str]) -> Spliced:
        """What gives the hosts of one call the overlays that they do not have yet.

        Args:
            hosts: all hosts that the call makes.
            chosen: the hosts that are to be migrated.

        Raises:
            RefusedError: it cannot be done safely.
        """
        first = hosts[0]
        applied = [self.finder.of(host) for host in hosts]
        present = {frozenset(self._rank(item.overlay) for item in items) for items in applied}
        missing = [item for item in self.recipe.overlays if self._rank(item) not in min(present, key=len)]
        result = Spliced()
        if not missing:
            return result
        if len(present) > 1:
            raise first.refusal("some of the hosts that share this call have the overlays already", None)
        others = [host for host in hosts if host.key not in chosen]
        if others:
            kinds = sorted({host.kind.option for host in others if host.kind.option is not None})
            raise first.refusal(
                f"this call makes {', '.join(host.key for host in others)} too, which is left out",
                None,
                hint=f"say --include {kinds[0]} to take it in" if kinds else "choose all of them",
            )
        for host in hosts:
            self._refuse_ignored(host)
        if applied[0]:
            self._complete(hosts, applied[0], missing, result)
        elif self.finder.names.module is not None or (
            not self._already_reached(hosts) and not self._into_module(hosts, missing, chosen, result)
        ):
            self._own_module(hosts, missing, result)
        self.done |= result.modules
        return result

    def _rank(self, overlay: Overlay) -> int:
        return self.recipe.overlays.index(overlay)

    def _refuse_ignored(self, host: NixosSystem) -> None:
        """A host whose overlays have no effect, or drop each other."""
        if "pkgs" in host.special_args:
            raise host.refusal(
                "`specialArgs.pkgs` makes NixOS ignore `nixpkgs.overlays`",
                self._written(host, ("specialArgs", "pkgs")),
                hint="add the overlays where that package set is made",
            )
        for setting in settings(host):
            found = priority_of(setting.value)
            if found is not None:
                reason, hint = unlike_others(found[0])
                raise host.refusal(reason, found[1].node, found[1], hint)

    def _written(self, host: NixosSystem, path: tuple[str, ...]) -> Node | None:
        try:
            found = lookup(host.origin.snapshot, host.written_argument, path)
        except Undecided:
            return None
        return None if found is None or found.entry is None else found.entry.binding

    # -- into a list that is there ------------------------------------------------------------

    def _already_reached(self, hosts: Sequence[NixosSystem]) -> bool:
        """Whether a module that another call's hosts share got the overlays just now."""
        return all(
            any((origin.file, origin.node.start_byte) in self.done for _, origin in _written_modules(host))
            for host in hosts
        )

    def _into_module(
        self, hosts: Sequence[NixosSystem], missing: Sequence[Overlay], chosen: set[str], result: Spliced
    ) -> bool:
        """The overlays added to what the first written module gives; False where none is fit for it."""
        first = hosts[0]
        for place, module in _written_modules(first):
            value = first.setting(module, OVERLAYS)
            if value is None:
                self._refuse_computed(first, module)
                continue
            if not self.users.get(place, {""}) <= chosen or called(module.snapshot, value) in WRAPPING:
                continue
            spot = _last_operand(value)
            places = [first.module_origin(module).at(spot)]
            name = self.inputs.at([*places, *self._same_place(hosts[1:], place, module, spot)])
            if name is not None and self._extend(module, value, missing, name, result):
                result.modules.add((module.file, module.node.start_byte))
                return True
        return False

    def _same_place(
        self, hosts: Sequence[NixosSystem], place: tuple[str, int], module: Origin, value: Node
    ) -> list[Origin]:
        """The same expression under the arguments that it has for other hosts."""
        found = []
        for host in hosts:
            for other, origin in _written_modules(host):
                if other == place and origin.node == module.node:
                    found.append(host.module_origin(origin).at(value))
        return found

    def _refuse_computed(self, host: NixosSystem, module: Origin) -> None:
        layers = layers_of(module.node, functions=True)
        for path in (OVERLAYS[:1], ("config", *OVERLAYS[:1])):
            found = lookup(module.snapshot, layers, path)
            if found is not None and not found.layers and found.entry is not None:
                value = found.entry.value
                known = None if value is None else host.fleet.evaluator.evaluate(module.at(value))
                if not isinstance(known, SetValue) or known.get("overlays") is not None:
                    node = value or found.entry.attr
                    raise host.refusal(
                        "`nixpkgs` is a computed value here, which may set overlays", node, module
                    )

    def _extend(
        self, module: Origin, value: Node, missing: Sequence[Overlay], name: InputsName, result: Spliced
    ) -> bool:
        style = style_of(module.snapshot)
        codes = [self.code(overlay, name, style.tight_set, module.file) for overlay in missing]
        operations = self.extended(module, value, codes)
        if operations is None:
            return False
        self.record(result, module.at(value), operations, "overlays added to `nixpkgs.overlays`", name)
        return True

    def extended(self, place: Origin, value: Node, codes: Sequence[Code]) -> list[ops.Operation] | None:
        """What adds elements to the end of a list; None where a computed one stands within a line.

        Args:
            place: the file.
            value: the expression of the list, the value of a binding.
            codes: the elements.
        """
        last = _last_operand(value)
        binding = value.parent
        source = place.snapshot.source
        if last.kind_id == K.LIST:
            index = len(elements(last)) - 1
            return [ops.InsertElement(last, index, code) for code in codes]
        if binding is not None and source.begins_line(binding.start_byte):
            style = style_of(place.snapshot)
            return [_extended(last, codes, style, source.indent(binding.start_byte))]
        return None

    def _complete(
        self,
        hosts: Sequence[NixosSystem],
        applied: Sequence[Applied],
        missing: Sequence[Overlay],
        result: Spliced,
    ) -> None:
        """The missing one of two overlays beside the other, so that their order is the recipe's."""
        for item in applied:
            element, origin = item.element, item.part.origin
            if element is None or origin is None:
                continue
            name = self.inputs.at([origin.at(element)])
            if name is None:
                continue
            style = style_of(origin.snapshot)
            rank = self._rank(item.overlay)
            operations: list[ops.Operation] = []
            for overlay in missing:
                after = item.index if self._rank(overlay) > rank else item.index - 1
                operations.append(
                    ops.InsertElement(
                        origin.node, after, self.code(overlay, name, style.tight_set, origin.file)
                    )
                )
            self.record(result, origin.at(element), operations, "the missing overlay added", name)
            return
        raise hosts[0].refusal(
            "only some of the overlays are applied", None, hint="add the other one by hand"
        )

    # -- in a module of their own -------------------------------------------------------------

    def _own_module(self, hosts: Sequence[NixosSystem], missing: Sequence[Overlay], result: Spliced) -> None:
        """A module of their own, the first: NixOS merges the first module's overlays last."""
        first = hosts[0]
        layers = first.written_argument
        try:
            found = lookup(first.origin.snapshot, layers, ("modules",)) if layers else None
        except Undecided as undecided:
            raise first.refusal("its `modules` may come from here", undecided.node) from None
        entry = None if found is None else found.entry
        if layers and entry is None:
            raise first.refusal("its `modules` are not written in the call", None)
        place = (entry.value or entry.attr) if entry is not None else field(first.origin.node, F.ARGUMENT)
        if place is None:
            raise first.refusal("its `modules` are not written in the call", None)
        spot = place if entry is None or entry.value is None else _front(entry.value)
        name = self.inputs.at([host.origin.at(spot) for host in hosts])
        if name is None:
            raise self._no_inputs(first, place)
        style = style_of(first.origin.snapshot)
        module = self._module(missing, name, style, first.file)
        if entry is None:
            operation = _wrapped_argument(first, place, module, style)
        elif entry.value is None:
            recursive = any(place.node.kind_id == K.REC_ATTRSET for layer in layers for place in layer.places)
            if recursive and entry.binding.kind_id == K.INHERIT:
                raise first.refusal("within `rec`, its inherited `modules` have no other name", place)
            rest = _inherited(first.origin.snapshot, entry.binding)
            operation = ops.SetAttr(layers, ("modules",), _prefixed(module, rest, style))
        else:
            operation = _first_module(spot, module, style, first.document.source.indent(spot.start_byte))
        self.record(result, first.origin.at(place), [operation], "a module with the overlays added", name)

    def _no_inputs(self, host: NixosSystem, node: Node) -> RefusedError:
        return host.refusal(
            "the flake's inputs have no name here",
            node,
            hint="pass `inputs` to the function that this stands in, then run this again",
        )

    def _module(self, missing: Sequence[Overlay], name: InputsName, style: Style, file: str) -> Code:
        if self.finder.names.module is not None:
            return expr(
                f"(import {relative(file, self.finder.names.module)} {name.as_argument(style.tight_set)})"
            )
        unit = decode(style.unit)
        lines = [f"{unit * 2}{self.code(overlay, name, style.tight_set, file)}\n" for overlay in missing]
        return expr("{\n" + f"{unit}nixpkgs.overlays = [\n" + "".join(lines) + f"{unit}];\n}}")

    def module_lines(self) -> str:
        """The overlays as the lines of the list in the module that applies them, a function of `inputs`."""
        place, name = self.finder.names.module or "", InputsName("inputs")
        codes = [self.code(overlay, name, False, place) for overlay in self.recipe.overlays]
        return "".join(f"    {code}\n" for code in codes)

    def code(self, overlay: Overlay, name: InputsName, tight: bool, file: str) -> Code:
        """An overlay as it is written in a file where the inputs have a name."""
        if overlay.output is not None:
            return expr(name.select(self.finder.names.input, overlay.output))
        path = relative(file, self.finder.names.files[overlay.file or ""])
        return expr(f"(import {path} {name.as_argument(tight)})")

    def record(
        self, result: Spliced, place: Origin, operations: Sequence[ops.Operation], what: str, name: InputsName
    ) -> None:
        """Note what is done at a place, and why."""
        result.operations += [(place.file, operation) for operation in operations]
        result.steps.append(Step(what, place.file, place.line))
        if name.added:
            result.universal = name.code


def list_users(hosts: Sequence[NixosSystem]) -> dict[tuple[str, int], set[str]]:
    """Which hosts, by their keys, evaluate each written list of modules, by file and position."""
    users: dict[tuple[str, int], set[str]] = {}
    for host in hosts:
        for part in host.module_parts:
            if part.origin is not None:
                users.setdefault((part.origin.file, part.origin.node.start_byte), set()).add(host.key)
    return users


def _written_modules(host: NixosSystem) -> list[tuple[tuple[str, int], Origin]]:
    """The modules that are written in lists, `{ … }` or `{ … }: { … }`, with the list of each."""
    found = []
    for part in host.module_parts:
        if part.origin is None or not part.known:
            continue
        place = (part.origin.file, part.origin.node.start_byte)
        written = elements(part.origin.node) if part.origin.node.kind_id == K.LIST else []
        for node, element in zip(written, part.elements, strict=False):
            value = element.get()
            if isinstance(value, SetValue | FunctionValue) and layers_of(node, functions=True):
                found.append((place, part.origin.at(node)))
    return found


def _front(value: Node) -> Node:
    """Where the first module goes: a written list, if all that is joined begins with one, else all of that.

    What stands in a `let` stays in it, and so does the new module: names may mean something else there.
    """
    first = core(value)
    while first.kind_id == K.BINARY and field(first, F.OPERATOR).type == "++":
        first = core(field(first, F.LEFT))
    if first.kind_id == K.LIST:
        return first
    while value.kind_id in _AROUND:
        value = field(value, F.BODY)
    return value


def front_of(value: Node, module: Code, style: Style, indent: bytes) -> ops.Operation:
    """A module in front of a list of modules, however that is joined."""
    return _first_module(_front(value), module, style, indent)


def _first_module(value: Node, module: Code, style: Style, indent: bytes) -> ops.Operation:
    """The module in front of what `_front` finds."""
    if value.kind_id == K.LIST:
        return ops.InsertElement(value, -1, module)
    unit = decode(style.unit)
    text = module.text.replace("\n", f"\n{decode(indent)}{unit}")
    gap = f"\n{decode(indent)}" if style.formatter == "nixfmt" else " "
    head = f"[\n{decode(indent)}{unit}{text}\n{decode(indent)}]{gap}++ ".replace("\n", decode(style.newline))
    if _needs_parentheses(value):
        return ops.Surround(value, encode(head + "("), b")", K.BINARY)
    return ops.Surround(value, encode(head), b"", K.BINARY)


def _needs_parentheses(operand: Node) -> bool:
    """Whether an expression needs parentheses as an operand of `++`, which groups to the right."""
    if operand.kind_id == K.BINARY:
        return field(operand, F.OPERATOR).type != "++"
    return operand.kind_id in _LOOSER_THAN_CONCAT


def _inherited(snapshot: Snapshot, inherit: Node) -> str:
    """The code for the `modules` that an `inherit` brings in."""
    source = inherit.child_by_field_id(F.EXPRESSION)
    if source is None:
        return "modules"
    text = decode(snapshot.text(source))
    return f"{text}.modules" if source.kind_id in (K.VARIABLE, K.SELECT) else f"({text}).modules"


def _prefixed(module: Code, rest: str, style: Style) -> Code:
    unit = decode(style.unit)
    text = module.text.replace("\n", f"\n{unit}")
    gap = "\n" if style.formatter == "nixfmt" else " "
    return expr(f"[\n{unit}{text}\n]{gap}++ {rest}")


def _wrapped_argument(host: NixosSystem, argument: Node, module: Code, style: Style) -> ops.Operation:
    """An argument that is no written set, with the module in front of its modules."""
    if argument.kind_id not in (K.VARIABLE, K.SELECT):
        raise host.refusal("what the call is given is no written set", argument)
    text = decode(host.origin.snapshot.text(argument))
    unit = decode(style.unit)
    inner = _prefixed(module, f"{text}.modules", style).text.replace("\n", f"\n{unit}")
    return ops.Replace(argument, expr(f"({text} // {{\n{unit}modules = {inner};\n}})"))


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
    if _needs_parentheses(node):
        return ops.Surround(node, b"(", b")" + tail, K.BINARY)
    return ops.Surround(node, b"", tail, K.BINARY)
