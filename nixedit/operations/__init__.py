"""What is to be done to a file, as data, and how it becomes edits: planned together, once per commit."""
