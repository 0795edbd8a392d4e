"""Services that run a variant, and binary caches for what it is built from."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import pytest
from evaluator import Evaluator
from migration_runs import FLAKE, contents, migrate, migrated, write

MODULE = """\
{ pkgs, ... }:
{
  networking.hostName = "argon";

  environment.systemPackages = [
    pkgs.hello
    pkgs.llama-cpp
  ];
}
"""
URL = "https://cache.nixos-cuda.org"
KEY = "cache.nixos-cuda.org:74DUi4Ye579gUqzH4ziL9IyiJBlDpMRn9MBN8oNan9M="


def lock(branch: str, day: str) -> str:
    """A flake.lock whose nixpkgs follows a branch and was made on a day."""
    modified = int(dt.datetime.fromisoformat(f"{day}T12:00:00+00:00").timestamp())
    reference = {"owner": "NixOS", "repo": "nixpkgs", "type": "github"}
    node = {
        "original": {**reference, "ref": branch},
        "locked": {**reference, "rev": "0" * 40, "narHash": "sha256-x", "lastModified": modified},
    }
    nodes = {"nixpkgs": node, "root": {"inputs": {"nixpkgs": "nixpkgs"}}}
    return json.dumps({"nodes": nodes, "root": "root", "version": 7})


def service(evaluator: Evaluator, folder: Path) -> dict[str, Any]:
    """What the host's modules set of the service."""
    (folder / "flake.lock").unlink(missing_ok=True)  # Nix would want it whole
    apply = "s: builtins.mapAttrs (_: v: v.pname or v) s"
    found = evaluator.flake(folder, "nixosConfigurations.argon.config.services.llama-cpp", apply)
    assert isinstance(found, dict)
    return found


VINTAGES = {
    "a release of old": ("nixos-25.05", "2026-11-01", "model"),
    "a release of today": ("nixos-26.11", "2026-11-30", "settings.model"),
    "a branch of development, old": ("nixos-unstable", "2025-01-01", "model"),
    "a branch of development, new": ("nixos-unstable", "2026-11-01", "settings.model"),
}


@pytest.mark.parametrize("vintage", VINTAGES)
def test_a_service_is_set_as_the_hosts_nixpkgs_wants_it(
    vintage: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    branch, day, option = VINTAGES[vintage]
    files = {"flake.nix": FLAKE, "argon.nix": MODULE, "flake.lock": lock(branch, day)}
    folder = write(tmp_path / "fleet", files)
    words = ("--variant", "argon=vulkan", "--service", "argon=/models/a.gguf", "--listen", "0.0.0.0:9000")
    migrated(folder, *words)
    assert migrate(folder, *words, "--check").code == 0
    found = service(evaluator, folder)
    assert found["enable"] is True
    assert found["package"] == "llama-cpp-vulkan"
    values = found["settings"] if option.startswith("settings") else found
    assert (values["model"], values["host"], values["port"]) == ("/models/a.gguf", "0.0.0.0", 9000)
    assert ("settings" in found) == option.startswith("settings")


def test_without_a_lock_the_rest_is_left_to_the_person(evaluator: Evaluator, tmp_path: Path) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": MODULE})
    run = migrated(folder, "--variant", "argon=vulkan", "--service", "argon=/models/a.gguf")
    assert (
        "note: `argon`: services.llama-cpp gets its package and no more, flake.lock does not tell how old its "
        "nixpkgs is; to have it run: services.llama-cpp.enable = true; "
        'services.llama-cpp.model = "/models/a.gguf"; or, since 26.11, '
        'services.llama-cpp.settings.model = "/models/a.gguf";'
    ) in run.out
    found = service(evaluator, folder)
    assert (found["package"], found["enable"]) == ("llama-cpp-vulkan", False)


def test_a_service_that_runs_gets_the_package_alone(evaluator: Evaluator, tmp_path: Path) -> None:
    module = MODULE.replace(
        "  networking",
        '  services.llama-cpp = {\n    enable = true;\n    model = "/m";\n    package = pkgs.llama-cpp;\n  };\n'
        "  networking",
    )
    files = {"flake.nix": FLAKE, "argon.nix": module, "flake.lock": lock("nixos-25.05", "2025-06-01")}
    folder = write(tmp_path / "fleet", files)
    migrated(folder, "--variant", "argon=cuda", "--service", "argon")
    assert (folder / "argon.nix").read_text() == (
        module.replace("package = pkgs.llama-cpp;", "package = pkgs.llama-cpp-cuda;").replace(
            "    pkgs.llama-cpp\n", "    pkgs.llama-cpp-cuda\n"
        )
    )
    assert service(evaluator, folder)["package"] == "llama-cpp-cuda"


# Services of a module of their own, under a condition, and the package among them afterwards.
GUARDED = {
    "a set": (
        '{\n  services.llama-cpp = lib.mkIf (config.networking.hostName == "argon") {\n    enable = true;\n'
        '    model = "/m";\n  };\n}\n',
        '    model = "/m";\n    package = pkgs.llama-cpp-cuda;\n  };\n',
    ),
    "the whole module": (
        '{\n  config = lib.mkIf (config.networking.hostName == "argon") {\n    services.llama-cpp = {\n'
        '      enable = true;\n      model = "/m";\n    };\n  };\n}\n',
        '      model = "/m";\n      package = pkgs.llama-cpp-cuda;\n    };\n',
    ),
    "one of merged sets": (
        '{\n  config = lib.mkMerge [\n    { networking.hostName = "argon"; }\n'
        '    (lib.mkIf true {\n      services.llama-cpp.enable = true;\n'
        '      services.llama-cpp.model = "/m";\n    })\n  ];\n}\n',
        '      services.llama-cpp.model = "/m";\n      services.llama-cpp.package = pkgs.llama-cpp-cuda;\n',
    ),
}  # fmt: skip


@pytest.mark.parametrize("guarded", GUARDED)
def test_a_package_goes_where_the_service_is_enabled(
    guarded: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    body, line = GUARDED[guarded]
    files = {
        "flake.nix": FLAKE.replace("./argon.nix", "./argon.nix ./llama.nix"),
        "argon.nix": MODULE
        if guarded != "one of merged sets"
        else MODULE.replace("  networking", "  # networking"),
        "llama.nix": "{ config, lib, pkgs, ... }:\n" + body,
        "flake.lock": lock("nixos-25.05", "2025-06-01"),
    }
    folder = write(tmp_path / "fleet", files)
    migrated(folder, "--variant", "argon=cuda", "--service", "argon")
    assert line in (folder / "llama.nix").read_text()
    found = service(evaluator, folder)
    assert (found["package"], found["model"]) == ("llama-cpp-cuda", "/m")
    assert migrate(folder, "--variant", "argon=cuda", "--service", "argon", "--check").code == 0


def test_a_nixpkgs_without_the_service_is_refused(tmp_path: Path) -> None:
    files = {"flake.nix": FLAKE, "argon.nix": MODULE, "flake.lock": lock("nixos-23.11", "2024-06-01")}
    folder = write(tmp_path / "fleet", files)
    before = contents(folder)
    run = migrate(folder, "--variant", "argon=vulkan", "--service", "argon=/models/a.gguf")
    assert run.code == 2
    assert "`argon`: its nixpkgs is older than `services.llama-cpp`" in run.err
    assert contents(folder) == before


def test_a_cache_is_added_where_its_variant_is_chosen(evaluator: Evaluator, tmp_path: Path) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": MODULE})
    migrated(folder, "--variant", "argon=cuda", "--cache")
    assert migrate(folder, "--variant", "argon=cuda", "--cache", "--check").code == 0
    found = evaluator.flake(folder, "nixosConfigurations.argon.config.nix.settings")
    assert found == {"substituters": [URL], "trusted-public-keys": [KEY]}


def test_a_cache_goes_beside_others(evaluator: Evaluator, tmp_path: Path) -> None:
    module = MODULE.replace(
        "  networking",
        "  nix.settings = {\n"
        '    extra-substituters = [ "https://a.example" ];\n'
        '    extra-trusted-public-keys = [ "a:1" ];\n'
        "  };\n  networking",
    )
    flake = FLAKE.replace(
        "  outputs =",
        '  nixConfig.extra-substituters = [ "https://a.example" ];\n\n  outputs =',
    )
    folder = write(tmp_path / "fleet", {"flake.nix": flake, "argon.nix": module})
    migrated(folder, "--variant", "argon=cuda", "--cache")
    found = evaluator.flake(folder, "nixosConfigurations.argon.config.nix.settings")
    assert found["extra-substituters"] == ["https://a.example", URL]
    assert found["extra-trusted-public-keys"] == ["a:1", KEY]
    config = evaluator.expression(f"(import {folder}/flake.nix).nixConfig")
    assert config == {"extra-substituters": ["https://a.example", URL]}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("pkgs.llama-cpp.override { cudaSupport = true; }", "pkgs.llama-cpp-cuda"),
        ("lib.mkForce pkgs.llama-cpp", "lib.mkForce pkgs.llama-cpp-cuda"),
    ],
)
def test_the_package_that_a_service_has_is_replaced(
    old: str, new: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    lines = "  services.llama-cpp.enable = true;\n  services.llama-cpp.package = {};\n  networking"
    module = MODULE.replace("{ pkgs,", "{ pkgs, lib,")
    files = {"flake.nix": FLAKE, "argon.nix": module.replace("  networking", lines.format(old))}
    folder = write(tmp_path / "fleet", files)
    words = ("--variant", "argon=cuda", "--service", "argon")
    migrated(folder, *words)
    assert f"services.llama-cpp.package = {new};\n" in (folder / "argon.nix").read_text()
    assert service(evaluator, folder)["package"] == "llama-cpp-cuda"
    assert migrate(folder, *words, "--check").code == 0


@pytest.mark.parametrize("function", ["lib.mkForce", "lib.mkAfter"])
def test_a_cache_goes_into_a_list_that_lib_is_given(
    function: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    line = f'  nix.settings.substituters = {function} [ "https://a.example" ];\n'
    module = MODULE.replace("  networking", f"{line}  networking").replace("{ pkgs,", "{ pkgs, lib,")
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": module})
    migrated(folder, "--variant", "argon=cuda", "--cache")
    found = evaluator.flake(folder, "nixosConfigurations.argon.config.nix.settings")
    assert (found["substituters"], found["trusted-public-keys"]) == (["https://a.example", URL], [KEY])
    assert migrate(folder, "--variant", "argon=cuda", "--cache", "--check").code == 0


def test_a_cache_that_serves_no_variant_is_not_added(tmp_path: Path) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": MODULE})
    run = migrated(folder, "--variant", "argon=vulkan", "--cache")
    assert f"note: {URL} has nothing for the variants of these hosts" in run.out
    assert URL not in (folder / "argon.nix").read_text()


def test_a_service_with_a_changed_package_is_refused(tmp_path: Path) -> None:
    module = MODULE.replace(
        "  networking",
        "  services.llama-cpp.package = pkgs.llama-cpp.overrideAttrs { patches = [ ./a.patch ]; };\n  networking",
    )
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": module})
    before = contents(folder)
    run = migrate(folder, "--variant", "argon=cuda", "--service", "argon")
    assert run.code == 2
    assert "the package of `services.llama-cpp` is built with changes of its own here" in run.err
    assert contents(folder) == before
