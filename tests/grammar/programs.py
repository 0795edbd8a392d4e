"""Generates Nix programs together with the tree that Nix gives them.

The strategies follow the levels of Nix's grammar, so a program needs parentheses only where it has
some: what is drawn at one level is always a legal operand there. A program is a list of tokens; the
blanks and comments between them are drawn apart.
"""

from functools import cache
from itertools import cycle

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from .nix_tree import form, quoted

# Tokens and tree.
Part = tuple[tuple[str, ...], str]
Parts = SearchStrategy[Part]

NAMES = ("a", "b'", "c-d", "_", "iff", "or'", "x86", "__curPos")
# None begins with a comment: its slash could belong to a token before it.
BLANKS = (" ", "\n", "\t", "\r\n", " # c\n", "\n/**/", " /* } */ ", "\r")
LEFT, RIGHT, NEITHER = "left", "right", "neither"
BINARY = (
    (10, "++", RIGHT),
    (9, "*", LEFT),
    (9, "/", LEFT),
    (8, "+", LEFT),
    (8, "-", LEFT),
    (6, "//", RIGHT),
    (5, "<", NEITHER),
    (5, ">=", NEITHER),
    (4, "==", NEITHER),
    (4, "!=", NEITHER),
    (3, "&&", LEFT),
    (2, "||", LEFT),
    (1, "->", RIGHT),
)
PREFIX = ((12, "-"), (7, "!"))
HAS = 11

STRING_TEXT = ("a", " ", "$$", "$a", "\\n", '\\"', "\\$", "''", "#", "é", "\n", "\\\\")
INDENTED_TEXT = ("a", "\n  ", "'a", "'''", "''$", "''\\n", "''\\${", '"', "$$", "$a", "#", "é")


def either(*choices: Parts) -> Parts:
    """Draw one of the choices, each as often as the others.

    one_of alone looks into choices that are choices themselves and weighs every alternative in them the
    same; the tuple is opaque to it.
    """
    return st.one_of([st.tuples(choice) for choice in choices]).map(lambda drawn: drawn[0])


def raw(text: str) -> str:
    """Return a raw piece as trees have it, byte by byte."""
    return quoted(text.encode().decode("latin-1"))


def fixed(head: str, *words: str) -> Parts:
    """Draw a literal that is its own tree."""
    return st.sampled_from(words).map(lambda word: ((word,), f"({head} {word})"))


def join(*parts: str | Part) -> tuple[str, ...]:
    """Return the tokens of words and parts in a row."""
    return tuple(token for part in parts for token in ([part] if isinstance(part, str) else part[0]))


def glued(head: str, opening: str, pieces: list[str | Part], closing: str) -> Part:
    """Return a string or path as one token: no blank may come between its pieces."""
    source, trees, text = opening, list[str](), ""
    for piece in pieces:
        if isinstance(piece, str):
            source, text = source + piece, text + piece
        else:
            source += "${" + " ".join(piece[0]) + "}"
            trees += [raw(text)] * bool(text) + [form("interp", [piece[1]])]
            text = ""
    return (source + closing,), form(head, trees + [raw(text)] * bool(text))


def texts(head: str, quote: str, words: tuple[str, ...], depth: int) -> Parts:
    """Draw a string."""
    piece = st.sampled_from(words)
    pieces = st.lists(st.one_of(piece, either(expression(depth - 1))) if depth else piece, max_size=4)
    return pieces.map(lambda drawn: glued(head, quote, drawn, quote))


def paths(depth: int) -> Parts:
    """Draw a path."""
    starts = st.sampled_from(("./a", "/etc", "a/b", "1/2", "../x.y", "~/h", "if/x"))
    if not depth:
        return starts.map(lambda start: glued("path", "", [start], ""))
    more = st.tuples(expression(depth - 1), st.sampled_from(("", "b", "/b", "//b", ".c")))
    return st.tuples(starts, st.lists(more, max_size=2)).map(
        lambda drawn: glued("path", "", [drawn[0], *(each for pair in drawn[1] for each in pair if each)], "")
    )


@cache
def atom(depth: int) -> Parts:
    """Draw what needs no parentheses anywhere."""
    simple = either(
        fixed("var", *NAMES),
        fixed("int", "0", "007", "42"),
        fixed("float", "1.", ".5", "1.5e-3"),
        fixed("spath", "<a>", "<a/b.c>"),
        fixed("uri", "x:y", "http://a.b/c?d=~e", "in:x"),
        texts("str", '"', STRING_TEXT, depth),
        texts("istr", "''", INDENTED_TEXT, depth),
        paths(depth),
    )
    if not depth:
        return simple
    nested = expression(depth - 1).map(lambda it: (join("(", it, ")"), form("paren", [it[1]])))
    lists = st.lists(selection(depth - 1), max_size=3).map(
        lambda items: (join("[", *items, "]"), form("list", [item[1] for item in items]))
    )
    return either(simple, nested, lists, sets(depth), sets(depth))


def sets(depth: int) -> Parts:
    """Draw a set of any kind."""
    kinds = st.sampled_from((((), "set"), (("rec",), "rec"), (("let",), "letset")))
    return st.tuples(kinds, bindings(depth - 1)).map(
        lambda drawn: (
            join(*drawn[0][0], "{", *drawn[1], "}"),
            form(drawn[0][1], [each[1] for each in drawn[1]]),
        )
    )


@cache
def attr(depth: int) -> Parts:
    """Draw one name of an attribute path."""
    names = fixed("id", *NAMES, "or") | texts("str", '"', STRING_TEXT, depth)
    if not depth:
        return names
    return names | expression(depth - 1).map(lambda it: (join("${", it, "}"), form("interp", [it[1]])))


@cache
def attrpath(depth: int) -> Parts:
    """Draw an attribute path; its tree is without parentheses."""

    def dotted(names: list[Part]) -> Part:
        tokens = join(*(each for name in names for each in (".", name)))[1:]
        return tokens, " . ".join(name[1] for name in names)

    return st.lists(attr(depth), min_size=1, max_size=3).map(dotted)


@cache
def bindings(depth: int) -> SearchStrategy[list[Part]]:
    """Draw what stands in a set."""
    plain = st.tuples(attrpath(depth), expression(depth)).map(
        lambda drawn: (join(drawn[0], "=", drawn[1], ";"), form("bind", [drawn[0][1], drawn[1][1]]))
    )
    names = st.lists(attr(depth), max_size=2)
    inherit = names.map(
        lambda drawn: (join("inherit", *drawn, ";"), form("inherit", [each[1] for each in drawn]))
    )
    inherit_from = st.tuples(expression(depth), names).map(
        lambda drawn: (
            join("inherit", "(", drawn[0], ")", *drawn[1], ";"),
            form("inheritfrom", [drawn[0][1], *(each[1] for each in drawn[1])]),
        )
    )
    return st.lists(either(plain, inherit, inherit_from), max_size=3)


@cache
def selection(depth: int) -> Parts:
    """Draw an element of a list or an argument."""
    plain = atom(depth)
    path = attrpath(max(0, depth - 1))
    select = st.tuples(plain, path).map(
        lambda drawn: (join(drawn[0], ".", drawn[1]), form("sel", [drawn[0][1], drawn[1][1]]))
    )
    apply_or = plain.map(lambda it: (join(it, "or"), form("app", [it[1], "(var or)"])))
    if not depth:
        return either(plain, select, apply_or)
    default = st.tuples(plain, path, selection(depth - 1)).map(
        lambda drawn: (
            join(drawn[0], ".", drawn[1], "or", drawn[2]),
            form("sel", [drawn[0][1], drawn[1][1], "or", drawn[2][1]]),
        )
    )
    return either(plain, select, apply_or, default)


@cache
def application(depth: int) -> Parts:
    """Draw a call or what can be called."""
    if not depth:
        return selection(0)
    call = st.tuples(application(depth - 1), selection(depth - 1)).map(
        lambda drawn: (join(*drawn), form("app", [drawn[0][1], drawn[1][1]]))
    )
    return either(selection(depth), call)


@cache
def operation(level: int, depth: int) -> Parts:
    """Draw an expression whose operators bind at least as tightly as `level`."""
    if not depth:
        return application(0)
    choices = [application(depth)] * 9  # else atoms with something inside are rare
    for precedence, operator in PREFIX:
        if precedence >= level:
            operand = operation(precedence, depth - 1)
            choices.append(st.tuples(st.just(operator), operand).map(prefixed))
    if level <= HAS:
        parts = st.tuples(operation(HAS, depth - 1), attrpath(depth - 1))
        choices.append(
            parts.map(lambda drawn: (join(drawn[0], "?", drawn[1]), form("has", [drawn[0][1], drawn[1][1]])))
        )
    for precedence, operator, side in BINARY:
        if precedence >= level:
            left = operation(precedence + (side != LEFT), depth - 1)
            right = operation(precedence + (side != RIGHT), depth - 1)
            choices.append(st.tuples(left, st.just(operator), right).map(infixed))
    return either(*choices)


def prefixed(drawn: tuple[str, Part]) -> Part:
    """Return a prefix operation."""
    return join(*drawn), form(f"un {drawn[0]}", [drawn[1][1]])


def infixed(drawn: tuple[Part, str, Part]) -> Part:
    """Return a binary operation."""
    return join(*drawn), form(f"bin {drawn[1]}", [drawn[0][1], drawn[2][1]])


@cache
def pipe(depth: int) -> Parts:
    """Draw a chain of pipes."""
    stages = st.lists(operation(1, depth - 1), min_size=2, max_size=4)

    def into(drawn: list[Part]) -> Part:
        whole = drawn[0]
        for stage in drawn[1:]:
            whole = infixed((whole, "|>", stage))
        return whole

    def from_right(drawn: list[Part]) -> Part:
        whole = drawn[-1]
        for stage in reversed(drawn[:-1]):
            whole = infixed((stage, "<|", whole))
        return whole

    return stages.map(into) | stages.map(from_right)


@cache
def formals(depth: int) -> Parts:
    """Draw formal arguments."""
    plain = st.sampled_from(NAMES).map(lambda name: ((name,), f"(formal {name})"))
    default = st.tuples(st.sampled_from(NAMES), expression(depth)).map(
        lambda drawn: (join(drawn[0], "?", drawn[1]), form(f"formal {drawn[0]}", [drawn[1][1]]))
    )

    def listed(drawn: tuple[list[Part], tuple[str, ...]]) -> Part:
        parts = list[str | Part]()
        for item in drawn[0]:
            parts += [",", item] if parts else [item]
        tail = drawn[1] if drawn[0] else tuple(word for word in drawn[1] if word != ",")
        trees = [each if isinstance(each, str) else each[1] for each in (*parts, *tail)]
        return join("{", *parts, *tail, "}"), form("formals", trees)

    tails = st.sampled_from(((), (",",), (",", "...")))
    return st.tuples(st.lists(plain | default, max_size=3), tails).map(listed)


@cache
def function(depth: int) -> Parts:
    """Draw a lambda."""
    name = st.sampled_from(NAMES).map(lambda word: ((word,), word))
    at: Part = (("@",), "@")
    heads = st.one_of(
        st.tuples(name),
        st.tuples(formals(depth - 1)),
        st.tuples(formals(depth - 1), st.just(at), name),
        st.tuples(name, st.just(at), formals(depth - 1)),
    )
    return st.tuples(heads, expression(depth - 1)).map(
        lambda drawn: (
            join(*drawn[0], ":", drawn[1]),
            form("lambda", [*(each[1] for each in drawn[0]), drawn[1][1]]),
        )
    )


@cache
def expression(depth: int) -> Parts:
    """Draw any expression."""
    if depth <= 0:
        return operation(1, 0)
    inner = expression(depth - 1)

    def keywords(head: str, *words: str) -> Parts:
        drawn = st.tuples(*[inner] * (len(words)))
        return drawn.map(
            lambda parts: (
                join(*(each for pair in zip(words, parts, strict=True) for each in pair)),
                form(head, [part[1] for part in parts]),
            )
        )

    let = st.tuples(bindings(depth - 1), inner).map(
        lambda drawn: (
            join("let", *drawn[0], "in", drawn[1]),
            form("let", [*(each[1] for each in drawn[0]), drawn[1][1]]),
        )
    )
    return either(
        operation(1, depth),
        pipe(depth),
        function(depth),
        let,
        keywords("with", "with", ";"),
        keywords("assert", "assert", ";"),
        keywords("if", "if", "then", "else"),
    )


@st.composite
def programs(draw: st.DrawFn, depth: int = 3) -> tuple[bytes, str]:
    """Draw a source and its Nix tree."""
    tokens, tree = draw(expression(depth))
    blanks = cycle(draw(st.lists(st.sampled_from(BLANKS), min_size=1, max_size=5)))
    return "".join(token + blank for token, blank in zip(tokens, blanks, strict=False)).encode(), tree
