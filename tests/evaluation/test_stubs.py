"""What the stub flakes must share with the real ones, or the other tests here would prove nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from evaluator import EvaluationError, Evaluator


def merged(evaluator: Evaluator, modules: str) -> Any:
    """The option `o` after a merge of a Nix list of modules that may use `lib`."""
    lib = evaluator.stub("nixpkgs") / "lib.nix"
    return evaluator.expression(
        f"let lib = import {lib}; in (lib.evalModules {{ modules = {modules}; }}).config.o"
    )


@pytest.mark.parametrize(
    ("modules", "expected"),
    [
        ('[ { o = [ "first" ]; } { o = [ "second" ]; } ]', "second first"),
        ('[ { imports = [ { o = [ "import" ]; } ]; o = [ "1" ]; } { o = [ "2" ]; } ]', "import 2 1"),
        ('[ { o = [ "1" ]; } { o = lib.mkAfter [ "after" ]; } { o = [ "2" ]; } ]', "2 1 after"),
        ('[ { o = lib.mkBefore [ "before" ]; } { o = [ "1" ]; } ]', "before 1"),
        ('[ { o = lib.mkForce [ "forced" ]; } { o = [ "1" ]; } ]', "forced"),
        ('[ { o = lib.mkDefault [ "default" ]; } { o = [ "1" ]; } ]', "1"),
        ('[ { o = lib.mkIf false [ "never" ]; } { o = lib.mkIf true [ "1" ]; } ]', "1"),
        ('[ (lib.mkMerge [ { o = [ "1" ]; } { o = [ "2" ]; } ]) ]', "1 2"),
        ('[ ({ lib, config, ... }: { o = [ "1" config.p ]; }) { p = "2"; } ]', "1 2"),
    ],
)
def test_lists_merge_in_nixos_s_order(evaluator: Evaluator, modules: str, expected: str) -> None:
    assert merged(evaluator, modules) == expected.split()


def test_a_file_counts_once(evaluator: Evaluator, tmp_path: Path) -> None:
    (tmp_path / "m.nix").write_text('{ o = [ "once" ]; }')
    assert merged(evaluator, f"[ {{ imports = [ {tmp_path}/m.nix ]; }} {tmp_path}/m.nix ]") == ["once"]


def test_conflicts_are_errors(evaluator: Evaluator) -> None:
    with pytest.raises(EvaluationError, match="conflicting definitions"):
        merged(evaluator, "[ { o = 1; } { o = 2; } ]")


def test_a_system_made_anew_has_the_new_modules_last(evaluator: Evaluator) -> None:
    nixpkgs = evaluator.stub("nixpkgs")
    overlay = "name: { nixpkgs.overlays = [ (final: prev: { ${name} = 1; }) ]; }"
    code = f"""
      let
        lib = import {nixpkgs}/lib.nix;
        module = {overlay};
        system = import {nixpkgs}/nixos.nix {{ inherit lib; }} {{
          system = "x86_64-linux";
          specialArgs.a = 1;
          modules = [ (module "first") ];
        }};
      in
      (system.extendModules {{ modules = [ ({{ a, ... }}: module "last") ]; }}).pkgs.overlayNames
    """
    assert evaluator.expression(code) == [["last"], ["first"]], "the last module's overlays come first"


def pkgs(evaluator: Evaluator, code: str, overlays: str = "[ ]") -> Any:
    nixpkgs = evaluator.stub("nixpkgs")
    arguments = f'{{ system = "x86_64-linux"; overlays = {overlays}; }}'
    return evaluator.expression(f"with import {nixpkgs} {arguments}; {code}")


def test_overlays_see_what_is_before_and_after_them(evaluator: Evaluator) -> None:
    overlays = "[ (final: prev: { a = final.b; b = 1; }) (final: prev: { b = prev.b + 1; }) ]"
    assert pkgs(evaluator, "[ a b overlayNames ]", overlays) == [2, 2, [["a", "b"], ["b"]]]


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("system", "deprecated"),
        ("(llama-cpp.override { useCuda = true; }).name", "unexpected argument 'useCuda'"),
        (
            "(hello.overrideAttrs { X = 1; env.X = 2; }).drvPath",
            "cannot contain any attributes passed to derivation",
        ),
    ],
)
def test_refuses_what_nixpkgs_refuses(evaluator: Evaluator, code: str, message: str) -> None:
    with pytest.raises(EvaluationError, match=message):
        pkgs(evaluator, code)


def test_upstream_s_package_refuses_nixpkgs_arguments(evaluator: Evaluator, tmp_path: Path) -> None:
    (tmp_path / "flake.nix").write_text("""{
      inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
      inputs.llama-cpp = { url = "github:ggml-org/llama.cpp"; inputs.nixpkgs.follows = "nixpkgs"; };
      outputs = inputs: {
        nixosConfigurations.a = inputs.nixpkgs.lib.nixosSystem {
          system = "x86_64-linux";
          modules = [ { nixpkgs.overlays = [ inputs.llama-cpp.overlays.default ]; } ];
        };
      };
    }""")
    message = evaluator.message(tmp_path, "a", "llama-cpp-vulkan")
    assert "unexpected argument 'vulkanSupport'" in message


def test_an_input_must_follow_the_fleet_s_nixpkgs(evaluator: Evaluator, tmp_path: Path) -> None:
    (tmp_path / "flake.nix").write_text("""{
      inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
      outputs = inputs: { nixosConfigurations = { }; };
    }""")
    with pytest.raises(EvaluationError, match="llama-cpp-must-follow-a-nixpkgs"):
        evaluator.hosts(tmp_path)
