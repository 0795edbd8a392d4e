"""What is known of packages: their library, and nixpkgs with patches, which is an input all the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from nixedit.resolve.library.calls import Rule
from nixedit.resolve.paths import source_of
from nixedit.resolve.values import Call, External, InputPath, Later, Origin, SetValue, Unknown, Value

if TYPE_CHECKING:
    from nixedit.resolve.evaluate import Evaluator

_NAME = "applyPatches"
_OF_PACKAGES = ("legacyPackages", "import")


def selected(packages: Call, name: str, origin: Origin) -> Value:
    """What the packages that `import nixpkgs { … }` gives have under a name, as far as that is known."""
    source = packages.function.names[0]
    if name == "lib":
        return External(origin, (source, "lib"))
    if name == _NAME:
        return External(origin, (source, "import", name))
    return packages if name == "pkgs" else Unknown(packages.origin or origin)


def is_patching(names: Sequence[str]) -> bool:
    """Whether a function is `applyPatches` of some packages."""
    return len(names) > 2 and names[-1] == _NAME and names[1] in _OF_PACKAGES


def apply_patches(evaluator: Evaluator, made: Call, given: Sequence[Later]) -> Value:
    """`applyPatches { src = nixpkgs; … }`, as a string: files of the input, some of them changed."""
    argument = given[0].get()
    source = argument.get("src") if isinstance(argument, SetValue) else None
    name = None if source is None else source_of(source)
    return made if name is None else InputPath(made.origin, None, is_text=True, source=name)


PATCHING: tuple[int, Rule] = (1, apply_patches)
