"""Packages that a fleet overrides by nixpkgs' arguments: renamed where that is safe, refused elsewhere."""

from __future__ import annotations

from pathlib import Path

from evaluator import Evaluator
from migration_runs import FLAKE, contents, migrate, migrated, write

MODULE = """\
{ pkgs, ... }:
{
  environment.systemPackages = [
    # the card in the desktop
    (pkgs.llama-cpp.override { cudaSupport = true; })
    pkgs.hello
  ];
}
"""


def test_a_module_of_a_migrated_host_gets_upstreams_argument(evaluator: Evaluator, tmp_path: Path) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": MODULE})
    (before,) = evaluator.hosts(folder).values()
    assert before.error is None
    migrated(folder)
    renamed = MODULE.replace("cudaSupport = true", "useCuda = true")
    assert (folder / "argon.nix").read_text() == renamed
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert len(after.system_packages) == len(before.system_packages)


def test_a_package_of_nixpkgs_with_the_name_of_a_variant_is_the_same(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    module = MODULE.replace("pkgs.llama-cpp", "pkgs.llama-cpp-vulkan")
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": module})
    (before,) = evaluator.hosts(folder).values()
    assert before.error is None
    migrated(folder)
    assert (folder / "argon.nix").read_text() == module.replace("cudaSupport = true", "useCuda = true")
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert len(after.system_packages) == len(before.system_packages)


def test_other_arguments_and_places_are_refused(tmp_path: Path) -> None:
    cases = {
        "an argument that upstream lacks": MODULE.replace("cudaSupport", "cudaSupport = true; openclSupport"),
        "a set that is computed": MODULE.replace(
            "{ cudaSupport = true; }", "({ cudaSupport = true; } // { })"
        ),
        "another package set": MODULE.replace("pkgs.llama-cpp", "final.llama-cpp").replace(
            "{ pkgs, ... }:", "{ pkgs, final, ... }:"
        ),
        "an inherited argument": MODULE.replace("{ cudaSupport = true; }", "{ inherit (pkgs) cudaSupport; }"),
    }
    for number, (what, module) in enumerate(cases.items()):
        folder = write(tmp_path / str(number), {"flake.nix": FLAKE, "argon.nix": module})
        before = contents(folder)
        run = migrate(folder)
        assert run.code == 2, what
        assert "upstream's `llama-cpp` has no argument `cudaSupport`" in run.err, what
        assert contents(folder) == before, what


def test_an_argument_that_upstream_takes_in_no_form_is_refused(tmp_path: Path) -> None:
    forms = (
        "{ openclSupport = true; }",
        "(old: { openclSupport = true; })",
        "(if pkgs.stdenv.isLinux then { openclSupport = true; } else { })",
    )
    for number, form in enumerate(forms):
        module = MODULE.replace("{ cudaSupport = true; }", form)
        folder = write(tmp_path / str(number), {"flake.nix": FLAKE, "argon.nix": module})
        run = migrate(folder)
        assert run.code == 2, form
        assert "upstream's `llama-cpp` has no argument `openclSupport`" in run.err, form


def test_what_a_function_gives_is_not_known(tmp_path: Path) -> None:
    module = MODULE.replace("{ cudaSupport = true; }", "(import ./arguments.nix)")
    folder = write(tmp_path, {"flake.nix": FLAKE, "argon.nix": module, "arguments.nix": "{ }\n"})
    run = migrate(folder)
    assert run.code == 2
    assert "what `llama-cpp` is given here is not known" in run.err


# By another name, with arguments that both packages have, and with a list that upstream takes as one text.
NAMES = """\
{ pkgs, ... }:
let
  llama = pkgs.llama-cpp;
  inherit (pkgs) llama-cpp-vulkan;
  cards = [ "gfx1030" ];
in
{
  environment.systemPackages = [
    (llama.override { rpcSupport = true; })
    (llama-cpp-vulkan.override { vulkanSupport = true; })
    (pkgs.llama-cpp.override {
      rocmSupport = true;
      rocmGpuTargets = [
        "gfx1100"
        "gfx1101"
      ];
    })
    (pkgs.llama-cpp.override { rocmGpuTargets = cards ++ [ "gfx1100" ]; })
  ];
}
"""


def test_packages_by_other_names_get_upstreams_arguments(evaluator: Evaluator, tmp_path: Path) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": NAMES})
    (before,) = evaluator.hosts(folder).values()
    assert before.error is None
    migrated(folder)
    text = (folder / "argon.nix").read_text()
    assert "(llama.override { useRpc = true; })" in text
    assert "(llama-cpp-vulkan.override { useVulkan = true; })" in text
    assert 'rocmGpuTargets = "gfx1100;gfx1101";' in text
    assert 'rocmGpuTargets = builtins.concatStringsSep ";" (cards ++ [ "gfx1100" ]);' in text
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert len(after.system_packages) == len(before.system_packages)
    assert migrate(folder, "--check").code == 0  # what is one text is left alone


def test_a_file_that_a_module_names_otherwise_is_refused(tmp_path: Path) -> None:
    argon = "{ home-manager.users.ada = import ./home.nix; }\n"
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": argon, "home.nix": MODULE})
    run = migrate(folder)
    assert run.code == 2
    assert "home.nix:5:32" in run.err


def test_a_file_that_nothing_names_stands_in_nobodys_way(evaluator: Evaluator, tmp_path: Path) -> None:
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": "{ }\n", "home.nix": MODULE})
    migrated(folder)
    assert (folder / "home.nix").read_text() == MODULE
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert "llama-cpp-cuda-native" in after.packages
    again = migrate(folder, "--check")  # the new overlay names no such file either
    assert again.code == 0, again


def test_a_package_named_by_with_is_the_same(evaluator: Evaluator, tmp_path: Path) -> None:
    module = MODULE.replace("(pkgs.llama-cpp", "(llama-cpp").replace("= [", "= with pkgs; [")
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": module})
    migrated(folder)
    assert (folder / "argon.nix").read_text() == module.replace("cudaSupport", "useCuda")
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None


def test_a_name_of_another_with_is_refused(tmp_path: Path) -> None:
    module = MODULE.replace("(pkgs.llama-cpp", "(llama-cpp").replace("= [", "= with pkgs; with other; [")
    folder = write(tmp_path / "fleet", {"flake.nix": FLAKE, "argon.nix": module})
    assert migrate(folder).code == 2


def test_nothing_is_renamed_while_a_host_is_left_out(tmp_path: Path) -> None:
    two = FLAKE.replace(
        "      };\n    };\n",
        "        xenon = nixpkgs.lib.nixosSystem { modules = [ ./argon.nix ]; };\n      };\n    };\n",
    )
    folder = write(tmp_path / "fleet", {"flake.nix": two, "argon.nix": MODULE})
    assert migrate(folder, "--host", "argon").code == 2
    assert migrate(folder).code == 0


# An overlay of the fleet's own makes the package anew, by nixpkgs' arguments.
OVERLAY = """\
{ pkgs, lib, ... }:
{
  nixpkgs.overlays = [
    (final: prev: {
      llama-cpp = prev.llama-cpp.override { cudaSupport = true; };
      mine = prev.llama-cpp.override { rpcSupport = true; };
    })
  ];
  environment.systemPackages = [ pkgs.llama-cpp pkgs.mine ];
}
"""
SECOND = FLAKE.replace(
    "[ ./argon.nix ]", "[ ./argon.nix { nixpkgs.overlays = [ (final: prev: { other = prev.hello; }) ]; } ]"
)


def test_an_overlay_of_the_fleets_own_comes_before(evaluator: Evaluator, tmp_path: Path) -> None:
    inline = FLAKE.replace("[ ./argon.nix ]", "[ (" + OVERLAY.replace("\n", " ") + ") ]")
    for number, flake in enumerate((FLAKE, SECOND, inline)):
        folder = write(tmp_path / str(number), {"flake.nix": flake, "argon.nix": OVERLAY})
        (before,) = evaluator.hosts(folder).values()
        assert before.error is None
        run = migrated(folder)
        assert "the `llama-cpp` of this overlay gives way to upstream's" in run.out
        (after,) = evaluator.hosts(folder).values()
        assert after.error is None
        assert after.packages["llama-cpp"].origin == "llama.cpp"
        assert len(after.system_packages) == len(before.system_packages)
        again = migrate(folder, "--check")
        assert again.code == 0, again


def test_what_an_overlay_changes_with_override_attrs_is_nixpkgs_too(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    # Upstream's source is no derivation, and has no such attribute.
    change = "prev.llama-cpp.overrideAttrs (old: { src = old.passthru.nixpkgsConfig; })"
    module = OVERLAY.replace("prev.llama-cpp.override { cudaSupport = true; }", change)
    folder = write(tmp_path, {"flake.nix": SECOND, "argon.nix": module})
    run = migrated(folder)
    assert "the `llama-cpp` of this overlay gives way to upstream's" in run.out
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert after.packages["llama-cpp"].origin == "llama.cpp"
    assert (folder / "argon.nix").read_text() == module
    assert (folder / "flake.nix").read_text().index("overlays.default") < (
        folder / "flake.nix"
    ).read_text().index("./argon.nix")


def test_attributes_that_a_module_changes_are_upstreams_now(tmp_path: Path) -> None:
    module = MODULE.replace("override { cudaSupport = true; }", "overrideAttrs (old: { doCheck = false; })")
    run = migrated(write(tmp_path, {"flake.nix": FLAKE, "argon.nix": module}))
    assert "argon.nix:5: this changes upstream's `llama-cpp` now" in run.out


def test_an_overlay_that_comes_after_all_others_is_refused(tmp_path: Path) -> None:
    module = OVERLAY.replace("= [\n    (final", "= lib.mkAfter [\n    (final")
    folder = write(tmp_path, {"flake.nix": FLAKE, "argon.nix": module})
    run = migrate(folder)
    assert run.code == 2
    assert "upstream's `llama-cpp` has no argument `cudaSupport`" in run.err


def test_an_overlay_on_top_of_the_hosts_packages_is_refused(tmp_path: Path) -> None:
    module = OVERLAY.replace("pkgs.llama-cpp pkgs.mine", "(pkgs.extend (import ./more.nix)).llama-cpp")
    more = "final: prev: { llama-cpp = prev.llama-cpp.override { vulkanSupport = true; }; }\n"
    folder = write(tmp_path, {"flake.nix": FLAKE, "argon.nix": module, "more.nix": more})
    assert migrate(folder).code == 2


def test_packages_of_nixpkgs_that_upstreams_take_the_place_of_are_named(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    module = MODULE.replace("(pkgs.llama-cpp.override { cudaSupport = true; })", "pkgs.llama-cpp-vulkan")
    module = module.replace("pkgs.hello", "(pkgs.unstable or pkgs).llama-cpp-rocm or pkgs.hello")
    folder = write(tmp_path, {"flake.nix": FLAKE, "argon.nix": module, "unused.nix": module})
    run = migrated(folder)
    assert "note: `llama-cpp-vulkan` is upstream's now, not nixpkgs' own: argon.nix:5\n" in run.out
    (after,) = evaluator.hosts(folder).values()
    assert after.error is None
    assert after.packages["llama-cpp-vulkan"].origin == "llama.cpp"


# Overlays and other functions, where a file beside argon's `pkgs.mine` holds them.
def named(folder: Path, overlay: str, application: str) -> Path:
    """A fleet whose host applies an overlay of a file, and has `mine` of it."""
    setting = f"{{ nixpkgs.overlays = [ {application} ]; }}"
    flake = FLAKE.replace("[ ./argon.nix ]", f"[ ./argon.nix {setting} ]")
    module = "{ pkgs, ... }: { environment.systemPackages = [ pkgs.mine ]; }\n"
    return write(folder, {"flake.nix": flake, "argon.nix": module, "mine.nix": overlay})


def test_an_overlay_by_any_names_comes_before_where_a_host_applies_it(
    evaluator: Evaluator, tmp_path: Path
) -> None:
    overlays = (
        ("final: prev: { mine = prev.llama-cpp.override { cudaSupport = true; }; }\n", "(import ./mine.nix)"),
        ("new: old: { mine = old.llama-cpp.override { cudaSupport = true; }; }\n", "(import ./mine.nix)"),
        (
            "inputs: _: given: { mine = given.llama-cpp.override { cudaSupport = true; }; }\n",
            "(import ./mine.nix inputs)",
        ),
    )
    for number, (overlay, application) in enumerate(overlays):
        folder = named(tmp_path / str(number), overlay, application)
        migrated(folder)
        (after,) = evaluator.hosts(folder).values()
        assert after.error is None, overlay
        assert (folder / "mine.nix").read_text() == overlay


def test_what_an_overlay_makes_of_the_finished_package_is_upstreams(tmp_path: Path) -> None:
    overlays = (
        ("inputs: final: prev: { mine = final.llama-cpp.override { cudaSupport = true; }; }\n", " inputs"),
        ("final: prev: { mine = final.llama-cpp.override { cudaSupport = true; }; }\n", ""),
    )
    for number, (overlay, argument) in enumerate(overlays):
        folder = named(tmp_path / str(number), overlay, f"(import ./mine.nix{argument})")
        before = contents(folder)
        run = migrate(folder)
        assert run.code == 2, overlay
        assert "upstream's `llama-cpp` has no argument `cudaSupport`" in run.err
        assert contents(folder) == before


def test_a_function_of_two_is_no_overlay_by_that_alone(tmp_path: Path) -> None:
    helper = "name: pkgs: { mine = pkgs.llama-cpp.override { cudaSupport = true; }; }\n"
    for number, text in enumerate((helper, helper.replace("pkgs", "set"))):
        folder = named(tmp_path / str(number), text, '(final: prev: import ./mine.nix "mine" final)')
        assert migrate(folder).code == 2, text
