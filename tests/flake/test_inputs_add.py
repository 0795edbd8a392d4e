"""A new input, in the spelling and at the place that the flake's other inputs suggest."""

from __future__ import annotations

from pathlib import Path

import pytest

import nixedit
from nixedit.errors import AttrExistsError, NotStaticError, RefusedError
from nixedit.flake import Flake
from nixedit.flake.declared import add_input
from nixedit.workspaces import Workspace


def flake(folder: Path, inputs: str) -> Flake:
    """A flake whose inputs are written as given, indented by two blanks within it."""
    lines = "".join(f"  {line}\n" if line else "\n" for line in inputs.splitlines())
    (folder / "flake.nix").write_text("{\n" + lines + "  outputs = { self, ... }: { };\n}\n")
    return Flake(Workspace(folder))


def text_of(inputs: str) -> str:
    lines = "".join(f"  {line}\n" if line else "\n" for line in inputs.splitlines())
    return "{\n" + lines + "  outputs = { self, ... }: { };\n}\n"


SPELLINGS = {
    "flat names in a block": (
        """\
inputs = {
  nixpkgs.url = "github:NixOS/nixpkgs";
  a.url = "github:a/a";
  a.inputs.nixpkgs.follows = "nixpkgs";
};
""",
        """\
inputs = {
  nixpkgs.url = "github:NixOS/nixpkgs";
  a.url = "github:a/a";
  a.inputs.nixpkgs.follows = "nixpkgs";
  llama-cpp.url = "github:ggml-org/llama.cpp";
  llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
};
""",
    ),
    "sets in a block": (
        """\
inputs = {
  nixpkgs = {
    url = "github:NixOS/nixpkgs";
  };
};
""",
        """\
inputs = {
  nixpkgs = {
    url = "github:NixOS/nixpkgs";
  };
  llama-cpp = {
    url = "github:ggml-org/llama.cpp";
    inputs.nixpkgs.follows = "nixpkgs";
  };
};
""",
    ),
    "groups apart": (
        """\
inputs = {
  # base
  nixpkgs.url = "github:NixOS/nixpkgs";

  # tools
  a = {
    url = "github:a/a";
    inputs.nixpkgs.follows = "nixpkgs";
  };

  b = {
    url = "github:b/b";
    inputs.nixpkgs.follows = "nixpkgs";
  };
};
""",
        """\
inputs = {
  # base
  nixpkgs.url = "github:NixOS/nixpkgs";

  # tools
  a = {
    url = "github:a/a";
    inputs.nixpkgs.follows = "nixpkgs";
  };

  b = {
    url = "github:b/b";
    inputs.nixpkgs.follows = "nixpkgs";
  };

  llama-cpp = {
    url = "github:ggml-org/llama.cpp";
    inputs.nixpkgs.follows = "nixpkgs";
  };
};
""",
    ),
    "urls only": (
        """\
inputs = {
  nixpkgs.url = "github:NixOS/nixpkgs";
};
""",
        """\
inputs = {
  nixpkgs.url = "github:NixOS/nixpkgs";
  llama-cpp.url = "github:ggml-org/llama.cpp";
  llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
};
""",
    ),
    "dotted at the top": (
        """\
inputs.nixpkgs.url = "github:NixOS/nixpkgs";
inputs.a.url = "github:a/a";
""",
        """\
inputs.nixpkgs.url = "github:NixOS/nixpkgs";
inputs.a.url = "github:a/a";
inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
""",
    ),
    "sets dotted at the top": (
        """\
inputs.nixpkgs = {
  url = "github:NixOS/nixpkgs";
};
""",
        """\
inputs.nixpkgs = {
  url = "github:NixOS/nixpkgs";
};
inputs.llama-cpp = {
  url = "github:ggml-org/llama.cpp";
  inputs.nixpkgs.follows = "nixpkgs";
};
""",
    ),
    "a set on one line each": (
        """\
inputs = {
  nixpkgs.url = "github:NixOS/nixpkgs";
  a = { url = "github:a/a"; inputs.nixpkgs.follows = "nixpkgs"; };
};
""",
        """\
inputs = {
  nixpkgs.url = "github:NixOS/nixpkgs";
  a = { url = "github:a/a"; inputs.nixpkgs.follows = "nixpkgs"; };
  llama-cpp = { url = "github:ggml-org/llama.cpp"; inputs.nixpkgs.follows = "nixpkgs"; };
};
""",
    ),
    "all on one line": (
        """\
inputs = { nixpkgs.url = "github:NixOS/nixpkgs"; };
""",
        """\
inputs = { nixpkgs.url = "github:NixOS/nixpkgs"; llama-cpp.url = "github:ggml-org/llama.cpp"; \
llama-cpp.inputs.nixpkgs.follows = "nixpkgs"; };
""",
    ),
    "none": (
        "",
        """\
inputs = {
  llama-cpp = {
    url = "github:ggml-org/llama.cpp";
    inputs.nixpkgs.follows = "nixpkgs";
  };
};

""",
    ),
    "an empty set": (
        """\
inputs = { };
""",
        """\
inputs = {
  llama-cpp = {
    url = "github:ggml-org/llama.cpp";
    inputs.nixpkgs.follows = "nixpkgs";
  };
};
""",
    ),
    "nothing but a comment": (
        """\
inputs = {
  # nothing yet
};
""",
        """\
inputs = {
  # nothing yet

  llama-cpp = {
    url = "github:ggml-org/llama.cpp";
    inputs.nixpkgs.follows = "nixpkgs";
  };
};
""",
    ),
    "comments around the last": (
        """\
inputs = {
  nixpkgs.url = "github:NixOS/nixpkgs"; # the usual
  # a.url = "github:a/a";
};
""",
        """\
inputs = {
  nixpkgs.url = "github:NixOS/nixpkgs"; # the usual
  llama-cpp.url = "github:ggml-org/llama.cpp";
  llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
  # a.url = "github:a/a";
};
""",
    ),
    "quoted names": (
        """\
inputs = {
  "nixpkgs".url = "github:NixOS/nixpkgs";
  "a.b" = {
    url = "github:a/a";
  };
};
""",
        """\
inputs = {
  "nixpkgs".url = "github:NixOS/nixpkgs";
  "a.b" = {
    url = "github:a/a";
  };
  llama-cpp = {
    url = "github:ggml-org/llama.cpp";
    inputs.nixpkgs.follows = "nixpkgs";
  };
};
""",
    ),
    "a url without quotes": (
        """\
inputs.nixpkgs.url = github:NixOS/nixpkgs;
""",
        """\
inputs.nixpkgs.url = github:NixOS/nixpkgs;
inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
""",
    ),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_a_new_input_is_written_as_its_neighbours_are(name: str, tmp_path: Path) -> None:
    before, after = SPELLINGS[name]
    edited = flake(tmp_path, before)
    edited.inputs.add("llama-cpp", "github:ggml-org/llama.cpp", {"nixpkgs": "nixpkgs"})
    assert edited.document.text == text_of(after)


@pytest.mark.parametrize("name", SPELLINGS)
def test_it_is_there_afterwards_and_the_others_are_as_they_were(name: str, tmp_path: Path) -> None:
    edited = flake(tmp_path, SPELLINGS[name][0])
    before = {key: (item.url, dict(item.overrides)) for key, item in edited.inputs.items()}
    edited.inputs.add("llama-cpp", "github:ggml-org/llama.cpp", {"nixpkgs": "nixpkgs"})
    after = {key: (item.url, dict(item.overrides)) for key, item in edited.inputs.items()}
    assert after == {**before, "llama-cpp": ("github:ggml-org/llama.cpp", {("nixpkgs",): "nixpkgs"})}


@pytest.mark.parametrize(
    "neighbour",
    [
        'nixpkgs = {\n      url = "n";\n    };',
        'nixpkgs = { url = "n"; };',
        'nixpkgs.url = "n";',
    ],
)
def test_an_input_with_a_url_alone_needs_no_set(tmp_path: Path, neighbour: str) -> None:
    (tmp_path / "flake.nix").write_text(f"{{\n  inputs = {{\n    {neighbour}\n  }};\n}}\n")
    edited = Flake(Workspace(tmp_path))
    edited.inputs.add("a", "github:a/a")
    new = 'a.url = "github:a/a";'
    assert edited.document.text == f"{{\n  inputs = {{\n    {neighbour}\n    {new}\n  }};\n}}\n"


def test_a_source_that_is_no_flake_and_a_name_that_needs_quotes(tmp_path: Path) -> None:
    edited = flake(tmp_path, 'inputs = {\n  nixpkgs.url = "github:NixOS/nixpkgs";\n};\n')
    edited.inputs.add("a.b", "github:a/b", flake=False)
    assert '    "a.b".url = "github:a/b";\n    "a.b".flake = false;\n' in edited.document.text
    assert edited.inputs["a.b"].flake is False


def test_a_name_that_is_taken_is_refused(tmp_path: Path) -> None:
    edited = flake(tmp_path, 'inputs.nixpkgs.url = "github:NixOS/nixpkgs";\n')
    with pytest.raises(AttrExistsError, match="there is an input `nixpkgs` already"):
        edited.inputs.add("nixpkgs", "github:a/a")


def test_computed_inputs_are_refused_with_their_place(tmp_path: Path) -> None:
    edited = flake(tmp_path, "inputs = import ./inputs.nix;\n")
    with pytest.raises(NotStaticError) as caught:
        edited.inputs.add("a", "github:a/a")
    assert caught.value.render() == (
        f"{tmp_path}/flake.nix:2:12: `inputs` is a computed value here, and Nix wants it written out\n"
        "    2 |   inputs = import ./inputs.nix;\n"
        "      |            ^^^^^^^^^^^^^^^^^^^ edit ./inputs.nix instead"
    )
    assert not edited.document.changed


def added(inputs: str, outputs: str = "{ self, ... }: { }", name: str = "zz", **wanted: object) -> str:
    text = f"{{\n  {inputs}\n  outputs = {outputs};\n}}\n"
    document = nixedit.loads(text)
    add_input(document, name, "github:o/zz", **wanted)  # type: ignore[arg-type]  # what a case asks for
    return document.text


def test_a_block_on_one_line_stays_there_however_long_it_gets() -> None:
    long = "".join(f'input-{number}.url = "github:owner/repository"; ' for number in range(4))
    assert f'{{ {long}zz.url = "github:o/zz"; }};' in added(f"inputs = {{ {long}}};")
    assert 'inputs={aa={url="u";};zz.url="github:o/zz";};' in added('inputs={aa={url="u";};};')


def test_a_block_on_one_line_is_broken_where_the_layout_fills_lines() -> None:
    outputs = "{ self, ... }: {\n    a = [ 1 2 ];\n    b = { c = [ 3 4 ]; };\n  }"
    text = added('inputs = { aa.url = "u"; };', outputs, follows={"nixpkgs": "aa"})
    lines = ["inputs = {", '    aa.url = "u";', '    zz.url = "github:o/zz";']
    assert "\n".join([*lines, '    zz.inputs.nixpkgs.follows = "aa";', "  };"]) in text


def test_of_several_blocks_the_first_with_inputs_gets_a_new_one() -> None:
    first, second = 'inputs = {\n    aa.url = "u";\n  };', 'inputs = {\n    bb.url = "u";\n  };'
    new = '    zz.url = "github:o/zz";\n  };'
    assert first.replace("  };", new) in added(f"{first}\n  {second}")
    assert first.replace("  };", new) in added(f"inputs = {{ }};\n  {first}")
    assert first.replace("  };", new) in added(f'{first}\n  inputs.bb.url = "u";')


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("{ self, aa }: { }", "{ self, aa, zz }: { }"),
        ("{self, aa}: { }", "{self, aa, zz}: { }"),
        ("{self,aa}: { }", "{self,aa,zz}: { }"),
        ("{ self, aa }@inputs: { }", "{ self, aa, zz }@inputs: { }"),
        ("{ self, aa, zz ? null }: { }", "{ self, aa, zz ? null }: { }"),
    ],
)
def test_arguments_on_one_line_stay_there_with_the_commas_they_have(before: str, after: str) -> None:
    inputs = 'inputs = {\n    aa.url = "u";\n  };'
    assert f"  outputs = {after};\n" in added(inputs, before)


def test_a_region_of_paragraphs_gets_another_paragraph() -> None:
    start = "# keep-sorted start block=yes newline_separated=yes"
    paragraphs = ['bb.url = "u";', "", 'yy = {\n      url = "u";\n    };']
    inputs = "inputs = {\n    " + "\n    ".join([start, *paragraphs, "# keep-sorted end"]) + "\n  };"
    inputs = inputs.replace("\n    \n", "\n\n")
    front, middle = '    aa.url = "github:o/zz";\n\n', '\n    mm.url = "github:o/zz";\n'
    bb = '    bb.url = "u";\n'
    assert f"{start}\n{front}{bb}" in added(inputs, name="aa")
    assert f"{bb}{middle}\n    yy = {{" in added(inputs, name="mm")


def test_only_the_block_that_gets_the_new_one_says_how_it_is_sorted() -> None:
    numeric = 'inputs = {\n    # keep-sorted start numeric=yes\n    b.url = "u";\n    # keep-sorted end\n  };'
    plain = 'inputs = {\n    a.url = "u";\n  };'
    assert 'a.url = "u";\n    zz.url' in added(f"{plain}\n  {numeric}")
    with pytest.raises(RefusedError):
        added(f"{numeric}\n  {plain}")
