"""Every fleet that is refused, at the real Nix: it works before, and again once a person did what the hint says."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from evaluator import EvaluationError, Evaluator, HostFacts
from migration_runs import contents, migrate
from refused_fleets import REFUSALS, Refusal

from nixedit.migrate.recipe import load_recipe

OURS = set(load_recipe("llama-cpp").variants.values())
UPSTREAM = {"llama-cpp", "llamaPackages"}
SOUND = [name for name, refusal in REFUSALS.items() if refusal.unsound is None]


HOST = "builtins.mapAttrs (_: host: host.config.system.build.toplevel.drvPath)"
HOME = "builtins.mapAttrs (_: home: home.activationPackage.drvPath)"


def built(evaluator: Evaluator, refusal: Refusal, folder: Path) -> list[str]:
    """What every host and home of the fleet would be built from."""
    outputs = {refusal.output: HOST, "darwinConfigurations": HOST, "homeConfigurations": HOME}
    text = (folder / "flake.nix").read_text()
    return [
        path
        for output, code in outputs.items()
        if output in text or output == refusal.output
        for path in evaluator.flake(folder, output, code).values()
    ]


def migrated_hosts(hosts: Mapping[str, HostFacts]) -> set[str]:
    """The hosts that have upstream's package and every variant, by overlays that are applied once."""
    found = set()
    for name, facts in hosts.items():
        assert facts.error is None, f"{name}: {facts.error}"
        if {*facts.packages, *facts.thrown} >= OURS:
            assert facts.packages["llama-cpp"].origin == "llama.cpp", name
            for names in (UPSTREAM, OURS):
                times = sum(names <= set(overlay) for overlay in facts.overlays)
                assert times == 1, f"{name} has an overlay {times} times"
            found.add(name)
    return found


@pytest.mark.parametrize("name", REFUSALS)
def test_the_fleet_evaluates_before_and_stays_as_it_is(
    name: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    refusal = REFUSALS[name]
    folder = refusal.written(tmp_path / "fleet")
    before = contents(folder)
    if refusal.unsound is None:
        assert built(evaluator, refusal, folder)
    else:
        with pytest.raises(EvaluationError):
            built(evaluator, refusal, folder)
    assert migrate(folder, "--allow-no-vcs", *refusal.words).code == 2
    assert contents(folder) == before


@pytest.mark.parametrize("name", SOUND)
def test_who_does_what_the_hint_says_has_every_variant(
    name: str, evaluator: Evaluator, tmp_path: Path
) -> None:
    refusal = REFUSALS[name]
    folder = refusal.written(tmp_path / "fleet")
    refusal.follow(folder)
    if refusal.again is None:
        assert migrated_hosts(evaluator.hosts(folder, refusal.output))
    if refusal.again is not None:
        run = migrate(folder, "--allow-no-vcs", *refusal.again)
        assert run.code in (0, 3 if "--keep-going" in refusal.again else 0), run
    else:
        migrate(folder, "--allow-no-vcs", "--keep-going")  # what is there is not written once more
    hosts = evaluator.hosts(folder, refusal.output)
    assert migrated_hosts(hosts) == set(refusal.hosts or hosts)
    assert built(evaluator, refusal, folder)
