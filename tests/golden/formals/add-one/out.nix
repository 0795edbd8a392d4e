{ aa, zz }:
{ }
