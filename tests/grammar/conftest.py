"""The option that rewrites the corpus instead of testing against it."""

import pytest


def pytest_addoption(parser: pytest.Parser) -> None:
    """Offer `pytest tests/grammar --update-corpus`."""
    parser.addoption(
        "--update-corpus", action="store_true", help="write the trees that the grammar gives into the corpus"
    )
