"""`python -m nixedit`."""

from nixedit.cli.main import command

if __name__ == "__main__":
    command()
