"""Every command of development, once: `nox` runs what CI runs, `nox -s NAME` a part, `nox -l` lists them."""

import re
import shutil
import tempfile
from pathlib import Path

import nox

ROOT = Path(__file__).parent
nox.needs_version = ">=2024.4.15"
nox.options.error_on_external_run = True


def readme_command(name: str) -> str:
    """The shell command that the README gives behind `<!-- command: NAME -->`."""
    found = re.search(
        rf"<!-- command: {name} -->\n```sh\n(.+)\n```",
        (ROOT / "README.md").read_text(encoding="utf-8"),
    )
    if found is None:
        raise LookupError(f"README.md gives no command {name}")
    return found[1]


@nox.session
def lint(session: nox.Session) -> None:
    """Style and layout of the Python code."""
    session.install("ruff")
    session.run("ruff", "check")
    session.run("ruff", "format", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """mypy, strict, over the package."""
    session.install("mypy", "msgspec", "questionary", "tree-sitter", "tree-sitter-toml")
    session.run("mypy")


@nox.session
def sanitize(session: nox.Session) -> None:
    """The grammar under AddressSanitizer and UBSan, over mutated files."""
    session.install("setuptools", "tree-sitter")
    session.run("python", "grammars/nix/sanitize.py")


@nox.session
def flake(session: nox.Session) -> None:
    """The project's flake.nix, evaluated by the real Nix with a stub of nixpkgs."""
    if shutil.which("nix") is None:
        session.error("needs Nix (Debian: apt-get install nix-bin)")
    session.install("-e", ".[test]")
    session.run("pytest", "tests/packaging/test_flake.py")


@nox.session
def hooks(session: nox.Session) -> None:
    """The pre-commit hooks, by `pre-commit try-repo` in a scratch repository."""
    session.install("pre-commit", "pytest")
    # Not named test_*: only here is there a pre-commit. The suite's conftest wants nixedit installed.
    session.run("pytest", "--noconftest", "tests/packaging/hooks.py")


@nox.session(venv_backend="none")
def demo(session: nox.Session) -> None:
    """The README's first command: installs the package and migrates the example fleet."""
    session.run("bash", "-euc", readme_command("demo"))


@nox.session(venv_backend="none")
def tests(session: nox.Session) -> None:
    """The README's second command: installs the package for development and runs its tests."""
    session.run("bash", "-euc", readme_command("tests"))


@nox.session
def wheel(session: nox.Session) -> None:
    """The tests against the built wheel, installed, from outside the checkout."""
    session.install("build", "abi3audit")
    # Not nox's own temporary folder, which lies in the checkout: a git repository around every test.
    with tempfile.TemporaryDirectory() as folder:
        session.run("python", "-m", "build", "--outdir", folder)
        (built,) = Path(folder).glob("*.whl")
        if "-cp311-abi3-" not in built.name:
            session.error(f"{built.name} is not for every CPython from 3.11 on")
        session.run("abi3audit", "--strict", str(built))
        session.install(f"{built}[test]")
        with session.chdir(folder):
            where = session.run("python", "-c", "import nixedit; print(nixedit.__file__)", silent=True)
            if not Path(str(where)).is_relative_to(session.virtualenv.location):
                session.error(f"not the installed wheel: {where}")
            session.run(
                "pytest", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(ROOT), str(ROOT / "tests")
            )
