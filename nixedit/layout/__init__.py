"""How new text is laid out: what the file's own layout is, and code rendered to fit it."""
