"""Questions to a person at a terminal."""

from __future__ import annotations

import sys
from collections.abc import Collection, Mapping
from difflib import get_close_matches
from typing import TextIO

from nixedit.migrate.report import HostReport, Report

NONE = "-"


def asked(question: str, stream: TextIO) -> str | None:
    """What a person answers, in lower case; None at the end of the input.

    Args:
        question: the question, with the blank behind it.
        stream: where it is written.
    """
    print(question, end="", file=stream, flush=True)
    line = sys.stdin.readline()
    if not line:  # which leaves the cursor where it is
        print(file=stream)
        return None
    return line.strip().lower()


def yes_or_no(question: str, stream: TextIO) -> bool:
    """Whether a person says yes; anything else is no."""
    return asked(f"{question} [y]es, [n]o: ", stream) in ("y", "yes")


def choose_variants(
    report: Report, variants: Collection[str], chosen: Mapping[str, str], stream: TextIO
) -> dict[str, str]:
    """The variants that a person chooses for hosts, one question for each of them.

    Args:
        report: has the hosts, and what is proposed for them.
        variants: the variants that there are.
        chosen: what is chosen already.
        stream: where the questions are written.
    """
    print(f"A variant for each host; Enter takes what is in brackets, {NONE} is none.", file=stream)
    found = dict(chosen)
    for host in report.hosts:
        if host.status in ("migrate", "unchanged") and host.named:
            answer = _variant(host, variants, chosen.get(host.name), stream)
            found.pop(host.name, None)
            if answer is not None:
                found[host.name] = answer
    return found


def _variant(host: HostReport, variants: Collection[str], chosen: str | None, stream: TextIO) -> str | None:
    proposal = host.proposal
    usual = chosen or (None if proposal is None or proposal.confidence == "low" else proposal.variant)
    if proposal is not None:
        print(f"  {proposal}", file=stream)
    while True:
        answer = asked(f"  {host.name} [{usual or NONE}]: ", stream)
        if answer is None or answer == "":
            return usual
        if answer == NONE:
            return None
        if answer in variants:
            return answer
        close = get_close_matches(answer, list(variants), 1)
        print(f"  no such variant{f'; did you mean {close[0]}?' if close else ''}", file=stream)
