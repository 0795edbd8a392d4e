"""A document and a plain dict, edited at random side by side: they always hold the same, and Nix agrees."""

from __future__ import annotations

import copy
import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from layouts import Writer

import nixedit
from nixedit.grammar import K, parse

NAMES = st.sampled_from(
    ("a", "b", "c", "enable", "x-1", "with space", "if", "or", "é.ü", "a.b", "${a}", '"', "1")
)
SCALARS = st.sampled_from((None, True, False, 0, 1, -7, 1 << 40, "", "x", 'q " \\ ${y} $$ \n\t', "é"))
LISTS = st.lists(SCALARS, max_size=4)
VALUES = st.recursive(SCALARS | LISTS, lambda inner: st.dictionaries(NAMES, inner, max_size=3), max_leaves=6)
SETS = st.dictionaries(NAMES, VALUES, max_size=5)
PATHS = st.lists(NAMES, min_size=1, max_size=3).map(tuple)

SEEN: list[tuple[bytes, Any]] = []


def pruned(value: Any) -> Any:
    """Without empty sets: a dotted parent goes with its last binding, a written one stays."""
    if not isinstance(value, dict):
        return value
    inner = {name: pruned(item) for name, item in value.items()}
    return {name: item for name, item in inner.items() if item != {}}


def comments_in(data: bytes) -> list[str]:
    found, stack = [], [parse(data).root_node]
    while stack:
        node = stack.pop()
        if node.kind_id == K.COMMENT:
            found.append(data[node.start_byte : node.end_byte].decode().strip())
        stack.extend(node.children)
    return found


class Editing(RuleBasedStateMachine):
    @initialize(
        start=SETS,
        choices=st.lists(st.integers(0, 39), min_size=1, max_size=24),
        unit=st.sampled_from(("  ", "    ", "\t")),
        newline=st.sampled_from(("\n", "\n", "\r\n")),
    )
    def write(self, start: dict[str, Any], choices: list[int], unit: str, newline: str) -> None:
        writer = Writer(choices, unit, newline)
        self.document = nixedit.loads(writer.document(start))
        self.model = copy.deepcopy(start)
        self.comments = writer.comments
        self.past: list[tuple[bytes, dict[str, Any]]] = []

    def _commit(self, gone: tuple[str, ...] | None, before: bytes, model: dict[str, Any]) -> None:
        """After a step: what it did can be undone, and only comments below `gone` are lost."""
        self.past += [(before, model)] * (self.document.data != before)
        left = comments_in(self.document.data)
        assert len(left) == len(set(left))
        for text in comments_in(before):
            path = self.comments[text]
            if gone is None or path[: len(gone)] != gone:
                assert text in left, f"{text} is lost"

    def _parent(self, names: tuple[str, ...]) -> Any:
        inner: Any = self.model
        for name in names:
            if not isinstance(inner, dict) or name not in inner:
                return inner if not isinstance(inner, dict) else None
            inner = inner[name]
        return inner

    @rule(names=PATHS, value=VALUES, deep=st.booleans())
    def set_value(self, names: tuple[str, ...], value: Any, deep: bool) -> None:
        before, model = self.document.data, copy.deepcopy(self.model)
        inner = self.model
        for name in names[:-1]:
            inner = inner.setdefault(name, {}) if isinstance(inner, dict) else inner
        if not isinstance(inner, dict):
            self.model = model
            with pytest.raises(nixedit.NotStaticError):
                self.document.attrs[names] = value
            assert self.document.data == before
            return
        inner[names[-1]] = copy.deepcopy(value)
        if (
            deep
            and names[:1] in self.document.attrs
            and isinstance(self.document.attrs[names[:1]], nixedit.AttrSet)
        ):
            target, rest = self.document.attrs[names[:1]], names[1:]
        else:
            target, rest = self.document.attrs, names
        if rest:
            target[rest] = value
        else:
            self.document.attrs[names] = value
        self._commit(names, before, model)

    @rule(data=st.data())
    @precondition(lambda self: pruned(self.model) != {})
    def delete(self, data: st.DataObject) -> None:
        before, model = self.document.data, copy.deepcopy(self.model)
        inner, names = self.model, ()
        while True:
            alive = [name for name, item in inner.items() if pruned(item) != {}]
            name = data.draw(st.sampled_from(alive))
            names = (*names, name)
            if not isinstance(inner[name], dict) or data.draw(st.booleans()):
                break
            inner = inner[name]
        del inner[name]
        del self.document.attrs[names]
        self._commit(names, before, model)
        lost = [text for text, path in self.comments.items() if path[: len(names)] == names]
        assert not set(lost) & set(comments_in(self.document.data))

    def _lists(self) -> list[tuple[str, ...]]:
        found, stack = [], [((), self.model)]
        while stack:
            path, inner = stack.pop()
            if isinstance(inner, list):
                found.append(path)
            elif isinstance(inner, dict):
                stack += [((*path, name), item) for name, item in inner.items()]
        return sorted(found)

    @rule(data=st.data(), value=SCALARS | LISTS | st.dictionaries(NAMES, SCALARS, max_size=2))
    @precondition(lambda self: self._lists())
    def insert(self, data: st.DataObject, value: Any) -> None:
        names = data.draw(st.sampled_from(self._lists()))
        before, model = self.document.data, copy.deepcopy(self.model)
        wanted, written = self._parent(names), self.document.attrs[names]
        index = data.draw(st.integers(0, len(wanted)))
        if index == len(wanted):
            written.append(value)
        else:
            written.insert(index, value)
        wanted.insert(index, copy.deepcopy(value))
        self._commit(None, before, model)

    @rule(data=st.data())
    @precondition(lambda self: any(self._parent(path) for path in self._lists()))
    def remove_element(self, data: st.DataObject) -> None:
        names = data.draw(st.sampled_from([path for path in self._lists() if self._parent(path)]))
        before, model = self.document.data, copy.deepcopy(self.model)
        wanted, written = self._parent(names), self.document.attrs[names]
        index = data.draw(st.integers(0, len(wanted) - 1))
        if data.draw(st.booleans()):
            del written[index]
            del wanted[index]
        else:
            value = wanted[index]
            assert written.discard(value)
            del wanted[
                next(n for n, item in enumerate(wanted) if type(item) is type(value) and item == value)
            ]
        self._commit(names, before, model)

    @rule()
    @precondition(lambda self: self.past)
    def undo(self) -> None:
        before, self.model = self.past.pop()
        assert self.document.undo()
        assert self.document.data == before

    @invariant()
    def holds_the_same(self) -> None:
        if not hasattr(self, "document"):
            return
        assert pruned(self.document.attrs.to_python()) == pruned(self.model)
        assert self.document.errors == ()

    def teardown(self) -> None:
        if hasattr(self, "document"):
            SEEN.append((self.document.data, pruned(self.model)))


def test_a_document_follows_a_plain_dict_and_nix_agrees(tmp_path: Path) -> None:
    SEEN.clear()
    run_state_machine_as_test(
        Editing,
        settings=settings(
            max_examples=80, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
        ),
    )
    if shutil.which("nix-instantiate") is None:
        pytest.skip("Nix is not installed")
    for number, (data, _) in enumerate(SEEN):
        (tmp_path / f"{number}.nix").write_bytes(data)
    call = "file: let value = import file; in if builtins.isFunction value then value { } else value"
    files = " ".join(f"./{number}.nix" for number in range(len(SEEN)))
    command = ["nix-instantiate", "--eval", "--strict", "--json", "-E", f"map ({call}) [ {files} ]"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False)
    assert result.returncode == 0, result.stderr.decode()
    for (data, model), value in zip(SEEN, json.loads(result.stdout), strict=True):
        assert pruned(value) == model, data.decode()
