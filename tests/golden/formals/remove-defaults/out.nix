{ self, bb ? { x = 2; } }:
{ }
