"""Reading Nix: a snapshot of a file's text and tree, and what its nodes mean without evaluating them."""
