"""An old overlay without a file of its own: bound by a `let`, an attribute, an element of a list. It goes with its uses."""

from __future__ import annotations

from pathlib import Path

import pytest
from evaluator import Evaluator
from migration_runs import contents, migrate, migrated, write

OLD = "final: prev: { llama-cpp-cuda = prev.llama-cpp.override { cudaSupport = true; }; }"
LONG = """\
final: prev: {
        # For the big machine.
        llama-cpp-cuda = prev.llama-cpp.override { cudaSupport = true; };
        llama-cpp-cuda-native =
          (prev.llama-cpp.override {
            cudaSupport = true;
            blasSupport = false;
          }).overrideAttrs
            (old: {
              cmakeFlags = old.cmakeFlags ++ [ "-DGGML_NATIVE=ON" ];
            });
      }"""
OTHER = "final: prev: { ours = 1; }"
HEAD = """\
{
  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-unstable";
INPUT
  outputs =
    { self, nixpkgs, ... }@inputs:
"""
INPUT = """\
  inputs.llama-cpp.url = "github:ggml-org/llama.cpp";
  inputs.llama-cpp.inputs.nixpkgs.follows = "nixpkgs";
"""
HOST = """\
      nixosConfigurations.argon = nixpkgs.lib.nixosSystem {
        system = "x86_64-linux";
        modules = [
          ./argon.nix
          {
            nixpkgs.overlays = [
GIVEN            ];
          }
        ];
      };
"""
NEW = """\
              inputs.llama-cpp.overlays.default
              (import ./overlays/llama-cpp.nix { inherit inputs; })
"""


def dedent(lines: str, columns: int) -> str:
    return "".join(line[columns:] for line in lines.splitlines(keepends=True))


def flake(given: str, before: str = "    {\n", after: str = "", new: str = "") -> str:
    listed = "".join(f"              {line}\n" for line in given.split("\n") if line)
    head = HEAD.replace("INPUT\n", f"{INPUT}\n" if new else "\n")
    return head + before + HOST.replace("GIVEN", listed + new) + after + "    };\n}\n"


def let(*bound: str) -> str:
    return "".join(["    let\n", *(f"      {line};\n" for line in bound), "    in\n    {\n"])


def outputs(*bound: str) -> str:
    return "".join(["    {\n", *(f"      {line};\n" for line in bound)])


# What flake.nix is before and after.
SHAPES = {
    "a let": (
        flake("llama\nother", let(f"llama = {OLD}", f"other = {OTHER}")),
        flake("other", let(f"other = {OTHER}"), new=NEW),
    ),
    "a let of several lines": (
        flake("llama\nother", let(f"llama = {LONG}", f"other = {OTHER}")),
        flake("other", let(f"other = {OTHER}"), new=NEW),
    ),
    "a let that has nothing else": (flake("llama", let(f"llama = {OLD}")), flake("", new=NEW)),
    "an element": (flake(f"({OLD})\n({OTHER})"), flake(f"({OTHER})", new=NEW)),
    "an element with a comment": (
        flake(f"# For the big machine.\n({OLD})\n# Ours.\n({OTHER})"),
        flake(f"# Ours.\n({OTHER})", new=NEW),
    ),
    "the only element": (flake(f"({OLD})"), flake("", new=NEW)),
    "an output": (
        flake(
            "self.overlays.llama\nself.overlays.other",
            outputs(f"overlays.llama = {OLD}", f"overlays.other = {OTHER}"),
        ),
        flake("self.overlays.other", outputs(f"overlays.other = {OTHER}"), new=NEW),
    ),
    "an output that a let is bound to": (
        flake("self.overlays.llama", let(f"llama = {OLD}") + "      overlays.llama = llama;\n"),
        flake("", new=NEW),
    ),
    "an attribute of a set in a let": (
        flake(
            "mine.llama\nmine.other",
            let(f"mine = {{\n        llama = {OLD};\n        other = {OTHER};\n      }}"),
        ),
        flake("mine.other", let(f"mine = {{\n        other = {OTHER};\n      }}"), new=NEW),
    ),
    "an element of a list in a let": (
        flake("", let(f"own = [\n        ({OLD})\n        ({OTHER})\n      ]")).replace(
            " = [\n            ];", " = own;"
        ),
        flake("", let(f"own = [\n        ({OTHER})\n{dedent(NEW, 6)}      ]"), new=NEW).replace(
            f" = [\n{NEW}            ];", " = own;"
        ),
    ),
}


@pytest.mark.parametrize("name", SHAPES)
def test_it_goes_with_its_uses(name: str, evaluator: Evaluator, tmp_path: Path) -> None:
    text, wanted = SHAPES[name]
    folder = write(tmp_path / "fleet", {"flake.nix": text, "argon.nix": "{ }\n"})
    (before,) = evaluator.hosts(folder).values()
    assert before.overlays[0][0] == "llama-cpp-cuda"
    assert before.packages["llama-cpp-cuda"].origin == "nixpkgs"
    run = migrated(folder)
    assert "(the new one takes its place)" in run.out
    assert (folder / "flake.nix").read_text() == wanted
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert [names for names in after.overlays if "ours" in names] == [("ours",)] * ("ours" in text)
    assert len(after.overlays) == 2 + ("ours" in text)
    assert after.packages["llama-cpp-cuda"].origin == "llama.cpp"
    assert after.packages["llama-cpp-cuda-native"].origin == "llama.cpp"
    again = migrate(folder, "--check")
    assert (again.code, again.err) == (0, "")


def test_it_goes_from_a_module_in_a_file(evaluator: Evaluator, tmp_path: Path) -> None:
    argon = f"{{ pkgs, ... }}:\n{{\n  nixpkgs.overlays = [\n    ({OLD})\n    ({OTHER})\n  ];\n}}\n"
    text = flake("").replace(
        "          {\n            nixpkgs.overlays = [\n            ];\n          }\n", ""
    )
    folder = write(tmp_path / "fleet", {"flake.nix": text, "argon.nix": argon})
    migrated(folder)
    assert (folder / "argon.nix").read_text() == argon.replace(f"    ({OLD})\n", "")
    (after,) = evaluator.hosts(folder).values()
    assert after.overlays[0] == ("ours",)
    assert after.packages["llama-cpp-cuda"].origin == "llama.cpp"
    assert migrate(folder, "--check").code == 0


def test_where_it_would_come_after_the_new_ones_it_stands_in_nobodys_way(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    text = flake("llama", let(f"llama = {OLD}")).replace(
        "= [\n              l", "= nixpkgs.lib.mkAfter [\n              l"
    )
    folder = write(tmp_path / "fleet", {"flake.nix": text, "argon.nix": "{ }\n"})
    migrated(folder)
    assert "final: prev:" not in (folder / "flake.nix").read_text()
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert after.packages["llama-cpp-cuda"].origin == "llama.cpp"


XENON = HOST.replace("argon", "xenon").replace("./xenon.nix", "./argon.nix")
# What flake.nix is in which something speaks against it, words of the run, and a word of the reason.
STAYING = {
    "a host is left out": (
        flake("llama", let(f"llama = {OLD}"), XENON.replace("GIVEN", "              llama\n")),
        ("--exclude-host", "xenon"),
    ),
    "a use that no rule knows": (
        flake("llama", let(f"llama = {OLD}"), "      lib.mine = [ { a = f: p: llama f p; } ];\n"),
        (),
    ),
    "another overlay changes what it makes": (
        flake(
            "llama\n(final: prev: { ours = prev.llama-cpp-cpu; })",
            let(f"llama = {OLD}".replace("-cuda", "-cpu")),
        ),
        (),
    ),
    "no host applies it": (
        flake(f"({OTHER})", outputs(f"overlays.llama = {OLD}")),
        (),
    ),
    "what is no host has it": (
        flake(
            "llama",
            let(f"llama = {OLD}"),
            '      packages.x86_64-linux = import nixpkgs { overlays = [ llama ]; system = "x86_64-linux"; };\n',
        ),
        (),
    ),
}


@pytest.mark.parametrize("name", STAYING)
def test_it_stays_where_anything_speaks_against_it(name: str, evaluator: Evaluator, tmp_path: Path) -> None:
    text, words = STAYING[name]
    folder = write(tmp_path / "fleet", {"flake.nix": text, "argon.nix": "{ }\n"})
    before = evaluator.hosts(folder)
    run = migrated(folder, *words)
    assert "in a way of its own" in run.out
    line = 1 + text[: text.index("final: prev: { llama")].count("\n")
    assert f"--remove flake.nix:{line} takes it out" in run.out
    assert "final: prev: { llama" in (folder / "flake.nix").read_text()
    after = evaluator.hosts(folder)
    assert after["argon"].error is None
    assert after["argon"].packages["llama-cpp-cuda"].origin == "llama.cpp"
    if "xenon" in after:
        assert after["xenon"] == before["xenon"]
    assert migrate(folder, "--check", *words).code == 0


def test_when_told_it_stays_for_a_host_that_is_left_out_only(evaluator: Evaluator, tmp_path: Path) -> None:
    text, words = STAYING["a host is left out"]
    folder = write(tmp_path / "fleet", {"flake.nix": text, "argon.nix": "{ }\n"})
    run = migrated(folder, *words, "--remove", "flake.nix:llama")
    line = 1 + text[: text.rindex("              llama\n")].count("\n")
    assert f"note: flake.nix:7 stays: hosts that are left out use it (flake.nix:{line})\n" in run.out
    after = evaluator.hosts(folder)
    assert len(after["argon"].overlays) == 2
    assert after["xenon"].overlays == (("llama-cpp-cuda",),)


def test_with_a_name_that_the_new_one_lacks_it_is_refused_where_it_is_told(tmp_path: Path) -> None:
    text = flake("llama", let(f"llama = {OLD}".replace("-cuda", "-mine")))
    argon = "{ pkgs, ... }:\n{\n  environment.systemPackages = [ pkgs.llama-cpp-mine ];\n}\n"
    folder = write(tmp_path / "fleet", {"flake.nix": text, "argon.nix": argon})
    before = contents(folder)
    run = migrate(folder, "--allow-no-vcs", "--remove", "flake.nix:llama")
    assert run.code == 2
    assert "argon.nix:3:39: `llama-cpp-mine` is used here, and only `flake.nix:7` defines it" in run.err
    assert contents(folder) == before
