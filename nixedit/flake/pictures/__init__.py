"""Pictures of the inputs of a flake: what is drawn, and how each format draws it."""
