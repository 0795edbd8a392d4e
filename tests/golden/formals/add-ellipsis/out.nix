{ self, aa, zz, ... }:
{ }
