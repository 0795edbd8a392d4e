"""Migrations of NixOS fleets: a recipe says what, the plan says what would change and why, apply does it."""
