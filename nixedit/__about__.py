"""The version, readable without loading anything else; pyproject.toml names the same one."""

__version__ = "0.1.0"
