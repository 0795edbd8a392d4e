"""The overlays of a host in one line: `+` stands for upstream's with the recipe's own right behind it."""

from __future__ import annotations

from nixedit.migrate.recipe import load_recipe

UPSTREAM = ("llama-cpp", "llamaPackages")
OURS = tuple(sorted(load_recipe("llama-cpp").variants.values()))


def named(overlays: tuple[tuple[str, ...], ...]) -> str:
    """The overlays in the order in which they are applied, each by the first name that it defines.

    `old` is any other overlay of llama-cpp.
    """
    words = ["+" if names == OURS else "upstream" if names == UPSTREAM else names[0] for names in overlays]
    old = ["old" if word.startswith("llama-cpp") else word for word in words]
    return " ".join(old).replace("upstream +", "+")
