"""What a host's modules define, and what `config` is: known only where Nix says the same."""

from __future__ import annotations

from pathlib import Path
from random import Random

import pytest
from detection import configuration_of, fleet, module
from evaluator import EvaluationError, Evaluator

from nixedit.flake.configuration import Configuration, Setting
from nixedit.flake.definitions import code_of
from nixedit.resolve.values import ListValue, Literal

DRIVERS = ("services", "xserver", "videoDrivers")


def plain(setting: Setting) -> object:
    value = setting.value
    if isinstance(value, ListValue):
        return [element.value if isinstance(element, Literal) else "?" for element in value.elements()]
    return value.value if isinstance(value, Literal) else "?"


def settings(found: Configuration, path: tuple[str, ...] = DRIVERS) -> list[tuple[object, bool]]:
    """The values that an option is given, and whether each is sure."""
    return [(plain(one), one.sure) for one in found.settings(path)]


SET = 'services.xserver.videoDrivers = [ "nvidia" ];'
OWN = 'options.own.enable = lib.mkEnableOption "it";'


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (SET, [(["nvidia"], True)]),
        (f"config = {{ {SET} }};", [(["nvidia"], True)]),
        ('services = { xserver.videoDrivers = [ "nvidia" ]; };', [(["nvidia"], True)]),
        (f"config = lib.mkIf true {{ {SET} }};", [(["nvidia"], True)]),
        (f"config = lib.mkIf false {{ {SET} }};", []),
        (f"config = lib.mkMerge [ {{ {SET} }} (lib.mkIf false {{ }}) ];", [(["nvidia"], True)]),
        ('services.xserver = lib.mkIf (1 == 1) { videoDrivers = [ "nvidia" ]; };', [(["nvidia"], True)]),
        ('services.xserver.videoDrivers = lib.mkForce [ "nvidia" ];', [(["nvidia"], True)]),
        ('services.xserver.videoDrivers = lib.mkAfter [ "nvidia" ];', [(["nvidia"], True)]),
        ('services.xserver.videoDrivers = lib.optional true "nvidia";', [(["nvidia"], True)]),
        ('services.xserver.videoDrivers = lib.optional false "nvidia";', [([], True)]),
        # What is not known is not sure.
        (f"config = lib.mkIf config.other.enable {{ {SET} }};", [(["nvidia"], False)]),
        (f"config = lib.mkIf (builtins.pathExists /x) {{ {SET} }};", [(["nvidia"], False)]),
        # `config` of the host's own options.
        (f"{OWN} config = lib.mkIf config.own.enable {{ {SET} }};", []),
        (f"{OWN} config = {{ own.enable = true; services = lib.mkIf config.own.enable "
         '{ xserver.videoDrivers = [ "nvidia" ]; }; };', [(["nvidia"], True)]),
        (f"{OWN} config = lib.mkMerge [ (lib.mkIf config.own.enable {{ {SET} }}) {{ own.enable = lib.mkForce true; }} ];",
         [(["nvidia"], True)]),
        # It depends on itself: nothing is known.
        (f"{OWN} config = lib.mkIf config.own.enable {{ own.enable = true; {SET} }};", [(["nvidia"], False)]),
        # The platform.
        (f"config = lib.mkIf pkgs.stdenv.isLinux {{ {SET} }};", [(["nvidia"], True)]),
        (f"config = lib.mkIf pkgs.stdenv.hostPlatform.isDarwin {{ {SET} }};", []),
    ],
)  # fmt: skip
def test_what_a_module_defines(tmp_path: Path, body: str, expected: list[tuple[object, bool]]) -> None:
    assert settings(configuration_of(fleet(tmp_path, {"boron.nix": module(body)}))) == expected


FORCED = 'services.xserver.videoDrivers = lib.mkForce [ "amdgpu" ];'


@pytest.mark.parametrize(
    ("others", "expected"),
    [
        (FORCED, [(["amdgpu"], True)]),
        (FORCED.replace("mkForce", "mkDefault"), [(["nvidia"], True)]),
        (FORCED.replace("mkForce", "mkOverride 99"), [(["amdgpu"], True)]),
        (FORCED.replace("mkForce", "mkOverride 100"), [(["nvidia"], True), (["amdgpu"], True)]),
        # It may be forced away: then neither is sure.
        (f"config = lib.mkIf config.other {{ {FORCED} }};", [(["nvidia"], False), (["amdgpu"], False)]),
        ("services.xserver = lib.mkForce { };", [(["nvidia"], True)]),
    ],
)
def test_the_strongest_priority_wins(
    tmp_path: Path, others: str, expected: list[tuple[object, bool]]
) -> None:
    files = {"boron.nix": module(f"imports = [ ./other.nix ]; {SET}"), "other.nix": module(others)}
    assert settings(configuration_of(fleet(tmp_path, files))) == expected


@pytest.mark.parametrize(
    ("imports", "expected"),
    [
        ("[ ./gpu.nix ]", [(["nvidia"], True)]),
        ("[ ]", []),
        ("lib.optional true ./gpu.nix", [(["nvidia"], True)]),
        ("lib.optional false ./gpu.nix", []),
        ("[ ] ++ lib.optional (builtins.pathExists /x) ./gpu.nix", [(["nvidia"], False)]),
        # On two ways, one of them sure.
        ("lib.optional (builtins.pathExists /x) ./gpu.nix ++ [ ./gpu.nix ]", [(["nvidia"], True)]),
        ("[ ./between.nix ] ++ lib.optional (builtins.pathExists /x) ./gpu.nix", [(["nvidia"], True)]),
        ("lib.flatten [ [ ./gpu.nix ] inputs.nixos-hardware.nixosModules.common-pc-ssd ]", [(["nvidia"], True)]),
    ],
)  # fmt: skip
def test_only_modules_that_the_host_imports_count(
    tmp_path: Path, imports: str, expected: list[tuple[object, bool]]
) -> None:
    files = {
        "boron.nix": module(f"imports = {imports};"),
        "between.nix": "{ imports = [ ./gpu.nix ]; }",
        "gpu.nix": module(SET),
        "never.nix": module(FORCED),
    }
    assert settings(configuration_of(fleet(tmp_path, files))) == expected


def test_a_disabled_module_defines_nothing_and_imports_nothing(tmp_path: Path) -> None:
    files = {
        "boron.nix": module("imports = [ ./off.nix ]; disabledModules = [ ./off.nix ];"),
        "off.nix": module(f"imports = [ ./gpu.nix ]; {FORCED}"),
        "gpu.nix": module(SET),
    }
    assert settings(configuration_of(fleet(tmp_path, files))) == []


def test_a_module_that_may_be_disabled_is_not_sure(tmp_path: Path) -> None:
    body = "imports = [ ./gpu.nix ]; disabledModules = lib.optional (builtins.pathExists /x) ./gpu.nix;"
    files = {"boron.nix": module(body), "gpu.nix": module(SET)}
    assert settings(configuration_of(fleet(tmp_path, files))) == [(["nvidia"], False)]


@pytest.mark.parametrize(
    ("body", "line", "code"),
    [
        (f"\n{SET}", 4, '[ "nvidia" ]'),
        ("services.xserver = {\n  videoDrivers =\n    drivers;\n};", 5, "drivers"),
        ('services.xserver.enable = true;\nservices.xserver.videoDrivers = [ "nvidia" ];', 4, '[ "nvidia" ]'),
        ("services.xserver.videoDrivers = lib.mkIf true # why\n drivers;", 3, "lib.mkIf true drivers"),
        ("services.xserver = { inherit videoDrivers; };", 3, "inherit videoDrivers;"),
    ],
)
def test_a_place_is_where_the_option_is_set(tmp_path: Path, body: str, line: int, code: str) -> None:
    head = '{ lib, ... }: let drivers = [ "nvidia" ]; videoDrivers = drivers; in'
    (found,) = configuration_of(fleet(tmp_path, {"boron.nix": module(body, head)})).settings(DRIVERS)
    assert found.definition.place is not None
    assert (found.definition.place.line, code_of(found.definition.place)) == (line, code)


def test_arguments_of_modules_are_known(tmp_path: Path) -> None:
    files = {
        "boron.nix": module('imports = [ ./gpu.nix ]; _module.args.driver = "nvidia";'),
        "gpu.nix": module("services.xserver.videoDrivers = [ driver ];", "{ driver, ... }:"),
    }
    assert settings(configuration_of(fleet(tmp_path, files))) == [(["nvidia"], True)]


def test_priorities_do_not_count_within_the_configuration_of_nixpkgs(tmp_path: Path) -> None:
    files = {
        "boron.nix": module("imports = [ ./other.nix ]; nixpkgs.config.cudaSupport = true;"),
        "other.nix": module("nixpkgs.config.cudaSupport = lib.mkForce false;"),
    }
    found = configuration_of(fleet(tmp_path, files))
    path = ("nixpkgs", "config", "cudaSupport")
    assert settings(found, path) == [(True, False), (False, False)]


def test_a_whole_configuration_of_nixpkgs_can_be_forced(tmp_path: Path) -> None:
    files = {
        "boron.nix": module("imports = [ ./other.nix ]; nixpkgs.config.cudaSupport = true;"),
        "other.nix": module("nixpkgs.config = lib.mkForce { allowUnfree = true; };"),
    }
    found = configuration_of(fleet(tmp_path, files))
    assert settings(found, ("nixpkgs", "config", "cudaSupport")) == []
    assert settings(found, ("nixpkgs", "config", "allowUnfree")) == [(True, True)]


def test_a_set_that_has_itself_within_it_has_an_end(tmp_path: Path) -> None:
    body = "hardware.nvidia = let it = { inherit it; open = true; }; in it;"
    found = list(configuration_of(fleet(tmp_path, {"boron.nix": module(body)})).below(("hardware", "nvidia")))
    assert 0 < len(found) < 20


def test_below_a_set_that_is_forced_the_others_stay(tmp_path: Path) -> None:
    files = {
        "boron.nix": module("imports = [ ./other.nix ]; hardware.nvidia = lib.mkForce { open = true; };"),
        "other.nix": module("hardware.nvidia.modesetting.enable = true; hardware.nvidia.open = false;"),
    }
    found = configuration_of(fleet(tmp_path, files)).below(("hardware", "nvidia"))
    assert sorted((".".join(path[2:]), plain(one)) for path, one in found) == [
        ("modesetting.enable", True),
        ("open", True),
    ]


@pytest.mark.parametrize("kind", ["lib.types.attrsOf lib.types.bool", "lib.types.attrs"])
def test_a_set_that_is_forced_as_an_option_is_not_looked_into(tmp_path: Path, kind: str) -> None:
    own = f"options.my = lib.mkOption {{ type = {kind}; default = {{ }}; }};"
    files = {
        "boron.nix": module(f"imports = [ ./other.nix ]; {own} config.my.gpu = true;"),
        "other.nix": module("my = lib.mkForce { cpu = true; };"),
    }
    assert not isinstance(configuration_of(fleet(tmp_path, files)).value(("my", "gpu")), Literal)


# -- Nix says the same --------------------------------------------------------------------------------

CONDITIONS = (
    "true", "false", "config.a.enable", "config.b.enable", "!config.a.enable", 'config.kind == "x"',
    "config.a.enable && config.b.enable", "config.seen.it", "config.foreign.enable",
    "config.missing.enable or false", "config ? missing",
)  # fmt: skip
WRAPPERS = ("", "lib.mkForce ", "lib.mkDefault ", "lib.mkOverride 70 ", "lib.mkAfter ")


def random_module(random: Random, files: int) -> str:
    """A module of random definitions of a few options, under random conditions."""

    def wrap(code: str) -> str:
        return f"lib.mkIf ({random.choice(CONDITIONS)}) ({code})" if random.random() < 0.4 else code

    body = []
    for name in ("a.enable", "b.enable", "foreign.enable", "bag.x", "tree.x"):
        if random.random() < 0.3:
            value = random.choice(("true", "false", "lib.mkForce false", "lib.mkDefault true"))
            body.append(f"{name} = {wrap(value)};")
    if random.random() < 0.2:
        body.append(f'kind = {random.choice(("", "lib.mkForce "))}"{random.choice("xy")}";')
    if random.random() < 0.15 and not any(line.startswith("bag") for line in body):
        body.append(f"bag = {random.choice(('', 'lib.mkForce '))}{{ x = true; }};")
    if random.random() < 0.15 and not any(line.startswith("tree") for line in body):
        body.append("tree = lib.mkForce { x = true; y = 1; };")
    if random.random() < 0.6:
        driver = random.choice(("nvidia", "amdgpu", "intel"))
        body.append(f"drivers = {wrap(random.choice(WRAPPERS) + f'[ {chr(34)}{driver}{chr(34)} ]')};")
    imported = " ".join(f"./m{random.randrange(files)}.nix" for _ in range(random.randrange(2)))
    config = wrap("{ " + " ".join(body) + " }")
    if random.random() < 0.2:
        config = f"lib.mkMerge [ ({config}) ({wrap('{ b.enable = true; }')}) ]"
    return f"{{ config, lib, ... }}: {{ imports = [ {imported} ]; config = {config}; }}"


DECLARED = """\
{ lib, ... }:
{
  options = {
    a.enable = lib.mkEnableOption "a";
    b.enable = lib.mkOption { type = lib.types.bool; default = false; };
    kind = lib.mkOption { type = lib.types.str; default = "x"; };
    bag = lib.mkOption { default = { x = false; }; };
    seen.it = lib.mkOption { type = lib.types.bool; default = true; };
  };
}
"""
ASKED = """
builtins.mapAttrs (_: host: let
  known = value: let tried = builtins.tryEval (builtins.deepSeq value value); in
    if tried.success then tried.value else "throws";
in {
  a = known host.config.a.enable;
  b = known host.config.b.enable;
  kind = known host.config.kind;
  bag = known (host.config.bag.x or null);
  tree = known (host.config.tree.x or null);
  drivers = known (host.config.drivers or []);
})
"""


OPTIONS = {
    "a": ("a", "enable"),
    "b": ("b", "enable"),
    "kind": ("kind",),
    "bag": ("bag", "x"),
    "tree": ("tree", "x"),
}


@pytest.mark.parametrize("seed", range(4))
def test_what_is_sure_is_so_in_the_evaluated_host(tmp_path: Path, evaluator: Evaluator, seed: int) -> None:
    random = Random(seed)
    count = 40
    files = {f"m{number}.nix": random_module(random, count) for number in range(count)}
    files["declared.nix"] = DECLARED
    hosts = " ".join(
        f"h{number} = {{ imports = [ ./declared.nix ./m{number}.nix ./m{random.randrange(count)}.nix ]; }};"
        for number in range(count)
    )
    folder = fleet(tmp_path, files, hosts)
    asked = ask(evaluator, folder, count)
    known = sure = 0
    for name, facts in asked.items():
        found = configuration_of(folder, name)
        for key, option in OPTIONS.items():
            value = found.value(option)
            if isinstance(value, Literal) and facts[key] != "throws":
                known += 1
                assert value.value == facts[key], (name, option)
        for setting in found.settings(("drivers",)):
            if setting.sure and facts["drivers"] != "throws":
                sure += 1
                assert set(plain(setting)) <= set(facts["drivers"]), name
    assert known > count // 2
    assert sure > 2


def ask(evaluator: Evaluator, folder: Path, count: int) -> dict[str, dict[str, object]]:
    """What Nix makes of the hosts that evaluate at all: some depend on themselves, and Nix stops there."""
    try:
        return dict(evaluator.flake(folder, "nixosConfigurations", ASKED))
    except EvaluationError:
        found = {}
        for number in range(count):
            try:
                apply = f"host: ({ASKED} {{ x = host; }}).x"
                found[f"h{number}"] = evaluator.flake(folder, f"nixosConfigurations.h{number}", apply)
            except EvaluationError:
                continue
        return found
