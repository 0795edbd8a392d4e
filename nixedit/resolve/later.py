"""Values that are computed when they are first asked for, once; what depends on itself is not known.

A value that was computed while one of those that it needs was still being computed had to do without it. It
is kept only as long as that is so: asked for again later, it is computed again, and may then be known.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from msgspec import Struct

if TYPE_CHECKING:
    from nixedit.resolve.values import Value

# The Python frames that must be left for one more value: less than that, and it is too deep to be computed.
_ROOM = 300
_NONE = sys.maxsize


class _Run(threading.local):
    """The values that are being computed, the first one asked for first.

    Attributes:
        active: they.
        lowest: the first of them that was asked for again since the last of them began.
    """

    def __init__(self) -> None:
        self.active: list[Later] = []
        self.lowest = _NONE


_RUN = _Run()


class Later(Struct, eq=False):
    """A value that is computed when it is first asked for.

    Attributes:
        compute: computes it.
    """

    compute: Callable[[], Value]
    _value: Value | None = None
    _place: int = -1  # among the active ones
    _turn: int = 0
    # What the value did without, and in which turn; None where it did without nothing.
    _without: tuple[Later, int] | None = None

    @classmethod
    def of(cls, value: Value) -> Later:
        """A value that is known already."""
        later = cls(lambda: value)
        later._value = value
        return later

    def get(self) -> Value:
        """The value; `Unknown` where it depends on itself, or where it would take too many steps down."""
        if self._value is not None and self._holds():
            return self._value
        from nixedit.resolve.values import Unknown

        if self._place >= 0:
            _RUN.lowest = min(_RUN.lowest, self._place)
            return Unknown(None, "it depends on itself")
        if _is_deep():
            _RUN.lowest = 0
            return Unknown(None, "it goes too deep")
        return self._run()

    def _holds(self) -> bool:
        """Whether the value still is the best that can be known."""
        if self._without is None:
            return True
        other, turn = self._without
        if other._place < 0 or other._turn != turn:  # noqa: SLF001 its own class
            return False
        _RUN.lowest = min(_RUN.lowest, other._place)  # noqa: SLF001 its own class
        return True

    def _run(self) -> Value:
        active, before = _RUN.active, _RUN.lowest
        place = self._place = len(active)
        self._turn += 1
        _RUN.lowest = _NONE
        active.append(self)
        try:
            value = self.compute()
        finally:
            active.pop()
            self._place = -1
            lowest, _RUN.lowest = _RUN.lowest, min(before, _RUN.lowest if _RUN.lowest < place else _NONE)
        other = active[lowest] if lowest < place else None
        self._value = value
        self._without = None if other is None else (other, other._turn)  # noqa: SLF001 its own class
        return value


def _is_deep() -> bool:
    try:
        sys._getframe(sys.getrecursionlimit() - _ROOM)  # noqa: SLF001 CPython's and PyPy's; there is no other
    except ValueError:
        return False
    return True


def now(value: Value) -> Later:
    """A value that is known already, as one for later."""
    return Later.of(value)
