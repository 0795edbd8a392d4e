"""The outputs of a flake: what its hosts are, whatever they are made with."""

from __future__ import annotations

from pathlib import Path

import pytest
from plain_values import UNKNOWN, to_python

from nixedit.flake import Flake, Outputs
from nixedit.migrate.names import InputsNames
from nixedit.resolve.fleet import Fleet
from nixedit.resolve.module_tree import modules_of, part_of
from nixedit.resolve.values import Call, ListValue, SetValue, Unknown, Value
from nixedit.workspaces import Workspace

INPUTS = (
    'inputs = { nixpkgs.url = "nixpkgs"; parts.url = "github:hercules-ci/flake-parts"; utils.url = "u"; };'
)
FILES = {
    "hosts.nix": "{ nixpkgs, ... }@args: { a = nixpkgs.lib.nixosSystem { modules = [ ./a.nix ]; }; }",
    "a.nix": "{ imports = [ ./b.nix ./dir ]; }",
    "b.nix": "{ pkgs, name, ... }: { given = name; imports = [ ./a.nix ]; }",
    "dir/default.nix": "{ }",
    "part.nix": "{ inputs, self, ... }: { flake.nixosConfigurations.b = inputs.nixpkgs.lib.nixosSystem { }; }",
    "args.nix": '{ _module.args.told = "told"; }',
    "told.nix": "{ told, ... }: { flake.nixosConfigurations.${told} = 1; }",
}


def fleet(folder: Path, outputs: str, head: str = "{ self, nixpkgs, ... }@inputs:") -> Fleet:
    for name, content in FILES.items():
        (folder / name).parent.mkdir(exist_ok=True)
        (folder / name).write_text(content)
    (folder / "flake.nix").write_text(f"{{\n  {INPUTS}\n  outputs = {head}\n{outputs};\n}}\n")
    return Flake(Workspace(folder)).evaluated()


def hosts(found: Fleet, output: str = "nixosConfigurations") -> tuple[list[str], bool]:
    """The names of the hosts, and whether these are all."""
    named, rest = found.hosts(output)
    return sorted(host.name for host in named), rest is None


def output(found: Fleet, name: str = "it") -> object:
    value = found.outputs
    assert isinstance(value, SetValue)
    return to_python(value.get(name) or Unknown(None))


SYSTEM = "nixpkgs.lib.nixosSystem { }"


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        (f"{{ nixosConfigurations.a = {SYSTEM}; }}", ["a"]),
        ("{ nixosConfigurations = import ./hosts.nix inputs; }", ["a"]),
        (f'{{ nixosConfigurations = nixpkgs.lib.genAttrs [ "a" "b" ] (name: {SYSTEM}); }}', ["a", "b"]),
        (
            f"{{ nixosConfigurations = builtins.mapAttrs (name: host: {SYSTEM}) {{ a = 1; b = 2; }}; }}",
            ["a", "b"],
        ),
        (
            "{ nixosConfigurations = nixpkgs.lib.mapAttrs' (name: kind: "
            f'nixpkgs.lib.nameValuePair "host-${{name}}" ({SYSTEM})) (builtins.readDir ./dir); }}',
            ["host-default.nix"],
        ),
        (f'{{ nixosConfigurations = let n = "a"; in {{ ${{n}} = {SYSTEM}; }}; }}', ["a"]),
        (f"{{ nixosConfigurations = {{ a = {SYSTEM}; }} // {{ b = {SYSTEM}; }}; }}", ["a", "b"]),
        (f"{{ x = 1; }} // {{ nixosConfigurations.a = {SYSTEM}; }}", ["a"]),
        (
            f"nixpkgs.lib.recursiveUpdate {{ nixosConfigurations.a = {SYSTEM}; }}"
            f" {{ nixosConfigurations.b = {SYSTEM}; }}",
            ["a", "b"],
        ),
        (
            f"nixpkgs.lib.foldl' nixpkgs.lib.recursiveUpdate {{ }} (map (name: {{ nixosConfigurations.${{name}} = {SYSTEM}; }}) "
            '[ "a" "b" ])',
            ["a", "b"],
        ),
        (
            "inputs.utils.lib.eachDefaultSystem (system: { packages.x = system; })"
            f" // {{ nixosConfigurations.a = {SYSTEM}; }}",
            ["a"],
        ),
        ("{ nixosConfigurations = { }; }", []),
        ("{ }", []),
    ],
)
def test_all_hosts_are_found(tmp_path: Path, outputs: str, expected: list[str]) -> None:
    assert hosts(fleet(tmp_path, outputs)) == (expected, True)


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [
        (f"{{ nixosConfigurations = {{ a = {SYSTEM}; }} // inputs.utils.hosts; }}", []),
        (f"{{ nixosConfigurations = inputs.utils.hosts // {{ a = {SYSTEM}; }}; }}", ["a"]),
        ("inputs.utils.lib.make { }", []),
        ("{ nixosConfigurations = nixpkgs.lib.genAttrs inputs.utils.names (name: 1); }", []),
        ("inputs.utils.lib.eachDefaultSystem (system: { nixosConfigurations.a = 1; })", []),
    ],
)
def test_hosts_that_are_not_known_are_told_of(tmp_path: Path, outputs: str, expected: list[str]) -> None:
    assert hosts(fleet(tmp_path, outputs)) == (expected, False)


@pytest.mark.parametrize("name", ["darwinConfigurations", "homeConfigurations"])
def test_other_kinds_of_hosts(tmp_path: Path, name: str) -> None:
    found = fleet(tmp_path, f"{{ {name}.a = inputs.nixpkgs.lib.system {{ }}; }}")
    assert hosts(found, name) == (["a"], True)
    assert hosts(found) == ([], True)


# -- self and inputs ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("self.x", 1),
        ("self.outputs.x", 1),
        ("self.inputs.self.x", 1),
        ("inputs.self.x", 1),
        ("self.inputs.nixpkgs.lib", "nixpkgs.lib"),
        ("nixpkgs.lib.foo", "nixpkgs.lib.foo"),
        ("self ? x", True),
        ("self ? y", UNKNOWN),
        ("self.y or 2", UNKNOWN),
        ("inputs ? nixpkgs", True),
        ("inputs ? nothing", False),
        ("inputs.nothing or 2", 2),
        ("inputs.nixpkgs.nothing or 2", UNKNOWN),
        ("self.outPath", "text:."),
        ('"${self}/a.nix"', "text:a.nix"),
        ('self + "/dir"', "text:dir"),
        ("toString ./a.nix", "text:a.nix"),
        ("./a.nix", "path:a.nix"),
        ('./dir + "/x.nix"', "path:dir/x.nix"),
        ('./dir + "x.nix"', "path:dirx.nix"),
        ("./dir/../a.nix", "path:a.nix"),
        ("../a.nix", "path:None"),
        ('./. + "/../a.nix"', "path:None"),
        ('./. + "x"', UNKNOWN),
        ('"${./a.nix}"', UNKNOWN),
        ("baseNameOf ./.", UNKNOWN),
        ("builtins.attrNames inputs", ["nixpkgs", "parts", "self", "utils"]),
    ],
)
def test_what_self_and_the_inputs_are(tmp_path: Path, code: str, expected: object) -> None:
    assert output(fleet(tmp_path, f"{{ x = 1; it = {code}; }}")) == expected


def test_a_formal_of_outputs_is_an_input_too(tmp_path: Path) -> None:
    found = fleet(tmp_path, "{ it = inputs ? registered; }", "{ registered, ... }@inputs:")
    assert output(found) is True


def test_a_flake_without_outputs_has_no_hosts_that_are_known(tmp_path: Path) -> None:
    (tmp_path / "flake.nix").write_text("{ }")
    assert hosts(Flake(Workspace(tmp_path)).evaluated()) == ([], False)


# -- modules --------------------------------------------------------------------------------------


def test_modules_are_read_once_with_all_that_they_import(tmp_path: Path) -> None:
    found = fleet(tmp_path, "{ it = ./a.nix; }")
    assert isinstance(found.outputs, SetValue)
    first = found.outputs.get("it")
    assert first is not None
    assert [to_python(module.named) for module in modules_of(found, [part_of([first])], {})] == [
        "path:a.nix",
        "path:b.nix",
        "path:dir",
    ]


def test_a_module_gets_the_arguments_that_are_known(tmp_path: Path) -> None:
    found = fleet(tmp_path, '{ it = ./b.nix; args.name = "carbon"; }')
    assert isinstance(found.outputs, SetValue)
    args = found.outputs.get("args")
    assert isinstance(args, SetValue)
    module = found.module(found.outputs.get("it") or args, args.attributes)
    assert isinstance(module, SetValue)
    assert to_python(module.get("given") or args) == "carbon"


def test_imports_that_are_computed_are_told_of(tmp_path: Path) -> None:
    found = fleet(tmp_path, "{ it = { imports = [ ./dir ] ++ inputs.utils.more; }; }")
    assert isinstance(found.outputs, SetValue)
    first = found.outputs.get("it")
    assert first is not None
    assert sum(module.is_unknown for module in modules_of(found, [part_of([first])], {})) == 1


PARTS = "inputs.parts.lib.mkFlake { inherit inputs; }"


@pytest.mark.parametrize(
    ("module", "expected"),
    [
        (f"{{ flake.nixosConfigurations.a = {SYSTEM}; }}", ["a"]),
        (f"{{ flake = {{ nixosConfigurations.a = {SYSTEM}; }}; }}", ["a"]),
        (f"{{ config.flake.nixosConfigurations.a = {SYSTEM}; }}", ["a"]),
        ("{ imports = [ ./part.nix ]; }", ["b"]),
        (f"{{ imports = [ ./part.nix ]; flake.nixosConfigurations.a = {SYSTEM}; }}", ["a", "b"]),
        ("({ self, ... }: { imports = [ ./part.nix inputs.utils.flakeModule ]; systems = [ ]; })", ["b"]),
        ("{ imports = [ ./args.nix ./told.nix ]; }", ["told"]),
        ("./part.nix", ["b"]),
    ],
)
def test_the_hosts_of_flake_parts(tmp_path: Path, module: str, expected: list[str]) -> None:
    assert hosts(fleet(tmp_path, f"{PARTS} {module}")) == (expected, True)


def test_modules_of_flake_parts_that_are_not_known_may_bring_hosts(tmp_path: Path) -> None:
    assert hosts(fleet(tmp_path, f"{PARTS} {{ imports = inputs.utils.modules; }}"))[1] is False


def test_two_modules_of_one_name_are_imported_together(tmp_path: Path) -> None:
    modules = "[ { flake.nixosModules.m = ./a.nix; } { flake.nixosModules.m = ./b.nix; } ]"
    found = fleet(tmp_path, f"{PARTS} {{ imports = {modules}; }}").outputs
    value: Value | None = found
    for name in ("nixosModules", "m", "imports"):
        assert isinstance(value, SetValue)
        value = value.get(name)
    assert isinstance(value, ListValue)
    assert [to_python(element) for element in value.elements()] == ["path:a.nix", "path:b.nix"]


# -- where values come from ------------------------------------------------------------------------


def test_a_value_says_where_it_is_written(tmp_path: Path) -> None:
    (host,), _ = fleet(tmp_path, "{ nixosConfigurations = import ./hosts.nix inputs; }").hosts()
    assert isinstance(host.value, Call)
    assert host.value.function.names == ("nixpkgs", "lib", "nixosSystem")
    origin = host.value.origin
    assert origin is not None
    assert (origin.file, origin.line) == ("hosts.nix", 1)
    assert origin.snapshot.source.data[origin.span.start : origin.span.end].startswith(
        b"nixpkgs.lib.nixosSystem {"
    )


def test_one_call_is_seen_under_the_arguments_of_each_host(tmp_path: Path) -> None:
    code = 'let make = name: nixpkgs.lib.nixosSystem { inherit name; }; in { a = make "a"; b = make "b"; }'
    found, _ = fleet(tmp_path, f"{{ nixosConfigurations = {code}; }}").hosts()
    given = []
    for host in found:
        assert isinstance(host.value, Call)
        assert host.value.origin is not None
        given.append((host.value.origin.line, to_python(host.value.arguments[0].get())))
    assert given == [(4, {"name": "a"}), (4, {"name": "b"})]


def test_the_pieces_of_a_list_say_where_they_are_written(tmp_path: Path) -> None:
    code = (
        "[ 1 ] ++ inputs.utils.more ++ map (x: x) [ 2 ]\n ++ nixpkgs.lib.optionals inputs.utils.yes [ 3 4 ]"
    )
    found = fleet(tmp_path, f"{{ it = {code}; }}").outputs
    assert isinstance(found, SetValue)
    value = found.get("it")
    assert isinstance(value, ListValue)
    shown = [
        (
            part.known,
            [to_python(element.get()) for element in part.elements],
            part.origin and part.origin.line,
        )
        for part in value.parts
    ]
    assert shown == [(True, [1], 4), (False, [], 4), (True, [2], None), (False, [3, 4], 5)]
    assert not value.known


@pytest.mark.parametrize(
    ("head", "code", "expected"),
    [
        ("inputs:", "inputs.nixpkgs.lib.nixosSystem { }", "inputs"),
        ("{ self, nixpkgs, ... }@attrs:", "nixpkgs.lib.nixosSystem { }", "attrs"),
        ("{ self, nixpkgs, ... }:", "nixpkgs.lib.nixosSystem { }", "self.inputs"),
        ("inputs:", "(inputs: inputs.nixpkgs.lib.nixosSystem { }) { inherit (inputs) nixpkgs; }", None),
        ("inputs:", "(all: all.inputs.nixpkgs.lib.nixosSystem { }) { inherit inputs; }", "inputs"),
    ],
)
def test_how_the_inputs_are_called_there(tmp_path: Path, head: str, code: str, expected: str | None) -> None:
    found = fleet(tmp_path, f"{{ nixosConfigurations.a = {code}; }}", head)
    (host,), _ = found.hosts()
    assert host.value.origin is not None
    names = InputsNames(found, Outputs(found.workspace["flake.nix"]))
    name = names.at([host.value.origin])
    assert (None if name is None or name.universal else name.code) == expected
