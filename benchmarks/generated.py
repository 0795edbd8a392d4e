"""Nix files, made up: a module, a package; of any size: a flat set, sets in a set, dotted options."""

from __future__ import annotations

from pathlib import Path


def module(number: int) -> str:
    """A NixOS module of about 1.5 kB."""
    return f"""{{
  config,
  lib,
  pkgs,
  ...
}}:

let
  cfg = config.services.unit{number};
  inherit (lib) mkEnableOption mkIf mkOption types;
in
{{
  meta.maintainers = [ lib.maintainers.nobody ];

  options.services.unit{number} = {{
    enable = mkEnableOption "unit {number}, which listens and answers";

    port = mkOption {{
      type = types.port;
      default = {8000 + number % 1000};
      description = "The port that it listens on.";
    }};

    settings = mkOption {{
      type = types.attrsOf types.str;
      default = {{ }};
      example = {{
        "log.level" = "debug";
      }};
      description = ''
        Its settings, written to `unit{number}.conf`.
      '';
    }};
  }};

  config = mkIf cfg.enable {{
    environment.systemPackages = with pkgs; [ curl jq ];
    environment.etc."unit{number}.conf".text = ''
      port = ${{toString cfg.port}}
      ${{lib.concatStringsSep "\\n" (lib.mapAttrsToList (n: v: "${{n}} = ${{v}}") cfg.settings)}}
    '';

    # It must not start before the network does.
    systemd.services.unit{number} = {{
      description = "Unit {number}";
      wantedBy = [ "multi-user.target" ];
      after = [ "network-online.target" ];
      serviceConfig = {{
        ExecStart = "${{pkgs.unit}}/bin/unit --port ${{toString cfg.port}}";
        Restart = "on-failure";
        DynamicUser = true;
      }};
    }};

    networking.firewall.allowedTCPPorts = [ cfg.port ];
  }};
}}
"""


def package(number: int) -> str:
    """A package of about 1 kB, as a package collection has them."""
    return f"""{{
  lib,
  buildPythonPackage,
  fetchPypi,
  httpx,
  pytestCheckHook,
}}:

buildPythonPackage rec {{
  pname = "package-{number}";
  version = "1.{number}.0";
  pyproject = true;

  src = fetchPypi {{
    inherit pname version;
    hash = "sha256-{number:044d}";
  }};

  dependencies = [ httpx ];

  nativeCheckInputs = [
    pytestCheckHook
    httpx
  ];

  # needs the network
  doCheck = false;

  meta = {{
    description = "Package number {number} of many, which does what it says";
    homepage = "https://example.org/package-{number}";
    changelog = "https://example.org/package-{number}/releases/1.{number}.0";
    license = lib.licenses.mit;
    maintainers = with lib.maintainers; [ nobody ];
  }};
}}
"""


def write_tree(folder: Path, count: int) -> None:
    """A tree with so many modules."""
    for number in range(count):
        path = folder / f"group{number % 40}" / f"unit{number}.nix"
        path.parent.mkdir(exist_ok=True)
        path.write_text(module(number), encoding="utf-8")


def flat(size: int) -> tuple[str, list[str]]:
    """One set with a binding on each line, of at least so many bytes, and the paths of numbers in it."""
    pieces = ["{ lib, pkgs }:\n\n{\n"]
    paths = []
    length = len(pieces[0])
    while length < size:
        number = len(paths)
        pieces.append(
            f"""  package-{number} = pkgs.call ../applications/package-{number}.nix {{ }};
  rank-{number} = {number};
"""
        )
        length += len(pieces[-1])
        paths.append(f"rank-{number}")
    return "".join([*pieces, "}\n"]), paths


def packages(size: int) -> tuple[str, list[str]]:
    """A set of packages of at least so many bytes, and the paths of numbers in it."""
    pieces = ["{\n"]
    paths = []
    length = len(pieces[0])
    while length < size:
        number = len(paths) // 2
        pieces.append(
            f"""  package-{number} = {{
    version = "1.{number}.0"; # as upstream has it
    epoch = {number};
    inputs = [ "zlib" "openssl" ];
    meta.priority = {number};
    meta.broken = false;
  }};
"""
        )
        length += len(pieces[-1])
        paths += [f"package-{number}.epoch", f"package-{number}.meta.priority"]
    return "".join([*pieces, "}\n"]), paths


def options(size: int) -> tuple[str, list[str]]:
    """A configuration with dotted options of at least so many bytes, and the paths of numbers in it."""
    pieces = ["{ config, lib, pkgs, ... }:\n\n{\n"]
    paths = []
    length = len(pieces[0])
    while length < size:
        number = len(paths) // 2
        pieces.append(
            f"""  services.unit{number}.enable = true;
  services.unit{number}.port = {number};
  users.users.unit{number} = {{
    isSystemUser = true; # kept
    packages = [ pkgs.curl ];
    uid = {number};
  }};

"""
        )
        length += len(pieces[-1])
        paths += [f"services.unit{number}.port", f"users.users.unit{number}.uid"]
    return "".join([*pieces, "}\n"]), paths
