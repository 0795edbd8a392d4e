"""Fixtures that every test may use, and the option that writes goldens anew."""

import pytest
from fleets_support import evaluator, fleet_copy

__all__ = ["evaluator", "fleet_copy"]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-golden", action="store_true", help="write what the golden tests got as their goldens"
    )
