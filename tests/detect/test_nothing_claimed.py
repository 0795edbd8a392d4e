"""Nothing is claimed that the evaluated host does not have: fleets that speak of NVIDIA and have none."""

from __future__ import annotations

from pathlib import Path

from detection import configuration_of, fleet, module, rules
from evaluator import Evaluator

from nixedit.detect.survey import evidence_of

GPU = 'services.xserver.videoDrivers = [ "nvidia" ];'
OTHER = 'services.xserver.videoDrivers = lib.mkForce [ "amdgpu" ];'
OPTION = 'options.my.gpu = lib.mkOption { type = lib.types.enum [ "nvidia" "amd" ]; default = "amd"; };'
# Modules of hosts that do not have NVIDIA's driver, though their fleet says a lot of it.
TRAPS = {
    "a module that another host imports": "",
    "a condition that is false": f"config = lib.mkIf false {{ {GPU} }};",
    "a condition of an option's default": f'{OPTION} config = lib.mkIf (config.my.gpu == "nvidia") {{ {GPU} }};',
    "an option of its own that is off": (
        f'options.my.nvidia = lib.mkEnableOption "it"; config = lib.mkIf config.my.nvidia {{ {GPU} }};'
    ),
    "an option that is forced off": (
        f'options.my.nvidia = lib.mkEnableOption "it"; config = lib.mkMerge [ {{ my.nvidia = true; }}'
        f" {{ my.nvidia = lib.mkForce false; }} (lib.mkIf config.my.nvidia {{ {GPU} }}) ];"
    ),
    "another list that is forced": f"imports = [ ./gpu.nix ]; {OTHER}",
    "a default that gives way": (
        'imports = [ { services.xserver.videoDrivers = lib.mkDefault [ "nvidia" ]; } ];'
        ' services.xserver.videoDrivers = [ "amdgpu" ];'
    ),
    "an import that is not made": "imports = lib.optional false ./gpu.nix;",
    "an element that is not there": 'services.xserver.videoDrivers = lib.optional false "nvidia" ++ [ "vesa" ];',
    "a set that is not used": f"environment.x = let unused = {{ {GPU} }}; in 1;",
    "a set somewhere else": f"specialisation.games.configuration = {{ {GPU} }};",
    "another option of that name": 'my.services.xserver.videoDrivers = [ "nvidia" ];',
    "the last of two that are merged": f"config = {{ {GPU} }} // {{ services = {{ }}; }};",
    "a shadowed name": (
        'services.xserver.videoDrivers = let nvidia = "vesa"; in [ nvidia ]; hardware.nvidia.open = false;'
    ),
}


def test_a_trap_is_no_evidence(tmp_path: Path, evaluator: Evaluator) -> None:
    files = {f"h{number}.nix": module(body) for number, body in enumerate(TRAPS.values())}
    files |= {"gpu.nix": module(GPU), "has.nix": module("imports = [ ./gpu.nix ];")}
    hosts = " ".join(f"h{number} = ./h{number}.nix;" for number in range(len(TRAPS)))
    folder = fleet(tmp_path, files, f"{hosts} has = ./has.nix;")
    drivers = evaluator.flake(
        folder,
        "nixosConfigurations",
        """builtins.mapAttrs (_: host: let
          tried = builtins.tryEval (builtins.deepSeq drivers drivers);
          drivers = host.config.services.xserver.videoDrivers or [ ];
        in if tried.success then tried.value else [ ])""",
    )
    assert "nvidia" in drivers["has"]
    assert "nvidia" in capabilities(folder, "has")
    for number, trap in enumerate(TRAPS):
        assert "nvidia" not in drivers[f"h{number}"], trap
        assert "nvidia" not in capabilities(folder, f"h{number}"), trap


def capabilities(folder: Path, name: str) -> set[str]:
    found = evidence_of(configuration_of(folder, name), rules())
    return {one.capability for one in found if one.holds}
