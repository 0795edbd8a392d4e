"""What builds hosts on other machines: outputs, modules and scripts, with places and hosts."""

from __future__ import annotations

from pathlib import Path

import pytest
from detection import detection_of, fleet, module, write

from nixedit.detect.deployments import Deployment

TWO = "boron = ./boron.nix; carbon = ./carbon.nix;"
EMPTY = {"boron.nix": "{ }", "carbon.nix": "{ }"}


def deployments(folder: Path, more: str = "", files: dict[str, str] | None = None) -> list[Deployment]:
    return detection_of(fleet(folder, {**EMPTY, **(files or {})}, TWO, more)).deployments


def test_a_fleet_that_builds_where_it_runs_has_none(tmp_path: Path) -> None:
    files = {
        "Makefile": "switch:\n\tnixos-rebuild switch --flake .#boron\n",
        "README.md": "Run `nixos-rebuild switch --flake .`.\n",
        "boron.nix": module("nix.buildMachines = [ ]; nix.distributedBuilds = false; programs.ssh.enable = true;"),
    }  # fmt: skip
    assert deployments(tmp_path, files=files) == []


NODE = (
    'deploy.nodes.{} = {{ hostname = "x"; {} profiles.system.path = nixos-hardware.lib.activate.nixos {}; }};'
)


@pytest.mark.parametrize(
    ("outputs", "hosts", "on_target"),
    [
        (NODE.format("boron", "", "self.nixosConfigurations.boron"), ("boron",), None),
        # The node's name is not the host's.
        (NODE.format("desk", "", "self.nixosConfigurations.carbon"), ("carbon",), None),
        (NODE.format("boron", "remoteBuild = true;", "self.nixosConfigurations.boron"), ("boron",), True),
        (NODE.format("boron", "remoteBuild = false;", "self.nixosConfigurations.boron"), ("boron",), False),
        (
            "deploy.remoteBuild = true; " + NODE.format("boron", "", "self.nixosConfigurations.boron"),
            ("boron",),
            True,
        ),
        ('deploy.nodes = builtins.getEnv "X";', None, None),
    ],
)
def test_deploy_rs(
    tmp_path: Path, outputs: str, hosts: tuple[str, ...] | None, on_target: bool | None
) -> None:
    (found,) = deployments(tmp_path, outputs)
    assert found == Deployment("deploy-rs", "flake.nix", 14, hosts, on_target=on_target)


def test_deploy_rs_of_every_host(tmp_path: Path) -> None:
    outputs = """deploy.nodes = builtins.mapAttrs (name: host: {
      hostname = name;
      profiles.system.path = nixos-hardware.lib.activate.nixos host;
    }) self.nixosConfigurations;"""
    (found,) = deployments(tmp_path, outputs)
    assert found == Deployment("deploy-rs", "flake.nix", 14, ("boron", "carbon"))


@pytest.mark.parametrize("output", ["colmena = {};", "colmenaHive = nixos-hardware.lib.makeHive {};"])
def test_colmena(tmp_path: Path, output: str) -> None:
    hive = """{
      meta.nixpkgs = 1;
      defaults = { };
      boron = { imports = [ ./boron.nix ]; };
      carbon = { deployment.buildOnTarget = true; };
    }"""
    found = deployments(tmp_path, output.replace("{}", hive))
    assert found == [
        Deployment("colmena", "flake.nix", 17, ("boron",)),
        Deployment("colmena", "flake.nix", 18, ("carbon",), on_target=True),
    ]


@pytest.mark.parametrize(
    ("body", "tool", "sure"),
    [
        ('nix.buildMachines = [ { hostName = "x"; } ];', "nix.buildMachines", True),
        ("nix.distributedBuilds = true;", "nix.distributedBuilds", True),
        (
            "config = lib.mkIf config.builders { nix.distributedBuilds = true; };",
            "nix.distributedBuilds",
            False,
        ),
        ('nix.settings.builders = "ssh://big x86_64-linux";', "nix.settings.builders", True),
        ("services.cachix-agent.enable = true;", "cachix deploy", True),
        ('_module.args.nixinate = { host = "x"; buildOn = "local"; };', "nixinate", True),
    ],
)
def test_what_a_hosts_own_modules_say(tmp_path: Path, body: str, tool: str, sure: bool) -> None:
    (found,) = deployments(tmp_path, files={"boron.nix": module(body)})
    on_target = False if tool == "nixinate" else None
    assert found == Deployment(tool, "boron.nix", 3, ("boron",), sure, on_target)


def test_nixinate_builds_on_the_host_unless_it_is_told_otherwise(tmp_path: Path) -> None:
    (found,) = deployments(tmp_path, files={"boron.nix": module('_module.args.nixinate = { host = "x"; };')})
    assert found.on_target is True


@pytest.mark.parametrize(
    ("name", "content", "expected"),
    [
        ("justfile", "up:\n  nixos-rebuild switch --flake .#boron --target-host root@boron",
         ("nixos-rebuild", 2, ("boron",), True, None)),
        ("Makefile", "up:\n\tnixos-rebuild switch \\\n\t  --flake '.#carbon' \\\n\t  --target-host=x",
         ("nixos-rebuild", 2, ("carbon",), True, None)),
        ("up.sh", "nixos-rebuild switch --flake .#$HOST --target-host $HOST", ("nixos-rebuild", 1, None, True, None)),
        ("up.sh", "nixos-rebuild switch --flake .#boron --target-host b --build-host b",
         ("nixos-rebuild", 1, ("boron",), True, True)),
        ("up.sh", "nixos-rebuild switch --flake .#boron --build-host big", ("nixos-rebuild", 1, ("boron",), True, None)),
        ("up.sh", "nh os switch . --hostname boron --target-host boron", ("nh", 1, None, True, None)),
        ("scripts/up", "#!/bin/sh\ncolmena apply --on boron", ("colmena", 2, None, True, None)),
        ("up.sh", "deploy .#boron", ("deploy-rs", 1, ("boron",), True, None)),
        ("up.sh", "morph deploy network.nix switch", ("morph", 1, None, True, None)),
        ("up.sh", "nix run github:nix-community/nixos-anywhere -- --flake .#boron root@x",
         ("nixos-anywhere", 1, ("boron",), True, None)),
        ("up.sh", "nix build .#nixosConfigurations.boron.config.system.build.toplevel && nix copy ./result --to ssh://b",
         ("nix copy", 1, None, True, None)),
        ("up.sh", "nixos-rebuild switch --flake .#nixosConfigurations.carbon --target-host b",
         ("nixos-rebuild", 1, ("carbon",), True, None)),
        ("up.sh", "nix copy ./result --to ssh://boron", ("nix copy", 1, None, True, None)),
        (".github/workflows/up.yml", "run: cachix deploy activate spec.json", ("cachix deploy", 1, None, True, None)),
        ("shell.nix", "{ x = ''\n nixos-rebuild switch --flake .#boron --target-host b\n''; }",
         ("nixos-rebuild", 2, ("boron",), True, None)),
        ("README.md", "Deploy with `nixos-rebuild switch --flake .#boron --target-host boron`.",
         ("nixos-rebuild", 1, ("boron",), False, None)),
    ],
)  # fmt: skip
def test_scripts(
    tmp_path: Path,
    name: str,
    content: str,
    expected: tuple[str, int, tuple[str, ...] | None, bool, bool | None],
) -> None:
    (found,) = deployments(tmp_path, files={name: content})
    tool, line, hosts, sure, on_target = expected
    assert found == Deployment(tool, name, line, hosts, sure, on_target)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("up.sh", "# nixos-rebuild switch --target-host boron"),
        ("up.sh", "rsync --target-host x; nixos-rebuild switch"),
        ("up.sh", "echo deployed; git deploy origin"),
        ("notes.png", "nixos-rebuild switch --target-host boron"),
        ("scripts/up", "nixos-rebuild switch --target-host boron"),
        ("vendor/flake.nix", "{ } # x\n''nixos-rebuild switch --target-host boron''"),
        (".git/hooks/post.sh", "nixos-rebuild switch --target-host boron"),
    ],
)
def test_what_is_no_deployment_of_this_fleet(tmp_path: Path, name: str, content: str) -> None:
    assert deployments(tmp_path, files={name: content}) == []


def test_bytes_that_are_no_text_are_no_deployment(tmp_path: Path) -> None:
    fleet(tmp_path, EMPTY, TWO)
    (tmp_path / "up.sh").write_bytes(b"\xff\xfe nixos-rebuild \x00")
    (tmp_path / "gone.sh").symlink_to("nowhere")
    write(tmp_path, {"locked.sh": "x"})
    assert detection_of(tmp_path).deployments == []
