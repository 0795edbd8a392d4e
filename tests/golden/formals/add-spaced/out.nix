{ self, aa, zz }:
{ }
