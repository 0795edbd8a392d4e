"""The hosts of a flake: their names, calls, modules and overlays."""

from __future__ import annotations

from pathlib import Path

import pytest

from nixedit.flake import Flake
from nixedit.flake.systems import Unsupported
from nixedit.resolve.values import PathValue
from nixedit.workspaces import Workspace

HEAD = "{ self, nixpkgs, ... }@inputs:"


def flake(folder: Path, body: str, head: str = HEAD) -> Flake:
    (folder / "flake.nix").write_text(f"{{\n  outputs = {head}\n{body};\n}}\n")
    return Flake(Workspace(folder))


def names(found: Flake) -> list[str]:
    return [system.name for system in found.nixos_systems()]


CALL = "nixpkgs.lib.nixosSystem { modules = [ ./a.nix ]; }"


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (f"{{ nixosConfigurations.a = {CALL}; }}", ["a"]),
        (f"{{ nixosConfigurations = {{ b = {CALL}; a = {CALL}; }}; }}", ["b", "a"]),
        (f"{{ nixosConfigurations = {{ a = {CALL}; }}; nixosConfigurations.b = {CALL}; }}", ["a", "b"]),
        (f'{{ nixosConfigurations."my host" = {CALL}; }}', ["my host"]),
        (f"let a = {CALL}; in {{ nixosConfigurations.a = a; }}", ["a"]),
        (f"let hosts = {{ a = {CALL}; }}; in {{ nixosConfigurations = hosts; }}", ["a"]),
        (f"{{ x = 1; }} // {{ nixosConfigurations.a = {CALL}; }}", ["a"]),
        (f"{{ nixosConfigurations = {{ a = {CALL}; }} // {{ b = {CALL}; }}; }}", ["a", "b"]),
        (f"{{ nixosConfigurations = {{ a = {CALL}; ${{x}} = {CALL}; }}; }}", ["a", "${x}"]),
        (f'let x = "b"; in {{ nixosConfigurations.${{x}} = {CALL}; }}', ["b"]),
        (f'let x = "b"; in {{ nixosConfigurations."${{x}}" = {CALL}; }}', ["b"]),
        ("{ }", []),
    ],
)
def test_hosts_are_found_however_they_are_spelled(tmp_path: Path, body: str, expected: list[str]) -> None:
    found = flake(tmp_path, body)
    assert sorted(names(found)) == sorted(expected)
    assert not any(isinstance(host, Unsupported) for host in found.hosts())


@pytest.mark.parametrize(
    ("body", "package_set"),
    [
        ("{ nixosConfigurations.a = nixpkgs.lib.nixosSystem { }; }", "nixpkgs"),
        ("{ nixosConfigurations.a = inputs.stable.lib.nixosSystem { }; }", "stable"),
        ("let lib = nixpkgs.lib; in { nixosConfigurations.a = lib.nixosSystem { }; }", "nixpkgs"),
        ("let inherit (nixpkgs) lib; in { nixosConfigurations.a = lib.nixosSystem { }; }", "nixpkgs"),
        (
            "let inherit (inputs.stable.lib) nixosSystem; in { nixosConfigurations.a = nixosSystem { }; }",
            "stable",
        ),
        (
            "let nixos = nixpkgs.lib.nixosSystem; in { nixosConfigurations.a = nixos { modules = [ ]; }; }",
            "nixpkgs",
        ),
    ],
)
def test_the_input_that_makes_a_host_is_known(tmp_path: Path, body: str, package_set: str) -> None:
    (system,) = flake(tmp_path, body).nixos_systems()
    assert system.package_set == package_set


def test_modules_and_overlays_are_lists_to_edit(tmp_path: Path) -> None:
    body = """{
    nixosConfigurations.a = nixpkgs.lib.nixosSystem {
      modules = [
        ./a.nix
        ({ pkgs, ... }: { config.nixpkgs = { overlays = [ self.overlays.a ]; }; })
      ];
    };
  }"""
    (system,) = flake(tmp_path, body).nixos_systems()
    assert len(system.modules) == 2
    assert system.overlays is not None
    assert [element.text for element in system.overlays] == ["self.overlays.a"]


def test_modules_beside_another_flake_s_set_are_known(tmp_path: Path) -> None:
    call = "nixpkgs.lib.nixosSystem (inputs.other.base // { modules = [ ./a.nix ]; })"
    (host,) = flake(tmp_path, f"{{ nixosConfigurations.a = {call}; }}").nixos_systems()
    (module,) = host.module_values
    assert isinstance(module, PathValue)
    assert module.path == "a.nix"


def test_a_system_made_anew_has_its_modules_and_those_that_it_gets(tmp_path: Path) -> None:
    first = "nixpkgs.lib.nixosSystem { specialArgs = { x = 1; }; modules = [ ./a.nix ]; }"
    more = "extendModules { modules = [ ./b.nix ]; specialArgs.y = 2; }"
    found = flake(
        tmp_path, f"{{ nixosConfigurations.a = {first}; nixosConfigurations.b = ({first}).{more}; }}"
    )
    one, two = found.nixos_systems()
    assert [getattr(module, "path", None) for module in one.module_values] == ["a.nix"]
    assert [getattr(module, "path", None) for module in two.module_values] == ["a.nix", "b.nix"]
    assert list(two.special_args) == ["x", "y"]
    assert two.call.text == first


def test_a_host_without_overlays_has_none(tmp_path: Path) -> None:
    (system,) = flake(tmp_path, f"{{ nixosConfigurations.a = {CALL}; }}").nixos_systems()
    assert system.overlays is None


@pytest.mark.parametrize(
    ("body", "message"),
    [
        (
            "{ nixosConfigurations.a = mkHost { }; }",
            "3:27: host `a`: `mkHost` is not defined here",
        ),
        (
            "{ nixosConfigurations = nixpkgs.lib.genAttrs names f; }",
            "3:25: the hosts are not known: the names are computed here",
        ),
        (
            "let a = 1; in { nixosConfigurations = { inherit a; }; }",
            "3:9: host `a`: it is no `nixosSystem` call",
        ),
        (
            "{ nixosConfigurations.a = nixpkgs.lib.nixosSystem (import ./a.nix); }",
            "3:51: host `a`: what `nixosSystem` is given is not known: a.nix cannot be read",
        ),
        ("inputs.x.lib.mkFlake { }", "3:1: the hosts are not known: it is made by `x.lib.mkFlake`"),
        (
            "{ nixosConfigurations = { ${x} = 1; }; }",
            "3:34: host `${x}`: it is no `nixosSystem` call",
        ),
        ("{ a = 1; } // inputs.x", "3:15: the hosts are not known: `nixosConfigurations` may come from here"),
    ],
)
def test_what_is_no_written_host_says_why_and_where(tmp_path: Path, body: str, message: str) -> None:
    (host,) = flake(tmp_path, body).hosts()
    assert isinstance(host, Unsupported)
    assert str(host.error).removeprefix(f"{tmp_path}/flake.nix:").endswith(message)
