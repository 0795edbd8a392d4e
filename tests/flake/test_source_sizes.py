"""Where a locked source is in the store, and how large it is."""

import base64
import hashlib
import os
import subprocess
from pathlib import Path

import pytest
from evaluator import Evaluator

from nixedit.flake.lock import Lock, LockNode
from nixedit.flake.source_sizes import sizes, store_path


def test_the_store_path_is_the_one_that_nix_computes():
    # What `nix flake metadata --json` says of a flake with these hashes.
    nar_hash = "sha256-GLVfBBq++58+vaMgqCB2LMGyjaDs4R/cbIJgM8tHivs="
    assert store_path(nar_hash) == "/nix/store/jqfaiq1k1dblafzwd39n4ris2s5rjjpx-source"


@pytest.mark.parametrize("nar_hash", ["", "sha256-", "sha512-AAAA", "sha256-!", "sha256-AAAA"])
def test_no_other_hash_has_one(nar_hash):
    assert store_path(nar_hash) is None


def test_what_is_not_in_the_store_has_no_size():
    digest = base64.b64encode(hashlib.sha256(b"nothing").digest()).decode()
    assert sizes([LockNode("a", {}, {}, {"narHash": f"sha256-{digest}"}), LockNode("b", {})]) == {}


@pytest.mark.skipif(not Evaluator.available(), reason="needs Nix")
def test_the_size_of_what_is_there_is_what_nix_says(tmp_path, monkeypatch):
    evaluator = Evaluator(home=tmp_path / "home")
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
    (tmp_path / "a" / "flake.nix").write_text("{ outputs = _: { }; }\n")
    (tmp_path / "b" / "flake.nix").write_text(
        f'{{ inputs.a.url = "path:{tmp_path}/a"; outputs = {{ self, a }}: {{ x = "${{a}}"; }}; }}\n'
    )
    evaluator.lock(tmp_path / "b")
    path = evaluator.value(tmp_path / "b", "x")
    for name, value in evaluator.environment().items():
        monkeypatch.setenv(name, value)
    node = Lock.load(tmp_path / "b" / "flake.lock").node(["a"])
    assert store_path(node.locked["narHash"], os.environ["NIX_STORE_DIR"]) == path
    dumped = subprocess.run(["nix-store", "--dump", Path(path)], capture_output=True, check=True).stdout
    assert sizes([node]) == {"a": len(dumped)}
