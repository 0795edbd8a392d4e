"""Random Nix programs of every construct the evaluator knows, and of some that it does not.

A program is a function of `{ lib }`, well typed, and closed: names are few, so that they shadow each other.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from random import Random

NAMES = ("a", "b", "c", "d")
VARIABLES = ("a", "b", "c", "d", "x", "y")
FILES = {
    "strings.nix": '{ a, b ? a + "!", ... }@all: a + b + (all.b or "none")',
    "set.nix": 'rec { a = "A"; b = a + c; c = "C"; }',
    "folder/default.nix": "prefix: { a = prefix; b = builtins.readFile ../data/text; }",
    "self.nix": 'let self = { a = "1"; b = self.a + "2"; c = (import ./strings.nix) self; }; in self',
    "data/text": "text",
    "data/a.json": '{"a": "from json", "d": "x"}',
    "data/b.toml": 'a = "from toml"\nc = "é"\n',
    "data/inner/b": "",
    "data/inner/default.nix": '"default"',
}
LINKS = {"data/link": "inner", "linked.nix": "folder/default.nix"}


class Programs:
    """Draws programs.

    Args:
        random: where the draws come from.
        size: how deep an expression nests at most.
    """

    def __init__(self, random: Random, size: int) -> None:
        self.random, self.size = random, size
        self.scope: dict[str, str] = {}
        self.depth = 0

    def program(self) -> str:
        """One program."""
        kind = self.random.choice(("string", "boolean", "list", "set", "sets", "sets", "set"))
        return f"{{ lib }}: {self.of(kind)}"

    def of(self, kind: str) -> str:
        """An expression of a type, in parentheses where it needs some."""
        self.depth += 1
        try:
            if self.depth > self.size:
                return self._leaf(kind)
            made = self.random.choice([*_RULES[kind], *_RULES["any"]])
            return made(self) if made in _RULES[kind] else made(self, kind)
        finally:
            self.depth -= 1

    def _leaf(self, kind: str) -> str:
        known = [name for name, other in self.scope.items() if other == kind]
        if known and self.random.random() < 0.7:
            return self.random.choice(known)
        leaves = {
            "string": ('"a"', '"b"', '"c"', '"k"', '""'),
            "boolean": ("true", "false"),
            "list": ("[ ]", '[ "a" "b" ]', '[ "d" ]'),
            "set": ("{ }", '{ a = "1"; }', '{ b = "2"; c = "3"; }', "(import ./set.nix)"),
            "sets": ("{ }", '{ a = { b = "4"; }; }', '{ b.a = "5"; b.c = "6"; c = { }; }'),
        }
        return self.random.choice(leaves[kind])

    def name(self) -> str:
        """The name of an attribute."""
        return self.random.choice(NAMES)

    def attr(self) -> str:
        """An attribute, also a computed one."""
        return self.random.choice((self.name(), self.name(), f'"{self.name()}"', f"${{{self.of('string')}}}"))

    @contextmanager
    def bound(self, **names: str) -> Iterator[None]:
        """Names that are in scope for a while."""
        before = self.scope
        self.scope = {**before, **names}
        try:
            yield
        finally:
            self.scope = before

    def kind(self) -> str:
        return self.random.choice(("string", "string", "boolean", "list", "set", "sets"))

    def variable(self) -> str:
        return self.random.choice(VARIABLES)

    def body(self, kind: str, **names: str) -> str:
        """An expression under names."""
        with self.bound(**names):
            return self.of(kind)

    def opaque(self, code: str) -> str:
        """A set, at times so that the evaluator does not know it: what is left of it where all of it is left."""
        every = "{ a = 1; b = 1; c = 1; d = 1; }"
        return (
            f"(builtins.tryEval (builtins.intersectAttrs {every} {code})).value"
            if self.random.random() < 0.4
            else code
        )

    def full(self) -> str:
        """A set that has all of the names, at times by another one that has more to say."""
        made = " ".join(f"{name} = {self.of('string')};" for name in NAMES)
        return f"({{ {made} }} // {self.of('set')})" if self.random.random() < 0.5 else f"{{ {made} }}"


Rule = Callable[[Programs], str]
_RULES: dict[str, list[Callable[..., str]]] = {
    "any": [],
    "string": [],
    "boolean": [],
    "list": [],
    "set": [],
    "sets": [],
}


def rule(kind: str) -> Callable[[Callable[..., str]], Callable[..., str]]:
    def add(made: Callable[..., str]) -> Callable[..., str]:
        _RULES[kind].append(made)
        return made

    return add


def forms(kind: str, *texts: str) -> None:
    """Templates: `S`, `B`, `L`, `A`, `AA` stand for expressions, `N` for a name, `AT` for an attribute."""
    for text in texts:
        rule(kind)(_form(text))


_WORDS: dict[str, Rule] = {
    "S": lambda programs: programs.of("string"),
    "B": lambda programs: programs.of("boolean"),
    "L": lambda programs: programs.of("list"),
    "A": lambda programs: programs.of("set"),
    "AA": lambda programs: programs.of("sets"),
    "N": lambda programs: programs.name(),
    "AT": lambda programs: programs.attr(),
    "FULL": lambda programs: programs.full(),
}
_WORD = re.compile(rf"\b({'|'.join(_WORDS)})\b")


def _form(text: str) -> Rule:
    return lambda programs: f"({_WORD.sub(lambda match: _WORDS[match[1]](programs), text)})"


# -- of any type ---------------------------------------------------------------------------------


@rule("any")
def _let(programs: Programs, kind: str) -> str:
    name, inner = programs.variable(), programs.kind()
    with programs.bound(**{name: inner}):  # as a `let` sees itself: what is drawn must not use it
        value = programs.body(inner, **{name: "hidden"})
        return f"(let {name} = {value}; in {programs.of(kind)})"


@rule("any")
def _let_two(programs: Programs, kind: str) -> str:
    one, two = programs.random.sample(VARIABLES, 2)
    with programs.bound(**{one: "hidden", two: "string"}):
        first = programs.of("string")
    with programs.bound(**{one: "hidden", two: "hidden"}):
        second = programs.of("string")
    bindings = [f"{one} = {first};", f"{two} = {second};"]
    programs.random.shuffle(bindings)
    with programs.bound(**{one: "string", two: "string"}):
        return f"(let {' '.join(bindings)} in {programs.of(kind)})"


@rule("any")
def _inherited(programs: Programs, kind: str) -> str:
    name = programs.name()
    source = programs.body("string", **{name: "hidden"})
    body = programs.body(kind, **{name: "string"})
    return f"(let inherit ({{ {name} = {source}; }}) {name}; in {body})"


@rule("any")
def _with(programs: Programs, kind: str) -> str:
    environment = programs.full()
    new = {name: "string" for name in NAMES if name not in programs.scope}
    outer = f"with {programs.full()}; " if programs.random.random() < 0.3 and not new else ""
    if programs.random.random() < 0.4:
        inner = programs.opaque(f"{{ {programs.name()} = {programs.of('string')}; }}")
        return f"(with {environment}; with {inner}; {programs.body(kind, **new)})"
    return f"({outer}with {environment}; {programs.body(kind, **new)})"


@rule("any")
def _if(programs: Programs, kind: str) -> str:
    return f"(if {programs.of('boolean')} then {programs.of(kind)} else {programs.of(kind)})"


@rule("any")
def _function(programs: Programs, kind: str) -> str:
    name, inner = programs.variable(), programs.kind()
    argument = programs.of(inner)
    return f"(({name}: {programs.body(kind, **{name: inner})}) {argument})"


@rule("any")
def _unused(programs: Programs, kind: str) -> str:
    name = programs.variable()
    argument = programs.random.choice(('(throw "no")', "(let r = r; in r)", "{ }.a", "(1 1)"))
    return f"(({name}: {programs.body(kind, **{name: 'hidden'})}) {argument})"


@rule("any")
def _formals(programs: Programs, kind: str) -> str:
    first, second = programs.random.sample(NAMES, 2)
    default = programs.body("string", **{first: "string", second: "hidden"})
    body = programs.body(kind, **{first: "string", second: "string", "all": "set"})
    head = f"{{ {first}, {second} ? {default}, ... }}"
    head = programs.random.choice((f"{head}@all", f"all@{head}"))
    given = f"({programs.of('set')} // {{ {first} = {programs.of('string')}; }})"
    return f"(({head}: {body}) {programs.opaque(given)})"


@rule("any")
def _functor(programs: Programs, kind: str) -> str:
    body = programs.body(kind, me="set", x="string")
    made = f"{{ __functor = me: x: {body}; a = {programs.of('string')}; }}"
    # `me` has a function: as a set of strings it may only be selected from.
    if "me" in body.replace("me.", ""):
        return programs.of(kind)
    return f"({made} {programs.of('string')})"


@rule("any")
def _assert(programs: Programs, kind: str) -> str:
    return f"(assert {programs.of('boolean')} || true; {programs.of(kind)})"


@rule("any")
def _given(programs: Programs, kind: str) -> str:
    """An attribute, of a set that may or may not have it, with a default."""
    other = programs.of(kind)
    value = f"{{ {programs.name()} = {programs.of(kind)}; }}"
    hidden = programs.random.choice((value, f"({value} // {{ {programs.attr()} = {other}; }})"))
    hidden = programs.opaque(hidden)
    return f"({hidden}.{programs.attr()} or {programs.of(kind)})"


@rule("any")
def _flipped(programs: Programs, kind: str) -> str:
    name = programs.variable()
    body = programs.body(kind, **{name: "string"})
    return programs.random.choice(
        (
            f"(lib.flip (_: {name}: {body}) {programs.of('string')} {programs.of('set')})",
            f"(lib.pipe {programs.of('string')} [ lib.id ({name}: {body}) ])",
            f"(builtins.foldl' (_: {name}: {body}) {programs.of(kind)} {programs.of('list')})",
            f"(builtins.head (map ({name}: {body}) [ {programs.of('string')} ]))",
        )
    )


forms(
    "string",
    '"é $${ \\n\\${"',
    "S + S",
    "builtins.substring 0 9 S",
    "A.AT or S",
    "AA.AT.AT or S",
    "AA.AT.N.N or S",
    "FULL.N",
    'builtins.getAttr "N" FULL',
    "builtins.concatStringsSep S L",
    "builtins.foldl' (p: q: p + q ) S L",
    "builtins.head ([ S ] ++ L )",
    'baseNameOf ( S + "/x" )',
    "toString B",
    "toString S",
    "import ./strings.nix ( A // { a = S; })",
    "( import ./self.nix ).c",
    "( import ./folder S ).a",
    "( import ./linked.nix S ).b",
    "import ./data/inner",
    'import (./data + "/inner" )',
    "builtins.readFile ./data/text",
    'builtins.readFile (./data + ( "/" + "text" ))',
    "lib.removeSuffix S S",
    "lib.removePrefix S S",
    'let fix = f: let i = f i; in i; in ( fix (i: { a = S; b = i.a + "!"; })).b',
    "rec { p = q + S ; q = S; } .p",
    "( rec { p = q + S ; q = S; } // { q = S; }).p",
    "baseNameOf ./data/a.json",
    "let { body = S; }",
)
forms(
    "boolean",
    "A ? N",
    "AA ? AT.N",
    "AA ? N.N.N",
    "S == S",
    "S != S",
    "B == B",
    "A == A",
    "L == L",
    "S == B",
    "B && B",
    "B || B",
    "B -> B",
    "! B",
    "builtins.lessThan 1 2",
    "builtins.lessThan 2 1",
    "builtins.lessThan ( builtins.stringLength S ) 2",
    "builtins.any (p: p == S ) L",
    "builtins.all (p: p == S ) L",
    "builtins.elem S L",
    "builtins.elem A [ A ]",
    "builtins.elem 1 [ 1 S 2 ]",
    "builtins.hasAttr S A",
    "builtins.pathExists ./data/a.json",
    'builtins.pathExists (./data + ("/" + S ))',
    "builtins.pathExists ./data/link",
    "lib.hasSuffix S S",
    "lib.hasPrefix S S",
    "./data/a.json == ./folder/../data/a.json",
    "./data == ./folder",
    "1 == 1.0",
    "1 == true",
    "null == S",
)
forms(
    "list",
    "[ S S ]",
    "L ++ L",
    "map (p: p + S ) L",
    "builtins.tail ([ S ] ++ L )",
    "builtins.attrNames A",
    "builtins.attrNames AA",
    "builtins.attrValues A",
    "builtins.filter (p: p != S ) L",
    "builtins.concatLists [ L L ]",
    "builtins.concatMap (p: [ p S ] ) L",
    "builtins.attrNames ( builtins.readDir ./data )",
    "builtins.attrValues ( builtins.readDir ./data )",
    "map (p: A .${p} or p ) ( builtins.attrNames A )",
    "lib.optionals B L",
    "lib.optional B S",
    "lib.flatten [ L [ L [ S ] ] S ]",
    "lib.toList S",
    "lib.toList L",
    "lib.singleton S",
    "lib.mapAttrsToList (p: q: p + q ) A",
    'lib.forEach L (p: p + "z" )',
    "map baseNameOf ( lib.filesystem.listFilesRecursive ./data )",
)
forms(
    "set",
    "rec { a = S; b = a ; }",
    "{ ${ S } = S; }",
    '{ a = S; ${ if B then "c" else null } = S; }',
    "{ inherit ( FULL ) a c; }",
    "A // A",
    "A // { AT = S; }",
    "{ N = S; } // A",
    'A // { ${ builtins.substring 0 1 "N" } = S; }',
    'FULL // { ${ builtins.substring 0 1 "N" } = S; }',
    "builtins.intersectAttrs FULL A",
    "builtins.intersectAttrs FULL ( A // { a = S; })",
    "builtins.intersectAttrs A FULL",
    "builtins.mapAttrs (p: q: p + q ) A",
    "builtins.mapAttrs (p: q: S ) AA",
    "builtins.listToAttrs [ { name = S; value = S; } { name = S; value = S; } ]",
    "builtins.listToAttrs ( map (p: { name = p; value = S; }) L )",
    "builtins.removeAttrs A L",
    'removeAttrs A [ "N" S ]',
    "builtins.fromJSON ( builtins.readFile ./data/a.json )",
    "builtins.fromTOML ( builtins.readFile ./data/b.toml )",
    "lib.importJSON ./data/a.json",
    "lib.importTOML ./data/b.toml",
    "builtins.foldl' (p: q: p // q ) { } [ A A A ]",
    "import ./folder S",
    "import ./linked.nix S",
    "AA.AT or A",
    "builtins.readDir ./data",
    "lib.genAttrs L (p: p + S )",
    "lib.filterAttrs (p: q: p != S ) A",
    "lib.filterAttrs (p: q: q != S ) A",
    "lib.mapAttrs' (p: q: lib.nameValuePair ( q ) p ) A",
    "lib.mapAttrs' (p: q: { name = p + S ; value = q; }) A",
    "lib.optionalAttrs B A",
    "lib.mergeAttrs A A",
    "lib.recursiveUpdate A A",
    "let fix = f: let i = f i; in i; in fix (i: { a = S; b = i.a; } // A )",
    "let e = f: r: r // f (e f r ) r; in e (i: old: { c = old.a or S; d = i.a or S; }) A",
)
forms(
    "sets",
    "{ a = A; b.c = S; b.d = S; }",
    "{ a = { b = S; }; a.c = S; }",
    "{ a = rec { b = S; d = b ; }; a.c = S; }",
    "rec { a = A; b = a ; }",
    "{ b.${ S } = S; }",
    "{ N = A; } // AA",
    "AA // { ${ S } = A; }",
    "AA // AA",
    "builtins.mapAttrs (p: q: q // { ${p} = S; }) AA",
    "builtins.mapAttrs (p: q: q // A ) AA",
    "builtins.listToAttrs ( map (p: { name = p; value = A; }) L )",
    "lib.genAttrs L (p: { ${p} = S; } // A )",
    "lib.recursiveUpdate AA AA",
    'AA // { ${ builtins.substring 0 1 "N" } = A; }',
    'lib.recursiveUpdate AA { ${ builtins.substring 0 1 "N" } = A; }',
    "lib.recursiveUpdate AA { AT.AT = S; }",
    "lib.recursiveUpdate AA ( builtins.intersectAttrs AA AA )",
    "lib.filterAttrs (p: q: q ? AT ) AA",
    "builtins.removeAttrs AA L",
    "builtins.intersectAttrs FULL AA",
    "builtins.intersectAttrs FULL ( AA // { b = A; })",
)
