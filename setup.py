"""Compiles the Nix grammar into the extension module `nixedit._nix`.

Everything else about the build stands in pyproject.toml. The environment can ask for
`NIXEDIT_WERROR=1` (warnings are errors) and `NIXEDIT_SANITIZE=address,undefined`.
"""

import os
import runpy
import sysconfig
from pathlib import Path

from setuptools import Extension, setup

GRAMMAR = "grammars/nix"

# A free-threaded CPython has no stable ABI to build for.
STABLE_ABI = not sysconfig.get_config_var("Py_GIL_DISABLED")


def compile_args() -> list[str]:
    """Return the compiler's flags, for MSVC or for everybody else."""
    if os.name == "nt":
        return ["/std:c11", "/utf-8"]
    flags = ["-std=c11", "-fvisibility=hidden"]
    if os.environ.get("NIXEDIT_WERROR"):
        flags += ["-Wall", "-Wextra", "-Werror"]
    return flags + sanitizers()


def sanitizers() -> list[str]:
    """Return the flags that instrument the extension; none unless the environment asks."""
    wanted = os.environ.get("NIXEDIT_SANITIZE")
    if not wanted:
        return []
    return [f"-fsanitize={wanted}", "-fno-sanitize-recover=all", "-fno-omit-frame-pointer", "-g"]


def main() -> None:
    """Refuse generated files that are older than the grammar, then build."""
    fingerprint = runpy.run_path(str(Path(__file__).parent / GRAMMAR / "fingerprint.py"))
    fingerprint["require_current"]()
    macros: list[tuple[str, str | None]] = [("TREE_SITTER_HIDE_SYMBOLS", None)]
    if STABLE_ABI:
        macros.append(("Py_LIMITED_API", "0x030B0000"))
    setup(
        ext_modules=[
            Extension(
                "nixedit._nix",
                sources=[
                    "nixedit/_nix.c",
                    f"{GRAMMAR}/src/parser.c",
                    f"{GRAMMAR}/src/scanner.c",
                ],
                depends=[f"{GRAMMAR}/src/tree_sitter/parser.h"],
                include_dirs=[f"{GRAMMAR}/src"],
                define_macros=macros,
                extra_compile_args=compile_args(),
                extra_link_args=sanitizers(),
                py_limited_api=STABLE_ABI,
            )
        ],
        exclude_package_data={"nixedit": ["*.c"]},
        # The wheel's tag; without it the wheel would be named for one CPython only.
        options={"bdist_wheel": {"py_limited_api": "cp311"}} if STABLE_ABI else {},
    )


main()
