"""The one shape of a small editing test: text before, what is done, text after."""

from __future__ import annotations

from collections.abc import Callable

import nixedit

Action = Callable[[nixedit.Document], object]


def becomes(before: str, action: Action, after: str) -> None:
    """The action turns one text into the other, can be undone, and leaves a text that loads as it is."""
    document = nixedit.loads(before)
    action(document)
    assert document.text == after
    assert document.changed == (before != after)
    while document.undo():
        pass
    assert document.text == before
    again = nixedit.loads(after)
    assert again.errors == nixedit.loads(before).errors
    assert again.text == after


def settles(before: str, action: Action, after: str) -> None:
    """As `becomes`; and what does it again changes nothing: `after` stays `after`."""
    becomes(before, action, after)
    unchanged(after, action)


def unchanged(text: str, action: Action) -> None:
    """The action finds nothing to change."""
    document = nixedit.loads(text)
    action(document)
    assert document.text == text
    assert not document.changed
    assert document.diff() == ""
    assert document.revision == 0


def refused(
    text: str, action: Action, error: type[nixedit.NixEditError], message: str
) -> nixedit.NixEditError:
    """The action raises an error with that one line, and the document is as it was."""
    document = nixedit.loads(text, "file.nix")
    before = document.snapshot
    try:
        action(document)
    except error as raised:
        assert str(raised) == message
        assert document.snapshot is before
        assert not document.undo()
        return raised
    raise AssertionError(f"not refused: {document.text}")
