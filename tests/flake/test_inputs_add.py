"""A new input, in the spelling and at the place that the flake's other inputs suggest."""

from __future__ import annotations

from pathlib import Path

import pytest

from nixedit.errors import AttrExistsError, NotStaticError
from nixedit.flake import Flake
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
  llama-cpp = {
    url = "github:ggml-org/llama.cpp";
    inputs.nixpkgs.follows = "nixpkgs";
  };
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
inputs = {
  nixpkgs.url = "github:NixOS/nixpkgs";
  llama-cpp = {
    url = "github:ggml-org/llama.cpp";
    inputs.nixpkgs.follows = "nixpkgs";
  };
};
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
  llama-cpp = {
    url = "github:ggml-org/llama.cpp";
    inputs.nixpkgs.follows = "nixpkgs";
  };
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
    ("neighbour", "new"),
    [
        ('nixpkgs = {\n      url = "n";\n    };', 'a = {\n      url = "github:a/a";\n    };'),
        ('nixpkgs.url = "n";', 'a.url = "github:a/a";'),
    ],
)
def test_an_input_with_a_url_alone_is_spelled_as_its_neighbour(
    tmp_path: Path, neighbour: str, new: str
) -> None:
    (tmp_path / "flake.nix").write_text(f"{{\n  inputs = {{\n    {neighbour}\n  }};\n}}\n")
    edited = Flake(Workspace(tmp_path))
    edited.inputs.add("a", "github:a/a")
    assert edited.document.text == f"{{\n  inputs = {{\n    {neighbour}\n    {new}\n  }};\n}}\n"


def test_a_source_that_is_no_flake_and_a_name_that_needs_quotes(tmp_path: Path) -> None:
    edited = flake(tmp_path, 'inputs = {\n  nixpkgs.url = "github:NixOS/nixpkgs";\n};\n')
    edited.inputs.add("a.b", "github:a/b", flake=False)
    assert '    "a.b" = {\n      url = "github:a/b";\n      flake = false;\n    };\n' in edited.document.text
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
