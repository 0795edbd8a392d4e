{ aa, dd }:
{ }
