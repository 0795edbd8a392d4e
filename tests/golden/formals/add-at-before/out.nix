inputs@{ self, aa, zz }:
{ }
