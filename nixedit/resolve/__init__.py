"""What a name or a value means across the files of a flake, as far as that is known without Nix."""
