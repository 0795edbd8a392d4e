"""Files that other programs keep: sorted regions are obeyed, generated files are refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import FLAKE, contents, migrate, migrated, write

HEAD = "# DO-NOT-EDIT. This file was auto-generated.\n# Run `nix run .#write-flake` to make it anew.\n"
FLAKE_FILE = """\
# DO-NOT-EDIT. This file was auto-generated using github:vic/flake-file.
{
  inputs = {
    flake-file.url = "github:vic/flake-file";
    flake-parts = {
      inputs.nixpkgs-lib.follows = "nixpkgs";
      url = "github:hercules-ci/flake-parts";
    };
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  };
  outputs =
    inputs:
    inputs.flake-parts.lib.mkFlake { inherit inputs; } {
      systems = [ "x86_64-linux" ];
      imports = [
        inputs.flake-file.flakeModules.default
        ./parts/base.nix
        ./parts/argon.nix
      ];
    };
}
"""
BASE = """\
{
  flake-file.inputs = {
    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  };
}
"""
ARGON = """\
{ inputs, ... }:
{
  flake.nixosConfigurations.argon = inputs.nixpkgs.lib.nixosSystem {
    system = "x86_64-linux";
    modules = [ ];
  };
}
"""
SORTED = FLAKE.replace(
    '  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";\n',
    "  inputs = {\n    # keep-sorted start\n"
    '    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";\n    # keep-sorted end\n  };\n',
).replace(
    "[ ./argon.nix ]",
    "[\n            ./argon.nix\n            {\n              nixpkgs.overlays = [\n"
    "                # keep-sorted start\n                (final: prev: { ours = 1; })\n"
    "                # keep-sorted end\n              ];\n            }\n          ]",
)


def test_a_generated_flake_is_refused_with_the_comment_that_says_so(tmp_path: Path) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": HEAD + FLAKE, "argon.nix": "{ }\n"})
    before = contents(folder)
    run = migrate(folder)
    assert run.code == 2
    assert run.err == (
        f"{folder}/flake.nix:1:1: this file is generated, and would have to be edited\n"
        "    1 | # DO-NOT-EDIT. This file was auto-generated.\n"
        f"      | {'^' * 44} make the change where it is generated from (an input: declare it there), "
        "then run this again\n"
        f"nixedit: 1 reason not to migrate {folder}; nothing was written\n"
    )
    assert contents(folder) == before


def test_a_comment_elsewhere_says_nothing_of_the_file(tmp_path: Path) -> None:
    text = FLAKE.replace("  outputs", "  # do not edit the next line\n  outputs")
    migrated(write(tmp_path / "fleet", {"flake.nix": text, "argon.nix": "{ }\n"}))


def test_what_is_kept_sorted_stays_sorted(evaluator: Evaluator, tmp_path: Path) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": SORTED, "argon.nix": "{ }\n"})
    migrated(folder)
    text = (folder / "flake.nix").read_text()
    lines = text[text.index("# keep-sorted start") : text.index("# keep-sorted end")].split("\n")[1:-1]
    assert lines == [
        '    llama-cpp.inputs.nixpkgs.follows = "nixpkgs";',
        '    llama-cpp.url = "github:ggml-org/llama.cpp";',
        '    nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";',
    ]
    kept = text[text.rindex("# keep-sorted start") : text.rindex("# keep-sorted end")]
    assert kept.split("\n")[1:-1] == ["                (final: prev: { ours = 1; })"]
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert "llama-cpp-cuda-native" in after.packages
    assert ["ours" in names for names in after.overlays] == [True, False, False]


def test_a_first_module_stays_the_first_where_modules_are_kept_sorted(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    kept = "[\n            # keep-sorted start\n            ./argon.nix\n            ./both.nix\n"
    kept += "            # keep-sorted end\n          ]"
    own = "{ nixpkgs.overlays = [ (final: prev: { ours = 1; }) ]; }\n"
    files = {"flake.nix": FLAKE.replace("[ ./argon.nix ]", kept), "argon.nix": own, "both.nix": "{ }\n"}
    folder = write(tmp_path / "fleet", files)
    migrated(folder)
    assert (
        (folder / "flake.nix")
        .read_text()
        .partition("modules = ")[2]
        .startswith(
            "[\n"
            "            {\n"
            "              nixpkgs.overlays = [\n"
            "                inputs.llama-cpp.overlays.default\n"
            "                (import ./overlays/llama-cpp.nix { inherit inputs; })\n"
            "              ];\n"
            "            }\n" + kept.removeprefix("[\n")
        )
    )
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert ["ours" in names for names in after.overlays] == [True, False, False]
    assert migrate(folder, "--allow-no-vcs", "--check").code == 0


def test_an_input_is_declared_where_flake_file_has_it_from(evaluator: Evaluator, tmp_path: Path) -> None:
    files = {"flake.nix": FLAKE_FILE, "parts/base.nix": BASE, "parts/argon.nix": ARGON}
    folder = write(tmp_path / "fleet", files)
    run = migrated(folder)
    assert "parts/base.nix:1: input `llama-cpp` declared for flake-file (" in run.out
    assert "note: flake.nix is generated: `nix run .#write-flake` writes it anew\n" in run.out
    assert (folder / "parts" / "base.nix").read_text() == BASE.replace(
        "  };\n",
        "    llama-cpp = {\n"
        '      url = "github:ggml-org/llama.cpp";\n'
        '      inputs.nixpkgs.follows = "nixpkgs";\n'
        "    };\n  };\n",
    )
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert "llama-cpp-cuda-native" in after.packages


UPSTREAM = "inputs.llama-cpp.overlays.default"
OURS = "(import ./overlays/llama-cpp.nix { inherit inputs; })"
START, END = "# keep-sorted start", "# keep-sorted end"
HEADED, TAILED = "(final: prev: { first = 1; })", "(final: prev: { last = 1; })"
# What a list with one of the two overlays has, and what it has then.
INCOMPLETE = {
    "the first one in the region": (
        (START, HEADED, UPSTREAM, END),
        (START, HEADED, UPSTREAM, END, OURS),
    ),
    "the first one in the region, and others behind": (
        (START, HEADED, UPSTREAM, END, TAILED),
        (START, HEADED, UPSTREAM, END, OURS, TAILED),
    ),
    "the second one in the region": (
        (START, OURS, TAILED, END),
        (UPSTREAM, START, OURS, TAILED, END),
    ),
    "the second one in the region, and others before": (
        (HEADED, START, OURS, TAILED, END),
        (HEADED, UPSTREAM, START, OURS, TAILED, END),
    ),
    "the first one before the region": (
        (UPSTREAM, START, TAILED, END),
        (UPSTREAM, OURS, START, TAILED, END),
    ),
    "the second one behind the region": (
        (START, HEADED, END, OURS),
        (START, HEADED, END, UPSTREAM, OURS),
    ),
    "between two regions": (
        (START, HEADED, END, START, OURS, TAILED, END),
        (START, HEADED, END, UPSTREAM, START, OURS, TAILED, END),
    ),
}


def listed(lines: tuple[str, ...]) -> str:
    given = "".join(f"                {line}\n" for line in lines)
    return (
        "[\n            ./argon.nix\n            {\n              nixpkgs.overlays = [\n"
        f"{given}              ];\n            }}\n          ]"
    )


@pytest.mark.parametrize("name", INCOMPLETE)
def test_a_missing_overlay_stays_out_of_what_is_kept_sorted(
    name: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    given, wanted = INCOMPLETE[name]
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": "{ }\n"})
    migrated(folder)  # the input, and the file
    whole = (folder / "flake.nix").read_text()
    text, _, _ = whole.partition("modules = ")
    tail = ";\n        };\n      };\n    };\n}\n"
    write(folder, {"flake.nix": f"{text}modules = {listed(given)}{tail}"})
    migrated(folder)
    assert (folder / "flake.nix").read_text() == f"{text}modules = {listed(wanted)}{tail}"
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert "llama-cpp-cuda-native" in after.packages
    assert migrate(folder, "--check").code == 0
