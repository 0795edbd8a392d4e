"""Fixtures that every test may use."""

from fleets_support import evaluator, fleet_copy

__all__ = ["evaluator", "fleet_copy"]
