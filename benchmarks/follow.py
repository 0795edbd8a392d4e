"""Automatic follow on a large lock: read both files, plan, write every follows in one commit."""

from __future__ import annotations

import argparse
import json
from typing import Any

from measure import Result, command_line, compared, cpu, report

import nixedit
from nixedit.flake.follow_edit import declared_in, write
from nixedit.flake.follow_plan import plan
from nixedit.flake.inputs import Inputs
from nixedit.flake.lock import Lock

SIZE = 114 * 1024
STEPS = "the same follows, one commit each / in one commit, with all reading and planning"
READING = "follow as a whole / parse flake.nix and decode flake.lock"


def made(size: int) -> tuple[str, bytes]:
    """A flake.nix, and its lock of at least so many bytes: every input has three that could follow."""
    nodes: dict[str, Any] = {}
    root: dict[str, str] = {}
    lines: list[str] = []
    names = ["nixpkgs", "flake-utils", "systems"]
    text = ""
    while len(text) < size:
        name = names[len(root)] if len(root) < len(names) else f"input-{len(root)}"
        root[name] = name
        nodes[name] = node(name)
        lines.append(f'    {name}.url = "github:owner/{name}";')
        if name not in names:
            nodes[name]["inputs"] = {inner: f"{inner}_{len(root)}" for inner in names}
            nodes.update((f"{inner}_{len(root)}", node(inner)) for inner in names)
        text = json.dumps(
            {"nodes": {**nodes, "root": {"inputs": root}}, "root": "root", "version": 7}, indent=2
        )
    body = "\n".join(lines)
    return f"{{\n  inputs = {{\n{body}\n  }};\n\n  outputs = inputs: {{ }};\n}}\n", text.encode()


def node(repo: str) -> dict[str, Any]:
    """A node of the lock, with what Nix writes about it."""
    reference = {"owner": "owner", "repo": repo, "type": "github"}
    found = {"lastModified": 1717200000, "narHash": f"sha256-{'A' * 43}=", "rev": "0" * 40}
    return {"locked": {**reference, **found}, "original": reference}


def follow(flake: str, lock: bytes) -> int:
    """What the command does between reading and writing files; how many follows it writes."""
    document = nixedit.loads(flake)
    found = plan(declared_in(document), Lock.loads(lock))
    with document.edit():
        write(document, found)
    return len(found.additions)


def stepwise(flake: str, lock: bytes) -> None:
    """The same plan, parsed again after each step."""
    document = nixedit.loads(flake)
    for one in plan(declared_in(document), Lock.loads(lock)).additions:
        Inputs(document).follow(one.path, "/".join(one.target))


def reading(flake: str, lock: bytes) -> None:
    """What cannot be saved."""
    _ = nixedit.loads(flake).root
    json.loads(lock)


def measure(rounds: int = 5, size: int = SIZE) -> list[Result]:
    """The ratios, with the time of the whole in milliseconds."""
    flake, lock = made(size)
    count = follow(flake, lock)
    whole = [cpu(lambda: follow(flake, lock)) for _ in range(rounds)]
    single = [cpu(lambda: stepwise(flake, lock)) for _ in range(rounds)]
    least = [cpu(lambda: reading(flake, lock)) for _ in range(rounds)]
    middle = sorted(whole)[rounds // 2] * 1_000
    detail = f"{count} follows from {len(lock):,} bytes: {middle:.0f} ms"
    return [
        compared(
            STEPS, [one / two for one, two in zip(single, whole, strict=True)], 5, detail, at_least=True
        ),
        compared(READING, [one / two for one, two in zip(whole, least, strict=True)], 50, detail),
    ]


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--size", type=int, default=SIZE, help="of the lock, in bytes")
    given = parser.parse_args()
    report(measure(given.rounds, given.size), command_line())


if __name__ == "__main__":
    main()
