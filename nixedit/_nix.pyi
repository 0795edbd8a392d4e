def language() -> object:
    """Return the Nix grammar as a capsule for `tree_sitter.Language`."""
