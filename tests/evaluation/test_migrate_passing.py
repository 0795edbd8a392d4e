"""Helpers that get neither the inputs nor the flake: the inputs are handed on to them, call by call."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import contents, migrate, migrated, write

HEAD = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    HEAD
"""
MODULE = '{ nixpkgs.hostPlatform = "x86_64-linux"; }\n'
HELPER = """\
{ nixpkgs }:
name:
nixpkgs.lib.nixosSystem {
  modules = [ ../argon.nix { networking.hostName = name; } ];
}
"""


def flake(body: str, head: str = "{ self, nixpkgs, ... }@inputs:") -> str:
    return HEAD.replace("HEAD", head) + body + "}\n"


HOSTS = """\
    {
      nixosConfigurations.argon = import ./lib/host.nix { inherit nixpkgs; } "argon";
      nixosConfigurations.xenon = import ./lib/host.nix { inherit nixpkgs; } "xenon";
    };
"""
LET = """\
    let
      host = import ./lib/host.nix { inherit nixpkgs; };
    in
    {
      nixosConfigurations.argon = host "argon";
      nixosConfigurations.xenon = host "xenon";
    };
"""
# What the files are, and some lines that they get.
SHAPES = {
    "a call for each host": (
        {"flake.nix": flake(HOSTS), "lib/host.nix": HELPER},
        {"lib/host.nix": "{ nixpkgs, inputs }:", "flake.nix": '{ inherit nixpkgs inputs; } "xenon"'},
    ),
    "one call for all hosts": (
        {"flake.nix": flake(LET), "lib/host.nix": HELPER},
        {
            "lib/host.nix": "{ nixpkgs, inputs }:",
            "flake.nix": "host = import ./lib/host.nix { inherit nixpkgs inputs; };",
        },
    ),
    "a function with a name": (
        {
            "flake.nix": flake(
                LET.replace("host.nix { inherit nixpkgs; };", "host.nix;").replace(
                    '= host "', '= host { lib = nixpkgs.lib; } "'
                )
            ),
            "lib/host.nix": HELPER.replace("{ nixpkgs }", "{ lib, ... }").replace("nixpkgs.lib.", "lib."),
        },
        {"lib/host.nix": "{ lib, inputs, ... }:", "flake.nix": "inputs = inputs;"},
    ),
    "no name in flake.nix either": (
        {"flake.nix": flake(HOSTS, "{ nixpkgs, ... }:"), "lib/host.nix": HELPER},
        {"flake.nix": "{ nixpkgs, ... }@inputs:"},
    ),
    "self in flake.nix": (
        {"flake.nix": flake(LET, "{ self, nixpkgs }:"), "lib/host.nix": HELPER},
        {"flake.nix": "inputs = self.inputs;"},
    ),
    "a file between": (
        {
            "flake.nix": flake("    { nixosConfigurations = import ./lib { inherit nixpkgs; }; };\n"),
            "lib/default.nix": '{ nixpkgs }:\nlet\n  host = import ./host.nix { inherit nixpkgs; };\nin\n{ argon = host "argon"; xenon = host "xenon"; }\n',
            "lib/host.nix": HELPER,
        },
        {
            "lib/default.nix": "host = import ./host.nix { inherit nixpkgs inputs; };",
            "flake.nix": "import ./lib { inherit nixpkgs inputs; }",
        },
    ),
    "all inputs without a name": (
        {
            "flake.nix": flake("    { nixosConfigurations = import ./lib inputs; };\n"),
            "lib/default.nix": "{ nixpkgs, ... }:\n{ argon = nixpkgs.lib.nixosSystem { modules = [ ../argon.nix ]; }; }\n",
        },
        {"lib/default.nix": "{ nixpkgs, ... }@inputs:"},
    ),
    "a function behind another": (
        {
            "flake.nix": flake(
                '    { nixosConfigurations.argon = import ./lib/host.nix nixpkgs { name = "argon"; }; };\n'
            ),
            "lib/host.nix": HELPER.replace("{ nixpkgs }:\nname:", "nixpkgs:\n{ name }:"),
        },
        {"lib/host.nix": "nixpkgs:\n{ name, inputs }:"},
    ),
    "an argument that is there already": (
        {
            "flake.nix": flake(HOSTS.replace("inherit nixpkgs;", "inherit nixpkgs inputs;")),
            "lib/host.nix": HELPER.replace("{ nixpkgs }", "{ nixpkgs, ... }"),
        },
        {"lib/host.nix": "{ nixpkgs, inputs, ... }:", "flake.nix": '{ inherit nixpkgs inputs; } "xenon"'},
    ),
    "a function behind names of its own": (
        {
            "flake.nix": flake(LET),
            "lib/host.nix": HELPER.replace(
                "name:\nnixpkgs.", "let\n  inherit (nixpkgs) lib;\nin\nname:\n"
            ).replace("nixpkgs.lib.", "lib."),
        },
        {"lib/host.nix": "{ nixpkgs, inputs }:\nlet", "flake.nix": "host.nix { inherit nixpkgs inputs; };"},
    ),
    "a function that another one calls": (
        {
            "flake.nix": flake(
                LET.replace("host = import ./lib/host.nix", "each = make: make").replace(
                    "= host", "= each (import ./lib/host.nix)"
                )
            ),
            "lib/host.nix": HELPER,
        },
        {
            "lib/host.nix": "{ nixpkgs, inputs }:",
            "flake.nix": "each = make: make { inherit nixpkgs inputs; };",
        },
    ),
    "a name that means something else": (
        {"flake.nix": flake(LET), "lib/host.nix": HELPER.replace("name:\n", "name:\nlet inputs = { }; in\n")},
        {"lib/host.nix": "{ nixpkgs, flakeInputs }:", "flake.nix": "flakeInputs = inputs;"},
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_the_inputs_are_handed_on(name: str, evaluator: Evaluator, tmp_path: Path) -> None:
    files, lines = SHAPES[name]
    folder = write(tmp_path / "fleet", {"argon.nix": MODULE, **files})
    before = evaluator.hosts(folder)
    migrated(folder)
    after = evaluator.hosts(folder)
    assert list(before) == list(after)
    for was, host in zip(before.values(), after.values(), strict=True):
        assert (was.error, host.error) == (None, None)
        assert host.packages["llama-cpp-cuda-native"].is_native
        assert len(host.overlays) == len(was.overlays) + 2
        assert (host.toplevel, host.system_packages) == (was.toplevel, was.system_packages)
    for file, line in lines.items():
        assert line in (folder / file).read_text()
    left = contents(folder)
    assert migrate(folder, "--allow-no-vcs").out == "Nothing to do: every chosen host is migrated already.\n"
    assert contents(folder) == left


# What keeps the calls of a helper from being told.
REFUSED = {
    "a use that is no call": LET.replace("    {\n", "    {\n      lib = { inherit host; };\n")
    .replace(" { inherit nixpkgs; };", ";")
    .replace('= host "', '= host { inherit nixpkgs; } "'),
    "a call that no host needs": LET.replace(
        "    {\n", '    {\n      other = import ./lib/host.nix { inherit nixpkgs; } "other";\n'
    ),
    "a call by a library": HOSTS.replace(
        'import ./lib/host.nix { inherit nixpkgs; } "argon"',
        'builtins.head (map (import ./lib/host.nix) [ { inherit nixpkgs; } ]) "argon"',
    ),
    "an argument that is computed": HOSTS.replace(
        "{ inherit nixpkgs; }", "(builtins.intersectAttrs { nixpkgs = 1; } inputs)"
    ),
    "a path in a string": LET.replace("    {\n", '    {\n      other = import "${self}/lib/host.nix";\n'),
    "a folder that is listed": LET.replace("    {\n", "    {\n      other = builtins.readDir ./lib;\n"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_where_a_call_may_be_missed_nothing_is_written(name: str, tmp_path: Path) -> None:
    folder = write(
        tmp_path / "fleet", {"argon.nix": MODULE, "flake.nix": flake(REFUSED[name]), "lib/host.nix": HELPER}
    )
    before = contents(folder)
    run = migrate(folder, "--allow-no-vcs")
    assert run.code == 2, run
    assert "the flake's inputs have no name here" in run.err
    assert contents(folder) == before


def test_a_helper_that_hands_its_whole_argument_on_is_refused(tmp_path: Path) -> None:
    helper = HELPER.replace("{ nixpkgs }", "{ nixpkgs }@given").replace(
        "modules", "specialArgs = given;\n  modules"
    )
    folder = write(tmp_path / "fleet", {"argon.nix": MODULE, "flake.nix": flake(LET), "lib/host.nix": helper})
    assert "the flake's inputs have no name here" in migrate(folder, "--allow-no-vcs").err


# A helper that other flakes may call too: what it takes stays as it is.
OFFERED = """\
    {
      lib.mkHost = import ./lib/host.nix;
      nixosConfigurations = {
        argon = self.lib.mkHost {
          inherit nixpkgs;
          name = "argon";
          modules = [ ./argon.nix ];
        };
        xenon = self.lib.mkHost {
          inherit nixpkgs;
          name = "xenon";
          modules = with nixpkgs; [ ./argon.nix ] ++ [ ];
        };
      };
    };
"""
TAKING = """\
{ nixpkgs, name, modules }:
nixpkgs.lib.nixosSystem {
  modules = [ { networking.hostName = name; } ] ++ modules;
}
"""


def test_the_modules_that_a_helper_is_given_take_the_overlays(evaluator: Evaluator, tmp_path: Path) -> None:
    files = {"argon.nix": MODULE, "flake.nix": flake(OFFERED), "lib/host.nix": TAKING}
    folder = write(tmp_path / "fleet", files)
    before = evaluator.hosts(folder)
    run = migrated(folder)
    assert "a module with the overlays added (a list of modules that the call is given)" in run.out
    after = evaluator.hosts(folder)
    for name, host in after.items():
        assert host.error is None
        assert host.packages["llama-cpp-cuda-native"].is_native
        assert len(host.overlays) == len(before[name].overlays) + 2
    assert (folder / "lib/host.nix").read_text() == TAKING
    assert migrate(folder, "--check").code == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("modules = with nixpkgs; [ ./argon.nix ] ++ [ ];", "modules = map import [ ./argon.nix ];"),
        ("modules = [ ./argon.nix ];", "modules = let self = null; inputs = null; in [ ./argon.nix ];"),
        ("./argon.nix ];", "./argon.nix { nixpkgs.overlays = [ (import ./own.nix) ]; } ];"),
    ],
    ids=["a host without a list", "no name there", "an overlay that must come before"],
)
def test_where_a_host_has_no_such_list_nothing_is_written(old: str, new: str, tmp_path: Path) -> None:
    own = "final: prev: {\n  llama-cpp = prev.llama-cpp.overrideAttrs { doCheck = false; };\n}\n"
    files = {"argon.nix": MODULE, "own.nix": own, "lib/host.nix": TAKING}
    folder = write(tmp_path / "fleet", {**files, "flake.nix": flake(OFFERED.replace(old, new))})
    before = contents(folder)
    run = migrate(folder, "--allow-no-vcs")
    assert run.code == 2, run
    assert contents(folder) == before
