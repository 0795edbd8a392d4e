"""What a fleet already says about its hosts: their hardware, and whether they are built elsewhere."""
