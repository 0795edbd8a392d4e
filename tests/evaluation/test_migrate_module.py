"""`--layout module`: a host whose modules get the inputs names the module by its path; others call it."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from fleets_support import FleetCopy
from migration_runs import contents, migrate, migrated, write

HEAD = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";

  outputs =
    ARGUMENT:
    let
      mkHost = name: special: inputs.nixpkgs.lib.nixosSystem {
        specialArgs = { inherit inputs; };
        modules = [
          ./host.nix
          { networking.hostName = name; }
        ];
      };
    in
    {
      nixosConfigurations = {
HOSTS      };
    };
}
"""
HOST = """\
        argon = inputs.nixpkgs.lib.nixosSystem {
          specialArgs = SPECIAL;
          modules = [
            ./host.nix
          ];
        };
"""
FILES = {
    "host.nix": '{ networking.hostName = "argon"; nixpkgs.hostPlatform = "x86_64-linux"; }\n',
    "args.nix": "inputs: { inherit inputs; user = 1; }\n",
}
PATH = "./modules/llama-cpp-overlays.nix"
CALL = f"(import {PATH} {{ inherit inputs; }})"
MODULE = """\
# Written by nixedit migrate, recipe llama-cpp 2.
#
# The overlays of llama-cpp, for every host that has this among its modules.
{ inputs, ... }:
{
  nixpkgs.overlays = [
    inputs.llama-cpp.overlays.default
    (import ../overlays/llama-cpp.nix { inherit inputs; })
  ];
}
"""
CLOSED = MODULE.replace("{ inputs, ... }:", "{ inputs }:")


def fleet(folder: Path, *special: str, argument: str = "{ self, nixpkgs, ... }@inputs") -> Path:
    names = ("argon", "boron", "carbon")
    hosts = "".join(
        HOST.replace("argon", name).replace("SPECIAL", given)
        for name, given in zip(names, special, strict=False)
    )
    text = HEAD.replace("ARGUMENT", argument).replace("HOSTS", hosts)
    return write(folder, {"flake.nix": text, **FILES})


def lines_of(folder: Path) -> list[str]:
    """What the hosts name the module by, in order."""
    text = (folder / "flake.nix").read_text()
    return [line.strip() for line in text.splitlines() if "llama-cpp-overlays.nix" in line]


def assert_migrated(folder: Path, evaluator: Evaluator) -> None:
    """Every host has both overlays, last and once, and nothing is left to do in either layout."""
    for host in evaluator.hosts(folder).values():
        assert host.error is None
        assert [names[0] for names in host.overlays] == ["llama-cpp", "llama-cpp"]
        assert "llama-cpp-cuda-native" in host.packages
    before = contents(folder)
    for layout in ("module", "inline"):
        assert migrate(folder, "--layout", layout, "--check").code == 0
    assert contents(folder) == before


# What hosts give their modules, the argument of `outputs`, and how the host names the module.
FORMS = {
    "the inputs": ("{ inherit inputs; }", PATH),
    "the inputs and more": ("{ inherit inputs; user = 1; }", PATH),
    "the inputs by another expression": ("{ inputs = self.inputs; }", PATH),
    "the inputs from self": ("{ inherit (self) inputs; }", PATH),
    "the inputs by a set of another file": ("import ./args.nix inputs", PATH),
    "the inputs, and more added": ("{ inherit inputs; } // { user = 1; }", PATH),
    "nothing": ("{ }", CALL),
    "something else of that name": ("{ inputs = { }; }", CALL),
    "more than the inputs": ("{ inputs = inputs // { mine = 1; }; }", CALL),
    "the inputs by another name": ("{ flake-inputs = inputs; }", CALL),
    "each input by its name": ("inputs", CALL),
}


@pytest.mark.parametrize("name", FORMS)
def test_a_host_names_the_module_by_its_path_where_its_modules_get_the_inputs(
    name: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    special, named = FORMS[name]
    folder = fleet(tmp_path / "fleet", special)
    assert [host.error for host in evaluator.hosts(folder).values()] == [None]
    before = (folder / "flake.nix").read_text()
    migrated(folder, "--layout", "module")
    assert (folder / "modules" / "llama-cpp-overlays.nix").read_text() == MODULE
    text = (folder / "flake.nix").read_text()
    assert f"          modules = [\n            {named}\n            ./host.nix\n" in text
    assert [line for line in text.splitlines() if "llama-cpp" not in line] == before.splitlines()
    assert_migrated(folder, evaluator)


def test_no_name_of_the_inputs_is_needed_at_a_host_that_names_a_path(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    helper = """\
{ lib, given, modules }:
lib.nixosSystem {
  specialArgs = given;
  modules = modules ++ [ ./host.nix ];
}
"""
    call = """\
        argon = import ./helper.nix {
          inherit (nixpkgs) lib;
          given = { inherit inputs; };
          modules = [ ];
        };
"""
    text = HEAD.replace("ARGUMENT", "{ self, nixpkgs, ... }@inputs").replace("HOSTS", call)
    folder = write(tmp_path / "fleet", {"flake.nix": text, "helper.nix": helper, **FILES})
    migrated(folder, "--layout", "module")
    assert (folder / "helper.nix").read_text() == helper.replace(
        "modules ++", f"[\n    {PATH}\n  ]\n  ++ modules\n  ++"
    )
    assert_migrated(folder, evaluator)


def test_each_of_several_hosts_names_it_as_it_can(evaluator: Evaluator, tmp_path: Path) -> None:
    folder = fleet(tmp_path / "fleet", "{ inherit inputs; }", "{ }", "{ inherit inputs; }")
    migrated(folder, "--layout", "module")
    assert lines_of(folder) == [PATH, CALL, PATH]
    assert_migrated(folder, evaluator)


ADDED = "      };\n    };\n}\n"


@pytest.mark.parametrize(
    ("first", "second"), [("{ inherit inputs; }", "{ }"), ("{ }", "{ inherit inputs; }")]
)
def test_a_host_that_is_added_later_names_it_as_it_can(
    first: str, second: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = fleet(tmp_path / "fleet", first)
    migrated(folder, "--layout", "module")
    assert_migrated(folder, evaluator)
    flake = folder / "flake.nix"
    more = HOST.replace("argon", "boron").replace("SPECIAL", second)
    flake.write_text(flake.read_text().replace(ADDED, more + ADDED))
    migrated(folder, "--layout", "module")
    assert_migrated(folder, evaluator)
    both = fleet(tmp_path / "at-once", first, second)
    migrated(both, "--layout", "module")
    assert contents(both) == contents(folder)


def test_a_module_that_takes_the_inputs_alone_is_called_by_every_host(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = fleet(tmp_path / "fleet", "{ inherit inputs; }", "{ }")
    write(folder, {"modules/llama-cpp-overlays.nix": CLOSED})
    run = migrated(folder, "--layout", "module")
    assert "changes of your own" not in run.out
    assert (folder / "modules" / "llama-cpp-overlays.nix").read_text() == CLOSED
    assert lines_of(folder) == [CALL, CALL]
    assert_migrated(folder, evaluator)


def test_a_module_that_a_person_lets_take_more_is_named_by_its_path_alone(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    folder = fleet(tmp_path / "fleet", "{ inherit inputs; }")
    changed = MODULE.replace("{ inputs, ... }", "{ inputs, lib, ... }")
    write(folder, {"modules/llama-cpp-overlays.nix": changed})
    run = migrated(folder, "--layout", "module")
    note = "modules/llama-cpp-overlays.nix has changes of your own and stays as it is"
    assert f"  note: {note}\n" in run.out
    assert lines_of(folder) == [PATH]
    assert_migrated(folder, evaluator)


def test_a_module_that_takes_more_cannot_be_called_with_the_inputs(tmp_path: Path) -> None:
    folder = fleet(tmp_path / "fleet", "{ }")
    changed = MODULE.replace("{ inputs, ... }", "{ inputs, lib, ... }")
    write(folder, {"modules/llama-cpp-overlays.nix": changed})
    before = contents(folder)
    run = migrate(folder, "--allow-no-vcs", "--layout", "module")
    assert run.code == 2
    assert run.err.startswith(
        f"{folder}/flake.nix:17:17: host `argon`: modules/llama-cpp-overlays.nix takes lib too, and not the "
        "inputs alone\n"
    )
    assert "say specialArgs = { inherit inputs; }, then run this again" in run.err
    assert contents(folder) == before


def test_one_helper_names_it_once_for_its_hosts(evaluator: Evaluator, tmp_path: Path) -> None:
    hosts = "".join(f'        {name} = mkHost "{name}" {{ }};\n' for name in ("argon", "boron"))
    text = HEAD.replace("ARGUMENT", "{ self, nixpkgs, ... }@inputs").replace("HOSTS", hosts)
    folder = write(tmp_path / "fleet", {"flake.nix": text, **FILES})
    write(folder, {"host.nix": FILES["host.nix"].replace('networking.hostName = "argon"; ', "")})
    migrated(folder, "--layout", "module")
    assert lines_of(folder) == [PATH]
    assert_migrated(folder, evaluator)


def test_a_helper_that_gives_the_inputs_to_some_hosts_alone_calls_it(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    hosts = '        argon = mkHost "argon" { inherit inputs; };\n        boron = mkHost "boron" { };\n'
    text = HEAD.replace("ARGUMENT", "{ self, nixpkgs, ... }@inputs").replace("HOSTS", hosts)
    text = text.replace("specialArgs = { inherit inputs; };", "specialArgs = special;")
    folder = write(tmp_path / "fleet", {"flake.nix": text, **FILES})
    write(folder, {"host.nix": FILES["host.nix"].replace('networking.hostName = "argon"; ', "")})
    migrated(folder, "--layout", "module")
    assert lines_of(folder) == [CALL]
    assert_migrated(folder, evaluator)


def test_the_example_fleet_names_it_by_its_path(fleet_copy: FleetCopy, evaluator: Evaluator) -> None:
    folder = fleet_copy("plan-nixfmt")
    migrated(folder, "--layout", "module")
    text = (folder / "flake.nix").read_text()
    assert set(lines_of(folder)) == {PATH}
    assert "import ./modules" not in text
    for host in evaluator.hosts(folder).values():
        assert host.error is None
        assert "llama-cpp-cuda-native" in host.packages
