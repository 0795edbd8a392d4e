"""`nixedit demo`: migrates a copy of the bundled example fleet and shows what came out."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

from nixedit.cli import migrate
from nixedit.cli.arguments import command_parser

FLEET = Path(__file__).parents[1] / "demo" / "fleet"

_DESCRIPTION = """
    Copy the bundled example fleet (a flake with four NixOS hosts) to a temporary folder, migrate it
    as `nixedit migrate --yes` would, print the summary and the diff, and remove the folder.
    Touches nothing of yours; needs no git, no Nix and no network.
"""


def main(argv: list[str]) -> int:
    """Run `nixedit demo`; the exit code is that of the migration."""
    command_parser("demo", _DESCRIPTION).parse_args(argv)
    with TemporaryDirectory(prefix="nixedit-demo-") as folder:
        fleet = Path(folder) / "fleet"
        copy_fleet(fleet)
        print("The example fleet, in a temporary folder:\n", flush=True)
        for file in sorted(path.relative_to(fleet) for path in fleet.rglob("*.nix")):
            print(f"  {file}")
        print("\n$ nixedit migrate\n", flush=True)
        # A temporary folder may lie within a git repository, or in none.
        manners = ["--no-git", "--allow-no-vcs", "--allow-dirty"]
        code = migrate.main([str(fleet), "--yes", *manners, "--show-diff"])
    print("\nThat was a copy; it is gone. In your own fleet, `nixedit migrate --diff` shows the patch first.")
    return code


def copy_fleet(target: Path) -> None:
    """Copy the example fleet to a new folder, writable also where the package is not (the Nix store)."""
    for file in FLEET.rglob("*"):
        if file.is_file():
            copy = target / file.relative_to(FLEET)
            copy.parent.mkdir(parents=True, exist_ok=True)
            copy.write_bytes(file.read_bytes())
