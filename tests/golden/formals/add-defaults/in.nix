{ self, aa ? 1, bb ? { x = 2; } }:
{ }
