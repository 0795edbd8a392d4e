"""The harness itself: what it says of fleets that do not evaluate."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import EvaluationError, Evaluator


def fleet(folder: Path, hosts: str, inputs: str = "") -> Path:
    (folder / "flake.nix").write_text(f"""{{
      inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
      {inputs}
      outputs = {{ nixpkgs, ... }}: {{
        nixosConfigurations =
          let host = module: nixpkgs.lib.nixosSystem {{ system = "x86_64-linux"; modules = [ module ]; }};
          in {{ {hosts} }};
      }};
    }}""")
    return folder


def test_one_broken_host_leaves_the_others(evaluator: Evaluator, tmp_path: Path) -> None:
    hosts = evaluator.hosts(
        fleet(
            tmp_path,
            """
            good = host { };
            bad = host ({ pkgs, ... }: {
              environment.systemPackages = [ (pkgs.llama-cpp.override { useCuda = true; }) ];
            });
            """,
        )
    )
    assert hosts["good"].error is None
    assert "called with unexpected argument 'useCuda'" in (hosts["bad"].error or "")


def test_equal_hosts_have_equal_toplevels(evaluator: Evaluator, tmp_path: Path) -> None:
    hosts = evaluator.hosts(
        fleet(
            tmp_path,
            """
            a = host ({ pkgs, ... }: { environment.systemPackages = [ pkgs.hello ]; });
            same = host { imports = [ ({ pkgs, ... }: { environment.systemPackages = [ pkgs.hello ]; }) ]; };
            other = host ({ pkgs, ... }: { environment.systemPackages = [ pkgs.vim ]; });
            patched = host ({ pkgs, ... }: {
              environment.systemPackages = [ pkgs.hello ];
              nixpkgs.overlays = [ (_: prev: { hello = prev.hello.overrideAttrs { patches = [ "p" ]; }; }) ];
            });
            """,
        )
    )
    assert hosts["a"].toplevel == hosts["same"].toplevel
    assert len({hosts[name].toplevel for name in ("a", "other", "patched")}) == 3


def test_an_input_without_a_stub_is_named(evaluator: Evaluator, tmp_path: Path) -> None:
    folder = fleet(tmp_path, "", 'inputs.disko.url = "github:nix-community/disko";')
    with pytest.raises(LookupError, match="no stub flake for the input disko"):
        evaluator.hosts(folder)


def test_a_flake_without_hosts_is_an_error(evaluator: Evaluator, tmp_path: Path) -> None:
    (tmp_path / "flake.nix").write_text("{ outputs = _: { }; }")
    with pytest.raises(EvaluationError, match="does not provide attribute"):
        evaluator.hosts(tmp_path)


def test_syntax_errors_are_nix_s(evaluator: Evaluator, tmp_path: Path) -> None:
    (tmp_path / "x.nix").write_text("{ a = 1 }")
    assert "syntax error, unexpected '}'" in (evaluator.syntax_error(tmp_path / "x.nix") or "")
