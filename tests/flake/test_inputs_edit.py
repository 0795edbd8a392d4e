"""Edits of inputs that a person would look at: comments, groups, sorted regions, odd shapes, refusals."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest

import nixedit
from nixedit.errors import InvalidEditError, MissingAttrError, NixEditError, NotStaticError, RefusedError
from nixedit.flake import Inputs
from nixedit.flake.declared import add_input, remove_input
from nixedit.flake.generated import generated_header

REV = "0123456789abcdef0123456789abcdef01234567"
Edit = Callable[[Inputs], object]


def block(*lines: str) -> str:
    """A flake with these lines in its block of inputs."""
    inner = "".join(f"    {line}\n" if line else "\n" for line in lines)
    return f"{{\n  inputs = {{\n{inner}  }};\n\n  outputs = _: {{ }};\n}}\n"


def becomes(before: str, edit: Edit, after: str) -> None:
    document = nixedit.loads(before)
    with document.edit():
        edit(Inputs(document))
    assert document.text == after
    assert document.undo() == (before != after)
    assert document.text == before


# -- reading ----------------------------------------------------------------------------------

ODD = {
    "rec": "rec { inputs = rec { a.url = github:a/a; }; outputs = _: { }; }",
    "let": "let x = 1; in { inputs.a.url = ''github:a/a''; outputs = _: { }; }",
    "with": 'with { }; { "inputs"."a"."url" = "github:a/a"; outputs = _: { }; }',
    "a head and an assert": '{ ... }: assert true; ({ inputs = ({ a = { "url" = "github:a/a"; }; }); })',
    "several blocks": '{ inputs = { }; outputs = _: { }; nixConfig = { }; inputs = { a.url = "github:a/a"; }; }',
    "on the next line": '{\n  inputs.a.url =\n    "github:a/a";\n}\n',
    "beside an inherited one": 'let b = 1; in { inputs = { inherit b; a = { url = "github:a/a"; flake = b; }; }; }',
    "a BOM": '\ufeff{ inputs.a.url = "github:a/a"; }',
    "multibyte text in front": '{ description = "äöü 日本"; inputs.a.url = "github:a/a"; }',
}


@pytest.mark.parametrize("text", ODD.values(), ids=ODD)
def test_odd_shapes_are_read_and_edited(text):
    document = nixedit.loads(text)
    found = Inputs(document)["a"]
    assert (found.url, found.flake, found.follows) == ("github:a/a", True, None)
    data = document.data
    assert [data[span.start : span.end].endswith(b";") for span in found.pieces] == [True]
    assert found.url_span is not None
    assert b"github:a/a" in data[found.url_span.start : found.url_span.end]
    with document.edit():
        Inputs(document).follow(("a", "n"), "b")
        Inputs(document).change("a", "path:./a")
    found = Inputs(document)["a"]
    assert (found.url, dict(found.overrides)) == ("path:./a", {("n",): "b"})
    assert document.undo()
    assert document.data == data
    Inputs(document).remove("a")
    assert "a" not in Inputs(document)


def test_pieces_are_all_bindings_of_an_input_in_order_and_of_no_other():
    text = """\
{
  inputs.a.inputs.n.follows = "n";
  inputs = {
    n.url = "github:n/n";
    "a" = { url = "github:a/a"; };
    aa.inputs.a.url = "github:x/x";
  };
  inputs."a".flake = false;
}
"""
    document = nixedit.loads(text)
    inputs = Inputs(document)
    assert list(inputs) == ["a", "n", "aa"]
    pieces = {
        name: [document.data[span.start : span.end].decode() for span in inputs[name].pieces]
        for name in inputs
    }
    assert pieces == {
        "a": [
            'inputs.a.inputs.n.follows = "n";',
            '"a" = { url = "github:a/a"; };',
            'inputs."a".flake = false;',
        ],
        "n": ['n.url = "github:n/n";'],
        "aa": ['aa.inputs.a.url = "github:x/x";'],
    }
    assert all(one.end <= two.start for one, two in pairwise(inputs["a"].pieces))
    assert (inputs["a"].flake, inputs["a"].line, inputs["aa"].overrides) == (False, 2, {})


@pytest.mark.parametrize(
    ("value", "carets", "hint"),
    [
        ("import ./i.nix", "import ./i.nix", "edit ./i.nix instead"),
        ("a // { }", "a // { }", "edit what it is computed from"),
        ("let x = 1; in { }", "let x = 1; in { }", "edit what it is computed from"),
    ],
)
def test_computed_inputs_are_refused(value, carets, hint):
    document = nixedit.loads(f"{{ inputs = {value}; outputs = _: {{ }}; }}", "flake.nix")
    for question in (list, lambda i: i.add("x", "github:x/x"), lambda i: i["a"]):
        with pytest.raises(NotStaticError) as caught:
            question(Inputs(document))
        assert caught.value.message == "`inputs` is a computed value here, and Nix wants it written out"
        assert document.source.slice(caught.value.span).decode() == carets
        assert caught.value.hint == hint


def test_a_computed_url_is_read_as_none_and_never_rewritten():
    document = nixedit.loads('let v = "1"; in { inputs.a.url = "github:a/${v}"; }', "flake.nix")
    found = Inputs(document)["a"]
    assert (found.url, document.source.slice(found.url_span)) == (None, b'"github:a/${v}"')
    edits: list[Edit] = [lambda i: i.change("a", "x:y"), lambda i: i.pin("a", REV), lambda i: i.toggle("a")]
    for edit in edits:
        with pytest.raises(NotStaticError, match="the url of `a` is a computed value here"):
            edit(Inputs(document))
    assert not document.changed


def test_a_missing_input_has_a_hint():
    inputs = Inputs(nixedit.loads('{ inputs = { nixpkgs.url = "a:b"; b.url = "a:b"; }; }', "flake.nix"))
    for asked, hint in [("nixpgks", "did you mean `nixpkgs`?"), ("zzz", "there are: b, nixpkgs")]:
        with pytest.raises(MissingAttrError, match=f"no input `{asked}`") as caught:
            inputs.require(["b", asked])
        assert caught.value.hint == hint
    inputs.require_target("")
    inputs.require_target("nixpkgs/x")
    with pytest.raises(KeyError):
        inputs.require_target("x/nixpkgs")


# -- adding -----------------------------------------------------------------------------------

FORMALS = [
    ("{ self, aa }: { }", "{ self, aa, zz }: { }"),
    ("{self, aa}: {}", "{self, aa, zz}: {}"),
    ("{ self, aa, ... }: { }", "{ self, aa, ... }: { }"),
    ("{ self, zz ? null }: { }", "{ self, zz ? null }: { }"),
    ("inputs@{ self, aa }: { }", "inputs@{ self, aa, zz }: { }"),
    ("{ self, aa }@inputs: { }", "{ self, aa, zz }@inputs: { }"),
    ("({ self, aa }: { })", "({ self, aa, zz }: { })"),
    ("{\n      self,\n      aa,\n    }: { }", "{\n      self,\n      aa,\n      zz,\n    }: { }"),
    ("{\n    self,\n    aa\n  }: { }", "{\n    self,\n    aa,\n    zz\n  }: { }"),
    ("{ self\n    , aa\n    }: { }", "{ self\n    , aa\n    , zz\n    }: { }"),
    ("{ self\n    , aa\n    ,\n    }: { }", "{ self\n    , aa\n    , zz\n    ,\n    }: { }"),
    ("{\n    self,\n    aa # last\n  }: { }", "{\n    self,\n    aa, # last\n    zz\n  }: { }"),
    ("inputs: { }", "inputs: { }"),
    ("import ./outputs.nix", "import ./outputs.nix"),
]


@pytest.mark.parametrize(("before", "after"), FORMALS)
@pytest.mark.parametrize("inputs", ['inputs.aa.url = "a:b";', 'inputs = { aa = { url = "a:b"; }; };'])
def test_closed_formals_get_the_new_name_in_their_own_comma_style(before, after, inputs):
    document = nixedit.loads(f"{{ {inputs} outputs = {before}; x = [ [1 2] [3 4] ]; }}")
    add_input(document, "zz", "github:z/z")
    assert f"outputs = {after};" in document.text
    assert Inputs(document)["zz"].url == "github:z/z"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{ self, aa, bb }: { }", "{ self, bb }: { }"),
        ("args@{ aa, ... }: { }", "args@{ ... }: { }"),
        ("{ aa\n  , bb\n  , ... }: { }", "{ bb\n  , ... }: { }"),
        ("{ bb, aa }: { }", "{ bb }: { }"),
        ("{ bb, aa ? null }: { }", "{ bb }: { }"),
        ("{\n    bb,\n    # nur,\n    aa,\n  }: { }", "{\n    bb,\n    # nur,\n  }: { }"),
        ("{\n    bb, # the second\n    aa, # the first\n  }: { }", "{\n    bb, # the second\n  }: { }"),
    ],
)
def test_a_removed_input_goes_from_the_formals(before, after):
    document = nixedit.loads(f'{{ inputs.aa.url = "a:b"; inputs.bb.url = "c:d"; outputs = {before}; }}')
    remove_input(document, "aa")
    assert document.text == f'{{ inputs.bb.url = "c:d"; outputs = {after}; }}'


def test_where_outputs_uses_an_input_is_told():
    text = """\
{
  inputs = { aa.url = "a:b"; bb.url = "c:d"; };
  outputs = { self, aa, ... }@inputs: {
    one = aa.lib;
    two = inputs.aa.lib + inputs.bb.lib;
    three = { inherit (inputs) bb aa; inherit aa; };
    four = aa: aa;
    five = let inputs = { }; in inputs.aa;
  };
}
"""
    document = nixedit.loads(text)
    before = document.source
    uses = remove_input(document, "aa").uses
    places = [before.position(span.start) for span in uses]
    assert places == [(4, 11), (5, 11), (6, 24), (6, 47)]


def test_a_name_that_can_be_no_formal_is_refused_where_the_formals_are_closed():
    document = nixedit.loads('{ inputs.aa.url = "a:b"; outputs = { self, aa }: { }; }')
    with pytest.raises(RefusedError, match=r"and `lib-1\.5` can be none of them"):
        add_input(document, "lib-1.5", "github:l/l")
    assert not document.changed


def test_several_blocks_a_comment_at_the_end_and_blank_lines_between():
    becomes(
        block('a.url = "a:b";', "", "# b is b", 'b.url = "a:b"; # really', "", "# the end"),
        lambda i: i.add("c", "c:d"),
        block(
            'a.url = "a:b";', "", "# b is b", 'b.url = "a:b"; # really', "", 'c.url = "c:d";', "", "# the end"
        ),
    )


def test_where_there_are_no_inputs_a_block_goes_above_outputs_and_its_comment():
    becomes(
        '{\n  description = "d";\n\n  # what it gives\n  outputs = _: { };\n}\n',
        lambda i: i.add("c", "c:d"),
        '{\n  description = "d";\n\n  inputs = {\n    c.url = "c:d";\n  };\n\n'
        "  # what it gives\n  outputs = _: { };\n}\n",
    )


def test_on_one_line_all_stays_there():
    becomes(
        "{outputs=_:{};x={a=1;b=2;};}",
        lambda i: i.add("c", "c:d"),
        '{inputs={c.url="c:d";};outputs=_:{};x={a=1;b=2;};}',
    )
    becomes(
        '{ inputs = { a = { url = "a:b"; }; }; }',
        lambda i: i.add("c", "c:d", {"a": "a"}),
        '{ inputs = { a = { url = "a:b"; }; c = { url = "c:d"; inputs.a.follows = "a"; }; }; }',
    )


SORTED = block(
    "# keep-sorted start",
    'b.url = "b:b";',
    "# about d",
    'd.url = "d:d";',
    "# keep-sorted end",
    "",
    'a.url = "a:a";',
)
REGION = block(
    'z.url = "z:z";',
    "",
    "# keep-sorted start case=no",
    'B.url = "b:b";',
    'd.url = "d:d";',
    "# keep-sorted end",
)


@pytest.mark.parametrize(
    ("name", "line"),
    [("a", 5), ("c", 6), ("e", 7)],
)
def test_a_sorted_region_stays_sorted(name, line):
    document = nixedit.loads(REGION)
    Inputs(document).add(name, "x:y")
    text = document.text.splitlines()
    assert text[line] == f'    {name}.url = "x:y";'
    assert "\n".join(text[:line] + text[line + 1 :]) + "\n" == REGION


def test_the_marks_of_a_sorted_region_stay():
    becomes(SORTED, lambda i: i.remove("b"), SORTED.replace('    b.url = "b:b";\n', ""))
    becomes(SORTED, lambda i: i.remove("d"), SORTED.replace('    # about d\n    d.url = "d:d";\n', ""))
    both = SORTED.replace('    b.url = "b:b";\n', "").replace('    # about d\n    d.url = "d:d";\n', "")
    becomes(SORTED, lambda i: (i.remove("b"), i.remove("d")), both)
    becomes(
        SORTED,
        lambda i: i.add("c", "c:d"),
        SORTED.replace('    a.url = "a:a";\n', '    a.url = "a:a";\n\n    c.url = "c:d";\n'),
    )


def test_a_mark_behind_an_input_stays_with_what_is_behind_the_mark():
    for behind in (["# keep-sorted end", '# b.url = "b:c";'], ["/* keep-sorted end */ # of the editors"]):
        before = block("# keep-sorted start", 'a.url = "a:a";', f'b.url = "b:b"; {behind[0]}', *behind[1:])
        after = block("# keep-sorted start", 'a.url = "a:a";', *behind)
        becomes(before, lambda i: i.remove("b"), after)


# -- removing ---------------------------------------------------------------------------------


def removal(before: list[str], name: str, after: list[str]) -> None:
    becomes(block(*before), lambda i: i.remove(name), block(*after))


def test_a_heading_stays_with_its_group():
    group = ["# Editors", 'vim.url = "v:v";', 'emacs.url = "e:e";', "", "# Desktop", 'sway.url = "s:s";']
    removal(group, "vim", ["# Editors", 'emacs.url = "e:e";', "", "# Desktop", 'sway.url = "s:s";'])
    removal(group, "emacs", ["# Editors", 'vim.url = "v:v";', "", "# Desktop", 'sway.url = "s:s";'])
    removal(group, "sway", ["# Editors", 'vim.url = "v:v";', 'emacs.url = "e:e";'])


def test_a_framed_heading_stays_with_its_group():
    group = [
        "########",
        "# Taps #",
        "########",
        'core.url = "v:v";',
        'cask.url = "e:e";',
        "# mas",
        'mas.url = "s:s";',
    ]
    removal(
        group, "core", ["########", "# Taps #", "########", 'cask.url = "e:e";', "# mas", 'mas.url = "s:s";']
    )


@pytest.mark.parametrize(
    "comment", ["# my sway", "# Sway, the compositor", "# This one is the best.", "# wlr-sway"]
)
def test_what_speaks_of_the_input_goes_with_it(comment):
    group = [comment, 'sway.url = "v:v";', 'emacs.url = "e:e";', "", 'b.url = "b:b";']
    removal(group, "sway", ['emacs.url = "e:e";', "", 'b.url = "b:b";'])


def test_code_that_somebody_took_out_stays_unless_it_is_the_input_s_own():
    group = [
        '# nur.url = "github:nix-community/NUR";',
        '# sway.url = "old:sway";',
        'sway.url = "s:s";',
        'b.url = "b:b";',
    ]
    removal(group, "sway", [*group[:2], 'b.url = "b:b";'])
    removal(group[1:], "sway", ['b.url = "b:b";'])
    becomes(
        block("a = {", '  url = "a:b";', '  # url = "path:./a";', '  inputs.n.follows = "n";', "};"),
        lambda i: i.unfollow(("a", "n")),
        block("a = {", '  url = "a:b";', '  # url = "path:./a";', "};"),
    )


def test_an_alternate_below_is_the_input_s_own():
    lines = [
        'a.url = "a:b";',
        '# a.url = "path:./a";',
        '# b.url = "path:./b";',
        'b.url = "b:b"; # b',
        '# b.url = "b:c";',
    ]
    removal(lines, "a", lines[2:])
    removal(lines, "b", lines[:2])
    becomes(block(*lines), lambda i: i.add("c", "c:d"), block(*lines, 'c.url = "c:d";'))
    becomes(
        block(*lines),
        lambda i: i.follow(("a", "n"), "b"),
        block(*lines[:2], 'a.inputs.n.follows = "b";', *lines[2:]),
    )


def test_sets_that_are_left_empty_go_but_not_those_with_a_comment_nor_those_that_were_empty():
    rest = 'b = { url = "b:b"; inputs = { }; };'
    becomes(
        block(
            "a = {",
            '  url = "a:a";',
            '  inputs = { n = { follows = "c/n"; }; };',
            "};",
            rest,
            'c.url = "c:c";',
        ),
        lambda i: i.remove("c"),
        block("a = {", '  url = "a:a";', "};", rest),
    )
    becomes(
        block(
            "a = {",
            '  url = "a:a";',
            "  inputs = {",
            "    # to do",
            "",
            '    n.follows = "c";',
            "  };",
            "};",
            'c.url = "c:c";',
        ),
        lambda i: i.remove("c"),
        block("a = {", '  url = "a:a";', "  inputs = {", "    # to do", "  };", "};"),
    )
    becomes(block('c.url = "c:c";'), lambda i: i.remove("c"), "{\n  outputs = _: { };\n}\n")


def test_a_follows_that_merely_has_the_name_stays():
    becomes(
        block('n.url = "n:n";', 'a = { url = "a:a"; inputs.n.follows = "b/n"; };', 'b.url = "b:b";'),
        lambda i: i.remove("n"),
        block('a = { url = "a:a"; inputs.n.follows = "b/n"; };', 'b.url = "b:b";'),
    )


def test_an_input_that_loses_all_that_is_written_about_it_stays():
    becomes(
        block('a.inputs.n.follows = "n";', 'n.url = "n:n";'),
        lambda i: i.unfollow(("a", "n")),
        block("a = { };", 'n.url = "n:n";'),
    )
    becomes(
        block("a.inputs = {", '  n.follows = "n";', '  m.inputs.n.follows = "n";', "};", 'n.url = "n:n";'),
        lambda i: i.remove("n"),
        block("a = { };"),
    )


# -- pins and alternates ----------------------------------------------------------------------


def test_a_pin_says_above_what_it_was():
    becomes(
        block("# the usual", 'n.url = "github:N/n/main"; # main', 'b.url = "b:b";'),
        lambda i: i.pin("n", REV),
        block(
            "# the usual",
            "# n pinned from github:N/n/main",
            f'n.url = "github:N/n/{REV}"; # main',
            'b.url = "b:b";',
        ),
    )


def test_a_pin_on_one_line_with_others_says_so_above_the_line():
    text = "{ inputs = { a.url = github:a/a/x; \"b.c\".url = ''github:b/b/y''; }; }\n"
    document = nixedit.loads(text)
    Inputs(document).pin("a", REV)
    Inputs(document).pin("b.c", REV)
    assert document.text == (
        "# a pinned from github:a/a/x\n"
        '# "b.c" pinned from github:b/b/y\n'
        f"{{ inputs = {{ a.url = github:a/a/{REV}; \"b.c\".url = ''github:b/b/{REV}''; }}; }}\n"
    )
    once = document.text
    Inputs(document).remove("a")
    assert "# a pinned" not in document.text
    document.undo()
    assert document.text == once
    Inputs(document).unpin("b.c")
    Inputs(document).unpin("a")
    assert document.text == text


def test_a_second_pin_still_remembers_the_branch():
    document = nixedit.loads(block('n.url = "github:N/n/main";'))
    Inputs(document).pin("n", "a" * 40)
    Inputs(document).pin("n", REV)
    assert document.text.count("pinned from") == 1
    Inputs(document).unpin("n")
    assert document.text == block('n.url = "github:N/n/main";')


def test_another_url_forgets_the_pin():
    document = nixedit.loads(block('n.url = "github:N/n/main";'))
    Inputs(document).pin("n", REV)
    Inputs(document).change("n", "github:M/m")
    assert document.text == block('n.url = "github:M/m";')


def test_a_pin_by_hand_loses_its_commit_and_on_request_its_branch():
    flake = block(f'n.url = "git+https://n/n?ref=main&rev={REV}&shallow=1";')
    becomes(flake, lambda i: i.unpin("n"), block('n.url = "git+https://n/n?ref=main&shallow=1";'))
    becomes(flake, lambda i: i.unpin("n", ref=True), block('n.url = "git+https://n/n?shallow=1";'))
    becomes(block('n.url = "github:n/n/main";'), lambda i: i.unpin("n"), block('n.url = "github:n/n/main";'))


@pytest.mark.parametrize(
    ("lines", "error", "message"),
    [
        (['n.url = "path:../n";'], NotStaticError, "the url of `n` is of a kind that names no commit"),
        (['n.follows = "a/n";'], NotStaticError, "`n` has no url: it follows `a/n`"),
        (["n = { };"], MissingAttrError, "the input `n` has no url"),
        (
            ["n.url = ''", "  github:n/n", "'';"],
            NotStaticError,
            "the url of `n` is written over several lines",
        ),
    ],
)
def test_what_cannot_be_pinned(lines, error, message):
    document = nixedit.loads(block(*lines))
    with pytest.raises(error) as caught:
        Inputs(document).pin("n", REV)
    assert caught.value.message == message
    assert not document.changed


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (
            ['# n.url = "a:b";', 'n.url = "c:d";', '# n.url = "e:f";'],
            "the url of `n` has several alternates: lines 3 and 5",
        ),
        (['n = { url = "c:d"; };', '# url = "a:b";'], "the url of `n` has no alternate"),
        (
            ['n = { flake = false; url = "c:d";', '# url = "a:b";', "};"],
            "the url of `n` has no line of its own",
        ),
        (['n.url = "c:d";', "", '# n.url = "a:b";'], "the url of `n` has no alternate"),
        (
            ['n.url = "c:d";', '# m.url = "a:b";', "# n.url = x;", '# n.url = "a" + "b";', "# n.url"],
            "the url of `n` has no alternate",
        ),
    ],
)
def test_what_cannot_be_toggled(lines, message):
    document = nixedit.loads(block(*lines))
    with pytest.raises(NixEditError) as caught:
        Inputs(document).toggle("n")
    assert caught.value.message == message
    assert not document.changed


# -- many edits, one commit -------------------------------------------------------------------


def test_what_one_edit_takes_away_another_does_not_miss():
    text = block(
        'a.url = "a:a";',
        'b = { url = "b:b"; inputs.n.follows = "a/n"; };',
        'c.follows = "a/c";',
        'd.url = "d:d";',
    )
    for names in (["a", "b"], ["b", "a"]):
        document = nixedit.loads(text)
        with document.edit():
            for name in names:
                Inputs(document).remove(name)
        assert (document.text, document.revision) == (block('d.url = "d:d";'), 1)


def test_an_edit_that_fails_leaves_nothing_of_itself_behind():
    document = nixedit.loads(block('a.url = "a:a";', "b = x;"))
    with pytest.raises(NotStaticError), document.edit():
        Inputs(document).add("c", "c:d")
        Inputs(document).follow(("b", "n"), "a")
    assert not document.changed
    with pytest.raises(InvalidEditError, match="part of it"), document.edit():
        Inputs(document).remove("a")
        Inputs(document).follow(("a", "n"), "b")
    assert not document.changed


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("# Do not edit: made by x\n{ }", "# Do not edit: made by x"),
        ("# one\n\n# AUTOGENERATED, DO NOT MODIFY\n{ }", "# AUTOGENERATED, DO NOT MODIFY"),
        ("{ } # do not edit", None),
        ("# edit me\n{ }", None),
    ],
)
def test_a_generated_file_says_so_at_its_head(text, found):
    document = nixedit.loads(text)
    span = generated_header(document.snapshot)
    assert (None if span is None else document.source.slice(span).decode()) == found


def test_a_pin_of_attributes_on_one_line_is_undone_exactly_also_where_the_line_gets_long():
    before = block('a = { type = "github"; owner = "an-owner"; repo = "a-repository"; };')
    document = nixedit.loads(before)
    assert Inputs(document).pin("a", "0123456789abcdef0123456789abcdef01234567")
    assert document.text.count("\n") == before.count("\n")
    Inputs(document).unpin("a")
    assert document.text == before


def test_how_git_fetches_goes_with_git():
    becomes(
        block("a = {", '  type = "git";', '  url = "https://e.org/a";', "  submodules = true;", "};"),
        lambda i: i.change("a", "github:o/a"),
        block("a = {", '  type = "github";', '  owner = "o";', '  repo = "a";', "};"),
    )
