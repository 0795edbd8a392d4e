"""Tests of what is shipped: the wheel, the hooks, the flake."""
