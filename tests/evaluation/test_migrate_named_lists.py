"""Overlays that modules have by a name: added to the list of that name if it is for nothing else, else behind it."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import contents, migrate, migrated, write

FLAKE = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
  inputs.nix-darwin.url = "github:LnL7/nix-darwin";
  inputs.nix-darwin.inputs.nixpkgs.follows = "nixpkgs";
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";

  outputs =
    { self, nixpkgs, ... }@inputs:
    let
      named = name: final: prev: { ${name} = 1; };
LET
    in
    {
      nixosConfigurations = {
HOSTS
      };
MORE
    };
}
"""
HELPER = """\
{ inputs, overlays }:
name:
inputs.nixpkgs.lib.nixosSystem {
  modules = [
    ../x86.nix
    { nixpkgs.overlays = overlays; }
    { networking.hostName = name; }
  ];
}
"""
X86 = '{ nixpkgs.hostPlatform = "x86_64-linux"; }\n'
LIST = 'overlays = [ (named "b") ];'
LONGER = """\
overlays = [
        (named "b")
        inputs.llama-cpp.overlays.default
        (import ./overlays/llama-cpp.nix { inherit inputs; })
      ];"""
OURS = "overlays/llama-cpp.nix"
SET = "nixpkgs.overlays = overlays;"
BEHIND = """\
nixpkgs.overlays = overlays ++ [
PAD  inputs.llama-cpp.overlays.default
PAD  (import ./overlays/llama-cpp.nix { inherit inputs; })
PAD];"""


def behind(indent: int) -> str:
    """`++` behind the name, in a binding that is so many columns in."""
    return BEHIND.replace("PAD", " " * indent)


def host(modules: str, name: str = "argon", more: str = "") -> str:
    return f"""\
        {name} = nixpkgs.lib.nixosSystem {{
          {more}modules = [
            ./x86.nix
            {modules}
          ];
        }};"""


ARGON, XENON = host(f"{{ {SET} }}"), host(f"{{ {SET} }}", "xenon")
ON_LINES = host(f"""{{
              {SET}
            }}""")
MAC = f"""\
      darwinConfigurations.mac = inputs.nix-darwin.lib.darwinSystem {{
        modules = [
          {{ nixpkgs.hostPlatform = "aarch64-darwin"; }}
          {{ {SET} }}
        ];
      }};"""


def fleet(hosts: str, let: str = LIST, more: str = "", **files: str) -> dict[str, str]:
    text = (
        FLAKE.replace("LET", f"      {let}")
        .replace("HOSTS", hosts)
        .replace("MORE\n", f"{more}\n" if more else "")
    )
    return {
        "flake.nix": text,
        "x86.nix": X86,
        **{name.replace("_", "/") + ".nix": text for name, text in files.items()},
    }


WITH_HELPER = """\
        argon = import ./lib/host.nix { inherit inputs overlays; } "argon";
        xenon = import ./lib/host.nix { inherit inputs overlays; } "xenon";"""
BY_NAME = """\
        argon = mkHost "argon";
        xenon = mkHost "xenon";"""
CHANGING = "overlays = [ (final: prev: { llama-cpp = prev.llama-cpp.override { stdenv = prev.stdenv; }; }) ];"

# The fleet, what its text gets instead of what, and the overlays of all hosts: `+` is upstream's and ours.
FOLLOWED = {
    "a list in a let": (fleet(ARGON), {LIST: LONGER}, "b +"),
    "what a call in parentheses gives": (
        fleet(
            ARGON,
            """overlays =
        [ (named "a") ]
        ++ (map named [ "b" ]);""",
        ),
        {
            '        ++ (map named [ "b" ]);\n': """\
        ++ (map named [ "b" ])
        ++ [
          inputs.llama-cpp.overlays.default
          (import ./overlays/llama-cpp.nix { inherit inputs; })
        ];
"""
        },
        "a b +",
    ),
    "a list that is kept sorted": (
        fleet(
            ARGON,
            """overlays = [
        # keep-sorted start
        (named "b")
        # keep-sorted end
      ];""",
        ),
        {
            "        # keep-sorted end\n": """\
        # keep-sorted end
        inputs.llama-cpp.overlays.default
        (import ./overlays/llama-cpp.nix { inherit inputs; })
"""
        },
        "b +",
    ),
    "a list on lines, with comments": (
        fleet(
            ARGON,
            """overlays = [
        # the first
        (named "a")
        (named "b") # the last
        # (named "c")
      ];""",
        ),
        {
            """\
        (named "b") # the last
""": """\
        (named "b") # the last
        inputs.llama-cpp.overlays.default
        (import ./overlays/llama-cpp.nix { inherit inputs; })
"""
        },
        "a b +",
    ),
    "a name that is inherited": (
        fleet(host("{ nixpkgs = { inherit overlays; config = { }; }; }")),
        {LIST: LONGER},
        "b +",
    ),
    "a list that two hosts share": (fleet(f"{ARGON}\n{XENON}"), {LIST: LONGER}, "b +"),
    "a list that another list ends with": (
        fleet(host('{ nixpkgs.overlays = [ (named "a") ] ++ overlays; }')),
        {LIST: LONGER},
        "a b +",
    ),
    "a list behind another name": (
        fleet(
            f"{ARGON}\n{XENON}".replace(SET, "nixpkgs.overlays = mine;", 1), f"mine = overlays;\n      {LIST}"
        ),
        {LIST: LONGER},
        "b +",
    ),
    "a list in with, let and parentheses": (
        fleet(ARGON, 'overlays = with builtins; (let b = named "b"; in [ b ]);'),
        {
            "[ b ]": """[
        b
        inputs.llama-cpp.overlays.default
        (import ./overlays/llama-cpp.nix { inherit inputs; })
      ]"""
        },
        "b +",
    ),
    "a list that ends with another one": (
        fleet(ARGON, f'overlays = [ (named "a") ] ++ more;\n      more = {LIST.partition("= ")[2]}'),
        {LIST.partition("= ")[2]: LONGER.partition("= ")[2]},
        "a b +",
    ),
    "a list and what is computed, on lines": (
        fleet(
            ARGON,
            """overlays =
        [ (named "a") ]
        ++ map named [ "b" ];""",
        ),
        {
            """\
        ++ map named [ "b" ]""": """\
        ++ map named [ "b" ]
        ++ [
          inputs.llama-cpp.overlays.default
          (import ./overlays/llama-cpp.nix { inherit inputs; })
        ]"""
        },
        "a b +",
    ),
    "a list given to a helper in a file": (
        fleet(WITH_HELPER, lib_host=HELPER),
        {LIST: LONGER},
        "b +",
    ),
    "a list given to a helper with a name": (
        fleet(
            BY_NAME,
            f"{LIST}\n      mkHost = import ./lib/host.nix {{ inherit inputs overlays; }};",
            lib_host=HELPER,
        ),
        {LIST: LONGER},
        "b +",
    ),
    "a list written in the call of a helper": (
        fleet(
            BY_NAME,
            'mkHost = import ./lib/host.nix { inherit inputs; overlays = [ (named "b") ]; };',
            lib_host=HELPER,
        ),
        {
            '{ inherit inputs; overlays = [ (named "b") ]; };': """{
        inherit inputs;
        overlays = [
          (named "b")
          inputs.llama-cpp.overlays.default
          (import ./overlays/llama-cpp.nix { inherit inputs; })
        ];
      };"""
        },
        "b +",
    ),
    "a list that is all of an argument": (
        fleet(
            BY_NAME,
            f"{LIST}\n      mkHost = import ./lib/host.nix inputs overlays;",
            lib_host=HELPER.replace("{ inputs, overlays }:", "inputs: overlays:"),
        ),
        {LIST: LONGER},
        "b +",
    ),
    "a list in all that a helper is given": (
        fleet(
            WITH_HELPER,
            lib_host=HELPER.replace("{ inputs, overlays }:", "args@{ inputs, ... }:").replace(
                "= overlays", "= args.overlays"
            ),
        ),
        {LIST: LONGER},
        "b +",
    ),
    "a list that a helper takes if it is given none": (
        fleet(
            WITH_HELPER.replace("inputs overlays", "inputs named"),
            lib_host=HELPER.replace(
                "{ inputs, overlays }:",
                """{
  inputs,
  named,
  overlays ? [
    (named "b")
  ],
}:""",
            ),
        ),
        {
            """\
    (named "b")
""": """\
    (named "b")
    inputs.llama-cpp.overlays.default
    (import ../overlays/llama-cpp.nix { inherit inputs; })
"""
        },
        "b +",
    ),
    "a list of which upstream's is one": (
        fleet(f"{ARGON}\n{XENON}", "overlays = [ inputs.llama-cpp.overlays.default ];"),
        {
            "[ inputs.llama-cpp.overlays.default ]": """[
        inputs.llama-cpp.overlays.default
        (import ./overlays/llama-cpp.nix { inherit inputs; })
      ]"""
        },
        "+",
    ),
    "a list of the first module that changes the package": (
        fleet(
            ARGON.replace("            ./x86.nix\n", "").replace(SET, f"{SET} imports = [ ./x86.nix ];"),
            CHANGING,
        ),
        {CHANGING: LONGER.replace('(named "b")', CHANGING[13:-3])},
        "llama-cpp +",
    ),
}
# What else a list is for, with words for the command line.
USED = {
    "a package set": (
        fleet(
            ON_LINES,
            more='      legacyPackages = import nixpkgs { system = "x86_64-linux"; inherit overlays; };',
        ),
        "",
    ),
    "an output": (fleet(ON_LINES, more="      lib = { inherit overlays; };"), ""),
    "an output by another name": (fleet(ON_LINES, more="      lib.mine = overlays;"), ""),
    "an element": (fleet(ON_LINES, more="      lib.first = builtins.head overlays;"), ""),
    "a darwin host": (fleet(ON_LINES, more=MAC), ""),
    "another host": (fleet(f"{ON_LINES}\n{XENON}"), "--exclude-host xenon"),
    "a user's home": (
        fleet(ON_LINES, more="      homeModules.ada = { nixpkgs.overlays = overlays; };"),
        "",
    ),
    "a function that is not known": (
        fleet(ON_LINES, more="      lib.made = inputs.llama-cpp.lib.make overlays;"),
        "",
    ),
    "a helper that is not called by all": (
        fleet(
            ON_LINES,
            more="      lib.host = import ./lib/host.nix { inherit inputs overlays; };",
            lib_host=HELPER,
        ),
        "",
    ),
}

IMPORTED = "[ (final: prev: { b = 1; }) ]\n"
# Other values that are no list of their own; and lists that do not take overlays at their end.
KEPT = {
    "an import": (
        fleet(ON_LINES.replace("= overlays", "= import ./list.nix"), list=IMPORTED),
        {"import ./list.nix;": behind(14).replace("nixpkgs.overlays = overlays", "import ./list.nix")},
    ),
    "an import by name": (
        fleet(ON_LINES, "overlays = import ./list.nix;", list=IMPORTED),
        {SET: behind(14)},
    ),
    "a call": (
        fleet(ON_LINES.replace("= overlays", '= map named [ "b" ]')),
        {'map named [ "b" ];': behind(14).replace("nixpkgs.overlays = overlays", 'map named [ "b" ]')},
    ),
    "a call by name": (fleet(ON_LINES, 'overlays = map named [ "b" ];'), {SET: behind(14)}),
    "what a function of the flake gives": (
        fleet(ON_LINES, 'made = name: [ (named name) ];\n      overlays = made "b";'),
        {SET: behind(14)},
    ),
    "a list in a set": (
        fleet(ON_LINES, f"own = {{ {LIST} }};\n      inherit (own) overlays;"),
        {SET: behind(14)},
    ),
    "a list that all modules are given": (
        fleet(ON_LINES.replace("modules", "specialArgs = { inherit overlays; };\n          modules")),
        {SET: behind(14)},
    ),
    "a list that depends": (
        fleet(ON_LINES, 'overlays = if true then [ (named "b") ] else [ ];'),
        {SET: behind(14)},
    ),
    "a list in front of another": (
        fleet(ON_LINES + "\n" + host("{ nixpkgs.overlays = overlays ++ [ ]; }", "xenon")),
        {
            SET: behind(14),
            "            { nixpkgs.overlays = overlays ++ [ ]; }": """\
            {
              nixpkgs.overlays = overlays ++ [
                inputs.llama-cpp.overlays.default
                (import ./overlays/llama-cpp.nix { inherit inputs; })
              ];
            }""",
        },
    ),
    "lists of a helper's callers": (
        fleet(
            """\
        argon = import ./lib/host.nix { inherit inputs; overlays = [ (named "b") ]; } "argon";
        xenon = import ./lib/host.nix { inherit inputs; overlays = [ (named "b") ]; } "xenon";""",
            lib_host=HELPER.replace(
                "{ nixpkgs.overlays = overlays; }", "{\n      nixpkgs.overlays = overlays;\n    }"
            ),
        ),
        {SET: behind(6).replace("./overlays", "../overlays")},
    ),
}


def named(overlays: list[list[str]]) -> str:
    words = [" ".join(names) if len(names) < 6 else "ours" for names in overlays]
    return " ".join(words).replace("llama-cpp llamaPackages ours", "+")


def overlays_of(evaluator: Evaluator, folder: Path, output: str = "nixosConfigurations") -> dict[str, str]:
    found = evaluator.flake(folder, output, "builtins.mapAttrs (_: host: host.pkgs.overlayNames)")
    return {name: named(overlays) for name, overlays in found.items()}


def replaced(text: str, edits: dict[str, str]) -> str:
    for old, new in edits.items():
        assert text.count(old) <= 1, old
        text = text.replace(old, new)
    return text


def texts(folder: Path) -> dict[str, str]:
    return {
        name: text.decode() for name, text in contents(folder).items() if name != "overlays/llama-cpp.nix"
    }


@pytest.mark.parametrize("name", FOLLOWED)
def test_they_go_into_the_list(name: str, evaluator: Evaluator, tmp_path: Path) -> None:
    files, edits, after = FOLLOWED[name]
    folder = write(tmp_path / "fleet", files)
    before = overlays_of(evaluator, folder)
    migrated(folder)
    assert texts(folder) == {name: replaced(text, edits) for name, text in files.items()}
    assert overlays_of(evaluator, folder) == dict.fromkeys(before, after)
    again = contents(folder)
    assert migrate(folder).out.startswith("Nothing to do: every chosen host is migrated already.\n")
    assert contents(folder) == again


@pytest.mark.parametrize("name", USED)
def test_they_go_behind_the_name_of_a_list_that_is_for_something_else(
    name: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    files, words = USED[name]
    folder = write(tmp_path / "fleet", files)
    migrated(folder, *words.split())
    edits = {ON_LINES: ON_LINES.replace(SET, behind(14))}
    assert texts(folder) == {name: replaced(text, edits) for name, text in files.items()}
    assert overlays_of(evaluator, folder)["argon"] == "b +"
    assert migrate(folder, "--check", *words.split()).code == 0


@pytest.mark.parametrize("name", KEPT)
def test_they_go_behind_what_is_no_list_of_that_name(name: str, evaluator: Evaluator, tmp_path: Path) -> None:
    files, edits = KEPT[name]
    folder = write(tmp_path / "fleet", files)
    before = overlays_of(evaluator, folder)
    migrated(folder)
    assert texts(folder) == {name: replaced(text, edits) for name, text in files.items()}
    assert overlays_of(evaluator, folder) == dict.fromkeys(before, "b +")
    assert migrate(folder, "--check").code == 0


def test_a_host_of_another_kind_that_is_taken_in_has_the_list_too(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    files = fleet(ON_LINES, more=MAC)
    folder = write(tmp_path / "fleet", files)
    migrated(folder, "--include", "darwin")
    assert texts(folder) == {name: replaced(text, {LIST: LONGER}) for name, text in files.items()}
    assert overlays_of(evaluator, folder) == {"argon": "b +"}
    assert overlays_of(evaluator, folder, "darwinConfigurations") == {"mac": "b +"}


def test_a_list_that_changes_the_package_is_left_where_it_is_not_the_last(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    files = fleet(ON_LINES, CHANGING)
    folder = write(tmp_path / "fleet", files)
    migrated(folder)
    first = """\
            {
              nixpkgs.overlays = [
                inputs.llama-cpp.overlays.default
                (import ./overlays/llama-cpp.nix { inherit inputs; })
              ];
            }
            ./x86.nix
"""
    edits = {"            ./x86.nix\n": first}
    assert texts(folder) == {name: replaced(text, edits) for name, text in files.items()}
    assert overlays_of(evaluator, folder) == {"argon": "llama-cpp +"}


def test_hosts_that_have_the_list_in_two_ways_get_them_once(evaluator: Evaluator, tmp_path: Path) -> None:
    twice = host(f"{{ {SET} }}\n            {{ {SET} }}")
    folder = write(tmp_path / "fleet", fleet(f"{twice}\n{XENON}"))
    migrated(folder)
    assert overlays_of(evaluator, folder) == {"argon": "b b +", "xenon": "b +"}
    assert migrate(folder, "--check").code == 0
