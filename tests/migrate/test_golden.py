"""The patch of every example fleet, without the new overlay and the old one; each read by a person.

`pytest --update-golden` writes `golden/<fleet>.diff` anew.
"""

from __future__ import annotations

from pathlib import Path

import pytest
from fleets_support import FLEETS, FleetCopy
from migration_runs import contents, migrate

GOLDEN = Path(__file__).parent / "golden"


def _patches(text: str) -> list[str]:
    """A patch, file by file."""
    return [f"diff --git {part}" for part in text.split("diff --git ")[1:]]


@pytest.mark.parametrize("name", FLEETS)
def test_the_edited_files_differ_as_a_person_would_have_edited_them(
    name: str, fleet_copy: FleetCopy, request: pytest.FixtureRequest
) -> None:
    folder = fleet_copy(name)
    before = contents(folder)
    run = migrate(folder, "--diff")
    assert (run.code, run.err, contents(folder)) == (0, "", before)
    whole = ("\nnew file mode", "\ndeleted file mode")
    edited = "".join(patch for patch in _patches(run.out) if not any(words in patch for words in whole))
    golden = GOLDEN / f"{name}.diff"
    if request.config.getoption("--update-golden"):
        golden.write_bytes(edited.encode())
    assert edited.encode() == golden.read_bytes()


@pytest.mark.parametrize("name", FLEETS)
def test_of_whole_files_only_the_new_overlay_comes_and_the_old_one_goes(
    name: str, fleet_copy: FleetCopy
) -> None:
    heads = [patch.splitlines()[:2] for patch in _patches(migrate(fleet_copy(name), "--diff").out)]
    whole = {head[0].split(" b/")[1]: head[1] for head in heads if head[1].endswith("file mode 100644")}
    old = [path for path in whole if path.endswith("llama-cpp-variants.nix")]
    assert set(whole) == {"overlays/llama-cpp.nix", *old}
    assert whole["overlays/llama-cpp.nix"] == "new file mode 100644"
    assert [whole[path] for path in old] == ["deleted file mode 100644"] * (name != "one-liner")
