"""`python -m nixedit`."""

import sys

from nixedit.cli.main import main

if __name__ == "__main__":
    sys.exit(main())
