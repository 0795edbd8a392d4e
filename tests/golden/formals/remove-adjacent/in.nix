{ aa, bb, cc, dd }:
{ }
