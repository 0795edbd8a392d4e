"""TOML files that people write: read, checked key by key, with errors that point into them."""
