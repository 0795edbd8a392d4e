"""What Nix rejects before evaluation, and the words for it."""

import shutil
import subprocess

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nixedit.diagnostics import Diagnostic, diagnose
from nixedit.syntax.snapshot import Snapshot
from nixedit.text import Source, Span

EARLIER = "perhaps an earlier one is not closed: the one at"
QUOTED = "a name that is not letters, digits, _, - and ' is written as a string"


def found(code: str | bytes) -> tuple[Diagnostic, ...]:
    data = code.encode() if isinstance(code, str) else code
    return diagnose(Snapshot.of(Source(data)))


def said(code: str) -> list[str]:
    """Line, column, message and hint of all diagnostics."""
    return [
        f"{each.line}:{each.column}: {each.message}" + (f" ({each.hint})" if each.hint else "")
        for each in found(code)
    ]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        # What is missing is missing behind the token before.
        ("{ a = 1 }", "1:8: missing `;` after the value of `a`"),
        ("{ a.b = f x\n  c = 2; }", "1:12: missing `;` after the value of `a.b`"),
        ("{\n  a = 1\n  inherit b; }", "2:8: missing `;` after the value of `a`"),
        ("let a = 1 in a", "1:10: missing `;` after the value of `a`"),
        ("with a b", "1:9: missing `;` after `with`"),
        ("{ inherit a\n  b = 1; }", "1:12: missing `;` after `inherit`"),
        ("{ inherit a }", "1:12: missing `;` after `inherit`"),
        ("{ a b }: a", "1:5: expected `=` after `a`, found `b`"),
        ("{ pkgs, lib ... }: 1", "1:12: missing `,` between two arguments"),
        ("if a then b", "1:12: `if` without `else` (it begins at 1:1)"),
        ("let a = 1; { }", "1:12: expected a binding or `in`, found `{`"),
        ("{ a = ; }", "1:7: expected an expression, found `;`"),
        ("a +", "1:4: expected an expression, found the end of the file"),
        # What is open says where.
        ("{ a = (1 + 2; }", "1:13: `(` is not closed: expected `)`, found `;` (opened at 1:7)"),
        ("{ a = [ 1 2; }", "1:12: `[` is not closed: expected `]`, found `;` (opened at 1:7)"),
        ("{\n  a = [ 1\n  b = 2; }", "3:3: `[` is not closed: expected `]`, found `b` (opened at 2:7)"),
        ("{ a = 1;", "1:9: `{` is not closed: expected `}`, found the end of the file (opened at 1:1)"),
        (
            "{\n  a = {\n    b = 1;\n  c = 2;\n}\n",
            "2:7: `{` is probably not closed (the line that closes it is indented less)",
        ),
        ("[ 1 ", "1:5: `[` is not closed: expected `]`, found the end of the file (opened at 1:1)"),
        ('{ a = "x; }', '1:7: the string that begins here has no closing `"`'),
        ("{ a = ''x ${b}; }", "1:7: the string that begins here has no closing `''`"),
        (
            '{\n  a = "foo;\n  b = "bar";\n}\n',
            f'3:11: the string that begins here has no closing `"` ({EARLIER} 2:7)',
        ),
        ("1 /* a", "1:3: the comment that begins here has no `*/`"),
        # What is too much.
        ("{ a = 1;; }", "1:9: there is a `;` too many"),
        ("{ } }", "1:5: unexpected `}`: nothing is open that it could close"),
        ("[ a, b ]", "1:4: unexpected `,` in a list (elements are separated by blanks)"),
        ("{ inherit a, b; }", "1:12: unexpected `,` in `inherit` (inherited names are separated by blanks)"),
        ("{ a, ..., }: a", "1:9: expected `}` after `...`, found `,` (`...` comes last, without a comma)"),
        ("1\f", "1:2: unexpected character form feed"),
        ("a\N{NO-BREAK SPACE}b", "1:2: unexpected character no-break space"),
        # What must be written otherwise.
        ("{ if = 1; }", '1:3: `if` is a keyword, not a name (write "if")'),
        ("x.then", '1:3: `then` is a keyword, not a name (write "then")'),
        (
            "{ 1a = 1; }",
            f"1:3: `1` cannot be a name ({QUOTED})",
        ),
        ("{ a = ./b/; }", "1:10: a path cannot end with a slash"),
        ("./a//b", "1:4: a path cannot have two slashes in a row"),
        ("{a}@x:x", "1:5: `x:x` is read as a URL (write a blank behind the colon)"),
        ("[ -1 ]", "1:3: unexpected `-` in a list (an element with an operator needs parentheses)"),
        ("[ x: x ]", "1:3: a function must stand in parentheses as an element of a list"),
        ("1 + if a then b else c", "1:5: `if` must stand in parentheses here"),
        ("a == b == c", "1:8: `==` cannot follow another comparison (write parentheses)"),
        ("a |> f <| b", "1:8: `|>` and `<|` cannot be mixed (write parentheses)"),
        ("a = b", "1:3: unexpected `=` (equality is `==`)"),
        ("a.(b)", "1:3: expected an attribute name, found `(` (a computed name is written ${…})"),
    ],
)
def test_syntax_errors(code: str, message: str) -> None:
    assert said(code) == [message]
    assert found(code)[0].kind == "syntax"


def test_several_errors_of_one_file() -> None:
    code = "{\n  a = 1\n  b = (2;\n  c = [ 3, 4 ];\n  d.then = 5;\n  e = { f = 6 };\n}\n"
    assert said(code) == [
        "2:8: missing `;` after the value of `a`",
        "3:9: `(` is not closed: expected `)`, found `;` (opened at 3:7)",
        "4:10: unexpected `,` in a list (elements are separated by blanks)",
        '5:5: `then` is a keyword, not a name (write "then")',
        "6:14: missing `;` after the value of `f`",
    ]


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        ("{ a = 1; a = 2; }", "duplicate-attribute", "1:10: `a` is already defined (first defined at 1:3)"),
        (
            '{ a.b = 1; a."b" = 2; }',
            "duplicate-attribute",
            "1:12: `a.b` is already defined (first defined at 1:3)",
        ),
        (
            "x: [ (let a = 1; inherit a; in a) ]",
            "duplicate-attribute",
            "1:26: `a` is already defined (first defined at 1:11)",
        ),
        ("{ a, a }: a", "duplicate-formal", "1:6: the argument `a` is named twice (first named at 1:3)"),
        ("a@{ a }: a", "duplicate-formal", "1:5: the argument `a` is named twice (first named at 1:1)"),
        (
            "{ inherit ${a}; }",
            "dynamic-attribute",
            "1:11: a computed name cannot stand in `inherit` (write name = set.${…};)",
        ),
        (
            'let "${a}" = 1; in 1',
            "dynamic-attribute",
            "1:5: a computed name cannot stand in `let … in` (use a set with computed names)",
        ),
        ("9223372036854775808", "number-range", "1:1: the integer is larger than 2^63 - 1"),
        ("1.0e400", "number-range", "1:1: the number is out of the range of a float"),
        ("1.0e-400", "number-range", "1:1: the number is out of the range of a float"),
        (
            '"a\0b"',
            "nul",
            "1:3: a NUL byte stands in the code (Nix would silently ignore the rest of the file)",
        ),
        ("1\0", "nul", "1:2: a NUL byte stands in the code (Nix would silently ignore the rest of the file)"),
        (
            "\N{BYTE ORDER MARK}1",
            "bom",
            "1:1: the file begins with a byte-order mark, which Nix does not accept",
        ),
        ("", "empty", "1:1: the file holds no expression (write at least { })"),
        ("# a\n", "empty", "2:1: the file holds no expression (write at least { })"),
    ],
)
def test_what_the_grammar_does_not_see(code: str, kind: str, message: str) -> None:
    assert said(code) == [message]
    assert found(code)[0].kind == kind


@pytest.mark.parametrize(
    "code",
    [
        "9223372036854775807",
        "00000000000000000000001",
        "0.0e-999",
        "1.7976931348623157e308",
        '"99999999999999999999"',
        "# \0\n1",
        "/* \0 */ 1",
        'let ${"a"} = 1; b.${c} = 2; in a',
        "let { ${a} = 1; body = 2; }",
        "{ inherit ${''a''}; }",
        "{ ${a} = 1; ${a} = 2; }",
        "{ a = { b = 1; }; a.c = 2; }",
        "{ inherit; }",
        "undefined",
    ],
)
def test_what_nix_accepts(code: str) -> None:
    assert found(code) == ()


def test_each_duplicate_is_said_once() -> None:
    assert said("{ a = { b = 1; b = 2; }; a.c = 3; }") == [
        "1:16: `b` is already defined (first defined at 1:9)"
    ]


def test_they_come_in_the_order_of_the_text() -> None:
    kinds = [each.kind for each in found("[ 1.0e400 { a = 1; a = 2; } 9223372036854775808 ({ a, a }: a) ]")]
    assert kinds == ["number-range", "duplicate-attribute", "number-range", "duplicate-formal"]


def test_duplicates_next_to_a_syntax_error() -> None:
    kinds = [each.kind for each in found("{ a = { b = 1; b = 2; }; c = ; }")]
    assert kinds == ["duplicate-attribute", "syntax"]


def test_the_place() -> None:
    [each] = found("# é\n{ é = 1; }")
    assert (each.span, each.line, each.column) == (Span(7, 9), 2, 3)


def test_rendering() -> None:
    source = Source(b"{\n  a = [ 1;\n}\n")
    [each] = diagnose(Snapshot.of(source))
    assert each.render("a.nix", source) == (
        "a.nix:2:10: `[` is not closed: expected `]`, found `;`\n"
        "    2 |   a = [ 1;\n"
        "      |          ^ opened at 2:7"
    )
    assert each.render(None, source).startswith("2:10: `[` is")


@pytest.mark.parametrize("count", [1, 9_999])
def test_deep_nesting(count: int) -> None:
    assert found("(" * 10_000 + "1" + ")" * 10_000) == ()
    assert [each.kind for each in found("(" * 10_000 + "1" + ")" * count)] == ["syntax"]


def test_the_first_hundred_thousand_bindings_do_not_hide_an_error() -> None:
    code = "{" + "".join(f"a{number}.b = {{ x = 1; }};\n" for number in range(100_000)) + "c }"
    assert said(code) == ["100001:3: expected `=` after `c`, found `}`"]


TOKENS = """
{ } [ ] ( ) ; = : @ , . ? " '' ${ a if then else let in with inherit rec or 1 ./x == + ! - / // ...
# /* */ $ é
"""
WORDS = st.sampled_from(TOKENS.split())
PROGRAMS = (
    """
    { pkgs, lib ? null, ... }@args: {
      a.b = [ 1 (f x) ];
      c = with pkgs; "x ${y}";
      inherit (d) e;
    }
    """,
    """
    let
      a = x: x + 1;
      b = rec { c = ./d/${e}; };
    in if a == b then ''
      f ${g}
    '' else a.b or [ ]
    """,
)


@st.composite
def broken(draw: st.DrawFn) -> str:
    code = draw(st.sampled_from(PROGRAMS))
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(code)))
        code = code[:at] + draw(st.one_of(WORDS, st.just(""))) + code[at + draw(st.integers(0, 3)) :]
    return code


@settings(max_examples=300, deadline=None)
@given(st.one_of(broken(), st.lists(WORDS, max_size=20).map(" ".join)))
def test_every_syntax_error_has_an_explanation(code: str) -> None:
    state = Snapshot.of(Source(code.encode()))
    errors = [each for each in diagnose(state) if each.kind == "syntax"]
    assert bool(errors) == state.has_error
    for each in errors:
        assert each.message != "this is not Nix"
        assert 0 <= each.span.start <= each.span.end <= len(state.source)
        assert each.render("a.nix", state.source)


NIX = shutil.which("nix-instantiate")


@pytest.mark.skipif(NIX is None, reason="no nix-instantiate here")
@settings(max_examples=60, deadline=None)
@given(broken())
def test_the_first_error_is_not_behind_the_one_that_nix_reports(code: str) -> None:
    assert NIX is not None
    done = subprocess.run(
        [NIX, "--parse", "-"], input=f"with {{ }}; {code}", capture_output=True, text=True, check=False
    )
    errors = found(f"with {{ }}; {code}")
    assert bool(done.returncode) == bool(errors), (errors, done.stderr)
    # Where it reports the end of the file, Nix points at the token before.
    if errors and "at " in done.stderr and "end of file" not in done.stderr:
        line, column = map(
            int, done.stderr.split("\n\n       at ")[1].split("\n")[0].rstrip(":").rsplit(":", 2)[1:]
        )
        assert (errors[0].line, errors[0].column) <= (line, column), (errors[0], done.stderr)
