{ bb, cc }:
{ }
