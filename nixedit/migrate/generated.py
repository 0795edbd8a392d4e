"""Files that another program writes: an edit would be gone with its next run."""

from __future__ import annotations

import re

from tree_sitter import Node

from nixedit.errors import RefusedError
from nixedit.grammar import K
from nixedit.syntax.snapshot import Snapshot, span_of

_SAYS_SO = re.compile(
    rb"do[- ]not[- ](?:edit|modify)|auto(?:matically |-)?generated|@generated", re.IGNORECASE
)


def generated_by(snapshot: Snapshot) -> Node | None:
    """The comment above a file's code that says that the file is generated, or None."""
    for node in snapshot.root.children:
        if node.kind_id != K.COMMENT:
            return None
        if _SAYS_SO.search(snapshot.text(node)):
            return node
    return None


def refusal_of(path: str, snapshot: Snapshot, node: Node) -> RefusedError:
    """Why a generated file is not edited."""
    return RefusedError(
        "this file is generated, and would have to be edited",
        path=path,
        source=snapshot.source,
        span=span_of(node),
        hint="make the change where it is generated from (an input: declare it there), then run this again",
    )
