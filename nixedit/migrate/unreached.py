"""Modules that want the flake's inputs where their host does not give them any."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tree_sitter import Node

from nixedit.errors import NixEditError
from nixedit.flake.module_list import ModuleList
from nixedit.flake.systems import NixosSystem
from nixedit.flake.written_modules import WrittenModule
from nixedit.grammar import F
from nixedit.migrate.tree import Tree
from nixedit.resolve.values import Call, FunctionValue, PathValue, SetValue, Value
from nixedit.syntax.nodes import field, formals

_NAME = "inputs"


def unreached_inputs(tree: Tree, hosts: Sequence[NixosSystem]) -> Iterator[NixEditError]:
    """Modules with an argument `inputs` that nothing gives them; nothing where that is not known.

    Source: nixpkgs, lib/modules.nix, `applyModuleArgs`: an argument comes from `specialArgs` or from
    `_module.args`, and Nix stops only where a missing one is used.
    """
    told: set[tuple[str, int]] = set()
    for host in hosts:
        if not _gives_none(host):
            continue
        for module in ModuleList.of(host).modules:
            wanted = _wanted(module)
            if wanted is not None and module.place not in told:
                told.add(module.place)
                yield tree.refusal(
                    module.file,
                    wanted,
                    f"`{host.key}` gives its modules no `{_NAME}`: where this one uses it, Nix stops",
                    f"{host.kind.arguments} = {{ inherit {_NAME}; }}; in its call gives it to all of them",
                )


def _gives_none(host: NixosSystem) -> bool:
    """Whether surely nothing gives a host's modules that argument."""
    given = host.argument.get(host.kind.arguments) if isinstance(host.argument, SetValue) else host.argument
    if given is not None and not (isinstance(given, SetValue) and given.complete):
        return False
    if given is not None and given.has(_NAME):
        return False
    return all(
        _is_known(module.named, module.value) and not _sets(module.value)
        for module in host.configuration.modules
    )


def _is_known(named: Value, module: Value) -> bool:
    """Whether all that a module sets is known by name: it is the flake's own, and a set."""
    own = isinstance(named, SetValue | FunctionValue) or (
        isinstance(named, PathValue) and named.path is not None
    )
    return own and isinstance(module, SetValue) and module.complete


def _sets(module: Value, path: tuple[str, ...] = ("_module",)) -> bool:
    """Whether a module may set what modules get."""
    if not isinstance(module, SetValue):
        return True
    config = module.get("config")
    return (
        module.has(path[0]) is not False or isinstance(config, Call) or (config is not None and _sets(config))
    )


def _wanted(module: WrittenModule) -> Node | None:
    """The formal that a module wants the inputs by, if it has no default."""
    head = None if module.head is None else module.head.child_by_field_id(F.FORMALS)
    for formal in () if head is None else formals(head):
        name = field(formal, F.NAME)
        if module.origin.snapshot.text(name) == _NAME.encode():
            return None if formal.child_by_field_id(F.DEFAULT) is not None else name
    return None
