"""The NixOS systems of a flake: where each host's `nixosSystem` call stands and what it is given."""

from __future__ import annotations

from collections.abc import Iterator

from attrs import frozen
from tree_sitter import Node

from nixedit.containers import ListExpr
from nixedit.document import Document
from nixedit.errors import NotStaticError, RefusedError
from nixedit.flake.outputs import Outputs
from nixedit.grammar import F, K
from nixedit.handles import Node as Handle
from nixedit.syntax.layers import Layers, Undecided, child, core, entries, layers_of, lookup
from nixedit.syntax.nodes import attrs, elements, field, static_path, string_value
from nixedit.syntax.scope import Scope
from nixedit.syntax.sets import Entry
from nixedit.syntax.snapshot import span_of
from nixedit.syntax.values import names_in
from nixedit.text import Span, decode

_OPTION = ("nixpkgs", "overlays")


@frozen(eq=False)
class NixosSystem:
    """A host and the `nixosSystem { … }` call that makes it.

    Attributes:
        name: its attribute in `nixosConfigurations`.
        document: the file that the call stands in.
        call: the call.
        package_set: the input whose `nixosSystem` is called, or None where that is not known.
    """

    name: str
    document: Document
    call: Handle
    package_set: str | None

    @property
    def argument(self) -> Layers:
        """The written set that the call is given."""
        return layers_of(field(self.call.node, F.ARGUMENT))

    @property
    def modules_value(self) -> Node:
        """The expression of `modules`, in the current tree.

        Raises:
            RefusedError: the call gives none that is visible.
        """
        try:
            found = lookup(self.document.snapshot, self.argument, ("modules",))
        except Undecided as undecided:
            raise self.refusal("its `modules` may come from here", undecided.node) from None
        if found is None or found.entry is None or found.entry.value is None:
            node = found.entry.attr if found is not None and found.entry is not None else None
            raise self.refusal("its `modules` are not written in the call", node)
        return found.entry.value

    @property
    def module_lists(self) -> list[Node]:
        """The written lists among the operands of `++` that `modules` is, from the left."""
        return [operand for operand in operands(self.modules_value) if operand.kind_id == K.LIST]

    @property
    def modules(self) -> ListExpr:
        """The written list of its modules (of several, the first).

        Raises:
            RefusedError: there is none.
        """
        lists = self.module_lists
        if not lists:
            raise self.refusal("its `modules` are no written list", self.modules_value)
        return ListExpr(self.document, lists[0])

    @property
    def inline_modules(self) -> list[Node]:
        """The modules that are written in the call: sets, or functions that give one."""
        modules = [element for listed in self.module_lists for element in elements(listed)]
        return [module for module in modules if layers_of(module, functions=True)]

    def option(self, module: Node, path: tuple[str, ...]) -> Node | None:
        """What a written module sets an option to, also under `config`; None where it does not.

        Raises:
            RefusedError: it depends on a computed set.
        """
        layers = layers_of(module, functions=True)
        for names in (path, ("config", *path)):
            try:
                found = lookup(self.document.snapshot, layers, names)
            except Undecided as undecided:
                raise self.refusal(f"`{'.'.join(path)}` may be set here", undecided.node) from None
            if found is not None:
                entry = found.entry
                if entry is None or entry.value is None:
                    node = entry.binding if entry is not None else module
                    raise self.refusal(f"`{'.'.join(path)}` is inherited or set in several pieces", node)
                return entry.value
        return None

    def is_computed(self, module: Node, path: tuple[str, ...]) -> Node | None:
        """The value that a written module gives an option, if it is neither a written set nor missing."""
        layers = layers_of(module, functions=True)
        for names in (path, ("config", *path)):
            found = lookup(self.document.snapshot, layers, names)
            if found is not None and not found.layers and found.entry is not None:
                return found.entry.value or found.entry.attr
        return None

    @property
    def overlays(self) -> ListExpr | None:
        """The written list of overlays of the first inline module that has one, or None."""
        for module in self.inline_modules:
            value = self.option(module, _OPTION)
            if value is not None and core(value).kind_id == K.LIST:
                return ListExpr(self.document, core(value))
        return None

    def refusal(self, reason: str, node: Node | None, hint: str | None = None) -> RefusedError:
        """Why nothing can be done to this host, with the place."""
        return RefusedError(
            f"host `{self.name}`: {reason}",
            path=self.document.path,
            source=self.document.source,
            span=span_of(node) if node is not None else self.call.span,
            hint=hint,
        )


@frozen
class Unsupported:
    """A host whose system cannot be edited.

    Attributes:
        name: its attribute in `nixosConfigurations`; None where the names are computed too.
        error: why, and where.
    """

    name: str | None
    error: RefusedError


def operands(node: Node) -> Iterator[Node]:
    """The operands of a chain of `++`, from the left, seen through parentheses, let and with."""
    stack = [node]
    while stack:
        inner = core(stack.pop())
        if inner.kind_id == K.BINARY and field(inner, F.OPERATOR).type == "++":
            stack += [field(inner, F.RIGHT), field(inner, F.LEFT)]
        else:
            yield inner


class SystemFinder:
    """Finds the hosts of a flake.

    Args:
        document: its flake.nix.
        outputs: its outputs.
    """

    def __init__(self, document: Document, outputs: Outputs) -> None:
        self.document, self.outputs = document, outputs
        self.snapshot = document.snapshot
        self.scope = Scope.of(self.snapshot)

    def find(self) -> list[NixosSystem | Unsupported]:
        """All hosts of `nixosConfigurations`, in the order they are written."""
        layers = self.outputs.layers
        if not layers:
            return [Unsupported(None, self._computed(core(self.outputs.body), "the outputs are"))]
        try:
            found = child(self.snapshot, layers, "nixosConfigurations")
        except Undecided as undecided:
            return [Unsupported(None, self._computed(undecided.node, "`nixosConfigurations` may be"))]
        if found is None:
            return []
        hosts = found.layers
        if not hosts and found.entry is not None:
            node = found.entry.value or found.entry.attr or found.entry.binding
            resolved = self.scope.value_of(node) if found.entry.value is not None else node
            hosts = layers_of(resolved)
            if not hosts:
                return [Unsupported(None, self._computed(core(resolved), "the hosts are"))]
        try:
            names = names_in(self.snapshot, hosts)
        except NotStaticError as error:
            return [Unsupported(None, self._refused("the hosts are computed in part", error.span))]
        return [*(self._host(hosts, name) for name in names), *self._with_computed_names(hosts)]

    def _with_computed_names(self, hosts: Layers) -> Iterator[NixosSystem | Unsupported]:
        """The hosts whose names are `${…}`: named by the string that a `let` says it is, else by that code."""
        for layer in hosts:
            for place in layer.places:
                depth = len(place.prefix)
                for entry in entries(self.snapshot, place):
                    if entry.names[depth] is not None:
                        continue
                    name = self._name_of(attrs(field(entry.binding, F.ATTRPATH))[depth])
                    if len(entry.names) > depth + 1:
                        reason = f"host `{name}`: no `nixosSystem` call"
                        yield Unsupported(name, self._refused(reason, span_of(entry.binding)))
                    else:
                        yield self._made(name, entry)

    def _name_of(self, attr: Node) -> str:
        whole = attr.kind_id == K.STRING and len(attr.children) == 3
        inner = (attr.children[1] if whole else attr).child_by_field_id(F.EXPRESSION)
        value = None if inner is None else string_value(self.scope.value_of(inner), self.snapshot.source.data)
        return decode(self.snapshot.text(attr)) if value is None else value

    def _host(self, hosts: Layers, name: str) -> NixosSystem | Unsupported:
        found = child(self.snapshot, hosts, name)
        if found is None or found.entry is None:
            place = hosts[0].places[0].node
            return Unsupported(name, self._refused(f"host `{name}`: no `nixosSystem` call", span_of(place)))
        return self._made(name, found.entry)

    def _made(self, name: str, entry: Entry) -> NixosSystem | Unsupported:
        """The host that an entry of the hosts makes."""
        if entry.value is None:
            node = entry.attr or entry.binding
            return Unsupported(name, self._refused(f"host `{name}` is inherited here", span_of(node)))
        value = core(self.scope.value_of(entry.value))
        if value.kind_id != K.APPLY or not self._is_nixos_system(field(value, F.FUNCTION)):
            shown = _shorten(decode(self.snapshot.text(self._callee(value))))
            reason = (
                f"host `{name}` is made by `{shown}`, not by a `nixosSystem {{ … }}` that is written here"
            )
            return Unsupported(name, self._refused(reason, span_of(value)))
        if not layers_of(field(value, F.ARGUMENT)):
            argument = field(value, F.ARGUMENT)
            reason = f"host `{name}`: what `nixosSystem` is given is no written set"
            return Unsupported(name, self._refused(reason, span_of(argument)))
        package_set = self._package_set(field(value, F.FUNCTION))
        return NixosSystem(name, self.document, Handle(self.document, value), package_set)

    def _callee(self, node: Node) -> Node:
        while node.kind_id == K.APPLY:
            node = core(field(node, F.FUNCTION))
        return node

    def _is_nixos_system(self, function: Node) -> bool:
        chain = self._chain(function)
        return chain is not None and chain[1][-1:] == ("nixosSystem",)

    def _chain(self, node: Node) -> tuple[Node, tuple[str, ...]] | None:
        """A selection resolved to its root and the names selected: `nixpkgs`, (`lib`, `nixosSystem`)."""
        names: tuple[str, ...] = ()
        for _ in range(50):
            node = core(node)
            if node.kind_id == K.SELECT:
                path = static_path(field(node, F.ATTRPATH), self.snapshot.source.data)
                if None in path or node.child_by_field_id(F.DEFAULT) is not None:
                    return None
                names = (*(name for name in path if name is not None), *names)
                node = field(node, F.EXPRESSION)
                continue
            if self.scope.name(node) is None:
                return (node, names) if names else None
            further = self._further(node, names)
            if further is None:
                return node, names or (decode(self.snapshot.text(node)),)
            node, names = further
        return None

    def _further(self, node: Node, names: tuple[str, ...]) -> tuple[Node, tuple[str, ...]] | None:
        """What a variable stands for, if a `let` or an `inherit` in this file says so."""
        definition = self.scope.resolve(node)
        if definition is None:
            return None
        if definition.source is not None:  # inherit (source) name
            return definition.source, (definition.name, *names)
        if definition.kind == "inherit" and definition.node is not None:
            return definition.node, names
        if definition.value is not None and definition.kind in ("let", "rec", "let-attrset"):
            return definition.value, names
        return None

    def _package_set(self, function: Node) -> str | None:
        """The input whose library makes a system."""
        chain = self._chain(function)
        if chain is None:
            return None
        root, names = chain
        definition = self.scope.resolve(root)
        if definition is None or definition.scope != self.outputs.function:
            return None
        if definition.kind == "formal":
            return decode(self.snapshot.text(root))
        return names[0] if definition.kind == "universal" and len(names) > 1 else None

    def _computed(self, node: Node, subject: str) -> RefusedError:
        callee = _shorten(decode(self.snapshot.text(self._callee(node))))
        by = f" by `{callee}`" if node.kind_id == K.APPLY else ""
        return self._refused(f"{subject} computed here{by}", span_of(node))

    def _refused(self, reason: str, span: Span | None) -> RefusedError:
        return RefusedError(reason, path=self.document.path, source=self.document.source, span=span)


def _shorten(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 60 else line[:57] + "…"
