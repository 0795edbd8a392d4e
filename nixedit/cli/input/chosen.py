"""Which inputs a command is about: those that were named, or those that a person picks from a list."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from nixedit.cli.input.opened import OpenFlake
from nixedit.errors import NixEditError


def chosen_ids(
    flake: OpenFlake,
    given: Sequence[str],
    verb: str,
    *,
    several: bool = True,
    among: Sequence[str] | None = None,
) -> list[str]:
    """The inputs that a command is about.

    Args:
        flake: the flake.
        given: the ids that were named; a person at a terminal is asked where there are none.
        verb: what is to be done to them, for the question.
        several: whether more than one can be picked.
        among: those that can be picked; None for all.

    Raises:
        MissingAttrError: one that was named is none.
        NixEditError: none was named, and nobody can be asked; or nobody picked one.
    """
    if given:
        flake.inputs.require(given)
        return list(dict.fromkeys(given))
    known = sorted(flake.inputs if among is None else among)
    if flake.is_stdin or not (sys.stdin.isatty() and sys.stdout.isatty()):
        listed = f"there are: {', '.join(known)}" if known else "the flake has none that fits"
        raise NixEditError(f"which input to {verb}? Name it", path=flake.document.path, hint=listed)
    if not known:
        raise NixEditError(f"there is no input to {verb}", path=flake.document.path)
    picked = _ask(f"Which input{'s' if several else ''} to {verb}?", known, flake, several=several)
    if not picked:
        raise NixEditError("nothing was picked", path=flake.document.path)
    return picked


def _ask(question: str, known: Sequence[str], flake: OpenFlake, *, several: bool) -> list[str]:
    try:
        import questionary
    except ImportError:
        raise NixEditError(
            question,
            path=flake.document.path,
            hint=f"name it: {', '.join(known)} (to pick from a list here: pip install 'nixedit[pick]')",
        ) from None
    inputs = flake.inputs
    choices = [questionary.Choice(f"{name}  {inputs[name].url or ''}".rstrip(), name) for name in known]
    if several:
        return list(questionary.checkbox(question, choices).unsafe_ask())
    return [
        str(questionary.select(question, choices, use_search_filter=True, use_jk_keys=False).unsafe_ask())
    ]
