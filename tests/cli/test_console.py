"""Colour: where it appears, and what is painted."""

import io

import pytest

from nixedit.cli.console import is_coloured, paint_diff, paint_excerpt


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.mark.parametrize(
    ("environment", "coloured"),
    [
        ({"TERM": "xterm"}, True),
        ({"TERM": "xterm", "NO_COLOR": ""}, True),
        ({"TERM": "xterm", "NO_COLOR": "1"}, False),
        ({"TERM": "dumb"}, False),
    ],
)
def test_a_terminal_is_coloured_unless_the_environment_objects(environment, coloured, monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert is_coloured(Terminal()) is coloured


def test_a_pipe_is_never_coloured(monkeypatch):
    monkeypatch.delenv("NO_COLOR", raising=False)
    assert not is_coloured(io.StringIO())


def test_an_excerpt_has_its_place_bold_and_its_carets_red():
    assert paint_excerpt("a.nix:1:3: no\n    1 | a ^ b\n      |   ^ hint") == (
        "\x1b[1ma.nix:1:3: no\x1b[0m\n    1 | a ^ b\n\x1b[31m      |   ^ hint\x1b[0m"
    )


def test_a_diff_is_painted_as_git_does():
    diff = "--- a/x\n+++ b/x\n@@ -1 +1 @@\n-old\n+new\n same\n"
    assert paint_diff(diff) == (
        "\x1b[1m--- a/x\x1b[0m\n\x1b[1m+++ b/x\x1b[0m\n\x1b[36m@@ -1 +1 @@\x1b[0m\n"
        "\x1b[31m-old\x1b[0m\n\x1b[32m+new\x1b[0m\n same\n"
    )
