"""Which inputs are called unused: only those that no file can use."""

from pathlib import Path

import pytest

from nixedit.document import load, loads
from nixedit.flake.input_use import unused
from nixedit.flake.inputs import Inputs

HEAD = '{ inputs.aa.url = "github:a/a"; inputs.bb.url = "github:b/b"; outputs = '


def flake(outputs: str) -> str:
    return f"{HEAD}{outputs}; }}"


def unused_in(folder: Path, outputs: str, **files: str) -> list[str]:
    """The unused inputs of a flake with some outputs and other files, `x__y` for `x/y.nix`."""
    (folder / "flake.nix").write_text(flake(outputs))
    for name, text in files.items():
        path = folder / f"{name.replace('__', '/')}.nix"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    document = load(folder / "flake.nix")
    return unused(document, Inputs(document), folder)


@pytest.mark.parametrize(
    "outputs",
    [
        "{ self, aa, bb }: { x = aa; }",
        "{ self, aa, ... }: { x = aa; }",
        "{ self, aa, ... }@inputs: { x = inputs.aa; }",
        "inputs: { x = inputs.aa.lib; }",
        "inputs: { x = (inputs).aa; }",
        'inputs: { x = inputs."aa" or null; }',
        "inputs: { x = inputs ? aa; }",
        "inputs: { inherit (inputs) aa; }",
        "inputs: with inputs.aa; { }",
        "{ self, ... }: { x = self.inputs.aa; }",
        "inputs: { x = inputs.self.inputs.aa; }",
        "{ self, ... }: { inherit (self.inputs) aa; }",
        'inputs: { x = "${inputs.self}/y"; z = inputs.aa; }',
        '{ self, aa, ... }: { x = self + "/y"; z = aa; }',
        "inputs: let f = { inputs }: inputs.aa; in { x = f { inherit inputs; }; }",
        "inputs: let f = all: all.aa; in { x = f inputs; }",
        "inputs: let inherit (inputs) aa; in { x = aa; }",
        "{ aa, ... }@inputs: { x = aa.lib.nixosSystem { specialArgs = { inherit inputs; }; }; }",
        "{ aa, ... }@inputs: { x = aa.lib.nixosSystem { specialArgs.inputs = inputs; }; }",
        "{ aa, ... }@inputs: { x = aa.f { _module.args = { inherit inputs; } // aa.y; }; }",
    ],
)
def test_what_nothing_names_is_unused(tmp_path, outputs):
    assert unused_in(tmp_path, outputs) == ["bb"]


@pytest.mark.parametrize(
    "outputs",
    [
        "inputs: { x = with inputs; bb; }",
        "inputs: { x = n: inputs.${n}; }",
        'inputs: { x = n: inputs."${n}"; }',
        "inputs: { x = builtins.attrNames inputs; }",
        'inputs: { x = builtins.getAttr "bb" inputs; }',
        "inputs: inputs.aa.lib.mkFlake { inherit inputs; } { }",
        "inputs: inputs.aa.lib.mkFlake { inputs = inputs; } { }",
        "inputs: { x = inputs.aa.f { specialArgs = inputs; }; }",
        "inputs: { x = inputs.aa.f { specialArgs = inputs // { y = 1; }; }; }",
        "inputs: { x = inputs.aa.f { specialArgs = { all = inputs; }; }; }",
        "inputs: { x = { inherit inputs; }; }",
        "inputs: { x = [ inputs ]; }",
        "inputs: { x = inputs // { }; }",
        "{ self, ... }: { x = self.inputs; }",
        "{ self, aa, ... }: { x = aa.f self; }",
        "{ self, aa, ... }: { x = aa.f { inherit self; }; }",
        "{ self, aa, ... }: { x = n: self.${n}; }",
        "inputs: let f = x: y: x; in { x = map f [ inputs ]; }",
        "import ./outputs.nix",
        "inputs: { x = import ../elsewhere.nix; }",
        "inputs: { x = import ./missing.nix inputs; }",
    ],
)
def test_what_may_be_used_is_used(tmp_path, outputs):
    assert unused_in(tmp_path, outputs) == []


def test_other_files_are_asked(tmp_path):
    outputs = "{ aa, ... }@inputs: { x = aa.f { specialArgs = { inherit inputs; }; modules = [ ./m ]; }; }"
    assert unused_in(tmp_path, outputs, m__default="{ inputs, ... }: { y = inputs.bb; }") == []
    assert unused_in(tmp_path, outputs, m__default="{ inputs, ... }: { y = inputs.aa; }") == ["bb"]
    assert unused_in(tmp_path, outputs, m__default="{ bb, ... }: { }") == []
    assert unused_in(tmp_path, outputs, m__default="args: { y = args.inputs.bb; }") == []
    assert unused_in(tmp_path, outputs, m__default="{ config, ... }@args: { y = config.f args; }") == []
    assert unused_in(
        tmp_path,
        outputs,
        m__default="{ config, ... }@args: import ./x.nix args",
        m__x="{ inputs, ... }: inputs.aa",
    ) == ["bb"]
    assert unused_in(tmp_path, outputs, m__default="{ inputs, ... }: { y = map f inputs; }") == []
    assert unused_in(tmp_path, outputs, m__default="{ inputs, ... }: {") == []


def test_a_file_that_is_given_all_inputs_is_read(tmp_path):
    outputs = "inputs: import ./outputs inputs"
    assert (
        unused_in(tmp_path, outputs, outputs__default="{ self, aa, ... }@all: { x = aa; y = all.bb; }") == []
    )
    assert unused_in(tmp_path, outputs, outputs__default="{ self, aa, ... }@all: { x = aa; }") == ["bb"]
    assert unused_in(tmp_path, outputs, outputs__default="all: { x = all.aa; }") == ["bb"]
    assert unused_in(tmp_path, outputs, outputs__default="all: { x = f all; }") == []


def test_what_holds_the_inputs_can_be_called_inputs(tmp_path):
    outputs = "{ aa, ... }@inputs: { x = aa.f { specialArgs = { inherit inputs; }; }; }"
    assert unused_in(tmp_path, outputs, m="inputs: { y = inputs.inputs.bb; }") == []


def test_a_flake_in_a_folder_of_another_one_may_be_used_there(tmp_path):
    outer = tmp_path / "flake.nix"
    outer.write_text("{ outputs = inputs: inputs.parts.lib.mkFlake { inherit inputs; } { x = ./dev; }; }")
    (tmp_path / "dev").mkdir()
    assert unused_in(tmp_path / "dev", "{ self, aa, bb }: { }") == []
    outer.unlink()
    assert unused_in(tmp_path / "dev", "{ self, aa, bb }: { }") == ["aa", "bb"]


@pytest.mark.parametrize("outputs", ["_: { }", "inputs: { }", "{ self, ... }: { }"])
def test_a_flake_that_takes_none_of_its_inputs_is_a_list_of_sources(tmp_path, outputs):
    assert unused_in(tmp_path, outputs) == []


def test_an_input_that_another_one_follows_is_used():
    text = '{ inputs.aa.url = "a"; inputs.bb.url = "b"; inputs.aa.inputs.x.follows = "bb/y"; outputs = { self, aa, bb }: aa; }'
    document = loads(text, "flake.nix")
    assert unused(document, Inputs(document), None) == []


def test_what_reads_the_lock_itself_may_use_what_it_names(tmp_path):
    outputs = "{ aa, ... }: { x = aa; }"
    assert unused_in(tmp_path, outputs) == ["bb"]
    lock = "(builtins.fromJSON (builtins.readFile ./flake.lock)).nodes.bb.locked"
    assert unused_in(tmp_path, outputs, shell=lock) == []


def test_a_script_that_speaks_of_inputs_may_use_one(tmp_path):
    (tmp_path / "run.sh").write_text("nix build .#inputs.bb\n")
    assert unused_in(tmp_path, "{ aa, ... }: { x = aa; }") == []
