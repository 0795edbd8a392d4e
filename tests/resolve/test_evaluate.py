"""How values are computed: once, when they are asked for, and not at all where they need themselves."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from plain_values import UNKNOWN, evaluated, evaluator_of, to_python

from nixedit.resolve.later import Later, now
from nixedit.resolve.values import ListValue, Literal, Part, SetValue, Unknown, Value

# One doubles in each line what the one before it has: without memory that is a million steps and more.
DOUBLED: dict[str, tuple[str, Callable[[int], str], str]] = {
    "a rec set": ("rec { a0 = [ ];", lambda n: f"a{n} = a{n - 1} ++ a{n - 1};", "}.a30"),
    "a let": ("let a0 = [ ];", lambda n: f"a{n} = a{n - 1} ++ a{n - 1};", "in a30"),
    "a let seen from functions": (
        "let a0 = [ ];",
        lambda n: f"a{n} = (x: a{n - 1} ++ x) a{n - 1};",
        "in a30",
    ),
    "defaults of formals": ("({ a0 ? [ ],", lambda n: f"a{n} ? a{n - 1} ++ a{n - 1},", "... }: a30) { }"),
    "inherited names": (
        "let s0 = { a = [ ]; };",
        lambda n: f"s{n} = {{ inherit (s{n - 1}) a; b = s{n}.a ++ s{n}.a; }};",
        "in s30.b",
    ),
    "sets spread over bindings": (
        "rec { a0.b = [ ]; a0.c = 1;",
        lambda n: f"a{n}.b = a{n - 1}.b ++ a{n - 1}.b; a{n}.c = 1;",
        "}.a30.b",
    ),
    "with": ("let a0 = { x = [ ]; };", lambda n: f"a{n} = with a{n - 1}; {{ x = x ++ x; }};", "in a30.x"),
    "//": ("let a0 = { x = [ ]; };", lambda n: f"a{n} = a{n - 1} // {{ y = a{n - 1}; }};", "in a30.x"),
}


@pytest.mark.parametrize("name", DOUBLED)
def test_what_is_asked_for_twice_is_computed_once(tmp_path: Path, name: str) -> None:
    head, line, end = DOUBLED[name]
    code = "\n".join([head, *(line(number) for number in range(1, 31)), end])
    (tmp_path / "doubled.nix").write_text(code)
    evaluator = evaluator_of(tmp_path)
    found = evaluator.file("doubled.nix")
    # A list in 2 ** 30 pieces is nothing that is kept: here only the steps count.
    assert isinstance(found, ListValue | Unknown)
    assert evaluator.steps < 1_000


def test_a_function_is_computed_for_each_call(tmp_path: Path) -> None:
    assert to_python(evaluated(tmp_path, "let f = x: { y = x; }; in [ (f 1).y (f 2).y ]")) == [1, 2]


def test_nothing_is_computed_before_it_is_asked_for(tmp_path: Path) -> None:
    (tmp_path / "lazy.nix").write_text("{ a = import ./a.nix; b = 1; }")
    evaluator = evaluator_of(tmp_path)
    value = evaluator.file("lazy.nix")
    assert isinstance(value, SetValue)
    before = evaluator.steps
    assert to_python(value.get("b") or value) == 1
    assert evaluator.steps == before + 1


@pytest.mark.parametrize(
    "code",
    [
        "let a = a; in a",
        "let a = b; b = a; in a",
        "let f = x: f x; in f 1",
        "let f = x: f (x + 1); in f 1",
        "let fix = f: let x = f x; in x; in fix (x: x)",
        "import ./expression.nix",
        "{ __functor = self: self; } 1 2 3",
        "let f = f f; in f",
        "(x: x x) (x: x x)",
        "(" * 500 + "1" + ")" * 500 + " ++ 1",
        "[ " * 300 + "]" * 300 + " == 1.a",
    ],
)
def test_what_never_ends_is_unknown(tmp_path: Path, code: str) -> None:
    value = evaluated(tmp_path, code)
    assert to_python(value) in (UNKNOWN, [UNKNOWN])


def test_a_long_chain_is_known_or_not_but_no_error(tmp_path: Path) -> None:
    chain = " ".join(f"a{number} = a{number + 1};" for number in range(3_000))
    assert to_python(evaluated(tmp_path, f"let {chain} a3000 = 1; in a2999")) == 1
    assert to_python(evaluated(tmp_path, f"let {chain} a3000 = 1; in a0")) == UNKNOWN


def test_what_was_too_deep_is_known_from_above(tmp_path: Path) -> None:
    """A value is not lost for good because it was first asked for by one that is too far up."""
    chain = " ".join(f"a{number} = a{number + 1};" for number in range(1_000))
    (tmp_path / "deep.nix").write_text(f"rec {{ {chain} a1000 = 1; }}")
    value = evaluator_of(tmp_path).file("deep.nix")
    assert isinstance(value, SetValue)
    assert to_python(value.get("a0") or value) == UNKNOWN
    assert to_python(value.get("a990") or value) == 1


def test_many_steps_end(tmp_path: Path) -> None:
    code = "let f = n: f (n + 1) ++ f (n + 2); in f 1"
    evaluator = evaluator_of(tmp_path)
    (tmp_path / "many.nix").write_text(code)
    evaluator.steps = 990_000
    assert "unknown" in str(to_python(evaluator.file("many.nix")))


class Loop:
    """Two values that need each other, as overlapping outputs of a flake do."""

    def __init__(self) -> None:
        self.one = Later(lambda: self._of(self.two))
        self.two = Later(lambda: self._of(self.one))

    @staticmethod
    def _of(other: Later) -> Value:
        found = other.get()
        if isinstance(found, Unknown):
            return ListValue(None, [Part([now(Literal(None, "end"))], None)])
        return ListValue(None, [Part([now(found)], None)])


def test_a_value_computed_within_a_loop_is_computed_again_outside_of_it() -> None:
    loop = Loop()
    assert to_python(loop.one.get()) == [["end"]]
    # `two` was `[ "end" ]` as long as `one` was being computed, and is not kept as that.
    assert to_python(loop.two.get()) == [[["end"]]]


def test_a_value_that_needs_itself_keeps_what_it_found() -> None:
    turns = []

    def compute() -> Value:
        turns.append(1)
        return later.get()

    later = Later(compute)
    assert isinstance(later.get(), Unknown)
    assert isinstance(later.get(), Unknown)
    assert len(turns) == 1


def test_a_value_that_raises_is_not_left_busy() -> None:
    answers: list[Value | None] = [None, Literal(None, 1)]

    def compute() -> Value:
        answer = answers.pop(0)
        if answer is None:
            raise KeyboardInterrupt
        return answer

    later = Later(compute)
    with pytest.raises(KeyboardInterrupt):
        later.get()
    assert to_python(later.get()) == 1


def test_python_s_own_limit_is_never_reached(tmp_path: Path) -> None:
    """Also where the caller is deep down itself."""

    def down(depth: int) -> object:
        if depth:
            return down(depth - 1)
        return to_python(evaluated(tmp_path, "let f = x: [ 1 ] ++ f x; in f 1"))

    used, frame = 0, inspect.currentframe()
    while frame is not None:
        used, frame = used + 1, frame.f_back
    assert down(max(sys.getrecursionlimit() - used - 400, 0)) == UNKNOWN
